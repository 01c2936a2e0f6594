//! One process at a time may change the logs.

use crate::common::{fails, noise, output, plog, says, succeeds, with_input, Scratch};
use std::io::{Read, Write};
use std::process::{Child, Stdio};

fn start(args: &[&str]) -> Child {
    let mut command = plog(args);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn while_one_appends_nobody_else_gets_in() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "1M");
    let mut first = start(&["append", &file]);
    let mut input = first.stdin.take().unwrap();
    // More than a pipe takes: when this returns, the process has begun to read, and has the lock.
    input.write_all(&noise(500_000)).unwrap();
    for args in [
        ["append", &file, "--data=x"].as_slice(),
        &["info", &file],
        &["read", &file],
        &["check", &file],
        &["check", &file, "--json"],
        &["advance-head", &file, "--to=0"],
        &["truncate", &file, "--to=0"],
        &["append", &file, "--record", "--data=x"],
        &["append", &file, "--record"],
        &["append", &file, "--record", "--lines"],
        &["records", &file],
    ] {
        says(&fails(args), &[&file, "in use"]);
    }
    drop(input);
    assert!(first.wait().unwrap().success());
    assert!(output(&["read", &file]) == noise(500_000));
}

#[test]
fn readers_share() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "4M");
    with_input(&["append", &file], &noise(3_000_000));
    // More than a pipe takes, so that the first reader stays.
    let mut first = start(&["read", &file]);
    let mut pipe = first.stdout.take().unwrap();
    pipe.read_exact(&mut [0]).unwrap();
    succeeds(&["info", &file]);
    succeeds(&["check", &file]);
    assert_eq!(output(&["read", &file, "--len", "3"]), noise(3));
    for args in [
        ["append", &file, "--data", "x"].as_slice(),
        &["append", &file, "--record", "--data", "x"],
    ] {
        says(&fails(args), &[&file, "in use"]);
    }
    let mut rest = Vec::new();
    pipe.read_to_end(&mut rest).unwrap();
    assert!(first.wait().unwrap().success() && rest == noise(3_000_000)[1..]);
    assert_eq!(succeeds(&["append", &file, "--data", "x"]), "3000000\n");
}
