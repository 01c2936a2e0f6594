//! The permission bits of a new file.

use crate::common::{executable, plog, says, succeeds, Run, Scratch};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

fn mode(file: &str) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o7777
}

#[test]
fn private_unless_told() {
    let scratch = Scratch::new();
    assert_eq!(mode(&scratch.logs("private", 1, "1")), 0o600);
    let read_only = scratch.file("read-only");
    succeeds(&["create", &read_only, "--capacity", "1", "--mode", "400"]);
    assert_eq!(mode(&read_only), 0o400);
}

#[test]
fn less_the_umask() {
    let scratch = Scratch::new();
    for (umask, asked, got) in [
        ("0", "666", 0o666),
        ("27", "0666", 0o640),
        ("22", "600", 0o600),
    ] {
        let file = scratch.file(umask);
        let script =
            format!("umask {umask}; exec \"$0\" create \"$1\" --capacity 1 --mode {asked}");
        let run = Run::of(
            Command::new("sh")
                .args(["-c", &script])
                .arg(executable())
                .arg(&file),
        );
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(mode(&file), got, "umask {umask}");
    }
}

#[test]
fn in_octal_only() {
    let scratch = Scratch::new();
    let file = scratch.file("logs");
    for text in ["8", "rw", "1777", ""] {
        let run = Run::of(&mut plog(&[
            "create",
            &file,
            "--capacity",
            "1",
            "--mode",
            text,
        ]));
        assert_eq!(run.code, 1);
        says(&run.err, &["--mode"]);
    }
    assert!(scratch.is_empty());
}
