//! The log store of one Raft group.

use crate::error::{storage, Doing, WriteError};
use crate::format::{decode_entry, encode_entry, GroupState};
use crate::open::logs_of;
use crate::snapshots::{self, Saved, Snapshots};
use crate::waiter::{Then, Waiter};
use multilog::shared::{Group, Shareable, Shared};
use multilog::RECORD_OVERHEAD;
use openraft::storage::{LogFlushed, RaftLogStorage};
use openraft::{
    LogId, LogState, OptionalSend, RaftLogId, RaftLogReader, RaftTypeConfig, StorageError, Vote,
};
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::ops::RangeBounds;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{oneshot, watch};

/// An entry that can be stored. All that serde can do are.
pub trait StoredEntry: Serialize + DeserializeOwned + Clone {}

impl<E: Serialize + DeserializeOwned + Clone> StoredEntry for E {}

/// The entries of a group, by index.
pub(crate) type Entries<C> =
    BTreeMap<u64, Kept<<C as RaftTypeConfig>::NodeId, <C as RaftTypeConfig>::Entry>>;

/// What is in memory of an entry.
pub(crate) struct Kept<N: openraft::NodeId, E> {
    position: u64,
    id: LogId<N>,
    /// The entry itself, with the number of the append that brought it, until it is durable.
    in_flight: Option<(u64, E)>,
}

impl<N: openraft::NodeId, E> Kept<N, E> {
    /// An entry that was found at `position`.
    pub(crate) fn durable(position: u64, id: LogId<N>) -> Self {
        Kept {
            position,
            id,
            in_flight: None,
        }
    }
}

/// The log store of one Raft group: a handle, to be cloned.
///
/// The last handle that is dropped waits until all that was begun is durable.
pub struct LogStore<C: RaftTypeConfig, R: Shareable> {
    inner: Arc<Inner<C, R>>,
    snapshots: Option<watch::Receiver<Saved>>,
}

struct Inner<C: RaftTypeConfig, R: Shareable> {
    logs: Shared<R>,
    /// The log of the group's state.
    state_log: u64,
    /// The log of its entries.
    entries_log: u64,
    /// Shared with what is done when commits are durable. While it is locked, nothing is submitted, so that what is
    /// known here is what the logs will be.
    memory: Arc<Mutex<Memory<C>>>,
    waiter: Waiter<R>,
}

/// What the logs will be when all that was submitted is durable.
struct Memory<C: RaftTypeConfig> {
    state: GroupState<C::NodeId>,
    entries: Entries<C>,
    /// Where the next state record goes.
    state_tail: u64,
    /// Where the first entry is, and where the next one goes.
    entries_head: u64,
    entries_tail: u64,
    capacity: u64,
    appends: u64,
    /// Why nothing can be written any more.
    failed: Option<WriteError>,
}

impl<C: RaftTypeConfig, R: Shareable> Clone for LogStore<C, R> {
    fn clone(&self) -> Self {
        LogStore {
            inner: self.inner.clone(),
            snapshots: self.snapshots.clone(),
        }
    }
}

