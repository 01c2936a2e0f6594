//! Append and commit in memory, against a plain copy of the same bytes into memory of the same size, with the same
//! wrap-around. Nothing here is durable: it is the cost of the code alone.

use crate::measure::{in_turn, time, Effort, Measurement};
use multilog::{MemRegion, MultiLog};
use std::hint::black_box;
use std::time::Duration;

/// Half of it is what the longest batch appends.
pub const CAPACITY: u64 = 2 << 20;

/// The lengths of the appends, in bytes.
const SIZES: [usize; 8] = [8, 64, 256, 1 << 10, 4 << 10, 16 << 10, 32 << 10, 64 << 10];

const SAMPLES: u32 = 4_000;

/// Logs in memory that are past the first commit after opening, which writes a whole copy of the table.
pub fn warm_logs(capacities: &[u64]) -> MultiLog<MemRegion> {
    let len = multilog::required_len(capacities).expect("the capacities are possible");
    let region = MemRegion::new(len as usize);
    let mut logs = MultiLog::create(region, capacities).expect("the region is large enough");
    for log in 0..logs.log_count() {
        append_and_commit(&mut logs, log, &[0]);
        make_room(&mut logs, log, u64::MAX);
    }
    logs
}

/// What is measured.
pub fn append_and_commit(logs: &mut MultiLog<MemRegion>, log: u64, bytes: &[u8]) {
    logs.stage_append(log, bytes).expect("there is room");
    logs.commit().expect("memory does not fail");
}

/// Empties a log that has room for less than `needed` bytes.
pub fn make_room(logs: &mut MultiLog<MemRegion>, log: u64, needed: u64) {
    let info = logs.info(log).expect("there is such a log");
    if info.free < needed {
        logs.stage_advance_head(log, info.tail)
            .expect("it is in the log");
        logs.commit().expect("memory does not fail");
    }
}

/// A ring without a log.
struct PlainRing {
    bytes: Vec<u8>,
    at: usize,
}

impl PlainRing {
    fn copy(&mut self, bytes: &[u8]) {
        let until_the_end = self.bytes.len() - self.at;
        if bytes.len() <= until_the_end {
            self.bytes[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        } else {
            let (first, second) = bytes.split_at(until_the_end);
            self.bytes[self.at..].copy_from_slice(first);
            self.bytes[..second.len()].copy_from_slice(second);
        }
        self.at = (self.at + bytes.len()) % self.bytes.len();
        black_box(self.bytes.as_mut_ptr());
    }
}

pub fn in_memory(effort: &Effort) -> Vec<Measurement> {
    let sized = |size| of_size(size, effort.samples(SAMPLES));
    SIZES.into_iter().map(sized).collect()
}

fn of_size(size: usize, samples: usize) -> Measurement {
    let batch = (CAPACITY as usize / 2 / size).min(128) as u32;
    let bytes = vec![0xa5; size];
    let mut logs = warm_logs(&[CAPACITY]);
    let mut ring = PlainRing {
        bytes: vec![0; CAPACITY as usize],
        at: 0,
    };
    let ours = |batch: u32| -> Duration {
        make_room(&mut logs, 0, u64::from(batch) * size as u64);
        time(|| {
            for _ in 0..batch {
                append_and_commit(&mut logs, 0, black_box(&bytes));
            }
        })
    };
    let theirs = |batch: u32| -> Duration {
        time(|| {
            for _ in 0..batch {
                ring.copy(black_box(&bytes));
            }
        })
    };
    let (ours, theirs) = in_turn(samples, batch, ours, theirs);
    Measurement {
        bench: "append",
        path: "mem",
        bytes: size as u64,
        logs: 1,
        changed: 1,
        threads: 1,
        ns: ours.median(),
        p99_ns: ours.p99(),
        versus: "plain copy",
        ratio: ours.median() / theirs.median(),
    }
}
