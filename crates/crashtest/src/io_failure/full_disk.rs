//! Disks that are full, and files that may not grow: real failures, of which a write leaves its first part.

use super::aftermath::Aftermath;
use crate::totals::{tell, Budget, Totals, Violation};
use crate::worker::{Create, DeviceKind, Said, System, Task};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The unit in which a file system in memory hands out room, in bytes.
const PAGE: u64 = 4_096;

/// How much larger the logs are than usual, so that they take several pages.
const SCALE: u64 = 16;

/// Mounts a file system of so many bytes where nobody else sees it, runs a worker in it, and copies the file out.
const IN_SMALL_FILE_SYSTEM: &str = r#"
mount -t tmpfs -o size="$1" none "$2" || exit 99
target="$3"
shift 3
"$@"
code=$?
[ ! -e "$target" ] || cp --sparse=always "$target" "$(dirname "$target")/../copy"
exit $code
"#;

/// Runs a worker that can write files up to so many units of 512 bytes (1024 with some shells), and gets errors, not
/// signals, beyond that.
const WITH_LIMIT: &str = r#"trap '' XFSZ; ulimit -f "$0"; exec "$@""#;

fn task(system: System, seed: u64, create: Create) -> Task {
    Task {
        system,
        device: DeviceKind::File,
        path: Default::default(),
        scale: SCALE,
        seed,
        steps: 60,
        create,
        reads: false,
    }
}

/// Whether a small file system can be mounted. Says so if not.
pub fn can_mount() -> bool {
    let mut probe = Command::new("unshare");
    probe.args([
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        "mount -t tmpfs none /tmp",
    ]);
    let can = probe
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !can {
        tell("SKIPPED: no file system can be mounted here, so none was full");
    }
    can
}

/// Works in file systems of all sizes up to one that suffices, on files that were created with `create`.
pub fn each_size(
    executable: &Path,
    seed: u64,
    create: Create,
    budget: &Budget,
    totals: &mut Totals,
) {
    for pages in 1.. {
        for system in [System::MultiLog, System::PmemLog] {
            if budget.is_spent() {
                return;
            }
            let task = task(system, seed, create);
            let size = pages * PAGE;
            let how = format!("a file system of {size} bytes, {task:?}");
            if !count(in_file_system(executable, &task, size), how, totals)
                && system == System::MultiLog
            {
                return;
            }
        }
    }
}

/// Works on sparse files of which only so much may be written, for all lengths up to one that suffices.
pub fn each_limit(executable: &Path, seed: u64, budget: &Budget, totals: &mut Totals) {
    for units in 1.. {
        if budget.is_spent() {
            return;
        }
        let task = task(System::MultiLog, seed, Create::No);
        let how = format!("a limit of {units} units to the file, {task:?}");
        if !count(with_limit(executable, &task, units), how, totals) {
            return;
        }
    }
}

/// Counts a failure, and returns whether there was one.
fn count(failed: Result<bool, String>, how: String, totals: &mut Totals) -> bool {
    match failed {
        Ok(failed) => {
            totals.io_failures += u64::from(failed);
            failed
        }
        Err(what) => {
            totals.violations.push(Violation { what, how });
            false
        }
    }
}

fn in_file_system(executable: &Path, task: &Task, size: u64) -> Result<bool, String> {
    let mut aftermath = Aftermath::new(executable, task)?;
    let folder = aftermath.task.path.with_file_name("mounted");
    fs::create_dir(&folder).map_err(|error| error.to_string())?;
    let inside = Task {
        path: folder.join("logs"),
        ..task.clone()
    };
    let mut command = Command::new("unshare");
    command
        .args([
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            IN_SMALL_FILE_SYSTEM,
            "sh",
        ])
        .arg(size.to_string())
        .args([&folder, &inside.path])
        .arg(executable)
        .args(inside.arguments());
    let said = said(command.output(), "No space left on device")?;
    aftermath.task.path.set_file_name("copy");
    aftermath.verify(&said)?;
    Ok(said.failed.is_some())
}

fn with_limit(executable: &Path, task: &Task, units: u64) -> Result<bool, String> {
    let aftermath = Aftermath::new(executable, task)?;
    let start = aftermath.create(Create::Sparse)?;
    let mut command = Command::new("sh");
    command
        .args(["-c", WITH_LIMIT])
        .arg(units.to_string())
        .arg(executable)
        .args(aftermath.task.arguments());
    let said = said(command.output(), "File too large")?;
    aftermath.verify_from(Some(&start), &said)?;
    Ok(said.failed.is_some())
}

/// What a worker said, whose failure, if any, is `reason`.
fn said(output: std::io::Result<Output>, reason: &str) -> Result<Said, String> {
    let output = output.map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("{output:?}"));
    }
    let said = Said::parse(&output.stdout)?;
    match &said.failed {
        Some(what) if !what.contains(reason) => Err(format!("{what}, instead of {reason}")),
        _ => Ok(said),
    }
}
