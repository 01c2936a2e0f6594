//! Ways to make one record durable in a file: what commits with one flush cost, and what those with two do.

use crate::measure::{all_in_turn, time, Contender, Effort, Failure, Measurement, Times, What};
use pmem::{FileOptions, FileRegion, Region};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The length of a record.
const RECORD: u64 = 64;

/// What goes past the page cache at once.
const BLOCK: u64 = 4096;

/// Where records go, one behind the other, round and round: so many bytes from the second block on.
const JOURNAL: u64 = 1 << 20;

/// Where their bytes go as well, as long.
const RING: u64 = BLOCK + JOURNAL;

const LEN: u64 = RING + JOURNAL;

const SAMPLES: u32 = 2_000;

/// Where the next record goes.
#[derive(Default)]
struct Place {
    count: u64,
    /// The bytes of the block that it lies in.
    block: Vec<u8>,
}

impl Place {
    /// How far from the beginning, and the record itself.
    fn next(&mut self) -> (u64, [u8; RECORD as usize]) {
        let at = self.count * RECORD % JOURNAL;
        self.count += 1;
        (at, [self.count as u8; RECORD as usize])
    }

    /// Where the record's block begins, and the block.
    fn block(&mut self, (at, record): (u64, [u8; RECORD as usize])) -> (u64, &[u8]) {
        let within = (at % BLOCK) as usize;
        if within == 0 {
            self.block = vec![0; BLOCK as usize];
        }
        self.block[within..within + RECORD as usize].copy_from_slice(&record);
        (BLOCK + at - at % BLOCK, &self.block)
    }
}

pub fn in_file(dir: &Path, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let path = |name| dir.join(name);
    let contenders = vec![
        durable_write(&path("block"), true, false)?,
        durable_write(&path("record"), false, false)?,
        durable_write(&path("block-ring"), true, true)?,
        durable_write(&path("record-ring"), false, true)?,
        syncs(&path("one"), 1)?,
        syncs(&path("two"), 2)?,
    ];
    let times = all_in_turn(effort.samples(SAMPLES), 1, contenders)?;
    let [block, record, block_ring, record_ring, one, two] = &times[..] else {
        return Err("some were not timed".into());
    };
    let what = |bytes| What {
        bench: "durable-write",
        path: "file",
        bytes,
        logs: 1,
        changed: 1,
        threads: 1,
    };
    let beside = |bytes, ours: &Times, with_ring: &Times| {
        let theirs = [
            ("a write and a sync", one),
            ("two places, a sync, a third, a sync", two),
            ("the same and a write elsewhere", with_ring),
        ];
        what(bytes).beside(ours, theirs.map(|(name, times)| (name.to_string(), times)))
    };
    Ok([
        beside(BLOCK, block, block_ring),
        beside(RECORD, record, record_ring),
    ]
    .concat())
}

/// A durable write of the record, or of the block in which it lies; perhaps after a write to the ring that nobody waits for.
fn durable_write<'a>(path: &Path, block: bool, ring: bool) -> Result<Contender<'a>, Failure> {
    let mut region = FileRegion::create(path, LEN, &FileOptions::default())?;
    let mut place = Place::default();
    Ok(Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            let (at, record) = place.next();
            if ring {
                region.write(RING + at, &record)?;
            }
            if block {
                let (start, block) = place.block((at, record));
                region.write_durably(start, block)?;
            } else {
                region.write_durably(BLOCK + at, &record)?;
            }
            Ok(())
        })
    }))
}

/// The record written and synced; with two syncs an entry too before the first one, and a word before the second, as
/// commits with two flushes write.
fn syncs<'a>(path: &Path, syncs: u32) -> Result<Contender<'a>, Failure> {
    let file = File::create_new(path)?;
    file.write_all_at(&vec![0; LEN as usize], 0)?;
    file.sync_all()?;
    let mut place = Place::default();
    Ok(Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            let (at, record) = place.next();
            file.write_all_at(&record, RING + at)?;
            if syncs == 2 {
                file.write_all_at(&record[..32], BLOCK)?;
            }
            file.sync_data()?;
            if syncs == 2 {
                file.write_all_at(&record[..8], RECORD)?;
                file.sync_data()?;
            }
            Ok(())
        })
    }))
}
