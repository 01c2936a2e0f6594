//! Processes are killed at random moments, again and again.
//!
//! Every commit that a process had acknowledged is there; the one that it may have been doing is there entirely or not
//! at all. The logs are never repaired in between, so that each process goes on from what the kills before it left.

mod library;
mod sharing;
mod tool;

use crate::places;
use crate::totals::{tell, Budget, Totals, Violation};
use crate::worker::{DeviceKind, System};
use fastrand::Rng;
use library::Library;
use sharing::Sharers;
use std::env;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::Instant;
use tempfile::TempDir;
use tool::Tool;

/// SIGKILL has this number on every Unix.
const SIGKILL: i32 = 9;

/// The programs that are killed.
pub struct Programs {
    /// This one.
    pub crashtest: PathBuf,
    pub plog: PathBuf,
}

impl Programs {
    /// Those that belong to this program, `plog` being built if need be.
    pub fn find() -> io::Result<Programs> {
        Ok(Programs {
            crashtest: env::current_exe()?,
            plog: tool::build()?,
        })
    }
}

/// Runs until the budget is spent, of which building the tool takes nothing.
pub fn run(budget: &Budget, totals: &mut Totals) {
    let left = budget.deadline.saturating_duration_since(Instant::now());
    match Programs::find() {
        Ok(programs) => {
            kill_until(&Budget::of(left, budget.seed), totals, &programs, u64::MAX);
        }
        Err(error) => totals.violations.push(Violation {
            what: format!("the programs to be killed could not be had: {error}"),
            how: String::new(),
        }),
    }
}

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The command-line tool.
    Tool,
    /// A user of the library.
    Library,
    /// A user of the library whose threads share logs.
    Sharers,
}

/// What a round came to.
struct Round {
    /// Whether the process was killed before it ended.
    killed: bool,
    /// How many steps or records it had acknowledged. They were all there.
    acknowledged: u64,
    /// Whether all of a commit was there that it had not acknowledged. Otherwise nothing was there of it.
    whole: bool,
}

/// What kills of one kind came to.
#[derive(Debug, Default, Clone, Copy)]
pub struct Found {
    pub kills: u64,
    /// Steps or records that were acknowledged.
    pub acknowledged: u64,
    /// Kills that left all of a commit that was not acknowledged.
    pub whole: u64,
}

/// What kills of each kind came to.
#[derive(Debug, Default, Clone, Copy)]
pub struct AllFound([Found; 3]);

impl AllFound {
    pub fn of(&self, kind: Kind) -> Found {
        self.0[kind as usize]
    }

    fn count(&mut self, kind: Kind, round: &Round) {
        let found = &mut self.0[kind as usize];
        found.acknowledged += round.acknowledged;
        found.kills += u64::from(round.killed);
        found.whole += u64::from(round.killed && round.whole);
    }
}

/// What is killed, and left with the same logs from one kill to the next.
trait Victim: Send {
    fn kind(&self) -> Kind;

    /// Starts a process, kills it, and compares.
    fn round(&mut self, rng: &mut Rng) -> Result<Round, String>;

    fn name(&self) -> String;
}

/// Kills until the budget is spent, or so many times, on as many threads as there are processors. Returns what was found.
pub fn kill_until(
    budget: &Budget,
    totals: &mut Totals,
    programs: &Programs,
    kills: u64,
) -> AllFound {
    let mut found = AllFound::default();
    let scratch = match all_places()
        .map(|place| Scratch::new(place, programs))
        .collect()
    {
        Ok(scratch) => scratch,
        Err(error) => {
            let what = format!("no place for the logs: {error}");
            let how = String::new();
            totals.violations.push(Violation { what, how });
            return found;
        }
    };
    let scratch: Vec<Scratch> = scratch;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut shares: Vec<Vec<Box<dyn Victim + '_>>> = Vec::new();
    shares.resize_with(threads, Vec::new);
    let victims = scratch.iter().flat_map(Scratch::victims);
    for (number, victim) in victims.enumerate() {
        shares[number % threads].push(victim);
    }
    let before = totals.kills;
    let shared = Mutex::new((totals, &mut found));
    let is_over = || budget.is_spent() || lock(&shared).0.kills - before >= kills;
    thread::scope(|scope| {
        for (number, victims) in shares.into_iter().enumerate() {
            let rng = Rng::with_seed(budget.seed.wrapping_add(number as u64) << 8);
            let (is_over, shared) = (&is_over, &shared);
            scope.spawn(move || kill_in_turn(victims, rng, is_over, shared));
        }
    });
    found
}

/// What all threads count together.
type Shared<'a> = Mutex<(&'a mut Totals, &'a mut AllFound)>;

fn lock<'a, 'b>(shared: &'a Shared<'b>) -> MutexGuard<'a, (&'b mut Totals, &'b mut AllFound)> {
    shared
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn kill_in_turn(
    mut victims: Vec<Box<dyn Victim + '_>>,
    mut rng: Rng,
    is_over: &dyn Fn() -> bool,
    shared: &Shared<'_>,
) {
    while !victims.is_empty() {
        let mut number = 0;
        while number < victims.len() {
            if is_over() {
                return;
            }
            match victims[number].round(&mut rng) {
                Ok(round) => {
                    let (totals, found) = &mut *lock(shared);
                    totals.kills += u64::from(round.killed);
                    found.count(victims[number].kind(), &round);
                }
                Err(what) => {
                    let how = format!("processes killed: {}", victims[number].name());
                    lock(shared).0.violations.push(Violation { what, how });
                    victims.remove(number);
                    continue;
                }
            }
            number += 1;
        }
    }
}

/// Where logs are kept: in memory, where a commit takes a microsecond, and on a disk.
fn all_places() -> impl Iterator<Item = PathBuf> {
    let memory = places::memory();
    if memory.is_none() {
        tell("SKIPPED: there is no /dev/shm to kill processes on");
    }
    memory.into_iter().chain([places::temporary()])
}

/// A folder with the logs of several victims.
struct Scratch<'a> {
    folder: TempDir,
    programs: &'a Programs,
}

impl<'a> Scratch<'a> {
    fn new(place: PathBuf, programs: &'a Programs) -> io::Result<Scratch<'a>> {
        let folder = tempfile::Builder::new()
            .prefix("crashtest-")
            .tempdir_in(place)?;
        Ok(Scratch { folder, programs })
    }

    fn victims(&self) -> Vec<Box<dyn Victim + '_>> {
        let mut victims: Vec<Box<dyn Victim + '_>> = Vec::new();
        for kind in DeviceKind::all() {
            for system in [System::MultiLog, System::PmemLog] {
                let path = self.folder.path().join(format!("{kind}-{system:?}"));
                victims.push(Box::new(Library::new(
                    &self.programs.crashtest,
                    system,
                    kind,
                    path,
                )));
            }
        }
        for kind in DeviceKind::all() {
            let path = self.folder.path().join(format!("{kind}-shared"));
            let crashtest = &self.programs.crashtest;
            victims.push(Box::new(Sharers::new(crashtest, kind, path)));
        }
        for number in 0..6 {
            let path = self.folder.path().join(format!("tool-{number}"));
            victims.push(Box::new(Tool::new(&self.programs.plog, path)));
        }
        victims
    }
}

/// A process that does not outlive this.
struct Process(Child);

impl Process {
    /// Kills it; returns how it ended.
    fn kill(&mut self) -> io::Result<ExitStatus> {
        self.0.kill()?;
        self.0.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It is gone already, but for an early return.
        let _ = self.kill();
    }
}

fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(SIGKILL)
}
