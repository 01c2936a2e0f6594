//! A node: the Raft node, its log and state machine.

use crate::machine::Machine;
use crate::network::Network;
use crate::routes::{routes, Node};
use crate::types::TypeConfig;
use crate::Failure;
use clap::Args;
use multilog::{AnyRegion, FileError, FileOptions, MultiLog};
use openraft::{Config, Raft, SnapshotPolicy};
use openraft_multilog::{capacities, LogStore};
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

/// After how many entries a snapshot is made.
const SNAPSHOT_AFTER: u64 = 500;

/// How many entries are kept that a snapshot covers, for nodes that are a little behind.
const KEPT: u64 = 100;

/// How many entries the log may have for a leader to take another one. It has more than there are between two snapshots while
/// one is made, or while no other node is there to acknowledge them.
pub const MOST: u64 = 1000;

/// Room for entries, in bytes: for 1900 of the longest, so that those that were let in at the same moment go in as well.
const ENTRIES: u64 = 32 << 20;

/// What a node needs to know.
#[derive(Args)]
pub struct Options {
    /// The node's number in the cluster.
    #[arg(long)]
    id: u64,
    /// The directory of its log and its snapshot, which is created if it is not there.
    #[arg(long)]
    dir: PathBuf,
    /// The address where it is reached: host and port.
    #[arg(long)]
    listen: String,
}

pub async fn run(options: Options) -> Result<(), Failure> {
    fs::create_dir_all(&options.dir)?;
    let logs = open_logs(&options)?;
    let mut store = LogStore::<TypeConfig, _>::open_all(logs)?.remove(0);
    let machine = Machine::open(&options.dir)?;
    store.purge_behind(machine.snapshots());
    let config = Config {
        cluster_name: "kv".to_string(),
        // Within the first, entries must be answered.
        heartbeat_interval: 200,
        election_timeout_min: 600,
        election_timeout_max: 1200,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(SNAPSHOT_AFTER),
        max_in_snapshot_log_to_keep: KEPT,
        // axum takes two mebibytes. As JSON a byte of an entry takes six at most, and one of a snapshot four.
        max_payload_entries: 8,
        snapshot_max_chunk_size: 400_000,
        // The last part is answered when the snapshot is durable.
        install_snapshot_timeout: 10_000,
        ..Config::default()
    };
    let config = Arc::new(config.validate()?);
    let network = Network::default();
    let raft = Raft::new(options.id, config, network, store, machine.clone()).await?;
    let node = Node {
        id: options.id,
        address: options.listen.clone(),
        raft,
        machine,
    };
    let listener = TcpListener::bind(&options.listen)
        .await
        .map_err(|error| format!("{}: {error}", options.listen))?;
    let stopped = stopped(node.raft.clone());
    tokio::select! {
        served = axum::serve(listener, routes(node)) => Ok(served?),
        error = stopped => Err(error),
    }
}

/// Waits until the Raft node has stopped, and says why. Nothing can be done then but to end: a new process opens the log
/// anew, and goes on if it can.
async fn stopped(raft: Raft<TypeConfig>) -> Failure {
    let mut metrics = raft.metrics();
    let stopped = metrics.wait_for(|metrics| metrics.running_state.is_err());
    let why = match stopped.await {
        Ok(metrics) => metrics
            .running_state
            .as_ref()
            .err()
            .map(ToString::to_string),
        Err(_) => None,
    };
    let why = why.unwrap_or_else(|| "it has ended".to_string());
    format!("the Raft node has stopped: {why}").into()
}

/// Opens the log, or creates it: under another name, which it loses when it is whole, so that what has the right one is never
/// half a log, and is never replaced.
fn open_logs(options: &Options) -> Result<MultiLog<AnyRegion>, Failure> {
    let path = options.dir.join("raft.log");
    let about = |error: &dyn std::error::Error| -> Failure {
        format!("{}: {error}", path.display()).into()
    };
    let file_options = FileOptions::default();
    match AnyRegion::open(&path, &file_options) {
        Ok(region) => return MultiLog::open(region).map_err(|error| about(&error)),
        Err(FileError::NotFound) => {}
        Err(error) => return Err(about(&error)),
    }
    let new = options.dir.join("raft.log.new");
    if fs::exists(&new)? {
        fs::remove_file(&new)?;
    }
    let capacities = capacities(1, ENTRIES);
    let len = multilog::required_len(&capacities).ok_or("too many entries")?;
    let region = AnyRegion::create(&new, len, &file_options, &mut |_| ()).map_err(|e| about(&e))?;
    let logs = MultiLog::create(region, &capacities).map_err(|error| about(&error))?;
    fs::rename(&new, &path)?;
    File::open(&options.dir)?.sync_all()?;
    Ok(logs)
}
