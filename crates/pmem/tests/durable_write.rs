//! Durable writes to a file: by which descriptor and which system calls, and what happens when one fails.
//!
//! Those of the system calls are skipped where strace is not installed or may not trace, unless `CI` is `true`.

mod skipping;

use pmem::{Concat, FileOptions, FileRegion, IoError, IoOperation, MemRegion, Region};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const EIO: i32 = 5;
const BLOCK: usize = 4096;
const LEN: u64 = 40 * BLOCK as u64;

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("region");
    (dir, path)
}

fn create(path: &Path) -> FileRegion {
    FileRegion::create(path, LEN, &FileOptions::default()).unwrap()
}

/// Whether some descriptor of this process writes to the file past the page cache.
fn is_direct(path: &Path) -> bool {
    const O_DIRECT: u32 = if cfg!(target_arch = "aarch64") {
        0o200_000
    } else {
        0o40_000
    };
    let descriptors = fs::read_dir("/proc/self/fd").unwrap();
    let mut names = descriptors.map(|entry| entry.unwrap().file_name());
    names.any(|name| {
        let of_file =
            fs::read_link(Path::new("/proc/self/fd").join(&name)).is_ok_and(|to| to == path);
        let info = fs::read_to_string(Path::new("/proc/self/fdinfo").join(&name));
        let flags = info.unwrap_or_default();
        let flags = flags.lines().find_map(|line| line.strip_prefix("flags:"));
        of_file && flags.is_some_and(|f| u32::from_str_radix(f.trim(), 8).unwrap() & O_DIRECT != 0)
    })
}

/// Bytes that tell where they are.
fn pattern(seed: usize, len: usize) -> Vec<u8> {
    (0..len).map(|i| (seed + i / 8 + i) as u8).collect()
}

#[test]
fn all_lengths_are_read_back_by_everybody() {
    let (_dir, path) = place();
    let path = path.canonicalize().unwrap_or(path);
    let mut region = create(&path);
    let mut model = vec![0; LEN as usize];
    let ranges = [
        (8, 64),
        (4096, 4096),
        (0, 2 * BLOCK),
        // More than is written at a time, and twice as much but for a block.
        (BLOCK, 17 * BLOCK),
        (3 * BLOCK, 35 * BLOCK),
        (LEN as usize - BLOCK, BLOCK),
        (LEN as usize - 8, 8),
        (LEN as usize, 0),
    ];
    for (seed, (start, len)) in ranges.into_iter().enumerate() {
        // What is in flight in the same blocks is overwritten, and that around them stays.
        let around = start.saturating_sub(5)..(start + len + 5).min(LEN as usize);
        let unflushed = pattern(seed + 100, around.len());
        region.write(around.start as u64, &unflushed).unwrap();
        model[around.clone()].copy_from_slice(&unflushed);
        let bytes = pattern(seed, len);
        region.write_durably(start as u64, &bytes).unwrap();
        model[start..start + len].copy_from_slice(&bytes);
        let mut buf = vec![0; LEN as usize];
        region.read(0, &mut buf).unwrap();
        assert!(buf == model, "{start}, {len}");
        assert!(fs::read(&path).unwrap() == model, "{start}, {len}");
    }
    if !is_direct(&path) {
        skipping::skip("no O_DIRECT here, so nothing was written past the page cache");
    }
}

#[test]
fn a_file_opened_for_reading_is_not_written_durably_either() {
    const EBADF: i32 = 9;
    let (_dir, path) = place();
    drop(create(&path));
    let options = FileOptions {
        read_only: true,
        ..FileOptions::default()
    };
    for bytes in [vec![7; 8], vec![7; BLOCK]] {
        let mut region = FileRegion::open(&path, &options).unwrap();
        let error = |operation| {
            let errno = EBADF;
            Err(IoError { operation, errno })
        };
        assert_eq!(
            region.write_durably(0, &bytes),
            error(IoOperation::Write),
            "{}",
            bytes.len()
        );
        assert_eq!(region.flush(), error(IoOperation::Flush));
        assert_eq!(fs::read(&path).unwrap(), [0; LEN as usize]);
    }
}

