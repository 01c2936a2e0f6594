//! All workloads of a few operations on two tiny logs.

use super::trial::{Explorer, Many};
use crate::workload::{Model, Step};

const CAPACITIES: [u64; 2] = [9, 16];

/// How many operations there are to choose from.
const CHOICES: u32 = 9;

/// How many workloads of so many operations there are. Shorter ones are the beginnings of these.
pub fn count(steps: u32) -> u32 {
    CHOICES.pow(steps)
}

/// Does one of them, and commits at its end.
pub fn workload(explorer: &mut Explorer<'_>, number: u32, steps: u32) {
    let mut digits = number;
    let mut left = steps + 1;
    explorer.workload::<Many>(&CAPACITIES, None, |_, model| {
        left = left.checked_sub(1)?;
        if left == 0 {
            return Some(Step::Commit);
        }
        let digit = digits % CHOICES;
        digits /= CHOICES;
        Some(step(digit, model))
    });
}

fn step(digit: u32, model: &Model) -> Step {
    let log = |log: usize| &model.staged[log];
    match digit {
        0 => append(0, 3),
        1 => append(1, 9),
        2 => append(0, 9),
        3 => Step::AdvanceHead {
            log: 0,
            position: log(0).tail(),
        },
        4 => Step::AdvanceHead {
            log: 1,
            position: (log(1).head + log(1).tail()).div_ceil(2),
        },
        5 => Step::Truncate {
            log: 0,
            position: log(0).head,
        },
        6 => Step::Commit,
        7 => Step::Abort,
        _ => Step::Reopen,
    }
}

fn append(log: u64, len: u8) -> Step {
    let parts = vec![(1..=len).map(|byte| 16 * len + byte).collect()];
    Step::Append { log, parts }
}
