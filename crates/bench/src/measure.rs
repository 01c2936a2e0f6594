//! Taking samples of several things in turn.

use serde::Serialize;
use std::error::Error;
use std::sync::atomic;
use std::time::{Duration, Instant};

/// What was measured: the parameters that a measurement is found by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct What {
    /// `append`, `commit`, `read`, `open`, `check`, `record`; `latency`, `crc` and `durable-write` if they are
    /// asked for.
    pub bench: &'static str,
    /// What it ran on: `mem`, `dax`, `file`.
    pub path: &'static str,
    /// The bytes of one append, record or read; of the region, where it is opened or checked.
    pub bytes: u64,
    /// The logs in the region.
    pub logs: u64,
    /// The appends that one commit makes durable: each to another log, or all to the one log that there is.
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
    /// What one operation in a hundred exceeds, in nanoseconds.
    pub p99_ns: f64,
    /// What one operation in a thousand exceeds, in nanoseconds.
    pub p999_ns: f64,
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
            p99_ns: ours.single(0.99),
            p999_ns: ours.single(0.999),
            versus,
            ratio: ours.median() / theirs.median(),
            spread: ours.spread_over(theirs),
        };
        theirs.into_iter().map(beside).collect()
    }
}

/// A measurement of which there is another one of the same name.
pub fn found_twice(results: &[Measurement]) -> Option<&Measurement> {
    let same = |a: &Measurement, b: &Measurement| a.what == b.what && a.versus == b.versus;
    let twice = |(place, a)| results[..place].iter().any(|b| same(a, b));
    let mut numbered = results.iter().enumerate();
    numbered
        .find(|&numbered| twice(numbered))
        .map(|(_, twice)| twice)
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
        (u64::from(usual) * u64::from(self.percent) / 100).max(3) as usize
    }
}

/// What runs of one thing took, in nanoseconds.
#[derive(Default)]
pub struct Times {
    /// Of one operation, the mean of those that were timed together, in the order in which they were taken.
    means: Vec<f64>,
    /// Of operations that were timed one by one.
    singles: Vec<f64>,
}

impl Times {
    pub fn median(&self) -> f64 {
        quantile(self.means.clone(), 0.5)
    }

    /// What this share of single operations do not exceed.
    fn single(&self, share: f64) -> f64 {
        quantile(self.singles.clone(), share)
    }

    /// Those of operations that were all timed one by one.
    pub fn of_singles(singles: Vec<f64>) -> Times {
        let means = singles.clone();
        Times { means, singles }
    }

    /// The same with other times of single operations.
    pub fn with_singles(self, singles: Vec<f64>) -> Times {
        let means = self.means;
        Times { means, singles }
    }

    fn spread_over(&self, others: &Times) -> (f64, f64) {
        let pairs = self.means.iter().zip(&others.means);
        let ratios: Vec<f64> = pairs.map(|(a, b)| a / b).collect();
        (quantile(ratios.clone(), 0.25), quantile(ratios, 0.75))
    }
}

/// What this share of the samples does not exceed. Of none it is not a number.
pub fn quantile(mut samples: Vec<f64>, share: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let last = samples.len().saturating_sub(1) as f64;
    let at = (last * share).round() as usize;
    samples.get(at).copied().unwrap_or(f64::NAN)
}

/// Something that can be timed: it is told how many operations to do, and returns how long they took. Short operations
/// are timed in batches, since the clock takes as long as one of them.
pub type Contender<'a> = Box<dyn FnMut(u32) -> Result<Duration, Failure> + 'a>;

pub type Failure = Box<dyn Error>;

/// How many operations are timed one by one, at least, where there are a hundred samples or more.
const SINGLES: usize = 2_000;

