//! What goes wrong, and what is said then.

mod common;

use common::types::TypeConfig;
use common::{created, entry, id, logs_in, memory, open};
use multilog::shared::Shareable;
use multilog::{
    FileError, FileOptions, FileRegion, IoError, IoOperation, MemRegion, MultiLog, Region,
};
use openraft::storage::{RaftLogStorage, RaftLogStorageExt};
use openraft::{RaftLogReader, Vote};
use openraft_multilog::{capacities, LogStore, OpenError, Snapshots};
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{Context, Waker};

fn open_error<R: Shareable + 'static>(logs: MultiLog<R>) -> OpenError {
    match LogStore::<TypeConfig, _>::open_all(logs) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_full_log_says_so_and_a_purge_makes_room() {
    let mut store = open(created(memory, &capacities(1, 1000)));
    store
        .blocking_append([entry(0, 400), entry(1, 400)])
        .await
        .unwrap();
    let error = store.blocking_append([entry(2, 400)]).await.unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("the log is full: the entries need 4"),
        "{said}"
    );
    assert!(
        said.contains("a snapshot allows entries to be purged"),
        "{said}"
    );
    // Nothing was changed.
    assert_eq!(
        store.get_log_state().await.unwrap().last_log_id,
        Some(id(1))
    );
    store.purge(id(0)).await.unwrap();
    store.blocking_append([entry(2, 400)]).await.unwrap();
    let entries = store.try_get_log_entries(..).await.unwrap();
    assert_eq!(entries, [entry(1, 400), entry(2, 400)]);
}

#[tokio::test]
async fn an_entry_that_can_never_fit_is_refused() {
    let mut store = open(created(memory, &capacities(1, 100)));
    let error = store.blocking_append([entry(0, 200)]).await.unwrap_err();
    assert!(error.to_string().contains("and 100 are free"), "{error}");
    store.blocking_append([entry(0, 10)]).await.unwrap();
}

#[test]
fn logs_of_another_kind_are_refused() {
    let odd = created(memory, &[4096, 4096, 4096]);
    let error = open_error(odd);
    assert!(matches!(error, OpenError::OddLogs { logs: 3 }), "{error}");

    for log in [0, 1] {
        let mut logs = created(memory, &capacities(1, 1000));
        logs.stage_append_record(log, b"somebody else's").unwrap();
        logs.commit().unwrap();
        let error = open_error(logs).to_string();
        let start = format!("log {log}: the record at position 0 is not a Raft log store's");
        assert!(error.starts_with(&start), "{error}");
    }

    let mut bytes = created(memory, &capacities(1, 1000));
    bytes.stage_append(1, b"bytes, and no record").unwrap();
    bytes.commit().unwrap();
    let error = open_error(bytes);
    assert!(matches!(error, OpenError::Record { log: 1, .. }), "{error}");
}

/// Entries with these indexes, as somebody else might have left them behind a purge, are refused.
fn assert_gap(purged: Option<u64>, indexes: [u64; 2], expected: u64, found: u64) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let file = |len| FileRegion::create(&path, len, &FileOptions::default()).unwrap();
    let mut store = open(created(file, &capacities(1, 1000)));
    if let Some(purged) = purged {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(store.purge(id(purged))).unwrap();
    }
    drop(store);
    let mut logs = logs_in(&path);
    for index in indexes {
        let record = rmp_serde::to_vec(&entry(index, 5)).unwrap();
        logs.stage_append_record(1, &record).unwrap();
    }
    logs.commit().unwrap();
    let error = open_error(logs);
    let said =
        format!("log 1: the entry with index {expected} is missing; the next one has {found}");
    assert_eq!(error.to_string(), said);
    assert!(matches!(error, OpenError::Gap { log: 1, .. }), "{error:?}");
}

#[test]
fn a_gap_between_entries_is_reported() {
    assert_gap(None, [3, 5], 4, 5);
    assert_gap(None, [3, 3], 4, 3);
    assert_gap(None, [3, 0], 4, 0);
    assert_gap(None, [u64::MAX, 0], u64::MAX, 0);
    assert_gap(Some(5), [7, 8], 6, 7);
    assert_gap(Some(5), [5, 6], 6, 5);
    assert_gap(Some(5), [0, 1], 6, 0);
    assert_gap(Some(u64::MAX), [u64::MAX, 0], u64::MAX, u64::MAX);
}

#[tokio::test]
async fn a_damaged_entry_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let file = |len| FileRegion::create(&path, len, &FileOptions::default()).unwrap();
    let mut store = open(created(file, &capacities(1, 1000)));
    store
        .blocking_append([entry(0, 10), entry(1, 10)])
        .await
        .unwrap();
    // Not the last commit: that one would be taken for one that a crash interrupted.
    store.save_vote(&Vote::new(1, 1)).await.unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes
        .windows(10)
        .position(|bytes| bytes == b"vvvvvvvvvv")
        .unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    // While it is open, and when it is opened.
    let error = store.try_get_log_entries(0..1).await.unwrap_err();
    assert!(error.to_string().contains("position 0"), "{error}");
    assert_eq!(
        store.try_get_log_entries(1..2).await.unwrap(),
        [entry(1, 10)]
    );
    drop(store);
    let error = open_error(MultiLog::open(MemRegion::from_vec(bytes)).unwrap());
    assert!(error.to_string().contains("position 0"), "{error}");
}

