//! Verified building blocks for crash-consistent storage.
//!
//! - [`Region`]: the device model, with [`MemRegion`] and others;
//! - [`Guarded`](trusted::guarded::Guarded): a region that is written only with a proof of crash safety;
//! - [`codeword`]: 24 bytes of metadata and the CRC that protects them;
//! - [`journal`]: metadata that changes atomically by one flush;
//! - [`ring`]: where the positions of a log lie in a region.
//!
//! [`Concat`] makes two regions one. [`model`] proves that the device model is no stronger than the ordinary one.
//!
//! What a reader must audit to believe the rest is in [`trusted`].
#![cfg_attr(not(verus_only), deny(missing_docs))]
// What `verus!` leaves of a `global` directive, or of a block with a proof in it, has braces around nothing.
#![allow(unused_braces)]
// A region has a length that never changes; that it be zero is nothing to ask about.
#![allow(clippy::len_without_is_empty)]

pub mod any_region;
pub mod append;
pub mod bytes;
pub mod codeword;
pub mod concat;
pub mod crc;
pub mod damage;
mod dax_options;
mod errors;
mod file_options;
mod file_reader;
mod file_setup;
pub mod image;
mod io_error;
pub mod journal;
mod load;
pub mod mem;
pub mod model;
pub mod readings;
mod refused;
pub mod region_id;
pub mod ring;
pub mod ring_read;
pub mod trusted;

pub use any_region::AnyRegion;
pub use concat::{Concat, ConcatError, CONCAT_ALIGNMENT};
pub use dax_options::{DaxOptions, Durability};
pub use errors::FileError;
pub use file_options::FileOptions;
pub use file_reader::FileReader;
pub use mem::MemRegion;
pub use refused::Refused;
pub use region_id::RegionId;
pub use trusted::dax::DaxRegion;
pub use trusted::file::FileRegion;
pub use trusted::region::{IoError, IoOperation, Region};
pub use trusted::stores::Stores;
