//! Appending standard input.

use crate::common::{
    executable, extent, fails, noise, output, plog, says, with_input, Run, Scratch,
};
use std::fs::File;
use std::process::Command;

#[test]
fn raw_bytes_of_several_chunks() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 2, "4M");
    let bytes = noise(3_500_000);
    assert_eq!(
        with_input(&["append", &file, "--log", "1"], &bytes).text(),
        "0\n"
    );
    assert_eq!(
        with_input(&["append", &file, "--log", "1"], b"more\n").text(),
        "3500000\n"
    );
    let read = output(&["read", &file, "--log", "1"]);
    assert!(read[..3_500_000] == bytes && &read[3_500_000..] == b"more\n");
    assert_eq!(extent(&file, 0), (0, 0));
}

#[test]
fn around_the_end_of_the_ring() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "1000003");
    let bytes = noise(900_000);
    for round in 0..3 {
        let position = (round * bytes.len()).to_string();
        let run = with_input(&["append", &file], &bytes);
        assert_eq!(run.text(), format!("{position}\n"));
        assert!(output(&["read", &file, "--from", &position]) == bytes);
        let tail = extent(&file, 0).1.to_string();
        output(&["advance-head", &file, "--to", &tail]);
    }
}

#[test]
fn what_does_not_fit_is_not_appended_at_all() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "3M");
    with_input(&["append", &file], b"before");
    let said = with_input(&["append", &file], &noise(3_200_000)).failed();
    says(
        &said,
        &[&file, "log 0", "3145722 bytes", "nothing was appended"],
    );
    assert_eq!(output(&["read", &file]), b"before");
    let exactly = noise(3_145_722);
    assert_eq!(with_input(&["append", &file], &exactly).text(), "6\n");
    assert!(output(&["read", &file, "--from", "6"]) == exactly);
}

#[test]
fn nothing() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "100");
    assert_eq!(with_input(&["append", &file], b"").text(), "0\n");
    assert_eq!(extent(&file, 0), (0, 0));
}

#[test]
fn closed() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "100");
    let run = Run::of(
        Command::new("sh")
            .args(["-c", "exec \"$0\" append \"$1\" <&-"])
            .arg(executable())
            .arg(&file),
    );
    assert_eq!((run.code, run.text(), run.err.as_str()), (0, "0\n", ""));
    assert_eq!(extent(&file, 0), (0, 0));
}

#[test]
fn unreadable() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "100");
    let directory = File::open(scratch.path()).unwrap();
    let said = Run::of(plog(&["append", &file]).stdin(directory)).failed();
    says(
        &said,
        &[
            &file,
            "could not read standard input",
            "nothing was appended",
        ],
    );
    assert_eq!(extent(&file, 0), (0, 0));
}

#[test]
fn for_an_unknown_log_it_is_not_read() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 2, "100");
    let said = fails(&["append", &file, "--log", "2"]);
    says(&said, &[&file, "there is no log 2: the logs are 0 to 1"]);
}
