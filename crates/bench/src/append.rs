//! Append and commit of one log: `append` is `pmemlog`'s, which is durable when it returns, `commit` is `multilog`'s
//! staging and commit. In memory, which survives nothing, it is the cost of the code alone.

use crate::classes;
use crate::floors::{self, ONE_FENCE, ONE_SYNC};
use crate::logs::{self, Dax, LINE};
use crate::mapped::Mapped;
use crate::measure::{
    all_in_turn, in_turn, time, Contender, Effort, Failure, Measurement, Times, What,
};
use crate::peers;
use multilog::{MultiLog, Region};
use pmemlog::PmemLog;
use std::hint::black_box;
use std::path::Path;

/// More than the largest append, and no multiple of most, so that appends wrap around as they do in use.
const CAPACITY: u64 = (4 << 20) + 3 * LINE as u64;

/// Those of files, of cache lines, and others, as they come in use.
pub const SIZES: [usize; 13] = [
    8,
    12,
    64,
    100,
    250,
    256,
    1_001,
    1 << 10,
    4 << 10,
    16 << 10,
    64 << 10,
    256 << 10,
    1 << 20,
];

/// How many 64-byte appends are committed together. A commit of one is among those by size.
const BATCHES: [u32; 4] = [8, 64, 512, 4_096];

const SAMPLES: u32 = 2_000;
const FILE_SAMPLES: u32 = 500;

fn what(bench: &'static str, path: &'static str, bytes: usize) -> What {
    What {
        bench,
        path,
        bytes: bytes as u64,
        logs: 1,
        changed: 1,
        threads: 1,
    }
}

/// How many operations are timed together.
fn batch(bytes: usize) -> u32 {
    (CAPACITY as usize / 2 / bytes).min(64) as u32
}

/// What `append` and `commit` took, beside the same others.
fn both(
    [append, commit]: [What; 2],
    [append_times, commit_times]: [&Times; 2],
    theirs: &[(String, &Times)],
) -> Vec<Measurement> {
    let mut results = append.beside(append_times, theirs.iter().cloned());
    results.extend(commit.beside(commit_times, theirs.iter().cloned()));
    results
}

pub fn in_memory(effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = Vec::new();
    for size in SIZES {
        let bytes = vec![0xa5; size];
        let [ours, ours_many, copy] = in_turn(
            effort.samples(SAMPLES),
            batch(size),
            [
                append(logs::one(logs::memory(&[CAPACITY])?, CAPACITY)?, &bytes),
                commit(
                    logs::many(logs::memory(&[CAPACITY])?, &[CAPACITY])?,
                    &bytes,
                    1,
                ),
                floors::plain_copy(CAPACITY, &bytes),
            ],
        )?;
        results.extend(both(
            [what("append", "mem", size), what("commit", "mem", size)],
            [&ours, &ours_many],
            &[("plain copy".to_string(), &copy)],
        ));
    }
    Ok(results)
}

pub fn on_dax(dax: Dax<'_>, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = Vec::new();
    let region_len = logs::region_len(&[CAPACITY])? as usize;
    for size in SIZES {
        let dir = tempfile::tempdir_in(dax.dir)?;
        let bytes = vec![0xa5; size];
        let one = dax.create(&dir.path().join("one"), &[CAPACITY])?;
        let many = dax.create(&dir.path().join("many"), &[CAPACITY])?;
        let mut contenders = vec![
            append(logs::one(one, CAPACITY)?, &bytes),
            commit(logs::many(many, &[CAPACITY])?, &bytes, 1),
        ];
        let floor = Mapped::create(&dir.path().join("floor"), region_len)?;
        contenders.push(floors::stores(floor, CAPACITY, &bytes, 1)?);
        let mut names = vec![ONE_FENCE.to_string()];
        let peers = peers::persistent_memory_peers(dir.path(), CAPACITY);
        for peer in classes::only(classes::on_dax(dax), peers) {
            names.push(peer.name().to_string());
            contenders.push(peers::append(peer, &bytes));
        }
        let times = all_in_turn(effort.samples(SAMPLES), batch(size), contenders)?;
        results.extend(of_both("dax", size, &times, names)?);
    }
    Ok(results)
}

