//! Why a group was not committed.

use crate::{AppendError, AppendRecordError, CommitError, MoveError};
use std::error::Error;
use std::fmt::{self, Display, Formatter};

/// Why a group was not committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SharedError {
    /// One of the group's operations was refused. Nothing of the group was done.
    Refused {
        /// The operation's place in the group, from 0 on.
        operation: usize,
        /// Why.
        refusal: Refusal,
    },
    /// The device failed, now or before: whoever waits gets this, and whoever comes later. Open the region anew to go on.
    /// What was being committed is there then, entirely, or not at all.
    Failed(CommitError),
    /// A thread panicked while it committed. Open the region anew to go on.
    Panicked,
}

/// Why an operation was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// An append of bytes.
    Append(AppendError),
    /// An append of a record.
    Record(AppendRecordError),
    /// A head advance or a truncation.
    Move(MoveError),
}

impl Refusal {
    /// That the device failed, now or before, if it was that.
    pub(super) fn failure(self) -> Option<CommitError> {
        match self {
            Refusal::Append(AppendError::Io(error))
            | Refusal::Record(AppendRecordError::Io(error)) => Some(CommitError::Io(error)),
            Refusal::Append(AppendError::Failed)
            | Refusal::Record(AppendRecordError::Failed)
            | Refusal::Move(MoveError::Failed) => Some(CommitError::Failed),
            _ => None,
        }
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Append(error) => error.fmt(f),
            Refusal::Record(error) => error.fmt(f),
            Refusal::Move(error) => error.fmt(f),
        }
    }
}

impl Display for SharedError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            SharedError::Refused { operation, refusal } => {
                write!(f, "operation {operation}: {refusal}")
            }
            SharedError::Failed(error) => error.fmt(f),
            SharedError::Panicked => {
                f.write_str("a thread panicked while it committed; open the logs anew to go on")
            }
        }
    }
}

impl Error for SharedError {}
