//! Why an operation is refused. When exactly is in [`contract`](crate::trusted::contract).
//!
//! The file's name differs from that in `multilog` because Verus 0.2026.05.31 takes derived implementations in
//! modules of the same path for one, whatever crates they are in.
use multilog::IoError;
use vstd::prelude::*;

verus! {

/// Why bytes cannot be appended. The log is as it was, but for [`AppendError::Io`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppendError {
    /// A write or flush failed before: open the log anew to go on.
    Failed,
    /// The positions behind the bytes would not fit 64 bits.
    PositionOverflow,
    /// There is not enough room. Advancing the head gives some.
    Full {
        /// The bytes that were to be appended.
        requested: u64,
        /// The bytes that can be.
        available: u64,
    },
    /// The numbers of changes are used up: 2^63 were made.
    Exhausted,
    /// The device failed. What reopening finds is the log without the bytes, or with all of them.
    Io(IoError),
}

/// Why a record cannot be appended. The log is as it was, but for [`AppendRecordError::Io`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppendRecordError {
    /// A write or flush failed before: open the log anew to go on.
    Failed,
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
    /// There is not enough room now. Advancing the head gives some.
    Full {
        /// The bytes that the record takes, with its overhead.
        requested: u64,
        /// The bytes that can be appended.
        available: u64,
    },
    /// The numbers of changes are used up: 2^63 were made.
    Exhausted,
    /// The device failed. What reopening finds is the log without the record, or with all of it.
    Io(IoError),
}

/// Why the head cannot be advanced, or the tail truncated. The log is as it was, but for [`MoveError::Io`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MoveError {
    /// A write or flush failed before: open the log anew to go on.
    Failed,
    /// The position is not between the head and the tail.
    OutOfRange {
        /// The position that was asked for.
        position: u64,
        /// The head.
        head: u64,
        /// The tail.
        tail: u64,
    },
    /// The numbers of changes are used up: 2^63 were made.
    Exhausted,
    /// The device failed. What reopening finds is the log as it was, or as it would be.
    Io(IoError),
}

/// Why bytes cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// Not all of the bytes are between the head and the tail.
    OutOfRange {
        /// The position that was asked for.
        position: u64,
        /// The bytes that were asked for.
        len: u64,
        /// The head.
        head: u64,
        /// The tail.
        tail: u64,
    },
    /// The bytes cannot be borrowed: the device is not mapped into memory.
    NotMapped,
    /// The device failed.
    Io(IoError),
}

/// Why a region cannot be opened as one log. Nothing was written to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// The region holds a collection of several logs: `multilog` opens it.
    NotOneLog {
        /// How many logs it holds.
        logs: u64,
    },
    /// The region holds no logs, or something is wrong with it.
    Region(multilog::OpenError),
}

} // verus!
