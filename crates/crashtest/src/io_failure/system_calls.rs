//! Every system call of a process that works on logs in a file fails in turn, injected by strace.

use super::aftermath::Aftermath;
use crate::totals::{tell, Budget, Totals, Violation};
use crate::worker::{DeviceKind, Said, Task};
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// The calls that a region in a file is made of, but for `close` and `munmap`, of which nobody can make anything.
const CALLS: [&str; 14] = [
    "pwrite64",
    "fdatasync",
    "fsync",
    "pread64",
    "fadvise64",
    "ftruncate",
    "lseek",
    "openat",
    "flock",
    "statx",
    "fstat",
    "fstatfs",
    "mmap",
    "madvise",
];

/// Those that change what is on the medium.
const CHANGES: [&str; 3] = ["pwrite64", "fdatasync", "fsync"];

/// The call that tells neither a file nor a path by which strace could pick it.
const OF_NO_FILE: &str = "madvise";

/// Whether strace is there and may trace. Says so if not.
///
/// # Errors
/// It should be: `CI` is `true`.
pub fn can_trace() -> Result<bool, String> {
    let mut probe = Command::new("strace");
    probe
        .args(["-f", "--seccomp-bpf", "-o", "/dev/null", "true"])
        .stderr(Stdio::null());
    if probe.status().is_ok_and(|status| status.success()) {
        return Ok(true);
    }
    let what = "strace is not installed or may not trace, so no system call was made to fail";
    match env::var_os("CI") {
        Some(ci) if ci == "true" => Err(what.to_string()),
        _ => {
            tell(format_args!("SKIPPED: {what}"));
            Ok(false)
        }
    }
}

/// Lets each call of a worker fail, once and from then on; of each kind only one in `stride`. Returns the kinds of which
/// one failed.
pub fn each(
    executable: &Path,
    task: &Task,
    stride: usize,
    budget: &Budget,
    totals: &mut Totals,
) -> BTreeSet<&'static str> {
    let mut failed = BTreeSet::new();
    let first = task.seed as usize % stride;
    for call in CALLS {
        'numbers: for number in (1 + first..).step_by(stride) {
            for lasts in ["", "+"] {
                if budget.is_spent() {
                    return failed;
                }
                let when = format!("{number}{lasts}");
                match fail(executable, task, call, &when) {
                    Ok(true) => totals.io_failures += 1,
                    Ok(false) => break 'numbers,
                    Err(what) => {
                        let how = format!("{call} fails, number {when}, {task:?}");
                        totals.violations.push(Violation { what, how });
                    }
                }
                failed.insert(call);
            }
        }
    }
    failed
}

/// Runs a worker in which a call fails; false if it did not come to that.
fn fail(executable: &Path, task: &Task, call: &str, when: &str) -> Result<bool, String> {
    let aftermath = Aftermath::new(executable, task)?;
    let traced = traced(executable, &aftermath.task, call, when);
    let (said, trace) = traced.map_err(|error| error.to_string())?;
    let seen = said.failed.is_some() || said.unread.is_some();
    let injected = trace.iter().position(|line| line.contains("(INJECTED)"));
    let Some(injected) = injected else {
        return match seen {
            false => Ok(false),
            true => Err(format!("no call was made to fail, but: {said:?}")),
        };
    };
    if !seen && !may_go_on(&trace, injected, task.device) {
        return Err(format!("nothing failed, but {}", trace[injected]));
    }
    // What could not be read is tried once more, for which the file is opened anew.
    let closes = said.failed.is_some() && !is_call(&trace[injected], "pread64");
    let mut later = trace[injected + 1..].iter();
    let change = later.find(|line| CHANGES.iter().any(|call| is_call(line, call)));
    if let (Some(line), true) = (change, closes) {
        return Err(format!("after {}: {line}", trace[injected]));
    }
    aftermath.verify(&said)?;
    Ok(true)
}

/// Whether a worker may work on as if this call had not failed.
fn may_go_on(trace: &[String], injected: usize, device: DeviceKind) -> bool {
    let line = &trace[injected];
    // A file that cannot be mapped is written and synced, if the worker leaves that choice.
    let maps = ["mmap", "madvise", "fstat"];
    let maps = maps.iter().any(|call| is_call(line, call)) || line.contains("SEEK_HOLE");
    // Holes are looked for in one way or another, which needs no knowledge of the file system.
    let holes = is_call(line, "fstatfs") && trace[..injected].iter().any(|l| is_call(l, "mmap"));
    // Closing the file unlocks it too.
    device == DeviceKind::Any && maps || holes || line.contains("LOCK_UN")
}

/// Whether strace has this call in a line like `1234  fsync(3) = 0`.
fn is_call(line: &str, call: &str) -> bool {
    let name = line.split('(').next().unwrap_or_default();
    name.split_whitespace().last() == Some(call)
}

/// Runs a worker under strace; returns what it said, and its calls that concern its file or the folder.
fn traced(
    executable: &Path,
    task: &Task,
    call: &str,
    when: &str,
) -> io::Result<(Said, Vec<String>)> {
    let trace = tempfile::NamedTempFile::new()?;
    let mut strace = Command::new("strace");
    strace.args(["-f", "--seccomp-bpf", "-o"]).arg(trace.path());
    let mut calls = CALLS.join(",");
    if call == OF_NO_FILE {
        // Of the other calls those that a worker makes on its file only.
        calls = format!("{OF_NO_FILE},{}", CHANGES.join(","));
    } else {
        strace.arg("-P").arg(&task.path);
        if let Some(folder) = task.path.parent() {
            strace.arg("-P").arg(folder);
        }
    }
    strace.args(["-e", &format!("trace={calls}")]);
    strace.args(["-e", &format!("inject={call}:error=EIO:when={when}")]);
    strace.arg(executable).args(task.arguments());
    let output = strace.stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    let said = Said::parse(&output.stdout).map_err(io::Error::other)?;
    let trace = fs::read_to_string(trace.path())?;
    Ok((said, trace.lines().map(str::to_string).collect()))
}
