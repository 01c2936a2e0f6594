//! One append-only log in a region: durable when an append returns, whole after a crash.
//!
//! ```
//! use pmemlog::{MemRegion, PmemLog};
//!
//! let mut log = PmemLog::create(MemRegion::new(65536), None)?;
//! let position = log.append(b"hello")?; // durable now
//!
//! let mut bytes = [0; 5];
//! log.read(position, &mut bytes)?;
//! assert_eq!(&bytes, b"hello");
//!
//! log.advance_head(log.tail())?; // frees the room
//! assert_eq!(log.free(), log.capacity());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! To keep the log in a file, use a [`FileRegion`] in place of the [`MemRegion`]. For several logs that change
//! together, use `multilog`.

#![cfg_attr(not(verus_only), deny(missing_docs))]

mod change;
#[cfg(verus_only)]
mod closing;
mod create;
mod display;
mod log;
mod log_errors;
mod records;
pub mod trusted;

pub use log::PmemLog;
pub use log_errors::{AppendError, AppendRecordError, MoveError, OpenError, ReadError};
pub use multilog::{CheckError, Corruption, CreateError, Part};
pub use multilog::{Payload, Record, RecordError, Records, RECORD_OVERHEAD};
pub use pmem::{
    AnyRegion, DaxOptions, DaxRegion, Durability, FileError, FileOptions, FileRegion, IoError,
    IoOperation, MemRegion, Refused, Region, RegionId, Stores,
};
