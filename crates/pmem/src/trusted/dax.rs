//! A region in a file that is mapped into memory.
//!
//! TRUSTED: that a mapping, used like this, behaves as the model says.
//! - With `MAP_SYNC` the file system keeps the file's blocks where they are, so that what is stored in the mapping is
//!   stored on the medium itself: durable once the stores are fenced. Without it the mapping is the kernel's cache of
//!   the file, which a crash of the process does not lose.
//! - What others have stored and not fenced is made durable by the `fdatasync` before a region is opened.
//! - Stores are those of `stores.rs`, so aligned words are never torn.
//! - A fence waits for what its own processor has stored. Whoever hands a region with unflushed writes to another thread
//!   does that by a locked instruction or a system call, as the standard library's mutexes, channels and threads do, and
//!   these wait for all stores before them as well.
//! - The lock keeps others out who ask for it. Whoever writes to the file in spite of it changes what is borrowed from
//!   here; whoever cuts it ends this process by SIGBUS at the next access behind its new end, and so does the
//!   medium where it is poisoned. Holes are refused, since a store into one could find the disk full; prefaulting
//!   finds poison and what else cannot be reached, before any store.

use crate::dax_options::{DaxOptions, Durability};
use crate::errors::FileError;
use crate::trusted::file::{is_in_memory, LockedFile};
use crate::trusted::region::*;
use crate::trusted::stores::{fence, Stores};
use rustix::fs::{fdatasync, fstat, seek, SeekFrom};
use rustix::io::Errno;
use rustix::mm::{madvise, mmap, munmap, Advice, MapFlags, ProtFlags};
use std::fs::File;
use std::ptr;
use vstd::prelude::*;

verus! {

/// A file mapped into memory. The verifier knows nothing about it.
#[verifier::external_body]
#[derive(Debug)]
pub(crate) struct Mapping {
    start: *mut u8,
    len: usize,
    stores: Stores,
    survives: Durability,
}

/// A region in a file that is mapped into memory: on persistent memory, the medium itself.
///
/// The file is locked for as long as this lives. A write is stores, a flush is one fence; neither can fail, but
/// in a region that was opened to read. Dropping it fences nothing.
///
/// Accesses to pages that cannot be reached end the process by SIGBUS: a medium may be poisoned there, or somebody has cut
/// the file in spite of the lock. [`DaxOptions::prefault`] finds the former when opening.
#[derive(Debug)]
pub struct DaxRegion {
    // Unmapped before it is unlocked.
    mapping: Mapping,
    _lock: LockedFile,
    len: u64,
    read_only: bool,
    failed: bool,
}

uninterp spec fn dax_view(region: DaxRegion) -> RegionView;

impl Region for DaxRegion {
    closed spec fn view(&self) -> RegionView {
        dax_view(*self)
    }

    closed spec fn inv(&self) -> bool {
        &&& self@.volatile.len() == self.len
        &&& self@.durable.len() == self.len
        &&& self@.medium.mapped
    }

    proof fn lemma_inv(&self) {
    }

    fn len(&self) -> u64 {
        self.len
    }

    #[inline]
    #[verifier::external_body]
    fn read(&self, addr: u64, buf: &mut [u8]) -> (r: Result<(), IoError>) {
        buf.copy_from_slice(self.mapping.bytes(addr, buf.len()));
        Ok(())
    }

    #[inline]
    #[verifier::external_body]
    fn borrow(&self, addr: u64, len: usize) -> (r: Option<&[u8]>) {
        Some(self.mapping.bytes(addr, len))
    }

    #[inline(always)]
    #[verifier::external_body]
    fn write(&mut self, addr: u64, bytes: &[u8]) -> (r: Result<(), IoError>) {
        if self.read_only {
            self.failed = true;
            return Err(read_only(IoOperation::Write));
        }
        self.mapping.store(addr, bytes);
        Ok(())
    }

    #[inline]
    #[verifier::external_body]
    fn flush(&mut self) -> (r: Result<(), IoError>) {
        if self.failed {
            return Err(read_only(IoOperation::Flush));
        }
        fence();
        Ok(())
    }
}

} // verus!

fn read_only(operation: IoOperation) -> IoError {
    let errno = Errno::BADF.raw_os_error();
    IoError { operation, errno }
}

impl DaxRegion {
    /// Maps a file; hands it back if it cannot be. Not after a failed sync: another one would say Ok.
    pub(crate) fn map(
        file: LockedFile,
        len: u64,
        options: &DaxOptions,
    ) -> Result<DaxRegion, (FileError, Option<LockedFile>)> {
        let mapping = match Mapping::new(&file.0, len, options) {
            Ok(mapping) => mapping,
            Err(error) => return Err((error, Some(file))),
        };
        match fdatasync(&file.0) {
            Ok(()) => Ok(DaxRegion {
                mapping,
                _lock: file,
                len,
                read_only: options.read_only,
                failed: false,
            }),
            Err(error) => Err((FileError::during("sync")(error), None)),
        }
    }

