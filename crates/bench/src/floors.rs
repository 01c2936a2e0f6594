//! What the logs are compared with: the same bytes in the same places, made durable by nothing but stores and fences, or
//! writes and syncs. Nothing could tell after a crash which of them are there.

use crate::logs::LINE;
use crate::mapped::Mapped;
use crate::measure::{time, Contender, Failure};
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The metadata of one log, which comes before its bytes: superblock, directory and table.
pub const METADATA: usize = 4 * LINE;

/// Where the word is stored that makes the bytes count, in the line behind the superblock.
const WORD: usize = LINE;

/// Where a table's entry is stored.
const ENTRY: usize = 160;

/// The length of a table's entry.
const ENTRY_LEN: usize = 32;

/// Positions in a part of a region that is reused, with the stride and the wrap-around of a log.
#[derive(Clone, Copy)]
pub struct Ring {
    start: usize,
    capacity: usize,
    at: usize,
}

impl Ring {
    /// The ring of the only log in a region.
    pub fn only(capacity: u64) -> Ring {
        Ring::new(METADATA, capacity as usize)
    }

    pub fn new(start: usize, capacity: usize) -> Ring {
        let at = 0;
        Ring {
            start,
            capacity,
            at,
        }
    }

    /// Puts `bytes` behind those of the call before, by `store`, in two pieces where the ring ends.
    #[inline]
    pub fn put<E>(
        &mut self,
        bytes: &[u8],
        mut store: impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (first, second) = bytes.split_at(bytes.len().min(self.capacity - self.at));
        store(self.start + self.at, first)?;
        if !second.is_empty() {
            store(self.start, second)?;
        }
        self.at += bytes.len();
        if self.at >= self.capacity {
            self.at -= self.capacity;
        }
        Ok(())
    }
}

/// Which floor.
#[derive(Clone, Copy, PartialEq)]
pub enum Floor {
    /// The bytes, a fence, a word that makes them count, a fence.
    TwoFences,
    /// The bytes, the word, and one fence: what a log would cost that recognizes torn bytes by a checksum.
    OneFence,
    /// The bytes and as many lines of metadata as the log writes; a fence, the word, a fence.
    SameLines,
}

impl Floor {
    pub fn name(self) -> String {
        match self {
            Floor::TwoFences => "two-fence floor",
            Floor::OneFence => "one-fence floor",
            Floor::SameLines => "two-fence floor of as many lines",
        }
        .to_string()
    }
}

/// `floor` for `appends` of `bytes` to one log.
pub fn stores<'a>(
    mut to: Mapped,
    floor: Floor,
    capacity: u64,
    bytes: &'a [u8],
    appends: u32,
) -> Contender<'a> {
    let mut ring = Ring::only(capacity);
    let mut count = 0u64;
    Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            for _ in 0..appends {
                ring.put(black_box(bytes), |at, bytes| -> Result<(), Failure> {
                    to.stream(at, bytes);
                    Ok(())
                })?;
            }
            count += 1;
            if floor == Floor::SameLines {
                let copy = count as usize % 2 * ENTRY_LEN;
                to.stream(ENTRY + copy, &[count as u8; ENTRY_LEN]);
            }
            if floor != Floor::OneFence {
                to.fence();
            }
            to.stream(WORD, &count.to_le_bytes());
            to.fence();
            Ok(())
        })
    })
}

/// The floor of as many lines for a commit that appends `bytes` to each of `changed` logs.
pub fn stores_to_many<'a>(
    mut to: Mapped,
    capacities: &[u64],
    changed: u64,
    bytes: &'a [u8],
) -> Contender<'a> {
    let logs = capacities.len();
    let copies = [2 * LINE + logs * ENTRY_LEN, 2 * LINE + 2 * logs * ENTRY_LEN];
    let mut start = (2 * LINE + 3 * logs * ENTRY_LEN).next_multiple_of(LINE);
    let mut rings = Vec::new();
    for capacity in &capacities[..changed as usize] {
        rings.push(Ring::new(start, *capacity as usize));
        start += *capacity as usize;
    }
    let entries = vec![0x5a; ENTRY_LEN * changed as usize];
    let mut count = 0u64;
    Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            for ring in &mut rings {
                ring.put(black_box(bytes), |at, bytes| -> Result<(), Failure> {
                    to.stream(at, bytes);
                    Ok(())
                })?;
            }
            count += 1;
            to.stream(copies[count as usize % 2], &entries);
            to.fence();
            to.stream(WORD, &count.to_le_bytes());
            to.fence();
            Ok(())
        })
    })
}

/// A plain copy into memory: what no log can do without, durable or not.
pub fn plain_copy<'a>(capacity: u64, bytes: &'a [u8]) -> Contender<'a> {
    let mut ring = Ring::new(0, capacity as usize);
    let mut to = vec![0; capacity as usize];
    Box::new(move |batch| {
        time(batch, || {
            ring.put(black_box(bytes), |at, bytes| -> Result<(), Failure> {
                to[at..at + bytes.len()].copy_from_slice(bytes);
                black_box(to.as_mut_ptr());
                Ok(())
            })
        })
    })
}

/// The bytes and, unless it is one sync only, a word, each written to a file and synced. The file was written before.
pub fn syncs<'a>(
    path: &Path,
    syncs: u32,
    capacity: u64,
    bytes: &'a [u8],
) -> Result<Contender<'a>, Failure> {
    let file = File::create_new(path)?;
    file.write_all_at(&vec![0; METADATA + capacity as usize], 0)?;
    file.sync_all()?;
    let mut ring = Ring::only(capacity);
    Ok(Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            ring.put(black_box(bytes), |at, bytes| {
                file.write_all_at(bytes, at as u64)
            })?;
            file.sync_data()?;
            for _ in 1..syncs {
                file.write_all_at(&bytes[..8], WORD as u64)?;
                file.sync_data()?;
            }
            Ok(())
        })
    }))
}
