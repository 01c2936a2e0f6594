//! A collection of append-only logs in one region, with commits that are atomic across any of them.
//!
//! Appends, head advances and truncations are staged and then committed together: after a crash at any moment, either
//! all of a commit is there or nothing of it. That, and that each operation does what its name says, is checked by the
//! Verus verifier; what it takes on trust is in [`trusted`] and in the `pmem` crate's folder of that name.
//!
//! ```
//! use multilog::{MemRegion, MultiLog};
//!
//! // Two logs, of 4096 and 1024 bytes.
//! let capacities = [4096, 1024];
//! let len = multilog::required_len(&capacities).unwrap();
//! let mut logs = MultiLog::create(MemRegion::new(len as usize), &capacities)?;
//!
//! let order = logs.stage_append(0, b"order 17: 3 apples")?;
//! logs.stage_append(1, b"order 17 arrived")?;
//! logs.commit()?; // both, or after a crash neither
//!
//! let mut bytes = [0; 18];
//! logs.read(0, order, &mut bytes)?;
//! assert_eq!(&bytes, b"order 17: 3 apples");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! To keep logs in a file, use a [`FileRegion`] in place of the [`MemRegion`].
#![cfg_attr(not(verus_only), deny(missing_docs))]

/// The examples in the documents are tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/records.md")]
#[doc = include_str!("../../../docs/sharing.md")]
struct Documents;

mod change_lemmas;
pub mod changes;
#[cfg(verus_only)]
pub mod closing;
mod core;
mod create;
mod display;
mod errors;
pub mod inspect;
pub mod layout;
mod operations;
pub mod placement;
pub mod records;
pub mod shared;
pub mod trusted;

pub use errors::{
    AppendError, CheckError, CommitError, Corruption, CreateError, LogInfo, MoveError, OpenError,
    Part, ReadError,
};
pub use layout::{required_len, MAX_LOGS};
pub use pmem::{
    AnyRegion, DaxOptions, DaxRegion, Durability, FileError, FileOptions, FileReader, FileRegion,
    IoError, IoOperation, MemRegion, Refused, Region, RegionId, Stores,
};
pub use records::{
    errors::{AppendRecordError, RecordError},
    format::RECORD_OVERHEAD,
    iterate::Records,
    read::{Payload, Record},
};
pub use shared::Shared;
pub use trusted::gate::MultiLog;
