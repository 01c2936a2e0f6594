//! Verified building blocks for crash-consistent storage.
//!
//! - [`Region`](trusted::region::Region): the device model, with [`MemRegion`](trusted::mem::MemRegion) and others;
//! - [`Guarded`](trusted::guarded::Guarded): a region that is written only with a proof of crash safety;
//! - [`codeword`]: 24 bytes of metadata and the CRC that protects them;
//! - [`table`]: metadata entries that change atomically;
//! - [`ring`]: where the positions of a log lie in a region.
//!
//! What a reader must audit to believe the rest is in [`trusted`].

#![deny(missing_docs)]

pub mod bytes;

pub mod image;


pub mod trusted;
