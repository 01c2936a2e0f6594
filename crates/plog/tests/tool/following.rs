//! Records, followed.

use crate::common::*;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

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
