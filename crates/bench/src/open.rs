//! Opening and checking, by the number of logs and by the length of the region.

use crate::logs::{self, Dax};
use crate::measure::{in_turn, time, Contender, Effort, Failure, Measurement, Times, What};
use multilog::{AnyRegion, DaxOptions, DaxRegion, FileOptions, FileRegion, MultiLog, MAX_LOGS};
use std::fs::{self, File};
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;

const COUNTS: [u64; 3] = [1, 1_024, MAX_LOGS];
const SMALL: u64 = 1 << 20;
const LARGE: u64 = 1 << 30;
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
            let samples = effort.samples(SAMPLES) / (1 + count as usize / 10_000);
            results.extend(by_count(place, count, samples)?);
        }
        results.extend(by_length(place, effort.samples(SAMPLES))?);
    }
    Ok(results)
}

/// What `open` reads of a region with so many logs: superblock, selector, directory, and a copy of the table.
fn metadata_len(logs: u64) -> usize {
    128 + 2 * 32 * logs as usize
}

fn by_count(place: Place<'_>, count: u64, samples: usize) -> Result<Vec<Measurement>, Failure> {
    let dir = place.scratch()?;
    let file = dir.path().join("logs");
    place.create(&file, &vec![64; count as usize])?;
    let contenders = [
        open(place, &file),
        check(place, &file),
        read(&file, metadata_len(count)),
    ];
    let [open, check, reads] = in_turn(samples, 1, contenders)?;
    let row = |bench, times: &Times| -> Result<_, Failure> {
        let versus = "a read of as much metadata from the cache".to_string();
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
    let (small, large) = (dir.path().join("small"), dir.path().join("large"));
    place.create(&small, &[SMALL])?;
    place.create(&large, &[LARGE])?;
    let [ours, theirs] = in_turn(samples, 1, [open(place, &large), open(place, &small)])?;
    let versus = "the same with 1 MiB".to_string();
    Ok(place
        .what("open", &large, 1)?
        .beside(&ours, [(versus, &theirs)]))
}

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

    /// A file's pages are dropped from the cache by this: the logs are then opened from the medium.
    fn open(self, file: &Path) -> Result<AnyRegion, Failure> {
        let options = DaxOptions::default();
        Ok(match self {
            Place::File(_) => AnyRegion::File(FileRegion::open(file, &FileOptions::default())?),
            Place::Dax(_) => AnyRegion::Dax(DaxRegion::open(file, &options).or_else(|_| {
                let survive_process_crash_only = true;
                DaxRegion::open(
                    file,
                    &DaxOptions {
                        survive_process_crash_only,
                        ..options
                    },
                )
            })?),
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
        time(batch, || logs.check())
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
