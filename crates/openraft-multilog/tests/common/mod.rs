//! What tests of stores need.

#![allow(dead_code)] // Not every test needs all of it.

#[path = "../../examples/kv/types.rs"]
pub mod types;

use multilog::shared::Shareable;
use multilog::{FileOptions, FileRegion, MemRegion, MultiLog, Region};
use openraft::{CommittedLeaderId, Entry, EntryPayload, LogId};
use openraft_multilog::LogStore;
use std::path::Path;
use types::{Set, TypeConfig};

pub type Store<R> = LogStore<TypeConfig, R>;

pub fn created<R: Region>(make: impl FnOnce(u64) -> R, capacities: &[u64]) -> MultiLog<R> {
    let len = multilog::required_len(capacities).unwrap();
    MultiLog::create(make(len), capacities).unwrap()
}

pub fn memory(len: u64) -> MemRegion {
    MemRegion::new(len as usize)
}

/// The only store in logs.
pub fn open<R: Shareable + 'static>(logs: MultiLog<R>) -> Store<R> {
    LogStore::open_all(logs).unwrap().remove(0)
}

/// The logs in a file.
pub fn logs_in(path: &Path) -> MultiLog<FileRegion> {
    let region = FileRegion::open(path, &FileOptions::default()).unwrap();
    MultiLog::open(region).unwrap()
}

pub fn id(index: u64) -> LogId<u64> {
    LogId::new(CommittedLeaderId::new(1, 1), index)
}

pub fn entry(index: u64, len: usize) -> Entry<TypeConfig> {
    let (key, value) = (index.to_string(), "v".repeat(len));
    Entry {
        log_id: id(index),
        payload: EntryPayload::Normal(Set { key, value }),
    }
}
