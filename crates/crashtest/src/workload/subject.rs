//! The two systems, seen as one kind of thing that a workload is done on.

use super::model::{Log, State};
use super::records::Item;
use super::step::Step;
use multilog::{CheckError, CommitError, CreateError, IoError, MultiLog, Region, RegionId};
use pmemlog::PmemLog;
use std::fmt::Display;

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The device failed just now.
    Io(IoError),
    /// It has failed before.
    Failed,
    /// What was asked for is not possible.
    Refused,
    /// The region holds no logs.
    Unformatted,
    /// Something that no workload should lead to.
    Unexpected(String),
    /// A panic, with this message.
    Panic(String),
}

/// Logs in a region.
pub trait Subject<R: Region>: Sized {
    /// Whether each change is a commit too.
    const DURABLE_AT_ONCE: bool;

    /// Creates logs whose journals have so many lines for records, or as many as they need.
    fn create(region: R, capacities: &[u64], lines: u64, overwrite: bool) -> Result<Self, Fault>;

    fn open(region: R) -> Result<Self, Fault>;

    /// Does a step, any but `Reopen`; returns the position of what it appends.
    fn apply(&mut self, step: &Step) -> Result<Option<u64>, Fault>;

    /// What can be read.
    fn committed(&self) -> Result<State, Fault>;

    /// The same of one log's data, borrowed where they lie; None if they cannot be.
    fn committed_in_place(&self, log: u64) -> Result<Option<Vec<u8>>, Fault>;

    /// What can be read of a log, record by record.
    fn records(&self, log: u64) -> Result<Vec<Item>, Fault>;

    /// The region's id.
    fn region_id(&self) -> RegionId;

    /// Compares all metadata with what the logs rely on.
    fn check(&self) -> Result<(), Fault>;

    fn is_failed(&self) -> bool;

    /// What each operation says that changes the logs or makes them durable.
    fn attempts(&mut self) -> Vec<Fault> {
        let parts = vec![b"x".to_vec()];
        let (log, position) = (0, 0);
        let attempts = [
            Step::Append { log, parts },
            Step::AdvanceHead { log, position },
            Step::Truncate { log, position },
            Step::Commit,
        ];
        let refused = attempts.iter().filter_map(|step| self.apply(step).err());
        refused.collect()
    }
}

fn unexpected(error: impl Display) -> Fault {
    Fault::Unexpected(error.to_string())
}

fn create_fault(error: CreateError) -> Fault {
    match error {
        CreateError::Io(error) => Fault::Io(error),
        other => unexpected(other),
    }
}

fn open_fault(error: multilog::OpenError) -> Fault {
    match error {
        multilog::OpenError::Io(error) => Fault::Io(error),
        multilog::OpenError::Unformatted => Fault::Unformatted,
        other => unexpected(other),
    }
}

fn check_fault(error: CheckError) -> Fault {
    match error {
        CheckError::Io(error) => Fault::Io(error),
        other => unexpected(other),
    }
}

impl<R: Region> Subject<R> for MultiLog<R> {
    const DURABLE_AT_ONCE: bool = false;

    fn create(region: R, capacities: &[u64], lines: u64, overwrite: bool) -> Result<Self, Fault> {
        let id = RegionId::random().map_err(Fault::Io)?;
        let created = MultiLog::create_with_journal(region, capacities, lines, id, overwrite);
        created.map_err(|refused| create_fault(refused.error))
    }

    fn open(region: R) -> Result<Self, Fault> {
        MultiLog::open(region).map_err(|refused| open_fault(refused.error))
    }

    fn apply(&mut self, step: &Step) -> Result<Option<u64>, Fault> {
        use multilog::{AppendError, AppendRecordError, MoveError};
        let move_fault = |error| match error {
            MoveError::Failed => Fault::Failed,
            _ => Fault::Refused,
        };
        match step {
            Step::Append { log, parts } => {
                let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
                let staged = match parts[..] {
                    [bytes] => self.stage_append(*log, bytes),
                    _ => self.stage_append_gathered(*log, &parts),
                };
                return staged.map(Some).map_err(|error| match error {
                    AppendError::Io(error) => Fault::Io(error),
                    AppendError::Failed => Fault::Failed,
                    _ => Fault::Refused,
                });
            }
            Step::AppendRecord { log, payload } => {
                let staged = self.stage_append_record(*log, payload);
                return staged.map(Some).map_err(|error| match error {
                    AppendRecordError::Io(error) => Fault::Io(error),
                    AppendRecordError::Failed => Fault::Failed,
                    _ => Fault::Refused,
                });
            }
            Step::AdvanceHead { log, position } => self
                .stage_advance_head(*log, *position)
                .map_err(move_fault)?,
            Step::Truncate { log, position } => {
                self.stage_truncate(*log, *position).map_err(move_fault)?
            }
            Step::Commit => self.commit().map_err(|error| match error {
                CommitError::Io(error) => Fault::Io(error),
                CommitError::Failed => Fault::Failed,
                other => unexpected(other),
            })?,
            Step::Abort => self.abort(),
            Step::Reopen => return Err(unexpected("logs cannot reopen themselves")),
            Step::Check => Subject::check(self)?,
        }
        Ok(None)
    }