    /// What the data survive.
    pub fn durability(&self) -> Durability {
        self.mapping.survives
    }

    /// How bytes are stored.
    pub fn stores(&self) -> Stores {
        self.mapping.stores
    }
}

impl Mapping {
    fn new(file: &File, len: u64, options: &DaxOptions) -> Result<Mapping, FileError> {
        let survives = match options.survive_process_crash_only {
            true => Durability::ProcessCrash,
            false => Durability::PowerCut,
        };
        let stores = options.stores.unwrap_or(match survives {
            Durability::ProcessCrash => Stores::Ordinary,
            Durability::PowerCut => Stores::NonTemporal,
        });
        let durable = stores.survive_power_cut() || survives == Durability::ProcessCrash;
        if !stores.is_available() || !durable {
            return Err(FileError::StoresUnavailable);
        }
        let protection = match options.read_only {
            true => ProtFlags::READ,
            false => ProtFlags::READ | ProtFlags::WRITE,
        };
        let flags = match survives {
            Durability::ProcessCrash => MapFlags::SHARED,
            Durability::PowerCut => MapFlags::SHARED_VALIDATE | MapFlags::SYNC,
        };
        let size = usize::try_from(len).map_err(|_| FileError::during("map")(Errno::NOMEM))?;
        // SAFETY: a mapping at an address of the kernel's choice overlaps nothing that is there.
        let start = unsafe { mmap(ptr::null_mut(), size, protection, flags, file, 0) };
        let mapping = Mapping {
            start: start.map_err(not_mapped)?.cast(),
            len: size,
            stores,
            survives,
        };
        if has_holes(file, len).map_err(FileError::during("look for holes in"))? {
            return Err(FileError::Holes);
        }
        if options.prefault {
            let advice = match options.read_only {
                true => Advice::LinuxPopulateRead,
                false => Advice::LinuxPopulateWrite,
            };
            // SAFETY: populating a mapping changes no byte of it.
            unsafe { madvise(start.map_err(not_mapped)?, size, advice) }
                .map_err(FileError::during("prefault"))?;
        }
        Ok(mapping)
    }

    /// The address of the `len` bytes at `addr`.
    #[inline(always)]
    fn at(&self, addr: u64, len: usize) -> *mut u8 {
        if len > self.len || addr > (self.len - len) as u64 {
            outside(addr, len);
        }
        // SAFETY: just checked to be within the mapping.
        unsafe { self.start.add(addr as usize) }
    }

    #[inline]
    fn bytes(&self, addr: u64, len: usize) -> &[u8] {
        // SAFETY: `at` checks that these bytes are in the mapping, which lives as long as `self`. They change only
        // through `store`, which borrows the region mutably, as long as others respect the lock.
        unsafe { std::slice::from_raw_parts(self.at(addr, len), len) }
    }

    #[inline(always)]
    fn store(&mut self, addr: u64, bytes: &[u8]) {
        // SAFETY: `at` checks that the bytes are in the mapping. A mapping is made of whole pages, so the words at its
        // edges are in it entirely. `new` checked that the processor has the stores.
        unsafe { self.stores.store(self.at(addr, bytes.len()), bytes) }
    }
}

/// Whether parts of the file have no place on the medium.
fn has_holes(file: &File, len: u64) -> Result<bool, Errno> {
    if is_in_memory(file) {
        // There a search would visit every page, and the blocks are the file's bytes and nothing else.
        return Ok((fstat(file)?.st_blocks as u64) < len.div_ceil(512));
    }
    Ok(seek(file, SeekFrom::Hole(0))? < len)
}

/// Apart, so that the check is short.
#[cold]
fn outside(addr: u64, len: usize) -> ! {
    panic!("{len} bytes at {addr} are outside of the region")
}

/// What an error of `mmap` means.
fn not_mapped(error: Errno) -> FileError {
    match error {
        // What file systems and kernels say that know no MAP_SYNC.
        Errno::OPNOTSUPP | Errno::INVAL => FileError::NotPersistentMemory,
        error => FileError::during("map")(error),
    }
}

// SAFETY: the mapping belongs to no thread, and is changed only through `&mut`. Handing it over waits for stores past the
// caches: see above.
unsafe impl Send for Mapping {}
// SAFETY: `&Mapping` only reads.
unsafe impl Sync for Mapping {}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: it is this value's own, and what was borrowed from it is gone.
        let _ = unsafe { munmap(self.start.cast(), self.len) };
    }
}
