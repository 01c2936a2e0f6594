//! Records beside plain appends: a record carries its length and two CRCs, which cover what it holds and where it is.

use crate::logs::{self, Dax, LINE};
use crate::measure::{in_turn, time, Contender, Effort, Failure, Measurement, What};
use multilog::{MultiLog, Region, RECORD_OVERHEAD};
use std::hint::black_box;
use std::path::Path;

const CAPACITY: u64 = (4 << 20) + 3 * LINE as u64;

const SIZES: [usize; 2] = [64, 4 << 10];

const SAMPLES: u32 = 2_000;
const FILE_SAMPLES: u32 = 500;

/// What a record is compared with.
pub const PLAIN: &str = "plain append";

pub fn all(dax: Dax<'_>, files: &Path, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = Vec::new();
    let capacities = [CAPACITY];
    let samples = effort.samples(SAMPLES);
    for size in SIZES {
        let regions = [logs::memory(&capacities)?, logs::memory(&capacities)?];
        results.extend(compare("mem", regions, size, samples, 64)?);
        let dir = tempfile::tempdir_in(dax.dir)?;
        let create = |name| dax.create(&dir.path().join(name), &capacities);
        let regions = [create("records")?, create("plain")?];
        results.extend(compare("dax", regions, size, samples, 64)?);
        let dir = tempfile::tempdir_in(files)?;
        let create = |name| logs::file(&dir.path().join(name), &capacities);
        let regions = [create("records")?, create("plain")?];
        let samples = effort.samples(FILE_SAMPLES);
        results.extend(compare("file", regions, size, samples, 1)?);
    }
    Ok(results)
}

/// Durable records in the first region, and plain appends of the same payload in the second.
fn compare<R: Region>(
    path: &'static str,
    [records, plain]: [R; 2],
    size: usize,
    samples: usize,
    batch: u32,
) -> Result<Vec<Measurement>, Failure> {
    let payload = vec![0xa5; size];
    let bytes = payload.as_slice();
    let [ours, theirs] = in_turn(
        samples,
        batch,
        [
            commit(logs::many(records, &[CAPACITY])?, bytes, |logs, bytes| {
                Ok(logs.stage_append_record(0, bytes)?)
            }),
            commit(logs::many(plain, &[CAPACITY])?, bytes, |logs, bytes| {
                Ok(logs.stage_append(0, bytes)?)
            }),
        ],
    )?;
    let what = What {
        bench: "record",
        path,
        bytes: size as u64,
        logs: 1,
        changed: 1,
        threads: 1,
    };
    Ok(what.beside(&ours, [(PLAIN.to_string(), &theirs)]))
}

/// Commits of one append each.
fn commit<'a, R: Region + 'a>(
    mut logs: MultiLog<R>,
    bytes: &'a [u8],
    stage: impl Fn(&mut MultiLog<R>, &[u8]) -> Result<u64, Failure> + 'a,
) -> Contender<'a> {
    Box::new(move |batch| {
        let info = logs.info(0).ok_or("there is no log")?;
        if info.free < u64::from(batch) * (bytes.len() as u64 + RECORD_OVERHEAD) {
            logs.stage_advance_head(0, info.tail)?;
            logs.commit()?;
        }
        time(batch, || -> Result<(), Failure> {
            stage(&mut logs, black_box(bytes))?;
            Ok(logs.commit()?)
        })
    })
}
