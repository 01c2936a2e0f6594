//! The process that verifies what a writer left whose machine was ended: then nobody knows the moment, nor how many of
//! its last acknowledgements were still on their way.

use super::model::{Model, LOGS};
use super::verify::{extents, verify, Finding};
use crate::failure::Failure;
use crate::{logs, output};
use clap::Args;
use multilog::{MultiLog, Region};
use std::path::PathBuf;
use std::process::ExitCode;

/// Verify the logs of the demonstration, and say the number of the last commit that is there.
///
/// Exit code 0: it is there entirely, and so is all that was acknowledged. 1: it is not.
#[derive(Debug, Args)]
pub struct VerifierArgs {
    /// The file with the logs
    file: PathBuf,
    /// The number of the last commit that was heard to be acknowledged
    #[arg(long)]
    acknowledged: u64,
}

pub fn run(args: &VerifierArgs) -> Result<ExitCode, Failure> {
    let path = &args.file;
    let logs = logs::open_to_read(path)?;
    let mut heard = Model::default();
    while heard.commit < args.acknowledged {
        heard = heard.next();
    }
    let found = reached(&logs, heard)
        .and_then(|reached| verify(&logs, &reached))
        .map_err(|finding| Failure::about(path, finding))?;
    output::write(format!("{}\n", found.model.commit).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The last commit from `heard` on whose appends are all there, as long as those of the ones before it are.
fn reached<R: Region>(logs: &MultiLog<R>, heard: Model) -> Result<Model, Finding> {
    let found = extents(logs)?;
    let is_there = |next: &Model| (0..LOGS).all(|log| found[log].tail >= next.extents[log].tail);
    let mut model = heard;
    loop {
        let next = model.next();
        if !is_there(&next) {
            return Ok(model);
        }
        model = next;
    }
}

#[cfg(test)]
mod tests;
