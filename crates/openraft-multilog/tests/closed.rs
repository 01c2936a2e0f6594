//! A store whose thread has ended: it panicked in what an application's entries do when they are dropped.

mod common;

use common::{created, id, memory};
use openraft::storage::{RaftLogStorage, RaftLogStorageExt};
use openraft::{Entry, EntryPayload, Vote};
use openraft_multilog::{capacities, LogStore};
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::io::Cursor;
use std::thread;

openraft::declare_raft_types!(TypeConfig: D = Glass, R = ());

/// It breaks when it is dropped by the store's thread.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Glass;

impl Drop for Glass {
    fn drop(&mut self) {
        let thread = thread::current();
        if thread
            .name()
            .is_some_and(|name| name.starts_with("raft-log"))
        {
            panic!("glass breaks");
        }
    }
}

fn glass(index: u64) -> Entry<TypeConfig> {
    Entry {
        log_id: id(index),
        payload: EntryPayload::Normal(Glass),
    }
}

#[track_caller]
fn assert_closed(outcome: Result<(), impl Display>) {
    let error = outcome.expect_err("it was done").to_string();
    assert!(error.contains("the log store is closed"), "{error}");
}

#[tokio::test]
async fn a_store_whose_thread_has_ended_is_closed() {
    let logs = created(memory, &capacities(1, 1000));
    let mut store = LogStore::<TypeConfig, _>::open_all(logs).unwrap().remove(0);
    store.save_vote(&Vote::new(1, 1)).await.unwrap();
    // They are durable when the thread drops them. Who waits is told, and does not wait for ever.
    assert_closed(store.blocking_append([glass(0), glass(1)]).await);
    for term in 2..4 {
        assert_closed(store.save_vote(&Vote::new(term, 1)).await);
        assert_closed(store.save_committed(Some(id(0))).await);
        assert_closed(store.blocking_append([glass(2)]).await);
        assert_closed(store.truncate(id(1)).await);
        assert_closed(store.purge(id(0)).await);
    }
}
