//! Taking samples of two things in turn.

use serde::Serialize;
use std::time::{Duration, Instant};

/// What one thing cost, and what it is compared with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measurement {
    /// What was measured: `append`, `commit`, `open`.
    pub bench: &'static str,
    /// What it ran on: `mem`, `file`.
    pub path: &'static str,
    /// The bytes of one append.
    pub bytes: u64,
    /// The logs in the region.
    pub logs: u64,
    /// The logs that one commit changes.
    pub changed: u64,
    /// The threads that ran.
    pub threads: u64,
    /// The median, in nanoseconds.
    pub ns: f64,
    /// What one sample in a hundred exceeds, in nanoseconds.
    pub p99_ns: f64,
    /// What it is compared with.
    pub versus: &'static str,
    /// Its median over the other's.
    pub ratio: f64,
}

impl Measurement {
    /// The median of what it is compared with.
    pub fn floor_ns(&self) -> f64 {
        self.ns / self.ratio
    }
}

/// How many samples to take.
pub struct Effort {
    percent: u32,
}

impl Effort {
    pub fn new(percent: u32) -> Effort {
        Effort { percent }
    }

    /// The number of samples where `usual` are usual.
    pub fn samples(&self, usual: u32) -> usize {
        (usual * self.percent / 100).max(3) as usize
    }
}

/// The times of many runs of one thing, in nanoseconds per operation.
pub struct Times(Vec<f64>);

impl Times {
    /// What this share of the samples does not exceed.
    fn quantile(&self, share: f64) -> f64 {
        let last = (self.0.len() - 1) as f64;
        self.0[(last * share).round() as usize]
    }

    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    pub fn p99(&self) -> f64 {
        self.quantile(0.99)
    }
}

/// Runs both in turn, `samples` times after a warm-up. Each is told how many operations to do, `batch`, and returns how
/// long they took: short operations are timed in batches, since the clock takes as long as one of them.
pub fn in_turn(
    samples: usize,
    batch: u32,
    mut ours: impl FnMut(u32) -> Duration,
    mut theirs: impl FnMut(u32) -> Duration,
) -> (Times, Times) {
    let warm_up = samples / 10 + 1;
    let mut times = (Vec::with_capacity(samples), Vec::with_capacity(samples));
    for sample in 0..warm_up + samples {
        let pair = (ours(batch), theirs(batch));
        if sample >= warm_up {
            times.0.push(pair.0.as_nanos() as f64 / f64::from(batch));
            times.1.push(pair.1.as_nanos() as f64 / f64::from(batch));
        }
    }
    times.0.sort_by(f64::total_cmp);
    times.1.sort_by(f64::total_cmp);
    (Times(times.0), Times(times.1))
}

/// How long it takes.
pub fn time(operation: impl FnOnce()) -> Duration {
    let start = Instant::now();
    operation();
    start.elapsed()
}

/// Keeps the scheduler from moving this thread. Where that is not allowed, the samples scatter more.
pub fn stay_on_this_processor() {
    use rustix::thread::{sched_getcpu, sched_setaffinity, CpuSet};
    let mut here = CpuSet::new();
    here.set(sched_getcpu());
    let _ = sched_setaffinity(None, &here);
}
