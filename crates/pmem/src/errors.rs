//! What the errors of devices say to people.
use crate::trusted::region::{IoError, IoOperation};
use core::fmt;
use rustix::io::Errno;
use std::fs::FileType;
use std::io;
use std::os::unix::fs::FileTypeExt;

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
        let why = reason(self.errno);
        write!(f, "{} failed: {why}", self.operation)
    }
}

impl std::error::Error for IoError {}

/// The operating system's error, without the operation.
impl From<IoError> for io::Error {
    fn from(error: IoError) -> io::Error {
        io::Error::from_raw_os_error(error.errno)
    }
}

/// Why a [`FileRegion`](crate::FileRegion) could not be created or opened. What it displays leaves it to the caller
/// to say which file.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileError {
    /// There is something of that name already.
    AlreadyExists,
    /// There is no such file, or no such directory.
    NotFound,
    /// What is there is not an ordinary file.
    NotAFile {
        /// What it is instead, with its article: "a directory".
        kind: &'static str,
    },
    /// A region needs at least one byte.
    Empty,
    /// This process or another one has the file open.
    Locked,
    /// This user may not do that.
    PermissionDenied,
    /// The file is not on persistent memory that is mounted for direct access: it cannot be mapped with `MAP_SYNC`.
    NotPersistentMemory,
    /// The file has holes. A store into one would end the process if the medium were full.
    Holes,
    /// The processor lacks the stores that were asked for, or they do not survive what the data are to survive.
    StoresUnavailable,
    /// The operating system could not do it.
    Io {
        /// What was attempted, such as "open" or "write"; "the file" completes it.
        step: &'static str,
        /// The operating system's error number, `errno`.
        errno: i32,
    },
}

impl FileError {
    /// What an error means that the operating system returned during `step`.
    pub(crate) fn during<E: Into<io::Error>>(step: &'static str) -> impl Fn(E) -> FileError {
        move |error| {
            let error: io::Error = error.into();
            match error.kind() {
                io::ErrorKind::AlreadyExists => FileError::AlreadyExists,
                io::ErrorKind::NotFound => FileError::NotFound,
                io::ErrorKind::PermissionDenied => FileError::PermissionDenied,
                _ => FileError::Io {
                    step,
                    errno: errno(&error),
                },
            }
        }
    }

    /// The error of finding `found` instead of a file.
    pub(crate) fn not_a_file(found: FileType) -> FileError {
        let kind = if found.is_dir() {
            "a directory"
        } else if found.is_fifo() {
            "a pipe"
        } else if found.is_socket() {
            "a socket"
        } else {
            "a device"
        };
        FileError::NotAFile { kind }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            FileError::AlreadyExists => f.write_str("the file exists already"),
            FileError::NotFound => f.write_str("there is no such file or directory"),
            FileError::NotAFile { kind } => write!(f, "this is {kind}, not a file"),
            FileError::Empty => f.write_str("a file of no bytes cannot be used"),
            FileError::Locked => {
                f.write_str("the file is in use: this or another process has it open")
            }
            FileError::PermissionDenied => f.write_str("permission denied"),
            FileError::NotPersistentMemory => f.write_str(
                "the file is not on persistent memory: its file system does not map it with MAP_SYNC",
            ),
            FileError::Holes => f.write_str("the file has holes, and is not mapped for that"),
            FileError::StoresUnavailable => f.write_str(
                "the processor lacks these stores, or they do not survive what the data are to survive",
            ),
            FileError::Io { step, errno } => {
                write!(f, "could not {step} the file: {}", reason(errno))
            }
        }
    }
}

impl std::error::Error for FileError {}

/// What the operating system's error means, and what may be done about it where its own words do not say so.
fn reason(errno: i32) -> String {
    let error = io::Error::from_raw_os_error(errno);
    match Errno::from_raw_os_error(errno) {
        Errno::FBIG => format!("{error}; `ulimit -f` sets what this process may write"),
        _ => error.to_string(),
    }
}

/// The error number of `error`. A read or write that ends early has none; it counts as `EIO`.
pub(crate) fn errno(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(Errno::IO.raw_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_io_error_says_what_failed_and_why() {
        let error = IoError {
            operation: IoOperation::Write,
            errno: 28,
        };
        assert_eq!(
            error.to_string(),
            "write failed: No space left on device (os error 28)"
        );
    }
}
