//! openraft's own suite for stores.

#![allow(dead_code)] // The state machine can do more than is asked of it here.

#[path = "../examples/kv/machine.rs"]
mod machine;
#[path = "../examples/kv/types.rs"]
mod types;

use machine::Machine;
use multilog::{FileOptions, FileRegion, MultiLog};
use openraft::testing::{StoreBuilder, Suite};
use openraft::StorageError;
use openraft_multilog::{capacities, LogStore};
use tempfile::TempDir;
use types::TypeConfig;

type Store = LogStore<TypeConfig, FileRegion>;

/// Builds stores in files of their own.
struct InFiles;

impl StoreBuilder<TypeConfig, Store, Machine, TempDir> for InFiles {
    async fn build(&self) -> Result<(TempDir, Store, Machine), StorageError<u64>> {
        let dir = tempfile::tempdir().unwrap();
        let capacities = capacities(1, 1 << 16);
        let len = multilog::required_len(&capacities).unwrap();
        let path = dir.path().join("log");
        let region = FileRegion::create(&path, len, &FileOptions::default()).unwrap();
        let logs = MultiLog::create(region, &capacities).unwrap();
        let store = Store::open_all(logs).unwrap().remove(0);
        let machine = Machine::open(dir.path()).unwrap();
        Ok((dir, store, machine))
    }
}

#[test]
fn openrafts_own_suite() {
    Suite::test_all(InFiles).unwrap();
}
