//! `plog append`.

use crate::failure::Failure;
use crate::logs::{self, Logs};
use crate::output;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use multilog::AppendError;
use std::ffi::OsString;
use std::io::{self, BufRead, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How many bytes of standard input are staged at a time.
const CHUNK: usize = 1 << 20;

/// Append to logs, atomically
///
/// Each --data is appended to the log that the --log right before it names; without one, to log 0. All of them are
/// one atomic commit, in the given order:
///
///     plog append orders.plog --log 0 --data "order 17" --log 1 --data "order 17 arrived"
///
/// Without any --data, all of standard input is appended, in one atomic commit too.
///
/// With --record, each --data is a record, or all of standard input is, or with --lines each of its lines, without the line
/// break. Records have checksums: see `plog records`.
///
/// Prints the position of each append, one a line. When one does not fit, nothing is appended.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct AppendArgs {
    /// The file with the logs
    file: PathBuf,
    #[command(flatten)]
    what: What,
    /// Append records
    #[arg(long)]
    record: bool,
    /// Each line of standard input is a record
    #[arg(long, requires = "record", conflicts_with = "data")]
    lines: bool,
}

/// What to append.
#[derive(Debug, PartialEq)]
enum What {
    StandardInput { log: u64 },
    Given(Vec<(u64, OsString)>),
}

pub fn run(args: &AppendArgs) -> Result<ExitCode, Failure> {
    let path = &args.file;
    let mut logs = logs::open(path)?;
    let positions = match &args.what {
        What::Given(pairs) => stage_given(path, &mut logs, pairs, args.record)?,
        What::StandardInput { log } if args.record => {
            stage_records(path, &mut logs, *log, args.lines)?
        }
        What::StandardInput { log } => vec![stage_standard_input(path, &mut logs, *log)?],
    };
    logs::commit(path, &mut logs)?;
    let lines: String = positions.iter().map(|p| format!("{p}\n")).collect();
    output::write(lines.as_bytes()).map_err(|_| {
        // Silence would leave the user to believe that nothing was appended.
        let what = "appended and committed, but the positions could not be printed";
        Failure::about(path, what)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn stage_given(
    path: &Path,
    logs: &mut Logs,
    pairs: &[(u64, OsString)],
    record: bool,
) -> Result<Vec<u64>, Failure> {
    let stage = |(log, data): &(u64, OsString)| {
        logs::info(path, logs, *log)?;
        let staged = match record {
            true => logs
                .stage_append_record(*log, data.as_bytes())
                .map_err(|error| error.to_string()),
            false => logs
                .stage_append(*log, data.as_bytes())
                .map_err(|error| error.to_string()),
        };
        staged
            .map_err(|e| Failure::about_log(path, *log, format_args!("{e}; nothing was appended")))
    };
    pairs.iter().map(stage).collect()
}

/// Stages standard input as a record, or each of its lines; returns their positions.
fn stage_records(path: &Path, logs: &mut Logs, log: u64, lines: bool) -> Result<Vec<u64>, Failure> {
    let capacity = logs::info(path, logs, log)?.capacity;
    let failure =
        |what: String| Failure::about_log(path, log, format_args!("{what}; nothing was appended"));
    let mut stdin = io::stdin().lock();
    let mut positions = Vec::new();
    loop {
        // One byte more than can fit tells that it does not, however much there is.
        let (mut piece, mut rest) = (Vec::new(), stdin.by_ref().take(capacity + 1));
        let read = match lines {
            true => rest.read_until(b'\n', &mut piece),
            false => rest.read_to_end(&mut piece),
        };
        read.map_err(|error| failure(format!("could not read standard input: {error}")))?;
        let (name, payload) = match lines {
            true if piece.is_empty() => return Ok(positions),
            true => (
                format!("line {} of standard input", positions.len() + 1),
                piece.strip_suffix(b"\n").unwrap_or(&piece),
            ),
            false => ("standard input".to_string(), &piece[..]),
        };
        if payload.len() as u64 > capacity {
            let what = "is longer than the log's capacity of";
            return Err(failure(format!("{name} {what} {capacity} bytes")));
        }
        let position = logs.stage_append_record(log, payload);
        positions.push(position.map_err(|error| failure(format!("{name}: {error}")))?);
        if !lines {
            return Ok(positions);
        }
    }
}

/// Stages all of standard input, and returns its position.
fn stage_standard_input(path: &Path, logs: &mut Logs, log: u64) -> Result<u64, Failure> {
    let info = logs::info(path, logs, log)?;
    let failure =
        |what: String| Failure::about_log(path, log, format_args!("{what}; nothing was appended"));
    let mut stdin = io::stdin().lock();
    let mut buf = vec![0; CHUNK];
    loop {
        let len = match stdin.read(&mut buf) {
            Ok(0) => return Ok(info.tail),
            Ok(len) => len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failure(format!("could not read standard input: {error}"))),
        };
        logs.stage_append(log, &buf[..len]).map_err(|error| {
            failure(match error {
                // The error knows only of this chunk.
                AppendError::Full { .. } => {
                    format!(
                        "standard input does not fit; the log has room for {} bytes",
                        info.free
                    )
                }
                error => error.to_string(),
            })
        })?;
    }
}

/// By hand, since it is the order of the two options that says which belong together.
impl Args for What {
    fn augment_args(command: Command) -> Command {
        command
            .arg(
                Arg::new("log")
                    .long("log")
                    .value_name("I")
                    .value_parser(clap::value_parser!(u64))
                    .action(ArgAction::Append)
                    .help(
                        "The log for the --data that follows, or for standard input [default: 0]",
                    ),
            )
            .arg(
                Arg::new("data")
                    .long("data")
                    .value_name("TEXT")
                    .value_parser(clap::value_parser!(OsString))
                    .action(ArgAction::Append)
                    .help("Bytes to append; write --data=TEXT if they begin with a dash"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for What {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let logs = given::<u64>(matches, "log");
        let data = given::<OsString>(matches, "data");
        pair(logs, data).map_err(|what| clap::Error::raw(ErrorKind::ArgumentConflict, what))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The values of an option, each with its place on the command line.
fn given<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, option: &str) -> Vec<(usize, T)> {
    let indices = matches.indices_of(option).into_iter().flatten();
    let values = matches.get_many::<T>(option).into_iter().flatten();
    indices.zip(values.cloned()).collect()
}

/// Gives each --data the --log that stands between it and the one before it.
fn pair(logs: Vec<(usize, u64)>, data: Vec<(usize, OsString)>) -> Result<What, String> {
    if data.is_empty() {
        return match logs[..] {
            [] => Ok(What::StandardInput { log: 0 }),
            [(_, log)] => Ok(What::StandardInput { log }),
            _ => Err("standard input can go to one log only, but --log is there twice".to_string()),
        };
    }
    let mut logs = logs.into_iter().peekable();
    let mut pairs = Vec::with_capacity(data.len());
    for (place, text) in data {
        let log = logs.next_if(|(at, _)| *at < place);
        if let (Some((_, log)), Some((_, next))) = (log, logs.next_if(|(at, _)| *at < place)) {
            return Err(format!(
                "--log {log} is followed by --log {next} instead of --data"
            ));
        }
        pairs.push((log.map_or(0, |(_, log)| log), text));
    }
    match logs.next() {
        Some((_, log)) => Err(format!("no --data follows --log {log}")),
        None => Ok(What::Given(pairs)),
    }
}
