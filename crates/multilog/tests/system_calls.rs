//! On a mapped file, appending and committing make no system call.
//!
//! Skipped where strace is not installed or may not trace, unless `CI` is `true`.

use multilog::{required_len, DaxOptions, DaxRegion, MultiLog, Stores};
use std::env;
use std::fs;
use std::io::{self, Write};
use std::os::unix::process::parent_id;
use std::path::PathBuf;
use std::process::Command;

/// Where the process that the test starts finds its file.
const PATH: &str = "MULTILOG_TEST_PATH";

/// What the process calls before it commits, and after it.
const MARK: &str = "getppid(";

/// Says so past the harness, which hides what is printed by a test that passes.
fn skip(why: &str) {
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "{why}");
    let line = format!("SKIPPED: {why}\n");
    io::stderr().write_all(line.as_bytes()).unwrap();
}

#[test]
fn commits_to_a_mapped_file_make_none() {
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace");
    let mut strace = Command::new("strace");
    strace.arg("-f").arg("-o").arg(&trace);
    strace.arg(env::current_exe().unwrap());
    strace
        .args(["--exact", "process_commits", "--ignored", "--nocapture"])
        .env(PATH, dir.path().join("logs"));
    let output = match strace.output() {
        Ok(output) => output,
        Err(error) => return skip(&format!("strace cannot be run: {error}")),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    if !text.contains("1 passed") && String::from_utf8_lossy(&output.stderr).contains("ptrace") {
        return skip("strace may not trace");
    }
    assert!(text.contains("1 passed"), "{output:?}");

    // Lines are like `1234  getppid() = 1`; other threads have other numbers.
    let trace = fs::read_to_string(trace).unwrap();
    let mark = trace.lines().find(|line| line.contains(MARK)).unwrap();
    let thread = mark.split_whitespace().next().unwrap();
    let of_thread = |line: &&str| line.split_whitespace().next() == Some(thread);
    let mut calls = trace.lines().filter(of_thread);
    assert!(calls.any(|line| line.contains(MARK)));
    let between: Vec<&str> = calls
        .by_ref()
        .take_while(|line| !line.contains(MARK))
        .collect();
    assert!(between.is_empty(), "{between:#?}");
    // The second mark was reached, and the process went on to its end.
    assert!(calls.next().is_some());
}

#[test]
#[ignore = "the process of commits_to_a_mapped_file_make_none"]
fn process_commits() {
    let Some(path) = env::var_os(PATH).map(PathBuf::from) else {
        return;
    };
    let capacities = [1_000, 3_000];
    let options = DaxOptions {
        survive_process_crash_only: true,
        prefault: true,
        stores: Stores::NonTemporal
            .is_available()
            .then_some(Stores::NonTemporal),
        ..DaxOptions::default()
    };
    let len = required_len(&capacities).unwrap();
    let region = DaxRegion::create(&path, len, &options).unwrap();
    let mut logs = MultiLog::create(region, &capacities).unwrap();
    let bytes: Vec<u8> = (0..100).collect();
    let _ = parent_id();
    for round in 0..500 {
        let bytes = &bytes[..round % 100 + 1];
        logs.stage_append(0, bytes).unwrap();
        logs.stage_append_gathered(1, &[bytes, bytes]).unwrap();
        logs.commit().unwrap();
        let (one, other) = (logs.info(0).unwrap().tail, logs.info(1).unwrap().tail);
        logs.stage_advance_head(0, one).unwrap();
        logs.stage_advance_head(1, other).unwrap();
    }
    let _ = parent_id();
}
