//! How a worker ended, and what it must have left.

use super::reading::id_in;
use super::{System, Task};
use crate::workload::model::empty_logs;
use crate::workload::{Fault, Model, State, Step, Subject};
use fastrand::Rng;
use multilog::MultiLog;
use pmem::{AnyRegion, FileError, RegionId};
use pmemlog::PmemLog;

/// What a worker had said when it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub created: bool,
    /// The last step that it reported durable.
    pub durable: u64,
    /// What was read once more because it failed, in its words.
    pub unread: Option<String>,
    /// What failed, in its words.
    pub failed: Option<String>,
    pub closed: bool,
    /// That it did all its steps.
    pub done: bool,
}

impl Said {
    /// Reads what a worker printed. What follows the last newline was not said.
    pub fn parse(output: &[u8]) -> Result<Said, String> {
        let text = String::from_utf8_lossy(output);
        let mut said = Said::default();
        let lines = text
            .split_inclusive('\n')
            .filter_map(|l| l.strip_suffix('\n'));
        for line in lines {
            match line {
                "created" => said.created = true,
                "closed" => said.closed = true,
                "done" => said.done = true,
                _ => said.parse_line(line)?,
            }
        }
        Ok(said)
    }

    fn parse_line(&mut self, line: &str) -> Result<(), String> {
        let what = |prefix| line.strip_prefix(prefix).map(str::to_string);
        match (line.parse(), what("failed: "), what("unread: ")) {
            (Ok(number), ..) if number > self.durable => self.durable = number,
            (_, Some(what), _) => self.failed = Some(what),
            (.., Some(what)) => self.unread = Some(what),
            _ => return Err(format!("the worker said {line:?}")),
        }
        Ok(())
    }
}

/// The states in which a worker may have left its logs.
#[derive(Debug)]
pub struct Ends {
    /// What it had reported durable. None: not even that the logs exist.
    reported: Option<State>,
    /// What its next commit would have made of it.
    next: Option<State>,
}

impl Ends {
    /// Where a worker may have come to that began with `start` (None: it was to create its logs) and said that.
    pub fn of(task: &Task, start: Option<&State>, said: &Said) -> Ends {
        let created = empty_logs(&task.capacities());
        if start.is_none() && !said.created {
            return Ends {
                reported: None,
                next: Some(created),
            };
        }
        let start = start.cloned().unwrap_or(created);
        // In a file without an id there are no logs to compare, and `verify` will say so.
        let id = id_in(&task.path).unwrap_or(RegionId { lo: 0, hi: 0 });
        let model = Model::opened(start, task.system == System::PmemLog);
        let mut model = model.with_records(id);
        let mut rng = Rng::with_seed(task.seed);
        for _ in 0..said.durable {
            next_step(&mut rng, &mut model);
        }
        let reported = Some(model.committed.clone());
        let left = task.steps - said.durable;
        let next = (0..left.min(1_000)).find_map(|_| {
            let step = next_step(&mut rng, &mut model);
            model.is_durable(&step).then(|| model.committed.clone())
        });
        Ends { reported, next }
    }

    /// Whether these are not the reported logs, but those of the next commit.
    pub fn is_next(&self, found: Option<&State>) -> bool {
        found != self.reported.as_ref() && found == self.next.as_ref()
    }

    /// Opens what is left: one of these states, or nothing that can be opened if nothing was reported.
    pub fn verify(&self, task: &Task) -> Result<Option<State>, String> {
        let found = match task.system {
            System::MultiLog => found::<MultiLog<AnyRegion>>(task),
            System::PmemLog => found::<PmemLog<AnyRegion>>(task),
        }?;
        match found == self.reported || self.is_next(found.as_ref()) {
            true => Ok(found),
            false => Err(format!("left is {found:?}, expected {self:?}")),
        }
    }
}

fn next_step(rng: &mut Rng, model: &mut Model) -> Step {
    let step = Step::choose(rng, model);
    // The worker compares with what the model says, errors included.
    let _ = model.apply(&step);
    step
}

/// The logs that are in the task's file; None: there are none in it, or there is no file.
fn found<S: Subject<AnyRegion>>(task: &Task) -> Result<Option<State>, String> {
    let region = match super::DeviceKind::File.open(&task.path) {
        Ok(region) => region,
        Err(FileError::NotFound | FileError::Empty) => return Ok(None),
        Err(error) => return Err(format!("opening the file: {error}")),
    };
    match S::open(region) {
        Ok(subject) => {
            let sound = subject.check();
            let state = sound.and_then(|()| subject.committed());
            state
                .map(Some)
                .map_err(|fault| format!("reading: {fault:?}"))
        }
        Err(Fault::Unformatted) => Ok(None),
        Err(fault) => Err(format!("opening the logs: {fault:?}")),
    }
}
