//! `plog inspect`.

mod bar;
mod picture;
mod report;
mod target;

use crate::failure::Failure;
use crate::{escape, logs, output};
use clap::Args;
use multilog::inspect::{inspect, Inspection};
use multilog::layout::JOURNAL_ADDR;
use multilog::{AnyRegion, FileError, MAX_LOGS};
use std::path::PathBuf;
use std::process::ExitCode;
use target::Target;

/// Show what the metadata say, sound or damaged, and where the bytes of the logs lie
///
/// Nothing is written to the file with the logs. Exit code 0 whatever was found: `plog check` judges.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The file with the logs
    file: PathBuf,
    /// Show the ring of this log alone; in the picture, large
    #[arg(long, value_name = "I")]
    log: Option<u64>,
    /// Also draw a picture into this file, which may be new, empty or a picture; /dev/stdout for the picture alone
    #[arg(long, value_name = "OUT")]
    svg: Option<PathBuf>,
}

pub fn run(args: &InspectArgs) -> Result<ExitCode, Failure> {
    let about = |what: &dyn std::fmt::Display| Failure::about(&args.file, what);
    let region = match AnyRegion::open(&args.file, &logs::read_only()) {
        Ok(region) => region,
        Err(FileError::Empty) => return Err(about(&"the file is empty")),
        Err(error) => return Err(about(&error)),
    };
    let found = inspect(&region).map_err(|error| about(&error))?;
    if found.is_unformatted() {
        return Err(about(&multilog::OpenError::Unformatted));
    }
    if let Some(log) = args.log.filter(|log| *log >= found.logs.len() as u64) {
        let logs = found.logs.len();
        return Err(about(&match logs {
            0 => format!("there is no log {log}: {}", why_none(&found)),
            _ => format!("there is no log {log}: the logs are 0 to {}", logs - 1),
        }));
    }
    let name = escape::name(&args.file);
    if let Some(out) = &args.svg {
        let target = Target::of(out, &args.file)?;
        target.write(out, picture::draw(&name, &found, args.log).as_bytes())?;
        if let Target::StandardOutput = target {
            return Ok(ExitCode::SUCCESS);
        }
    }
    let width = console::Term::stdout().size().1.clamp(40, 120) as usize;
    output::write(report::text(&name, &found, args.log, width).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Why no logs are known.
fn why_none(found: &Inspection) -> String {
    let (len, header) = (found.region_len, &found.header.value);
    let cut = len < JOURNAL_ADDR || len < header.region_len;
    match header.logs {
        1..=MAX_LOGS if cut => {
            let logs = logs::counted(header.logs);
            format!("{len} bytes are too few for the metadata of {logs}")
        }
        _ if len < JOURNAL_ADDR => format!("{len} bytes are too few for a superblock"),
        1..=MAX_LOGS if found.header.sound => "the length of the journals is damaged".to_string(),
        _ => "the number of logs is damaged".to_string(),
    }
}
