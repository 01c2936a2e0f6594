//! What the logs are compared with: the same bytes, and a record of as many lines as a commit writes, made durable by
//! nothing but stores and a fence, or a write and a sync. Nothing could tell after a crash which of them are there.

use crate::mapped::{Edge, Mapped};
use crate::measure::{time, Contender, Failure};
use multilog::layout::{place, JOURNAL_ADDR, JOURNAL_LINES};
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The bytes of a cache line, of which a record has whole ones.
const LINE: usize = 64;

/// The floor on persistent memory: the bytes, a record, and one fence.
pub const ONE_FENCE: &str = "one-fence floor";

/// The floor in a file: the bytes and a record at one place, in one write, and one sync.
pub const ONE_SYNC: &str = "one-sync floor";

/// Positions in a part of a region that is reused, with the stride and the wrap-around of a log.
#[derive(Clone, Copy)]
pub struct Ring {
    start: usize,
    capacity: usize,
    at: usize,
}

impl Ring {
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

    /// Where so many bytes go as one piece: behind those of the call before, or at the start if they do not fit there.
    fn whole(&mut self, len: usize) -> usize {
        if self.at + len > self.capacity {
            self.at = 0;
        }
        let at = self.start + self.at;
        self.at += len;
        at
    }
}

/// How long the record of a commit is that changes so many logs: a header and a change for each, in whole lines.
pub fn record_len(changed: usize) -> usize {
    (32 + 32 * changed).next_multiple_of(LINE)
}

/// The records of commits, one behind the other, round and round where the log has its journals.
struct Records {
    place: Ring,
    record: Vec<u8>,
}

impl Records {
    /// Those of commits that change `changed` of `logs` logs, whose first ring begins at `end`.
    fn new(logs: usize, end: usize, changed: usize) -> Records {
        // The snapshot of the first journal is left alone.
        let start = JOURNAL_ADDR as usize + LINE * (1 + logs);
        Records {
            place: Ring::new(start, end - start),
            record: vec![0x5a; record_len(changed)],
        }
    }

    /// Where the next one goes, and what it is.
    #[inline]
    fn next(&mut self) -> (usize, &[u8]) {
        (self.place.whole(self.record.len()), &self.record)
    }
}

/// The floor for `appends` of `bytes` to one log.
pub fn stores<'a>(
    mut to: Mapped,
    capacity: u64,
    bytes: &'a [u8],
    appends: u32,
) -> Result<Contender<'a>, Failure> {
    let (mut rings, mut records) = places(&[capacity], 1)?;
    let (ring, edge) = &mut rings[0];
    let (mut ring, mut edge) = (*ring, *edge);
    Ok(Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            for _ in 0..appends {
                ring.put(black_box(bytes), |at, bytes| -> Result<(), Failure> {
                    to.append(at, &mut edge, bytes);
                    Ok(())
                })?;
            }
            let (at, record) = records.next();
            to.store(at, record);
            to.fence();
            Ok(())
        })
    }))
}

/// The floor for a commit that appends `bytes` to each of the first `changed` logs.
pub fn stores_to_many<'a>(
    mut to: Mapped,
    capacities: &[u64],
    changed: u64,
    bytes: &'a [u8],
) -> Result<Contender<'a>, Failure> {
    let (mut rings, mut records) = places(capacities, changed as usize)?;
    Ok(Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            for (ring, edge) in &mut rings {
                ring.put(black_box(bytes), |at, bytes| -> Result<(), Failure> {
                    to.append(at, edge, bytes);
                    Ok(())
                })?;
            }
            let (at, record) = records.next();
            to.store(at, record);
            to.fence();
            Ok(())
        })
    }))
}

/// The first `changed` rings of logs of these capacities, and where the records of commits go that change them.
fn places(capacities: &[u64], changed: usize) -> Result<(Vec<(Ring, Edge)>, Records), Failure> {
    let places = place(capacities, JOURNAL_LINES).ok_or("no region has room for such logs")?;
    let end = places.first().ok_or("there are no logs")?.start as usize;
    let ring = |place: &pmem::ring::Ring| {
        let ring = Ring::new(place.start as usize, place.capacity as usize);
        (ring, Edge::default())
    };
    let rings: Vec<_> = places.iter().take(changed).map(ring).collect();
    let records = Records::new(places.len(), end, rings.len());
    Ok((rings, records))
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

/// The floor in a file for a commit that appends `bytes` to each of `changed` logs, in a file that is as long as theirs, and
/// was written before.
pub fn sync<'a>(
    path: &Path,
    capacities: &[u64],
    changed: u64,
    bytes: &[u8],
) -> Result<Contender<'a>, Failure> {
    let len = crate::logs::region_len(capacities)? as usize;
    let file = File::create_new(path)?;
    file.write_all_at(&vec![0; len], 0)?;
    file.sync_all()?;
    let changed = changed as usize;
    let written = vec![0x5a; bytes.len() * changed + record_len(changed)];
    let mut place = Ring::new(0, len);
    Ok(Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            let at = place.whole(written.len()) as u64;
            file.write_all_at(black_box(&written), at)?;
            Ok(file.sync_data()?)
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_is_one_line_and_records_are_whole_lines() {
        assert_eq!([1, 2, 3, 256].map(record_len), [64, 128, 128, 8_256]);
    }

    #[test]
    fn records_stay_between_the_snapshot_and_the_rings() {
        let capacities = [64; 200];
        let (rings, mut records) = places(&capacities, 200).unwrap();
        let (start, end) = (JOURNAL_ADDR as usize + LINE * 201, rings[0].0.start);
        for _ in 0..100 {
            let (at, record) = records.next();
            assert!(start <= at && at + record.len() <= end);
        }
    }
}
