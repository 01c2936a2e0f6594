//! What the errors say to people: what was asked, what is there, what would be accepted.
use crate::{
    AppendError, CheckError, CommitError, Corruption, CreateError, MoveError, OpenError, Part,
    ReadError, Refused,
};
use std::error::Error;
use std::fmt::{self, Display, Formatter};

pub(crate) const FAILED: &str = "a write or flush failed before; open the logs anew to go on";

pub(crate) fn no_such_log(f: &mut Formatter<'_>, log: u64, logs: u64) -> fmt::Result {
    write!(f, "there is no log {log}: the logs are 0 to {}", logs - 1)
}

impl Display for Part {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Part::Superblock => write!(f, "superblock"),
            Part::Selector => write!(f, "selector"),
            Part::Header => write!(f, "header of the live journal"),
            Part::Entry { log } => write!(f, "entry of log {log}"),
            Part::Records { len } => write!(f, "records of commits, among {len} bytes"),
        }
    }
}

impl Display for Corruption {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "corrupt metadata at address {}: {}",
            self.address, self.part
        )
    }
}

impl Display for CreateError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            CreateError::NoLogs => write!(f, "no logs were asked for; at least one is needed"),
            CreateError::TooManyLogs { logs, max } => {
                write!(
                    f,
                    "{logs} logs were asked for; a region holds at most {max}"
                )
            }
            CreateError::ZeroCapacity { log } => {
                write!(
                    f,
                    "log {log} would have no capacity; at least 1 byte is needed"
                )
            }
            CreateError::TooLarge => write!(f, "the capacities add up to more than 2^64 bytes"),
            CreateError::TooSmall { len, required } => {
                write!(f, "the region has {len} bytes; these logs need {required}")
            }
            CreateError::NotEmpty => {
                write!(f, "the region is not empty: it may hold logs or other data")
            }
            CreateError::Io(e) => e.fmt(f),
        }
    }
}

impl Display for OpenError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::TooSmall { len, required } => {
                write!(
                    f,
                    "{len} bytes are too few to hold logs; the least is {required}"
                )
            }
            OpenError::Unformatted => {
                write!(
                    f,
                    "there are no logs here, or their creation did not finish"
                )
            }
            OpenError::UnsupportedVersion { version } => {
                write!(
                    f,
                    "the format has version {version}; this program reads version 1"
                )
            }
            OpenError::WrongLength { recorded, actual } => {
                write!(
                    f,
                    "the region was created with {recorded} bytes and has {actual} now"
                )
            }
            OpenError::Corrupt(c) => c.fmt(f),
            OpenError::Io(e) => e.fmt(f),
        }
    }
}

impl Display for AppendError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            AppendError::Failed => write!(f, "{FAILED}"),
            AppendError::NoSuchLog { log, logs } => no_such_log(f, *log, *logs),
            AppendError::TruncationStaged { committed_tail, staged_tail } => write!(
                f,
                "a truncation from {committed_tail} to {staged_tail} is staged; commit it before appending"
            ),
            AppendError::PositionOverflow => {
                write!(f, "the positions behind these bytes would not fit 64 bits")
            }
            AppendError::Full { requested, available } => {
                write!(f, "no room for {requested} {}; the log has room for {available}",
                    if *requested == 1 { "byte" } else { "bytes" })
            }
            AppendError::Io(e) => e.fmt(f),
        }
    }
}

impl Display for MoveError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            MoveError::Failed => write!(f, "{FAILED}"),
            MoveError::NoSuchLog { log, logs } => no_such_log(f, *log, *logs),
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
        }
    }
}

impl Display for CommitError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            CommitError::Failed => write!(f, "{FAILED}"),
            CommitError::Exhausted => write!(f, "the region has no more numbers for commits"),
            CommitError::Io(e) => e.fmt(f),
        }
    }
}

impl Display for ReadError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::NoSuchLog { log, logs } => no_such_log(f, *log, *logs),
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

impl Display for CheckError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            CheckError::Corrupt(c) => c.fmt(f),
            CheckError::Io(e) => e.fmt(f),
        }
    }
}

impl Error for CreateError {}
impl Error for OpenError {}
impl Error for AppendError {}
impl Error for MoveError {}
impl Error for CommitError {}
impl Error for ReadError {}
impl Error for CheckError {}

impl<R> From<Refused<R, CreateError>> for CreateError {
    fn from(refused: Refused<R, CreateError>) -> CreateError {
        refused.into_error()
    }
}

impl<R> From<Refused<R, OpenError>> for OpenError {
    fn from(refused: Refused<R, OpenError>) -> OpenError {
        refused.into_error()
    }
}
