//! Reading a file region beside its owner.
use crate::errors::{errno, FileError};
use crate::trusted::file::FileRegion;
use crate::trusted::region::{IoError, IoOperation};
use std::fs::File;
use std::os::unix::fs::FileExt;

/// A second handle on the file of a [`FileRegion`], to read it while its owner writes and flushes.
///
/// What it reads of bytes that are being written is undefined: whoever uses it knows which are not. It holds no lock
/// of its own.
#[derive(Debug)]
pub struct FileReader(File);

impl FileReader {
    /// A handle on the region's file.
    ///
    /// # Errors
    /// [`FileError::Io`]: the operating system gives no more handles.
    pub fn of(region: &FileRegion) -> Result<FileReader, FileError> {
        let file = region.file().try_clone();
        Ok(FileReader(file.map_err(FileError::during("duplicate"))?))
    }

    /// Reads `buf.len()` bytes at the address `addr`, all of which are in the region.
    ///
    /// # Errors
    /// The device could not read.
    pub fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        self.0.read_exact_at(buf, addr).map_err(|error| IoError {
            operation: IoOperation::Read,
            errno: errno(&error),
        })
    }
}
