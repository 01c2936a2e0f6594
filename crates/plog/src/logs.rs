//! Opening the logs in a file.

use crate::failure::Failure;
use multilog::{AnyRegion, FileError, FileOptions, LogInfo, MoveError, MultiLog};
use std::path::Path;

/// Logs in a file.
pub type Logs = MultiLog<AnyRegion>;

/// Opens the logs in the file at `path` to change them.
pub fn open(path: &Path) -> Result<Logs, Failure> {
    open_with(path, &FileOptions::default())
}

/// Opens the logs in the file at `path` to read them, for which the user needs no permission to write.
pub fn open_to_read(path: &Path) -> Result<Logs, Failure> {
    open_with(path, &read_only())
}

/// The same, or None while somebody writes to it.
pub fn open_to_read_unless_in_use(path: &Path) -> Result<Option<Logs>, Failure> {
    match AnyRegion::open(path, &read_only()) {
        Err(FileError::Locked) => Ok(None),
        region => logs_in(path, region).map(Some),
    }
}

/// How a file is opened that is only read.
pub fn read_only() -> FileOptions {
    FileOptions {
        read_only: true,
        ..FileOptions::default()
    }
}

fn open_with(path: &Path, options: &FileOptions) -> Result<Logs, Failure> {
    logs_in(path, AnyRegion::open(path, options))
}

fn logs_in(path: &Path, region: Result<AnyRegion, FileError>) -> Result<Logs, Failure> {
    let region = region.map_err(|e| Failure::about(path, e))?;
    MultiLog::open(region).map_err(|e| Failure::about(path, e))
}

/// So many logs, in words.
pub fn counted(logs: u64) -> String {
    match logs {
        1 => "1 log".to_string(),
        n => format!("{n} logs"),
    }
}

/// Where log `log` stands.
pub fn info(path: &Path, logs: &Logs, log: u64) -> Result<LogInfo, Failure> {
    logs.info(log).ok_or_else(|| {
        let logs = logs.log_count();
        Failure::about(path, MoveError::NoSuchLog { log, logs })
    })
}

/// Commits what is staged.
pub fn commit(path: &Path, logs: &mut Logs) -> Result<(), Failure> {
    logs.commit().map_err(|error| {
        Failure::about(
            path,
            format_args!(
                "{error}; the change is there either entirely or not at all: see plog info"
            ),
        )
    })
}
