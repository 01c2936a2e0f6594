//! The log store of one Raft group.

use crate::error::{storage, Doing, WriteError};
use crate::format::{decode_entry, encode_entry, GroupState};
use crate::memory::{lock, Entries, Kept, Memory, StoredEntry};
use crate::open::logs_of;
use crate::snapshots::{Saved, Snapshots};
use crate::waiter::{Then, Waiter};
use multilog::shared::{Group, Shareable, Shared};
use multilog::RECORD_OVERHEAD;
use openraft::{NodeId, RaftLogId, RaftTypeConfig, StorageError};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::{oneshot, watch};

/// The log store of one Raft group: a handle, to be cloned.
///
/// The last handle that is dropped waits until all that was begun is durable.
///
/// What openraft never asks for is refused, with an error that stops the node, because it would take back what was
/// acknowledged: a vote that is less than the saved one or incomparable with it, and an entry in the place of one that was not
/// truncated, or before it. A purge up to an index below one that was purged changes nothing.
pub struct LogStore<C: RaftTypeConfig, R: Shareable> {
    pub(crate) inner: Arc<Inner<C, R>>,
    pub(crate) snapshots: Option<watch::Receiver<Saved>>,
}

pub(crate) struct Inner<C: RaftTypeConfig, R: Shareable> {
    logs: Shared<R>,
    /// The log of the group's state.
    state_log: u64,
    /// The log of its entries.
    pub(crate) entries_log: u64,
    /// Shared with what is done when commits are durable. While it is locked, nothing is submitted, so that what is
    /// known here is what the logs will be.
    pub(crate) memory: Arc<Mutex<Memory<C>>>,
    waiter: Waiter<R>,
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

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory<C>> {
        lock(&self.inner.memory)
    }

    /// The memory, to write what it then holds; unless nothing can be written any more.
    pub(crate) fn begin(
        &self,
        doing: Doing,
    ) -> Result<MutexGuard<'_, Memory<C>>, StorageError<C::NodeId>> {
        let memory = self.memory();
        match &memory.failed {
            Some(error) => Err(storage(doing, error.clone())),
            None => Ok(memory),
        }
    }

    /// Submits a group of operations, and has `then` done when it is durable. If that will never be known, `then` is
    /// dropped.
    pub(crate) fn submit(
        &self,
        memory: &mut Memory<C>,
        group: Group,
        then: impl FnOnce(Result<(), WriteError>) + Send + 'static,
    ) -> Result<(), WriteError> {
        let shared = self.inner.memory.clone();
        let then: Then = Box::new(move |outcome| {
            let outcome = outcome.map_err(WriteError::Commit);
            if let Err(error) = &outcome {
                lock(&shared).failed.get_or_insert(error.clone());
            }
            then(outcome);
        });
        let pending = self.inner.logs.submit(group);
        match self.inner.waiter.wait_for(pending, then) {
            true => Ok(()),
            false => Err(memory.failed.insert(WriteError::Closed).clone()),
        }
    }

    /// Submits a group of operations; what is returned tells when it is durable.
    pub(crate) fn submit_and_tell(
        &self,
        memory: &mut Memory<C>,
        group: Group,
    ) -> Result<Outcome, WriteError> {
        let (done, outcome) = oneshot::channel();
        self.submit(memory, group, move |result| {
            // Nobody may be waiting.
            let _ = done.send(result);
        })?;
        Ok(outcome)
    }

    /// Has a new state and what is in the group committed at once. What is returned tells when it is durable.
    pub(crate) fn save_state(
        &self,
        doing: Doing,
        memory: &mut Memory<C>,
        state: GroupState<C::NodeId>,
        mut group: Group,
    ) -> Result<Outcome, StorageError<C::NodeId>> {
        let record = state.encode().map_err(|e| storage(doing, e))?;
        // The new record is the only one.
        group
            .append_record(self.inner.state_log, &record)
            .advance_head(self.inner.state_log, memory.state_tail);
        memory.state_tail += record.len() as u64 + RECORD_OVERHEAD;
        memory.state = state;
        self.submit_and_tell(memory, group)
            .map_err(|error| storage(doing, error))
    }

    /// Where entries go, if they can be appended.
    pub(crate) fn place(
        &self,
        memory: &Memory<C>,
        entries: impl IntoIterator<Item = C::Entry>,
    ) -> Result<Placed<C>, StorageError<C::NodeId>> {
        let refused = |error| storage(Doing::WritingLogs, error);
        let mut placed = Placed {
            group: Group::new(),
            entries: Vec::new(),
            tail: memory.entries_tail,
        };
        // Not the last purged one: openraft's own suite appends below what it has purged, and purges that too.
        let mut last = memory.entries.last_key_value().map(|(index, _)| *index);
        for entry in entries {
            let index = entry.get_log_id().index;
            if let Some(last) = last.filter(|last| index <= *last) {
                return Err(refused(WriteError::NotBehind { index, last }));
            }
            last = Some(index);
            let payload = encode_entry(&entry).map_err(|e| storage(Doing::WritingLogs, e))?;
            let log = self.inner.entries_log;
            placed.group.append_record(log, &payload);
            placed.entries.push((placed.tail, entry));
            placed.tail += payload.len() as u64 + RECORD_OVERHEAD;
        }
        let needed = placed.tail - memory.entries_tail;
        let free = memory.capacity - (memory.entries_tail - memory.entries_head);
        match needed > free {
            true => Err(refused(WriteError::Full { needed, free })),
            false => Ok(placed),
        }
    }

    /// The entry, from memory or from the log. `memory` is locked, so it is not purged meanwhile.
    pub(crate) fn read(
        &self,
        kept: &Kept<C::NodeId, C::Entry>,
    ) -> Result<C::Entry, StorageError<C::NodeId>> {
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

/// Entries that can be appended.
pub(crate) struct Placed<C: RaftTypeConfig> {
    /// What appends them.
    pub(crate) group: Group,
    /// With their positions.
    pub(crate) entries: Vec<(u64, C::Entry)>,
    /// The position behind them.
    pub(crate) tail: u64,
}

/// What becomes of a commit.
pub(crate) type Outcome = oneshot::Receiver<Result<(), WriteError>>;

/// Waits until a commit is durable.
pub(crate) async fn durable<N: NodeId>(
    doing: Doing,
    outcome: Outcome,
) -> Result<(), StorageError<N>> {
    outcome
        .await
        .unwrap_or(Err(WriteError::Closed))
        .map_err(|error| storage(doing, error))
}
