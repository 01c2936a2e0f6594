//! The state machine: in memory, with a snapshot in a file. A snapshot is durable before openraft may purge the entries
//! that it replaces.

use crate::types::{Done, TypeConfig};
use openraft::storage::RaftStateMachine;
use openraft::{
    AnyError, BasicNode, Entry, EntryPayload, LogId, OptionalSend, RaftSnapshotBuilder, Snapshot,
    SnapshotMeta, StorageError, StorageIOError, StoredMembership,
};
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
        Ok(Machine {
            file: Arc::new(file),
            applied: Arc::new(Mutex::new(applied)),
        })
    }

    pub fn get(&self, key: &str) -> Option<String> {
        self.applied().values.get(key).cloned()
    }

    fn applied(&self) -> MutexGuard<'_, Applied> {
        self.applied.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a snapshot durable in place of the one before.
    fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        write(&self.file, bytes).map_err(failure(StorageIOError::write_state_machine))
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
        let bytes = serde_json::to_vec(&*self.applied())
            .map_err(failure(StorageIOError::read_state_machine))?;
        self.write(&bytes)?;
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
        let installed =
            serde_json::from_slice(&bytes).map_err(failure(StorageIOError::write_state_machine))?;
        self.write(&bytes)?;
        *self.applied() = installed;
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot<TypeConfig>>, Failure> {
        let bytes = read(&self.file).map_err(failure(StorageIOError::read_state_machine))?;
        bytes.map(snapshot).transpose()
    }
}
