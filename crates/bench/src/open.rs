//! Opening and checking, by the number of logs and by the length of the region.

use crate::logs::{self, Dax};
use crate::measure::{in_turn, time, Contender, Effort, Failure, Measurement, Times, What};
use multilog::layout::{JOURNAL_ADDR, JOURNAL_LINES};
use multilog::{AnyRegion, FileOptions, FileRegion, MultiLog, MAX_LOGS};
use std::fs::{self, File};
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;

const COUNTS: [u64; 3] = [1, 1_024, MAX_LOGS];
const SMALL: u64 = 1 << 20;
const LARGER: [u64; 2] = [64 << 20, 1 << 30];
const SAMPLES: u32 = 200;

/// Where a region is, and so by which device it is opened.
#[derive(Clone, Copy)]
enum Place<'a> {
    Dax(Dax<'a>),
    File(&'a Path),
}

pub fn all(dax: Dax<'_>, files: &Path, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = Vec::new();
    for place in [Place::Dax(dax), Place::File(files)] {
        for count in COUNTS {
            let samples = effort.samples(SAMPLES / (1 + count as u32 / 10_000));
            results.extend(beside_a_read(place, &vec![64; count as usize], samples)?);
        }
        results.extend(beside_a_read(place, &[SMALL], effort.samples(SAMPLES))?);
        results.extend(by_length(place, effort.samples(SAMPLES))?);
    }
    Ok(results)
}

/// What `open` reads of a region with so many logs: superblock, selector, and a journal.
fn metadata_len(logs: u64) -> Result<usize, Failure> {
    let rings = multilog::layout::place(&vec![1; logs as usize], JOURNAL_LINES);
    let rings = rings.ok_or("no region has room for such logs")?;
    let end = rings.first().ok_or("there are no logs")?.start;
    Ok((JOURNAL_ADDR + (end - JOURNAL_ADDR) / 2) as usize)
}

fn beside_a_read(
    place: Place<'_>,
    capacities: &[u64],
    samples: usize,
) -> Result<Vec<Measurement>, Failure> {
    let dir = place.scratch()?;
    let file = dir.path().join("logs");
    place.create(&file, capacities)?;
    let count = capacities.len() as u64;
    let contenders = [
        open(place, &file),
        check(place, &file),
        read(&file, metadata_len(count)?),
    ];
    let [open, check, reads] = in_turn(samples, 1, contenders)?;
    let row = |bench, times: &Times| -> Result<_, Failure> {
        let versus = READ.to_string();
        Ok(place
            .what(bench, &file, count)?
            .beside(times, [(versus, &reads)]))
    };
    let mut results = row("open", &open)?;
    results.extend(row("check", &check)?);
    Ok(results)
}

fn by_length(place: Place<'_>, samples: usize) -> Result<Vec<Measurement>, Failure> {
    let dir = place.scratch()?;
    let small = dir.path().join("small");
    place.create(&small, &[SMALL])?;
    let mut results = Vec::new();
    for len in LARGER {
        if !place.has_room(len)? {
            continue;
        }
        let large = dir.path().join(len.to_string());
        place.create(&large, &[len])?;
        let contenders = [
            open(place, &large),
            open(place, &small),
            check(place, &large),
            check(place, &small),
        ];
        let [open, open_small, check, check_small] = in_turn(samples, 1, contenders)?;
        for (bench, ours, theirs) in [
            ("open", &open, &open_small),
            ("check", &check, &check_small),
        ] {
            let versus = SHORT.to_string();
            let what = place.what(bench, &large, 1)?;
            results.extend(what.beside(ours, [(versus, theirs)]));
        }
        fs::remove_file(large)?;
    }
    Ok(results)
}

/// What opening and checking are compared with.
pub const READ: &str = "a read of as much metadata from the cache";

/// What a long region is compared with.
pub const SHORT: &str = "the same with 1 MiB";

impl Place<'_> {
    fn scratch(self) -> Result<tempfile::TempDir, Failure> {
        Ok(tempfile::tempdir_in(match self {
            Place::Dax(dax) => dax.dir,
            Place::File(dir) => dir,
        })?)
    }

    fn what(self, bench: &'static str, file: &Path, logs: u64) -> Result<What, Failure> {
        Ok(What {
            bench,
            path: match self {
                Place::Dax(_) => "dax",
                Place::File(_) => "file",
            },
            bytes: fs::metadata(file)?.len(),
            logs,
            changed: 0,
            threads: 1,
        })
    }

    /// Whether there is room for a region of so many bytes, which in a file is a hole.
    fn has_room(self, len: u64) -> Result<bool, Failure> {
        match self {
            Place::Dax(dax) => {
                let case = format!("open and check of {} MiB on dax", len >> 20);
                logs::has_room(dax.dir, len + SMALL, &case)
            }
            Place::File(_) => Ok(true),
        }
    }

    fn create(self, file: &Path, capacities: &[u64]) -> Result<(), Failure> {
        let region = match self {
            Place::Dax(dax) => AnyRegion::Dax(dax.create(file, capacities)?),
            Place::File(_) => {
                let len = logs::region_len(capacities)?;
                // Opening does not read what was never written.
                let sparse = FileOptions {
                    sparse: true,
                    ..FileOptions::default()
                };
                AnyRegion::File(FileRegion::create(file, len, &sparse)?)
            }
        };
        let mut logs = MultiLog::create(region, capacities)?;
        for log in 0..logs.log_count() {
            logs.stage_append(log, &log.to_le_bytes())?;
        }
        Ok(logs.commit()?)
    }

    /// The kernel is asked to drop a file's pages from its cache by this, and does: the logs are then opened from the medium.
    fn open(self, file: &Path) -> Result<AnyRegion, Failure> {
        Ok(match self {
            Place::File(_) => AnyRegion::File(FileRegion::open(file, &FileOptions::default())?),
            Place::Dax(dax) => AnyRegion::Dax(dax.open(file)?),
        })
    }
}

/// Opening the file and the logs in it, without closing them.
fn open<'a>(place: Place<'a>, file: &'a Path) -> Contender<'a> {
    Box::new(move |batch| {
        let mut opened = None;
        time(batch, || -> Result<(), Failure> {
            opened = Some(MultiLog::open(place.open(file)?)?);
            Ok(())
        })
    })
}

/// Checking open logs.
fn check<'a>(place: Place<'a>, file: &'a Path) -> Contender<'a> {
    Box::new(move |batch| {
        let logs = MultiLog::open(place.open(file)?)?;
        time(batch, || logs.check().map(drop))
    })
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
