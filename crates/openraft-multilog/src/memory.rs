//! What a store knows of its group: what the logs will be when all that was submitted is durable.

use crate::error::WriteError;
use crate::format::GroupState;
use openraft::{LogId, NodeId, RaftTypeConfig};
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An entry that can be stored. All that serde can do are.
pub trait StoredEntry: Serialize + DeserializeOwned + Clone {}

impl<E: Serialize + DeserializeOwned + Clone> StoredEntry for E {}

/// The entries of a group, by index.
pub(crate) type Entries<C> =
    BTreeMap<u64, Kept<<C as RaftTypeConfig>::NodeId, <C as RaftTypeConfig>::Entry>>;

/// What is in memory of an entry.
pub(crate) struct Kept<N: NodeId, E> {
    pub(crate) position: u64,
    pub(crate) id: LogId<N>,
    /// The entry itself, with the number of the append that brought it, until it is durable.
    pub(crate) in_flight: Option<(u64, E)>,
}

impl<N: NodeId, E> Kept<N, E> {
    /// An entry that was found at `position`.
    pub(crate) fn durable(position: u64, id: LogId<N>) -> Self {
        Kept {
            position,
            id,
            in_flight: None,
        }
    }
}

/// What the logs will be when all that was submitted is durable.
pub(crate) struct Memory<C: RaftTypeConfig> {
    pub(crate) state: GroupState<C::NodeId>,
    pub(crate) entries: Entries<C>,
    /// Where the next state record goes.
    pub(crate) state_tail: u64,
    /// Where the first entry is, and where the next one goes.
    pub(crate) entries_head: u64,
    pub(crate) entries_tail: u64,
    pub(crate) capacity: u64,
    pub(crate) appends: u64,
    /// Why nothing can be written any more.
    pub(crate) failed: Option<WriteError>,
}

impl<C: RaftTypeConfig> Memory<C> {
    /// The id of the last entry, or of the last purged one if there are none.
    pub(crate) fn last(&self) -> Option<&LogId<C::NodeId>> {
        let last = self.entries.last_key_value().map(|(_, kept)| &kept.id);
        last.or(self.state.purged.as_ref())
    }

    /// Drops the entries up to an index.
    pub(crate) fn drop_upto(&mut self, index: u64) {
        while let Some(first) = self.entries.first_entry() {
            if *first.key() > index {
                self.entries_head = first.get().position;
                return;
            }
            first.remove();
        }
        self.entries_head = self.entries_tail;
    }

    /// Forgets the entries that an append has brought, which are durable: they can be read from the log.
    pub(crate) fn landed(&mut self, append: u64, indexes: impl IntoIterator<Item = u64>) {
        for index in indexes {
            if let Some(kept) = self.entries.get_mut(&index) {
                // Unless another entry has taken the index meanwhile.
                kept.in_flight.take_if(|(number, _)| *number == append);
            }
        }
    }
}

/// A panic while it is locked would be one of the application's, in what an entry implements of serde, Clone or Drop:
/// nothing is half done then.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
