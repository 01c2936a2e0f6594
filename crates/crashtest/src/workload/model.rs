//! What logs are: vectors.

use super::records::record;
use super::step::Step;
use super::subject::Fault;
use multilog::RegionId;

/// A log as anybody would write it down.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Log {
    pub head: u64,
    pub data: Vec<u8>,
    pub capacity: u64,
}

impl Log {
    pub fn tail(&self) -> u64 {
        self.head + self.data.len() as u64
    }
}

pub type State = Vec<Log>;

/// Empty logs of these capacities.
pub fn empty_logs(capacities: &[u64]) -> State {
    let empty = |&capacity| Log {
        head: 0,
        data: Vec::new(),
        capacity,
    };
    capacities.iter().map(empty).collect()
}

/// Logs that are open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub committed: State,
    pub staged: State,
    /// Whether each change is a commit too, as those of a `PmemLog` are.
    pub durable_at_once: bool,
    /// The region's id, which records depend on. Without it none are appended.
    pub id: Option<RegionId>,
}

impl Model {
    /// Logs that were just created or opened.
    pub fn opened(committed: State, durable_at_once: bool) -> Model {
        Model {
            staged: committed.clone(),
            committed,
            durable_at_once,
            id: None,
        }
    }

    /// The same, and records can be appended.
    pub fn with_records(self, id: RegionId) -> Model {
        Model {
            id: Some(id),
            ..self
        }
    }

    /// Does a step; returns the position of what it appends.
    pub fn apply(&mut self, step: &Step) -> Result<Option<u64>, Fault> {
        let mut position = None;
        match step {
            Step::Append { log, parts } => position = Some(self.append(*log, &parts.concat())?),
            Step::AppendRecord { log, payload } => {
                position = Some(self.append_record(*log, payload)?);
            }
            Step::AdvanceHead { log, position } => {
                let log = self.between_ends(*log, *position)?;
                log.data.drain(..(position - log.head) as usize);
                log.head = *position;
            }
            Step::Truncate { log, position } => {
                let log = self.between_ends(*log, *position)?;
                log.data.truncate((position - log.head) as usize);
            }
            Step::Commit => self.committed.clone_from(&self.staged),
            Step::Abort | Step::Reopen => self.staged.clone_from(&self.committed),
            Step::Check => {}
        }
        if self.durable_at_once {
            self.committed.clone_from(&self.staged);
        }
        Ok(position)
    }

    /// Whether what a step did is durable when it returns.
    pub fn is_durable(&self, step: &Step) -> bool {
        self.durable_at_once || *step == Step::Commit
    }

    /// The bytes that can be appended to a log.
    pub fn free(&self, log: usize) -> u64 {
        let used = self.staged[log].tail() - self.committed[log].head;
        self.committed[log].capacity - used
    }

    fn append(&mut self, log: u64, bytes: &[u8]) -> Result<u64, Fault> {
        let log = log as usize;
        if log >= self.staged.len()
            || self.staged[log].tail() < self.committed[log].tail()
            || bytes.len() as u64 > self.free(log)
        {
            return Err(Fault::Refused);
        }
        let position = self.staged[log].tail();
        self.staged[log].data.extend(bytes);
        Ok(position)
    }

    fn append_record(&mut self, log: u64, payload: &[u8]) -> Result<u64, Fault> {
        let unknown = || Fault::Unexpected("a record for a region without an id".to_string());
        let id = self.id.ok_or_else(unknown)?;
        let staged = self.staged.get(log as usize).ok_or(Fault::Refused)?;
        let bytes = record(id, log, staged.tail(), payload);
        self.append(log, &bytes)
    }

    fn between_ends(&mut self, log: u64, position: u64) -> Result<&mut Log, Fault> {
        let log = self.staged.get_mut(log as usize).ok_or(Fault::Refused)?;
        match log.head <= position && position <= log.tail() {
            true => Ok(log),
            false => Err(Fault::Refused),
        }
    }
}
