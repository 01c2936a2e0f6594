//! `plog records`.

use crate::escape::{self, escaped};
use crate::failure::Failure;
use crate::follow::follow;
use crate::logs::{self, Logs};
use crate::output;
use clap::Args;
use multilog::{Record, RecordError};
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Print a log's records
///
/// Each record is a line: its position, the length of its payload, and the payload, with what is not text as \xNN and
/// the backslash as \\.
///
/// A damaged record is reported on standard error, in its place, and those behind it follow as long as it is known where
/// they are. Exit code 1 if there was one.
#[derive(Debug, Args)]
pub struct RecordsArgs {
    /// The file with the logs
    pub file: PathBuf,
    /// The log
    #[arg(long, value_name = "I", default_value_t = 0)]
    log: u64,
    /// The position of the first record [default: the log's head]
    #[arg(long, value_name = "P")]
    from: Option<u64>,
    /// Wait for more records, until killed or until nobody reads them. The file is opened anew whenever it has changed, and
    /// waited for while somebody else has it open to write to it: a service that keeps it open cannot be followed
    #[arg(long)]
    follow: bool,
    /// As JSON, one object a line: {"position","next","len","text"}, with "hex" in place of "text" if it is none
    #[arg(long)]
    json: bool,
}

/// A record for a program.
#[derive(Serialize)]
struct Line<'a> {
    position: u64,
    next: u64,
    len: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
}

pub fn run(args: &RecordsArgs) -> Result<ExitCode, Failure> {
    let mut reader = Reader {
        args,
        next: None,
        damaged: false,
    };
    if args.follow {
        match follow(&mut reader)? {}
    }
    reader.print_on(&logs::open_to_read(&args.file)?)?;
    Ok(match reader.damaged {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

/// What was printed of a log, and what comes next.
pub struct Reader<'a> {
    pub args: &'a RecordsArgs,
    /// The position of the next record, unless none was looked for.
    next: Option<u64>,
    /// Whether a record was damaged.
    damaged: bool,
}

impl Reader<'_> {
    /// Prints the records from where it stands to the tail. If records are gone since it came there, it says so, and goes
    /// on with those that are left.
    pub fn print_on(&mut self, logs: &Logs) -> Result<(), Failure> {
        let info = logs::info(&self.args.file, logs, self.args.log)?;
        let (head, tail) = (info.head, info.tail);
        let position = match self.next {
            None => self.args.from.unwrap_or(head),
            Some(next) if next < head => {
                self.complain(&format!("the records from {next} to {head} were freed"));
                head
            }
            Some(next) if next > tail => {
                self.complain(&format!("the log was cut, and ends at {tail} now"));
                tail
            }
            Some(next) => next,
        };
        self.print_from(logs, position)
    }

    fn print_from(&mut self, logs: &Logs, mut position: u64) -> Result<(), Failure> {
        let mut records = logs.records_from(self.args.log, position);
        let failure =
            |what: &dyn std::fmt::Display| Failure::about_log(&self.args.file, self.args.log, what);
        while let Some(record) = records.next() {
            match record {
                Ok(record) => self.print_record(&record)?,
                Err(error @ RecordError::OutOfRange { .. }) => return Err(failure(&error)),
                Err(error) if records.position() == position => return Err(failure(&error)),
                Err(error) => {
                    self.damaged = true;
                    self.complain(&error);
                }
            }
            position = records.position();
        }
        self.next = Some(position);
        Ok(())
    }

    /// Tells the user about the log, and goes on.
    pub fn complain(&self, what: &dyn std::fmt::Display) {
        let (file, log) = (escape::name(&self.args.file), self.args.log);
        // Nobody is left to hear it.
        let _ = writeln!(io::stderr(), "plog: {file}: log {log}: {what}");
    }

    fn print_record(&self, record: &Record<'_>) -> Result<(), Failure> {
        let payload = record.payload();
        if self.args.json {
            let text = std::str::from_utf8(payload).ok();
            return output::write_json(&Line {
                position: record.position(),
                next: record.next_position(),
                len: payload.len(),
                text,
                hex: text.is_none().then(|| hex(payload)),
            });
        }
        let (position, len) = (record.position(), payload.len());
        let line = format!("{position}\t{len}\t{}\n", escaped(payload));
        output::write(line.as_bytes())
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
