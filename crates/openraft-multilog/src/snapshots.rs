//! Which snapshots are durable: entries that only an older one replaces must not be purged.

use crate::error::WriteError;
use std::sync::Arc;
use tokio::sync::watch;

/// Where the state machine says up to which entry its snapshot is durable, and [`LogStore::purge_behind`] makes a log
/// store wait for it. It is a handle, to be cloned.
///
/// When a node gets a snapshot from the leader, openraft 0.9 has the state machine install it and, without waiting for
/// that, has the log store purge what it covers. A crash in between would leave a node with neither the entries nor the
/// snapshot, which openraft then refuses to start.
///
/// [`LogStore::purge_behind`]: crate::LogStore::purge_behind
#[derive(Debug, Clone)]
pub struct Snapshots(Arc<watch::Sender<Saved>>);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Saved {
    /// The index of the last entry that the snapshot covers.
    upto: Option<u64>,
    failed: bool,
}

impl Snapshots {
    /// That of a state machine whose durable snapshot covers the entries up to this index, or which has none.
    pub fn new(upto: Option<u64>) -> Snapshots {
        let failed = false;
        let (sender, _) = watch::channel(Saved { upto, failed });
        Snapshots(Arc::new(sender))
    }

    /// Says that a snapshot is durable that covers the entries up to this index.
    pub fn saved(&self, index: u64) {
        self.0
            .send_modify(|saved| saved.upto = saved.upto.max(Some(index)));
    }

    /// Says that a snapshot could not be made durable: whoever waits for it gets an error.
    pub fn failed(&self) {
        self.0.send_modify(|saved| saved.failed = true);
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Saved> {
        self.0.subscribe()
    }
}

/// Waits until the snapshot covers the entry with this index.
pub(crate) async fn wait_for(
    snapshots: &mut watch::Receiver<Saved>,
    index: u64,
) -> Result<(), WriteError> {
    let is_known = |saved: &Saved| saved.failed || saved.upto >= Some(index);
    match snapshots.wait_for(is_known).await {
        Ok(saved) if !saved.failed => Ok(()),
        _ => Err(WriteError::NoSnapshot { index }),
    }
}
