//! What the program says to what it cannot do, before it measures anything, and what it prints when it can.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::process::{Command, Output, Stdio};

fn bench(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command.args(options);
    command
}

fn run(options: &[&str]) -> Output {
    bench(options).output().unwrap()
}

/// Runs with options that are no good, and returns the exit code and the last line on standard error.
fn refused(options: &[&str]) -> (Option<i32>, String) {
    let output = run(options);
    assert!(output.stdout.is_empty(), "{options:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let last = said.trim_end().lines().last().unwrap_or_default();
    (output.status.code(), last.to_string())
}

#[test]
fn a_bench_that_is_not_there_is_refused_with_those_that_are() {
    let output = run(&["--only", "foo"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(
        said.contains("append, commit, read, record, open, check, latency, crc"),
        "{said}"
    );
    assert_eq!(refused(&["--effort", "0"]).0, Some(2));
}

#[test]
fn directories_that_are_not_there_are_named() {
    for option in ["--dir", "--dax-dir", "--charts"] {
        let (code, said) = refused(&[option, "/not/there"]);
        assert_eq!(code, Some(1));
        let beginning = format!("bench: {option} /not/there: ");
        assert!(said.starts_with(&beginning), "{said}");
        assert!(said.contains("No such file or directory"), "{said}");
    }
}

#[test]
fn a_file_for_charts_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let (code, said) = refused(&["--charts", path]);
    assert_eq!(code, Some(1));
    assert!(said.contains("Not a directory"), "{said}");
}

#[test]
fn a_reader_that_stops_early_is_no_reason_to_panic() {
    let mut running = bench(&["--only", "crc", "--effort", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(running.stdout.take());
    let mut said = String::new();
    running
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(1));
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn rows_are_of_the_bench_that_was_asked_for_and_each_has_its_own_key() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    for bench in ["check", "read", "latency", "crc", "durable-write"] {
        let output = run(&["--json", "--effort", "1", "--only", bench, "--dir", path]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert!(!rows.is_empty());
        let mut keys = HashSet::new();
        for row in &rows {
            assert_eq!(row["bench"], bench);
            assert!(row["ns"].as_f64().unwrap() > 0.0, "{row}");
            let columns = ["path", "bytes", "logs", "changed", "threads", "versus"];
            let key = columns.map(|column| row[column].to_string());
            assert!(keys.insert(key), "{row}");
        }
    }
    assert_eq!(
        fs::read_dir(&dir).unwrap().count(),
        0,
        "something was left behind"
    );
}
