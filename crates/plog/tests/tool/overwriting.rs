//! Creating never touches what is there.

use crate::common::{fails, says, Scratch};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn a_file_that_exists_stays_as_it_is() {
    let scratch = Scratch::new();
    let file = scratch.file("precious");
    for contents in [b"".as_slice(), b"data", &[0; 100_000]] {
        fs::write(&file, contents).unwrap();
        let said = fails(&["create", &file, "--capacity", "4096"]);
        says(&said, &[&file, "exists already"]);
        assert!(fs::read(&file).unwrap() == contents);
    }
}

#[test]
fn so_do_logs_links_and_directories() {
    let scratch = Scratch::new();
    let logs = scratch.logs("logs", 1, "4096");
    let before = fs::read(&logs).unwrap();
    fails(&["create", &logs, "--capacity", "4096"]);
    assert!(fs::read(&logs).unwrap() == before);

    let (target, link) = (scratch.file("target"), scratch.file("link"));
    symlink(&target, &link).unwrap();
    fails(&["create", &link, "--capacity", "4096"]);
    assert!(!fs::exists(&target).unwrap() && fs::symlink_metadata(&link).is_ok());

    let directory = scratch.path().to_str().unwrap();
    says(
        &fails(&["create", directory, "--capacity", "4096"]),
        &[directory],
    );
    assert!(fs::exists(&logs).unwrap());
}

#[test]
fn without_a_directory_there_is_no_file() {
    let scratch = Scratch::new();
    let file = scratch.file("missing/logs");
    let said = fails(&["create", &file, "--capacity", "4096"]);
    says(&said, &[&file, "no such file or directory"]);
    assert!(scratch.is_empty());
}
