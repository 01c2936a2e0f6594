//! What a worker whose device failed has left, and that others go on from there.

use crate::places;
use crate::worker::{Create, Ends, Said, Task};
use crate::workload::State;
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

    /// The file is as the worker said, and another worker goes on from there.
    pub fn verify(&self, said: &Said) -> Result<(), String> {
        let failed = said.failed.as_deref().unwrap_or_default();
        let device_changed = ["write failed", "flush failed"]
            .iter()
            .any(|w| failed.starts_with(w));
        if device_changed && said.created && !said.closed {
            return Err(format!("{failed}, but the logs did not refuse to go on"));
        }
        if !said.created && failed.starts_with("could not") && self.task.path.exists() {
            return Err(format!("{failed}, but a file is left"));
        }
        let found = Ends::of(&self.task, None, said).verify(&self.task)?;
        self.go_on(found)
    }

    fn go_on(&self, start: Option<State>) -> Result<(), String> {
        let create = match start {
            Some(_) => Create::No,
            None => Create::Written,
        };
        if start.is_none() && self.task.path.exists() {
            std::fs::remove_file(&self.task.path).map_err(|error| error.to_string())?;
        }
        let task = Task {
            create,
            seed: self.task.seed + 1,
            steps: 12,
            ..self.task.clone()
        };
        let output = task
            .command(self.executable)
            .output()
            .map_err(|e| e.to_string())?;
        let said = Said::parse(&output.stdout)?;
        if said.failed.is_some() {
            return Err(format!("going on afterwards: {said:?}"));
        }
        let ends = Ends::of(&task, start.as_ref(), &said);
        ends.verify(&task)
            .map_err(|what| format!("going on afterwards: {what}"))?;
        Ok(())
    }
}
