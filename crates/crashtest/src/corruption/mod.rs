//! Damage to the metadata, and to whole files: `open` and `check` say what it is and where it is, or it matters to nobody.
//!
//! Regions that the production code has written ([`base`]) are damaged in all ways of each kind ([`enumerate`], [`files`])
//! and then in random ones ([`fuzz`]). What is right is said by a decoder of `docs/format.md` that shares no code with what
//! is tested ([`oracle`]), and by what the public contracts promise of damage within the fault model ([`promise`]).

pub mod base;
pub mod damage;
pub mod enumerate;
pub mod files;
pub mod fuzz;
pub mod hamming;
pub mod judge;
pub mod judge_single;
pub mod oracle;
pub mod promise;
pub mod shared;
pub mod trial;
pub mod under_open;
pub mod watchdog;

use crate::totals::{Budget, Totals, Violation};
use base::{bases, Base};
use fastrand::Rng;
use std::sync::atomic::{AtomicUsize, Ordering};
use trial::Trial;

/// How much is tried of what cannot all be tried.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Only bursts of each `burst_step`-th number of bits, and those of 64.
    pub burst_step: usize,
    /// Bursts of each kind and place besides the one that is wrong throughout.
    pub random_bursts: u32,
    /// Random choices of anything else.
    pub randoms: usize,
    /// Only each `file_step`-th length of a file.
    pub file_step: usize,
}

/// What a run tries.
pub const THOROUGH: Effort = Effort {
    burst_step: 2,
    random_bursts: 1,
    randoms: 500,
    file_step: 1,
};

/// Tries all damage once, and then random damage until the budget is spent.
pub fn run(budget: &Budget, totals: &mut Totals) {
    everything_once(THOROUGH, budget.seed, totals);
    let mut random = Rng::with_seed(budget.seed);
    while !budget.is_spent() && totals.violations.len() < 100 {
        random_damage(100, &mut random, totals);
    }
}

/// Tries all damage of each kind to each base, with all processors.
pub fn everything_once(effort: Effort, seed: u64, totals: &mut Totals) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut totals = Totals::default();
        while let Some(base) = bases().get(next.fetch_add(1, Ordering::Relaxed)) {
            all_damage(base, effort, seed, &mut totals);
        }
        totals
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            let found = worker.join().expect("a worker that catches panics");
            totals.corruptions += found.corruptions;
            totals.violations.extend(found.violations);
        }
    });
}

/// Tries all damage of each kind to a base.
pub fn all_damage(base: &Base, effort: Effort, seed: u64, totals: &mut Totals) {
    let random = &mut Rng::with_seed(seed);
    files::lengths(base, effort.file_step, totals);
    let trial = &mut Trial::new(base, totals);
    trial.damage(&[]);
    enumerate::bits(trial);
    let lens = (2..64).step_by(effort.burst_step).chain([64]);
    enumerate::bursts(trial, lens, effort.random_bursts, random);
    enumerate::few_bits(trial, effort.randoms, random);
    enumerate::words(trial);
    enumerate::codewords(trial);
    enumerate::selectors(trial, effort.randoms, random);
    enumerate::random_bytes(trial, effort.randoms, random);
    enumerate::forged(trial, effort.randoms, random);
    enumerate::lengths(trial);
}

/// Tries what random bytes make the fuzzers' functions do.
pub fn random_damage(rounds: usize, random: &mut Rng, totals: &mut Totals) {
    type Fuzzer = fn(&[u8]) -> Result<(), String>;
    let fuzzers: [(&str, Fuzzer); 2] = [("open", fuzz::open), ("check", fuzz::check)];
    for _ in 0..rounds {
        let len = random.usize(..200);
        let data: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(len).collect();
        for (name, fuzzer) in fuzzers {
            totals.corruptions += 1;
            let name = format!("fuzz::{name}");
            if let Err(what) = trial::tried(&name, &data, || fuzzer(&data)) {
                let how = format!("{name}(&{data:?})");
                totals.violations.push(Violation { what, how });
            }
        }
    }
}
