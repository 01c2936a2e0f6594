//! Regions in files of which the process may write only a part: what would reach beyond is refused unwritten.

use pmem::{FileError, FileOptions, FileRegion, IoError, IoOperation, Region};
use rustix::mm::{mmap, MapFlags, ProtFlags};
use rustix::process::{setrlimit, Resource, Rlimit};
use std::env;
use std::fs;
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const EFBIG: i32 = 27;
const LEN: u64 = 256;
/// Four bytes into a word.
const LIMIT: u64 = 68;

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("region");
    (dir, path)
}

/// Where a process that a test starts finds its file. None: somebody ran the helper itself.
fn given_path() -> Option<PathBuf> {
    env::var_os("PMEM_TEST_PATH").map(PathBuf::from)
}

/// The ignored test `name` of this file in a process of its own, where going beyond the limit ends the process, or is
/// just an error.
fn output(name: &str, path: &Path, ignore_signal: bool) -> Output {
    let script = match ignore_signal {
        true => r#"trap '' XFSZ; exec "$0" "$@""#,
        false => r#"exec "$0" "$@""#,
    };
    Command::new("sh")
        .args(["-c", script])
        .arg(env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env("PMEM_TEST_PATH", path)
        .output()
        .unwrap()
}

fn run(name: &str, path: &Path) {
    for ignore_signal in [true, false] {
        let output = output(name, path, ignore_signal);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{output:?}"
        );
        assert!(fs::remove_file(path).is_ok(), "{path:?}");
    }
}

fn limit(bytes: u64) {
    let (current, maximum) = (Some(bytes), None);
    setrlimit(Resource::Fsize, Rlimit { current, maximum }).unwrap();
}

fn write_error() -> Result<(), IoError> {
    Err(IoError {
        operation: IoOperation::Write,
        errno: EFBIG,
    })
}

fn create(path: &Path) -> FileRegion {
    FileRegion::create(path, LEN, &FileOptions::default()).unwrap()
}

#[test]
fn a_write_beyond_the_limit_writes_nothing() {
    let (_dir, path) = place();
    run("process_writes_beyond_the_limit", &path);
}

#[test]
#[ignore = "a process of a_write_beyond_the_limit_writes_nothing"]
fn process_writes_beyond_the_limit() {
    let Some(path) = given_path() else { return };
    let mut region = create(&path);
    limit(LIMIT);
    assert_eq!(region.write(64, &[7; 8]), write_error());
    assert_eq!(
        write_error().unwrap_err().to_string(),
        "write failed: File too large (os error 27); `ulimit -f` sets what this process may write"
    );
    assert_eq!(fs::read(&path).unwrap(), [0; LEN as usize]);
    // For good, although these bytes could be written.
    assert_eq!(region.write(0, &[7; 8]), write_error());
    assert_eq!(region.write_durably(0, &[7; 8]), write_error());
    drop(region);
    let mut region = FileRegion::open(&path, &FileOptions::default()).unwrap();
    assert_eq!(region.write_durably(64, &[7; 8]), write_error());
    assert_eq!(fs::read(&path).unwrap(), [0; LEN as usize]);
}

#[test]
fn what_the_limit_allows_is_written() {
    let (_dir, path) = place();
    run("process_writes_up_to_the_limit", &path);
}

#[test]
#[ignore = "a process of what_the_limit_allows_is_written"]
fn process_writes_up_to_the_limit() {
    let Some(path) = given_path() else { return };
    let mut region = create(&path);
    limit(LIMIT);
    region.write(0, &[7; LIMIT as usize]).unwrap();
    region.flush().unwrap();
    assert_eq!(fs::read(&path).unwrap()[..LIMIT as usize], [7; 68]);
    // The limit is asked each time.
    limit(LIMIT + 1);
    region.write(LIMIT, &[8]).unwrap();
    limit(LIMIT);
    assert_eq!(region.write(LIMIT, &[9]), write_error());
    assert_eq!(fs::read(&path).unwrap()[64..72], [7, 7, 7, 7, 8, 0, 0, 0]);
}

#[test]
fn a_file_beyond_the_limit_is_not_created() {
    let (_dir, path) = place();
    run("process_creates_beyond_the_limit", &path);
}

#[test]
#[ignore = "a process of a_file_beyond_the_limit_is_not_created"]
fn process_creates_beyond_the_limit() {
    let Some(path) = given_path() else { return };
    limit(LIMIT);
    for (sparse, step) in [(false, "write"), (true, "set the length of")] {
        let options = FileOptions {
            sparse,
            ..FileOptions::default()
        };
        let error = FileRegion::create(&path, LIMIT + 1, &options).unwrap_err();
        let errno = EFBIG;
        assert_eq!(error, FileError::Io { step, errno });
        assert!(!path.exists());
        drop(FileRegion::create(&path, LIMIT, &options).unwrap());
        fs::remove_file(&path).unwrap();
    }
    fs::write(&path, "").unwrap();
}

/// A source that cannot be read ends the process, as any access to it does, before a byte is written.
#[test]
fn a_source_that_was_cut_tears_no_word() {
    const SIGBUS: i32 = 7;
    let (_dir, path) = place();
    let output = output("process_writes_from_a_file_that_was_cut", &path, true);
    assert_eq!(output.status.signal(), Some(SIGBUS), "{output:?}");
    assert_eq!(fs::read(&path).unwrap(), [0; LEN as usize]);
}

#[test]
#[ignore = "a process of a_source_that_was_cut_tears_no_word"]
fn process_writes_from_a_file_that_was_cut() {
    let Some(path) = given_path() else { return };
    const PAGE: usize = 4096;
    let mut region = create(&path);
    let source = fs::File::create_new(path.with_file_name("source")).unwrap();
    source.write_all_at(&[7; 2 * PAGE], 0).unwrap();
    let (read, shared) = (ProtFlags::READ, MapFlags::SHARED);
    // SAFETY: a mapping at an address of the kernel's choice overlaps nothing that is there.
    let start = unsafe { mmap(std::ptr::null_mut(), 2 * PAGE, read, shared, &source, 0) };
    // SAFETY: the mapping is that long, and stays.
    let mapped = unsafe { std::slice::from_raw_parts(start.unwrap().cast::<u8>(), 2 * PAGE) };
    source.set_len(PAGE as u64).unwrap();
    // Of the first page, which is there, the kernel would write the first four bytes of a word.
    std::hint::black_box(mapped[0]);
    let result = region.write(64, &mapped[PAGE - 4..PAGE + 4]);
    panic!("{result:?}, {:?}", &fs::read(&path).unwrap()[64..72]);
}
