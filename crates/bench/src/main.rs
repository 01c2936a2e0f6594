//! Measures the logs against floors: what the same bytes cost without a log.
//!
//! `cargo run --release -p bench` prints a table, with `--json` an array of objects. Everything runs in one process, on
//! one processor, warmed up; what is compared takes turns, so that both meet the same disturbances.

mod aims;
mod append;
mod commit;
mod file;
mod heap;
mod measure;
mod open;
mod report;

use clap::Parser;
use std::error::Error;
use std::path::PathBuf;

/// Measures the logs against floors: what the same bytes cost without a log.
#[derive(Parser)]
struct Options {
    /// Print an array of JSON objects, times in nanoseconds, instead of a table.
    #[arg(long)]
    json: bool,
    /// The directory for files: on the file system that is to be measured. Default: next to this program.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// How many samples to take of each, in percent of the usual number.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    effort: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    if cfg!(debug_assertions) {
        eprintln!("warning: not an optimized build; use `cargo run --release -p bench`");
    }
    let options = Options::parse();
    let beside_program = std::env::current_exe()?.parent().map(PathBuf::from);
    let dir = options.dir.or(beside_program).unwrap_or_default();
    let files = tempfile::Builder::new().prefix("bench-").tempdir_in(dir)?;
    let effort = measure::Effort::new(options.effort);
    measure::stay_on_this_processor();

    let mut results = append::in_memory(&effort);
    results.extend(commit::in_memory(&effort));
    results.extend(file::append(files.path(), &effort)?);
    results.extend(open::many_logs(files.path(), &effort)?);
    let heap = heap::bytes_per_log();
    if options.json {
        println!("{}", serde_json::to_string_pretty(&results)?);
    } else {
        report::print_table(&results);
        aims::print(&results, heap, files.path());
    }
    Ok(())
}
