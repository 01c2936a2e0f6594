//! Devices that fail, a share of what a long run tries.

use crashtest::io_failure::{self, full_disk, system_calls};
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
    sees_failures(least, |executable, budget, totals| {
        system_calls::each(executable, task, 1, budget, totals);
    });
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

/// Runs `work` with the program and without a limit of time; it must see so many failures.
fn sees_failures(least: u64, work: impl Fn(&Path, &Budget, &mut Totals)) {
    let mut totals = Totals::default();
    let executable = Path::new(env!("CARGO_BIN_EXE_crashtest"));
    let budget = Budget::of(Duration::from_secs(600), 1);
    work(executable, &budget, &mut totals);
    assert!(totals.violations.is_empty(), "{:#?}", totals.violations);
    assert!(totals.io_failures >= least, "{totals:?}");
}

#[test]
fn a_file_system_is_full_when_logs_are_created_or_written() {
    if !full_disk::can_mount() {
        return;
    }
    for create in [Create::Written, Create::Sparse] {
        sees_failures(8, |executable, budget, totals| {
            full_disk::each_size(executable, 5, create, budget, totals);
        });
    }
}

#[test]
fn a_file_may_not_be_written_beyond_a_limit() {
    sees_failures(20, |executable, budget, totals| {
        full_disk::each_limit(executable, 6, budget, totals);
    });
}
