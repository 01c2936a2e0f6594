//! The floor of persistent memory: the same bytes, stored without a log.
//!
//! Written without the project's own stores, and into a mapping of its own, of the same length on the same file system.

use crate::measure::Failure;
use memmap2::{MmapMut, MmapOptions};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// The bytes of a word, which is the least that is stored.
const WORD: usize = 8;

/// The bytes of the widest store, which is at a multiple of them.
const BLOCK: usize = 16;

/// The bytes of a cache line, as many as are stored together.
const LINE: usize = 64;

/// A mapped file.
pub struct Mapped {
    map: MmapMut,
}

/// The word that the last bytes of a log end in: those bytes, and zeros behind them. Whoever appends next knows it, and
/// need not load it to store it whole.
#[derive(Clone, Copy, Default)]
pub struct Edge(u64);

impl Mapped {
    /// A new file of `len` zeros, all of its pages present. Some more follow, so that its last word is whole.
    pub fn create(path: &Path, len: usize) -> Result<Mapped, Failure> {
        let mut file = File::create_new(path)?;
        file.write_all(&vec![0; len.next_multiple_of(LINE)])?;
        drop(file);
        let file = File::options().read(true).write(true).open(path)?;
        // SAFETY: the file was just created in a folder of this program's own, so nobody cuts it.
        let map = unsafe { MmapOptions::new().populate().map_mut(&file)? };
        Ok(Mapped { map })
    }

    /// Stores `bytes` at `at`, non-temporally and in whole words. `edge` is that of the bytes before them, which the
    /// first word may hold too, and becomes that of these.
    #[inline]
    pub fn append(&mut self, at: usize, edge: &mut Edge, bytes: &[u8]) {
        let into = at % WORD;
        let mut rest = bytes;
        if into != 0 {
            let first;
            (first, rest) = bytes.split_at(bytes.len().min(WORD - into));
            let word = if bytes.len() >= WORD {
                load(bytes)
            } else {
                part(first)
            };
            edge.0 |= word << (8 * into);
            self.store_word(at - into, edge.0);
        }
        let (whole, last) = rest.split_at(rest.len() / WORD * WORD);
        let behind = at + bytes.len();
        self.store(behind - rest.len(), whole);
        if !last.is_empty() {
            edge.0 = if bytes.len() >= WORD {
                load(&bytes[bytes.len() - WORD..]) >> (8 * (WORD - last.len()))
            } else {
                part(last)
            };
            self.store_word(behind - last.len(), edge.0);
        }
    }

    /// Stores `bytes` at `at`, non-temporally. Both are multiples of 8.
    #[inline]
    pub fn store(&mut self, at: usize, bytes: &[u8]) {
        let to = &mut self.map[at..at + bytes.len()];
        let (mut to, mut from, mut len) = (to.as_mut_ptr(), bytes.as_ptr(), bytes.len());
        // SAFETY: `to` and `from` advance together through ranges of equal length, and each store follows a check that
        // as many bytes are left. The mapping begins at a page, so `to` is aligned to words; blocks are stored only
        // behind the word that aligns it to them.
        unsafe {
            if len >= WORD && !(to as usize).is_multiple_of(BLOCK) {
                store_word(to, from);
                (to, from, len) = (to.add(WORD), from.add(WORD), len - WORD);
            }
            while len >= LINE {
                for at in [0, 16, 32, 48] {
                    store_block(to.add(at), from.add(at));
                }
                (to, from, len) = (to.add(LINE), from.add(LINE), len - LINE);
            }
            while len >= BLOCK {
                store_block(to, from);
                (to, from, len) = (to.add(BLOCK), from.add(BLOCK), len - BLOCK);
            }
            if len >= WORD {
                store_word(to, from);
            }
        }
    }

    /// Stores a word at `at`, a multiple of 8, non-temporally.
    #[inline]
    pub fn store_word(&mut self, at: usize, word: u64) {
        self.store(at, &word.to_le_bytes());
    }

    /// Waits until all stores so far are durable.
    #[inline]
    pub fn fence(&self) {
        fence();
    }
}

/// The first word of `bytes`.
#[inline]
fn load(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk()
        .map_or(0, |word| u64::from_le_bytes(*word))
}

