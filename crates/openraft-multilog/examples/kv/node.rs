//! A node: the Raft node, its log and state machine, and what can be asked of it.

use crate::machine::Machine;
use crate::network::Network;
use crate::types::{Set, TypeConfig};
use crate::Failure;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Args;
use multilog::{AnyRegion, FileError, FileOptions, MultiLog};
use openraft::error::{
    CheckIsLeaderError, ClientWriteError, ForwardToLeader, InitializeError, RaftError,
};
use openraft::raft::{AppendEntriesRequest, InstallSnapshotRequest, VoteRequest};
use openraft::{BasicNode, Config, Raft, SnapshotPolicy};
use openraft_multilog::{capacities, LogStore};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Room for entries, in bytes: some thousands of them, of which snapshots keep some hundred.
const ENTRIES: u64 = 1 << 20;

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

#[derive(Clone)]
struct Node {
    id: u64,
    address: String,
    raft: Raft<TypeConfig>,
    machine: Machine,
}

/// Where the leader is, for those who asked another node.
#[derive(Debug, Serialize, Deserialize)]
pub struct Elsewhere {
    pub leader: Option<String>,
    pub why: String,
}

type Answer<T> = Result<Json<T>, (StatusCode, Json<Elsewhere>)>;

pub async fn run(options: Options) -> Result<(), Failure> {
    fs::create_dir_all(&options.dir)?;
    let logs = open_logs(&options)?;
    let mut store = LogStore::<TypeConfig, _>::open_all(logs)?.remove(0);
    let machine = Machine::open(&options.dir)?;
    store.purge_behind(machine.snapshots());
    let config = Config {
        cluster_name: "kv".to_string(),
        heartbeat_interval: 100,
        election_timeout_min: 300,
        election_timeout_max: 600,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(500),
        max_in_snapshot_log_to_keep: 100,
        // As JSON a byte takes four at most, and axum takes two mebibytes.
        snapshot_max_chunk_size: 400_000,
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
    axum::serve(listener, routes(node)).await?;
    Ok(())
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

fn routes(node: Node) -> Router {
    Router::new()
        .route("/raft/append", post(append))
        .route("/raft/vote", post(vote))
        .route("/raft/snapshot", post(snapshot))
        .route("/cluster/initialize", post(initialize))
        .route("/cluster/learner", post(add_learner))
        .route("/cluster/members", post(change_membership))
        .route("/set", post(set))
        .route("/get/{key}", get(get_value))
        .route("/local/{key}", get(get_local))
        .with_state(node)
}

async fn append(
    State(node): State<Node>,
    Json(request): Json<AppendEntriesRequest<TypeConfig>>,
) -> Json<serde_json::Value> {
    Json(serde_json::json!(node.raft.append_entries(request).await))
}

async fn vote(
    State(node): State<Node>,
    Json(request): Json<VoteRequest<u64>>,
) -> Json<serde_json::Value> {
    Json(serde_json::json!(node.raft.vote(request).await))
}

async fn snapshot(
    State(node): State<Node>,
    Json(request): Json<InstallSnapshotRequest<TypeConfig>>,
) -> Json<serde_json::Value> {
    Json(serde_json::json!(node.raft.install_snapshot(request).await))
}

/// Makes this node a cluster of one, unless it is in one.
async fn initialize(State(node): State<Node>) -> Answer<()> {
    let members = BTreeMap::from([(node.id, BasicNode::new(&node.address))]);
    match node.raft.initialize(members).await {
        Ok(()) | Err(RaftError::APIError(InitializeError::NotAllowed(_))) => Ok(Json(())),
        Err(error) => Err(elsewhere(None, error)),
    }
}

async fn add_learner(
    State(node): State<Node>,
    Json((id, address)): Json<(u64, String)>,
) -> Answer<()> {
    let added = node
        .raft
        .add_learner(id, BasicNode::new(address), true)
        .await;
    written(added.map(drop))
}

async fn change_membership(
    State(node): State<Node>,
    Json(members): Json<BTreeSet<u64>>,
) -> Answer<()> {
    let changed = node.raft.change_membership(members, false).await;
    written(changed.map(drop))
}

/// Answers when the write is committed.
async fn set(State(node): State<Node>, Json(set): Json<Set>) -> Answer<()> {
    written(node.raft.client_write(set).await.map(drop))
}

fn written(result: Result<(), RaftError<u64, ClientWriteError<u64, BasicNode>>>) -> Answer<()> {
    result.map(Json).map_err(|error| {
        let leader = match error.api_error() {
            Some(ClientWriteError::ForwardToLeader(forward)) => leader(forward),
            _ => None,
        };
        elsewhere(leader, error)
    })
}

/// The value, as all that was acknowledged before has made it.
async fn get_value(State(node): State<Node>, Path(key): Path<String>) -> Answer<Option<String>> {
    match node.raft.ensure_linearizable().await {
        Ok(_) => Ok(Json(node.machine.get(&key))),
        Err(error) => {
            let leader = match error.api_error() {
                Some(CheckIsLeaderError::ForwardToLeader(forward)) => leader(forward),
                _ => None,
            };
            Err(elsewhere(leader, error))
        }
    }
}

/// The value as this node knows it.
async fn get_local(State(node): State<Node>, Path(key): Path<String>) -> Json<Option<String>> {
    Json(node.machine.get(&key))
}

fn leader(forward: &ForwardToLeader<u64, BasicNode>) -> Option<String> {
    forward.leader_node.as_ref().map(|node| node.addr.clone())
}

fn elsewhere(leader: Option<String>, error: impl ToString) -> (StatusCode, Json<Elsewhere>) {
    let why = error.to_string();
    (
        StatusCode::SERVICE_UNAVAILABLE,
        Json(Elsewhere { leader, why }),
    )
}
