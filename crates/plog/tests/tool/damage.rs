//! A file that is not what was written: check says what and where, and nothing else acts upon it.

use crate::common::{fails, noise, plog, says, succeeds, Run, Scratch};
use multilog::{AnyRegion, FileOptions, MultiLog};
use serde_json::{json, Value};
use std::fs;

/// Three logs: each journal has a header, three entries, and 64 lines for records.
const LOGS: u64 = 3;
const JOURNAL_A: usize = 128;
const JOURNAL_B: usize = JOURNAL_A + 64 * (1 + 3 + 64);
const ENTRIES: usize = JOURNAL_A + 64;

fn logs(scratch: &Scratch, name: &str) -> String {
    scratch.logs(name, LOGS, "4096")
}

/// Asserts that the file is refused everywhere, and that check finds this.
#[track_caller]
fn unsound(file: &str, part: Value, address: Value, fact: &str) {
    let run = Run::of(&mut plog(&["check", file, "--json"]));
    assert_eq!((run.code, run.err.as_str()), (2, ""), "{run:?}");
    let verdict: Value = serde_json::from_str(run.text()).unwrap();
    let message = verdict["message"].as_str().unwrap();
    let expected = json!({ "sound": false, "part": part, "address": address, "message": message });
    assert_eq!(verdict, expected);
    says(message, &[fact]);

    let run = Run::of(&mut plog(&["check", file]));
    assert_eq!((run.code, run.err.as_str()), (2, ""), "{run:?}");
    assert_eq!(run.text(), format!("{file}: {message}\n"));
}

/// Asserts that no other command has anything to do with the file, and that none changes it.
#[track_caller]
fn untouched(file: &str) {
    let before = fs::read(file).unwrap();
    for args in [
        ["info", file].as_slice(),
        &["info", file, "--json"],
        &["read", file],
        &["append", file, "--data=x"],
        &["append", file, "--record", "--data=x"],
        &["records", file],
        &["records", file, "--follow"],
        &["append", file],
        &["advance-head", file, "--to=0"],
        &["truncate", file, "--to=0"],
    ] {
        says(&fails(args), &[file]);
    }
    assert!(fs::read(file).unwrap() == before);
}

#[track_caller]
fn unsound_as_a_whole(file: &str, fact: &str) {
    unsound(file, Value::Null, Value::Null, fact);
    untouched(file);
}

#[test]
fn truncated_or_extended() {
    let scratch = Scratch::new();
    let file = logs(&scratch, "logs");
    let bytes = fs::read(&file).unwrap();
    let len = bytes.len();
    for now in [513, 4096, len - 1, len + 1, 2 * len] {
        let mut changed = bytes.clone();
        changed.resize(now, 0);
        fs::write(&file, changed).unwrap();
        unsound_as_a_whole(
            &file,
            &format!("was created with {len} bytes and has {now} now"),
        );
    }
    for now in [1, 8, 64, 512] {
        fs::write(&file, &bytes[..now]).unwrap();
        unsound_as_a_whole(&file, &format!("{now} bytes are too few"));
    }
    fs::write(&file, bytes).unwrap();
    succeeds(&["check", &file]);
}

#[test]
fn empty() {
    let scratch = Scratch::new();
    let file = scratch.file("empty");
    fs::write(&file, "").unwrap();
    unsound_as_a_whole(&file, "empty");
}

#[test]
fn something_else() {
    let scratch = Scratch::new();
    let file = scratch.file("other");
    let text = "All happy families are alike.\n".repeat(100);
    for bytes in [
        noise(10_000),
        vec![0; 10_000],
        vec![0xff; 10_000],
        text.into_bytes(),
    ] {
        fs::write(&file, bytes).unwrap();
        unsound_as_a_whole(&file, "there are no logs here");
    }
}

fn entry(log: usize) -> String {
    format!("entry of log {log}")
}

const HEADER: &str = "header of the live journal";

