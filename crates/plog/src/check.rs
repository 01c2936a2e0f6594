//! `plog check`.

use crate::check_records::{self, Records};
use crate::failure::Failure;
use crate::in_flight::InFlight;
use crate::{escape, logs, output};
use clap::Args;
use multilog::inspect::inspect;
use multilog::{AnyRegion, CheckError, Corruption, FileError, MultiLog, OpenError, Refused};
use serde::Serialize;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The exit code for a file that is not sound.
const UNSOUND: u8 = 2;

/// Verify the metadata of the logs, and their records
///
/// The records of each log that begins with one are read; bytes have no checksums. With --records, all logs are taken to
/// hold records; without it, the bytes of a log whose first record's header is damaged are not checked either, and how many
/// were not is printed.
///
/// Also says what an interrupted commit has left, and what the journal holds that is not live. Neither counts, and neither do
/// bytes behind a log's tail, which were staged and not committed.
///
/// Exit code 0: sound. 2: not sound, or a record cannot be read; what is wrong, and where, is printed. 1: it could not be
/// found out.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The file with the logs
    file: PathBuf,
    /// As JSON: {"sound","part","address","message","in_flight":{"commit","idle"},"records":{"logs","sound","damaged":[{"log","position","message"}],"unchecked":[{"log","bytes"}]}}
    #[arg(long)]
    json: bool,
    /// All logs hold records, also those that do not begin with one
    #[arg(long)]
    records: bool,
}

/// What was found.
#[derive(Serialize)]
struct Verdict {
    sound: bool,
    /// The damaged part of the metadata, if it is one part.
    part: Option<String>,
    /// Where it begins in the file, in bytes.
    address: Option<u64>,
    message: String,
    /// What there is that does not count, if the metadata are sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_flight: Option<InFlight>,
    /// What the logs hold, if the metadata are sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<Records>,
    /// The bytes that are in no log, if the metadata are sound.
    #[serde(skip)]
    free: u64,
}

impl Verdict {
    fn unsound(message: impl Display) -> Verdict {
        Verdict {
            sound: false,
            part: None,
            address: None,
            message: message.to_string(),
            in_flight: None,
            records: None,
            free: 0,
        }
    }

    fn corrupt(corruption: Corruption) -> Verdict {
        Verdict {
            part: Some(corruption.part.to_string()),
            address: Some(corruption.address),
            ..Verdict::unsound(corruption)
        }
    }
}

pub fn run(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let verdict = examine(&args.file, args.records)?;
    if args.json {
        output::write_json(&verdict)?;
    } else {
        let mut text = format!("{}: {}\n", escape::name(&args.file), verdict.message);
        if let Some(in_flight) = &verdict.in_flight {
            text += &in_flight.in_words();
        }
        if verdict.free > 0 {
            let staged = "what was staged there and not committed does not count";
            text += &format!("free: {} bytes; {staged}\n", verdict.free);
        }
        if let Some(records) = &verdict.records {
            text += &records.in_words();
        }
        output::write(text.as_bytes())?;
    }
    Ok(if verdict.sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(UNSOUND)
    })
}

fn examine(path: &Path, all_hold_records: bool) -> Result<Verdict, Failure> {
    let region = match AnyRegion::open(path, &logs::read_only()) {
        Ok(region) => region,
        Err(FileError::Empty) => return Ok(Verdict::unsound("the file is empty")),
        Err(error) => return Err(Failure::about(path, error)),
    };
    let logs = match MultiLog::open(region).map_err(Refused::into_error) {
        Ok(logs) => logs,
        Err(OpenError::Corrupt(corruption)) => return Ok(Verdict::corrupt(corruption)),
        Err(error @ OpenError::Io(_)) => return Err(Failure::about(path, error)),
        Err(error) => return Ok(Verdict::unsound(error)),
    };
    match logs.check() {
        Ok(_) => {
            let inspection = inspect(logs.region()).map_err(|e| Failure::about(path, e))?;
            let records = check_records::check(&logs, all_hold_records);
            let infos = (0..logs.log_count()).filter_map(|log| logs.info(log));
            let free = infos.map(|info| info.free).sum();
            let logs = logs::counted(logs.log_count());
            let sound = records.damaged.is_empty();
            Ok(Verdict {
                sound,
                part: None,
                address: None,
                message: match sound {
                    true => format!("sound: {logs}"),
                    false => format!("the metadata of {logs} is sound, records are damaged"),
                },
                in_flight: inspection.in_flight().map(InFlight::from),
                records: Some(records),
                free,
            })
        }
        Err(CheckError::Corrupt(corruption)) => Ok(Verdict::corrupt(corruption)),
        Err(error) => Err(Failure::about(path, error)),
    }
}