#[test]
fn a_file_that_was_cut_is_not_written_durably() {
    let (_dir, path) = place();
    for bytes in [vec![7; 8], vec![7; BLOCK]] {
        let mut region = create(&path);
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(BLOCK as u64).unwrap();
        let error = IoError {
            operation: IoOperation::Write,
            errno: EIO,
        };
        assert_eq!(region.write_durably(BLOCK as u64, &bytes), Err(error));
        assert_eq!(file.metadata().unwrap().len(), BLOCK as u64);
        assert_eq!(region.write(0, b"x"), Err(error));
        drop(region);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_failed_part_fails_the_whole() {
    let (_dir, path) = place();
    let file = create(&path);
    let mut whole = Concat::new(MemRegion::new(BLOCK), file).unwrap();
    fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(0)
        .unwrap();
    let error = |operation| {
        let errno = EIO;
        Err(IoError { operation, errno })
    };
    let start = BLOCK as u64 - 8;
    assert_eq!(
        whole.write_durably(start, &[7; 16]),
        error(IoOperation::Write)
    );
    assert_eq!(whole.write_durably(0, &[8; 8]), error(IoOperation::Write));
    assert_eq!(whole.flush(), error(IoOperation::Flush));
    let (first, _) = whole.into_parts();
    assert_eq!(first.into_vec()[start as usize..], [7; 8]);
}

/// Runs `process_writes_durably`, in which `inject` (in strace's words) fails. Returns the calls that change the file, and
/// what the process says. None: there is no strace.
fn traced(inject: Option<&str>) -> Option<(Vec<String>, String)> {
    let (_dir, path) = place();
    let trace = path.with_file_name("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-s", "0", "-o"]).arg(&trace);
    strace.args(["-e", "trace=pwrite64,pwritev2,fsync,fdatasync"]);
    if let Some(inject) = inject {
        strace.args(["-e", &format!("inject={inject}")]);
    }
    let output = strace
        .arg(env::current_exe().unwrap())
        .args(["--exact", "process_writes_durably", "--ignored"])
        .arg("--nocapture")
        .env("PMEM_TEST_PATH", &path)
        .output();
    let Ok(output) = output else {
        skipping::skip_without("strace");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !text.contains("1 passed") && String::from_utf8_lossy(&output.stderr).contains("ptrace") {
        skipping::skip("strace may not trace");
        return None;
    }
    assert!(text.contains("1 passed"), "{output:?}");
    let name = format!("<{}>", path.to_str().unwrap());
    let trace = fs::read_to_string(trace).unwrap();
    let calls = trace.lines().filter(|line| line.contains(&name));
    // Without the number of the thread.
    let calls = calls.map(|line| line.split_once(' ').unwrap().1.trim().to_string());
    // Those of creating are `pwrite64` and `fsync`.
    let calls = calls.skip_while(|line| !line.starts_with("fsync")).skip(1);
    Some((calls.collect(), text))
}

#[test]
#[ignore = "a process of those that trace"]
fn process_writes_durably() {
    let Some(path) = env::var_os("PMEM_TEST_PATH").map(PathBuf::from) else {
        return;
    };
    let mut region = create(&path);
    // One record, one block, blocks.
    let writes = [(64, 64), (BLOCK, BLOCK), (2 * BLOCK, 16 * BLOCK)];
    for (start, len) in writes {
        let bytes = pattern(start, len);
        println!("{:?}", region.write_durably(start as u64, &bytes));
    }
    // Nothing is in flight.
    println!("{:?}", region.flush());
}

#[test]
fn each_is_one_call() {
    let Some((calls, text)) = traced(None) else {
        return;
    };
    assert_eq!(calls.len(), 3, "{calls:#?}");
    for (call, len) in calls.iter().zip([64, BLOCK, 16 * BLOCK]) {
        assert!(call.starts_with("pwritev2("), "{call}");
        assert!(call.ends_with(&format!("RWF_DSYNC) = {len}")), "{call}");
    }
    assert_eq!(text.matches("Ok(())").count(), 4, "{text}");
}

/// The first call that fails is the last one, whichever descriptor it is of.
#[test]
fn a_failed_one_is_never_retried() {
    for when in 1..=3 {
        let inject = format!("pwritev2:error=EIO:when={when}");
        let Some((calls, text)) = traced(Some(&inject)) else {
            return;
        };
        assert_eq!(calls.len(), when, "{calls:#?}");
        assert_eq!(text.matches("Ok(())").count(), when - 1, "{text}");
        assert_eq!(text.matches("errno: 5").count(), 5 - when, "{text}");
    }
}

#[test]
fn without_such_calls_it_is_a_write_and_a_sync() {
    for error in ["EOPNOTSUPP", "ENOSYS"] {
        let inject = format!("pwritev2:error={error}");
        let Some((calls, text)) = traced(Some(&inject)) else {
            return;
        };
        assert_eq!(text.matches("Ok(())").count(), 4, "{text}");
        let of = |name: &str| calls.iter().filter(|call| call.starts_with(name)).count();
        assert_eq!((of("pwrite64"), of("fdatasync")), (3, 3), "{calls:#?}");
    }
}
