//! Why a command was not carried out, and how the user hears of it.

use crate::escape;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// Why a command was not carried out. The exit code is 1.
#[derive(Debug)]
pub enum Failure {
    /// One line for standard error, without the leading `plog: `.
    Said(String),
    /// Whoever read standard output has stopped reading, and needs no telling.
    OutputClosed,
}

impl Failure {
    /// What went wrong with the file at `path`.
    pub fn about(path: &Path, what: impl Display) -> Failure {
        Failure::Said(format!("{}: {what}", escape::name(path)))
    }

    /// What went wrong with one log in the file at `path`.
    pub fn about_log(path: &Path, log: u64, what: impl Display) -> Failure {
        Failure::about(path, format_args!("log {log}: {what}"))
    }

    /// Tells the user, and returns the exit code.
    pub fn report(self) -> ExitCode {
        if let Failure::Said(line) = self {
            // `eprintln!` would panic when standard error is closed.
            let _ = writeln!(io::stderr(), "plog: {line}");
        }
        ExitCode::FAILURE
    }
}
