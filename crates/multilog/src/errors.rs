//! Why an operation is refused. When exactly is in [`contract`](crate::trusted::contract).
use pmem::trusted::region::IoError;
use vstd::prelude::*;

verus! {

/// A part of the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// What the region is, and how large.
    Superblock,
    /// The word that says which journal is live.
    Selector,
    /// The live journal's header.
    Header,
    /// A log's place, its head and its tail, as of the journal's header.
    Entry {
        /// The log.
        log: u64,
    },
    /// Records of commits. The damage is among these bytes.
    Records {
        /// How many they are.
        len: u64,
    },
}

/// Metadata that is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corruption {
    /// What is damaged.
    pub part: Part,
    /// Its address in the region, in bytes.
    pub address: u64,
}

/// Why a collection cannot be created. The region is as it was, but for [`CreateError::Io`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreateError {
    /// No capacities were given.
    NoLogs,
    /// More logs than a region can hold.
    TooManyLogs {
        /// How many were asked for.
        logs: u64,
        /// How many are possible.
        max: u64,
    },
    /// A log of no bytes.
    ZeroCapacity {
        /// The first such log.
        log: u64,
    },
    /// The capacities add up to more than an address can say.
    TooLarge,
    /// The region is too small for the capacities.
    TooSmall {
        /// The region's length in bytes.
        len: u64,
        /// The bytes that are needed.
        required: u64,
    },
    /// The region's first word is not zero: it may hold a log, or other data.
    NotEmpty,
    /// The device failed. What a crash or reopening finds is no log, the one that was there before, or the new one.
    Io(IoError),
}

/// Why a region cannot be opened. Nothing was written to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// The region is smaller than the smallest that holds a log.
    TooSmall {
        /// The region's length in bytes.
        len: u64,
        /// The least bytes that a region has.
        required: u64,
    },
    /// The region holds no logs, or their creation did not finish.
    Unformatted,
    /// The region was written by a version of this software that has another format.
    UnsupportedVersion {
        /// The format's version in the region.
        version: u64,
    },
    /// The region was created with another length.
    WrongLength {
        /// The length in bytes when it was created.
        recorded: u64,
        /// The length in bytes now.
        actual: u64,
    },
    /// Metadata is damaged.
    Corrupt(Corruption),
    /// The device failed.
    Io(IoError),
}

/// Why bytes cannot be appended. Nothing was staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppendError {
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
    /// The positions behind the bytes would not fit 64 bits.
    PositionOverflow,
    /// There is not enough room. Committing staged head advances may give some.
    Full {
        /// The bytes that were to be appended.
        requested: u64,
        /// The bytes that can be.
        available: u64,
    },
    /// The device failed.
    Io(IoError),
}

/// Why a head cannot be advanced, or a tail truncated. Nothing was staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MoveError {
    /// A write or flush failed before: open the region anew to go on.
    Failed,
    /// There is no such log.
    NoSuchLog {
        /// The log that was asked for.
        log: u64,
        /// The number of logs.
        logs: u64,
    },
    /// The position is not between the log's staged head and its staged tail.
    OutOfRange {
        /// The position that was asked for.
        position: u64,
        /// The staged head.
        head: u64,
        /// The staged tail.
        tail: u64,
    },
}

/// Why a commit cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommitError {
    /// A write or flush failed before: open the region anew to go on.
    Failed,
    /// The region's commit numbers are used up: 2^63 commits were made.
    Exhausted,
    /// The device failed. What reopening finds is the state before the commit, or the one after it.
    Io(IoError),
}

/// Why bytes cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no such log.
    NoSuchLog {
        /// The log that was asked for.
        log: u64,
        /// The number of logs.
        logs: u64,
    },
    /// Not all of the bytes are between the log's head and its committed tail.
    OutOfRange {
        /// The position that was asked for.
        position: u64,
        /// The bytes that were asked for.
        len: u64,
        /// The head.
        head: u64,
        /// The committed tail.
        tail: u64,
    },
    /// The bytes cannot be borrowed: the device is not mapped into memory.
    NotMapped,
    /// The device failed.
    Io(IoError),
}

/// What `check` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckError {
    /// Metadata on the medium is not what this log relies on.
    Corrupt(Corruption),
    /// The device could not read.
    Io(IoError),
}

/// Where a log stands, in positions and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogInfo {
    /// The first position that can be read.
    pub head: u64,
    /// The position behind the last committed byte.
    pub tail: u64,
    /// The head after the next commit.
    pub staged_head: u64,
    /// The tail after the next commit.
    pub staged_tail: u64,
    /// The most bytes that the log can hold.
    pub capacity: u64,
    /// The bytes that can be appended now. Head advances give room once they are committed.
    pub free: u64,
}

} // verus!
