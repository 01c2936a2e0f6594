//! On a mapped file, appending and committing make no system call. On an ordinary one, they make as few as there can be: a write
//! of the bytes, a write of the record, and one wait for both.
//!
//! Skipped where strace is not installed or may not trace, unless `CI` is `true`.

use multilog::{required_len, DaxOptions, DaxRegion, FileOptions, FileRegion, MultiLog, Stores};
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

/// The system calls between two marks of a process that runs this test. None if strace cannot say.
fn calls_of(process: &str) -> Option<Vec<String>> {
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace");
    let mut strace = Command::new("strace");
    strace.arg("-f").arg("-o").arg(&trace);
    strace.arg(env::current_exe().unwrap());
    strace
        .args(["--exact", process, "--ignored", "--nocapture"])
        .env(PATH, dir.path().join("logs"));
    let output = match strace.output() {
        Ok(output) => output,
        Err(error) => {
            skip(&format!("strace cannot be run: {error}"));
            return None;
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    if !text.contains("1 passed") && String::from_utf8_lossy(&output.stderr).contains("ptrace") {
        skip("strace may not trace");
        return None;
    }
    assert!(text.contains("1 passed"), "{output:?}");

    // Lines are like `1234  getppid() = 1`; other threads have other numbers.
    let trace = fs::read_to_string(trace).unwrap();
    let mark = trace.lines().find(|line| line.contains(MARK)).unwrap();
    let thread = mark.split_whitespace().next().unwrap();
    let of_thread = |line: &&str| line.split_whitespace().next() == Some(thread);
    let mut calls = trace.lines().filter(of_thread);
    assert!(calls.any(|line| line.contains(MARK)));
    let between = calls.by_ref().take_while(|line| !line.contains(MARK));
    let between = between.map(str::to_owned).collect();
    // The second mark was reached, and the process went on to its end.
    assert!(calls.next().is_some());
    Some(between)
}

#[test]
fn commits_to_a_mapped_file_make_none() {
    if let Some(calls) = calls_of("process_commits") {
        assert!(calls.is_empty(), "{calls:#?}");
    }
}

/// The name of a call, and for a write how many bytes and where.
fn summary(call: &str) -> String {
    let call = call
        .split_whitespace()
        .skip(1)
        .collect::<Vec<_>>()
        .join(" ");
    let (name, rest) = call.split_once('(').unwrap();
    let arguments = rest.rsplit_once(')').unwrap().0;
    match name {
        "pwrite64" => {
            let place = arguments.rsplit(", ").take(2).collect::<Vec<_>>();
            format!("write {} at {}", place[1], place[0])
        }
        _ => name.to_owned(),
    }
}

#[test]
fn a_commit_to_a_file_is_two_writes_and_a_wait() {
    let Some(calls) = calls_of("process_commits_to_a_file") else {
        return;
    };
    let calls: Vec<String> = calls.iter().map(|call| summary(call)).collect();
    // Before each write and behind each wait the file's length is asked for, and before each write the process's limit.
    let count = |name: &str| calls.iter().filter(|call| call.starts_with(name)).count();
    assert_eq!(count("lseek"), count("write") + count("fdatasync"));
    assert_eq!(count("prlimit64"), count("write"));
    let asks = |call: &&String| *call == "lseek" || *call == "prlimit64";
    let calls: Vec<&String> = calls.iter().filter(|call| !asks(call)).collect();
    // A journal has 64 lines for records, of which the first commit has taken one.
    let (journals, rings) = ([256, 4_480], 8_576);
    let mut expected = Vec::new();
    for commit in 1..100 {
        expected.push(format!("write 64 at {}", rings + 64 * commit));
        if commit == 64 {
            // To the other journal: its header and its entry, and the selector. It holds no later records, so that no zeros are needed.
            expected.extend([
                "write 32 at 4352".to_owned(),
                "write 64 at 4416".to_owned(),
                "fdatasync".to_owned(),
                "write 8 at 64".to_owned(),
                "fdatasync".to_owned(),
            ]);
        }
        let journal = journals[commit / 64];
        expected.push(format!("write 64 at {}", journal + 64 * (commit % 64)));
        expected.push("fdatasync".to_owned());
    }
    let expected: Vec<&String> = expected.iter().collect();
    assert_eq!(calls, expected);
}

#[test]
#[ignore = "the process of a_commit_to_a_file_is_two_writes_and_a_wait"]
fn process_commits_to_a_file() {
    let Some(path) = env::var_os(PATH).map(PathBuf::from) else {
        return;
    };
    let capacities = [10_000];
    let len = required_len(&capacities).unwrap();
    let region = FileRegion::create(&path, len, &FileOptions::default()).unwrap();
    let mut logs = MultiLog::create(region, &capacities).unwrap();
    let mut commit = || {
        logs.stage_append(0, &[7; 64]).unwrap();
        logs.commit().unwrap();
    };
    commit();
    let _ = parent_id();
    (1..100).for_each(|_| commit());
    let _ = parent_id();
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
