//! Commits of some among many logs: 64 bytes are appended to each that changes.

use crate::floors::{self, record_len, ONE_FENCE, ONE_SYNC};
use crate::logs::{self, Dax, LINE};
use crate::mapped::Mapped;
use crate::measure::{all_in_turn, time, Contender, Effort, Failure, Measurement, Times, What};
use multilog::{MultiLog, Region};
use std::hint::black_box;
use std::path::Path;

/// How many logs there are, and how many of them a commit changes. Commits of the only log there is are measured by size,
/// beside its appends.
const CASES: [(u64, u64); 8] = [
    (8, 1),
    (8, 8),
    (256, 1),
    (256, 8),
    (256, 256),
    (4_096, 1),
    (4_096, 8),
    (4_096, 4_096),
];

const FILE_CASES: [(u64, u64); 5] = [(8, 1), (8, 8), (256, 1), (256, 8), (256, 256)];

/// How many commits are timed together: enough for the caches to be filled again with what a log needs after the others
/// had their turn, which is then a small part of the time.
const BATCH: u32 = 32;

/// What a log has room for: some batches, and so much more that they wrap around at different places.
const CAPACITY: u64 = (2 * BATCH as u64 + 3) * LINE as u64;

const SAMPLES: u32 = 2_000;
const FILE_SAMPLES: u32 = 200;

pub fn on_dax(dax: Dax<'_>, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = Vec::new();
    for (count, changed) in CASES {
        let dir = tempfile::tempdir_in(dax.dir)?;
        let path = |name| dir.path().join(name);
        let capacities = vec![CAPACITY; count as usize];
        let len = logs::region_len(&capacities)?;
        let case = format!("commits of {changed} of {count} logs on dax");
        if !logs::has_room(dax.dir, 4 * len, &case)? {
            continue;
        }
        let among = |name, capacities: &[u64]| -> Result<Contender<'_>, Failure> {
            let logs = logs::many(dax.create(&path(name), capacities)?, capacities)?;
            Ok(commit(logs, changed))
        };
        let floor = Mapped::create(&path("floor"), len as usize)?;
        let mut contenders = vec![
            among("many", &capacities)?,
            floors::stores_to_many(floor, &capacities, changed, &BYTES)?,
        ];
        let mut names = vec![ONE_FENCE.to_string()];
        if changed > 1 {
            let lines = LONG_COMMITS * record_len(count as usize) as u64 / LINE as u64;
            let region = dax.create_with_journal(&path("long"), &capacities, lines)?;
            let logs = logs::many_with_journal(region, &capacities, lines)?;
            contenders.push(commit(logs, changed));
            names.push(LONG.to_string());
        }
        if changed == 1 {
            contenders.push(among("one", &capacities[..1])?);
            names.push(ONE.to_string());
        }
        // Long commits make up for it: the more logs, the steadier they are.
        let samples = effort.samples(SAMPLES / changed.isqrt() as u32);
        let times = all_in_turn(samples, BATCH, contenders)?;
        results.extend(beside("dax", (count, changed), &times, names)?);
    }
    Ok(results)
}

pub fn in_file(dir: &Path, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = Vec::new();
    for (count, changed) in FILE_CASES {
        let dir = tempfile::tempdir_in(dir)?;
        let path = |name| dir.path().join(name);
        let capacities = vec![CAPACITY; count as usize];
        let ours = logs::many(logs::file(&path("many"), &capacities)?, &capacities)?;
        let contenders = vec![
            commit(ours, changed),
            floors::sync(&path("floor"), &capacities, changed, &BYTES)?,
        ];
        let times = all_in_turn(effort.samples(FILE_SAMPLES), 1, contenders)?;
        let names = vec![ONE_SYNC.to_string()];
        results.extend(beside("file", (count, changed), &times, names)?);
    }
    Ok(results)
}

/// What many changed logs are compared with, which shows what the switches of journals cost.
const LONG: &str = "the same with journals for 16 commits of all";

const LONG_COMMITS: u64 = 16;

/// What one changed log of many is compared with.
pub const ONE: &str = "the same with 1 log";

/// The results of the commits, which were timed first, beside the others, which have these names.
fn beside(
    path: &'static str,
    (logs, changed): (u64, u64),
    times: &[Times],
    names: Vec<String>,
) -> Result<Vec<Measurement>, Failure> {
    let (ours, theirs) = times.split_first().ok_or("nothing was timed")?;
    let what = What {
        bench: "commit",
        path,
        bytes: LINE as u64,
        logs,
        changed,
        threads: 1,
    };
    Ok(what.beside(ours, names.into_iter().zip(theirs)))
}

const BYTES: [u8; LINE] = [0xa5; LINE];

/// Commits of an append to each of the first `changed` logs.
fn commit<'a, R: Region + 'a>(mut logs: MultiLog<R>, changed: u64) -> Contender<'a> {
    Box::new(move |batch| {
        if logs.info(0).ok_or("there is no log")?.free < u64::from(batch) * LINE as u64 {
            empty(&mut logs, changed)?;
        }
        time(batch, || -> Result<(), Failure> {
            for log in 0..changed {
                logs.stage_append(log, black_box(&BYTES))?;
            }
            Ok(logs.commit()?)
        })
    })
}

fn empty<R: Region>(logs: &mut MultiLog<R>, changed: u64) -> Result<(), Failure> {
    for log in 0..changed {
        let tail = logs.info(log).ok_or("there is no such log")?.tail;
        logs.stage_advance_head(log, tail)?;
    }
    Ok(logs.commit()?)
}
