//! Regions in files when something goes wrong: failed writes, a full disk, other processes, a file that is cut.

use pmem::{FileError, FileOptions, FileRegion, IoError, IoOperation, Region};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

const EIO: i32 = 5;
const EBADF: i32 = 9;
const EFBIG: i32 = 27;

/// More than a process run by [`limited`] may write.
const LONG: u64 = 8 << 20;

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("region");
    (dir, path)
}

fn create(path: &Path, len: u64) -> FileRegion {
    FileRegion::create(path, len, &FileOptions::default()).unwrap()
}

fn open(path: &Path) -> Result<FileRegion, FileError> {
    FileRegion::open(path, &FileOptions::default())
}

fn write_error(errno: i32) -> Result<(), IoError> {
    Err(IoError {
        operation: IoOperation::Write,
        errno,
    })
}

fn flush_error(errno: i32) -> Result<(), IoError> {
    Err(IoError {
        operation: IoOperation::Flush,
        errno,
    })
}

/// Where a process that a test starts finds its file. None: somebody ran the helper itself.
fn given_path() -> Option<PathBuf> {
    env::var_os("PMEM_TEST_PATH").map(PathBuf::from)
}

/// The ignored test `name` of this file in a process of its own. With `limit`, that process can write files only up
/// to 4 MiB (2 MiB, in some shells), and gets errors, not signals, when it tries to go on.
fn process(name: &str, path: &Path, limit: bool) -> Command {
    let script = match limit {
        true => r#"trap '' XFSZ; ulimit -f 4096 && exec "$0" "$@""#,
        false => r#"exec "$0" "$@""#,
    };
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .arg(env::current_exe().unwrap());
    command
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env("PMEM_TEST_PATH", path);
    command
}

fn run(name: &str, path: &Path) {
    let output = process(name, path, true).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{output:?}"
    );
}

/// More than the file system has room for is refused at once, rather than after filling it.
#[test]
fn a_length_beyond_the_file_system_is_refused_unwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("region");
    let mut written = 0;
    let created = FileRegion::create_with_progress(
        &path,
        u64::MAX / 2,
        &FileOptions::default(),
        &mut |done| written = done,
    );
    assert!(
        matches!(
            created,
            Err(FileError::Io {
                step: "write",
                errno: 28
            })
        ),
        "{created:?}"
    );
    assert_eq!(written, 0);
    assert!(!path.exists());
}

