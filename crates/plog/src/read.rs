//! `plog read`.

use crate::failure::Failure;
use crate::{logs, output};
use clap::Args;
use multilog::{LogInfo, MoveError, ReadError};
use std::path::PathBuf;
use std::process::ExitCode;

/// How many bytes are read and written at a time.
const CHUNK: u64 = 1 << 20;

/// Write a log's bytes to standard output
///
/// The bytes are written as they are, by default all of them, from the log's head to its tail.
#[derive(Debug, Args)]
pub struct ReadArgs {
    /// The file with the logs
    file: PathBuf,
    /// The log to read
    #[arg(long, value_name = "I", default_value_t = 0)]
    log: u64,
    /// The position of the first byte [default: the log's head]
    #[arg(long, value_name = "P")]
    from: Option<u64>,
    /// How many bytes [default: all up to the log's tail]
    #[arg(long, value_name = "N")]
    len: Option<u64>,
}

pub fn run(args: &ReadArgs) -> Result<ExitCode, Failure> {
    let logs = logs::open_to_read(&args.file)?;
    let info = logs::info(&args.file, &logs, args.log)?;
    let failure = |what: String| Failure::about_log(&args.file, args.log, what);
    let (mut position, end) = range(&info, args.from, args.len).map_err(failure)?;
    let mut buf = vec![0; CHUNK.min(end - position) as usize];
    while position < end {
        let chunk = &mut buf[..CHUNK.min(end - position) as usize];
        logs.read(args.log, position, chunk)
            .map_err(|e| failure(e.to_string()))?;
        output::write(chunk)?;
        position += chunk.len() as u64;
    }
    Ok(ExitCode::SUCCESS)
}

/// The positions to read, from the first to behind the last: all are in the log.
fn range(info: &LogInfo, from: Option<u64>, len: Option<u64>) -> Result<(u64, u64), String> {
    let (head, tail) = (info.head, info.tail);
    let position = from.unwrap_or(head);
    if position < head || position > tail {
        return Err(MoveError::OutOfRange {
            position,
            head,
            tail,
        }
        .to_string());
    }
    match len {
        None => Ok((position, tail)),
        Some(len) if len <= tail - position => Ok((position, position + len)),
        Some(len) => Err(ReadError::OutOfRange {
            position,
            len,
            head,
            tail,
        }
        .to_string()),
    }
}
