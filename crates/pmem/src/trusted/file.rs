//! A region in an ordinary file.
//!
//! TRUSTED: that a file, used like this, behaves as the model says.
//! - `pwrite` within a file changes the bytes of its range and no others. Its length never changes here; one that
//!   somebody else has cut is found out, by each write and each flush, and fails it. The lock keeps those away who
//!   ask for it; the rest is up to the file's mode.
//! - A crash of the process loses nothing that `pwrite` has taken. A crash of the machine leaves each sector (512
//!   bytes or more) old or new.
//! - No `pwrite` ends within a word. It can end early for four reasons:
//!   - The process's limit to the length of files (`RLIMIT_FSIZE`) cuts it at any byte, also within the file. So a write
//!     that would reach beyond the limit is refused before any byte is written. Whoever lowers the limit between that
//!     check and the write (another thread, or another process by `prlimit`) can still tear a word.
//!   - There is no room, in a file with holes, or a signal ends the process. The kernel looks for both between blocks
//!     (512 bytes or more), so those before are new and those behind are old.
//!   - A page of the source cannot be read. A reference is to memory that can be read, so this takes memory that lies
//!     about it: a mapped file that is cut meanwhile, or a poisoned medium. Each page of the source is read before the
//!     write, which ends the process first. That also fetches pages that were swapped out, which the kernel could no
//!     longer do for a process that is being killed. Pages that go away between this and the write are not covered.
//! - A page may be on its way to the disk while `pwrite` copies into it. The disk then gets what the page holds at that
//!   moment, and a crash may leave that. So the kernel must copy an aligned word that is written whole by one
//!   store. Kernels and processors of today do, but no manual promises it, and a word that is written in part may take
//!   several stores. A page is on its way only if it was written and not flushed before this write. Where one word
//!   makes a commit count, a flush is right before it.
//! - `fdatasync` returns Ok when all of it has reached the medium. It is skipped when nothing was written since.
//! - After a failed `fdatasync` the kernel may mark the lost pages clean, and the next one says Ok. So the first
//!   failure is latched: no later write or flush is even attempted. For the same reason opening syncs the file and
//!   then asks the kernel to drop its clean pages from the cache, so that recovery reads the medium. That is advice: the
//!   kernel keeps pages that somebody has mapped, for example. Pages that an earlier process failed to sync, and
//!   that are still in the cache, may then promise more than is on the medium.
//! - `pwritev2` with `RWF_DSYNC` returns Ok when what it wrote has reached the medium, as after an `fdatasync`. Whole
//!   blocks go past the page cache where the file system lets them (`direct.rs`).
//! - A page that could not be written is told once to each descriptor of a file. The two here are each asked by their own
//!   writes, and a flush asks the first: an error that either is told is latched, and neither takes one from the other.
//! - A failed read is damage in the sense of the model, and so are older bytes that the kernel reads back after it
//!   has dropped the pages of a failed flush.

use crate::dax_options::Durability;
use crate::errors::{errno, FileError};
use crate::trusted::direct::{are_blocks, write_synced, Direct};
use crate::trusted::region::*;
use rustix::fs::{fadvise, fdatasync, flock, fstatfs, seek, Advice, FlockOperation, SeekFrom};
use rustix::io::Errno;
use rustix::process::{getrlimit, Resource};
use std::fs::File;
use std::hint::black_box;
use std::io;
use std::os::unix::fs::FileExt;
use vstd::prelude::*;

