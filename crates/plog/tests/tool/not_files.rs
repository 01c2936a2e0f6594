//! What is not a file of logs because it is not a file.

use crate::common::{fails, says, Scratch};
use std::os::unix::net::UnixListener;
use std::process::Command;

#[track_caller]
fn refused(path: &str, fact: &str) {
    for args in [
        ["info", path].as_slice(),
        &["inspect", path],
        &["inspect", path, "--svg=/dev/null"],
        &["check", path],
        &["check", path, "--json"],
        &["read", path],
        &["append", path, "--data=x"],
        &["append", path, "--record", "--data=x"],
        &["append", path, "--record", "--lines"],
        &["records", path],
        &["records", path, "--follow"],
        &["advance-head", path, "--to=0"],
        &["truncate", path, "--to=0"],
    ] {
        says(&fails(args), &[path, fact]);
    }
}

#[test]
fn a_directory() {
    let scratch = Scratch::new();
    refused(
        scratch.path().to_str().unwrap(),
        "this is a directory, not a file",
    );
}

#[test]
fn nothing() {
    let scratch = Scratch::new();
    refused(
        &scratch.file("missing"),
        "there is no such file or directory",
    );
    assert!(scratch.is_empty());
}

#[test]
fn a_pipe_which_would_block() {
    let scratch = Scratch::new();
    let pipe = scratch.file("pipe");
    assert!(Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap()
        .success());
    refused(&pipe, "this is a pipe, not a file");
}

#[test]
fn a_socket_and_a_device() {
    let scratch = Scratch::new();
    let socket = scratch.file("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    refused(&socket, "this is a socket, not a file");
    refused("/dev/null", "this is a device, not a file");
}

#[test]
fn a_file_taken_for_a_directory() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "1");
    refused(&format!("{file}/logs"), "");
}
