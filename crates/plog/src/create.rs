//! `plog create`.

use crate::failure::Failure;
use crate::progress::Progress;
use crate::size::{parse_mode, parse_size};
use clap::Args;
use multilog::{AnyRegion, CreateError, FileOptions, MultiLog};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Create a file with empty logs
///
/// A file that exists is never overwritten.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// The file to create
    file: PathBuf,
    /// The most bytes that each log can hold: 4096, 64K, 16M, 1G
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    capacity: u64,
    /// How many logs
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..=multilog::MAX_LOGS))]
    logs: u64,
    /// The file's permission bits, less the umask
    #[arg(long, value_name = "OCTAL", default_value = "600", value_parser = parse_mode)]
    mode: u32,
    /// Do not write the file with zeros: creating takes no time then, but appending more, and may find the disk full
    #[arg(long)]
    sparse: bool,
}

pub fn run(args: &CreateArgs) -> Result<ExitCode, Failure> {
    let capacities = vec![args.capacity; args.logs as usize];
    let options = FileOptions {
        mode: args.mode,
        sparse: args.sparse,
        ..FileOptions::default()
    };
    create(&args.file, &capacities, &options)?;
    Ok(ExitCode::SUCCESS)
}

/// Creates a file with logs of these capacities, or leaves none behind.
pub fn create(path: &Path, capacities: &[u64], options: &FileOptions) -> Result<(), Failure> {
    let len = multilog::required_len(capacities)
        .ok_or_else(|| Failure::about(path, CreateError::TooLarge))?;
    let mut progress = Progress::new(len, "writing zeros", "waiting for the disk");
    let region = AnyRegion::create(path, len, options, &mut |done| progress.at(done));
    progress.finish();
    let region = region.map_err(|e| Failure::about(path, e))?;
    MultiLog::create(region, capacities).map_err(|error| {
        // The file is ours: one that was there before has been refused above.
        let _ = fs::remove_file(path);
        Failure::about(path, error)
    })?;
    Ok(())
}
