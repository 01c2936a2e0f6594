//! Standard output, which may be closed or full: `println!` would panic then.

use crate::failure::Failure;
use rustix::event::{poll, PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use serde::Serialize;
use std::io::{self, ErrorKind, Write};
use std::time::Duration;

/// Writes all of `bytes` to standard output, past any buffer.
pub fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::OutputClosed,
            _ => Failure::Said(format!("could not write to standard output: {error}")),
        })
}

/// Writes `value` as one line of JSON.
pub fn write_json(value: &impl Serialize) -> Result<(), Failure> {
    let mut line = serde_json::to_string(value)
        .map_err(|error| Failure::Said(format!("could not express this as JSON: {error}")))?;
    line.push('\n');
    write(line.as_bytes())
}

/// Waits so long, or until whoever reads standard output stops reading.
pub fn wait(time: Duration) -> Result<(), Failure> {
    let stdout = io::stdout();
    // That the other end of a pipe or a terminal is closed is reported without being asked for.
    let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
    let timeout = Timespec {
        tv_sec: time.as_secs() as i64,
        tv_nsec: time.subsec_nanos().into(),
    };
    match poll(&mut watched, Some(&timeout)) {
        Ok(0) | Err(Errno::INTR) => Ok(()),
        Ok(_) => Err(Failure::OutputClosed),
        Err(error) => Err(Failure::Said(format!("could not wait: {error}"))),
    }
}