impl<C: RaftTypeConfig, R: Shareable + 'static> LogStore<C, R>
where
    C::Entry: StoredEntry,
{
    pub(crate) fn new(
        logs: Shared<R>,
        group: u64,
        state: GroupState<C::NodeId>,
        entries: Entries<C>,
    ) -> io::Result<LogStore<C, R>> {
        let (state_log, entries_log) = logs_of(group);
        let info = |log| logs.info(log).ok_or(io::ErrorKind::NotFound);
        let (of_state, of_entries) = (info(state_log)?, info(entries_log)?);
        let memory = Memory {
            state,
            entries,
            state_tail: of_state.tail,
            entries_head: of_entries.head,
            entries_tail: of_entries.tail,
            capacity: of_entries.capacity,
            appends: 0,
            failed: None,
        };
        let waiter = Waiter::start(group)?;
        let inner = Inner {
            logs,
            state_log,
            entries_log,
            memory: Arc::new(Mutex::new(memory)),
            waiter,
        };
        Ok(LogStore {
            inner: Arc::new(inner),
            snapshots: None,
        })
    }

    /// Makes `purge` wait until a snapshot that covers what is purged is durable, as `snapshots` is told by the state
    /// machine. Without it, a crash while a snapshot is installed can leave neither it nor the entries: see
    /// [`Snapshots`].
    pub fn purge_behind(&mut self, snapshots: &Snapshots) {
        self.snapshots = Some(snapshots.subscribe());
    }

    fn memory(&self) -> MutexGuard<'_, Memory<C>> {
        lock(&self.inner.memory)
    }

    /// Submits a group of operations, and has `then` done when it is durable.
    fn submit(
        &self,
        memory: &Memory<C>,
        group: Group,
        then: impl FnOnce(Result<(), WriteError>) + Send + 'static,
    ) {
        if let Some(error) = memory.failed {
            return then(Err(error));
        }
        let shared = self.inner.memory.clone();
        let then: Then = Box::new(move |outcome| {
            let outcome = outcome.map_err(WriteError::Commit);
            if let Err(error) = outcome {
                lock(&shared).failed.get_or_insert(error);
            }
            then(outcome);
        });
        self.inner
            .waiter
            .wait_for(self.inner.logs.submit(group), then);
    }

    /// Changes the state, and has that and what `change` adds to the group committed at once. What is returned tells when
    /// it is durable.
    fn change_state(
        &self,
        doing: Doing,
        change: impl FnOnce(&mut Memory<C>, &mut Group),
    ) -> Result<Outcome, StorageError<C::NodeId>> {
        let mut memory = self.memory();
        if let Some(error) = memory.failed {
            return Err(storage(doing, error));
        }
        let mut group = Group::new();
        change(&mut memory, &mut group);
        let record = memory.state.encode().map_err(|e| storage(doing, e))?;
        // The new record is the only one.
        group
            .append_record(self.inner.state_log, &record)
            .advance_head(self.inner.state_log, memory.state_tail);
        memory.state_tail += record.len() as u64 + RECORD_OVERHEAD;
        Ok(self.submit_and_tell(&memory, group))
    }

    /// Submits a group of operations; what is returned tells when it is durable.
    fn submit_and_tell(&self, memory: &Memory<C>, group: Group) -> Outcome {
        let (done, outcome) = oneshot::channel();
        self.submit(memory, group, move |result| {
            // Nobody may be waiting.
            let _ = done.send(result);
        });
        outcome
    }

    /// The entry, from memory or from the log. `memory` is locked, so it is not purged meanwhile.
    fn read(&self, kept: &Kept<C::NodeId, C::Entry>) -> Result<C::Entry, StorageError<C::NodeId>> {
        if let Some((_, entry)) = &kept.in_flight {
            return Ok(entry.clone());
        }
        let record = self
            .inner
            .logs
            .get_record(self.inner.entries_log, kept.position)
            .map_err(|error| storage(Doing::ReadingLogs, error))?;
        decode_entry(&record.payload).map_err(|error| storage(Doing::ReadingLogs, error))
    }
}

/// A panic while it is locked would be one of the application's, in an entry's serde or clone: nothing is half done then.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What becomes of a commit.
type Outcome = oneshot::Receiver<Result<(), WriteError>>;

/// Waits until a commit is durable.
async fn durable<N: openraft::NodeId>(
    doing: Doing,
    outcome: Outcome,
) -> Result<(), StorageError<N>> {
    outcome
        .await
        .unwrap_or(Err(WriteError::Closed))
        .map_err(|error| storage(doing, error))
}

impl<C: RaftTypeConfig, R: Shareable + 'static> RaftLogReader<C> for LogStore<C, R>
where
    C::Entry: StoredEntry,
{
    /// The entries are read where this is called: from the cache, or from the medium.
    async fn try_get_log_entries<B: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: B,
    ) -> Result<Vec<C::Entry>, StorageError<C::NodeId>> {
        let memory = self.memory();
        let within = memory.entries.range(range);
        within.map(|(_, kept)| self.read(kept)).collect()
    }
}

