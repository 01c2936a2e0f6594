//! Records: appended and printed.

use crate::common::*;
use serde_json::{json, Value};
use std::fs;

/// A file whose log 1 holds these three records, at 0, 29 and 62.
pub fn three(scratch: &Scratch) -> String {
    let file = scratch.logs("logs", 2, "1000");
    let positions = succeeds(&[
        "append",
        &file,
        "--record",
        "--log",
        "1",
        "--data",
        "first",
        "--log",
        "1",
        "--data",
        "grün \\ 2",
        "--log",
        "1",
        "--data",
        "third",
    ]);
    assert_eq!(positions, "0\n29\n62\n");
    // Two commits more: damage to what the last one has appended would look like its interruption.
    succeeds(&["append", &file, "--data", "x"]);
    succeeds(&["truncate", &file, "--to", "0"]);
    file
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Turns a bit of the payload that is this text.
pub fn damage(file: &str, text: &[u8]) {
    let mut bytes = fs::read(file).unwrap();
    let at = bytes
        .windows(text.len())
        .position(|bytes| bytes == text)
        .unwrap();
    bytes[at] ^= 2;
    fs::write(file, bytes).unwrap();
}

#[test]
fn are_printed_as_text_and_as_json() {
    let scratch = Scratch::new();
    let file = three(&scratch);
    let text = succeeds(&["records", &file, "--log", "1"]);
    assert_eq!(text, "0\t5\tfirst\n29\t9\tgrün \\\\ 2\n62\t5\tthird\n");
    let from = succeeds(&["records", &file, "--log", "1", "--from", "29", "--json"]);
    assert_eq!(
        json_lines(&from),
        [
            json!({"position": 29, "next": 62, "len": 9, "text": "grün \\ 2"}),
            json!({"position": 62, "next": 91, "len": 5, "text": "third"}),
        ]
    );
    assert_eq!(succeeds(&["records", &file]), "");
    assert_eq!(
        succeeds(&["records", &file, "--log", "1", "--from", "91"]),
        ""
    );
}

#[test]
fn that_are_no_text_are_printed_without_harm() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "1000");
    with_input(&["append", &file, "--record"], b"a\x1b[31m\xff\n\0");
    let text = succeeds(&["records", &file]);
    assert_eq!(text, "0\t9\ta\\x1b[31m\\xff\\x0a\\x00\n");
    let line = json_lines(&succeeds(&["records", &file, "--json"]));
    assert_eq!(line[0]["hex"], "611b5b33316dff0a00");
    assert_eq!(line[0].get("text"), None);
}

#[test]
fn are_made_of_lines() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "1000");
    let run = with_input(&["append", &file, "--record", "--lines"], b"one\n\nthree");
    assert_eq!(run.text(), "0\n27\n51\n");
    assert_eq!(
        succeeds(&["records", &file]),
        "0\t3\tone\n27\t0\t\n51\t5\tthree\n"
    );
    let usage = Run::of(&mut plog(&["append", &file, "--lines"]));
    assert_eq!(usage.code, 1);
    says(&usage.err, &["--record"]);
}

#[test]
fn that_are_damaged_are_reported_and_do_not_hide_the_others() {
    let scratch = Scratch::new();
    let file = three(&scratch);
    damage(&file, "grün".as_bytes());
    let run = Run::of(&mut plog(&["records", &file, "--log", "1"]));
    assert_eq!(run.code, 1);
    assert_eq!(run.text(), "0\t5\tfirst\n62\t5\tthird\n");
    says(&run.err, &["log 1", "the record at position 29 is damaged"]);
    assert_eq!(run.err.lines().count(), 1);
}

#[test]
fn start_where_a_record_starts() {
    let scratch = Scratch::new();
    let file = three(&scratch);
    let from = |position| fails(&["records", &file, "--log", "1", "--from", position]);
    says(&from("30"), &["no record starts at position 30"]);
    says(&from("92"), &["position 92", "from 0 to 91"]);
    says(&fails(&["records", &file, "--log", "2"]), &["no log 2"]);
}
