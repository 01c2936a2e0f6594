//! Two processes open the same file: the second is refused for as long as the first has it.
//!
//! A file of its own: a process that starts holds copies of its parent's locks for a moment, those of other tests as
//! well.

mod common;

use multilog::{FileError, FileOptions, FileRegion, MultiLog};
use std::path::Path;
use std::process::Command;

/// Names the file to the second process.
const FILE: &str = "MULTILOG_TEST_FILE";

/// What the second process says of the file.
fn second_process(path: &Path) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "in_the_second_process", "--nocapture"])
        .env(FILE, path)
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Does nothing in the first process.
#[test]
fn in_the_second_process() {
    let Some(path) = std::env::var_os(FILE) else {
        return;
    };
    match FileRegion::open(path.as_ref(), &FileOptions::default()) {
        Ok(region) => println!("opened: {}", MultiLog::open(region).is_ok()),
        Err(error) => println!("locked: {}", error == FileError::Locked),
    }
}

#[test]
fn is_refused_until_the_first_is_done() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("logs");
    let len = common::len_for(&[100]) as u64;
    let region = FileRegion::create(&path, len, &FileOptions::default()).unwrap();
    let mut logs = MultiLog::create(region, &[100]).unwrap();
    assert!(second_process(&path).contains("locked: true"));
    logs.stage_append(0, b"undisturbed").unwrap();
    logs.commit().unwrap();
    drop(logs);
    assert!(second_process(&path).contains("opened: true"));
}