verus! {

/// A file that is unlocked when dropped. The verifier knows nothing about it.
#[verifier::external_body]
#[derive(Debug)]
pub(crate) struct LockedFile(pub(crate) File);

/// A region in an ordinary file, which is locked for as long as this lives.
///
/// Writes and flushes are `pwrite` and `fdatasync`, durable writes `pwritev2`; after the first one that fails, all
/// further ones return the same `errno`. A write beyond the process's limit to the length of files (`RLIMIT_FSIZE`) fails with `EFBIG`, and
/// writes nothing. Dropping it flushes nothing.
#[derive(Debug)]
pub struct FileRegion {
    file: LockedFile,
    len: u64,
    dirty: bool,
    failed: Option<i32>,
    /// None before it was tried.
    direct: Option<Option<Direct>>,
}

uninterp spec fn file_view(region: FileRegion) -> RegionView;

impl Region for FileRegion {
    closed spec fn view(&self) -> RegionView {
        file_view(*self)
    }

    closed spec fn inv(&self) -> bool {
        &&& self@.volatile.len() == self.len
        &&& self@.durable.len() == self.len
        &&& !self@.medium.mapped
    }

    proof fn lemma_inv(&self) {
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn borrow(&self, _addr: u64, _len: usize) -> (r: Option<&[u8]>) {
        None
    }

    #[verifier::external_body]
    fn read(&self, addr: u64, buf: &mut [u8]) -> (r: Result<(), IoError>) {
        self.file.0.read_exact_at(buf, addr).map_err(
            |error| { IoError { operation: IoOperation::Read, errno: errno(&error) } },
        )
    }

    #[verifier::external_body]
    fn write(&mut self, addr: u64, bytes: &[u8]) -> (r: Result<(), IoError>) {
        self.latched(IoOperation::Write, |region| region.try_write(addr, bytes))
    }

    #[verifier::external_body]
    fn write_durably(&mut self, addr: u64, bytes: &[u8]) -> (r: Result<(), IoError>) {
        self.latched(IoOperation::Write, |region| region.try_write_durably(addr, bytes))
    }

    #[verifier::external_body]
    fn flush(&mut self) -> (r: Result<(), IoError>) {
        self.latched(IoOperation::Flush, |region| region.try_flush())
    }
}

} // verus!

impl Drop for LockedFile {
    /// Closing the file would leave it locked for as long as a process that is just being started, by another
    /// thread, has not closed its copy.
    fn drop(&mut self) {
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

impl FileRegion {
    /// The region in a file that somebody else may have written: what they wrote is made durable, and then read from
    /// the medium, unless the kernel keeps it in the cache in spite of the advice. It keeps dirty pages in any case,
    /// hence the sync before.
    pub(crate) fn settled(file: LockedFile, len: u64) -> Result<FileRegion, FileError> {
        fdatasync(&file.0).map_err(FileError::during("sync"))?;
        fadvise(&file.0, 0, None, Advice::DontNeed)
            .map_err(FileError::during("drop the cached pages of"))?;
        Ok(Self::new(file, len))
    }

    pub(crate) fn new(file: LockedFile, len: u64) -> FileRegion {
        let (dirty, failed, direct) = (false, None, None);
        FileRegion {
            file,
            len,
            dirty,
            failed,
            direct,
        }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file.0
    }

    /// What the data survive. A file system that is kept in memory loses them with the power.
    pub fn durability(&self) -> Durability {
        match is_in_memory(&self.file.0) {
            true => Durability::ProcessCrash,
            false => Durability::PowerCut,
        }
    }

    /// Does `attempt`, unless one has failed before.
    fn latched(
        &mut self,
        operation: IoOperation,
        attempt: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> Result<(), IoError> {
        if self.failed.is_none() {
            self.failed = attempt(self).err().map(|error| errno(&error));
        }
        match self.failed {
            None => Ok(()),
            Some(errno) => Err(IoError { operation, errno }),
        }
    }

    fn try_write(&mut self, addr: u64, bytes: &[u8]) -> io::Result<()> {
        self.dirty = true;
        self.check_write(addr, bytes)?;
        self.file.0.write_all_at(bytes, addr)
    }

    fn try_write_durably(&mut self, addr: u64, bytes: &[u8]) -> io::Result<()> {
        self.check_write(addr, bytes)?;
        let mut done = 0;
        if are_blocks(addr, bytes) {
            let file = &self.file.0;
            if let Some(direct) = self.direct.get_or_insert_with(|| Direct::open(file)) {
                done = direct.write(addr, bytes)?;
            }
        }
        while done < bytes.len() {
            match write_synced(&self.file.0, &bytes[done..], addr + done as u64) {
                // File systems and kernels that have no such writes.
                Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
                    self.file.0.write_all_at(bytes, addr)?;
                    return Ok(fdatasync(&self.file.0)?);
                }
                written => done += written?,
            }
        }
        Ok(())
    }

    /// Fails if a write would not be one within the file, from its first byte to its last.
    fn check_write(&self, addr: u64, bytes: &[u8]) -> io::Result<()> {
        self.check_len()?;
        check_limit(addr.saturating_add(bytes.len() as u64))?;
        fetch(bytes);
        Ok(())
    }

    fn try_flush(&mut self) -> io::Result<()> {
        if self.dirty {
            fdatasync(&self.file.0)?;
            self.check_len()?;
            self.dirty = false;
        }
        Ok(())
    }

    /// Fails if the file was cut behind this region's back, and its bytes with it.
    fn check_len(&self) -> io::Result<()> {
        // Not `metadata`: asking for the times too would make each write set them, and each flush write them.
        match seek(&self.file.0, SeekFrom::End(0))? < self.len {
            true => Err(Errno::IO.into()),
            false => Ok(()),
        }
    }
}

/// Fails if this process may not write files up to `end`. The kernel would write up to the limit, and send a signal that
/// ends the process if nobody expects it.
pub(crate) fn check_limit(end: u64) -> io::Result<()> {
    // Asked each time: it can be changed at any time, also by other processes.
    match getrlimit(Resource::Fsize).current {
        Some(limit) if limit < end => Err(Errno::FBIG.into()),
        _ => Ok(()),
    }
}

/// Reads a byte of each page.
fn fetch(bytes: &[u8]) {
    const PAGE: usize = 4096;
    for &byte in bytes.iter().step_by(PAGE).chain(bytes.last()) {
        black_box(byte);
    }
}

/// Whether the file is on a file system that is kept in memory.
pub(super) fn is_in_memory(file: &File) -> bool {
    const TMPFS: i64 = 0x0102_1994;
    const RAMFS: i64 = 0x8584_58f6;
    matches!(fstatfs(file).map(|found| found.f_type), Ok(TMPFS | RAMFS))
}
