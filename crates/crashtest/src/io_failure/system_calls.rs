//! Every system call of a process that works on logs in a file fails in turn, injected by strace.

use super::aftermath::Aftermath;
use crate::totals::{Budget, Totals, Violation};
use crate::worker::{Said, Task};
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// The calls that a region in a file is made of. One that fails is never overlooked.
const CALLS: [&str; 8] = [
    "pwrite64",
    "fdatasync",
    "fsync",
    "pread64",
    "fadvise64",
    "ftruncate",
    "lseek",
    "openat",
];

/// Whether strace is there and may trace. Says so if not.
pub fn can_trace() -> bool {
    let mut probe = Command::new("strace");
    probe
        .args(["-f", "--seccomp-bpf", "-o", "/dev/null", "true"])
        .stderr(Stdio::null());
    let can = probe.status().is_ok_and(|status| status.success());
    if !can {
        eprintln!(
            "SKIPPED: strace is not installed or may not trace, so no system call was made to fail"
        );
    }
    can
}

/// Lets each call of a worker fail, once or from then on; of each kind only one in `stride`.
pub fn each(executable: &Path, task: &Task, stride: usize, budget: &Budget, totals: &mut Totals) {
    for call in CALLS {
        let first = task.seed as usize % stride;
        for number in (1 + first..).step_by(stride) {
            if budget.is_spent() {
                return;
            }
            let when = match number % 3 {
                0 => format!("{number}+"),
                _ => number.to_string(),
            };
            let failure = format!("{call}:error=EIO:when={when}");
            match fail(executable, task, &failure) {
                Ok(true) => totals.io_failures += 1,
                Ok(false) => break,
                Err(what) => {
                    let how = format!("{failure}, {task:?}");
                    totals.violations.push(Violation { what, how });
                }
            }
        }
    }
}

/// Runs a worker in which a call fails; false if it did not come to that.
fn fail(executable: &Path, task: &Task, failure: &str) -> Result<bool, String> {
    let aftermath = Aftermath::new(executable, task)?;
    let (said, trace) = traced(executable, &aftermath.task, failure).map_err(|e| e.to_string())?;
    let injected = trace.iter().position(|line| line.contains("(INJECTED)"));
    let Some(injected) = injected else {
        return match &said.failed {
            None => Ok(false),
            Some(what) => Err(format!("no call was made to fail, but: {what}")),
        };
    };
    // A file in which no holes can be looked for is not mapped, but written and synced.
    if said.failed.is_none() && !trace[injected].contains("SEEK_HOLE") {
        return Err(format!("nothing failed, but {}", trace[injected]));
    }
    let changes = ["pwrite64(", "fdatasync(", "fsync("];
    let mut later = trace[injected + 1..].iter();
    let change = later.find(|line| changes.iter().any(|call| line.contains(call)));
    if let (Some(line), true) = (change, said.failed.is_some()) {
        return Err(format!("after {}: {line}", trace[injected]));
    }
    aftermath.verify(&said)?;
    Ok(true)
}

/// Runs a worker under strace; returns what it said, and its calls that concern its file or the folder.
fn traced(executable: &Path, task: &Task, failure: &str) -> io::Result<(Said, Vec<String>)> {
    let trace = tempfile::NamedTempFile::new()?;
    let mut strace = Command::new("strace");
    strace.args(["-f", "--seccomp-bpf", "-o"]).arg(trace.path());
    strace.arg("-P").arg(&task.path);
    if let Some(folder) = task.path.parent() {
        strace.arg("-P").arg(folder);
    }
    strace.args(["-e", &format!("trace={}", CALLS.join(","))]);
    strace.args(["-e", &format!("inject={failure}")]);
    strace.arg(executable).args(task.arguments());
    let output = strace.stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    let said = Said::parse(&output.stdout).map_err(io::Error::other)?;
    let trace = fs::read_to_string(trace.path())?;
    Ok((said, trace.lines().map(str::to_string).collect()))
}
