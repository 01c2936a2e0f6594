//! What openraft asks of a log store.

use crate::error::{storage, Doing, WriteError};
use crate::memory::{lock, Kept, StoredEntry};
use crate::snapshots;
use crate::store::{durable, LogStore};
use multilog::shared::{Group, Shareable};
use openraft::storage::{LogFlushed, RaftLogStorage};
use openraft::{
    LogId, LogState, OptionalSend, RaftLogId, RaftLogReader, RaftTypeConfig, StorageError, Vote,
};
use std::cmp::Ordering;
use std::fmt::Debug;
use std::io;
use std::ops::RangeBounds;

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
        Ok(LogState {
            last_log_id: memory.last().cloned(),
            last_purged_log_id: memory.state.purged.clone(),
        })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    /// Whoever saves a vote that is not greater has forgotten one that was promised, so it is refused.
    async fn save_vote(&mut self, vote: &Vote<C::NodeId>) -> Result<(), StorageError<C::NodeId>> {
        let outcome = {
            let mut memory = self.begin(Doing::WritingVote)?;
            let mut state = memory.state.clone();
            if let Some(saved) = state.vote.replace(vote.clone()) {
                if vote.partial_cmp(&saved).is_none_or(Ordering::is_lt) {
                    let (asked, saved) = (vote.to_string(), saved.to_string());
                    let error = WriteError::OldVote { asked, saved };
                    return Err(storage(Doing::WritingVote, error));
                }
            }
            self.save_state(Doing::WritingVote, &mut memory, state, Group::new())?
        };
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
        let mut memory = self.begin(Doing::WritingLogs)?;
        let mut state = memory.state.clone();
        state.committed = committed;
        self.save_state(Doing::WritingLogs, &mut memory, state, Group::new())
            .map(drop)
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
        let mut memory = self.begin(Doing::WritingLogs)?;
        let placed = self.place(&memory, entries)?;
        memory.entries_tail = placed.tail;
        memory.appends += 1;
        let append = memory.appends;
        let mut indexes = Vec::with_capacity(placed.entries.len());
        for (position, entry) in placed.entries {
            let id = entry.get_log_id().clone();
            indexes.push(id.index);
            let in_flight = Some((append, entry));
            let kept = Kept {
                position,
                id: id.clone(),
                in_flight,
            };
            memory.entries.insert(id.index, kept);
        }
        let shared = self.inner.memory.clone();
        let callback = Callback(Some(callback));
        let then = move |outcome: Result<(), WriteError>| {
            if outcome.is_ok() {
                lock(&shared).landed(append, indexes);
            }
            callback.tell(outcome);
        };
        self.submit(&mut memory, placed.group, then)
            .map_err(|error| storage(Doing::WritingLogs, error))
    }

    async fn truncate(&mut self, log_id: LogId<C::NodeId>) -> Result<(), StorageError<C::NodeId>> {
        let outcome = {
            let mut memory = self.begin(Doing::WritingLogs)?;
            let dropped = memory.entries.split_off(&log_id.index);
            let Some((_, first)) = dropped.first_key_value() else {
                return Ok(());
            };
            let mut group = Group::new();
            group.truncate(self.inner.entries_log, first.position);
            memory.entries_tail = first.position;
            self.submit_and_tell(&mut memory, group)
                .map_err(|error| storage(Doing::WritingLogs, error))?
        };
        durable(Doing::WritingLogs, outcome).await
    }

    async fn purge(&mut self, log_id: LogId<C::NodeId>) -> Result<(), StorageError<C::NodeId>> {
        if let Some(snapshots) = &mut self.snapshots {
            let waited = snapshots::wait_for(snapshots, log_id.index).await;
            waited.map_err(|error| storage(Doing::WritingLogs, error))?;
        }
        let outcome = {
            let mut memory = self.begin(Doing::WritingLogs)?;
            let index = log_id.index;
            let mut state = memory.state.clone();
            // What was purged remains so: the entries up to there are not in the log.
            state.purged = state.purged.filter(|before| before.index >= index);
            state.purged.get_or_insert(log_id);
            memory.drop_upto(index);
            let mut group = Group::new();
            group.advance_head(self.inner.entries_log, memory.entries_head);
            self.save_state(Doing::WritingLogs, &mut memory, state, group)?
        };
        durable(Doing::WritingLogs, outcome).await
    }
}

/// Tells openraft what becomes of an append. If it is dropped before that is known, it says so.
struct Callback<C: RaftTypeConfig>(Option<LogFlushed<C>>);

impl<C: RaftTypeConfig> Callback<C> {
    fn tell(mut self, outcome: Result<(), WriteError>) {
        if let Some(callback) = self.0.take() {
            callback.log_io_completed(outcome.map_err(io::Error::other));
        }
    }
}

impl<C: RaftTypeConfig> Drop for Callback<C> {
    fn drop(&mut self) {
        if let Some(callback) = self.0.take() {
            callback.log_io_completed(Err(io::Error::other(WriteError::Closed)));
        }
    }
}
