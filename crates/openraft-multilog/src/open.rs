//! Opening the stores in a multilog.

use crate::error::OpenError;
use crate::format::{decode_entry, GroupState, STATE_CAPACITY};
use crate::memory::{Entries, Kept, StoredEntry};
use crate::store::LogStore;
use multilog::shared::Shareable;
use multilog::{MultiLog, Region, Shared};
use openraft::{LogId, RaftTypeConfig};

/// The capacities of the logs that so many Raft groups need, each with room for `entries` bytes of entries. An entry takes
/// 24 bytes more than it has as MessagePack.
pub fn capacities(groups: usize, entries: u64) -> Vec<u64> {
    [STATE_CAPACITY, entries].repeat(groups)
}

/// The log of a group's state, and that of its entries.
pub(crate) fn logs_of(group: u64) -> (u64, u64) {
    (2 * group, 2 * group + 1)
}

impl<C: RaftTypeConfig, R: Shareable + 'static> LogStore<C, R>
where
    C::Entry: StoredEntry,
{
    /// Opens the stores of all Raft groups in a multilog that was created with [`capacities`]; a new one has no
    /// entries.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_all(logs: MultiLog<R>) -> Result<Vec<LogStore<C, R>>, OpenError> {
        let count = logs.log_count();
        if !count.is_multiple_of(2) {
            return Err(OpenError::OddLogs { logs: count });
        }
        let found: Result<Vec<_>, OpenError> = (0..count / 2)
            .map(|group| {
                let (state_log, entries_log) = logs_of(group);
                let state = read_state::<C, R>(&logs, state_log)?;
                let purged = state.purged.as_ref().map(|id| id.index);
                let entries = read_entries::<C, R>(&logs, entries_log, purged)?;
                Ok((state, entries))
            })
            .collect();
        let found = found?;
        let shared = Shared::new(logs).map_err(OpenError::File)?;
        (0..)
            .zip(found)
            .map(|(group, (state, entries))| {
                LogStore::new(shared.clone(), group, state, entries).map_err(OpenError::Thread)
            })
            .collect()
    }
}

/// The last state that was saved.
fn read_state<C: RaftTypeConfig, R: Region>(
    logs: &MultiLog<R>,
    log: u64,
) -> Result<GroupState<C::NodeId>, OpenError> {
    let mut state = GroupState::default();
    for record in logs.records(log) {
        let record = record.map_err(|error| OpenError::Record { log, error })?;
        let position = record.position();
        state =
            GroupState::decode(&record).map_err(|why| OpenError::Foreign { log, position, why })?;
    }
    Ok(state)
}

/// Where the entries are. They are read once each, to see that they can be.
fn read_entries<C: RaftTypeConfig, R: Region>(
    logs: &MultiLog<R>,
    log: u64,
    purged: Option<u64>,
) -> Result<Entries<C>, OpenError>
where
    C::Entry: StoredEntry,
{
    let mut entries = Entries::<C>::new();
    let mut last = purged;
    for record in logs.records(log) {
        let record = record.map_err(|error| OpenError::Record { log, error })?;
        let position = record.position();
        let entry: C::Entry = decode_entry(&record).map_err(|error| OpenError::Foreign {
            log,
            position,
            why: error.to_string(),
        })?;
        let id: LogId<C::NodeId> = openraft::RaftLogId::get_log_id(&entry).clone();
        let found = id.index;
        if let Some(last) = last.filter(|last| found.checked_sub(1) != Some(*last)) {
            return Err(OpenError::Gap {
                log,
                expected: last.saturating_add(1),
                found,
            });
        }
        last = Some(found);
        entries.insert(found, Kept::durable(position, id));
    }
    Ok(entries)
}
