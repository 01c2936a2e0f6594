//! A medium that cannot be read any more: each read of the file fails in turn, injected by strace.

use crate::common::{executable, output, skip, Run, Scratch};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs `plog` on the file; read number `number` of it fails.
fn failing(number: u32, args: &[&str], file: &str) -> Run {
    let mut strace = Command::new("strace");
    let inject = format!("inject=pread64:error=EIO:when={number}");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-P", file, "-e", &inject]);
    strace.arg(executable()).args(args).stdin(Stdio::null());
    Run::of(&mut strace)
}

/// Whether strace is there and may trace. Says so if not.
fn can_trace() -> bool {
    let mut probe = Command::new("strace");
    probe
        .args(["-o", "/dev/null", "true"])
        .stderr(Stdio::null());
    let can = probe.status().is_ok_and(|status| status.success());
    if !can {
        let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!ci, "strace is not installed, or may not trace");
        skip("strace is not installed, or may not trace");
    }
    can
}

/// Each of its reads fails once. It says so, and all else that it prints is right.
fn every_read_fails(before: &[&str], after: &[&str]) {
    if !can_trace() {
        return;
    }
    // Not in memory, where files are mapped.
    let scratch = Scratch::within(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let file = scratch.logs("logs", 2, "100");
    for data in ["first", "second", "the third, round the end of the ring"] {
        output(&["append", &file, "--log", "1", "--record", "--data", data]);
        if data == "second" {
            output(&["advance-head", &file, "--log", "1", "--to", "29"]);
        }
    }
    let image = fs::read(&file).unwrap();
    let args = [before, &[&file], after].concat();
    let right = text(&output(&args));
    for number in 1.. {
        let run = failing(number, &args, &file);
        assert_eq!(fs::read(&file).unwrap(), image);
        if run.code == 0 {
            assert_eq!(text(&run.out), right);
            assert!(number > 3, "it reads only {} times", number - 1);
            return;
        }
        // A record that cannot be read is something that `check` finds.
        let found = run.code == 2 && before == ["check"] && run.err.is_empty();
        let told = run.code == 1 && run.err.starts_with("plog: ");
        assert!(found || told, "{run:?}");
        let printed = text(&run.out);
        let (errors, lines): (Vec<&str>, Vec<&str>) = printed
            .lines()
            .chain(run.err.lines())
            .partition(|line| line.contains("nput/output error"));
        assert_eq!(errors.len(), 1, "{run:?}");
        let is_right = |line: &&str| right.contains(line) || found;
        assert!(lines.iter().all(is_right), "{run:?}");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn of_info() {
    every_read_fails(&["info"], &[]);
}

#[test]
fn of_check() {
    every_read_fails(&["check"], &[]);
}

#[test]
fn of_read() {
    every_read_fails(&["read"], &["--log", "1"]);
}

#[test]
fn of_records() {
    every_read_fails(&["records"], &["--log", "1"]);
}

#[test]
fn of_inspect() {
    every_read_fails(&["inspect"], &[]);
}
