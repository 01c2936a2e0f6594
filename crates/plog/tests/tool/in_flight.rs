//! What `plog check` says of what does not count: interrupted commits, the idle journal, and what was staged.

use crate::common::*;
use crate::inspect::{damaged, two_logs, RECORDS_A};
use serde_json::{json, Value};
use std::fs;

fn in_flight(file: &str) -> Value {
    let line = succeeds(&["check", file, "--json"]);
    let verdict: Value = serde_json::from_str(&line).unwrap();
    verdict["in_flight"].clone()
}

fn state(commit: &str, idle: &str) -> Value {
    json!({"commit": commit, "idle": idle})
}

#[test]
fn check_says_what_the_idle_journal_holds() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 2, "1000");
    assert_eq!(in_flight(&file), state("none", "blank"));
    let said = succeeds(&["check", &file]);
    says(&said, &["\nidle journal (ignored): never used\n"]);
    succeeds(&["append", &file, "--log", "1", "--data", "x"]);
    assert_eq!(in_flight(&file), state("none", "older"));
    let said = succeeds(&["check", &file]);
    says(&said, &["idle journal (ignored): an older state\n"]);
    // Journal A is idle now.
    let torn = damaged(&file, 128);
    assert_eq!(in_flight(&torn), state("none", "torn"));
    let said = succeeds(&["check", &torn]);
    says(&said, &["idle journal (ignored): no whole state\n"]);
    // A crash before the selector is stored.
    let before = fs::read(&file).unwrap();
    succeeds(&["append", &file, "--log", "1", "--data", "x"]);
    let mut crashed = fs::read(&file).unwrap();
    crashed[64..72].copy_from_slice(&before[64..72]);
    fs::write(&file, crashed).unwrap();
    assert_eq!(in_flight(&file), state("none", "later"));
    assert_eq!(extent(&file, 1), (0, 1));
}

#[test]
fn check_says_what_an_interrupted_commit_has_left() {
    let scratch = Scratch::new();
    let file = two_logs(&scratch);
    let torn = damaged(&file, RECORDS_A);
    assert_eq!(in_flight(&torn), state("torn", "older"));
    let said = succeeds(&["check", &torn]);
    says(
        &said,
        &["interrupted commit (ignored): its record is not whole\n"],
    );
    assert_eq!(extent(&torn, 1), (0, 12));
    // The last byte of the ring that is in use.
    let ring_1 = fs::metadata(&file).unwrap().len() as usize - 1000;
    let incomplete = damaged(&file, ring_1 + 23);
    assert_eq!(in_flight(&incomplete), state("incomplete", "older"));
    let said = succeeds(&["check", &incomplete]);
    let words = "interrupted commit (ignored): commit 2 lacks bytes that it appended\n";
    says(&said, &["sound: 2 logs\n", words]);
    assert_eq!(extent(&incomplete, 1), (0, 12));
    succeeds(&["append", &incomplete, "--data", "y"]);
    assert_eq!(in_flight(&incomplete), state("none", "older"));
}

#[test]
fn check_says_that_what_was_staged_does_not_count() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 2, "1000");
    let append = |log, data| succeeds(&["append", &file, "--log", log, "--data", data]);
    append("0", "twelve bytes");
    // As if the process had been killed between staging and committing: the bytes are there, and nothing says so.
    let mut before = fs::read(&file).unwrap();
    append("0", "staged, not committed");
    let after = fs::read(&file).unwrap();
    let rings = before.len() - 2024;
    before[rings..].copy_from_slice(&after[rings..]);
    fs::write(&file, before).unwrap();
    assert_eq!(extent(&file, 0), (0, 12));
    let staged = "what was staged there and not committed does not count";
    let said = succeeds(&["check", &file]);
    says(&said, &[&format!("\nfree: 1988 bytes; {staged}\n")]);
    // There is no such place in logs that are full.
    let much = "x".repeat(1000);
    append("0", &much[12..]);
    append("1", &much);
    assert!(!succeeds(&["check", &file]).contains("free"));
}

#[test]
fn check_says_nothing_of_it_when_the_file_is_not_sound() {
    let scratch = Scratch::new();
    let file = damaged(&two_logs(&scratch), 192);
    let run = Run::of(&mut plog(&["check", &file, "--json"]));
    let verdict: Value = serde_json::from_str(run.text()).unwrap();
    assert_eq!((run.code, verdict.get("in_flight")), (2, None));
}
