//! The floor of persistent memory: the same bytes, stored without a log.
//!
//! Written without the project's own stores, and into a mapping of its own, of the same length on the same file system.

use crate::measure::Failure;
use memmap2::{MmapMut, MmapOptions};
use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_sfence, _mm_stream_si128, _mm_stream_si64};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// A mapped file.
pub struct Mapped {
    map: MmapMut,
}

impl Mapped {
    /// A new file of `len` zeros, all of its pages present.
    pub fn create(path: &Path, len: usize) -> Result<Mapped, Failure> {
        let mut file = File::create_new(path)?;
        file.write_all(&vec![0; len])?;
        drop(file);
        let file = File::options().read(true).write(true).open(path)?;
        // SAFETY: the file was just created in a folder of this program's own, so nobody cuts it.
        let map = unsafe { MmapOptions::new().populate().map_mut(&file)? };
        Ok(Mapped { map })
    }

    /// Stores `bytes` at `at`, both multiples of 8, non-temporally.
    #[inline]
    pub fn stream(&mut self, at: usize, bytes: &[u8]) {
        let to = &mut self.map[at..at + bytes.len()];
        let start = to.as_mut_ptr();
        let mut done = 0;
        while done + 8 <= bytes.len() {
            // SAFETY: `done` and what is stored behind it are within `to`, and `to` is as long as `bytes`. The 16-byte
            // store is made only at addresses that are aligned to 16.
            unsafe {
                let (to, from) = (start.add(done), bytes.as_ptr().add(done));
                if (to as usize).is_multiple_of(16) && done + 16 <= bytes.len() {
                    let from: *const __m128i = from.cast();
                    _mm_stream_si128(to.cast(), _mm_loadu_si128(from));
                    done += 16;
                } else {
                    let from: *const i64 = from.cast();
                    _mm_stream_si64(to.cast(), from.read_unaligned());
                    done += 8;
                }
            }
        }
    }

    /// Waits until all stores so far are durable.
    #[inline]
    pub fn fence(&self) {
        // SAFETY: a fence changes nothing, and all x86-64 processors have it.
        unsafe { _mm_sfence() };
    }
}
