//! What the logs are compared with: the same bytes in the same places, made durable by nothing but stores and fences, or
//! writes and syncs. Nothing could tell after a crash which of them are there.

use crate::mapped::{Edge, Mapped};
use crate::measure::{time, Contender, Failure};
use multilog::layout::{data_start, place, table_layout, NO_ID, SELECTOR_ADDR};
use multilog::MAX_LOGS;
use pmem::trusted::region::CODEWORD;
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Where the word is stored that makes the bytes count.
const WORD: usize = SELECTOR_ADDR as usize;

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
        Ring::new(data_start(1) as usize, capacity as usize)
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

/// The floor in a file: the bytes and a word, each written and synced.
pub const TWO_SYNCS: &str = "two-sync floor";

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
            Floor::SameLines => "floor of as many lines",
        }
        .to_string()
    }
}

/// The metadata of so many logs, in which the floors of as many lines store too.
struct Metadata {
    /// Where the copies of the table's entries are, which are written alternately.
    copies: [usize; 2],
    /// The entries of as many logs as change, one behind the other.
    entries: Vec<u8>,
    /// How often they were written.
    count: u64,
}

impl Metadata {
    fn new(logs: usize, changed: usize) -> Metadata {
        assert!((1..=MAX_LOGS as usize).contains(&logs), "{logs} logs");
        let layout = table_layout(NO_ID, logs as u64);
        Metadata {
            copies: [layout.copy_a as usize, layout.copy_b as usize],
            entries: vec![0x5a; CODEWORD as usize * changed],
            count: 0,
        }
    }

    /// Where the entries go this time, and what they are.
    #[inline]
    fn step(&mut self) -> (usize, &[u8]) {
        self.count += 1;
        (self.copies[self.count as usize % 2], &self.entries)
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
    let mut edge = Edge::default();
    let mut metadata = Metadata::new(1, 1);
    let mut count = 0u64;
    Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            for _ in 0..appends {
                ring.put(black_box(bytes), |at, bytes| -> Result<(), Failure> {
                    to.append(at, &mut edge, bytes);
                    Ok(())
                })?;
            }
            if floor == Floor::SameLines {
                let (at, entries) = metadata.step();
                to.store(at, entries);
            }
            if floor != Floor::OneFence {
                to.fence();
            }
            count += 1;
            to.store_word(WORD, count);
            to.fence();
            Ok(())
        })
    })
}

/// The floor of as many lines for a commit that appends `bytes` to each of the first `changed` logs.
pub fn stores_to_many<'a>(
    mut to: Mapped,
    capacities: &[u64],
    changed: u64,
    bytes: &'a [u8],
) -> Result<Contender<'a>, Failure> {
    let mut rings = rings(capacities, changed)?;
    let mut metadata = Metadata::new(capacities.len(), rings.len());
    let mut count = 0u64;
    Ok(Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            for (ring, edge) in &mut rings {
                ring.put(black_box(bytes), |at, bytes| -> Result<(), Failure> {
                    to.append(at, edge, bytes);
                    Ok(())
                })?;
            }
            let (at, entries) = metadata.step();
            to.store(at, entries);
            to.fence();
            count += 1;
            to.store_word(WORD, count);
            to.fence();
            Ok(())
        })
    }))
}

/// The first `changed` rings of logs of these capacities.
fn rings(capacities: &[u64], changed: u64) -> Result<Vec<(Ring, Edge)>, Failure> {
    let places = place(capacities).ok_or("no region has room for such logs")?;
    let ring = |place: &pmem::ring::Ring| {
        let ring = Ring::new(place.start as usize, place.capacity as usize);
        (ring, Edge::default())
    };
    Ok(places.iter().take(changed as usize).map(ring).collect())
}

/// A plain copy into memory: what no log can do without, durable or not.
pub fn plain_copy<'a>(capacity: u64, bytes: &'a [u8]) -> Contender<'a> {
    let mut ring = Ring::new(0, capacity as usize);
    // Not of zeros, whose pages would be present only once they are written to.
    let mut to = vec![1; capacity as usize];
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
    let file = written(path, data_start(1) + capacity)?;
    let mut ring = Ring::only(capacity);
    let mut count = 0u64;
    Ok(Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            ring.put(black_box(bytes), |at, bytes| {
                file.write_all_at(bytes, at as u64)
            })?;
            file.sync_data()?;
            count += 1;
            for _ in 1..syncs {
                file.write_all_at(&count.to_le_bytes(), SELECTOR_ADDR)?;
                file.sync_data()?;
            }
            Ok(())
        })
    }))
}

/// The same for a commit that appends `bytes` to each of the first `changed` logs, with as many bytes of metadata as the
/// logs write, and two syncs.
pub fn syncs_to_many<'a>(
    path: &Path,
    capacities: &[u64],
    changed: u64,
    bytes: &'a [u8],
) -> Result<Contender<'a>, Failure> {
    let file = written(path, crate::logs::region_len(capacities)?)?;
    let mut rings = rings(capacities, changed)?;
    let mut metadata = Metadata::new(capacities.len(), rings.len());
    let mut count = 0u64;
    Ok(Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            for (ring, _) in &mut rings {
                ring.put(black_box(bytes), |at, bytes| {
                    file.write_all_at(bytes, at as u64)
                })?;
            }
            let (at, entries) = metadata.step();
            file.write_all_at(entries, at as u64)?;
            file.sync_data()?;
            count += 1;
            file.write_all_at(&count.to_le_bytes(), SELECTOR_ADDR)?;
            file.sync_data()?;
            Ok(())
        })
    }))
}

/// A new file of so many bytes, written and synced.
fn written(path: &Path, len: u64) -> Result<File, Failure> {
    let file = File::create_new(path)?;
    file.write_all_at(&vec![0; len as usize], 0)?;
    file.sync_all()?;
    Ok(file)
}
