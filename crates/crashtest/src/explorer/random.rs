//! Random workloads.

use super::system::{Many, OnTwo, Shape, Single};
use super::trial::{Before, Explorer, Start};
use crate::workload::Step;
use fastrand::Rng;

/// The largest capacity: room for a record and more.
const MOST: u64 = 80;

/// A capacity that takes more at once than a record on a mapped device has the CRC of. One workload in so many has such logs.
const LARGE: u64 = 1_400;
const LARGE_ONES: u8 = 16;

/// A workload of up to a dozen steps, on up to four logs. Whether it came to its end.
pub fn workload(explorer: &mut Explorer<'_>) -> bool {
    let rng = &mut explorer.rng;
    let system = rng.u8(0..4);
    let logs = if system == 0 { 1 } else { rng.usize(1..=4) };
    let most = if rng.u8(..LARGE_ONES) == 0 {
        LARGE
    } else {
        MOST
    };
    let mut capacities = || -> Vec<u64> { (0..logs).map(|_| rng.u64(1..=most)).collect() };
    let (capacities, old) = (capacities(), capacities());
    let before = match rng.u8(0..4) {
        0 => Before::RandomBytes,
        1 => Before::Logs {
            capacities: old,
            steps: rng.usize(..6),
        },
        _ => Before::Zeros,
    };
    // That logs are created in an empty region is much the same each time.
    let explored = u32::from(matches!(before, Before::Zeros) && rng.u8(0..4) > 0);
    let mut steps = rng.usize(1..=12);
    explorer.shape = Shape {
        mapped: [rng.bool(), rng.bool()],
        second: rng.usize(..1 << 16),
        lines: rng.u64(1..=8),
    };
    let choose = |rng: &mut Rng, model: &_| {
        steps = steps.checked_sub(1)?;
        Some(Step::choose(rng, model))
    };
    let start = Start {
        capacities: &capacities,
        before,
        explored,
    };
    match system {
        0 => explorer.workload::<Single>(&start, choose),
        1 => explorer.workload::<OnTwo>(&start, choose),
        _ => explorer.workload::<Many>(&start, choose),
    }
}