/// Runs all in turn, `samples` times after a warm-up, so that all meet the same disturbances.
pub fn in_turn<const N: usize>(
    samples: usize,
    batch: u32,
    contenders: [Contender<'_>; N],
) -> Result<[Times; N], Failure> {
    let times = all_in_turn(samples, batch, contenders.into())?;
    times.try_into().map_err(|_| "some were not timed".into())
}

/// [`in_turn`] for as many as there happen to be. What is timed in batches is timed once more one by one, also in turn.
pub fn all_in_turn(
    samples: usize,
    batch: u32,
    mut contenders: Vec<Contender<'_>>,
) -> Result<Vec<Times>, Failure> {
    let mut times = means_in_turn(samples, batch, &mut contenders)?;
    if batch == 1 {
        for times in &mut times {
            times.singles.clone_from(&times.means);
        }
        return Ok(times);
    }
    let clock = clock()?;
    // As many at a time as in a batch, so that the others have not just emptied the caches.
    for turn in 0..SINGLES.min(samples * 20).div_ceil(batch as usize) {
        for number in order(turn, contenders.len()) {
            for _ in 0..batch {
                let time = contenders[number](1)?.as_nanos() as f64;
                times[number].singles.push((time - clock).max(0.0));
            }
        }
    }
    Ok(times)
}

/// The means only, for what is not to be timed one by one.
pub fn means_in_turn(
    samples: usize,
    batch: u32,
    contenders: &mut [Contender<'_>],
) -> Result<Vec<Times>, Failure> {
    let warm_up = samples / 10 + 1;
    let mut times: Vec<Times> = contenders.iter().map(|_| Times::default()).collect();
    for sample in 0..warm_up + samples {
        for number in order(sample, contenders.len()) {
            let time = contenders[number](batch)?;
            if sample >= warm_up {
                let mean = time.as_nanos() as f64 / f64::from(batch);
                times[number].means.push(mean);
            }
        }
    }
    Ok(times)
}

/// The order of so many contenders in a turn. Each is the first as often as the others, and goes before its neighbour as
/// often as behind it.
pub fn order(turn: usize, count: usize) -> impl Iterator<Item = usize> {
    let first = turn / 2;
    (0..count).map(move |place| {
        let place = if turn.is_multiple_of(2) {
            place
        } else {
            count - 1 - place
        };
        (first + place) % count
    })
}

/// How long `batch` operations take, until all that they stored is visible to others: else the clock is read while the
/// last fence still waits, and an operation that is timed alone takes next to nothing.
pub fn time<E: Into<Failure>>(
    batch: u32,
    mut operation: impl FnMut() -> Result<(), E>,
) -> Result<Duration, Failure> {
    let start = Instant::now();
    for _ in 0..batch {
        operation().map_err(E::into)?;
    }
    atomic::fence(atomic::Ordering::SeqCst);
    Ok(start.elapsed())
}

/// What the clock adds to an operation that is timed alone, in nanoseconds.
pub fn clock() -> Result<f64, Failure> {
    let nothing = || time(1, || -> Result<(), Failure> { Ok(()) });
    let times: Result<Vec<Duration>, Failure> = (0..1_000).map(|_| nothing()).collect();
    let times = times?.iter().map(|time| time.as_nanos() as f64).collect();
    Ok(quantile(times, 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn each_goes_first_as_often_as_the_others_and_before_and_behind_its_neighbours() {
        let turns: Vec<Vec<usize>> = (0..6).map(|turn| order(turn, 3).collect()).collect();
        for number in 0..3 {
            let first = turns.iter().filter(|turn| turn[0] == number);
            assert_eq!(first.count(), 2);
        }
        let before = |a: usize, b: usize| {
            let follows = |turn: &&Vec<usize>| turn.windows(2).any(|pair| pair == [a, b]);
            turns.iter().filter(follows).count()
        };
        assert_eq!(before(0, 1), before(1, 0));
        assert!(before(0, 1) > 0);
    }

    #[test]
    fn single_operations_are_timed_one_by_one() {
        let batches = RefCell::new(Vec::new());
        let contender: Contender<'_> = Box::new(|batch| {
            batches.borrow_mut().push(batch);
            // One operation in 20 takes long, which no mean of 64 shows.
            let slow = batch == 1 && batches.borrow().len() % 20 == 0;
            let each = if slow { 900_000 } else { 1_000 };
            Ok(Duration::from_nanos(each * u64::from(batch)))
        });
        let [times] = in_turn(100, 64, [contender]).unwrap();
        assert_eq!(times.median(), 1_000.0);
        assert!(times.single(0.99) > 800_000.0);
        let singly = batches.borrow().iter().filter(|&&batch| batch == 1).count();
        assert!(singly >= SINGLES, "{singly}");
    }

    #[test]
    fn a_sample_of_one_operation_is_its_time() {
        let mut next = 0;
        let contender: Contender<'_> = Box::new(|batch| {
            next += 1;
            Ok(Duration::from_nanos(next) * batch)
        });
        // 11 to warm up, then 100 of 12 to 111 ns.
        let [times] = in_turn(100, 1, [contender]).unwrap();
        assert_eq!((times.median(), times.single(0.99)), (62.0, 110.0));
    }

    #[test]
    fn what_was_measured_twice_is_found() {
        let what = What {
            bench: "append",
            path: "mem",
            bytes: 8,
            logs: 1,
            changed: 1,
            threads: 1,
        };
        let longer = What { bytes: 64, ..what };
        let times = Times {
            means: vec![1.0],
            singles: vec![1.0],
        };
        let row = |what: What, versus: &str| what.beside(&times, [(versus.to_string(), &times)]);
        let rows = [row(what, "a"), row(what, "b"), row(longer, "a")].concat();
        assert_eq!(found_twice(&rows), None);
        let rows = [rows, row(what, "b")].concat();
        assert_eq!(found_twice(&rows), rows.last());
    }
}
