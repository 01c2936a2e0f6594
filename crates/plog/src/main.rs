//! `plog`: append-only logs in a file.
//!
//! Exit codes: 0 when it is done, 1 when it is not, and 2 from `plog check` when the file's metadata is not sound.

mod append;
mod check;
mod check_records;
mod create;
mod demo;
mod escape;
mod failure;
mod follow;
mod in_flight;
mod info;
mod inspect;
mod logs;
mod output;
mod positions;
mod progress;
mod read;
mod records;
mod size;

use clap::error::{ContextKind, ContextValue};
use clap::{Parser, Subcommand};
use failure::Failure;
use std::process::ExitCode;

/// Keeps append-only logs in a file.
///
/// What a command appends, frees or cuts is one atomic commit: after a crash at any moment all of it is there, or
/// nothing of it.
#[derive(Debug, Parser)]
#[command(name = "plog", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(create::CreateArgs),
    Append(append::AppendArgs),
    Read(read::ReadArgs),
    Records(records::RecordsArgs),
    Info(info::InfoArgs),
    Check(check::CheckArgs),
    Inspect(inspect::InspectArgs),
    AdvanceHead(positions::AdvanceHeadArgs),
    Truncate(positions::TruncateArgs),
    Demo(demo::DemoArgs),
    #[command(hide = true)]
    DemoWriter(demo::writer::WriterArgs),
    #[command(hide = true)]
    DemoVerify(demo::verifier::VerifierArgs),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = match error.use_stderr() {
                true => ExitCode::FAILURE,
                false => ExitCode::SUCCESS,
            };
            // Nobody is left to hear that the help could not be printed.
            let _ = legible(error).print();
            return code;
        }
    };
    run(cli.command).unwrap_or_else(|failure| failure.report())
}

/// The same, where what was typed is escaped: a shell may have put the names of files there.
fn legible(mut error: clap::Error) -> clap::Error {
    let typed = |(kind, value): (ContextKind, &ContextValue)| match value {
        ContextValue::String(text) => Some((kind, text.clone())),
        _ => None,
    };
    let typed: Vec<(ContextKind, String)> = error.context().filter_map(typed).collect();
    for (kind, text) in typed {
        let shown = escape::escaped(text.as_bytes());
        if shown != text {
            error.insert(kind, ContextValue::String(shown));
            // A suggestion repeats it, among colours that are not to be escaped.
            error.remove(ContextKind::Suggested);
        }
    }
    error
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Create(args) => create::run(&args),
        Command::Append(args) => append::run(&args),
        Command::Read(args) => read::run(&args),
        Command::Records(args) => records::run(&args),
        Command::Info(args) => info::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::AdvanceHead(args) => positions::advance_head(&args),
        Command::Truncate(args) => positions::truncate(&args),
        Command::Demo(args) => demo::run(&args),
        Command::DemoWriter(args) => demo::writer::run(&args),
        Command::DemoVerify(args) => demo::verifier::run(&args),
    }
}
