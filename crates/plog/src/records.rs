//! `plog records`.

use crate::escape::{self, escaped};
use crate::failure::Failure;
use crate::logs::{self, Logs};
use crate::output;
use clap::Args;
use multilog::{Record, RecordError};
use serde::Serialize;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, SystemTime};

/// How often a file that is followed is looked at.
const INTERVAL: Duration = Duration::from_millis(100);

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
    file: PathBuf,
    /// The log
    #[arg(long, value_name = "I", default_value_t = 0)]
    log: u64,
    /// The position of the first record [default: the log's head]
    #[arg(long, value_name = "P")]
    from: Option<u64>,
    /// Wait for more records, until killed. The file is opened anew whenever it has changed, and waited for while somebody
    /// else writes to it
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
    let logs = logs::open_to_read(&args.file)?;
    let info = logs::info(&args.file, &logs, args.log)?;
    let mut reader = Reader {
        args,
        position: args.from.unwrap_or(info.head),
        damaged: false,
    };
    reader.print(&logs)?;
    drop(logs);
    if args.follow {
        reader.follow()?;
    }
    Ok(match reader.damaged {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

struct Reader<'a> {
    args: &'a RecordsArgs,
    /// Of the next record.
    position: u64,
    /// Whether a record was damaged.
    damaged: bool,
}

impl Reader<'_> {
    /// Prints the records from where it stands to the tail.
    fn print(&mut self, logs: &Logs) -> Result<(), Failure> {
        let mut records = logs.records_from(self.args.log, self.position);
        let failure =
            |what: &dyn std::fmt::Display| Failure::about_log(&self.args.file, self.args.log, what);
        while let Some(record) = records.next() {
            match record {
                Ok(record) => self.print_record(&record)?,
                Err(error @ RecordError::OutOfRange { .. }) => return Err(failure(&error)),
                Err(error) if records.position() == self.position => return Err(failure(&error)),
                Err(error) => {
                    self.damaged = true;
                    self.complain(&error);
                }
            }
            self.position = records.position();
        }
        Ok(())
    }

    fn complain(&self, what: &dyn std::fmt::Display) {
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

    /// Prints what comes, for ever.
    fn follow(&mut self) -> Result<(), Failure> {
        let path = &self.args.file;
        let mut seen: Option<SystemTime> = None;
        loop {
            thread::sleep(INTERVAL);
            let changed = fs::metadata(path).and_then(|file| file.modified());
            let changed = changed.map_err(|error| Failure::about(path, error))?;
            if seen == Some(changed) {
                continue;
            }
            let logs = match logs::open_to_read_unless_in_use(path)? {
                Some(logs) => logs,
                None => continue,
            };
            let info = logs::info(path, &logs, self.args.log)?;
            if self.position < info.head {
                let freed = format!(
                    "the records from {} to {} were freed",
                    self.position, info.head
                );
                self.complain(&freed);
                self.position = info.head;
            } else if self.position > info.tail {
                let cut = format!("the log was cut, and ends at {} now", info.tail);
                self.complain(&cut);
                self.position = info.tail;
            }
            self.print(&logs)?;
            // A mapped file may change without it.
            seen = matches!(logs.region(), multilog::AnyRegion::File(_)).then_some(changed);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