#[test]
fn a_store_that_somebody_has_open_is_locked() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let file = |len| FileRegion::create(&path, len, &FileOptions::default()).unwrap();
    let store = open(created(file, &capacities(1, 1000)));
    let again = || FileRegion::open(&path, &FileOptions::default());
    assert!(matches!(again(), Err(FileError::Locked)));
    // Dropping the last handle gives the file back.
    drop(store);
    assert!(again().is_ok());
}

/// A device whose flushes can be made to fail.
struct Failing {
    region: MemRegion,
    fails: Arc<AtomicBool>,
}

impl Region for Failing {
    fn len(&self) -> u64 {
        self.region.len()
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        self.region.read(addr, buf)
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        self.region.write(addr, bytes)
    }

    fn flush(&mut self) -> Result<(), IoError> {
        match self.fails.load(Ordering::SeqCst) {
            true => Err(IoError {
                operation: IoOperation::Flush,
                errno: 5,
            }),
            false => self.region.flush(),
        }
    }
}

impl Shareable for Failing {}

#[tokio::test]
async fn a_failing_disk_stops_all_groups() {
    let fails = Arc::new(AtomicBool::new(false));
    let device = |len| Failing {
        region: memory(len),
        fails: fails.clone(),
    };
    let logs = created(device, &capacities(2, 1000));
    let mut stores = LogStore::<TypeConfig, _>::open_all(logs).unwrap();
    stores[0].save_vote(&Vote::new(1, 1)).await.unwrap();
    fails.store(true, Ordering::SeqCst);
    let error = stores[0].blocking_append([entry(0, 10)]).await.unwrap_err();
    assert!(error.to_string().contains("Input/output error"), "{error}");
    // A later sync that says Ok would not mean that the one before has worked.
    fails.store(false, Ordering::SeqCst);
    for store in &mut stores {
        let error = store.save_vote(&Vote::new(2, 1)).await.unwrap_err();
        assert!(error.to_string().contains("Input/output error"), "{error}");
    }
    assert!(stores[0].truncate(id(0)).await.is_err());
    assert!(stores[0].purge(id(0)).await.is_err());
    assert!(stores[1].blocking_append([entry(0, 10)]).await.is_err());
}

#[tokio::test]
async fn entries_are_readable_when_append_returns_and_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let file = |len| FileRegion::create(&path, len, &FileOptions::default()).unwrap();
    let mut store = open(created(file, &capacities(1, 10_000)));
    let expected: Vec<_> = (0..20).map(|index| entry(index, index as usize)).collect();
    for entries in expected.chunks(3) {
        store.blocking_append(entries.to_vec()).await.unwrap();
        let last = entries.last().unwrap().log_id.index;
        let read = store.get_log_reader().await.try_get_log_entries(..).await;
        assert_eq!(read.unwrap(), expected[..=last as usize]);
    }
    store.save_committed(Some(id(7))).await.unwrap();
    drop(store);
    let mut store = open(logs_in(&path));
    assert_eq!(
        store.try_get_log_entries(5..9).await.unwrap(),
        expected[5..9]
    );
    assert_eq!(store.read_committed().await.unwrap(), Some(id(7)));
}

#[tokio::test]
async fn a_purge_waits_for_the_snapshot() {
    let mut store = open(created(memory, &capacities(1, 1000)));
    let snapshots = Snapshots::new(Some(0));
    store.purge_behind(&snapshots);
    store
        .blocking_append([entry(0, 10), entry(1, 10), entry(2, 10)])
        .await
        .unwrap();
    store.purge(id(0)).await.unwrap();
    let mut reader = store.clone();
    {
        let mut purge = std::pin::pin!(store.purge(id(1)));
        let mut context = Context::from_waker(Waker::noop());
        assert!(purge.as_mut().poll(&mut context).is_pending());
        assert_eq!(reader.try_get_log_entries(..).await.unwrap().len(), 2);
        snapshots.saved(1);
        purge.await.unwrap();
    }
    assert_eq!(
        reader.try_get_log_entries(..).await.unwrap(),
        [entry(2, 10)]
    );
    snapshots.failed();
    let error = store.purge(id(2)).await.unwrap_err().to_string();
    assert!(error.contains("could not be made durable"), "{error}");
    assert_eq!(
        reader.try_get_log_entries(..).await.unwrap(),
        [entry(2, 10)]
    );
}

#[tokio::test]
async fn votes_do_not_fill_the_log() {
    let mut store = open(created(memory, &capacities(1, 1000)));
    for term in 1..500 {
        store.save_vote(&Vote::new(term, 1)).await.unwrap();
    }
    assert_eq!(store.read_vote().await.unwrap(), Some(Vote::new(499, 1)));
}
