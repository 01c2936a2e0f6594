//! Measures the logs against floors, what the same bytes cost without a log, and against other logs.
//!
//! `cargo run --release -p bench` prints a table, with `--json` an array of objects. Everything runs in one process, on
//! one processor, warmed up; what is compared takes turns, so that all meet the same disturbances.

mod aims;
mod append;
mod charts;
mod classes;
mod commit;
mod crc;
mod durable_write;
mod floors;
mod heap;
mod latency;
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
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Measures the logs against floors, what the same bytes cost without a log, and against other logs.
#[derive(Parser)]
#[command(after_help = report::COLUMNS)]
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
    #[arg(long, value_enum, default_value_t = StoresName::of_this_machine())]
    stores: StoresName,
    /// How many samples to take of each, in percent of the usual number.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    effort: u32,
    /// Draw charts into this directory, which is there, as SVG and PNG.
    #[arg(long, value_name = "DIR")]
    charts: Option<PathBuf>,
    /// Only this. Default: all but latency, crc and durable-write.
    #[arg(long, value_enum)]
    only: Option<Bench>,
}

/// What can be measured; the names are those of the `bench` column.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Bench {
    Append,
    Commit,
    Read,
    Record,
    Open,
    Check,
    Latency,
    Crc,
    DurableWrite,
}

impl Bench {
    fn name(self) -> &'static str {
        match self {
            Bench::Append => "append",
            Bench::Commit => "commit",
            Bench::Read => "read",
            Bench::Record => "record",
            Bench::Open => "open",
            Bench::Check => "check",
            Bench::Latency => "latency",
            Bench::Crc => "crc",
            Bench::DurableWrite => "durable-write",
        }
    }
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

impl StoresName {
    /// Elsewhere there are no others.
    fn of_this_machine() -> StoresName {
        if cfg!(target_arch = "x86_64") {
            StoresName::NonTemporal
        } else {
            StoresName::Ordinary
        }
    }
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

fn main() -> ExitCode {
    run(&Options::parse()).unwrap_or_else(|failure| {
        report::say(&format!("bench: {failure}"));
        ExitCode::FAILURE
    })
}

fn run(options: &Options) -> Result<ExitCode, Failure> {
    if cfg!(debug_assertions) {
        report::say("warning: not an optimized build; use `cargo run --release -p bench`");
    }
    if let Some(dir) = &options.charts {
        charts::try_directory(dir)?;
    }
    let program = std::env::current_exe()?;
    let beside_program = program.parent().map(PathBuf::from).unwrap_or_default();
    let files = scratch("--dir", options.dir.as_ref().unwrap_or(&beside_program))?;
    let mapped = scratch("--dax-dir", &options.dax_dir)?;
    let (dax, why) = Dax::probe(mapped.path(), options.stores.into())
        .map_err(|error| format!("--dax-dir {}: {error}", options.dax_dir.display()))?;
    if let Some(why) = why {
        report::say(&format!(
            "mapped files in {} survive {}, since {why}",
            options.dax_dir.display(),
            dax.survives()
        ));
    }
    processors::warn(processors::stay_on_this_one());

    let classes = if wants_classes(options.only) {
        classes::lines(dax, files.path())?.join("\n") + "\n\n"
    } else {
        String::new()
    };
    let results = measure_all(options, dax, files.path())?;
    let printed = if options.json {
        if !classes.is_empty() {
            report::say(classes.trim_end());
        }
        print(&(serde_json::to_string_pretty(&results)? + "\n"))?
    } else {
        let heap = match options.only {
            None => Some(heap::bytes_per_log()?),
            Some(_) => None,
        };
        let table = report::table(&results);
        let aims = aims::lines(&results, heap, processors::Maker::here());
        print(&format!("{classes}{table}{aims}"))?
    };
    if let Some(dir) = &options.charts {
        charts::draw(&results, dir)?;
    }
    Ok(printed)
}

/// Whether appends are measured, and so what they are good for matters.
fn wants_classes(only: Option<Bench>) -> bool {
    only.is_none_or(|only| {
        matches!(
            only,
            Bench::Append | Bench::Commit | Bench::Record | Bench::Latency
        )
    })
}

/// A new directory in `dir`, which is what this option says.
fn scratch(option: &str, dir: &Path) -> Result<tempfile::TempDir, Failure> {
    let created = tempfile::Builder::new().prefix("bench-").tempdir_in(dir);
    created.map_err(|error| {
        format!(
            "{option} {}: no directory can be created there: {error}",
            dir.display()
        )
        .into()
    })
}

/// Writes to standard output. If whoever reads it has stopped, there is nobody to tell.
fn print(text: &str) -> Result<ExitCode, Failure> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::FAILURE),
        Err(error) => Err(format!("could not write to standard output: {error}").into()),
    }
}

/// What one part measures, and how.
type Part<'a> = (
    &'static [Bench],
    &'a dyn Fn() -> Result<Vec<Measurement>, Failure>,
);

fn measure_all(options: &Options, dax: Dax<'_>, files: &Path) -> Result<Vec<Measurement>, Failure> {
    let effort = Effort::new(options.effort);
    let parts: [Part<'_>; 15] = [
        (&[Bench::Crc], &|| crc::of_words(effort)),
        (&[Bench::Crc], &|| crc::of_bytes(effort)),
        (&[Bench::DurableWrite], &|| {
            durable_write::in_file(files, effort)
        }),
        (&[Bench::Append, Bench::Commit], &|| {
            append::in_memory(effort)
        }),
        (&[Bench::Append, Bench::Commit], &|| {
            append::on_dax(dax, effort)
        }),
        (&[Bench::Append, Bench::Commit], &|| {
            append::in_file(files, effort)
        }),
        (&[Bench::Commit], &|| append::batched(dax, effort)),
        (&[Bench::Commit], &|| commit::on_dax(dax, effort)),
        (&[Bench::Commit], &|| commit::in_file(files, effort)),
        (&[Bench::Read], &|| read::all(dax, files, effort)),
        (&[Bench::Record], &|| record::mapped(dax, effort)),
        (&[Bench::Record], &|| record::in_file(files, effort)),
        (&[Bench::Record], &|| threads::in_file(files, effort)),
        (&[Bench::Open, Bench::Check], &|| {
            open::all(dax, files, effort)
        }),
        (&[Bench::Latency], &|| latency::all(dax, files, effort)),
    ];
    let mut results = Vec::new();
    for (benches, measure) in parts {
        let wanted = match options.only {
            None => !matches!(benches, [Bench::Latency | Bench::Crc | Bench::DurableWrite]),
            Some(only) => benches.contains(&only),
        };
        if wanted {
            let names: Vec<_> = benches.iter().map(|bench| bench.name()).collect();
            let part = measure().map_err(|error| format!("{}: {error}", names.join(", ")))?;
            results.extend(part);
        }
    }
    if let Some(only) = options.only {
        results.retain(|result| result.what.bench == only.name());
    }
    match measure::found_twice(&results) {
        None => Ok(results),
        Some(result) => Err(format!("measured twice: {:?}, {}", result.what, result.versus).into()),
    }
}
