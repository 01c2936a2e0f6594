//! Records, as `plog check` finds them.

use crate::common::*;
use crate::records::{damage, three};
use serde_json::{json, Value};
use std::fs;

/// The verdict for programs, and the exit code.
fn verdict(file: &str) -> (Value, i32) {
    let run = Run::of(&mut plog(&["check", file, "--json"]));
    (serde_json::from_str(run.text()).unwrap(), run.code)
}

#[test]
fn are_all_read() {
    let scratch = Scratch::new();
    let file = three(&scratch);
    succeeds(&["append", &file, "--data", "bytes, which are not checked"]);
    says(
        &succeeds(&["check", &file]),
        &["sound: 2 logs", "records: 3 sound, 0 damaged, in 1 log"],
    );
    damage(&file, b"third");
    let run = Run::of(&mut plog(&["check", &file]));
    assert_eq!(run.code, 2);
    says(
        run.text(),
        &[
            "records are damaged",
            "2 sound, 1 damaged",
            "log 1: the record at position 62",
        ],
    );
    let run = Run::of(&mut plog(&["check", &file, "--json"]));
    let verdict: Value = serde_json::from_str(run.text()).unwrap();
    assert_eq!(verdict["sound"], false);
    assert_eq!(verdict["records"]["sound"], 2);
    assert_eq!(verdict["records"]["damaged"][0]["position"], 62);
    assert_eq!(verdict["records"]["damaged"][0]["log"], 1);
}

/// Turns a bit of the length of log 1's first record, which is at the log's head.
fn damage_header(file: &str) {
    let mut bytes = fs::read(file).unwrap();
    let payload = bytes.windows(5).position(|bytes| bytes == b"first");
    bytes[payload.unwrap() - 16] ^= 1;
    fs::write(file, bytes).unwrap();
}

/// Asserts that log 1 is said not to have been checked, unless all logs are taken to hold records.
#[track_caller]
fn unchecked(file: &str, head: u64) {
    let bytes = 91 - head;
    let line = format!("log 1 does not begin with a record: {bytes} bytes not checked (--records checks them as records)\n");
    let text = succeeds(&["check", file]);
    assert!(text.ends_with(&line), "{text}");
    assert!(
        !text.contains("log 0") && !text.contains("sound,"),
        "{text}"
    );
    let (verdict, code) = verdict(file);
    let records =
        json!({"logs": 0, "sound": 0, "damaged": [], "unchecked": [{"log": 1, "bytes": bytes}]});
    assert_eq!(
        (&verdict["records"], &verdict["sound"]),
        (&records, &json!(true))
    );
    assert_eq!(code, 0);

    let run = Run::of(&mut plog(&["check", file, "--records"]));
    assert_eq!(run.code, 2);
    let place = format!("log 1: no record starts at position {head}");
    says(run.text(), &[&place]);
    assert!(!run.text().contains("not checked"), "{run:?}");
}

#[test]
fn are_not_where_the_header_of_the_first_one_is_damaged() {
    let scratch = Scratch::new();
    let file = three(&scratch);
    damage_header(&file);
    // It might be a log of bytes.
    unchecked(&file, 0);
}

#[test]
fn are_not_where_the_head_is_within_one() {
    let scratch = Scratch::new();
    let file = three(&scratch);
    succeeds(&["advance-head", &file, "--log", "1", "--to", "5"]);
    unchecked(&file, 5);
}

#[test]
fn are_not_where_there_are_bytes_but_no_end_of_lines() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 12, "100");
    succeeds(&["append", &file, "--record", "--log", "3", "--data", "x"]);
    let with_bytes = [0, 1, 2, 5, 6, 7, 8, 9, 10, 11];
    for log in with_bytes {
        let data = "b".repeat(log.min(2) + 1);
        succeeds(&["append", &file, "--log", &log.to_string(), "--data", &data]);
    }
    let text = succeeds(&["check", &file]);
    says(
        &text,
        &[
            "records: 1 sound, 0 damaged, in 1 log\n",
            "log 0 does not begin with a record: 1 byte not checked",
            "log 9 does not begin with a record: 3 bytes not checked",
            "\nnot checked either: 6 bytes of 2 logs\n",
        ],
    );
    assert_eq!(text.matches("not checked").count(), 9);
    let unchecked = verdict(&file).0["records"]["unchecked"].take();
    let logs = unchecked.as_array().unwrap().iter();
    let logs: Vec<u64> = logs.map(|log| log["log"].as_u64().unwrap()).collect();
    assert_eq!(logs, with_bytes.map(|log| log as u64));
}
