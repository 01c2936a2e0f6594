//! A user of the library: a process that commits as fast as it can.

use super::{was_killed, Kind, Process, Round, Victim};
use crate::worker::{Create, DeviceKind, Ends, Said, System, Task};
use crate::workload::State;
use fastrand::Rng;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

pub struct Library<'a> {
    executable: &'a Path,
    task: Task,
    /// What is in the file. None: no logs.
    state: Option<State>,
}

impl<'a> Library<'a> {
    pub fn new(
        executable: &'a Path,
        system: System,
        device: DeviceKind,
        path: PathBuf,
    ) -> Library<'a> {
        let task = Task {
            system,
            device,
            path,
            scale: 1,
            seed: 0,
            steps: u64::MAX,
            create: Create::Written,
            // Most of its time is to be spent committing.
            reads: false,
        };
        let state = None;
        Library {
            executable,
            task,
            state,
        }
    }

    /// Lets a worker work for a random time; returns what it said and whether it was still alive.
    fn kill(&self, rng: &mut Rng) -> io::Result<(Vec<u8>, bool)> {
        let mut process = Process(self.task.command(self.executable).spawn()?);
        let mut pipe = process.0.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut said = Vec::new();
        // Some are killed while they start, create and open; most of them while they commit.
        let longest = match rng.u8(..5) {
            0 => 3_000,
            _ => {
                let mut some = [0; 64];
                let len = pipe.read(&mut some)?;
                said.extend(&some[..len]);
                1_500
            }
        };
        thread::sleep(Duration::from_micros(rng.u64(..longest)));
        let status = process.kill()?;
        pipe.read_to_end(&mut said)?;
        Ok((said, was_killed(status)))
    }
}

impl Victim for Library<'_> {
    fn kind(&self) -> Kind {
        Kind::Library
    }

    fn round(&mut self, rng: &mut Rng) -> Result<Round, String> {
        if self.state.is_none() || rng.u8(..16) == 0 {
            self.state = None;
            match fs::remove_file(&self.task.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(format!("removing the file: {error}"));
                }
                _ => {}
            }
        }
        self.task.seed = rng.u64(..);
        self.task.create = match self.state {
            None => Create::Written,
            Some(_) => Create::No,
        };
        let (output, killed) = self.kill(rng).map_err(|error| error.to_string())?;
        let said = Said::parse(&output)?;
        if !killed || said.failed.is_some() {
            return Err(format!("the worker ended before it was killed: {said:?}"));
        }
        let ends = Ends::of(&self.task, self.state.as_ref(), &said);
        self.state = ends
            .verify(&self.task)
            .map_err(|what| format!("seed {}: {what}", self.task.seed))?;
        Ok(Round {
            killed,
            acknowledged: said.durable,
            whole: ends.is_next(self.state.as_ref()),
        })
    }

    fn name(&self) -> String {
        format!(
            "{:?} on {} in {}",
            self.task.system,
            self.task.device,
            self.task.path.display()
        )
    }
}
