//! Users who may not do all.

use crate::common::{executable, says, succeeds, Run, Scratch};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

const NOBODY: u32 = 65_534;

/// A place that everybody may look into, where the tool is too: its own may be in somebody's home.
struct Public {
    scratch: Scratch,
}

impl Public {
    fn new() -> Public {
        let scratch = Scratch::new();
        fs::set_permissions(scratch.path(), Permissions::from_mode(0o755)).unwrap();
        // By another process: a child that some other test is just starting would inherit a file that this one has
        // open for writing, and for as long as it has it the copy could not be run.
        let copied = Command::new("cp")
            .arg(executable())
            .arg(scratch.path().join("plog"))
            .status();
        assert!(copied.unwrap().success());
        Public { scratch }
    }

    /// Runs the tool as a user to whom permissions apply: as nobody if the tests are run by root.
    fn run(&self, args: &[&str]) -> Run {
        let mut command = Command::new(self.scratch.path().join("plog"));
        command.args(args).stdin(Stdio::null());
        if fs::metadata(self.scratch.path()).unwrap().uid() == 0 {
            command.uid(NOBODY).gid(NOBODY);
        }
        Run::of(&mut command)
    }

    fn logs(&self, mode: u32) -> String {
        let file = self.scratch.logs("logs", 1, "4096");
        succeeds(&["append", &file, "--data", "hello"]);
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        file
    }
}

#[test]
fn who_may_not_read_gets_nothing() {
    let public = Public::new();
    let file = public.logs(0);
    for args in [
        ["info", &file].as_slice(),
        &["inspect", &file],
        &["check", &file],
        &["read", &file],
        &["append", &file, "--data=x"],
        &["append", &file, "--record", "--data=x"],
        &["records", &file],
        &["records", &file, "--follow"],
        &["advance-head", &file, "--to=0"],
    ] {
        says(&public.run(args).failed(), &[&file, "permission denied"]);
    }
}

#[test]
fn who_may_read_only_can_read() {
    let public = Public::new();
    let file = public.logs(0o444);
    assert_eq!(public.run(&["read", &file]).text(), "hello");
    assert_eq!(public.run(&["info", &file]).code, 0);
    assert_eq!(public.run(&["check", &file]).code, 0);
    let records = public.run(&["records", &file]).failed();
    says(&records, &["no record starts at position 0"]);
    assert_eq!(public.run(&["inspect", &file]).code, 0);
    for args in [
        ["append", &file, "--data=x"].as_slice(),
        &["append", &file, "--record", "--data=x"],
        &["append", &file],
        &["advance-head", &file, "--to=1"],
        &["truncate", &file, "--to=1"],
    ] {
        says(&public.run(args).failed(), &[&file, "permission denied"]);
    }
    assert_eq!(public.run(&["read", &file]).text(), "hello");
}

#[test]
fn who_may_not_write_draws_nothing() {
    let public = Public::new();
    let file = public.logs(0o444);
    let (old, new) = (
        public.scratch.file("old.svg"),
        public.scratch.file("new.svg"),
    );
    fs::write(&old, "<svg/>").unwrap();
    fs::set_permissions(&old, Permissions::from_mode(0o444)).unwrap();
    let draw = |out: &str| public.run(&["inspect", &file, "--svg", out]).failed();
    // The directory is not theirs either.
    says(
        &draw(&new),
        &[&new, "could not write the picture", "Permission denied"],
    );
    fs::set_permissions(public.scratch.path(), Permissions::from_mode(0o777)).unwrap();
    says(&draw(&old), &[&old, "Permission denied"]);
    assert_eq!(fs::read_to_string(&old).unwrap(), "<svg/>");
    assert!(!fs::exists(&new).unwrap());
    assert_eq!(public.run(&["inspect", &file, "--svg", &new]).code, 0);
}

#[test]
fn who_may_not_write_to_the_directory_creates_nothing() {
    let public = Public::new();
    fs::set_permissions(public.scratch.path(), Permissions::from_mode(0o555)).unwrap();
    let file = public.scratch.file("new");
    let said = public.run(&["create", &file, "--capacity", "1"]).failed();
    says(&said, &[&file, "permission denied"]);
    assert!(!fs::exists(&file).unwrap());
}
