//! Capacities as people type them.

use crate::common::{fails, info, plog, says, succeeds, Run, Scratch};

#[test]
fn with_and_without_units() {
    let scratch = Scratch::new();
    for (text, capacity) in [
        ("1", 1),
        ("4096", 4096),
        ("64K", 65_536),
        ("16M", 16_777_216),
    ] {
        let file = scratch.logs(text, 2, text);
        let info = info(&file);
        assert_eq!(info["logs"][0]["capacity"], capacity);
        assert_eq!(info["logs"][1]["capacity"], capacity);
    }
}

#[test]
fn sparse_ones_take_no_space() {
    use std::os::unix::fs::MetadataExt;
    let scratch = Scratch::new();
    let file = scratch.file("logs");
    succeeds(&["create", &file, "--capacity", "1G", "--sparse"]);
    assert_eq!(info(&file)["logs"][0]["capacity"], 1 << 30);
    let found = std::fs::metadata(&file).unwrap();
    assert!(found.len() > 1 << 30);
    assert!(found.blocks() * 512 < 1 << 20, "{} blocks", found.blocks());
}

#[test]
fn what_is_no_size_is_refused() {
    let scratch = Scratch::new();
    let file = scratch.file("logs");
    for (text, fact) in [
        ("", "--capacity"),
        ("1.5G", "like 4096"),
        ("64KB", "like 4096"),
        ("many", "like 4096"),
        ("0", "at least 1 byte"),
        ("99999999999G", "64 bits"),
    ] {
        let run = Run::of(&mut plog(&["create", &file, "--capacity", text]));
        assert_eq!(run.code, 1);
        says(&run.err, &[fact]);
    }
    assert!(scratch.is_empty());
}

#[test]
fn what_no_file_can_hold_is_refused() {
    let scratch = Scratch::new();
    let file = scratch.file("logs");
    let said = fails(&["create", &file, "--capacity", "16777215T", "--logs", "2"]);
    says(&said, &[&file, "more than 2^64 bytes"]);
    let said = fails(&["create", &file, "--capacity", "16777215T", "--sparse"]);
    says(&said, &[&file]);
    assert!(scratch.is_empty());
}

#[test]
fn the_number_of_logs_has_bounds() {
    let scratch = Scratch::new();
    let file = scratch.file("logs");
    for logs in ["0", "65537", "-1", "x"] {
        let run = Run::of(&mut plog(&[
            "create",
            &file,
            "--capacity",
            "1",
            "--logs",
            logs,
        ]));
        assert_eq!(run.code, 1, "{run:?}");
    }
    assert!(scratch.is_empty());
}
