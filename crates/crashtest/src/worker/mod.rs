//! A process that works on logs and says what is durable: the one that is killed, or whose system calls fail.
//!
//! It is this program itself, started with other arguments. Each line that it prints is one write to a pipe, which
//! takes it entirely or not at all:
//!
//! - `created`: the logs were created;
//! - a number: the step of that number has returned, and what it committed is durable;
//! - `unread: ...`: reading returned a device's error, and is tried once more;
//! - `failed: ...`: a step returned a device's error; `closed`: everything after that was refused;
//! - `done`: all steps were done, and their commits are there when the logs are opened again;
//! - `wrong: ...`: something that must never happen.

mod device;
mod ends;
pub mod reading;
pub mod sharing;

pub use device::DeviceKind;
pub use ends::{Ends, Said};

use crate::workload::{Fault, Model, State, Step, Subject};
use fastrand::Rng;
use multilog::placement::required_len_with_journal;
use multilog::MultiLog;
use pmem::{AnyRegion, FileError, IoError, IoOperation};
use pmemlog::PmemLog;
use reading::read_all;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// The first argument of a process that is to work.
const WORKER: &str = "worker";

/// What the logs of a worker can hold, in bytes. A `PmemLog` has the first one only.
const CAPACITIES: [u64; 4] = [500, 97, 1_024, 250];

/// The lines that its journals have for records: few, so that they are often full.
const LINES: u64 = 6;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    MultiLog,
    PmemLog,
}

impl System {
    fn capacities(self) -> &'static [u64] {
        match self {
            System::MultiLog => &CAPACITIES,
            System::PmemLog => &CAPACITIES[..1],
        }
    }
}

/// What a worker is to do.
#[derive(Debug, Clone)]
pub struct Task {
    pub system: System,
    pub device: DeviceKind,
    pub path: PathBuf,
    /// By how much its logs are larger than usual.
    pub scale: u64,
    pub seed: u64,
    pub steps: u64,
    pub create: Create,
    /// Whether it reads all logs after each step.
    pub reads: bool,
}

/// Whether a worker creates its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Create {
    No,
    Written,
    Sparse,
}

impl Task {
    /// What each log can hold, in bytes.
    pub fn capacities(&self) -> Vec<u64> {
        let capacities = self.system.capacities().iter();
        capacities.map(|capacity| capacity * self.scale).collect()
    }

    /// The worker as a process to be started. `executable` is this program.
    pub fn command(&self, executable: &Path) -> Command {
        let mut command = Command::new(executable);
        command.args(self.arguments());
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    pub fn arguments(&self) -> Vec<std::ffi::OsString> {
        let words = [
            WORKER.to_string(),
            format!("{:?}", self.system),
            self.device.to_string(),
            self.scale.to_string(),
            self.seed.to_string(),
            self.steps.to_string(),
            format!("{:?}", self.create),
            self.reads.to_string(),
        ];
        let path = self.path.clone().into();
        words.into_iter().map(Into::into).chain([path]).collect()
    }

    fn parse(words: &[String]) -> Option<Task> {
        let [system, device, scale, seed, steps, create, reads, path] = words else {
            return None;
        };
        Some(Task {
            system: match system.as_str() {
                "MultiLog" => System::MultiLog,
                "PmemLog" => System::PmemLog,
                _ => return None,
            },
            device: device.parse().ok()?,
            path: path.into(),
            scale: scale.parse().ok()?,
            seed: seed.parse().ok()?,
            steps: steps.parse().ok()?,
            create: match create.as_str() {
                "No" => Create::No,
                "Written" => Create::Written,
                "Sparse" => Create::Sparse,
                _ => return None,
            },
            reads: reads.parse().ok()?,
        })
    }
}

/// Works, if this process was started to do that.
pub fn run_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next()?;
    let words: Vec<String> = arguments.collect();
    let worked = match first.as_str() {
        WORKER => Task::parse(&words).map(|task| match task.system {
            System::MultiLog => work::<MultiLog<AnyRegion>>(&task),
            System::PmemLog => work::<PmemLog<AnyRegion>>(&task),
        }),
        sharing::SHARER => sharing::Sharing::parse(&words).map(|task| sharing::work(&task)),
        _ => return None,
    };
    let Some(worked) = worked else {
        eprintln!("not what a worker is told: {words:?}");
        return Some(ExitCode::from(2));
    };
    if let Err(stop) = worked {
        say(&stop);
    }
    Some(ExitCode::SUCCESS)
}

