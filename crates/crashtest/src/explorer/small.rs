//! All workloads of a few operations on tiny logs.

use super::system::{Many, OnTwo, Shape, Single, System};
use super::trial::{Before, Explorer, Start};
use crate::workload::model::Log;
use crate::workload::{Model, Step};

/// A system, the logs' capacities, and the operations that there are to choose from.
struct Set {
    run: fn(&mut Explorer<'_>, &Set, u32, u32) -> bool,
    capacities: &'static [u64],
    shape: Shape,
    choices: u32,
    step: fn(u32, &Model) -> Step,
}

/// The first pair of logs goes round its rings' ends within words, the second at their ends. The journals have room for one
/// commit of all logs or for two, so that some commits switch, and some do not. On two devices the second one begins with
/// journal B, or with the first ring.
const SETS: [Set; 7] = [
    pair(workload::<Many>, &[9, 16], shape(false, 2, 0)),
    pair(workload::<Many>, &[9, 16], shape(true, 3, 0)),
    pair(workload::<Many>, &[1, 8], shape(true, 2, 0)),
    pair(workload::<OnTwo>, &[9, 16], shape(true, 2, 6)),
    pair(workload::<OnTwo>, &[1, 8], shape(false, 2, 11)),
    single(&[9], shape(false, 1, 0)),
    single(&[33], shape(true, 2, 0)),
];

const fn shape(mapped: bool, lines: u64, second: usize) -> Shape {
    Shape {
        mapped: [mapped; 2],
        second,
        lines,
    }
}

const fn pair(
    run: fn(&mut Explorer<'_>, &Set, u32, u32) -> bool,
    capacities: &'static [u64],
    shape: Shape,
) -> Set {
    Set {
        run,
        capacities,
        shape,
        choices: 11,
        step: step_of_two,
    }
}

const fn single(capacities: &'static [u64], shape: Shape) -> Set {
    Set {
        run: workload::<Single>,
        capacities,
        shape,
        choices: 10,
        step: step_of_one,
    }
}

/// A prime, so that all numbers are reached by as many steps of this length.
const STRIDE: u64 = 1_000_003;

/// How many workloads of so many operations there are. Shorter ones are the beginnings of these.
pub fn count(steps: u32) -> u32 {
    SETS.iter().map(|set| set.choices.pow(steps)).sum()
}

/// All of them are done if one of each number below [`count`] is, which commits at its end. Whether it came to that.
///
/// Their order mixes the sets and the operations, so that each kind comes early.
pub fn one(explorer: &mut Explorer<'_>, number: u32, steps: u32) -> bool {
    let mut number = (u64::from(number) * STRIDE % u64::from(count(steps))) as u32;
    for set in &SETS {
        let count = set.choices.pow(steps);
        if number < count {
            return (set.run)(explorer, set, number, steps);
        }
        number -= count;
    }
    false
}

fn workload<S: System>(explorer: &mut Explorer<'_>, set: &Set, number: u32, steps: u32) -> bool {
    explorer.shape = set.shape;
    let mut left = steps + 1;
    let start = Start {
        capacities: set.capacities,
        before: Before::Zeros,
        explored: explored(number, set.choices, steps),
    };
    explorer.workload::<S>(&start, |_, model| {
        left = left.checked_sub(1)?;
        Some(match left.checked_sub(1) {
            None => Step::Commit,
            Some(behind) => (set.step)(number / set.choices.pow(behind) % set.choices, model),
        })
    })
}

/// How many steps, with the creation, a workload has in common with the one before it.
fn explored(number: u32, choices: u32, steps: u32) -> u32 {
    if number == 0 {
        return 0;
    }
    let zeros = (1..).take_while(|&zeros| number.is_multiple_of(choices.pow(zeros)));
    steps - zeros.count() as u32
}

fn step_of_two(choice: u32, model: &Model) -> Step {
    let [first, second] = [0, 1].map(|log| &model.staged[log]);
    match choice {
        0 => append(0, (first.capacity / 3).max(1)),
        1 => append(1, second.capacity / 2 + 1),
        2 if first.capacity > 1 => append(0, first.capacity),
        2 => append(1, second.capacity),
        3 => advance(0, first.tail()),
        4 => advance(1, middle(second)),
        5 => truncate(0, first.head),
        6 => truncate(1, middle(second)),
        7 => gathered(1),
        8 => Step::Commit,
        9 => Step::Abort,
        _ => Step::Reopen,
    }
}

fn step_of_one(choice: u32, model: &Model) -> Step {
    let log = &model.staged[0];
    match choice {
        0 => append(0, log.capacity / 3),
        1 => append(0, log.capacity / 2 + 1),
        2 => append(0, log.capacity),
        3 => advance(0, log.tail()),
        4 => advance(0, middle(log)),
        5 => truncate(0, log.head),
        6 => truncate(0, middle(log)),
        7 => gathered(0),
        8 => Step::AppendRecord {
            log: 0,
            payload: vec![5; 3],
        },
        _ => Step::Reopen,
    }
}

fn middle(log: &Log) -> u64 {
    (log.head + log.tail()).div_ceil(2)
}

fn append(log: u64, len: u64) -> Step {
    let parts = vec![(1..=len).map(|byte| (16 * len + byte) as u8).collect()];
    Step::Append { log, parts }
}

fn gathered(log: u64) -> Step {
    let parts = vec![vec![0xa1], vec![], vec![0xa2, 0xa3]];
    Step::Append { log, parts }
}

fn advance(log: u64, position: u64) -> Step {
    Step::AdvanceHead { log, position }
}

fn truncate(log: u64, position: u64) -> Step {
    Step::Truncate { log, position }
}
