//! Records: appended, printed, followed and checked.

use crate::common::*;
use serde_json::{json, Value};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A file whose log 1 holds these three records, at 0, 29 and 62.
fn three(scratch: &Scratch) -> String {
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
    file
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Turns a bit of the payload that is this text.
fn damage(file: &str, text: &[u8]) {
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
fn that_do_not_fit_are_refused_and_nothing_is_appended() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "100");
    let said = Run::of(&mut plog(&["append", &file, "--record", "--data", "x"]));
    assert_eq!(said.code, 0);
    let long = "y".repeat(77);
    says(
        &fails(&["append", &file, "--record", "--data", "z", "--data", &long]),
        &["log 0", "nothing was appended"],
    );
    let run = with_input(&["append", &file, "--record"], &vec![b'y'; 5000]);
    says(&run.failed(), &["capacity", "nothing was appended"]);
    assert_eq!(succeeds(&["records", &file]), "0\t1\tx\n");
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

#[test]
fn are_checked() {
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

#[test]
fn are_checked_where_the_first_one_is_damaged_if_there_are_said_to_be_some() {
    let scratch = Scratch::new();
    let file = three(&scratch);
    let head = fs::read(&file).unwrap();
    let header = head.windows(5).position(|bytes| bytes == b"first").unwrap() - 16;
    let mut bytes = head.clone();
    bytes[header] ^= 1;
    fs::write(&file, bytes).unwrap();
    // It might be a log of bytes.
    assert!(!succeeds(&["check", &file]).contains("records"));
    let run = Run::of(&mut plog(&["check", &file, "--records"]));
    assert_eq!(run.code, 2);
    says(run.text(), &["log 1: no record starts at position 0"]);
}

/// `plog records --follow`, and what it prints.
struct Following {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Following {
    fn start(file: &str) -> Following {
        let mut command = plog(&["records", file, "--follow"]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Following { child, lines }
    }

    /// The next line, for which it waits.
    fn next(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `plog` until nobody has the file open.
fn when_free(args: &[&str]) {
    loop {
        let run = Run::of(&mut plog(args));
        if run.code == 0 {
            return;
        }
        says(&run.err, &["in use"]);
    }
}

#[test]
fn are_followed() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "200");
    succeeds(&["append", &file, "--record", "--data", "one"]);
    let mut following = Following::start(&file);
    assert_eq!(following.next(), "0\t3\tone");
    // Around the ring's end, with the head moving behind.
    for number in 0..20u64 {
        let data = format!("more {number}");
        when_free(&["append", &file, "--record", "--data", &data]);
        let line = following.next();
        assert!(line.ends_with(&format!("\t{data}")), "{line}");
        let position = line.split('\t').next().unwrap();
        when_free(&["advance-head", &file, "--to", position]);
    }
}

/// Sends a signal by its name.
fn signal(child: &Child, name: &str) {
    let mut kill = Command::new("kill");
    let status = kill.args([name, &child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

#[test]
fn that_were_freed_before_they_could_be_followed_are_reported() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "1000");
    succeeds(&["append", &file, "--record", "--data", "one"]);
    let mut following = Following::start(&file);
    assert_eq!(following.next(), "0\t3\tone");
    // Stopped, unless it has the file open just now.
    loop {
        signal(&following.child, "-STOP");
        let args = [
            "append", &file, "--record", "--data", "two", "--data", "three",
        ];
        if Run::of(&mut plog(&args)).code == 0 {
            break;
        }
        signal(&following.child, "-CONT");
    }
    succeeds(&["advance-head", &file, "--to", "54"]);
    signal(&following.child, "-CONT");
    assert_eq!(following.next(), "54\t5\tthree");
    let mut said = String::new();
    let errors = following.child.stderr.take().unwrap();
    BufReader::new(errors).read_line(&mut said).unwrap();
    says(&said, &["the records from 27 to 54 were freed"]);
}
