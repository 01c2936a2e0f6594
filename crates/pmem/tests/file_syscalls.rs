//! The system calls of a region in a file: which are made and in what order, and what happens when one fails.
//!
//! Skipped where strace is not installed or may not trace, unless `CI` is `true`.

mod skipping;

use pmem::{AnyRegion, FileOptions, FileRegion, IoError, IoOperation, Region};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const EIO: i32 = 5;
const ENOSPC: i32 = 28;

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("region");
    (dir, path)
}

/// Where a process that a test starts finds its file. None: somebody ran the helper itself.
fn given_path() -> Option<PathBuf> {
    env::var_os("PMEM_TEST_PATH").map(PathBuf::from)
}

/// Runs the ignored test `name` of this file in a process of its own, in which `inject` (in strace's words) fails.
/// Returns its output and its calls that matter, as "name of call, last part of path". None: there is no strace.
fn traced(name: &str, path: &Path, inject: Option<&str>) -> Option<(Output, Vec<String>)> {
    let probe = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        skipping::skip_without("strace");
        return None;
    }
    let trace = tempfile::NamedTempFile::new().unwrap();
    let mut strace = Command::new("strace");
    strace.args([
        "-f",
        "-y",
        "-e",
        "trace=pwrite64,pwritev2,fsync,fdatasync,fadvise64,flock",
        "-o",
    ]);
    strace.arg(trace.path());
    if let Some(inject) = inject {
        strace.args(["-e", &format!("inject={inject}")]);
    }
    strace.arg(env::current_exe().unwrap());
    strace
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env("PMEM_TEST_PATH", path);
    let output = strace.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{output:?}"
    );

    // Lines are like `1234  fsync(3</tmp/dir/region>) = 0`.
    let trace = fs::read_to_string(trace.path()).unwrap();
    let dir = path.parent().unwrap().to_str().unwrap();
    let calls = trace.lines().filter_map(|line| {
        let (before, after) = line.split_once('(')?;
        let file = after
            .split_once('<')?
            .1
            .split_once('>')?
            .0
            .strip_prefix(dir)?;
        let call = before.split_whitespace().last()?;
        Some(format!(
            "{call} {}",
            if file.is_empty() {
                "its directory"
            } else {
                &file[1..]
            }
        ))
    });
    let calls = calls.collect();
    Some((output, calls))
}

#[test]
fn what_is_written_is_synced_and_nothing_else() {
    let (_dir, path) = place();
    let Some((_, calls)) = traced("process_does_everything", &path, None) else {
        return;
    };
    let expected = [
        // create
        "flock region",
        "pwrite64 region",
        "fsync region",
        "fsync its directory",
        // flush, write, flush, flush
        "pwrite64 region",
        "fdatasync region",
        // write, write, flush
        "pwrite64 region",
        "pwrite64 region",
        "fdatasync region",
        // drop
        "flock region",
        // open
        "flock region",
        "fdatasync region",
        "fadvise64 region",
        // flush, drop
        "flock region",
    ];
    assert_eq!(calls, expected);
}

#[test]
#[ignore = "a process of what_is_written_is_synced_and_nothing_else"]
fn process_does_everything() {
    let Some(path) = given_path() else { return };
    let options = FileOptions::default();
    let mut region = FileRegion::create(&path, 64, &options).unwrap();
    region.flush().unwrap();
    region.write(0, b"12345678").unwrap();
    region.flush().unwrap();
    region.flush().unwrap();
    region.write(8, b"12345678").unwrap();
    region.write(16, b"12345678").unwrap();
    region.flush().unwrap();
    drop(region);
    let mut region = FileRegion::open(&path, &options).unwrap();
    region.flush().unwrap();
}

#[test]
fn a_failed_flush_is_never_retried() {
    let (_dir, path) = place();
    let inject = Some("fdatasync:error=EIO:when=1");
    let Some((_, calls)) = traced("process_flushes_after_a_failed_flush", &path, inject) else {
        return;
    };
    assert_eq!(
        calls
            .iter()
            .filter(|call| *call == "fdatasync region")
            .count(),
        1
    );
}

#[test]
#[ignore = "a process of a_failed_flush_is_never_retried"]
fn process_flushes_after_a_failed_flush() {
    let Some(path) = given_path() else { return };
    let mut region = FileRegion::create(&path, 64, &FileOptions::default()).unwrap();
    region.write(0, b"lost").unwrap();
    for _ in 0..2 {
        let error = IoError {
            operation: IoOperation::Flush,
            errno: EIO,
        };
        assert_eq!(region.flush(), Err(error));
        let error = IoError {
            operation: IoOperation::Write,
            errno: EIO,
        };
        assert_eq!(region.write(0, b"more"), Err(error));
    }
    let mut buf = [0; 4];
    region.read(0, &mut buf).unwrap();
    assert_eq!(&buf, b"lost");
}