/// Says a line. Nobody listening is no reason to stop: whoever does not listen will kill.
fn say(line: &str) {
    let _ = io::stdout().write_all(format!("{line}\n").as_bytes());
}

fn failed(error: impl std::fmt::Display) -> String {
    format!("failed: {error}")
}

fn unread(error: IoError) -> String {
    format!("unread: {error}")
}

fn from_fault(fault: Fault) -> String {
    match fault {
        Fault::Io(error) => failed(error),
        other => format!("wrong: {other:?}"),
    }
}

fn open<S: Subject<AnyRegion>>(task: &Task) -> Result<S, String> {
    let open = || match task.device.open(&task.path) {
        Ok(region) => Ok(S::open(region)),
        Err(error) => Err(from_file(error)),
    };
    let opened = match open()? {
        Err(Fault::Io(error)) if error.operation == IoOperation::Read => {
            say(&unread(error));
            open()?
        }
        opened => opened,
    };
    opened.map_err(from_fault)
}

fn from_file(error: FileError) -> String {
    failed(error)
}

fn create<S: Subject<AnyRegion>>(task: &Task) -> Result<S, String> {
    let capacities = task.capacities();
    let len = required_len_with_journal(&capacities, LINES);
    let len = len.ok_or("wrong: the logs are too large")?;
    let sparse = task.create == Create::Sparse;
    let region = task
        .device
        .create(&task.path, len, sparse)
        .map_err(from_file)?;
    let created = S::create(region, &capacities, LINES, false).map_err(from_fault)?;
    say("created");
    Ok(created)
}

/// Does all steps and opens the logs once more, or stops where something fails; that is what it returns.
fn work<S: Subject<AnyRegion>>(task: &Task) -> Result<(), String> {
    let mut subject: S = match task.create {
        Create::No => open(task)?,
        _ => create(task)?,
    };
    let committed = again(&mut subject, |subject| subject.committed()).map_err(from_fault)?;
    let model = Model::opened(committed, S::DURABLE_AT_ONCE);
    let mut model = model.with_records(subject.region_id());
    let mut rng = Rng::with_seed(task.seed);
    for number in 1..=task.steps {
        let step = Step::choose(&mut rng, &model);
        let expected = model.apply(&step);
        if step == Step::Reopen {
            drop(subject);
            subject = open(task)?;
        } else {
            match again(&mut subject, |subject| subject.apply(&step)) {
                Err(Fault::Io(error)) => return Err(closed(&mut subject, error)),
                result if result == expected => {}
                result => return Err(format!("wrong: {result:?} instead of {expected:?}")),
            }
        }
        if task.reads {
            read(&mut subject, &model.committed)?;
        }
        if model.is_durable(&step) {
            say(&number.to_string());
        }
    }
    drop(subject);
    subject = open(task)?;
    read(&mut subject, &model.committed)?;
    say("done");
    Ok(())
}

/// Reads all logs.
fn read<S: Subject<AnyRegion>>(subject: &mut S, committed: &State) -> Result<(), String> {
    match again(subject, |subject| read_all(subject, committed)) {
        Err(Fault::Io(error)) => Err(closed(subject, error)),
        other => other.map_err(from_fault),
    }
}

/// Attempts something, and once more if a read has failed, which does the logs no harm.
fn again<S: Subject<AnyRegion>, T>(
    subject: &mut S,
    attempt: impl Fn(&mut S) -> Result<T, Fault>,
) -> Result<T, Fault> {
    match attempt(subject) {
        Err(Fault::Io(error)) if error.operation == IoOperation::Read && !subject.is_failed() => {
            say(&unread(error));
            attempt(subject)
        }
        other => other,
    }
}

/// Says what failed, and then whether the logs refuse to go on. A failed read is no reason to.
fn closed<S: Subject<AnyRegion>>(subject: &mut S, error: IoError) -> String {
    if error.operation == IoOperation::Read {
        return match subject.is_failed() {
            true => "wrong: a failed read has closed them".to_string(),
            false => failed(error),
        };
    }
    say(&failed(error));
    match (subject.is_failed(), subject.attempts()) {
        (true, faults) if faults == [const { Fault::Failed }; 4] => "closed".to_string(),
        (_, faults) => format!("wrong: after a failure they say {faults:?}"),
    }
}
