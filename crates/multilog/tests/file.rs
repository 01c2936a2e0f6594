//! Logs in a file: found again after closing, kept from a second handle, and refused when the file is not the one
//! that it was.

mod common;

use common::{contents, image, in_memory, len_for, pattern};
use multilog::*;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const CAPACITIES: [u64; 2] = [100, 5_000];

/// A new file of logs with something in them, closed.
fn file() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("logs");
    let mut logs = MultiLog::create(create(&path), &CAPACITIES).unwrap();
    logs.stage_append(0, b"zero").unwrap();
    logs.stage_append(1, &pattern(1, 5_000)).unwrap();
    logs.commit().unwrap();
    (directory, path)
}

fn create(path: &Path) -> FileRegion {
    let len = len_for(&CAPACITIES) as u64;
    FileRegion::create(path, len, &FileOptions::default()).unwrap()
}

fn open(path: &Path) -> Result<MultiLog<FileRegion>, OpenError> {
    let region = FileRegion::open(path, &FileOptions::default()).unwrap();
    Ok(MultiLog::open(region)?)
}

#[test]
fn what_was_committed_is_found_again_and_what_was_staged_is_not() {
    let (_directory, path) = file();
    let mut expected = b"zero".to_vec();
    for round in 0..5u8 {
        let mut logs = open(&path).unwrap();
        assert_eq!(contents(&logs, 0), expected);
        assert_eq!(contents(&logs, 1), pattern(1, 5_000));
        assert_eq!(logs.check().map(drop), Ok(()));
        logs.stage_append(0, &[round; 3]).unwrap();
        logs.commit().unwrap();
        expected.extend([round; 3]);
        logs.stage_append(0, b"dropped").unwrap();
    }
}

#[test]
fn the_bytes_are_those_of_a_region_in_memory() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("logs");
    let mut in_file =
        MultiLog::create_with_id(create(&path), &CAPACITIES, common::ID, false).unwrap();
    let mut in_memory = in_memory(&CAPACITIES);
    in_file.stage_append(1, b"same").unwrap();
    in_memory.stage_append(1, b"same").unwrap();
    in_file.commit().unwrap();
    in_memory.commit().unwrap();
    assert_eq!(fs::read(&path).unwrap(), in_memory.into_region().into_vec());
}

#[test]
fn a_second_handle_is_refused() {
    let (_directory, path) = file();
    let logs = open(&path).unwrap();
    let second = FileRegion::open(&path, &FileOptions::default()).err();
    assert_eq!(second, Some(FileError::Locked));
    drop(logs);
    open(&path).unwrap();
}

#[test]
fn a_file_of_another_length_is_refused() {
    let (_directory, path) = file();
    let recorded = len_for(&CAPACITIES) as u64;
    for actual in [recorded + 1, 2 * recorded, recorded - 1, recorded / 2, 600] {
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(actual).unwrap();
        let expected = OpenError::WrongLength { recorded, actual };
        assert_eq!(open(&path).err(), Some(expected));
    }
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(100)
        .unwrap();
    let expected = OpenError::TooSmall {
        len: 100,
        required: 513,
    };
    assert_eq!(open(&path).err(), Some(expected));
}

#[test]
fn a_file_cut_while_it_is_open_fails_the_device() {
    let (_directory, path) = file();
    let mut logs = open(&path).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(1_000).unwrap();
    let error = IoError {
        operation: IoOperation::Write,
        errno: 5,
    };
    assert_eq!(logs.stage_append(0, b"x"), Err(AppendError::Io(error)));
    assert!(logs.is_failed());
    assert_eq!(logs.commit(), Err(CommitError::Failed));
    let beyond = logs.read(1, 4_000, &mut [0; 10]);
    assert!(matches!(beyond, Err(ReadError::Io(_))));
}

#[test]
fn a_file_opened_for_reading_only_is_not_changed() {
    let (_directory, path) = file();
    let options = FileOptions {
        read_only: true,
        ..FileOptions::default()
    };
    let bytes = fs::read(&path).unwrap();
    let mut logs = MultiLog::open(FileRegion::open(&path, &options).unwrap()).unwrap();
    assert_eq!(contents(&logs, 0), b"zero");
    assert_eq!(logs.check().map(drop), Ok(()));
    assert!(matches!(
        logs.stage_append(0, b"x"),
        Err(AppendError::Io(_))
    ));
    assert_eq!(contents(&logs, 0), b"zero");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn the_bytes_of_another_log_are_refused() {
    let (_one, path) = file();
    let (_other, other) = file();
    let mut bytes = fs::read(&path).unwrap();
    let foreign = fs::read(&other).unwrap();
    let live = image::entry_at(&bytes, image::live(&bytes), 1);
    bytes[live..live + 64].copy_from_slice(&foreign[live..live + 64]);
    fs::write(&path, &bytes).unwrap();
    let expected = Corruption {
        part: Part::Entry { log: 1 },
        address: live as u64,
    };
    assert_eq!(open(&path).err(), Some(OpenError::Corrupt(expected)));
}

#[test]
fn other_files_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letter");
    let text = b"Dear reader, this is not a log. ".repeat(300);
    File::create(&path).unwrap().write_all(&text).unwrap();
    assert_eq!(open(&path).err(), Some(OpenError::Unformatted));
    let region = FileRegion::open(&path, &FileOptions::default()).unwrap();
    let refused = MultiLog::create(region, &[10]).err();
    let error = refused.map(Refused::into_error);
    assert_eq!(error, Some(CreateError::NotEmpty));
    assert_eq!(fs::read(&path).unwrap(), text);
}