#[test]
fn a_failed_write_is_never_retried() {
    let (_dir, path) = place();
    let inject = Some("pwrite64:error=ENOSPC:when=2");
    let Some((_, calls)) = traced("process_writes_after_a_failed_write", &path, inject) else {
        return;
    };
    let count = |name| calls.iter().filter(|call| *call == name).count();
    assert_eq!(
        (count("pwrite64 region"), count("fdatasync region")),
        (2, 0)
    );
}

#[test]
#[ignore = "a process of a_failed_write_is_never_retried"]
fn process_writes_after_a_failed_write() {
    let Some(path) = given_path() else { return };
    let mut region = FileRegion::create(&path, 64, &FileOptions::default()).unwrap();
    let error = IoError {
        operation: IoOperation::Write,
        errno: ENOSPC,
    };
    assert_eq!(region.write(0, b"lost"), Err(error));
    assert_eq!(
        error.to_string(),
        "write failed: No space left on device (os error 28)"
    );
    assert_eq!(region.write(0, b"more"), Err(error));
    let error = IoError {
        operation: IoOperation::Flush,
        errno: ENOSPC,
    };
    assert_eq!(region.flush(), Err(error));
}

/// What creating says when a call fails. Nothing may be left behind.
#[test]
fn creating_fails_at_every_call_without_a_trace() {
    let failures = [
        (
            "flock:error=ENOLCK:when=1",
            "lock the file: No locks available (os error 37)",
        ),
        (
            "pwrite64:error=ENOSPC",
            "write the file: No space left on device (os error 28)",
        ),
        (
            "fsync:error=EIO:when=1",
            "sync the file: Input/output error (os error 5)",
        ),
        (
            "fsync:error=EIO:when=2",
            "sync the directory of the file: Input/output error (os error 5)",
        ),
    ];
    for (inject, message) in failures {
        let (dir, path) = place();
        let Some((output, _)) = traced("process_creates", &path, Some(inject)) else {
            return;
        };
        let output = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.contains(&format!("could not {message}\n")),
            "{inject}: {output}"
        );
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "{inject}");
    }
}

#[test]
#[ignore = "a process of creating_fails_at_every_call_without_a_trace"]
fn process_creates() {
    let Some(path) = given_path() else { return };
    println!(
        "{}",
        FileRegion::create(&path, 64, &FileOptions::default()).unwrap_err()
    );
}

#[test]
fn opening_fails_at_every_call() {
    let failures = [
        (
            "flock:error=ENOLCK:when=1",
            "lock the file: No locks available (os error 37)",
        ),
        (
            "fdatasync:error=EIO",
            "sync the file: Input/output error (os error 5)",
        ),
        (
            "fadvise64:error=EINVAL",
            "drop the cached pages of the file: Invalid argument (os error 22)",
        ),
    ];
    let (_dir, path) = place();
    fs::write(&path, [0; 64]).unwrap();
    for (inject, message) in failures {
        let Some((output, _)) = traced("process_opens", &path, Some(inject)) else {
            return;
        };
        let output = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.contains(&format!("could not {message}\n")),
            "{inject}: {output}"
        );
    }
}

#[test]
#[ignore = "a process of opening_fails_at_every_call"]
fn process_opens() {
    let Some(path) = given_path() else { return };
    println!(
        "{}",
        FileRegion::open(&path, &FileOptions::default()).unwrap_err()
    );
}

/// A device that suits the medium is looked for, but not by trying another one after a failed sync.
#[test]
fn a_sync_that_fails_is_not_tried_again_by_another_device() {
    let (_dir, path) = place();
    fs::write(&path, [0; 64]).unwrap();
    let inject = Some("fdatasync:error=EIO:when=1");
    let Some((output, calls)) = traced("process_opens_any", &path, inject) else {
        return;
    };
    let output = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.contains("could not sync the file: Input/output error (os error 5)\n"),
        "{output}"
    );
    let syncs = calls.iter().filter(|call| *call == "fdatasync region");
    assert_eq!(syncs.count(), 1);
}

#[test]
#[ignore = "a process of a_sync_that_fails_is_not_tried_again_by_another_device"]
fn process_opens_any() {
    let Some(path) = given_path() else { return };
    println!(
        "{}",
        AnyRegion::open(&path, &FileOptions::default()).unwrap_err()
    );
}
