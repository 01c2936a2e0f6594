//! Commits of some among many logs: 64 bytes are appended to each that changes.

use crate::floors;
use crate::logs::{self, Dax, LINE};
use crate::mapped::Mapped;
use crate::measure::{in_turn, time, Contender, Effort, Failure, Measurement, What};
use multilog::{MultiLog, Region};
use std::hint::black_box;

/// How many logs there are, and how many of them a commit changes.
const CASES: [(u64, u64); 9] = [
    (1, 1),
    (8, 1),
    (8, 8),
    (256, 1),
    (256, 8),
    (256, 256),
    (4_096, 1),
    (4_096, 8),
    (4_096, 4_096),
];

/// How many commits a log has room for.
const COMMITS: u64 = 256;

const SAMPLES: u32 = 2_000;

pub fn on_dax(dax: Dax<'_>, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = Vec::new();
    for (count, changed) in CASES {
        let dir = tempfile::tempdir_in(dax.dir)?;
        let path = |name| dir.path().join(name);
        let capacities = vec![COMMITS * LINE as u64; count as usize];
        let among = |name, capacities: &[u64], changed| -> Result<Contender<'_>, Failure> {
            let logs = logs::many(dax.create(&path(name), capacities)?, capacities)?;
            Ok(commit(logs, changed))
        };
        let floor = Mapped::create(&path("floor"), logs::region_len(&capacities)? as usize)?;
        let [ours, one, lines] = in_turn(
            effort.samples(SAMPLES) / changed.min(64) as usize + 3,
            (COMMITS / 2 / changed).max(2) as u32,
            [
                among("many", &capacities, changed)?,
                among("one", &capacities[..1], 1)?,
                floors::stores_to_many(floor, &capacities, changed, &BYTES)?,
            ],
        )?;
        let mut theirs = vec![(floors::Floor::SameLines.name(), &lines)];
        if changed == 1 && count > 1 {
            theirs.push(("the same with 1 log".to_string(), &one));
        }
        let what = What {
            bench: "commit",
            path: "dax",
            bytes: LINE as u64,
            logs: count,
            changed,
            threads: 1,
        };
        results.extend(what.beside(&ours, theirs));
    }
    Ok(results)
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
