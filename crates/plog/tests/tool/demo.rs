//! The demonstration.

use crate::common::{fails, info, plog, says, succeeds, Run, Scratch};
use std::fs;
use std::io::pipe;

/// The count on a line of the summary.
#[track_caller]
fn count(text: &str, label: &str) -> u64 {
    let line = text
        .lines()
        .find(|line| line.trim_start().starts_with(label));
    let line = line.unwrap_or_else(|| panic!("no {label:?} in {text}"));
    let number = line.split_whitespace().last().unwrap();
    number.replace(',', "").parse().unwrap()
}

#[test]
fn nothing_is_lost_or_torn() {
    let scratch = Scratch::new();
    let file = scratch.file("demo");
    let text = succeeds(&["demo", "--rounds", "8", &file]);
    says(&text, &["5 logs", &file, "is killed 8 times"]);
    assert_eq!(count(&text, "kills"), 8);
    let commits = count(&text, "commits that were reported durable");
    assert!(commits > 0 && count(&text, "bytes compared") > 0, "{text}");
    assert_eq!(count(&text, "there, whole") + count(&text, "not there"), 8);
    assert_eq!(
        count(&text, "kills after which something reported was lost"),
        0
    );
    assert_eq!(count(&text, "kills after which a commit was torn"), 0);

    assert_eq!(info(&file)["logs"].as_array().unwrap().len(), 5);
    succeeds(&["check", &file]);
}

#[test]
fn a_temporary_file_is_removed() {
    let scratch = Scratch::new();
    let mut command = plog(&["demo", "--rounds", "2"]);
    let run = Run::of(command.env("TMPDIR", scratch.path()));
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    says(run.text(), &[scratch.path().to_str().unwrap()]);
    assert!(scratch.is_empty());
}

#[test]
fn also_when_nobody_listens() {
    let scratch = Scratch::new();
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let mut command = plog(&["demo", "--rounds", "2"]);
    let run = Run::of(command.env("TMPDIR", scratch.path()).stdout(writer));
    assert_eq!((run.code, run.err.as_str()), (1, ""), "{run:?}");
    assert!(scratch.is_empty());
}

#[test]
fn a_file_that_exists_stays_as_it_is() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 5, "64K");
    let before = fs::read(&file).unwrap();
    says(&fails(&["demo", &file]), &[&file, "exists already"]);
    assert!(fs::read(&file).unwrap() == before);
}

#[test]
fn without_a_temporary_directory() {
    let run = Run::of(plog(&["demo"]).env("TMPDIR", "/nowhere/at/all"));
    says(&run.failed(), &["/nowhere/at/all"]);
}
