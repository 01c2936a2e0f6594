//! `plog advance-head` and `plog truncate`: moving the ends of a log.

use crate::failure::Failure;
use crate::logs::{self, Logs};
use clap::Args;
use multilog::MoveError;
use std::path::PathBuf;
use std::process::ExitCode;

/// Free the front of a log
///
/// The bytes before the position are gone, and their space can be appended to.
#[derive(Debug, Args)]
pub struct AdvanceHeadArgs {
    #[command(flatten)]
    target: Target,
    /// The position where the log is to begin
    #[arg(long, value_name = "P")]
    to: u64,
}

/// Cut the end of a log
///
/// The bytes at the position and behind it are gone, and what is appended next comes to lie there.
#[derive(Debug, Args)]
pub struct TruncateArgs {
    #[command(flatten)]
    target: Target,
    /// The position where the log is to end
    #[arg(long, value_name = "P")]
    to: u64,
}

#[derive(Debug, Args)]
struct Target {
    /// The file with the logs
    file: PathBuf,
    /// The log to change
    #[arg(long, value_name = "I", default_value_t = 0)]
    log: u64,
}

pub fn advance_head(args: &AdvanceHeadArgs) -> Result<ExitCode, Failure> {
    change(&args.target, |logs, log| {
        logs.stage_advance_head(log, args.to)
    })
}

pub fn truncate(args: &TruncateArgs) -> Result<ExitCode, Failure> {
    change(&args.target, |logs, log| logs.stage_truncate(log, args.to))
}

fn change(
    target: &Target,
    stage: impl FnOnce(&mut Logs, u64) -> Result<(), MoveError>,
) -> Result<ExitCode, Failure> {
    let Target { file, log } = target;
    let mut logs = logs::open(file)?;
    logs::info(file, &logs, *log)?;
    stage(&mut logs, *log).map_err(|e| Failure::about_log(file, *log, e))?;
    logs::commit(file, &mut logs)?;
    Ok(ExitCode::SUCCESS)
}
