//! What the errors of devices say to people.

use crate::trusted::region::{IoError, IoOperation};
use core::fmt;
use std::io;

impl fmt::Display for IoOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IoOperation::Read => "read",
            IoOperation::Write => "write",
            IoOperation::Flush => "flush",
        })
    }
}

/// For example `write failed: No space left on device (os error 28)`.
impl fmt::Display for IoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.operation, io::Error::from(*self))
    }
}

impl std::error::Error for IoError {}

/// The operating system's error, without the operation.
impl From<IoError> for io::Error {
    fn from(error: IoError) -> io::Error {
        io::Error::from_raw_os_error(error.errno)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_io_error_says_what_failed_and_why() {
        let error = IoError { operation: IoOperation::Write, errno: 28 };
        assert_eq!(error.to_string(), "write failed: No space left on device (os error 28)");
    }
}
