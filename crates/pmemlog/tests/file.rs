//! One log in a file.

use pmemlog::*;
use std::fs::File;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const LEN: u64 = 12_000;

/// The bytes before a log's own.
const METADATA: u64 = 8_576;

fn file() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let region = FileRegion::create(&path, LEN, &FileOptions::default()).unwrap();
    let mut log = PmemLog::create(region, None).unwrap();
    assert_eq!(log.append(b"first, "), Ok(0));
    (directory, path)
}

fn region(path: &Path) -> Result<FileRegion, FileError> {
    FileRegion::open(path, &FileOptions::default())
}

fn set_len(path: &Path, len: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_len(len).unwrap();
}

#[test]
fn a_log_is_continued() {
    let (_directory, path) = file();
    for round in 0..10 {
        let mut log = PmemLog::open(region(&path).unwrap()).unwrap();
        assert_eq!(log.capacity(), LEN - METADATA);
        let text = format!("round {round}, ");
        let expected = 7 + round * text.len() as u64;
        assert_eq!(log.append(text.as_bytes()), Ok(expected));
    }
    let log = PmemLog::open(region(&path).unwrap()).unwrap();
    let mut bytes = [0; 16];
    log.read(0, &mut bytes).unwrap();
    assert_eq!(&bytes, b"first, round 0, ");
    assert_eq!(log.read_in_place(0, 1), Err(ReadError::NotMapped));
    assert_eq!(log.check().map(drop), Ok(()));
}

#[test]
fn a_second_handle_is_refused() {
    let (_directory, path) = file();
    let _log = PmemLog::open(region(&path).unwrap()).unwrap();
    assert_eq!(region(&path).err(), Some(FileError::Locked));
}

#[test]
fn a_file_of_another_length_is_refused() {
    let (_directory, path) = file();
    for actual in [LEN + 1, LEN - 1, 600] {
        set_len(&path, actual);
        let refused = PmemLog::open(region(&path).unwrap()).err().unwrap();
        let error = refused.into_error();
        let OpenError::Region(error) = error else {
            panic!("{error}");
        };
        let recorded = LEN;
        assert_eq!(error, multilog::OpenError::WrongLength { recorded, actual });
    }
}

#[test]
fn a_file_cut_while_it_is_open_fails_the_log() {
    let (_directory, path) = file();
    let mut log = PmemLog::open(region(&path).unwrap()).unwrap();
    // Right behind the bytes that are there.
    set_len(&path, LEN - log.capacity() + 7);
    assert!(matches!(log.append(b"x"), Err(AppendError::Io(_))));
    assert!(log.is_failed());
    assert_eq!(log.append(b"x"), Err(AppendError::Failed));
    let mut bytes = [0; 7];
    log.read(0, &mut bytes).unwrap();
    assert_eq!(&bytes, b"first, ");
}
