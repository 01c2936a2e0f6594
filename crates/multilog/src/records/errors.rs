//! Why a record cannot be appended or read. When exactly is in
//! [`record_contract`](crate::trusted::record_contract).

use pmem::trusted::region::IoError;
use vstd::prelude::*;

verus! {

/// Why a record cannot be appended. Nothing was staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppendRecordError {
    /// A write or flush failed before: open the region anew to go on.
    Failed,
    /// There is no such log.
    NoSuchLog {
        /// The log that was asked for.
        log: u64,
        /// The number of logs.
        logs: u64,
    },
    /// A truncation is staged that cuts committed bytes: commit it first.
    TruncationStaged {
        /// The position behind the last committed byte.
        committed_tail: u64,
        /// The position where the truncation cuts.
        staged_tail: u64,
    },
    /// With its overhead of [`RECORD_OVERHEAD`](crate::RECORD_OVERHEAD) bytes the record is longer than the log can
    /// ever hold.
    TooLong {
        /// The payload's length in bytes.
        len: u64,
        /// The log's capacity in bytes.
        capacity: u64,
    },
    /// The positions behind the record would not fit 64 bits.
    PositionOverflow,
    /// There is not enough room now. Committing staged head advances may give some.
    Full {
        /// The bytes that the record takes, with its overhead.
        requested: u64,
        /// The bytes that can be appended.
        available: u64,
    },
    /// The device failed.
    Io(IoError),
}

/// Why there is no record to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// There is no such log.
    NoSuchLog {
        /// The log that was asked for.
        log: u64,
        /// The number of logs.
        logs: u64,
    },
    /// The position is before the log's head, or at its committed tail or beyond.
    OutOfRange {
        /// The position that was asked for.
        position: u64,
        /// The head.
        head: u64,
        /// The committed tail.
        tail: u64,
    },
    /// What stands there is no header of a record of this log at this position: no record starts there, or its header
    /// is damaged. Where the next record starts is not known.
    NoRecord {
        /// The position that was asked for.
        position: u64,
    },
    /// A record starts there, but it would go beyond the tail: a truncation has cut it, or the records before it are
    /// followed by bytes that are none.
    Cut {
        /// Where the record starts.
        position: u64,
        /// The length of its payload in bytes.
        len: u64,
        /// The log's tail.
        tail: u64,
    },
    /// The record's payload is not what was written, or its CRC is not. Its header is sound, so the records behind it
    /// can be read.
    Damaged {
        /// Where the record starts.
        position: u64,
        /// The position behind it, where the next one starts.
        next: u64,
    },
    /// The device could not read the record.
    Io {
        /// Where the record starts.
        position: u64,
        /// The position behind it, if its header could be read and is sound.
        known_next: Option<u64>,
        /// What the device said.
        error: IoError,
    },
}

} // verus!
