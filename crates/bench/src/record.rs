//! Records beside plain appends: a record carries its length and two CRCs, which cover what it holds and where it is.

use crate::append;
use crate::classes;
use crate::logs::{self, Dax, LINE};
use crate::measure::{all_in_turn, in_turn, time, Contender, Effort, Failure, Measurement, What};
use crate::peers;
use multilog::{MultiLog, Region, RECORD_OVERHEAD};
use std::hint::black_box;
use std::path::Path;

const CAPACITY: u64 = (4 << 20) + 3 * LINE as u64;

/// In files they are those of appends, beside the peers.
const SIZES: [usize; 2] = [64, 4 << 10];

/// Each goes to so many mapped files in turn. Which pages a file got makes a difference of up to 50 ns to a commit, more
/// than what is to be measured.
const DAX_FILES: usize = 16;

const SAMPLES: u32 = 2_000;
const FILE_SAMPLES: u32 = 500;

/// What a record is compared with.
pub const PLAIN: &str = "plain append";

pub fn mapped(dax: Dax<'_>, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = Vec::new();
    let capacities = [CAPACITY];
    let samples = effort.samples(SAMPLES);
    for size in SIZES {
        let payload = vec![0xa5; size];
        let memory = || logs::memory(&capacities);
        let regions = [vec![memory()?], vec![memory()?]];
        let [ours, plain] = in_turn(samples, 64, both(regions, &payload)?)?;
        results.extend(what("mem", size).beside(&ours, [(PLAIN.to_string(), &plain)]));
        let dir = tempfile::tempdir_in(dax.dir)?;
        let create = |name: &str| -> Result<Vec<_>, Failure> {
            (0..DAX_FILES)
                .map(|i| dax.create(&dir.path().join(format!("{name}-{i}")), &capacities))
                .collect()
        };
        let regions = [create("records")?, create("plain")?];
        let [ours, plain] = in_turn(samples, 64, both(regions, &payload)?)?;
        results.extend(what("dax", size).beside(&ours, [(PLAIN.to_string(), &plain)]));
    }
    Ok(results)
}

/// Also beside the peers, which have checksums too.
pub fn in_file(files: &Path, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = Vec::new();
    for size in append::SIZES {
        let payload = vec![0xa5; size];
        let dir = tempfile::tempdir_in(files)?;
        let create = |name| -> Result<Vec<_>, Failure> {
            Ok(vec![logs::file(&dir.path().join(name), &[CAPACITY])?])
        };
        let regions = [create("records")?, create("plain")?];
        let mut contenders: Vec<_> = both(regions, &payload)?.into();
        let mut names = vec![PLAIN.to_string()];
        let peers = peers::file_peers(dir.path(), CAPACITY);
        for peer in classes::only(classes::record_in_file(dir.path()), peers) {
            names.push(peer.name().to_string());
            contenders.push(peers::append(peer, &payload));
        }
        let times = all_in_turn(effort.samples(FILE_SAMPLES), 1, contenders)?;
        let (ours, theirs) = times.split_first().ok_or("nothing was timed")?;
        results.extend(what("file", size).beside(ours, names.into_iter().zip(theirs)));
    }
    Ok(results)
}

fn what(path: &'static str, size: usize) -> What {
    What {
        bench: "record",
        path,
        bytes: size as u64,
        logs: 1,
        changed: 1,
        threads: 1,
    }
}

/// Durable records in the first regions, and plain appends of the same payload in the second ones.
fn both<'a, R: Region + 'a>(
    [records, plain]: [Vec<R>; 2],
    payload: &'a [u8],
) -> Result<[Contender<'a>; 2], Failure> {
    Ok([
        commit(records, payload, |logs, bytes| {
            Ok(logs.stage_append_record(0, bytes)?)
        })?,
        commit(plain, payload, |logs, bytes| {
            Ok(logs.stage_append(0, bytes)?)
        })?,
    ])
}

/// Commits of one append each, a batch in one region and the next in another.
fn commit<'a, R: Region + 'a>(
    regions: Vec<R>,
    bytes: &'a [u8],
    stage: impl Fn(&mut MultiLog<R>, &[u8]) -> Result<u64, Failure> + 'a,
) -> Result<Contender<'a>, Failure> {
    let mut all = regions
        .into_iter()
        .map(|region| logs::many(region, &[CAPACITY]))
        .collect::<Result<Vec<_>, Failure>>()?;
    Ok(Box::new(move |batch| {
        all.rotate_left(1);
        let logs = all.first_mut().ok_or("there is no region")?;
        let info = logs.info(0).ok_or("there is no log")?;
        if info.free < u64::from(batch) * (bytes.len() as u64 + RECORD_OVERHEAD) {
            logs.stage_advance_head(0, info.tail)?;
            logs.commit()?;
        }
        time(batch, || -> Result<(), Failure> {
            stage(logs, black_box(bytes))?;
            Ok(logs.commit()?)
        })
    }))
}
