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
    let options = FileOptions {
        read_only: true,
        ..FileOptions::default()
    };
    open_with(path, &options)
}

/// The same, or None while somebody else writes to it.
pub fn open_to_read_unless_in_use(path: &Path) -> Result<Option<Logs>, Failure> {
    let options = FileOptions {
        read_only: true,
        ..FileOptions::default()
    };
    match AnyRegion::open(path, &options) {
        Ok(region) => match MultiLog::open(region) {
            Ok(logs) => Ok(Some(logs)),
            Err(error) => Err(Failure::about(path, error)),
        },
        Err(FileError::Locked) => Ok(None),
        Err(error) => Err(Failure::about(path, error)),
    }
}

fn open_with(path: &Path, options: &FileOptions) -> Result<Logs, Failure> {
    let region = AnyRegion::open(path, options).map_err(|e| Failure::about(path, e))?;
    MultiLog::open(region).map_err(|e| Failure::about(path, e))
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