/// Beside the floor only: the peers that are measured in a file have checksums, as records have.
pub fn in_file(dir: &Path, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = Vec::new();
    for size in SIZES {
        let dir = tempfile::tempdir_in(dir)?;
        let path = |name| dir.path().join(name);
        let bytes = vec![0xa5; size];
        let one = logs::file(&path("one"), &[CAPACITY])?;
        let many = logs::file(&path("many"), &[CAPACITY])?;
        let contenders = vec![
            append(logs::one(one, CAPACITY)?, &bytes),
            commit(logs::many(many, &[CAPACITY])?, &bytes, 1),
            floors::sync(&path("floor"), &[CAPACITY], 1, &bytes)?,
        ];
        let names = vec![ONE_SYNC.to_string()];
        let times = all_in_turn(effort.samples(FILE_SAMPLES), 1, contenders)?;
        results.extend(of_both("file", size, &times, names)?);
    }
    Ok(results)
}

/// The results of `append` and of `commit`, which were timed first, beside the others, which have these names.
fn of_both(
    path: &'static str,
    size: usize,
    times: &[Times],
    names: Vec<String>,
) -> Result<Vec<Measurement>, Failure> {
    let [append, commit, theirs @ ..] = times else {
        return Err("nothing was timed".into());
    };
    let theirs: Vec<_> = names.into_iter().zip(theirs).collect();
    let ours = [what("append", path, size), what("commit", path, size)];
    Ok(both(ours, [append, commit], &theirs))
}

/// Many 64-byte appends that are committed together; the time is that of the commit, with its appends.
pub fn batched(dax: Dax<'_>, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let bytes = [0xa5; LINE];
    let mut results = Vec::new();
    let region_len = logs::region_len(&[CAPACITY])? as usize;
    for appends in BATCHES {
        let dir = tempfile::tempdir_in(dax.dir)?;
        let region = dax.create(&dir.path().join("logs"), &[CAPACITY])?;
        let floor = Mapped::create(&dir.path().join("floor"), region_len)?;
        let [ours, theirs] = in_turn(
            effort.samples(SAMPLES),
            batch(LINE * appends as usize),
            [
                commit(logs::many(region, &[CAPACITY])?, &bytes, appends),
                floors::stores(floor, CAPACITY, &bytes, appends)?,
            ],
        )?;
        let what = What {
            changed: u64::from(appends),
            ..what("commit", "dax", LINE)
        };
        results.extend(what.beside(&ours, [(ONE_FENCE.to_string(), &theirs)]));
    }
    Ok(results)
}

/// Appends, each of which is durable when it returns.
fn append<'a, R: Region + 'a>(mut log: PmemLog<R>, bytes: &'a [u8]) -> Contender<'a> {
    Box::new(move |batch| {
        if log.free() < u64::from(batch) * bytes.len() as u64 {
            log.advance_head(log.tail())?;
        }
        time(batch, || log.append(black_box(bytes)).map(|_| ()))
    })
}

/// Commits of so many appends to log 0.
fn commit<'a, R: Region + 'a>(
    mut logs: MultiLog<R>,
    bytes: &'a [u8],
    appends: u32,
) -> Contender<'a> {
    Box::new(move |batch| {
        let info = logs.info(0).ok_or("there is no log")?;
        if info.free < u64::from(batch) * u64::from(appends) * bytes.len() as u64 {
            logs.stage_advance_head(0, info.tail)?;
            logs.commit()?;
        }
        time(batch, || -> Result<(), Failure> {
            for _ in 0..appends {
                logs.stage_append(0, black_box(bytes))?;
            }
            Ok(logs.commit()?)
        })
    })
}
