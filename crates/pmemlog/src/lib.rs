//! One append-only log in a region: durable when an append returns, whole after a crash.
//!
//! ```
//! use pmemlog::{MemRegion, PmemLog};
//!
//! let mut log = PmemLog::create(MemRegion::new(4096), None)?;
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

#[cfg(verus_only)]
mod closing;
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

impl<R: Region> PmemLog<R> {
    /// Creates an empty log of `capacity` bytes, or of as many as the region has room for, in a region that was never
    /// used: its first word must be zero. It is durable when this returns. A crash before that leaves a region that
    /// [`PmemLog::open`] calls unformatted, and that can be created anew.
    ///
    /// # Errors
    /// See [`CreateError`]. They give the region back: as it was, but after [`CreateError::Io`].
    pub fn create(region: R, capacity: Option<u64>) -> Result<PmemLog<R>, Refused<R, CreateError>> {
        match RegionId::random() {
            Ok(id) => PmemLog::create_with_id(region, capacity, id, false),
            Err(error) => Err(no_id(region, error)),
        }
    }

    /// Like [`PmemLog::create`], but destroys what the region holds.
    ///
    /// # Errors
    /// See [`CreateError`]. They give the region back: as it was, but after [`CreateError::Io`].
    pub fn create_overwriting(
        region: R,
        capacity: Option<u64>,
    ) -> Result<PmemLog<R>, Refused<R, CreateError>> {
        match RegionId::random() {
            Ok(id) => PmemLog::create_with_id(region, capacity, id, true),
            Err(error) => Err(no_id(region, error)),
        }
    }
}

fn no_id<R>(region: R, error: IoError) -> Refused<R, CreateError> {
    let error = CreateError::Io(error);
    Refused { error, region }
}
