//! `plog demo`: what the logs are for, shown.

mod model;
mod place;
mod report;
mod round;
pub mod verifier;
mod verify;
pub mod writer;

use crate::failure::Failure;
use crate::{create, escape, output};
use clap::Args;
use indicatif::HumanCount;
use model::{mix, Model, CAPACITIES};
use multilog::{FileOptions, RegionId};
use place::Place;
use report::Tally;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// A writer runs for less than this, in milliseconds.
const LONGEST_ROUND: u64 = 600;

/// Kill a process that writes to logs, again and again, and see what is left
///
/// The kills end a process, not the machine: they show that commits are atomic, not what a disk does without power.
///
/// Exit code 0: nothing was lost or torn. 1: something was, or the demonstration failed.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The file to create and keep [default: a temporary one]
    file: Option<PathBuf>,
    /// How many times to kill
    #[arg(long, hide = true, value_name = "N", default_value_t = 40)]
    rounds: u64,
}

pub fn run(args: &DemoArgs) -> Result<ExitCode, Failure> {
    let mut place = Place::new(args.file.as_deref())?;
    create::create(place.file(), &CAPACITIES, &FileOptions::default())?;
    output::write(report::introduction(place.file(), args.rounds).as_bytes())?;
    let mut tally = Tally::default();
    let finding = kill_again_and_again(&place, args.rounds, &mut tally)?;
    let mut text = report::summary(&tally);
    if let Some(finding) = finding {
        place.keep();
        output::write(text.as_bytes())?;
        let what = format_args!("{finding} (the file is kept)");
        return Err(Failure::about(place.file(), what));
    }
    text.push_str("\nNothing that was reported durable was lost, and no commit was torn.\n");
    if !place.is_temporary() {
        let file = escape::name(place.file());
        text.push_str(&format!("The logs are still there: see plog info {file}\n"));
    }
    output::write(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Does the rounds, up to the first one that finds something wrong, which is returned.
fn kill_again_and_again(
    place: &Place,
    rounds: u64,
    tally: &mut Tally,
) -> Result<Option<verify::Finding>, Failure> {
    let seed = RegionId::random()
        .map_err(|e| Failure::Said(e.to_string()))?
        .lo;
    let bar = report::new_bar(rounds);
    let mut model = Model::default();
    for k in 0..rounds {
        let commits = HumanCount(tally.commits);
        bar.set_message(format!("{commits} commits"));
        bar.set_position(k);
        bar.tick();
        let delay = Duration::from_micros(mix(seed.wrapping_add(k)) % (LONGEST_ROUND * 1000));
        let round = round::run(place.file(), &model, delay)?;
        tally.add(model.commit, &round);
        match round.result {
            Ok(found) => model = found.model,
            Err(finding) => {
                bar.finish_and_clear();
                return Ok(Some(finding));
            }
        }
    }
    bar.finish_and_clear();
    Ok(None)
}