#[test]
fn a_full_disk_leaves_no_file() {
    let (dir, path) = place();
    run("process_creates_what_does_not_fit", &path);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
#[ignore = "a process of a_full_disk_leaves_no_file"]
fn process_creates_what_does_not_fit() {
    let Some(path) = given_path() else { return };
    let mut done = 0;
    let options = FileOptions::default();
    let error = FileRegion::create_with_progress(&path, LONG, &options, &mut |n| done = n);
    assert_eq!(
        error.unwrap_err(),
        FileError::Io {
            step: "write",
            errno: EFBIG
        }
    );
    assert_eq!(done, 0);
    assert!(!path.exists());

    let sparse = FileOptions {
        sparse: true,
        ..options
    };
    let error = FileRegion::create(&path, LONG, &sparse).unwrap_err();
    assert_eq!(
        error,
        FileError::Io {
            step: "set the length of",
            errno: EFBIG
        }
    );
    assert_eq!(
        error.to_string(),
        "could not set the length of the file: File too large (os error 27); `ulimit -f` sets what this process may write"
    );
    assert!(!path.exists());
}

#[test]
fn a_failed_write_is_final() {
    let (_dir, path) = place();
    drop(create(&path, LONG));
    run("process_writes_where_it_cannot", &path);
    assert_eq!(&fs::read(&path).unwrap()[..8], b"before\0\0");
    let mut region = open(&path).unwrap();
    region.write(0, b"reopened").unwrap();
    region.flush().unwrap();
}

#[test]
#[ignore = "a process of a_failed_write_is_final"]
fn process_writes_where_it_cannot() {
    let Some(path) = given_path() else { return };
    let mut region = open(&path).unwrap();
    region.write(0, b"before").unwrap();
    region.flush().unwrap();
    let too_far = vec![7; LONG as usize - 8];
    assert_eq!(region.write(8, &too_far), write_error(EFBIG));
    for _ in 0..2 {
        assert_eq!(region.write(0, b"after"), write_error(EFBIG));
        assert_eq!(region.write(0, b""), write_error(EFBIG));
        assert_eq!(region.flush(), flush_error(EFBIG));
    }
    let mut buf = [1; 8];
    region.read(0, &mut buf).unwrap();
    assert_eq!(&buf, b"before\0\0");
}

#[test]
fn a_file_opened_for_reading_cannot_be_written() {
    let (_dir, path) = place();
    drop(create(&path, 64));
    let options = FileOptions {
        read_only: true,
        ..FileOptions::default()
    };
    let mut region = FileRegion::open(&path, &options).unwrap();
    assert_eq!(region.flush(), Ok(()));
    assert_eq!(region.write(0, b"x"), write_error(EBADF));
    assert_eq!(region.flush(), flush_error(EBADF));
    assert_eq!(fs::read(&path).unwrap(), [0; 64]);
}

fn set_len(path: &Path, len: u64) {
    fs::OpenOptions::new()
        .write(true)
        .open(path)
        .unwrap()
        .set_len(len)
        .unwrap();
}

#[test]
fn a_write_to_a_file_that_was_cut_fails_for_good() {
    let (_dir, path) = place();
    let mut region = create(&path, 8192);
    set_len(&path, 4096);
    assert_eq!(region.len(), 8192);
    let read_error = IoError {
        operation: IoOperation::Read,
        errno: EIO,
    };
    let mut buf = [0; 8];
    assert_eq!(region.read(4092, &mut buf), Err(read_error));
    assert_eq!(region.read(8184, &mut buf), Err(read_error));
    assert_eq!(region.read(4088, &mut buf), Ok(()));
    assert_eq!(region.write(8184, b"regrowth"), write_error(EIO));
    set_len(&path, 8192);
    assert_eq!(region.write(0, b"x"), write_error(EIO));
    assert_eq!(region.flush(), flush_error(EIO));
    assert_eq!(fs::read(&path).unwrap(), [0; 8192]);
}

#[test]
fn a_flush_of_a_file_that_was_cut_fails_for_good() {
    let (_dir, path) = place();
    let mut region = create(&path, 8192);
    region.write(8184, b"lost").unwrap();
    set_len(&path, 4096);
    assert_eq!(region.flush(), flush_error(EIO));
    set_len(&path, 8192);
    assert_eq!(region.flush(), flush_error(EIO));
    assert_eq!(region.write(0, b"x"), write_error(EIO));
}

#[test]
fn a_file_that_another_process_has_open_is_locked_until_that_ends() {
    let (_dir, path) = place();
    drop(create(&path, 64));
    let mut command = process("process_holds_the_lock", &path, false);
    let mut other = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "locked"));
    assert_eq!(open(&path).unwrap_err(), FileError::Locked);
    assert_eq!(
        FileError::Locked.to_string(),
        "the file is in use: this or another process has it open"
    );
    other.kill().unwrap();
    other.wait().unwrap();
    open(&path).unwrap();
}

#[test]
#[ignore = "a process of a_file_that_another_process_has_open_is_locked_until_that_ends"]
fn process_holds_the_lock() {
    let Some(path) = given_path() else { return };
    let _region = open(&path).unwrap();
    println!("\nlocked");
    // Until the test kills this process, or ends.
    let _ = std::io::stdin().read(&mut [0]);
}

#[test]
fn a_file_is_created_by_a_name_without_a_directory() {
    let (dir, path) = place();
    let mut command = process("process_creates_a_file", Path::new("region"), false);
    let output = command.current_dir(dir.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::read(&path).unwrap(), [0; 64]);
}

#[test]
#[ignore = "a process of a_file_is_created_by_a_name_without_a_directory"]
fn process_creates_a_file() {
    let Some(path) = given_path() else { return };
    create(&path, 64);
}
