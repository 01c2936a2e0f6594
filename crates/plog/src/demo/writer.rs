//! The process that commits until it is killed.

use super::model::Model;
use crate::failure::Failure;
use crate::{logs, output};
use clap::Args;
use multilog::LogInfo;
use std::path::PathBuf;
use std::process::ExitCode;

/// Commit to the logs of the demonstration until killed.
#[derive(Debug, Args)]
pub struct WriterArgs {
    /// The file with the logs
    file: PathBuf,
    /// The number of the last commit that is in the file
    #[arg(long)]
    after: u64,
}

/// Commits in a tight loop, and says the number of each commit that has returned: it is durable then.
pub fn run(args: &WriterArgs) -> Result<ExitCode, Failure> {
    let path = &args.file;
    let mut logs = logs::open(path)?;
    let mut model = Model {
        commit: args.after,
        ..Model::default()
    };
    for (log, extent) in (0..).zip(&mut model.extents) {
        let LogInfo { head, tail, .. } = logs::info(path, &logs, log)?;
        (extent.head, extent.tail) = (head, tail);
    }
    loop {
        let next = model.next();
        model
            .stage(&next, &mut logs, |_| true)
            .map_err(|e| Failure::about(path, e))?;
        logs::commit(path, &mut logs)?;
        // One line is one write, which a pipe takes entirely or not at all.
        output::write(format!("{}\n", next.commit).as_bytes())?;
        model = next;
    }
}
