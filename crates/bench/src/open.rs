//! Opening and checking, by the number of logs and by the length of the region.

use crate::logs;
use crate::measure::{in_turn, time, Contender, Effort, Failure, Measurement, Times, What};
use multilog::{
    DaxOptions, DaxRegion, Durability, FileOptions, FileRegion, MultiLog, Region, MAX_LOGS,
};
use std::fs::{self, File};
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;

const COUNTS: [u64; 3] = [1, 1_024, MAX_LOGS];
const SMALL: u64 = 1 << 20;
const LARGE: u64 = 1 << 30;
const SAMPLES: u32 = 200;

pub fn all(dax_dir: &Path, file_dir: &Path, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let samples = effort.samples(SAMPLES);
    let mut results = Vec::new();
    for count in COUNTS {
        let samples = samples / (1 + count as usize / 10_000);
        results.extend(by_count("dax", dax_dir, count, samples)?);
        results.extend(by_count("file", file_dir, count, samples)?);
    }
    results.extend(by_length("dax", dax_dir, samples)?);
    results.extend(by_length("file", file_dir, samples)?);
    Ok(results)
}

/// What `open` reads of a region with so many logs: superblock, selector, directory, and a copy of the table.
fn metadata_len(logs: u64) -> usize {
    128 + 2 * 32 * logs as usize
}

fn by_count(
    path: &'static str,
    dir: &Path,
    count: u64,
    samples: usize,
) -> Result<Vec<Measurement>, Failure> {
    let dir = tempfile::tempdir_in(dir)?;
    let file = dir.path().join("logs");
    let capacities = vec![64; count as usize];
    create(path, &file, &capacities)?;
    let len = fs::metadata(&file)?.len();
    let [open, check, reads] = in_turn(
        samples,
        1,
        [
            open(path, &file),
            check(path, &file),
            read(&file, metadata_len(count)),
        ],
    )?;
    let versus = "a read of as much metadata from the cache";
    let row = |bench, times: &Times| {
        what(bench, path, len, count).beside(times, [(versus.to_string(), &reads)])
    };
    let mut results = row("open", &open);
    results.extend(row("check", &check));
    Ok(results)
}

fn by_length(path: &'static str, dir: &Path, samples: usize) -> Result<Vec<Measurement>, Failure> {
    let dir = tempfile::tempdir_in(dir)?;
    let (small, large) = (dir.path().join("small"), dir.path().join("large"));
    create(path, &small, &[SMALL])?;
    create(path, &large, &[LARGE])?;
    let [ours, theirs] = in_turn(samples, 1, [open(path, &large), open(path, &small)])?;
    let versus = "the same with 1 MiB".to_string();
    let len = fs::metadata(&large)?.len();
    Ok(what("open", path, len, 1).beside(&ours, [(versus, &theirs)]))
}

fn what(bench: &'static str, path: &'static str, bytes: u64, logs: u64) -> What {
    What {
        bench,
        path,
        bytes,
        logs,
        changed: 0,
        threads: 1,
    }
}

fn create(path: &str, file: &Path, capacities: &[u64]) -> Result<(), Failure> {
    if path == "dax" {
        return fill(logs::dax(file, capacities)?, capacities);
    }
    let len = logs::region_len(capacities)?;
    // Opening does not read what was never written.
    let sparse = FileOptions {
        sparse: true,
        ..FileOptions::default()
    };
    fill(FileRegion::create(file, len, &sparse)?, capacities)
}

fn fill<R: Region>(region: R, capacities: &[u64]) -> Result<(), Failure> {
    let mut logs = MultiLog::create(region, capacities)?;
    for log in 0..logs.log_count() {
        logs.stage_append(log, &log.to_le_bytes())?;
    }
    Ok(logs.commit()?)
}

/// Opening the file and the logs in it, without closing them. A file's pages are dropped from the cache by that: it is
/// from the medium.
fn open<'a>(path: &str, file: &'a Path) -> Contender<'a> {
    match path {
        "dax" => Box::new(move |_| {
            let mut opened = None;
            time(1, || -> Result<(), Failure> {
                opened = Some(MultiLog::open(open_dax(file)?)?);
                Ok(())
            })
        }),
        _ => Box::new(move |_| {
            let mut opened = None;
            time(1, || -> Result<(), Failure> {
                let region = FileRegion::open(file, &FileOptions::default())?;
                opened = Some(MultiLog::open(region)?);
                Ok(())
            })
        }),
    }
}

/// Checking open logs. The time of opening them is not in it.
fn check<'a>(path: &str, file: &'a Path) -> Contender<'a> {
    match path {
        "dax" => Box::new(move |batch| {
            let logs = MultiLog::open(open_dax(file)?)?;
            time(batch, || logs.check())
        }),
        _ => Box::new(move |batch| {
            let logs = MultiLog::open(FileRegion::open(file, &FileOptions::default())?)?;
            time(batch, || logs.check())
        }),
    }
}

fn open_dax(file: &Path) -> Result<DaxRegion, Failure> {
    let options = DaxOptions::default();
    if let Ok(region) = DaxRegion::open(file, &options) {
        return Ok(region);
    }
    let region = DaxRegion::open(
        file,
        &DaxOptions {
            survive_process_crash_only: true,
            ..options
        },
    )?;
    debug_assert_eq!(region.durability(), Durability::ProcessCrash);
    Ok(region)
}

fn read(file: &Path, len: usize) -> Contender<'_> {
    Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            let mut bytes = vec![0; len];
            File::open(file)?.read_exact_at(&mut bytes, 0)?;
            black_box(bytes);
            Ok(())
        })
    })
}
