//! Records that cannot be appended, and the least that can.

use crate::common::*;
use std::fs::{self, File};
use std::process::Command;

/// Runs `plog` in a shell, as `$0` with the file as `$1`.
fn shell(script: &str, file: &str) -> Run {
    let mut command = Command::new("sh");
    Run::of(command.args(["-c", script]).arg(executable()).arg(file))
}

/// A file whose log holds one record of a byte, with room for 75 bytes.
fn one(scratch: &Scratch) -> String {
    let file = scratch.logs("logs", 1, "100");
    succeeds(&["append", &file, "--record", "--data", "x"]);
    file
}

/// Asserts that there is nothing but what there was.
#[track_caller]
fn unchanged(file: &str) {
    assert_eq!(extent(file, 0), (0, 25));
    says(&succeeds(&["check", file]), &["1 sound, 0 damaged"]);
    assert_eq!(succeeds(&["records", file]), "0\t1\tx\n");
}

#[test]
fn longer_than_the_log() {
    let scratch = Scratch::new();
    let file = one(&scratch);
    let long = "y".repeat(77);
    let facts = ["log 0", "77 bytes takes 24 more", "can hold 100 at most"];
    let nothing = "nothing was appended";
    let said = fails(&["append", &file, "--record", "--data", "z", "--data", &long]);
    says(&said, &facts);
    says(&said, &[nothing]);
    let append = ["append", &file, "--record"];
    let said = with_input(&append, long.as_bytes()).failed();
    says(&said, &facts);
    says(&said, &[nothing, "standard input"]);
    let said = with_input(&append, &[b'y'; 5000]).failed();
    says(
        &said,
        &["log 0: standard input is longer", "100 bytes", nothing],
    );

    let lines = ["append", &file, "--record", "--lines"];
    let said = with_input(&lines, format!("short\n{long}\nshort\n").as_bytes()).failed();
    says(&said, &facts);
    says(&said, &[nothing, "line 2 of standard input"]);
    for end in ["", "\n", "more"] {
        let line = format!("short\n{}{end}", "y".repeat(101));
        let said = with_input(&lines, line.as_bytes()).failed();
        says(
            &said,
            &["log 0: line 2 of standard input is longer", nothing],
        );
    }
    unchanged(&file);

    // As long as can be.
    succeeds(&["advance-head", &file, "--to", "25"]);
    let longest = "y".repeat(76);
    let run = with_input(&lines, format!("{longest}\n").as_bytes());
    assert_eq!((run.code, run.text()), (0, "25\n"));
    assert_eq!(
        succeeds(&["records", &file]),
        format!("25\t76\t{longest}\n")
    );
}

#[test]
fn without_an_end() {
    let scratch = Scratch::new();
    let file = one(&scratch);
    for lines in ["", "--lines"] {
        let script = format!(
            "ulimit -v 2000000; exec timeout 60 \"$0\" append \"$1\" --record {lines} < /dev/zero"
        );
        let said = shell(&script, &file).failed();
        says(&said, &["longer than", "100 bytes", "nothing was appended"]);
    }
    unchanged(&file);
}

#[test]
fn more_than_there_is_room_for() {
    let scratch = Scratch::new();
    let file = one(&scratch);
    let record = ["append", &file, "--record", "--data"];
    let facts = ["log 0", "takes 76 bytes", "room for 75"];
    let data = "y".repeat(52);
    let said = fails(&[record.as_slice(), &[&data]].concat());
    says(&said, &facts);
    let said = with_input(&["append", &file, "--record"], data.as_bytes()).failed();
    says(&said, &facts);
    let lines = ["append", &file, "--record", "--lines"];
    let said = with_input(&lines, b"one\ntwo\nthree\n").failed();
    says(
        &said,
        &["line 3 of standard input", "takes 29 bytes", "room for 21"],
    );
    unchanged(&file);

    // To the last byte; then there is not even room for an empty one.
    let run = with_input(&lines, format!("{}\n", &data[1..]).as_bytes());
    assert_eq!((run.code, run.text()), (0, "25\n"));
    let said = fails(&[record.as_slice(), &[""]].concat());
    says(
        &said,
        &["takes 24 bytes", "room for 0", "nothing was appended"],
    );
    assert_eq!(extent(&file, 0), (0, 100));
    says(&succeeds(&["check", &file]), &["2 sound, 0 damaged"]);
}

#[test]
fn empty() {
    let scratch = Scratch::new();
    let file = one(&scratch);
    let append = ["append", &file, "--record"];
    assert_eq!(
        succeeds(&["append", &file, "--record", "--data", ""]),
        "25\n"
    );
    assert_eq!(with_input(&append, b"").text(), "49\n");
    assert_eq!(succeeds(&["records", &file]), "0\t1\tx\n25\t0\t\n49\t0\t\n");
    // No line is no record.
    let run = with_input(&["append", &file, "--record", "--lines"], b"");
    assert_eq!((run.code, run.text()), (0, ""));
    assert_eq!(extent(&file, 0), (0, 73));
}

#[test]
fn from_what_cannot_be_read() {
    let scratch = Scratch::new();
    let file = one(&scratch);
    for args in [
        ["append", &file, "--record"].as_slice(),
        &["append", &file, "--record", "--lines"],
    ] {
        let directory = File::open(scratch.path()).unwrap();
        let said = Run::of(plog(args).stdin(directory)).failed();
        let facts = ["could not read standard input", "nothing was appended"];
        says(&said, &facts);
    }
    unchanged(&file);
    // What is closed is empty.
    let run = shell("exec \"$0\" append \"$1\" --record --lines <&-", &file);
    assert_eq!((run.code, run.text(), run.err.as_str()), (0, "", ""));
    unchanged(&file);
    let run = shell("exec \"$0\" append \"$1\" --record <&-", &file);
    assert_eq!((run.code, run.text(), run.err.as_str()), (0, "25\n", ""));
    assert_eq!(extent(&file, 0), (0, 49));
}

#[test]
fn for_no_log() {
    let scratch = Scratch::new();
    let file = one(&scratch);
    for args in [
        ["append", &file, "--record", "--log", "1"].as_slice(),
        &["append", &file, "--record", "--log", "1", "--lines"],
        &[
            "append", &file, "--record", "--data=a", "--log=1", "--data=b",
        ],
    ] {
        says(&fails(args), &["no log 1", "0 to 0"]);
    }
    unchanged(&file);
    let none = scratch.file("none");
    says(
        &fails(&["append", &none, "--record", "--data=a"]),
        &["there is no such file"],
    );
    assert!(!fs::exists(&none).unwrap());
}
