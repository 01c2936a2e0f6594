//! Standard output, which may be closed or full: `println!` would panic then.

use crate::failure::Failure;
use serde::Serialize;
use std::io::{self, ErrorKind, Write};

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
