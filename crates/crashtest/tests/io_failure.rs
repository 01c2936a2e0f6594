//! Devices that fail, a share of what a long run tries.

use crashtest::io_failure::{self, system_calls};
use crashtest::totals::{Budget, Totals};
use crashtest::worker::{Create, DeviceKind, System, Task};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[test]
fn each_operation_of_a_workload_fails_in_memory() {
    let mut totals = Totals::default();
    let budget = Budget::of(Duration::from_secs(600), 1);
    io_failure::in_memory(&budget, &mut totals, 40);
    assert!(totals.violations.is_empty(), "{:#?}", totals.violations);
    assert!(totals.io_failures > 2_000, "{totals:?}");
}

/// A worker with these logs, which it creates.
fn task(system: System, device: DeviceKind, create: Create) -> Task {
    Task {
        system,
        device,
        path: PathBuf::new(),
        scale: 1,
        seed: 4,
        steps: 30,
        create,
    }
}

fn each_system_call_fails(task: &Task, least: u64) {
    if !system_calls::can_trace() {
        return;
    }
    let mut totals = Totals::default();
    let executable = Path::new(env!("CARGO_BIN_EXE_crashtest"));
    let budget = Budget::of(Duration::from_secs(600), 1);
    system_calls::each(executable, task, 1, &budget, &mut totals);
    assert!(totals.violations.is_empty(), "{:#?}", totals.violations);
    assert!(totals.io_failures >= least, "{totals:?}");
}

#[test]
fn each_system_call_of_many_logs_in_a_file_fails() {
    each_system_call_fails(
        &task(System::MultiLog, DeviceKind::File, Create::Written),
        40,
    );
}

#[test]
fn each_system_call_of_one_log_in_a_sparse_file_fails() {
    each_system_call_fails(&task(System::PmemLog, DeviceKind::File, Create::Sparse), 40);
}

#[test]
fn each_system_call_of_logs_on_any_device_fails() {
    each_system_call_fails(
        &task(System::MultiLog, DeviceKind::Any, Create::Written),
        40,
    );
}
