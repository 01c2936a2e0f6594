//! The bar that says how far the reading of records is.

use crate::common::*;
use rustix::pty::{ioctl_tiocgptpeer, openpt, unlockpt, OpenptFlags};
use std::fs::{self, File};
use std::io::Read;
use std::process::{Child, Stdio};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

/// A file with so many empty records.
fn records(scratch: &Scratch, count: usize) -> String {
    let file = scratch.logs("logs", 1, "4M");
    let lines = vec![b'\n'; count];
    let run = with_input(&["append", &file, "--record", "--lines"], &lines);
    assert_eq!(run.code, 0, "{run:?}");
    file
}

/// How many bytes a process has read so far, while it is there.
fn bytes_read(child: &Child) -> Option<u64> {
    let io = fs::read_to_string(format!("/proc/{}/io", child.id())).ok()?;
    io.lines().next()?.strip_prefix("rchar: ")?.parse().ok()
}

/// Interrupts the reading of records for longer than a second: false if it was over too soon.
fn interrupt(child: &Child, all: u64) -> bool {
    while bytes_read(child).is_some_and(|bytes| bytes < all / 4) {
        sleep(Duration::from_millis(1));
    }
    signal(child, "-STOP");
    sleep(Duration::from_millis(1200));
    let in_time = bytes_read(child).is_some_and(|bytes| bytes > all / 4 && bytes < all / 4 * 3);
    signal(child, "-CONT");
    in_time
}

/// Where standard error goes.
#[derive(Clone, Copy)]
enum To {
    Terminal,
    Pipe,
}

/// What `plog check` writes to standard error, and whether it was interrupted.
fn check(file: &str, to: To, interrupted: bool) -> (String, bool) {
    let mut command = plog(&["check", file]);
    command.env("TERM", "xterm").stdout(Stdio::piped());
    let near = match to {
        To::Pipe => {
            command.stderr(Stdio::piped());
            None
        }
        To::Terminal => {
            let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
            let near = openpt(flags).unwrap();
            unlockpt(&near).unwrap();
            command.stderr(ioctl_tiocgptpeer(&near, flags).unwrap());
            Some(File::from(near))
        }
    };
    let (_, all) = extent(file, 0);
    let child = command.spawn().unwrap();
    // Else the terminal would never be closed.
    drop(command);
    let shown = near.map(|mut near| {
        thread::spawn(move || {
            let mut shown = Vec::new();
            // That nobody has the other end open is an error.
            let _ = near.read_to_end(&mut shown);
            String::from_utf8(shown).unwrap()
        })
    });
    let interrupted = interrupted && interrupt(&child, all);
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0, "{run:?}");
    says(run.text(), &["0 damaged, in 1 log"]);
    (
        shown.map_or(run.err, |shown| shown.join().unwrap()),
        interrupted,
    )
}

/// What it writes if reading the records takes longer than a second.
#[track_caller]
fn slow_check(file: &str, to: To) -> String {
    for _ in 0..50 {
        if let (said, true) = check(file, to, true) {
            return said;
        }
    }
    panic!("it is over before it can be interrupted");
}

#[test]
fn is_shown_after_a_second_and_only_on_a_terminal() {
    let scratch = Scratch::new();
    let file = records(&scratch, 100_000);
    says(
        &slow_check(&file, To::Terminal),
        &["of 2.29 MiB, reading records"],
    );
    assert_eq!(slow_check(&file, To::Pipe), "");
}

#[test]
fn is_not_shown_within_a_second() {
    let scratch = Scratch::new();
    let file = records(&scratch, 20_000);
    for _ in 0..50 {
        let start = Instant::now();
        let (said, _) = check(&file, To::Terminal, false);
        if start.elapsed() < Duration::from_secs(1) {
            assert_eq!(said, "");
            return;
        }
    }
    panic!("it always takes longer");
}
