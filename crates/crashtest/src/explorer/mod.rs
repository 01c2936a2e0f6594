//! A crash at every store and flush of many workloads, and what is found after it.
//!
//! All workloads of a few operations on two tiny logs, then random ones on larger logs, some of them on two devices as
//! one, until the time is up. Each image
//! that a crash could leave is opened by the production code, and must hold exactly the state before the operation in
//! progress or the one after it. Some are worked on, and crash again.

mod images;
mod recording;
mod seen;
mod small;
mod trial;

use crate::totals::{Budget, Totals};
use crate::workload::Step;
use fastrand::Rng;
use seen::Seen;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Instant;
use trial::{Explorer, Many, OnTwo, Single};

/// The longest of the workloads of which all are done.
const SMALL_STEPS: u32 = 4;

/// Explores until the time is up, or as many images were tried as can be remembered: all small workloads come first.
pub fn run(budget: &Budget, totals: &mut Totals) {
    let (seen, workloads) = (Seen::default(), AtomicU64::new(0));
    let start = Instant::now();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let explore = |thread: usize| {
        let rng = Rng::with_seed(budget.seed ^ (thread as u64) << 32);
        let mut explorer = Explorer::new(&seen, budget, rng);
        for number in (0..small::count(SMALL_STEPS)).skip(thread).step_by(threads) {
            small::workload(&mut explorer, number, SMALL_STEPS);
            workloads.fetch_add(1, Relaxed);
        }
        while !explorer.is_done() {
            random(&mut explorer);
            workloads.fetch_add(1, Relaxed);
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
    totals.workloads += workloads.load(Relaxed);
    totals.images += seen.count();
    let seconds = start.elapsed().as_secs_f64();
    let per_second = seen.count() as f64 / seconds;
    eprintln!(
        "{} distinct images in {seconds:.0} s: {per_second:.0} per second",
        seen.count()
    );
}

/// A random workload of up to a dozen steps.
fn random(explorer: &mut Explorer<'_>) {
    let rng = &mut explorer.rng;
    let system = rng.u8(0..4);
    let logs = if system == 0 { 1 } else { rng.usize(1..=4) };
    let mut capacities = || -> Vec<u64> { (0..logs).map(|_| rng.u64(1..=72)).collect() };
    let (capacities, old) = (capacities(), capacities());
    let old = rng.bool().then_some(&old[..]);
    let mut steps = rng.usize(1..=12);
    explorer.second_device = rng.usize(..1 << 16);
    let choose = |rng: &mut Rng, model: &_| {
        steps = steps.checked_sub(1)?;
        Some(Step::choose(rng, model))
    };
    match system {
        0 => explorer.workload::<Single>(&capacities, old, choose),
        1 => explorer.workload::<OnTwo>(&capacities, old, choose),
        _ => explorer.workload::<Many>(&capacities, old, choose),
    }
}