#[test]
fn one_bit_anywhere_in_the_metadata() {
    let scratch = Scratch::new();
    for (name, journal) in [("no commit", JOURNAL_A), ("one commit", JOURNAL_B)] {
        let file = logs(&scratch, name);
        if journal == JOURNAL_B {
            succeeds(&["append", &file, "--data", "x", "--log", "1", "--data", "y"]);
        }
        let bytes = fs::read(&file).unwrap();
        let mut parts = vec![
            (0, 32, "superblock".to_string()),
            (32, 32, "superblock".to_string()),
            (64, 8, "selector".to_string()),
            (journal, 32, HEADER.to_string()),
        ];
        for log in 0..LOGS as usize {
            parts.push((journal + 64 + 64 * log, 64, entry(log)));
        }
        for (address, len, part) in parts {
            for byte in address..address + len {
                let mut changed = bytes.clone();
                changed[byte] ^= 1 << (byte % 8);
                fs::write(&file, changed).unwrap();
                let fact = format!("at address {address}: {part}");
                unsound(&file, json!(part), json!(address), &fact);
            }
            untouched(&file);
        }
        fs::write(&file, bytes).unwrap();
        succeeds(&["check", &file]);
    }
}

#[test]
fn one_bit_anywhere_in_a_record_but_the_last() {
    let scratch = Scratch::new();
    let file = logs(&scratch, "logs");
    let region = AnyRegion::open(file.as_ref(), &FileOptions::default()).unwrap();
    let mut open = MultiLog::open(region).unwrap();
    for log in 0..LOGS {
        open.stage_append(log, b"x").unwrap();
        open.commit().unwrap();
    }
    drop(open);
    let bytes = fs::read(&file).unwrap();
    // Each record is one line, and behind it there is the header of the next one.
    let first = JOURNAL_B + 64 * 4;
    for address in [first, first + 64] {
        let part = "records of commits, among 96 bytes";
        for byte in address..address + 64 {
            let mut changed = bytes.clone();
            changed[byte] ^= 1 << (byte % 8);
            fs::write(&file, changed).unwrap();
            let fact = format!("at address {address}: {part}");
            unsound(&file, json!(part), json!(address), &fact);
        }
        untouched(&file);
    }
}

#[test]
fn parts_of_another_file() {
    let scratch = Scratch::new();
    let file = logs(&scratch, "logs");
    let own = fs::read(&file).unwrap();
    let other = fs::read(logs(&scratch, "other")).unwrap();
    for (from, len, part, address) in [
        (0, 32, "superblock".to_string(), 0),
        (32, 32, "superblock".to_string(), 0),
        (0, 64, HEADER.to_string(), JOURNAL_A),
        (JOURNAL_A, 64, HEADER.to_string(), JOURNAL_A),
        (ENTRIES, 64, entry(0), ENTRIES),
        (ENTRIES + 64, 64, entry(1), ENTRIES + 64),
        (0, ENTRIES, entry(0), ENTRIES),
    ] {
        let mut changed = own.clone();
        changed[from..from + len].copy_from_slice(&other[from..from + len]);
        fs::write(&file, changed).unwrap();
        unsound(&file, json!(part), json!(address), &part);
        untouched(&file);
    }
}

#[test]
fn parts_in_each_others_place() {
    let scratch = Scratch::new();
    let file = logs(&scratch, "logs");
    let own = fs::read(&file).unwrap();
    let mut swapped = own.clone();
    let (first, second) = swapped[ENTRIES..ENTRIES + 128].split_at_mut(64);
    first.swap_with_slice(second);
    let mut moved = own.clone();
    moved.copy_within(JOURNAL_A..JOURNAL_B, JOURNAL_B);
    moved[64..72].copy_from_slice(&0x91e0_6c5a_3b87_d42e_u64.to_le_bytes());
    for (changed, address, part) in [
        (swapped, ENTRIES, entry(0)),
        (moved, JOURNAL_B, HEADER.to_string()),
    ] {
        fs::write(&file, changed).unwrap();
        unsound(&file, json!(part), json!(address), &part);
        untouched(&file);
    }
}
