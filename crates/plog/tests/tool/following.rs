//! Records, followed.

use crate::common::*;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{channel, Receiver};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// What takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The lines of a pipe, which are waited for.
struct Lines(Receiver<String>);

impl Lines {
    fn of(pipe: impl Read + Send + 'static) -> Lines {
        let (sender, receiver) = channel();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines() {
                sender.send(line.unwrap()).unwrap();
            }
        });
        Lines(receiver)
    }

    #[track_caller]
    fn next(&self) -> String {
        self.0.recv_timeout(PATIENCE).unwrap()
    }
}

/// `plog records --follow`, and what it prints.
struct Following {
    child: Child,
    printed: Lines,
    said: Lines,
}

impl Following {
    fn start(file: &str) -> Following {
        let mut command = plog(&["records", file, "--follow"]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let printed = Lines::of(child.stdout.take().unwrap());
        let said = Lines::of(child.stderr.take().unwrap());
        Following {
            child,
            printed,
            said,
        }
    }

    /// Runs `plog` while the follower is stopped, and leaves it so.
    fn stop_and(&self, args: &[&str]) {
        loop {
            signal(&self.child, "-STOP");
            // It may have the file open just now.
            if Run::of(&mut plog(args)).code == 0 {
                return;
            }
            signal(&self.child, "-CONT");
        }
    }

    /// How many bytes it has read so far.
    fn bytes_read(&self) -> String {
        let io = fs::read_to_string(format!("/proc/{}/io", self.child.id())).unwrap();
        io.lines().next().unwrap().to_string()
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

/// Somebody who has the file open to append a record, which ends when the pipe is closed.
fn writer(file: &str) -> (Child, ChildStdin) {
    let mut command = plog(&["append", file, "--record"]);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    // More than a pipe takes: when this returns, it reads, and has the file open.
    pipe.write_all(&[b'x'; 500_000]).unwrap();
    (child, pipe)
}

#[test]
fn while_more_come() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "200");
    succeeds(&["append", &file, "--record", "--data", "one"]);
    let following = Following::start(&file);
    assert_eq!(following.printed.next(), "0\t3\tone");
    // Around the ring's end, with the head moving behind.
    for number in 0..20u64 {
        let data = format!("more {number}");
        when_free(&["append", &file, "--record", "--data", &data]);
        let line = following.printed.next();
        assert!(line.ends_with(&format!("\t{data}")), "{line}");
        let position = line.split('\t').next().unwrap();
        when_free(&["advance-head", &file, "--to", position]);
    }
}

#[test]
fn that_were_freed_before_are_reported() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "1000");
    succeeds(&["append", &file, "--record", "--data", "one"]);
    let following = Following::start(&file);
    assert_eq!(following.printed.next(), "0\t3\tone");
    following.stop_and(&[
        "append", &file, "--record", "--data", "two", "--data", "three",
    ]);
    succeeds(&["advance-head", &file, "--to", "54"]);
    signal(&following.child, "-CONT");
    assert_eq!(following.printed.next(), "54\t5\tthree");
    says(
        &following.said.next(),
        &["the records from 27 to 54 were freed"],
    );
}

#[test]
fn that_were_cut_are_reported() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "1000");
    succeeds(&[
        "append", &file, "--record", "--data", "one", "--data", "two",
    ]);
    let following = Following::start(&file);
    assert_eq!(following.printed.next(), "0\t3\tone");
    assert_eq!(following.printed.next(), "27\t3\ttwo");
    following.stop_and(&["truncate", &file, "--to", "27"]);
    signal(&following.child, "-CONT");
    says(
        &following.said.next(),
        &["the log was cut, and ends at 27 now"],
    );
    when_free(&["append", &file, "--record", "--data", "another"]);
    assert_eq!(following.printed.next(), "27\t7\tanother");
}

#[test]
fn while_somebody_writes_are_waited_for() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "1M");
    let record = format!("\t500000\t{}", "x".repeat(500_000));
    let (mut first, pipe) = writer(&file);
    let following = Following::start(&file);
    // Said once, however long it takes.
    says(&following.said.next(), &[&file, "in use", "waiting"]);
    thread::sleep(Duration::from_millis(1500));
    drop(pipe);
    assert!(first.wait().unwrap().success());
    assert_eq!(following.printed.next(), format!("0{record}"));

    following.stop_and(&["advance-head", &file, "--to", "500024"]);
    let (mut second, pipe) = writer(&file);
    signal(&following.child, "-CONT");
    let said = following.said.next();
    says(&said, &[&file, "in use", "waiting"]);
    drop(pipe);
    assert!(second.wait().unwrap().success());
    assert_eq!(following.printed.next(), format!("500024{record}"));
    assert!(following.said.0.try_recv().is_err());
}

#[test]
fn that_come_within_a_tick_of_the_clock_are_seen() {
    loop {
        let scratch = Scratch::new();
        let file = scratch.logs("logs", 1, "1000");
        succeeds(&["append", &file, "--record", "--data", "one"]);
        let opened = File::options().write(true).open(&file).unwrap();
        let time = SystemTime::now();
        opened.set_modified(time).unwrap();
        let following = Following::start(&file);
        assert_eq!(following.printed.next(), "0\t3\tone");
        following.stop_and(&["append", &file, "--record", "--data", "two"]);
        opened.set_modified(time).unwrap();
        // Later it could no longer have been the same tick.
        let in_time = time.elapsed().unwrap() < Duration::from_secs(2);
        signal(&following.child, "-CONT");
        if in_time {
            assert_eq!(following.printed.next(), "27\t3\ttwo");
            return;
        }
    }
}

#[test]
fn are_not_read_again_while_nothing_happens() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "1000");
    succeeds(&["append", &file, "--record", "--data", "one"]);
    let opened = File::options().write(true).open(&file).unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    opened.set_modified(long_ago).unwrap();
    let following = Following::start(&file);
    assert_eq!(following.printed.next(), "0\t3\tone");
    thread::sleep(Duration::from_millis(300));
    let before = following.bytes_read();
    thread::sleep(Duration::from_millis(500));
    assert_eq!(following.bytes_read(), before);
    when_free(&["append", &file, "--record", "--data", "two"]);
    assert_eq!(following.printed.next(), "27\t3\ttwo");
}

/// Asserts that a follower whose standard output was closed ends quietly.
#[track_caller]
fn ends(mut child: Child) {
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(10));
    }
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (1, ""));
}

#[test]
fn until_nobody_reads_them() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "1M");
    let follower = || {
        let mut command = plog(&["records", &file, "--follow"]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    // At the tail, before and after there was something to print, and while the file is in use.
    let mut child = follower();
    drop(child.stdout.take());
    ends(child);

    succeeds(&["append", &file, "--record", "--data", "one"]);
    let mut child = follower();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "0\t3\tone\n");
    drop(output);
    ends(child);

    let (mut writer, pipe) = writer(&file);
    let mut child = follower();
    drop(child.stdout.take());
    ends(child);
    drop(pipe);
    assert!(writer.wait().unwrap().success());
}
