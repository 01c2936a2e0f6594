//! Durable writes of whole blocks, past the page cache.
//!
//! TRUSTED: that a write through a descriptor with `O_DIRECT` and `RWF_DSYNC` that returns Ok is on the medium, and that
//! reading through another descriptor then returns it.
//! - The kernel first writes what the page cache holds of these blocks, then the blocks, and drops the pages before and
//!   behind it. What others wrote to the blocks and did not flush is thereby overwritten, and what they wrote to the rest
//!   of the pages may reach the medium, as it may at any time.
//! - Each sector is old or new after a crash. The blocks are written from memory that nobody changes meanwhile.
//! - A write that ends early ends between sectors.
//! - A block that is written again holds bytes that were durable before, and they are the same ones: the drive must not
//!   lose a sector that it is told to overwrite. Every log relies on this that writes less than a sector at a time.

use rustix::fs::{fcntl_getfl, open, Mode, OFlags};
use rustix::io::{pread, pwritev2, Errno, ReadWriteFlags};
use std::fs::File;
use std::io::IoSlice;
use std::os::fd::AsRawFd;
use vstd::prelude::*;

/// What addresses, lengths and memory are multiples of: the blocks and pages of most file systems and processors.
const BLOCK: usize = 4096;

/// How much is written at a time.
const CAPACITY: usize = 64 << 10;

verus! {

/// A second descriptor of a file, which writes past the page cache, and memory for that. The verifier knows nothing about
/// it.
#[verifier::external_body]
#[derive(Debug)]
pub(crate) struct Direct {
    file: File,
    /// `CAPACITY` bytes from the first multiple of `BLOCK` on.
    memory: Vec<u8>,
}

} // verus!

/// Whether these bytes are blocks of a file.
pub(super) fn are_blocks(addr: u64, bytes: &[u8]) -> bool {
    addr.is_multiple_of(BLOCK as u64) && bytes.len().is_multiple_of(BLOCK)
}

/// Writes `bytes` durably, or the first ones of them: how many, at least one.
pub(super) fn write_synced(file: &File, bytes: &[u8], addr: u64) -> Result<usize, Errno> {
    loop {
        match pwritev2(file, &[IoSlice::new(bytes)], addr, ReadWriteFlags::DSYNC) {
            Ok(0) => return Err(Errno::IO),
            Err(Errno::INTR) => (),
            written => return written,
        }
    }
}

impl Direct {
    /// Opens `file` once more. None: it cannot be, or its file system has no such writes.
    pub(super) fn open(file: &File) -> Option<Direct> {
        // The same file, wherever its name leads by now. A descriptor that only reads would be one that writes.
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        let access = fcntl_getfl(file).ok()? & OFlags::RWMODE;
        let flags = access | OFlags::DIRECT | OFlags::CLOEXEC;
        let file = File::from(open(path, flags, Mode::empty()).ok()?);
        let memory = vec![0; CAPACITY + BLOCK];
        let mut direct = Direct { file, memory };
        // Whether it accepts such blocks is better asked by reading.
        let start = direct.start();
        pread(&direct.file, &mut direct.memory[start..start + BLOCK], 0).ok()?;
        Some(direct)
    }

    /// Writes blocks durably, or the first ones of them: how many bytes. Zero if there is no such call.
    pub(super) fn write(&mut self, addr: u64, blocks: &[u8]) -> Result<usize, Errno> {
        let start = self.start();
        let mut done = 0;
        for blocks in blocks.chunks(CAPACITY) {
            let memory = &mut self.memory[start..start + blocks.len()];
            memory.copy_from_slice(blocks);
            let written = match write_synced(&self.file, memory, addr + done as u64) {
                Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(done),
                written => written?,
            };
            done += written;
            if written < blocks.len() {
                break;
            }
        }
        Ok(done)
    }

    /// Where the aligned memory begins.
    fn start(&self) -> usize {
        self.memory.as_ptr().align_offset(BLOCK)
    }
}
