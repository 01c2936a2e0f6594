//! Opening as many logs as a region holds: as a program does it, from the medium, since opening a file drops its cached
//! pages; and the part of it that the logs are, with the pages back in the cache, against reading the same metadata.

use crate::measure::{in_turn, time, Effort, Measurement};
use multilog::{FileOptions, FileRegion, MultiLog, MAX_LOGS};
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

const SAMPLES: u32 = 40;

/// What of the file `open` reads: the superblock, the selector, the directory and one copy of the table.
const READ: u64 = 128 + 2 * 32 * MAX_LOGS;

pub fn many_logs(dir: &Path, effort: &Effort) -> Result<Vec<Measurement>, Box<dyn Error>> {
    let path = dir.join("many-logs");
    create(&path)?;
    let samples = effort.samples(SAMPLES);
    Ok(vec![
        measure("a read from the medium", samples, &path, false),
        measure("a read from the cache", samples, &path, true),
    ])
}

fn create(path: &Path) -> Result<(), Box<dyn Error>> {
    let capacities = vec![64; MAX_LOGS as usize];
    let len = multilog::required_len(&capacities).ok_or("no such capacities")?;
    let region = FileRegion::create(path, len, &FileOptions::default())?;
    let mut logs = MultiLog::create(region, &capacities)?;
    for log in 0..MAX_LOGS {
        logs.stage_append(log, &log.to_le_bytes())?;
    }
    Ok(logs.commit()?)
}

/// Opens the logs, with the pages in the cache or as [`FileRegion::open`] leaves them.
fn measure(versus: &'static str, samples: usize, path: &Path, warm: bool) -> Measurement {
    let ours = |_| -> Duration {
        if !warm {
            return time(|| {
                black_box(MultiLog::open(region(path)).expect("the logs are there"));
            });
        }
        let region = region(path);
        read(path);
        time(|| {
            black_box(MultiLog::open(region).expect("the logs are there"));
        })
    };
    let theirs = |_| -> Duration {
        if !warm {
            return time(|| {
                region(path);
                read(path);
            });
        }
        read(path);
        time(|| read(path))
    };
    let (ours, theirs) = in_turn(samples, 1, ours, theirs);
    Measurement {
        bench: "open",
        path: "file",
        bytes: 0,
        logs: MAX_LOGS,
        changed: 0,
        threads: 1,
        ns: ours.median(),
        p99_ns: ours.p99(),
        versus,
        ratio: ours.median() / theirs.median(),
    }
}

fn region(path: &Path) -> FileRegion {
    FileRegion::open(path, &FileOptions::default()).expect("the file is there")
}

/// Reads as many bytes as `open` does.
fn read(path: &Path) {
    let mut bytes = vec![0; READ as usize];
    let file = File::open(path).expect("the file is there");
    file.read_exact_at(&mut bytes, 0)
        .expect("the file is long enough");
    black_box(bytes);
}
