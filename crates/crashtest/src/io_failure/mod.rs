//! Every write, read and sync of a workload fails in turn.
//!
//! The caller gets the error; nothing that was reported durable is lost, and nothing is there in part; the logs refuse
//! to go on, and no later write or sync reaches the device.

mod aftermath;
mod device;
pub mod system_calls;
mod trial;

use crate::totals::{Budget, Totals, Violation};
use device::{Mixture, Part, Plan};
use fastrand::Rng;
use multilog::MultiLog;
use pmem::{Concat, IoOperation};
use pmemlog::PmemLog;
use trial::{Attach, Trial, OPERATIONS};

use crate::workload::Subject;

type TwoParts = Concat<Part, Part>;

/// Runs until the budget is spent.
pub fn run(budget: &Budget, totals: &mut Totals) {
    in_memory(budget, totals, usize::MAX);
}

/// Lets each operation of random workloads fail on a simulated device.
pub fn in_memory(budget: &Budget, totals: &mut Totals, workloads: usize) {
    for number in 0..workloads {
        if budget.is_spent() {
            break;
        }
        let seed = budget
            .seed
            .wrapping_mul(1_000_003)
            .wrapping_add(number as u64);
        let tried = match number % 4 {
            0 | 1 => each_operation::<Part, MultiLog<Part>>(seed, budget, totals),
            2 => each_operation::<TwoParts, MultiLog<TwoParts>>(seed, budget, totals),
            _ => each_operation::<Part, PmemLog<Part>>(seed, budget, totals),
        };
        if let Err((what, plan)) = tried {
            let how = format!("workload {number} % 4, seed {seed}, failure {plan:?}");
            totals.violations.push(Violation { what, how });
        }
    }
}

/// Does the workload once undisturbed, and then once for each operation that may fail, and how.
fn each_operation<R: Attach, S: Subject<R>>(
    seed: u64,
    budget: &Budget,
    totals: &mut Totals,
) -> Result<(), (String, Option<Plan>)> {
    let mut rng = Rng::with_seed(seed);
    let trial = Trial::<R, S>::new(seed, rng.usize(5..40));
    let counts = trial.run(None).map_err(|what| (what, None))?.counts;
    for (operation, count) in OPERATIONS.into_iter().zip(counts) {
        for after in 0..count {
            for mixture in Mixture::ALL {
                if mixture != Mixture::None && operation != IoOperation::Write {
                    continue;
                }
                let plan = Some(Plan {
                    operation,
                    after,
                    for_good: rng.bool(),
                    mixture,
                    errno: *rng.choice(&[5, 28, 27, 122]).unwrap_or(&5),
                });
                let outcome = trial.run(plan).map_err(|what| (what, plan))?;
                if outcome.failures != 1 {
                    let what = format!("{} failures instead of one", outcome.failures);
                    return Err((what, plan));
                }
                totals.io_failures += 1;
                if budget.is_spent() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}
