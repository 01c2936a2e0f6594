//! A Raft node whose log is full: what openraft does then, and how room is made.

mod common;
#[path = "../examples/kv/machine.rs"]
mod machine;
#[path = "../examples/kv/network.rs"]
mod network;

use common::{created, logs_in, open, types};
use machine::Machine;
use multilog::{FileOptions, FileRegion};
use network::Network;
use openraft::{BasicNode, Config, Raft, ServerState, SnapshotPolicy};
use openraft_multilog::capacities;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use types::{Set, TypeConfig};

const PATIENCE: Option<Duration> = Some(Duration::from_secs(60));

/// A cluster of one node, in a directory.
struct Node {
    raft: Raft<TypeConfig>,
    machine: Machine,
}

impl Node {
    async fn start(dir: &Path) -> Node {
        let path = dir.join("raft.log");
        let file = |len| FileRegion::create(&path, len, &FileOptions::default()).unwrap();
        let logs = match path.exists() {
            true => logs_in(&path),
            false => created(file, &capacities(1, 4000)),
        };
        let mut store = open(logs);
        let machine = Machine::open(dir).unwrap();
        store.purge_behind(machine.snapshots());
        let config = Config {
            snapshot_policy: SnapshotPolicy::Never,
            max_in_snapshot_log_to_keep: 0,
            ..Config::default()
        };
        let config = Arc::new(config.validate().unwrap());
        let raft = Raft::new(1, config, Network::default(), store, machine.clone());
        let raft = raft.await.unwrap();
        if !raft.is_initialized().await.unwrap() {
            let members = BTreeMap::from([(1, BasicNode::default())]);
            raft.initialize(members).await.unwrap();
        }
        let wait = raft.wait(PATIENCE);
        let leads = wait.state(ServerState::Leader, "it leads");
        leads.await.unwrap();
        Node { raft, machine }
    }

    /// Sets the key of this number.
    async fn write(&self, number: usize) -> Result<(), String> {
        let set = Set {
            key: number.to_string(),
            value: "v".repeat(500),
        };
        match self.raft.client_write(set).await {
            Ok(_) => Ok(()),
            Err(error) => {
                // It is the node that has stopped, not this write that was refused.
                let fatal = error.fatal().expect("the node has stopped");
                Err(fatal.to_string())
            }
        }
    }

    /// Whether the keys below this number are set, and the others not.
    fn has(&self, written: usize) -> bool {
        (0..2 * written).all(|n| self.machine.get(&n.to_string()).is_some() == (n < written))
    }

    /// Stops it, and waits until it has given its file back.
    async fn stop(self) {
        let _ = self.raft.shutdown().await;
        drop(self);
    }
}

/// Writes until the log is full; returns how many writes there are then, and what the node says.
async fn fill(node: &Node, mut written: usize) -> (usize, String) {
    loop {
        match node.write(written).await {
            Ok(()) => written += 1,
            Err(error) => return (written, error),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_log_stops_a_node_and_a_snapshot_makes_room() {
    let dir = tempfile::tempdir().unwrap();
    let node = Node::start(dir.path()).await;
    let (written, error) = fill(&node, 0).await;
    assert_eq!(written, 7);
    assert!(
        error.contains("the log is full: the entries need 5"),
        "{error}"
    );
    assert!(error.contains("bytes, and "), "{error}");
    assert!(
        error.contains("a snapshot allows entries to be purged"),
        "{error}"
    );
    let state = node.raft.metrics().borrow().running_state.clone();
    assert_eq!(state.unwrap_err().to_string(), error);
    assert_eq!(node.write(written).await, Err(error));
    node.stop().await;

    // All that was acknowledged is there, and no more; and still there is no room.
    let node = Node::start(dir.path()).await;
    assert!(node.has(written));
    let (again, error) = fill(&node, written).await;
    assert_eq!(again, written);
    assert!(error.contains("the log is full"), "{error}");
    node.stop().await;

    // A snapshot needs no room in the log, nor does the purge that it allows.
    let node = Node::start(dir.path()).await;
    node.raft.trigger().snapshot().await.unwrap();
    let purged = |metrics: &openraft::RaftMetrics<u64, BasicNode>| {
        metrics.purged.is_some() && metrics.purged == metrics.last_applied
    };
    let wait = node.raft.wait(PATIENCE);
    wait.metrics(purged, "it has purged").await.unwrap();
    let (more, error) = fill(&node, written).await;
    assert!(more >= 2 * written, "{more}");
    assert!(error.contains("the log is full"), "{error}");
    node.stop().await;
    assert!(Node::start(dir.path()).await.has(more));
}
