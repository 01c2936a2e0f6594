//! Creating and opening regions in files: what is made, and what is refused.

mod skipping;

use pmem::{FileError, FileOptions, FileRegion, Region};
use rustix::fs::{mkfifoat, Mode, CWD};
use std::fs;
use std::os::unix::fs::{symlink, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

const READ_ONLY: FileOptions = FileOptions {
    mode: 0,
    sparse: false,
    read_only: true,
    prefault: false,
};

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("region");
    (dir, path)
}

fn create(path: &Path, len: u64) -> Result<FileRegion, FileError> {
    FileRegion::create(path, len, &FileOptions::default())
}

fn open(path: &Path) -> Result<FileRegion, FileError> {
    FileRegion::open(path, &FileOptions::default())
}

#[test]
fn a_new_file_is_zeros_of_its_length() {
    let (_dir, path) = place();
    let len = (2 << 20) + 12_345;
    let mut calls = Vec::new();
    let options = FileOptions::default();
    let region =
        FileRegion::create_with_progress(&path, len, &options, &mut |done| calls.push(done));
    assert_eq!(region.unwrap().len(), len);
    assert_eq!(calls, [1 << 20, 2 << 20, len]);
    assert_eq!(fs::read(&path).unwrap(), vec![0; len as usize]);
    assert!(fs::metadata(&path).unwrap().blocks() * 512 >= len);
}

#[test]
fn a_sparse_file_is_zeros_without_blocks() {
    let (_dir, path) = place();
    let options = FileOptions {
        sparse: true,
        ..FileOptions::default()
    };
    let region = FileRegion::create(&path, 1 << 20, &options).unwrap();
    assert_eq!(region.len(), 1 << 20);
    assert_eq!(fs::metadata(&path).unwrap().blocks(), 0);
    assert_eq!(fs::read(&path).unwrap(), vec![0; 1 << 20]);
}

#[test]
fn a_new_file_has_the_mode_that_was_asked_for_less_the_umask() {
    rustix::process::umask(Mode::from_raw_mode(0o022));
    let (dir, path) = place();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    create(&path, 1).unwrap();
    assert_eq!(mode(&path), 0o600);
    let path = dir.path().join("shared");
    let options = FileOptions {
        mode: 0o660,
        ..FileOptions::default()
    };
    FileRegion::create(&path, 1, &options).unwrap();
    assert_eq!(mode(&path), 0o640);
}

#[test]
fn what_exists_is_not_overwritten() {
    let (dir, path) = place();
    fs::write(&path, b"mine").unwrap();
    assert_eq!(create(&path, 64).unwrap_err(), FileError::AlreadyExists);
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    assert_eq!(
        create(dir.path(), 64).unwrap_err(),
        FileError::AlreadyExists
    );
    let link = dir.path().join("dangling");
    symlink("nowhere", &link).unwrap();
    assert_eq!(create(&link, 64).unwrap_err(), FileError::AlreadyExists);
}

#[test]
fn an_empty_region_is_not_created() {
    let (_dir, path) = place();
    assert_eq!(create(&path, 0).unwrap_err(), FileError::Empty);
    assert!(!path.exists());
}

#[test]
fn a_length_that_no_file_can_have_leaves_no_file() {
    let (_dir, path) = place();
    let options = FileOptions {
        sparse: true,
        ..FileOptions::default()
    };
    let error = FileRegion::create(&path, u64::MAX, &options).unwrap_err();
    assert!(
        matches!(
            error,
            FileError::Io {
                step: "set the length of",
                ..
            }
        ),
        "{error:?}"
    );
    assert!(!path.exists());
}

#[test]
fn what_is_missing_is_not_found() {
    let (dir, path) = place();
    assert_eq!(open(&path).unwrap_err(), FileError::NotFound);
    let deeper = dir.path().join("no such directory").join("region");
    assert_eq!(create(&deeper, 64).unwrap_err(), FileError::NotFound);
}

#[test]
fn a_file_in_a_directory_s_place_is_an_error_that_says_so() {
    let (_dir, path) = place();
    fs::write(&path, b"file").unwrap();
    let error = open(&path.join("region")).unwrap_err();
    assert_eq!(
        error,
        FileError::Io {
            step: "open",
            errno: 20
        }
    );
    assert_eq!(
        error.to_string(),
        "could not open the file: Not a directory (os error 20)"
    );
}

/// `open`, but a failure if it has to wait for anything.
fn open_at_once(path: &Path, options: FileOptions) -> FileError {
    let (sender, receiver) = mpsc::channel();
    let path = path.to_owned();
    std::thread::spawn(move || sender.send(FileRegion::open(&path, &options).unwrap_err()));
    receiver
        .recv_timeout(Duration::from_secs(10))
        .expect("opening should not wait")
}

