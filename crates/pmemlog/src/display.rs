//! What the errors say to people: what was asked, what is there, what would be accepted.

use crate::{AppendError, AppendRecordError, MoveError, OpenError, ReadError, Refused};
use std::error::Error;
use std::fmt::{self, Display, Formatter};

const FAILED: &str = "a write or flush failed before; open the log anew to go on";
const EXHAUSTED: &str = "the region has no more numbers for changes";

impl Display for AppendError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            AppendError::Failed => write!(f, "{FAILED}"),
            AppendError::PositionOverflow => {
                write!(f, "the positions behind these bytes would not fit 64 bits")
            }
            AppendError::Full {
                requested,
                available,
            } => {
                write!(
                    f,
                    "no room for {requested} {}; the log has room for {available}",
                    if *requested == 1 { "byte" } else { "bytes" }
                )
            }
            AppendError::Exhausted => write!(f, "{EXHAUSTED}"),
            AppendError::Io(e) => e.fmt(f),
        }
    }
}

impl Display for AppendRecordError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use multilog::AppendRecordError as Same;
        match *self {
            AppendRecordError::Failed => write!(f, "{FAILED}"),
            AppendRecordError::TooLong { len, capacity } => Same::TooLong { len, capacity }.fmt(f),
            AppendRecordError::PositionOverflow => Same::PositionOverflow.fmt(f),
            AppendRecordError::Full {
                requested,
                available,
            } => Same::Full {
                requested,
                available,
            }
            .fmt(f),
            AppendRecordError::Exhausted => write!(f, "{EXHAUSTED}"),
            AppendRecordError::Io(e) => e.fmt(f),
        }
    }
}

impl Display for MoveError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            MoveError::Failed => write!(f, "{FAILED}"),
            MoveError::OutOfRange {
                position,
                head,
                tail,
            } => {
                write!(
                    f,
                    "position {position} is not in the log, which goes from {head} to {tail}"
                )
            }
            MoveError::Exhausted => write!(f, "{EXHAUSTED}"),
            MoveError::Io(e) => e.fmt(f),
        }
    }
}

impl Display for ReadError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::OutOfRange { position, len, head, tail } => write!(
                f,
                "{len} bytes at position {position} are not all in the log, which goes from {head} to {tail}"
            ),
            ReadError::NotMapped => {
                write!(f, "the device is not mapped into memory, so its bytes cannot be borrowed")
            }
            ReadError::Io(e) => e.fmt(f),
        }
    }
}

impl Display for OpenError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::NotOneLog { logs } => {
                write!(f, "there are {logs} logs here, where one is expected")
            }
            OpenError::Region(e) => e.fmt(f),
        }
    }
}

impl Error for AppendError {}
impl Error for AppendRecordError {}
impl Error for MoveError {}
impl Error for ReadError {}
impl Error for OpenError {}

impl<R> From<Refused<R, OpenError>> for OpenError {
    fn from(refused: Refused<R, OpenError>) -> OpenError {
        refused.into_error()
    }
}
