//! Standard output that is closed, or full.

use crate::common::{executable, extent, noise, output, plog, says, with_input, Run, Scratch};
use std::fs::File;
use std::io::pipe;
use std::process::{Command, Stdio};

/// Runs `plog` with a standard output that nobody reads.
fn unheard(args: &[&str]) -> Run {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    Run::of(plog(args).stdout(writer))
}

fn logs(scratch: &Scratch) -> String {
    let file = scratch.logs("logs", 3, "4M");
    with_input(&["append", &file], &noise(3_000_000));
    with_input(&["append", &file, "--log", "2", "--record"], b"a record");
    file
}

#[test]
fn who_stops_listening_needs_no_telling() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    for args in [
        ["read", &file].as_slice(),
        &["read", &file, "--len=1"],
        &["info", &file],
        &["info", &file, "--json"],
        &["check", &file],
        &["check", &file, "--json"],
        &["records", &file, "--log=2"],
        &["records", &file, "--log=2", "--json"],
        &["records", &file, "--log=2", "--follow"],
        &["inspect", &file],
        &["inspect", &file, "--svg=/dev/stdout"],
    ] {
        let run = unheard(args);
        assert_eq!((run.code, run.err.as_str()), (1, ""), "{args:?}");
    }
    for args in [["--help"].as_slice(), &["append", "--help"], &["--version"]] {
        let run = unheard(args);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
    }
}

#[test]
fn who_stops_in_the_middle_of_a_read_neither() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    let mut child = plog(&["read", &file])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 100_000];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut some).unwrap();
    drop(child.stdout.take());
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert!(some == noise(100_000)[..]);
}

#[test]
fn an_append_says_that_it_was_done() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    let said = unheard(&["append", &file, "--log", "1", "--data", "x"]).failed();
    says(&said, &[&file, "appended and committed"]);
    assert_eq!(output(&["read", &file, "--log", "1"]), b"x");
    assert_eq!(extent(&file, 1), (0, 1));
}

#[test]
fn a_full_disk_is_told_of() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    for args in [
        ["read", &file].as_slice(),
        &["info", &file],
        &["check", &file],
        &["records", &file, "--log=2"],
        &["records", &file, "--log=2", "--json"],
        &["records", &file, "--log=2", "--follow"],
        &["inspect", &file],
        &["inspect", &file, "--svg=/dev/stdout"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let said = Run::of(plog(args).stdout(full)).failed();
        says(&said, &["standard output", "No space left on device"]);
    }
}

#[test]
fn without_any_output_or_error() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    for (script, code) in [
        ("exec \"$0\" read \"$1\" >&-", 0),
        ("exec \"$0\" info \"$1\" >&-", 0),
        ("exec \"$0\" records \"$1\" --log 2 >&-", 0),
        ("exec \"$0\" inspect \"$1\" >&-", 0),
        ("exec \"$0\" inspect \"$1\" --svg /dev/stdout >&-", 0),
        ("exec \"$0\" info \"$1.missing\" 2>&-", 1),
        ("exec \"$0\" read \"$1\" --from 9000000 2>/dev/full", 1),
        ("exec \"$0\" records \"$1\" 2>/dev/full", 1),
        ("exec \"$0\" read --wrong 2>/dev/full", 1),
    ] {
        let run = Run::of(
            Command::new("sh")
                .args(["-c", script])
                .arg(executable())
                .arg(&file),
        );
        assert_eq!(
            (run.code, run.text(), run.err.as_str()),
            (code, "", ""),
            "{script}"
        );
    }
}
