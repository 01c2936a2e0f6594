//! How long single commits take: 64 bytes are appended to the only log, and are durable when the commit returns.
//!
//! Nothing is left out: every so many commits one finds its journal full, and switches to the other one first.

use crate::floors::{self, ONE_FENCE, ONE_SYNC};
use crate::logs::{self, Dax, LINE};
use crate::mapped::Mapped;
use crate::measure::{
    clock, order, quantile, time, Contender, Effort, Failure, Measurement, Times, What,
};
use crate::report::{self, human};
use multilog::layout::JOURNAL_LINES;
use multilog::{MultiLog, Refused, Region};
use std::fs;
use std::hint::black_box;
use std::path::Path;

const SAMPLES: u32 = 20_000;
const FILE_SAMPLES: u32 = 2_000;

const BYTES: [u8; LINE] = [0xa5; LINE];

/// One commit in so many switches journals: each record is one line.
const PERIOD: usize = JOURNAL_LINES as usize;

/// How many commits are made before the others have their turn, so that these have not just emptied the caches.
const TURN: usize = 64;

pub fn all(dax: Dax<'_>, files: &Path, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = on_dax(dax, effort.samples(SAMPLES))?;
    results.extend(in_file(files, effort.samples(FILE_SAMPLES))?);
    Ok(results)
}

fn on_dax(dax: Dax<'_>, samples: usize) -> Result<Vec<Measurement>, Failure> {
    let dir = tempfile::tempdir_in(dax.dir)?;
    let path = |name| dir.path().join(name);
    let capacities = [capacity(samples)];
    let ours = commits(dax.create(&path("logs"), &capacities)?, capacities)?;
    let floor = Mapped::create(&path("floor"), logs::region_len(&capacities)? as usize)?;
    let floor = floors::stores(floor, capacities[0], &BYTES, 1)?;
    let times = singly(samples, [ours, floor])?;
    Ok(rows("dax", dax.dir, (samples, times), ONE_FENCE))
}

fn in_file(files: &Path, samples: usize) -> Result<Vec<Measurement>, Failure> {
    let dir = tempfile::tempdir_in(files)?;
    let path = |name| dir.path().join(name);
    let capacities = [capacity(samples)];
    let ours = commits(logs::file(&path("logs"), &capacities)?, capacities)?;
    let floor = floors::sync(&path("floor"), &capacities, 1, &BYTES)?;
    let times = singly(samples, [ours, floor])?;
    Ok(rows("file", files, (samples, times), ONE_SYNC))
}

/// Commits to warm up.
fn warm_up(samples: usize) -> usize {
    samples / 10 + 1
}

/// Room for all commits.
fn capacity(samples: usize) -> u64 {
    ((samples + warm_up(samples)) * LINE) as u64
}

/// Commits of one append each. Nothing was committed before.
fn commits<'a, R: Region + 'a>(region: R, capacities: [u64; 1]) -> Result<Contender<'a>, Failure> {
    let mut logs = MultiLog::create(region, &capacities).map_err(Refused::into_error)?;
    Ok(Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            logs.stage_append(0, black_box(&BYTES))?;
            Ok(logs.commit()?)
        })
    }))
}

/// What each operation took, of those of each that were made in turn, with those that were to warm up.
fn singly<const N: usize>(
    samples: usize,
    mut contenders: [Contender<'_>; N],
) -> Result<[Vec<f64>; N], Failure> {
    let total = warm_up(samples) + samples;
    let mut times = [const { Vec::new() }; N];
    let clock = clock()?;
    for turn in 0..total.div_ceil(TURN) {
        for number in order(turn, N) {
            for _ in 0..TURN.min(total - turn * TURN) {
                let time = contenders[number](1)?.as_nanos() as f64;
                times[number].push((time - clock).max(0.0));
            }
        }
    }
    Ok(times)
}

/// The rows; and says on which device, and how long those commits take that switch journals, and the others.
fn rows(
    path: &'static str,
    dir: &Path,
    (samples, times): (usize, [Vec<f64>; 2]),
    versus: &str,
) -> Vec<Measurement> {
    let [mut ours, mut floor] = times;
    let first = warm_up(samples);
    let switches = |number: usize| number > 0 && number.is_multiple_of(PERIOD);
    let mut of = [Vec::new(), Vec::new()];
    for (number, time) in ours.iter().enumerate().skip(first) {
        of[usize::from(switches(number))].push(*time);
    }
    let [others, switching] = of.map(|times| {
        let at = |share| human(quantile(times.clone(), share));
        format!("p50 {}, p99 {}", at(0.5), at(0.99))
    });
    report::say(&format!(
        "latency on {path}: {}: 1 commit in {PERIOD} switches journals: {switching}; the others: {others}",
        device(dir)
    ));
    let (ours, floor) = (ours.split_off(first), floor.split_off(first));
    let what = What {
        bench: "latency",
        path,
        bytes: LINE as u64,
        logs: 1,
        changed: 1,
        threads: 1,
    };
    let floor = Times::of_singles(floor);
    what.beside(&Times::of_singles(ours), [(versus.to_string(), &floor)])
}

/// What a directory is on: the file system and its source.
fn device(dir: &Path) -> String {
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let fields = mounts
        .lines()
        .map(|line| line.split(' ').collect::<Vec<_>>());
    let over = fields.filter(|fields| fields.len() > 2 && dir.starts_with(fields[1]));
    // Of two at the same place the later one counts.
    match over.max_by_key(|fields| fields[1].len()) {
        Some(fields) => format!("{} on {}", fields[2], fields[0]),
        None => "unknown device".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floors::record_len;

    #[test]
    fn one_record_is_one_line() {
        assert_eq!(record_len(1), LINE);
    }

    #[test]
    fn memory_is_a_device() {
        assert!(device(Path::new("/dev/shm")).starts_with("tmpfs on "));
    }
}
