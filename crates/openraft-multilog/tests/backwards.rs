//! What would take back what was acknowledged: none of it is done.

mod common;

use common::types::TypeConfig;
use common::{created, entry, id, logs_in, open, Store};
use multilog::{FileOptions, FileRegion};
use openraft::storage::{RaftLogStorage, RaftLogStorageExt};
use openraft::{Entry, LogId, RaftLogReader, Vote};
use openraft_multilog::capacities;
use tempfile::TempDir;

/// A store in a file that can be opened again.
struct Kept {
    dir: TempDir,
    store: Store<FileRegion>,
}

impl Kept {
    fn new() -> Kept {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let file = |len| FileRegion::create(&path, len, &FileOptions::default()).unwrap();
        let store = open(created(file, &capacities(1, 10_000)));
        Kept { dir, store }
    }

    fn reopen(self) -> Kept {
        let Kept { dir, store } = self;
        drop(store);
        let store = open(logs_in(&dir.path().join("log")));
        Kept { dir, store }
    }

    async fn append(&mut self, indexes: impl IntoIterator<Item = u64>) {
        let entries: Vec<_> = indexes.into_iter().map(|index| entry(index, 10)).collect();
        self.store.blocking_append(entries).await.unwrap();
    }

    /// What is purged, what is last, and the entries.
    async fn state(
        &mut self,
    ) -> (
        Option<LogId<u64>>,
        Option<LogId<u64>>,
        Vec<Entry<TypeConfig>>,
    ) {
        let state = self.store.get_log_state().await.unwrap();
        let entries = self.store.try_get_log_entries(..).await.unwrap();
        (state.last_purged_log_id, state.last_log_id, entries)
    }
}

#[tokio::test]
async fn a_vote_is_not_taken_back() {
    let mut kept = Kept::new();
    let saved = Vote::new_committed(5, 2);
    for vote in [Vote::new(4, 9), Vote::new(5, 2), saved, saved] {
        kept.store.save_vote(&vote).await.unwrap();
    }
    let older = [
        Vote::new(5, 2), // not committed
        Vote::new_committed(5, 1),
        Vote::new_committed(4, 9),
        Vote::default(),
    ];
    for _ in 0..2 {
        for vote in older {
            let error = kept.store.save_vote(&vote).await.unwrap_err().to_string();
            let said = format!("the vote {vote} is not saved: the saved one, {saved}, is not less");
            assert!(error.contains(&said), "{error}");
            assert_eq!(kept.store.read_vote().await.unwrap(), Some(saved));
        }
        kept = kept.reopen();
    }
    // And greater ones still are.
    kept.store.save_vote(&Vote::new(6, 1)).await.unwrap();
    kept = kept.reopen();
    assert_eq!(kept.store.read_vote().await.unwrap(), Some(Vote::new(6, 1)));
}

#[tokio::test]
async fn a_purge_is_not_taken_back() {
    let mut kept = Kept::new();
    kept.append(0..6).await;
    kept.store.purge(id(3)).await.unwrap();
    for less in [2, 0, 3] {
        kept.store.purge(id(less)).await.unwrap();
        let expected = (Some(id(3)), Some(id(5)), vec![entry(4, 10), entry(5, 10)]);
        assert_eq!(kept.state().await, expected);
        kept = kept.reopen();
        assert_eq!(kept.state().await, expected);
    }
    // As when a snapshot has come from the leader: behind all entries.
    kept.store.purge(id(9)).await.unwrap();
    kept.store.purge(id(8)).await.unwrap();
    kept = kept.reopen();
    assert_eq!(kept.state().await, (Some(id(9)), Some(id(9)), vec![]));
    kept.append([10]).await;
    kept = kept.reopen();
    assert_eq!(kept.state().await.2, [entry(10, 10)]);
}

#[tokio::test]
async fn entries_are_not_replaced_unless_they_are_truncated() {
    let mut kept = Kept::new();
    kept.append(0..4).await;
    kept.store.purge(id(1)).await.unwrap();
    for indexes in [&[3][..], &[2, 3], &[0], &[4, 4], &[4, 6, 5]] {
        let entries: Vec<_> = indexes.iter().map(|index| entry(*index, 20)).collect();
        let error = kept.store.blocking_append(entries).await.unwrap_err();
        assert!(error.to_string().contains("and indexes grow"), "{error}");
        let expected = (Some(id(1)), Some(id(3)), vec![entry(2, 10), entry(3, 10)]);
        assert_eq!(kept.state().await, expected);
        kept = kept.reopen();
        assert_eq!(kept.state().await, expected);
    }
    kept.store.truncate(id(2)).await.unwrap();
    kept.append([2, 3]).await;
}

#[tokio::test]
async fn the_greatest_index_is_an_index() {
    let mut kept = Kept::new();
    kept.append([u64::MAX - 1, u64::MAX]).await;
    kept = kept.reopen();
    kept.store.purge(id(u64::MAX - 1)).await.unwrap();
    kept = kept.reopen();
    assert_eq!(kept.state().await.2, [entry(u64::MAX, 10)]);
    kept.store.purge(id(u64::MAX)).await.unwrap();
    kept = kept.reopen();
    let last = Some(id(u64::MAX));
    assert_eq!(kept.state().await, (last, last, vec![]));
}
