//! What a worker whose device failed has left, and that others go on from there.

use crate::places;
use crate::worker::{Create, Ends, Said, Task};
use crate::workload::State;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A worker's file, in a folder of its own.
pub struct Aftermath<'a> {
    executable: &'a Path,
    pub task: Task,
    _folder: TempDir,
}

impl<'a> Aftermath<'a> {
    /// Makes a place for a task like this one.
    pub fn new(executable: &'a Path, task: &Task) -> Result<Aftermath<'a>, String> {
        // What the medium is does not matter where calls fail without being made.
        let place = places::memory().unwrap_or_else(places::temporary);
        let folder = tempfile::Builder::new()
            .prefix("crashtest-")
            .tempdir_in(place);
        let folder = folder.map_err(|error| format!("no place for the logs: {error}"))?;
        let path = folder.path().join("logs");
        Ok(Aftermath {
            executable,
            task: Task {
                path,
                ..task.clone()
            },
            _folder: folder,
        })
    }

    /// Creates the logs; returns them.
    pub fn create(&self, create: Create) -> Result<State, String> {
        let task = Task {
            create,
            steps: 0,
            ..self.task.clone()
        };
        let created = self.run(&task, None)?;
        created.ok_or_else(|| "the logs could not be created".to_string())
    }

    /// The file is as the worker said that created it, and another worker goes on from there.
    pub fn verify(&self, said: &Said) -> Result<(), String> {
        let failed = said.failed.as_deref().unwrap_or_default();
        if !said.created && failed.starts_with("could not") && self.task.path.exists() {
            return Err(format!("{failed}, but a file is left"));
        }
        self.verify_from(None, said)
    }

    /// The file is as the worker said, which began with these logs (None: it was to create them), and another worker
    /// goes on from there.
    pub fn verify_from(&self, start: Option<&State>, said: &Said) -> Result<(), String> {
        let failed = said.failed.as_deref().unwrap_or_default();
        let changes = ["write failed", "flush failed"];
        let changing = changes.iter().any(|what| failed.starts_with(what));
        if changing && (said.created || start.is_some()) && !said.closed {
            return Err(format!("{failed}, but the logs did not refuse to go on"));
        }
        if said.failed.is_none() && !said.done {
            return Err("nothing failed, but not all was done".to_string());
        }
        let found = Ends::of(&self.task, start, said).verify(&self.task)?;
        self.go_on(found)
    }

    fn go_on(&self, start: Option<State>) -> Result<(), String> {
        let create = match start {
            Some(_) => Create::No,
            None => Create::Written,
        };
        if start.is_none() && self.task.path.exists() {
            fs::remove_file(&self.task.path).map_err(|error| error.to_string())?;
        }
        let task = Task {
            create,
            seed: self.task.seed + 1,
            steps: 12,
            ..self.task.clone()
        };
        let went_on = self.run(&task, start.as_ref());
        went_on.map_err(|what| format!("going on afterwards: {what}"))?;
        Ok(())
    }

    /// Runs a worker that nothing disturbs; returns what it leaves.
    fn run(&self, task: &Task, start: Option<&State>) -> Result<Option<State>, String> {
        let output = task.command(self.executable).output();
        let said = Said::parse(&output.map_err(|error| error.to_string())?.stdout)?;
        if said.failed.is_some() || said.unread.is_some() || !said.done {
            return Err(format!("it said {said:?}"));
        }
        Ends::of(task, start, &said).verify(task)
    }
}
