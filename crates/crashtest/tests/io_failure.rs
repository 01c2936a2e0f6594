//! Devices that fail, a share of what a long run tries.

use crashtest::io_failure::{self, full_disk, system_calls};
use crashtest::totals::{Budget, Totals};
use crashtest::worker::{Create, DeviceKind, System, Task};
use pmem::Stores;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

#[test]
fn each_operation_of_a_workload_fails_in_memory() {
    let mut totals = Totals::default();
    let budget = Budget::of(Duration::from_secs(600), 1);
    io_failure::in_memory(&budget, &mut totals, 8);
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
        seed: 3,
        steps: 16,
        create,
        reads: true,
    }
}

/// Each call of a worker with these logs fails; these are among them, and those that lock and sync a file.
fn each_system_call_fails(task: &Task, calls: &[&str]) {
    if !system_calls::can_trace().unwrap() {
        return;
    }
    let always = ["openat", "flock", "statx", "pwrite64", "fsync", "fdatasync"];
    sees_failures(40, |executable, budget, totals| {
        let failed = system_calls::each(executable, task, 1, budget, totals);
        let mut calls = always.iter().chain(calls);
        let missing = calls.find(|call| !failed.contains(*call));
        assert_eq!(missing, None, "failed: {failed:?}");
    });
}

#[test]
fn each_system_call_of_many_logs_in_a_file_fails() {
    let task = task(System::MultiLog, DeviceKind::File, Create::Written);
    each_system_call_fails(&task, &["pread64", "fadvise64", "lseek", "fstatfs"]);
}

#[test]
fn each_system_call_of_one_log_in_a_sparse_file_fails() {
    let task = task(System::PmemLog, DeviceKind::File, Create::Sparse);
    each_system_call_fails(&task, &["pread64", "fadvise64", "lseek", "ftruncate"]);
}

#[test]
fn each_system_call_of_logs_on_any_device_fails() {
    let task = task(System::MultiLog, DeviceKind::Any, Create::Written);
    each_system_call_fails(&task, &["mmap", "fstatfs"]);
}

#[test]
fn each_system_call_of_logs_in_a_mapped_file_fails() {
    let device = DeviceKind::Mapped(Stores::Ordinary);
    let task = task(System::MultiLog, device, Create::Written);
    each_system_call_fails(&task, &["mmap", "madvise", "fstatfs"]);
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

/// Runs the phase, for no time at all, where no other program is to be found.
fn without_strace(ci: &str) -> Output {
    let mut phase = Command::new(env!("CARGO_BIN_EXE_crashtest"));
    phase.args(["--only", "io-failures", "--minutes", "0"]);
    phase.env("PATH", "").env("CI", ci);
    phase.output().unwrap()
}

#[test]
fn what_is_skipped_for_want_of_strace_is_said_and_fails_where_it_must_not_be() {
    let output = without_strace("");
    let said = String::from_utf8(output.stderr).unwrap();
    let skips = said.lines().filter(|line| line.starts_with("SKIPPED: "));
    assert!(skips.clone().any(|line| line.contains("strace")), "{said}");
    assert!(output.status.success(), "{said}");

    let output = without_strace("true");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("VIOLATION: strace is not installed"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(1), "{said}");
}
