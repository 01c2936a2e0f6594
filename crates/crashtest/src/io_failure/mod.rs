//! Every write, read and sync of a workload fails in turn.
//!
//! The caller gets the error; nothing that was reported durable is lost, and nothing is there in part; the logs refuse
//! to go on, and no later write or sync reaches the device.

mod aftermath;
mod device;
pub mod full_disk;
pub mod system_calls;
mod trial;

use crate::totals::{Budget, Totals, Violation};
use crate::worker::{Create, DeviceKind, System, Task};
use crate::workload::Subject;
use device::{Mixture, Part, Plan};
use fastrand::Rng;
use multilog::MultiLog;
use pmem::{Concat, IoOperation, Stores};
use pmemlog::PmemLog;
use std::env;
use std::path::PathBuf;
use std::thread;
use trial::{Attach, Trial, OPERATIONS};

type TwoParts = Concat<Part, Part>;

/// Runs until the budget is spent: one thread on simulated devices, one with processes on files.
pub fn run(budget: &Budget, totals: &mut Totals) {
    thread::scope(|scope| {
        let processes = scope.spawn(|| {
            let mut totals = Totals::default();
            in_processes(budget, &mut totals);
            totals
        });
        in_memory(budget, totals, usize::MAX);
        match processes.join() {
            Ok(found) => {
                totals.io_failures += found.io_failures;
                totals.violations.extend(found.violations);
            }
            Err(_) => totals.violations.push(Violation {
                what: "the thread that makes system calls fail has panicked".to_string(),
                how: format!("seed {}", budget.seed),
            }),
        }
    });
}

/// Lets system calls fail, and disks be full, for this program as a worker.
fn in_processes(budget: &Budget, totals: &mut Totals) {
    let executable = match env::current_exe() {
        Ok(executable) => executable,
        Err(error) => {
            let what = format!("this program is not to be found: {error}");
            let how = String::new();
            return totals.violations.push(Violation { what, how });
        }
    };
    let mounts = full_disk::can_mount();
    let traces = system_calls::can_trace().unwrap_or_else(|what| {
        let how = String::new();
        totals.violations.push(Violation { what, how });
        false
    });
    let mut rng = Rng::with_seed(budget.seed);
    while !budget.is_spent() {
        let seed = rng.u64(..u64::MAX / 2);
        let create = if rng.bool() {
            Create::Written
        } else {
            Create::Sparse
        };
        full_disk::each_limit(&executable, seed, budget, totals);
        if mounts {
            full_disk::each_size(&executable, seed, create, budget, totals);
        }
        if traces {
            let task = random_task(&mut rng, seed, create);
            system_calls::each(&executable, &task, 1, budget, totals);
        }
    }
}

fn random_task(rng: &mut Rng, seed: u64, create: Create) -> Task {
    let mapped = DeviceKind::Mapped(Stores::Ordinary);
    Task {
        system: match rng.bool() {
            true => System::MultiLog,
            false => System::PmemLog,
        },
        device: *rng
            .choice(&[DeviceKind::File, DeviceKind::Any, mapped])
            .unwrap_or(&mapped),
        path: PathBuf::new(),
        scale: 1,
        seed,
        steps: rng.u64(1..20),
        create,
        reads: true,
    }
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
        let kind = number % 4;
        let tried = match kind {
            0 | 1 => each_operation::<Part, MultiLog<Part>>(seed, budget, totals),
            2 => each_operation::<TwoParts, MultiLog<TwoParts>>(seed, budget, totals),
            _ => each_operation::<Part, PmemLog<Part>>(seed, budget, totals),
        };
        if let Err((what, plan)) = tried {
            let how = format!("workload of kind {kind}, seed {seed}, failure {plan:?}");
            totals.violations.push(Violation { what, how });
        }
    }
}

/// Does the workload once undisturbed, and then once for each operation that may fail, and how: it only, or all
/// from then on.
fn each_operation<R: Attach, S: Subject<R>>(
    seed: u64,
    budget: &Budget,
    totals: &mut Totals,
) -> Result<(), (String, Option<Plan>)> {
    let mut rng = Rng::with_seed(seed);
    let trial = Trial::<R, S>::new(seed, rng.usize(5..40));
    let counts = trial.run(None).map_err(|what| (what, None))?.counts;
    for (operation, count) in OPERATIONS.into_iter().zip(counts) {
        // What a failed operation leaves matters only if it was to change something.
        let mixtures = match operation {
            IoOperation::Write => &Mixture::ALL[..],
            _ => &[Mixture::None],
        };
        for after in 0..count {
            for (&mixture, for_good) in mixtures.iter().flat_map(|m| [(m, false), (m, true)]) {
                let plan = Some(Plan {
                    operation,
                    after,
                    for_good,
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
