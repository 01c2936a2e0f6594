//! A crash at every store and flush of many workloads, and what is found after it.
//!
//! All workloads of a few operations on tiny logs, and random ones on larger logs, until the time is up. Each image that a
//! crash could leave is opened by the production code, and must hold exactly the state before the operation in progress
//! or the one after it. Some are worked on, and crash again.

mod crash;
mod found;
mod images;
mod left;
mod misplaced;
mod random;
mod recording;
mod seen;
mod small;
mod system;
#[cfg(test)]
mod tests;
mod trial;

use crate::totals::{tell, Budget, Totals};
use fastrand::Rng;
use seen::Seen;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};
use trial::{Explorer, Shared};

/// The longest of the workloads of which all are done.
const SMALL_STEPS: u32 = 4;

/// Explores until the time is up, or as many images were tried as can be remembered.
pub fn run(budget: &Budget, totals: &mut Totals) {
    let start = Instant::now();
    let (small, explored) = explore(budget, SMALL_STEPS, true, totals);
    let seconds = start.elapsed().as_secs_f64();
    let per_second = explored as f64 / seconds;
    tell(format_args!(
        "{explored} distinct images in {seconds:.0} s: {per_second:.0} per second"
    ));
    let all = small::count(SMALL_STEPS);
    if small < u64::from(all) {
        tell(format_args!(
            "there was time for only {small} of all {all} small workloads"
        ));
    }
}

/// Explores all workloads of so many operations on tiny logs, however long that takes, and no others.
pub fn run_small(steps: u32, totals: &mut Totals) {
    let endless = Budget::of(Duration::from_secs(1 << 30), 1);
    explore(&endless, steps, false, totals);
}

/// Returns how many small workloads and how many images there were.
fn explore(budget: &Budget, steps: u32, random: bool, totals: &mut Totals) -> (u64, u64) {
    let shared = Shared {
        seen: Seen::default(),
        budget,
        violations: AtomicUsize::new(0),
    };
    let (small, others) = (AtomicU64::new(0), AtomicU64::new(0));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let explore = |thread: usize| {
        let rng = Rng::with_seed(budget.seed ^ (thread as u64) << 32);
        let mut explorer = Explorer::new(&shared, rng);
        let mut numbers = (0..small::count(steps))
            .skip(thread)
            .step_by(threads)
            .peekable();
        // Half of the time is for either kind, as long as there are small ones.
        let [mut for_small, mut for_others] = [Duration::ZERO; 2];
        while !explorer.is_done() {
            let start = Instant::now();
            let next = numbers.next_if(|_| !random || for_small <= for_others);
            if let Some(number) = next {
                let finished = small::one(&mut explorer, number, steps);
                small.fetch_add(u64::from(finished), Relaxed);
                for_small += start.elapsed();
            } else if random {
                let finished = random::workload(&mut explorer);
                others.fetch_add(u64::from(finished), Relaxed);
                for_others += start.elapsed();
            } else {
                break;
            }
        }
        explorer.violations
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || explore(thread)))
            .collect();
        for thread in running {
            match thread.join() {
                Ok(violations) => totals.violations.extend(violations),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    let small = small.load(Relaxed);
    totals.workloads += small + others.load(Relaxed);
    totals.images += shared.seen.count();
    (small, shared.seen.count())
}