impl<C: RaftTypeConfig, R: Shareable + 'static> RaftLogStorage<C> for LogStore<C, R>
where
    C::Entry: StoredEntry,
{
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<C>, StorageError<C::NodeId>> {
        let memory = self.memory();
        let last_purged_log_id = memory.state.purged.clone();
        let last = memory.entries.last_key_value();
        let last_log_id = last.map(|(_, kept)| kept.id.clone());
        Ok(LogState {
            last_log_id: last_log_id.or(last_purged_log_id.clone()),
            last_purged_log_id,
        })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote<C::NodeId>) -> Result<(), StorageError<C::NodeId>> {
        let vote = vote.clone();
        let change = |memory: &mut Memory<C>, _: &mut Group| memory.state.vote = Some(vote);
        let outcome = self.change_state(Doing::WritingVote, change)?;
        durable(Doing::WritingVote, outcome).await
    }

    async fn read_vote(&mut self) -> Result<Option<Vote<C::NodeId>>, StorageError<C::NodeId>> {
        Ok(self.memory().state.vote.clone())
    }

    /// It does not wait for the medium: what is committed is known anew from the other nodes, if need be. It is durable
    /// before anything that is written after it.
    async fn save_committed(
        &mut self,
        committed: Option<LogId<C::NodeId>>,
    ) -> Result<(), StorageError<C::NodeId>> {
        let change = |memory: &mut Memory<C>, _: &mut Group| memory.state.committed = committed;
        self.change_state(Doing::WritingLogs, change).map(drop)
    }

    async fn read_committed(
        &mut self,
    ) -> Result<Option<LogId<C::NodeId>>, StorageError<C::NodeId>> {
        Ok(self.memory().state.committed.clone())
    }

    async fn append<I>(
        &mut self,
        entries: I,
        callback: LogFlushed<C>,
    ) -> Result<(), StorageError<C::NodeId>>
    where
        I: IntoIterator<Item = C::Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut memory = self.memory();
        if let Some(error) = memory.failed {
            return Err(storage(Doing::WritingLogs, error));
        }
        let mut group = Group::new();
        let mut tail = memory.entries_tail;
        let mut appended = Vec::new();
        for entry in entries {
            let payload = encode_entry(&entry).map_err(|e| storage(Doing::WritingLogs, e))?;
            group.append_record(self.inner.entries_log, &payload);
            appended.push((tail, entry));
            tail += payload.len() as u64 + RECORD_OVERHEAD;
        }
        let (needed, used) = (
            tail - memory.entries_tail,
            memory.entries_tail - memory.entries_head,
        );
        let free = memory.capacity - used;
        if needed > free {
            let full = WriteError::Full { needed, free };
            return Err(storage(Doing::WritingLogs, full));
        }
        memory.entries_tail = tail;
        memory.appends += 1;
        let append = memory.appends;
        let indexes: Vec<u64> = appended
            .into_iter()
            .map(|(position, entry)| {
                let id = entry.get_log_id().clone();
                let index = id.index;
                let kept = Kept {
                    position,
                    id,
                    in_flight: Some((append, entry)),
                };
                memory.entries.insert(index, kept);
                index
            })
            .collect();
        let shared = self.inner.memory.clone();
        self.submit(&memory, group, move |outcome| {
            if outcome.is_ok() {
                let mut memory = lock(&shared);
                for index in indexes {
                    if let Some(kept) = memory.entries.get_mut(&index) {
                        // Unless another entry has taken the index meanwhile.
                        kept.in_flight.take_if(|(number, _)| *number == append);
                    }
                }
            }
            callback.log_io_completed(outcome.map_err(io::Error::other));
        });
        Ok(())
    }

    async fn truncate(&mut self, log_id: LogId<C::NodeId>) -> Result<(), StorageError<C::NodeId>> {
        let outcome = {
            let mut memory = self.memory();
            if let Some(error) = memory.failed {
                return Err(storage(Doing::WritingLogs, error));
            }
            let dropped = memory.entries.split_off(&log_id.index);
            let Some((_, first)) = dropped.first_key_value() else {
                return Ok(());
            };
            let mut group = Group::new();
            group.truncate(self.inner.entries_log, first.position);
            memory.entries_tail = first.position;
            self.submit_and_tell(&memory, group)
        };
        durable(Doing::WritingLogs, outcome).await
    }

    async fn purge(&mut self, log_id: LogId<C::NodeId>) -> Result<(), StorageError<C::NodeId>> {
        if let Some(snapshots) = &mut self.snapshots {
            let waited = snapshots::wait_for(snapshots, log_id.index).await;
            waited.map_err(|error| storage(Doing::WritingLogs, error))?;
        }
        let log = self.inner.entries_log;
        let change = |memory: &mut Memory<C>, group: &mut Group| {
            memory.entries = memory.entries.split_off(&(log_id.index + 1));
            let first = memory.entries.first_key_value();
            memory.entries_head = first.map_or(memory.entries_tail, |(_, kept)| kept.position);
            memory.state.purged = Some(log_id);
            group.advance_head(log, memory.entries_head);
        };
        let outcome = self.change_state(Doing::WritingLogs, change)?;
        durable(Doing::WritingLogs, outcome).await
    }
}
