//! Running `plog`, and what all tests need for it.

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// Says that a test is not done, past the harness, which hides what is printed by a test that passes.
pub fn skip(why: &str) {
    let line = format!("SKIPPED: {why}\n");
    io::stderr().write_all(line.as_bytes()).unwrap();
}

/// A directory of the test's own.
pub struct Scratch(TempDir);

impl Scratch {
    pub fn new() -> Scratch {
        Scratch(tempfile::tempdir().unwrap())
    }

    /// The same, in a folder of the caller's choice.
    pub fn within(folder: &Path) -> Scratch {
        Scratch(tempfile::tempdir_in(folder).unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of `name` in it.
    pub fn file(&self, name: &str) -> String {
        self.path().join(name).to_str().unwrap().to_string()
    }

    /// A file of so many empty logs.
    pub fn logs(&self, name: &str, logs: u64, capacity: &str) -> String {
        let file = self.file(name);
        let logs = logs.to_string();
        succeeds(&["create", &file, "--logs", &logs, "--capacity", capacity]);
        file
    }

    pub fn is_empty(&self) -> bool {
        fs::read_dir(self.path()).unwrap().next().is_none()
    }
}

pub fn executable() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_plog"))
}

pub fn plog(args: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(executable());
    command.args(args).stdin(Stdio::null());
    command
}

/// What became of a process.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl Run {
    pub fn of(command: &mut Command) -> Run {
        command.output().unwrap().into()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }

    /// It failed in the one way that is allowed: with exit code 1, and one line on standard error, which is returned.
    #[track_caller]
    pub fn failed(self) -> String {
        assert_eq!(self.code, 1, "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        assert!(
            self.err.starts_with("plog: ") && self.err.ends_with('\n'),
            "{self:?}"
        );
        assert_eq!(self.text(), "");
        self.err
    }
}

impl From<Output> for Run {
    #[track_caller]
    fn from(output: Output) -> Run {
        let code = output.status.code();
        Run {
            code: code.unwrap_or_else(|| panic!("ended by signal {:?}", output.status.signal())),
            out: output.stdout,
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs `plog`, which must do as it is told, and returns what it wrote.
#[track_caller]
pub fn output(args: &[&str]) -> Vec<u8> {
    let run = Run::of(&mut plog(args));
    assert!(run.code == 0 && run.err.is_empty(), "{args:?}: {run:?}");
    run.out
}

/// The same for text.
#[track_caller]
pub fn succeeds(args: &[&str]) -> String {
    String::from_utf8(output(args)).unwrap()
}

/// Runs `plog`, which must fail, and returns what it said.
#[track_caller]
pub fn fails(args: &[&str]) -> String {
    Run::of(&mut plog(args)).failed()
}

/// Asserts that `text` says all of `facts`.
#[track_caller]
pub fn says(text: &str, facts: &[&str]) {
    for fact in facts {
        assert!(text.contains(fact), "{text:?} does not say {fact:?}");
    }
}

/// Runs `plog` with `input` on standard input.
#[track_caller]
pub fn with_input(args: &[&str], input: &[u8]) -> Run {
    use std::io::Write;
    let mut child = plog(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may refuse without reading all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap().into()
}

/// Sends a signal by its name.
#[track_caller]
pub fn signal(child: &Child, name: &str) {
    let mut kill = Command::new("kill");
    let status = kill.args([name, &child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

/// What `plog info --json` says.
#[track_caller]
pub fn info(file: &str) -> Value {
    serde_json::from_str(&succeeds(&["info", file, "--json"])).unwrap()
}

/// The head and tail of a log.
#[track_caller]
pub fn extent(file: &str, log: usize) -> (u64, u64) {
    let log = &info(file)["logs"][log];
    (log["head"].as_u64().unwrap(), log["tail"].as_u64().unwrap())
}

/// Bytes that look random, and are the same each time.
pub fn noise(len: usize) -> Vec<u8> {
    let mut state = 1u64;
    let step = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(step).take(len).collect()
}
