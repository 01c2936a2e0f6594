//! What is true between an append and its flush: the flush is held for as long as a test looks.

mod common;

use common::types::TypeConfig;
use common::{created, entry, id, memory};
use multilog::shared::Shareable;
use multilog::{IoError, MemRegion, Region};
use openraft::storage::{RaftLogStorage, RaftLogStorageExt};
use openraft::RaftLogReader;
use openraft_multilog::{capacities, LogStore};
use std::future::Future;
use std::pin::{pin, Pin};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// Through which flushes go.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<Flushes>, Condvar)>);

#[derive(Default)]
struct Flushes {
    shut: bool,
    /// How many may pass although it is shut.
    allowed: u64,
    /// Whether one waits.
    held: bool,
    passed: u64,
}

impl Gate {
    fn change(&self, change: impl FnOnce(&mut Flushes)) {
        change(&mut self.0 .0.lock().unwrap());
        self.0 .1.notify_all();
    }

    fn wait_while(&self, condition: impl Fn(&Flushes) -> bool) {
        let flushes = self.0 .0.lock().unwrap();
        let waited = self
            .0
             .1
            .wait_timeout_while(flushes, PATIENCE, |f| condition(f));
        assert!(!waited.unwrap().1.timed_out(), "nothing happens");
    }

    /// Holds all flushes.
    fn shut(&self) {
        self.change(|flushes| (flushes.shut, flushes.allowed) = (true, 0));
    }

    /// Lets this many pass.
    fn allow(&self, count: u64) {
        self.change(|flushes| flushes.allowed += count);
    }

    fn open(&self) {
        self.change(|flushes| flushes.shut = false);
    }

    /// Waits until one is held that may not pass.
    fn wait_until_held(&self) {
        self.wait_while(|flushes| !flushes.held || flushes.allowed > 0);
    }

    fn passed(&self) -> u64 {
        self.0 .0.lock().unwrap().passed
    }

    fn pass(&self) {
        self.change(|flushes| flushes.held = true);
        self.wait_while(|flushes| flushes.shut && flushes.allowed == 0);
        self.change(|flushes| {
            flushes.held = false;
            flushes.allowed = flushes.allowed.saturating_sub(1);
            flushes.passed += 1;
        });
    }
}

/// Opens the gate in the end, whatever happens: stores that are dropped wait for their flushes.
struct OpenInTheEnd(Gate);

impl Drop for OpenInTheEnd {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// A device with a gate.
struct Gated {
    region: MemRegion,
    gate: Gate,
}

impl Region for Gated {
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
        self.gate.pass();
        self.region.flush()
    }
}

impl Shareable for Gated {}

fn stores(gate: &Gate, groups: usize) -> Vec<LogStore<TypeConfig, Gated>> {
    let device = |len| Gated {
        region: memory(len),
        gate: gate.clone(),
    };
    LogStore::open_all(created(device, &capacities(groups, 1000))).unwrap()
}

fn is_pending<F: Future>(future: &mut Pin<&mut F>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    future.as_mut().poll(&mut context).is_pending()
}

#[tokio::test]
async fn entries_are_readable_when_append_returns_and_acknowledged_when_they_are_durable() {
    let gate = Gate::default();
    let mut store = stores(&gate, 1).remove(0);
    let mut reader = store.get_log_reader().await;
    let _opened = OpenInTheEnd(gate.clone());
    let expected = [entry(0, 10), entry(1, 20)];
    gate.shut();
    let before = gate.passed();
    // It pends on the callback, when `append` has returned.
    let mut append = pin!(store.blocking_append(expected.clone()));
    assert!(is_pending(&mut append));
    gate.wait_until_held();
    assert_eq!(gate.passed(), before);
    let read = reader.try_get_log_entries(..).await.unwrap();
    assert_eq!(read, expected);
    let last = reader.get_log_state().await.unwrap().last_log_id;
    assert_eq!(last, Some(id(1)));
    assert!(is_pending(&mut append));
    // A commit is one flush.
    gate.allow(1);
    append.await.unwrap();
    assert_eq!(gate.passed() - before, 1);
    // And now from the medium.
    assert_eq!(reader.try_get_log_entries(..).await.unwrap(), expected);
}

#[tokio::test]
async fn groups_that_append_at_once_share_commits() {
    const GROUPS: usize = 8;
    let gate = Gate::default();
    let mut stores = stores(&gate, GROUPS);
    let _opened = OpenInTheEnd(gate.clone());
    gate.shut();
    let before = gate.passed();
    let mut appends: Vec<_> = stores
        .iter_mut()
        .map(|store| Box::pin(store.blocking_append([entry(0, 10)])))
        .collect();
    for append in &mut appends {
        assert!(is_pending(&mut append.as_mut()));
        // The first is being committed when the others come.
        gate.wait_until_held();
    }
    gate.open();
    for append in appends {
        append.await.unwrap();
    }
    // One commit for the first, and one for all others.
    assert_eq!(gate.passed() - before, 2);
    for store in &mut stores {
        let read = store.try_get_log_entries(..).await.unwrap();
        assert_eq!(read, [entry(0, 10)]);
    }
}
