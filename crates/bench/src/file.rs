//! Append and commit in a file. Both of what it is compared with survive a power cut, as it does, in a file of the same
//! size on the same file system that was written before:
//! - the two-sync floor, the least that two flushes cost: twice a `pwrite` and an `fdatasync`;
//! - the same three writes: of the bytes and, elsewhere, of the metadata, a sync, of the selector, a sync.

use crate::measure::{in_turn, time, Effort, Measurement};
use multilog::{FileOptions, FileRegion, MultiLog};
use std::error::Error;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

const CAPACITY: u64 = 1 << 20;
const LARGEST: usize = 64 << 10;
const SIZES: [usize; 3] = [64, 4 << 10, LARGEST];

/// The metadata of one log, which comes before its bytes.
const METADATA: u64 = 320;

const SAMPLES: u32 = 1_000;

/// What append and commit are compared with.
#[derive(Clone, Copy)]
enum Floor {
    TwoSyncs,
    SameWrites,
}

pub fn append(dir: &Path, effort: &Effort) -> Result<Vec<Measurement>, Box<dyn Error>> {
    let samples = effort.samples(SAMPLES);
    let mut results = Vec::new();
    for floor in [Floor::TwoSyncs, Floor::SameWrites] {
        for size in SIZES {
            results.push(of_size(size, floor, dir, samples)?);
        }
    }
    Ok(results)
}

fn of_size(
    size: usize,
    floor: Floor,
    dir: &Path,
    samples: usize,
) -> Result<Measurement, Box<dyn Error>> {
    let bytes = vec![0xa5; size];
    let dir = tempfile::tempdir_in(dir)?;
    let mut logs = new_logs(&dir.path().join("log"))?;
    let file = written_file(&dir.path().join("floor"))?;
    let mut failure = None;
    let mut at = 0;
    let ours = |_| {
        let room = make_room(&mut logs, size as u64);
        time(|| {
            let appended = room.and_then(|()| append_and_commit(&mut logs, &bytes));
            failure = failure.take().or(appended.err());
        })
    };
    let theirs = |_| {
        at = (at + size as u64) % CAPACITY;
        time(|| match floor {
            Floor::TwoSyncs => {
                write(&file, &bytes, METADATA + at);
                sync(&file);
                write(&file, &bytes[..8], METADATA + at);
                sync(&file);
            }
            Floor::SameWrites => {
                write(&file, &bytes, METADATA + at);
                write(&file, &bytes[..32], 192);
                sync(&file);
                write(&file, &bytes[..8], 64);
                sync(&file);
            }
        })
    };
    let (ours, theirs) = in_turn(samples, 1, ours, theirs);
    if let Some(failure) = failure {
        return Err(failure);
    }
    Ok(Measurement {
        bench: "append",
        path: "file",
        bytes: size as u64,
        logs: 1,
        changed: 1,
        threads: 1,
        ns: ours.median(),
        p99_ns: ours.p99(),
        versus: match floor {
            Floor::TwoSyncs => "two-sync floor",
            Floor::SameWrites => "the same three writes",
        },
        ratio: ours.median() / theirs.median(),
    })
}

fn new_logs(path: &Path) -> Result<MultiLog<FileRegion>, Box<dyn Error>> {
    let capacities = [CAPACITY];
    let len = multilog::required_len(&capacities).ok_or("no such capacities")?;
    let region = FileRegion::create(path, len, &FileOptions::default())?;
    Ok(MultiLog::create(region, &capacities)?)
}

fn append_and_commit(logs: &mut MultiLog<FileRegion>, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    logs.stage_append(0, bytes)?;
    Ok(logs.commit()?)
}

fn make_room(logs: &mut MultiLog<FileRegion>, needed: u64) -> Result<(), Box<dyn Error>> {
    let info = logs.info(0).ok_or("no such log")?;
    if info.free < needed {
        logs.stage_advance_head(0, info.tail)?;
        logs.commit()?;
    }
    Ok(())
}

/// A file that was written, not only allocated: the syncs of one merely allocated take longer.
fn written_file(path: &Path) -> Result<File, Box<dyn Error>> {
    let file = File::create(path)?;
    file.write_all_at(&vec![0; (METADATA + CAPACITY) as usize + LARGEST], 0)?;
    file.sync_all()?;
    Ok(file)
}

fn write(file: &File, bytes: &[u8], at: u64) {
    file.write_all_at(bytes, at)
        .expect("the floor's file can be written");
}

fn sync(file: &File) {
    file.sync_data().expect("the floor's file can be synced");
}
