//! Taking samples of several things in turn.

use serde::Serialize;
use std::error::Error;
use std::time::{Duration, Instant};

/// What was measured: the parameters that a measurement is found by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct What {
    /// `append`, `commit`, `read`, `open`, `check`, `record`.
    pub bench: &'static str,
    /// What it ran on: `mem`, `dax`, `file`.
    pub path: &'static str,
    /// The bytes of one operation; of the region, where it is opened.
    pub bytes: u64,
    /// The logs in the region.
    pub logs: u64,
    /// The logs that one commit changes.
    pub changed: u64,
    /// The threads that ran.
    pub threads: u64,
}

/// What one thing cost, and what it is compared with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measurement {
    #[serde(flatten)]
    pub what: What,
    /// The median, in nanoseconds.
    pub ns: f64,
    /// What one sample in a hundred exceeds, in nanoseconds.
    pub p99_ns: f64,
    /// What it is compared with.
    pub versus: String,
    /// Its median over the other's.
    pub ratio: f64,
    /// What a quarter of the pairs of samples taken in turn do not exceed in their ratio, and three quarters.
    #[serde(skip)]
    pub spread: (f64, f64),
}

impl Measurement {
    /// The median of what it is compared with.
    pub fn theirs_ns(&self) -> f64 {
        self.ns / self.ratio
    }
}

impl What {
    /// This, as measured by `ours`, beside each of the others.
    pub fn beside<'a>(
        self,
        ours: &'a Times,
        theirs: impl IntoIterator<Item = (String, &'a Times)>,
    ) -> Vec<Measurement> {
        let beside = |(versus, theirs): (String, &Times)| Measurement {
            what: self,
            ns: ours.median(),
            p99_ns: ours.quantile(0.99),
            versus,
            ratio: ours.median() / theirs.median(),
            spread: ours.spread_over(theirs),
        };
        theirs.into_iter().map(beside).collect()
    }
}

/// How many samples to take.
#[derive(Clone, Copy)]
pub struct Effort {
    percent: u32,
}

impl Effort {
    pub fn new(percent: u32) -> Effort {
        Effort { percent }
    }

    /// The number of samples where `usual` are usual.
    pub fn samples(self, usual: u32) -> usize {
        (usual * self.percent / 100).max(3) as usize
    }
}

/// The times of many runs of one thing, in the order in which they were taken, in nanoseconds per operation.
pub struct Times(Vec<f64>);

impl Times {
    fn quantile(&self, share: f64) -> f64 {
        quantile(self.0.clone(), share)
    }

    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    fn spread_over(&self, others: &Times) -> (f64, f64) {
        let ratios: Vec<f64> = self.0.iter().zip(&others.0).map(|(a, b)| a / b).collect();
        (quantile(ratios.clone(), 0.25), quantile(ratios, 0.75))
    }
}

/// What this share of the samples does not exceed.
fn quantile(mut samples: Vec<f64>, share: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let last = (samples.len() - 1) as f64;
    samples[(last * share).round() as usize]
}

/// Something that can be timed: it is told how many operations to do, and returns how long they took. Short operations
/// are timed in batches, since the clock takes as long as one of them.
pub type Contender<'a> = Box<dyn FnMut(u32) -> Result<Duration, Failure> + 'a>;

/// Why nothing was measured.
pub type Failure = Box<dyn Error>;

/// Runs all in turn, `samples` times after a warm-up, so that all meet the same disturbances.
pub fn in_turn<const N: usize>(
    samples: usize,
    batch: u32,
    contenders: [Contender<'_>; N],
) -> Result<[Times; N], Failure> {
    let times = all_in_turn(samples, batch, contenders.into())?;
    times.try_into().map_err(|_| "some were not timed".into())
}

/// [`in_turn`] for as many as there happen to be.
pub fn all_in_turn(
    samples: usize,
    batch: u32,
    mut contenders: Vec<Contender<'_>>,
) -> Result<Vec<Times>, Failure> {
    let warm_up = samples / 10 + 1;
    let mut times: Vec<Times> = contenders.iter().map(|_| Times(Vec::new())).collect();
    for sample in 0..warm_up + samples {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let time = contender(batch)?;
            if sample >= warm_up {
                times.0.push(time.as_nanos() as f64 / f64::from(batch));
            }
        }
    }
    Ok(times)
}

/// How long `batch` operations take.
pub fn time<E: Into<Failure>>(
    batch: u32,
    mut operation: impl FnMut() -> Result<(), E>,
) -> Result<Duration, Failure> {
    let start = Instant::now();
    for _ in 0..batch {
        operation().map_err(E::into)?;
    }
    Ok(start.elapsed())
}

/// Keeps the scheduler from moving this thread. Where that is not allowed, the samples scatter more.
pub fn stay_on_this_processor() {
    use rustix::thread::{sched_getcpu, sched_setaffinity, CpuSet};
    let mut here = CpuSet::new();
    here.set(sched_getcpu());
    let _ = sched_setaffinity(None, &here);
}

/// Lets this thread, and those that it starts, run anywhere.
pub fn use_all_processors() {
    use rustix::thread::{sched_setaffinity, CpuSet};
    let mut all = CpuSet::new();
    for processor in 0..CpuSet::MAX_CPU {
        all.set(processor);
    }
    let _ = sched_setaffinity(None, &all);
}