#[test]
fn only_ordinary_files_are_opened() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    mkfifoat(CWD, &fifo, Mode::RUSR | Mode::WUSR).unwrap();
    let socket = dir.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let kinds = [
        (dir.path(), "a directory"),
        (&fifo, "a pipe"),
        (&socket, "a socket"),
        (Path::new("/dev/null"), "a device"),
    ];
    for (path, kind) in kinds {
        for options in [FileOptions::default(), READ_ONLY] {
            assert_eq!(open_at_once(path, options), FileError::NotAFile { kind });
        }
    }
    let error = FileError::NotAFile { kind: "a pipe" };
    assert_eq!(error.to_string(), "this is a pipe, not a file");
}

#[test]
fn an_empty_file_is_refused() {
    let (_dir, path) = place();
    fs::write(&path, b"").unwrap();
    assert_eq!(open(&path).unwrap_err(), FileError::Empty);
}

#[test]
fn a_symbolic_link_is_followed() {
    let (dir, path) = place();
    fs::write(&path, b"there").unwrap();
    let link = dir.path().join("link");
    symlink(&path, &link).unwrap();
    assert_eq!(open(&link).unwrap().len(), 5);
}

#[test]
fn an_open_file_is_locked() {
    let (_dir, path) = place();
    let region = create(&path, 64).unwrap();
    assert_eq!(open(&path).unwrap_err(), FileError::Locked);
    assert_eq!(
        FileRegion::open(&path, &READ_ONLY).unwrap_err(),
        FileError::Locked
    );
    drop(region);
    let region = open(&path).unwrap();
    assert_eq!(open(&path).unwrap_err(), FileError::Locked);
    drop(region);
    let readers = [(); 2].map(|()| FileRegion::open(&path, &READ_ONLY).unwrap());
    assert_eq!(open(&path).unwrap_err(), FileError::Locked);
    drop(readers);
    open(&path).unwrap();
}

/// Runs `f` in a thread that has no rights beyond those that everybody has.
fn as_nobody<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid, Gid, Uid};
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if rustix::process::geteuid().is_root() {
                let (user, group) = (Uid::from_raw(65534), Gid::from_raw(65534));
                set_thread_groups(&[]).unwrap();
                set_thread_res_gid(group, group, group).unwrap();
                set_thread_res_uid(user, user, user).unwrap();
            }
            f()
        });
        thread.join().unwrap()
    })
}

#[test]
fn permissions_are_respected() {
    let (dir, path) = place();
    fs::write(&path, b"bytes").unwrap();
    let set_mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(&path, 0o444);
    set_mode(dir.path(), 0o555);
    as_nobody(|| {
        assert_eq!(open(&path).unwrap_err(), FileError::PermissionDenied);
        FileRegion::open(&path, &READ_ONLY).unwrap();
        let new = dir.path().join("new");
        assert_eq!(create(&new, 64).unwrap_err(), FileError::PermissionDenied);
    });
    set_mode(&path, 0o000);
    as_nobody(|| {
        let error = FileRegion::open(&path, &READ_ONLY).unwrap_err();
        assert_eq!(error, FileError::PermissionDenied);
    });
    set_mode(dir.path(), 0o755);
}

/// Bytes of the file in the page cache. None: there is nothing that tells.
fn cached(path: &Path) -> Option<u64> {
    let mut fincore = Command::new("fincore");
    let output = fincore
        .args(["--noheadings", "--bytes", "--output", "RES"])
        .arg(path)
        .output();
    let Ok(output) = output else {
        skipping::skip_without("fincore");
        return None;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.trim().parse().unwrap())
}

#[test]
fn opening_drops_the_cached_pages() {
    let (_dir, path) = place();
    const TMPFS_MAGIC: i64 = 0x0102_1994;
    let file_system = rustix::fs::statfs(path.parent().unwrap()).unwrap();
    if file_system.f_type as i64 == TMPFS_MAGIC {
        return skipping::skip("a tmpfs has no medium to read back from; set TMPDIR to a disk");
    }
    for options in [FileOptions::default(), READ_ONLY] {
        // Not synced, so that the pages are still dirty when the file is opened.
        fs::write(&path, vec![7; 1 << 20]).unwrap();
        let Some(before) = cached(&path) else { return };
        assert!(before >= 1 << 20);
        let region = FileRegion::open(&path, &options).unwrap();
        assert_eq!(cached(&path), Some(0));
        let mut buf = vec![0; 1 << 20];
        region.read(0, &mut buf).unwrap();
        assert_eq!(buf, vec![7; 1 << 20]);
    }
}