/// A word of less bytes than it has, and zeros behind them. Apart, since only what is cut in two by a ring's end is so
/// short.
#[cold]
fn part(bytes: &[u8]) -> u64 {
    let mut word = [0; WORD];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

#[cfg(target_arch = "x86_64")]
mod instructions {
    use std::arch::x86_64::{_mm_loadu_si128, _mm_sfence, _mm_stream_si128, _mm_stream_si64};

    /// # Safety
    /// `to` is aligned to 8 bytes; 8 bytes there are valid for writes, and 8 at `from` for reads.
    #[inline(always)]
    pub unsafe fn store_word(to: *mut u8, from: *const u8) {
        // SAFETY: the caller's promise.
        unsafe { _mm_stream_si64(to.cast(), from.cast::<i64>().read_unaligned()) };
    }

    /// # Safety
    /// `to` is aligned to 16 bytes; 16 bytes there are valid for writes, and 16 at `from` for reads.
    #[inline(always)]
    pub unsafe fn store_block(to: *mut u8, from: *const u8) {
        // SAFETY: the caller's promise; all x86-64 processors have the instruction.
        unsafe { _mm_stream_si128(to.cast(), _mm_loadu_si128(from.cast())) };
    }

    #[inline(always)]
    pub fn fence() {
        // SAFETY: a fence changes nothing, and all x86-64 processors have it.
        unsafe { _mm_sfence() };
    }
}

/// Elsewhere there are ordinary stores only, and no persistent memory.
#[cfg(not(target_arch = "x86_64"))]
mod instructions {
    use std::sync::atomic;

    /// # Safety
    /// `to` is aligned to 8 bytes; 8 bytes there are valid for writes, and 8 at `from` for reads.
    #[inline(always)]
    pub unsafe fn store_word(to: *mut u8, from: *const u8) {
        // SAFETY: the caller's promise. Volatile, so that it is not made of smaller stores, and is made at all.
        unsafe {
            to.cast::<u64>()
                .write_volatile(from.cast::<u64>().read_unaligned())
        };
    }

    /// # Safety
    /// `to` is aligned to 16 bytes; 16 bytes there are valid for writes, and 16 at `from` for reads.
    #[inline(always)]
    pub unsafe fn store_block(to: *mut u8, from: *const u8) {
        // SAFETY: the caller's promise, in two halves.
        unsafe {
            store_word(to, from);
            store_word(to.add(8), from.add(8));
        }
    }

    #[inline(always)]
    pub fn fence() {
        atomic::fence(atomic::Ordering::SeqCst);
    }
}

use instructions::{fence, store_block, store_word};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floors::Ring;

    const LEN: usize = 4_096;

    /// Appends of `size` bytes to a ring, which they go round twice; what is there then, and what is to be.
    fn appended(start: usize, capacity: usize, size: usize) -> (Vec<u8>, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let mut mapped = Mapped::create(&dir.path().join("mapped"), LEN).unwrap();
        let (mut ring, mut edge) = (Ring::new(start, capacity), Edge::default());
        let mut expected = vec![0; LEN];
        let mut appended = 0;
        while appended < 2 * capacity {
            let bytes: Vec<u8> = (0..size).map(|i| (appended + i) as u8 | 1).collect();
            let stored = ring.put(&bytes, |at, bytes| -> Result<(), Failure> {
                mapped.append(at, &mut edge, bytes);
                // The bytes behind are those of an earlier round, or were never stored. Whole words leave zeros there.
                let end = (at + bytes.len()).next_multiple_of(WORD);
                expected[at..end].fill(0);
                expected[at..at + bytes.len()].copy_from_slice(bytes);
                Ok(())
            });
            stored.unwrap();
            appended += size;
        }
        mapped.fence();
        (mapped.map.to_vec(), expected)
    }

    #[test]
    fn appends_of_every_length_leave_their_bytes_and_those_before_them() {
        for (start, capacity) in [(0, 1_024), (8, 1_032), (320, 3_008)] {
            for size in (1..300).chain([1_001]) {
                let (stored, expected) = appended(start, capacity, size);
                assert!(
                    stored == expected,
                    "appends of {size} bytes to {capacity} from {start} on"
                );
            }
        }
    }
}
