//! A file that is not what was written: check says what and where, and nothing else acts upon it.

use crate::common::{fails, noise, plog, says, succeeds, Run, Scratch};
use serde_json::{json, Value};
use std::fs;

/// Three logs: a run of codewords takes four lines of 32 bytes.
const LOGS: u64 = 3;
const DIRECTORY: usize = 128;
const COPY_A: usize = 256;
const COPY_B: usize = 384;

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
    for now in [321, 4096, len - 1, len + 1, 2 * len] {
        let mut changed = bytes.clone();
        changed.resize(now, 0);
        fs::write(&file, changed).unwrap();
        unsound_as_a_whole(
            &file,
            &format!("was created with {len} bytes and has {now} now"),
        );
    }
    for now in [1, 8, 64, 320] {
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

#[test]
fn one_bit_anywhere_in_the_metadata() {
    let scratch = Scratch::new();
    for (name, copy) in [("one commit", COPY_A), ("two commits", COPY_B)] {
        let file = logs(&scratch, name);
        if copy == COPY_B {
            succeeds(&["append", &file, "--data", "x", "--log", "1", "--data", "y"]);
        }
        let bytes = fs::read(&file).unwrap();
        let mut lines = vec![
            (0, 32, "superblock".to_string()),
            (32, 32, "superblock".to_string()),
            (64, 8, "selector".to_string()),
        ];
        for log in 0..LOGS as usize {
            lines.push((
                DIRECTORY + 32 * log,
                32,
                format!("directory entry of log {log}"),
            ));
            lines.push((copy + 32 * log, 32, format!("head and tail of log {log}")));
        }
        for (address, len, part) in lines {
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
fn lines_of_another_file() {
    let scratch = Scratch::new();
    let file = logs(&scratch, "logs");
    let own = fs::read(&file).unwrap();
    let other = fs::read(logs(&scratch, "other")).unwrap();
    let directory = |log| format!("directory entry of log {log}");
    let entry = |log| format!("head and tail of log {log}");
    for (from, len, part, address) in [
        (0, 32, "superblock".to_string(), 0),
        (32, 32, "superblock".to_string(), 0),
        (0, 64, directory(0), DIRECTORY),
        (DIRECTORY, 32, directory(0), DIRECTORY),
        (DIRECTORY + 64, 32, directory(2), DIRECTORY + 64),
        (COPY_A, 32, entry(0), COPY_A),
        (COPY_A + 32, 32, entry(1), COPY_A + 32),
        (0, COPY_A, entry(0), COPY_A),
    ] {
        let mut changed = own.clone();
        changed[from..from + len].copy_from_slice(&other[from..from + len]);
        fs::write(&file, changed).unwrap();
        unsound(&file, json!(part), json!(address), &part);
        untouched(&file);
    }
}

#[test]
fn lines_in_each_others_place() {
    let scratch = Scratch::new();
    let file = logs(&scratch, "logs");
    let own = fs::read(&file).unwrap();
    for (address, part) in [
        (DIRECTORY, "directory entry of log 0"),
        (COPY_A, "head and tail of log 0"),
    ] {
        let mut changed = own.clone();
        let (first, second) = changed[address..address + 64].split_at_mut(32);
        first.swap_with_slice(second);
        fs::write(&file, changed).unwrap();
        unsound(&file, json!(part), json!(address), part);
        untouched(&file);
    }
}
