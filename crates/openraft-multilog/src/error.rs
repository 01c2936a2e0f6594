//! What goes wrong, in openraft's words and in ours.

use multilog::shared::SharedError;
use multilog::{FileError, RecordError};
use openraft::{AnyError, ErrorSubject, ErrorVerb, NodeId, StorageError, StorageIOError};
use std::error::Error;
use std::fmt::{self, Display, Formatter};

/// Why logs are not those of Raft groups.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The number of logs is not even: they are not two for each group.
    OddLogs {
        /// How many there are.
        logs: u64,
    },
    /// A record cannot be read.
    Record {
        /// The log.
        log: u64,
        /// Why.
        error: RecordError,
    },
    /// A record is sound, and not one of this store's.
    Foreign {
        /// The log.
        log: u64,
        /// Where the record is.
        position: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The indexes of a group's entries have a gap, or do not begin behind the purged ones.
    Gap {
        /// The log.
        log: u64,
        /// The index that should have come.
        expected: u64,
        /// The index that came.
        found: u64,
    },
    /// The region's file cannot be opened a second time, to read it.
    File(FileError),
    /// A thread cannot be started.
    Thread(std::io::Error),
}

impl Display for OpenError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::OddLogs { logs } => write!(
                f,
                "{logs} logs are not those of Raft groups, of which each has two"
            ),
            OpenError::Record { log, error } => write!(f, "log {log}: {error}"),
            OpenError::Foreign { log, position, why } => write!(
                f,
                "log {log}: the record at position {position} is not a Raft log store's: {why}"
            ),
            OpenError::Gap {
                log,
                expected,
                found,
            } => write!(
                f,
                "log {log}: the entry with index {expected} is missing; the next one has {found}"
            ),
            OpenError::File(error) => error.fmt(f),
            OpenError::Thread(error) => write!(f, "could not start a thread: {error}"),
        }
    }
}

impl Error for OpenError {}

/// What a store was about to do with what.
#[derive(Clone, Copy)]
pub(crate) enum Doing {
    WritingVote,
    WritingLogs,
    ReadingLogs,
}

/// openraft's error for one of ours. It stops the node, so that nothing is done on top of what is not known.
pub(crate) fn storage<N: NodeId>(doing: Doing, error: impl Error + 'static) -> StorageError<N> {
    let (subject, verb) = match doing {
        Doing::WritingVote => (ErrorSubject::Vote, ErrorVerb::Write),
        Doing::WritingLogs => (ErrorSubject::Logs, ErrorVerb::Write),
        Doing::ReadingLogs => (ErrorSubject::Logs, ErrorVerb::Read),
    };
    StorageIOError::new(subject, verb, AnyError::new(&error)).into()
}

/// Why the store refuses to write.
#[derive(Debug, Clone)]
pub(crate) enum WriteError {
    /// The entries do not fit. Nothing was changed.
    Full { needed: u64, free: u64 },
    /// An entry in the place of one that was not truncated, or before it. Nothing was changed.
    NotBehind { index: u64, last: u64 },
    /// The vote that is saved is greater, or not comparable.
    OldVote { asked: String, saved: String },
    /// A commit failed, this one or one before.
    Commit(SharedError),
    /// What was to be purged is in no durable snapshot, and will not be.
    NoSnapshot { index: u64 },
    /// The thread that waits for commits has ended.
    Closed,
}

impl Display for WriteError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Full { needed, free } => write!(
                f,
                "the log is full: the entries need {needed} bytes, and {free} are free; a snapshot \
                 allows entries to be purged, which makes room"
            ),
            WriteError::NotBehind { index, last } => write!(
                f,
                "an entry with index {index} cannot be appended: the last one has index {last}, and indexes grow"
            ),
            WriteError::OldVote { asked, saved } => write!(
                f,
                "the vote {asked} is not saved: the saved one, {saved}, is not less, and votes are never taken back"
            ),
            WriteError::Commit(error) => error.fmt(f),
            WriteError::NoSnapshot { index } => write!(
                f,
                "the entries up to {index} are not purged: the snapshot in their place could not be made durable"
            ),
            WriteError::Closed => f.write_str("the log store is closed"),
        }
    }
}

impl Error for WriteError {}
