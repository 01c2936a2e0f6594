//! What `plog check` says of what does not count: the idle copy, and what was staged.

use crate::common::*;
use crate::inspect::{damaged, two_logs};
use serde_json::{json, Value};
use std::fs;

fn in_flight(file: &str) -> Value {
    let line = succeeds(&["check", file, "--json"]);
    let verdict: Value = serde_json::from_str(&line).unwrap();
    verdict["in_flight"].clone()
}

fn counts(settled: u64, behind: u64, uncommitted: u64, torn: u64) -> Value {
    json!({"settled": settled, "behind": behind, "uncommitted": uncommitted, "torn": torn})
}

#[test]
fn check_says_what_the_idle_copy_holds() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 2, "1000");
    assert_eq!(in_flight(&file), counts(2, 0, 0, 0));
    let append = || succeeds(&["append", &file, "--log", "1", "--data", "x"]);
    append();
    assert_eq!(in_flight(&file), counts(1, 1, 0, 0));
    says(
        &succeeds(&["check", &file]),
        &[
            "sound: 2 logs",
            "does not count: 1 entry as committed, 1 entry as committed before",
        ],
    );
    assert_eq!(in_flight(&damaged(&file, 192 + 32)), counts(1, 0, 0, 1));
    // A crash before the selector is stored: the next commit's entry is there, and nothing names it.
    let before = fs::read(&file).unwrap();
    append();
    let mut crashed = fs::read(&file).unwrap();
    crashed[64..72].copy_from_slice(&before[64..72]);
    fs::write(&file, crashed).unwrap();
    assert_eq!(in_flight(&file), counts(1, 0, 1, 0));
    assert_eq!(extent(&file, 1), (0, 1));
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
    let rings = 128 + 3 * 64;
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
