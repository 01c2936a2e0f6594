//! A commit of one changed log among many, in memory, against the same among few: an append of 64 bytes and its commit.

use crate::append::{append_and_commit, warm_logs};
use crate::measure::{in_turn, time, Effort, Measurement};
use multilog::{MemRegion, MultiLog};
use std::hint::black_box;
use std::time::Duration;

const BYTES: u64 = 64;
const BATCH: u32 = 128;
const SAMPLES: u32 = 4_000;

/// The capacity of all logs together, the same for many and for few: as many cache lines take part.
const CAPACITY: u64 = 1 << 20;

/// Which log each commit changes.
#[derive(Clone, Copy)]
enum Turn {
    /// Always the same: a commit writes one entry.
    Same,
    /// Always another: a commit writes its entry, and that of the commit before.
    Next,
}

pub fn in_memory(effort: &Effort) -> Vec<Measurement> {
    let samples = effort.samples(SAMPLES);
    let two = "the same with 2 logs, taking turns";
    vec![
        among((4_096, 1), Turn::Same, "the same with 1 log", samples),
        among((4_096, 2), Turn::Next, two, samples),
    ]
}

/// Commits among so many logs, and among so many others to compare.
fn among((many, few): (u64, u64), turn: Turn, versus: &'static str, samples: usize) -> Measurement {
    let bytes = [0xa5; BYTES as usize];
    let among_many = run(many, turn, &bytes);
    let among_few = run(few, turn, &bytes);
    let (ours, theirs) = in_turn(samples, BATCH, among_many, among_few);
    Measurement {
        bench: "commit",
        path: "mem",
        bytes: BYTES,
        logs: many,
        changed: 1,
        threads: 1,
        ns: ours.median(),
        p99_ns: ours.p99(),
        versus,
        ratio: ours.median() / theirs.median(),
    }
}

fn run(count: u64, turn: Turn, bytes: &[u8]) -> impl FnMut(u32) -> Duration + '_ {
    // The log that does not take turns has room for a batch even among many.
    let capacity = match turn {
        Turn::Same => CAPACITY,
        Turn::Next => CAPACITY / count,
    };
    let mut capacities = vec![CAPACITY / count; count as usize];
    let mut log = count / 2;
    capacities[log as usize] = capacity;
    let mut logs = warm_logs(&capacities);
    move |batch| {
        let appends = match turn {
            Turn::Same => u64::from(batch),
            Turn::Next => u64::from(batch).div_ceil(count),
        };
        empty_all(&mut logs, log, appends * BYTES);
        time(|| {
            for _ in 0..batch {
                append_and_commit(&mut logs, log, black_box(bytes));
                if let Turn::Next = turn {
                    log = (log + 1) % count;
                }
            }
        })
    }
}

/// Empties all logs if the next one has room for less than `needed` bytes.
fn empty_all(logs: &mut MultiLog<MemRegion>, next: u64, needed: u64) {
    let info = |logs: &MultiLog<MemRegion>, log| logs.info(log).expect("there is such a log");
    if info(logs, next).free >= needed {
        return;
    }
    for log in 0..logs.log_count() {
        let tail = info(logs, log).tail;
        logs.stage_advance_head(log, tail)
            .expect("it is in the log");
    }
    logs.commit().expect("memory does not fail");
    // The commit after one of all logs writes all of them again: not the next one that is timed, but this.
    append_and_commit(logs, next, &[0]);
    let tail = info(logs, next).tail;
    logs.stage_advance_head(next, tail)
        .expect("it is in the log");
    logs.commit().expect("memory does not fail");
}
