//! What the errors say to people: what was asked, what is there, what would be accepted.

use crate::display::{no_such_log, FAILED};
use crate::records::errors::{AppendRecordError, RecordError};
use crate::AppendError;
use crate::RECORD_OVERHEAD;
use std::error::Error;
use std::fmt::{self, Display, Formatter};

impl Display for AppendRecordError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            AppendRecordError::Failed => write!(f, "{FAILED}"),
            AppendRecordError::NoSuchLog { log, logs } => no_such_log(f, log, logs),
            AppendRecordError::TruncationStaged {
                committed_tail,
                staged_tail,
            } => AppendError::TruncationStaged {
                committed_tail,
                staged_tail,
            }
            .fmt(f),
            AppendRecordError::TooLong { len, capacity } => write!(
                f,
                "a record of {len} bytes takes {RECORD_OVERHEAD} more, and the log can hold {capacity} at most"
            ),
            AppendRecordError::PositionOverflow => {
                write!(f, "the positions behind this record would not fit 64 bits")
            }
            AppendRecordError::Full {
                requested,
                available,
            } => write!(
                f,
                "no room for a record that takes {requested} bytes; the log has room for {available}"
            ),
            AppendRecordError::Io(e) => e.fmt(f),
        }
    }
}

impl Display for RecordError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            RecordError::NoSuchLog { log, logs } => no_such_log(f, *log, *logs),
            RecordError::OutOfRange {
                position,
                head,
                tail,
            } => write!(
                f,
                "no record can start at position {position}: the log goes from {head} to {tail}"
            ),
            RecordError::NoRecord { position } => write!(
                f,
                "no record starts at position {position}, or its header is damaged"
            ),
            RecordError::Cut {
                position,
                len,
                tail,
            } => write!(
                f,
                "the record of {len} bytes at position {position} goes beyond the log's tail at {tail}"
            ),
            RecordError::Damaged { position, next } => write!(
                f,
                "the record at position {position} is damaged; the next one starts at {next}"
            ),
            RecordError::Io {
                position,
                known_next: None,
                error,
            } => write!(
                f,
                "the record at position {position} cannot be read: {error}"
            ),
            RecordError::Io {
                position,
                known_next: Some(next),
                error,
            } => write!(
                f,
                "the record at position {position} cannot be read: {error}; the next one starts at {next}"
            ),
        }
    }
}

impl Error for AppendRecordError {}
impl Error for RecordError {}
