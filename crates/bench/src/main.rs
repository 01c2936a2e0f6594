//! Measures the logs against floors, what the same bytes cost without a log, and against other logs.
//!
//! `cargo run --release -p bench` prints a table, with `--json` an array of objects. Everything runs in one process, on
//! one processor, warmed up; what is compared takes turns, so that all meet the same disturbances.

mod aims;
mod append;
mod charts;
mod commit;
mod crc;
mod floors;
mod heap;
mod logs;
mod mapped;
mod measure;
mod open;
mod peers;
mod processors;
mod read;
mod record;
mod report;
mod threads;

use clap::{Parser, ValueEnum};
use logs::Dax;
use measure::{Effort, Failure, Measurement};
use multilog::Stores;
use std::error::Error;
use std::path::{Path, PathBuf};

/// Measures the logs against floors, what the same bytes cost without a log, and against other logs.
#[derive(Parser)]
struct Options {
    /// Print an array of JSON objects, times in nanoseconds, instead of a table.
    #[arg(long)]
    json: bool,
    /// The directory for files: on the file system that is to be measured. Default: next to this program.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// The directory for mapped files: on persistent memory, or in memory, as which it then counts.
    #[arg(long, default_value = "/dev/shm")]
    dax_dir: PathBuf,
    /// How mapped files are stored to.
    #[arg(long, value_enum, default_value_t = StoresName::NonTemporal)]
    stores: StoresName,
    /// How many samples to take of each, in percent of the usual number.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    effort: u32,
    /// Draw charts into this directory, as SVG and PNG.
    #[arg(long, value_name = "DIR")]
    charts: Option<PathBuf>,
    /// Only this: crc, append, commit, read, record, open.
    #[arg(long)]
    only: Option<String>,
}

/// A name for [`Stores`].
#[derive(Clone, Copy, ValueEnum)]
enum StoresName {
    NonTemporal,
    Clwb,
    Clflushopt,
    Clflush,
    Ordinary,
}

impl From<StoresName> for Stores {
    fn from(name: StoresName) -> Stores {
        match name {
            StoresName::NonTemporal => Stores::NonTemporal,
            StoresName::Clwb => Stores::Clwb,
            StoresName::Clflushopt => Stores::Clflushopt,
            StoresName::Clflush => Stores::Clflush,
            StoresName::Ordinary => Stores::Ordinary,
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    if cfg!(debug_assertions) {
        eprintln!("warning: not an optimized build; use `cargo run --release -p bench`");
    }
    let options = Options::parse();
    let beside_program = std::env::current_exe()?.parent().map(PathBuf::from);
    let dir = options.dir.clone().or(beside_program).unwrap_or_default();
    let files = tempfile::Builder::new().prefix("bench-").tempdir_in(dir)?;
    let mapped = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(&options.dax_dir)?;
    processors::warn(processors::stay_on_this_one());

    let dax = Dax {
        dir: mapped.path(),
        stores: options.stores.into(),
    };
    let results = measure_all(&options, dax, files.path())?;
    if let Some(dir) = &options.charts {
        charts::draw(&results, dir)?;
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&results)?);
    } else {
        report::print_table(&results);
        aims::print(&results, heap::bytes_per_log());
    }
    Ok(())
}

fn measure_all(options: &Options, dax: Dax<'_>, files: &Path) -> Result<Vec<Measurement>, Failure> {
    let effort = Effort::new(options.effort);
    let wanted = |bench: &str| options.only.as_deref().is_none_or(|only| only == bench);
    let mut results = Vec::new();
    if wanted("crc") {
        results.extend(crc::of_words(effort)?);
    }
    if wanted("append") {
        append::introduce_peers(dax, files)?;
        results.extend(append::in_memory(effort)?);
        results.extend(append::on_dax(dax, effort)?);
        results.extend(append::in_file(files, effort)?);
        results.extend(append::batched(dax, effort)?);
    }
    if wanted("commit") {
        results.extend(commit::on_dax(dax, effort)?);
    }
    if wanted("read") {
        results.extend(read::all(dax, files, effort)?);
    }
    if wanted("record") {
        results.extend(record::all(dax, files, effort)?);
        results.extend(threads::in_file(files, effort)?);
    }
    if wanted("open") {
        results.extend(open::all(dax, files, effort)?);
    }
    Ok(results)
}
