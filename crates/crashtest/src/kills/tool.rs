//! The command-line tool: one process for each change of the logs.

use super::{was_killed, Kind, Process, Round, Victim};
use crate::workload::model::empty_logs;
use crate::workload::{Model, Step, Subject};
use fastrand::Rng;
use multilog::{FileOptions, FileRegion, MultiLog};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const LOGS: usize = 3;
const CAPACITY: u64 = 4_096;

/// Builds `plog` in the profile of this program; returns where it is.
pub fn build() -> io::Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let profile = if cfg!(debug_assertions) {
        "dev"
    } else {
        "release"
    };
    let mut build = Command::new(cargo);
    build
        .args(["build", "--package", "plog", "--bin", "plog", "--quiet"])
        .args(["--profile", profile, "--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit());
    let output = build.output()?;
    let built = output.stdout.split(|&byte| byte == b'\n').find_map(|line| {
        let message: serde_json::Value = serde_json::from_slice(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    built.ok_or_else(|| io::Error::other("cargo build --package plog made no program"))
}

pub struct Tool<'a> {
    executable: &'a Path,
    path: PathBuf,
    /// None: the logs are to be created.
    model: Option<Model>,
    /// How long a process took that was not killed.
    usual: Duration,
}

impl<'a> Tool<'a> {
    pub fn new(executable: &'a Path, path: PathBuf) -> Tool<'a> {
        let model = None;
        let usual = Duration::from_millis(3);
        Tool {
            executable,
            path,
            model,
            usual,
        }
    }

    fn create(&self) -> Result<Model, String> {
        let mut create = Command::new(self.executable);
        let options = [
            "--logs",
            &LOGS.to_string(),
            "--capacity",
            &CAPACITY.to_string(),
        ];
        create.arg("create").arg(&self.path).args(options);
        let output = create.output().map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(Model::opened(empty_logs(&[CAPACITY; LOGS]), false)),
            false => Err(format!("plog create: {output:?}")),
        }
    }

    /// A command, and what it does: one commit.
    fn choose(&self, rng: &mut Rng, model: &Model) -> (Command, Vec<Step>) {
        let mut command = Command::new(self.executable);
        let log = rng.usize(..LOGS);
        let chosen = &model.committed[log];
        let crowded = model.free(log) < CAPACITY / 2;
        let step = match rng.u8(..8) {
            0 => Step::Truncate {
                log: log as u64,
                position: rng.u64((chosen.head + chosen.tail()) / 2..=chosen.tail()),
            },
            1 | 2 if crowded => Step::AdvanceHead {
                log: log as u64,
                position: rng.u64(chosen.head..=chosen.tail()),
            },
            _ => return self.choose_append(rng, model),
        };
        match &step {
            Step::Truncate { log, position } => {
                command.arg("truncate").arg(&self.path);
                command.args(["--log", &log.to_string(), "--to", &position.to_string()]);
            }
            Step::AdvanceHead { log, position } => {
                command.arg("advance-head").arg(&self.path);
                command.args(["--log", &log.to_string(), "--to", &position.to_string()]);
            }
            _ => {}
        }
        (command, vec![step])
    }

    /// An append to one or more logs that have room.
    fn choose_append(&self, rng: &mut Rng, model: &Model) -> (Command, Vec<Step>) {
        let mut command = Command::new(self.executable);
        command.arg("append").arg(&self.path);
        let mut steps = Vec::new();
        let forced = rng.usize(..LOGS);
        for log in 0..LOGS {
            if log != forced && rng.bool() {
                continue;
            }
            let len = rng.u64(..=model.free(log).min(1_000));
            let bytes: Vec<u8> = (0..len).map(|_| rng.u8(1..)).collect();
            // In one argument: the bytes may begin like an option.
            let data = [b"--data=", bytes.as_slice()].concat();
            command.args(["--log", &log.to_string()]);
            command.arg(OsString::from_vec(data));
            let (log, parts) = (log as u64, vec![bytes]);
            steps.push(Step::Append { log, parts });
        }
        (command, steps)
    }

    /// Runs a command and kills it, at a random moment of its life or soon after it has begun to write; returns what it
    /// printed, and its exit code if it came to that.
    fn kill(&mut self, rng: &mut Rng, mut command: Command) -> io::Result<(String, Option<i32>)> {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let file = fs::read(&self.path)?;
        let has_begun = || fs::read(&self.path).is_ok_and(|now| now != file);
        let started = Instant::now();
        let mut process = Process(command.spawn()?);
        let mut pipe = process.0.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let most = self.usual.as_micros() as u64 * 5 / 4;
        // A commit is a short part of its life.
        let mut waits = rng.bool();
        let mut moment = match waits {
            true => Duration::from_secs(60),
            false => Duration::from_micros(rng.u64(..=most)),
        };
        let mut status = None;
        while status.is_none() && started.elapsed() < moment {
            if waits && has_begun() {
                waits = false;
                moment = started.elapsed() + Duration::from_micros(rng.u64(..=most / 16));
            }
            thread::sleep(Duration::from_micros(20).min(moment));
            status = process.0.try_wait()?;
        }
        let status = match status {
            Some(status) => {
                self.usual = (3 * self.usual + started.elapsed()) / 4;
                status
            }
            None => {
                self.usual += self.usual / 50;
                process.kill()?
            }
        };
        let mut printed = String::new();
        pipe.read_to_string(&mut printed)?;
        match was_killed(status) {
            true => Ok((printed, None)),
            false => Ok((printed, status.code())),
        }
    }

    /// What is left: `acknowledged`, or with all of the command `done`.
    fn found(&self) -> Result<Model, String> {
        let options = FileOptions {
            read_only: true,
            ..FileOptions::default()
        };
        let region = FileRegion::open(&self.path, &options).map_err(|error| error.to_string())?;
        let logs = <MultiLog<FileRegion> as Subject<_>>::open(region);
        let state = logs.and_then(|logs| {
            Subject::check(&logs)?;
            logs.committed()
        });
        let state = state.map_err(|fault| format!("opening the logs: {fault:?}"))?;
        Ok(Model::opened(state, false))
    }
}

impl Victim for Tool<'_> {
    fn kind(&self) -> Kind {
        Kind::Tool
    }

    fn round(&mut self, rng: &mut Rng) -> Result<Round, String> {
        let before = match self.model.take() {
            Some(model) => model,
            None => self.create()?,
        };
        let (command, steps) = self.choose(rng, &before);
        let mut after = before.clone();
        let mut printed = String::new();
        for step in &steps {
            let done = after.apply(step);
            let position = done.map_err(|fault| format!("{step:?}: {fault:?}"))?;
            printed.extend(position.map(|position| format!("{position}\n")));
        }
        after.committed.clone_from(&after.staged);
        let (said, code) = self.kill(rng, command).map_err(|error| error.to_string())?;
        if code.is_some_and(|code| code != 0) || code.is_some() && said != printed {
            return Err(format!("{steps:?} said {said:?} and returned {code:?}"));
        }
        let acknowledged = code.is_some() || !printed.is_empty() && said == printed;
        let found = self.found()?;
        if found != after && (acknowledged || found != before) {
            return Err(format!(
                "{steps:?} on {before:?}, acknowledged: {acknowledged}, left {found:?}"
            ));
        }
        let whole = !acknowledged && found != before;
        self.model = Some(found);
        Ok(Round {
            killed: code.is_none(),
            acknowledged: acknowledged.into(),
            whole,
        })
    }

    fn name(&self) -> String {
        format!("plog on {}", self.path.display())
    }
}
