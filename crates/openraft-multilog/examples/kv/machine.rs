//! The state machine: in memory, with a snapshot in a file. A snapshot is durable before openraft may purge the entries
//! that it replaces.

// The error that openraft asks for is large.
#![allow(clippy::result_large_err)]

use crate::types::{Done, TypeConfig};
use openraft::storage::RaftStateMachine;
use openraft::{
    AnyError, BasicNode, Entry, EntryPayload, LogId, OptionalSend, RaftSnapshotBuilder, Snapshot,
    SnapshotMeta, StorageError, StorageIOError, StoredMembership,
};
use openraft_multilog::Snapshots;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Cursor, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Failure = StorageError<u64>;

/// What was applied, up to some entry.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Applied {
    last: Option<LogId<u64>>,
    membership: StoredMembership<u64, BasicNode>,
    values: BTreeMap<String, String>,
}

/// A handle on the state machine, to be cloned.
#[derive(Clone)]
pub struct Machine {
    file: Arc<PathBuf>,
    /// The index up to which the snapshot in the file goes. It is locked while one is written.
    saved: Arc<Mutex<Option<u64>>>,
    /// Whom to tell.
    snapshots: Snapshots,
    applied: Arc<Mutex<Applied>>,
}

impl Machine {
    /// Opens the state machine whose snapshot, if there is one, is in `dir`.
    pub fn open(dir: &Path) -> io::Result<Machine> {
        let file = dir.join("snapshot.json");
        let applied = match read(&file)? {
            Some(bytes) => serde_json::from_slice(&bytes)?,
            None => Applied::default(),
        };
        let saved = applied.last.map(|last| last.index);
        Ok(Machine {
            file: Arc::new(file),
            saved: Arc::new(Mutex::new(saved)),
            snapshots: Snapshots::new(saved),
            applied: Arc::new(Mutex::new(applied)),
        })
    }

    pub fn get(&self, key: &str) -> Option<String> {
        self.applied().values.get(key).cloned()
    }

    /// What log stores wait for before they purge.
    pub fn snapshots(&self) -> &Snapshots {
        &self.snapshots
    }

    fn applied(&self) -> MutexGuard<'_, Applied> {
        self.applied.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a snapshot durable in place of the one before. One that is built may be overtaken by one that comes from the
    /// leader, and must not replace it.
    fn write(&self, bytes: &[u8], last: Option<LogId<u64>>) -> Result<(), Failure> {
        let last = last.map(|last| last.index);
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        if last < *saved {
            return Ok(());
        }
        if let Err(error) = write(&self.file, bytes) {
            self.snapshots.failed();
            return Err(failure(StorageIOError::write_state_machine)(error));
        }
        *saved = last;
        if let Some(index) = last {
            self.snapshots.saved(index);
        }
        Ok(())
    }
}

/// Openraft's error for one of the file's.
fn failure<E: std::error::Error + 'static>(
    of: fn(AnyError) -> StorageIOError<u64>,
) -> impl Fn(E) -> Failure {
    move |error| of(AnyError::new(&error)).into()
}

fn read(file: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = file.with_extension("new");
    let mut written = File::create(&new)?;
    written.write_all(bytes)?;
    written.sync_all()?;
    fs::rename(&new, file)?;
    let dir = file.parent().unwrap_or(Path::new("."));
    File::open(dir)?.sync_all()
}

fn snapshot(bytes: Vec<u8>) -> Result<Snapshot<TypeConfig>, Failure> {
    let applied: Applied =
        serde_json::from_slice(&bytes).map_err(failure(StorageIOError::read_state_machine))?;
    let index = applied.last.map_or(0, |last| last.index);
    Ok(Snapshot {
        meta: SnapshotMeta {
            last_log_id: applied.last,
            last_membership: applied.membership,
            snapshot_id: format!("{index}-{}", bytes.len()),
        },
        snapshot: Box::new(Cursor::new(bytes)),
    })
}

impl RaftSnapshotBuilder<TypeConfig> for Machine {
    async fn build_snapshot(&mut self) -> Result<Snapshot<TypeConfig>, Failure> {
        let applied = self.applied().clone();
        let bytes =
            serde_json::to_vec(&applied).map_err(failure(StorageIOError::read_state_machine))?;
        self.write(&bytes, applied.last)?;
        snapshot(bytes)
    }
}

impl RaftStateMachine<TypeConfig> for Machine {
    type SnapshotBuilder = Machine;

    async fn applied_state(
        &mut self,
    ) -> Result<(Option<LogId<u64>>, StoredMembership<u64, BasicNode>), Failure> {
        let applied = self.applied();
        Ok((applied.last, applied.membership.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<Done>, Failure>
    where
        I: IntoIterator<Item = Entry<TypeConfig>> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut applied = self.applied();
        let apply = |entry: Entry<TypeConfig>| {
            applied.last = Some(entry.log_id);
            match entry.payload {
                EntryPayload::Blank => {}
                EntryPayload::Normal(set) => {
                    applied.values.insert(set.key, set.value);
                }
                EntryPayload::Membership(membership) => {
                    applied.membership = StoredMembership::new(Some(entry.log_id), membership);
                }
            }
            Done
        };
        Ok(entries.into_iter().map(apply).collect())
    }

    async fn get_snapshot_builder(&mut self) -> Machine {
        self.clone()
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<Cursor<Vec<u8>>>, Failure> {
        Ok(Box::default())
    }

    async fn install_snapshot(
        &mut self,
        _meta: &SnapshotMeta<u64, BasicNode>,
        snapshot: Box<Cursor<Vec<u8>>>,
    ) -> Result<(), Failure> {
        let bytes = snapshot.into_inner();
        let installed: Applied =
            serde_json::from_slice(&bytes).map_err(failure(StorageIOError::write_state_machine))?;
        self.write(&bytes, installed.last)?;
        *self.applied() = installed;
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<TypeConfig>>, Failure> {
        let bytes = read(&self.file).map_err(failure(StorageIOError::read_state_machine))?;
        bytes.map(snapshot).transpose()
    }
}
