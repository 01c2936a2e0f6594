//! What can be asked of a node, by other nodes and by clients.

use crate::machine::Machine;
use crate::node::MOST;
use crate::types::{Set, TypeConfig, LONGEST_KEY, LONGEST_VALUE};
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use openraft::error::{
    CheckIsLeaderError, ClientWriteError, ForwardToLeader, InitializeError, RaftError,
};
use openraft::raft::{AppendEntriesRequest, InstallSnapshotRequest, VoteRequest};
use openraft::{BasicNode, Raft};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What answers.
#[derive(Clone)]
pub struct Node {
    pub id: u64,
    pub address: String,
    pub raft: Raft<TypeConfig>,
    pub machine: Machine,
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

pub fn routes(node: Node) -> Router {
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
        // openraft makes up for a snapshot or a purge that the end of the process has prevented when it makes the next one, for
        // which it waits for entries.
        if metrics.last_applied > metrics.snapshot {
            node.raft
                .trigger()
                .snapshot()
                .await
                .map_err(|error| elsewhere(None, error))?;
        }
        let why = format!("{entries} entries wait for a snapshot or for other nodes");
        return Err(elsewhere(None, why));
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