    fn committed(&self) -> Result<State, Fault> {
        let read = |log| {
            let info = self
                .info(log)
                .ok_or_else(|| unexpected("a log is missing"))?;
            let mut data = vec![0; (info.tail - info.head) as usize];
            match MultiLog::read(self, log, info.head, &mut data) {
                Err(multilog::ReadError::Io(error)) => return Err(Fault::Io(error)),
                other => other.map_err(unexpected)?,
            }
            let (head, capacity) = (info.head, info.capacity);
            Ok(Log {
                head,
                data,
                capacity,
            })
        };
        (0..self.log_count()).map(read).collect()
    }

    fn committed_in_place(&self, log: u64) -> Result<Option<Vec<u8>>, Fault> {
        let info = self.info(log).ok_or(Fault::Refused)?;
        match self.read_in_place(log, info.head, info.tail - info.head) {
            Ok((first, second)) => Ok(Some([first, second].concat())),
            Err(multilog::ReadError::NotMapped) => Ok(None),
            Err(other) => Err(unexpected(other)),
        }
    }

    fn records(&self, log: u64) -> Result<Vec<Item>, Fault> {
        MultiLog::records(self, log).map(Item::of).collect()
    }

    fn region_id(&self) -> RegionId {
        MultiLog::region_id(self)
    }

    fn check(&self) -> Result<(), Fault> {
        MultiLog::check(self).map(drop).map_err(check_fault)
    }

    fn is_failed(&self) -> bool {
        MultiLog::is_failed(self)
    }
}

impl<R: Region> Subject<R> for PmemLog<R> {
    const DURABLE_AT_ONCE: bool = true;

    fn create(region: R, capacities: &[u64], lines: u64, overwrite: bool) -> Result<Self, Fault> {
        let id = RegionId::random().map_err(Fault::Io)?;
        let capacity = capacities.first().copied();
        let created = PmemLog::create_with_journal(region, capacity, lines, id, overwrite);
        created.map_err(|refused| create_fault(refused.error))
    }

    fn open(region: R) -> Result<Self, Fault> {
        PmemLog::open(region).map_err(|refused| match refused.error {
            pmemlog::OpenError::Region(error) => open_fault(error),
            other => unexpected(other),
        })
    }

    /// There is but one log; another one is refused here. A commit is an append of nothing.
    fn apply(&mut self, step: &Step) -> Result<Option<u64>, Fault> {
        use pmemlog::{AppendError, AppendRecordError, MoveError};
        let append_fault = |error| match error {
            AppendError::Io(error) => Fault::Io(error),
            AppendError::Failed => Fault::Failed,
            _ => Fault::Refused,
        };
        let move_fault = |error| match error {
            MoveError::Io(error) => Fault::Io(error),
            MoveError::Failed => Fault::Failed,
            _ => Fault::Refused,
        };
        match step {
            Step::Append { log: 1.., .. }
            | Step::AppendRecord { log: 1.., .. }
            | Step::AdvanceHead { log: 1.., .. }
            | Step::Truncate { log: 1.., .. } => return Err(Fault::Refused),
            Step::Append { parts, .. } => {
                let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
                let appended = match parts[..] {
                    [bytes] => self.append(bytes),
                    _ => self.append_gathered(&parts),
                };
                return appended.map(Some).map_err(append_fault);
            }
            Step::AppendRecord { payload, .. } => {
                let appended = self.append_record(payload);
                return appended.map(Some).map_err(|error| match error {
                    AppendRecordError::Io(error) => Fault::Io(error),
                    AppendRecordError::Failed => Fault::Failed,
                    _ => Fault::Refused,
                });
            }
            Step::AdvanceHead { position, .. } => {
                self.advance_head(*position).map_err(move_fault)?
            }
            Step::Truncate { position, .. } => self.truncate(*position).map_err(move_fault)?,
            Step::Commit => self.append(b"").map(|_| ()).map_err(append_fault)?,
            Step::Abort => {}
            Step::Reopen => return Err(unexpected("logs cannot reopen themselves")),
            Step::Check => Subject::check(self)?,
        }
        Ok(None)
    }

    fn committed(&self) -> Result<State, Fault> {
        let mut data = vec![0; (self.tail() - self.head()) as usize];
        match PmemLog::read(self, self.head(), &mut data) {
            Err(pmemlog::ReadError::Io(error)) => return Err(Fault::Io(error)),
            other => other.map_err(unexpected)?,
        }
        Ok(vec![Log {
            head: self.head(),
            data,
            capacity: self.capacity(),
        }])
    }

    fn committed_in_place(&self, _log: u64) -> Result<Option<Vec<u8>>, Fault> {
        match self.read_in_place(self.head(), self.tail() - self.head()) {
            Ok((first, second)) => Ok(Some([first, second].concat())),
            Err(pmemlog::ReadError::NotMapped) => Ok(None),
            Err(other) => Err(unexpected(other)),
        }
    }

    fn records(&self, _log: u64) -> Result<Vec<Item>, Fault> {
        PmemLog::records(self).map(Item::of).collect()
    }

    fn region_id(&self) -> RegionId {
        PmemLog::region_id(self)
    }

    fn check(&self) -> Result<(), Fault> {
        PmemLog::check(self).map(drop).map_err(check_fault)
    }

    fn is_failed(&self) -> bool {
        PmemLog::is_failed(self)
    }
}
