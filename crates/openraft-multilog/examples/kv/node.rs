//! A node: the Raft node, its log and state machine, and what can be asked of it.

use crate::machine::Machine;
use crate::network::Network;
use crate::types::{Set, TypeConfig, LONGEST_KEY, LONGEST_VALUE};
use crate::Failure;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
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

/// After how many entries a snapshot is made.
const SNAPSHOT_AFTER: u64 = 500;

/// How many entries are kept that a snapshot covers, for nodes that are a little behind.
const KEPT: u64 = 100;

/// How many entries the log may have for a leader to take another one. It has more than there are between two snapshots while
/// one is made, or while no other node is there to acknowledge them.
const MOST: u64 = 1000;

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

#[derive(Clone)]
struct Node {
    id: u64,
    address: String,
    raft: Raft<TypeConfig>,
    machine: Machine,
}

/// Why something is not done, and where the leader is, for those who asked another node.
#[derive(Debug, Serialize, Deserialize)]
pub struct Refusal {
    pub leader: Option<String>,
    pub why: String,
}

impl Refusal {
    pub fn because(why: String) -> Refusal {
        let leader = None;
        Refusal { leader, why }
    }
}

type Refused = (StatusCode, Json<Refusal>);

type Answer<T> = Result<Json<T>, Refused>;

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

fn routes(node: Node) -> Router {
    Router::new()
        .route("/raft/append", post(append))
        .route("/raft/vote", post(vote))
        .route("/raft/snapshot", post(snapshot))
        .route("/cluster/initialize", post(initialize))
        .route("/cluster/learner", post(add_learner))
        .route("/cluster/members", post(change_membership))
        .route("/set", post(set))
        .route("/get", get(get_value))
        .route("/local", get(get_local))
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
async fn set(State(node): State<Node>, set: Result<Json<Set>, JsonRejection>) -> Answer<()> {
    let Json(set) = set.map_err(|error| refused(error.status(), error.body_text()))?;
    check_len("key", &set.key, 1, LONGEST_KEY)?;
    check_len("value", &set.value, 0, LONGEST_VALUE)?;
    let metrics = node.raft.metrics().borrow().clone();
    let after = |index: Option<u64>| index.map_or(0, |index| index + 1);
    let purged = after(metrics.purged.map(|id| id.index));
    let entries = after(metrics.last_log_index).saturating_sub(purged);
    if entries >= MOST {
        let why = format!("{entries} entries wait for a snapshot or for other nodes");
        return Err(refused(StatusCode::SERVICE_UNAVAILABLE, why));
    }
    written(node.raft.client_write(set).await.map(drop))
}

/// Refuses what is too short or too long.
fn check_len(what: &str, text: &str, shortest: usize, longest: usize) -> Result<(), Refused> {
    let len = text.len();
    let status = match len {
        _ if len < shortest => StatusCode::BAD_REQUEST,
        _ if len > longest => StatusCode::PAYLOAD_TOO_LARGE,
        _ => return Ok(()),
    };
    let why = format!("a {what} has {shortest} to {longest} bytes, and this one has {len}");
    Err(refused(status, why))
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

/// Which value is asked for.
#[derive(Deserialize)]
struct Which {
    key: String,
}

/// The value, as all that was acknowledged before has made it.
async fn get_value(State(node): State<Node>, Query(which): Query<Which>) -> Answer<Option<String>> {
    check_len("key", &which.key, 1, LONGEST_KEY)?;
    match node.raft.ensure_linearizable().await {
        Ok(_) => Ok(Json(node.machine.get(&which.key))),
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
async fn get_local(State(node): State<Node>, Query(which): Query<Which>) -> Json<Option<String>> {
    Json(node.machine.get(&which.key))
}

fn leader(forward: &ForwardToLeader<u64, BasicNode>) -> Option<String> {
    forward.leader_node.as_ref().map(|node| node.addr.clone())
}

/// It may be done later, or by another node.
fn elsewhere(leader: Option<String>, error: impl ToString) -> Refused {
    let why = error.to_string();
    let refusal = Refusal { leader, why };
    (StatusCode::SERVICE_UNAVAILABLE, Json(refusal))
}

fn refused(status: StatusCode, why: String) -> Refused {
    (status, Json(Refusal::because(why)))
}
