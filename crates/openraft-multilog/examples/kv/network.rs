//! How nodes call each other: JSON over HTTP.

// The errors that openraft asks for are large.
#![allow(clippy::result_large_err)]

use crate::types::TypeConfig;
use openraft::error::{InstallSnapshotError, NetworkError, RPCError, RaftError, RemoteError};
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse,
    VoteRequest, VoteResponse,
};
use openraft::{AnyError, BasicNode};
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::error::Error;

/// Makes connections to other nodes.
#[derive(Default)]
pub struct Network {
    http: reqwest::Client,
}

/// The way to one node.
pub struct Connection {
    http: reqwest::Client,
    target: u64,
    address: String,
}

impl RaftNetworkFactory<TypeConfig> for Network {
    type Network = Connection;

    async fn new_client(&mut self, target: u64, node: &BasicNode) -> Connection {
        Connection {
            http: self.http.clone(),
            target,
            address: node.addr.clone(),
        }
    }
}

type CallError<E> = RPCError<u64, BasicNode, RaftError<u64, E>>;

impl Connection {
    async fn call<Q: Serialize, A: DeserializeOwned, E: Error + DeserializeOwned>(
        &self,
        path: &str,
        request: &Q,
        option: &RPCOption,
    ) -> Result<A, CallError<E>> {
        let failed = |error: reqwest::Error| NetworkError::from(AnyError::new(&error));
        let response = self
            .http
            .post(format!("http://{}/raft/{path}", self.address))
            .timeout(option.hard_ttl())
            .json(request)
            .send()
            .await
            .map_err(failed)?;
        let answer: Result<A, RaftError<u64, E>> = response.json().await.map_err(failed)?;
        answer.map_err(|error| RPCError::RemoteError(RemoteError::new(self.target, error)))
    }
}

impl RaftNetwork<TypeConfig> for Connection {
    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<u64>, RPCError<u64, BasicNode, RaftError<u64>>> {
        self.call("append", &request, &option).await
    }

    async fn install_snapshot(
        &mut self,
        request: InstallSnapshotRequest<TypeConfig>,
        option: RPCOption,
    ) -> Result<InstallSnapshotResponse<u64>, CallError<InstallSnapshotError>> {
        self.call("snapshot", &request, &option).await
    }

    async fn vote(
        &mut self,
        request: VoteRequest<u64>,
        option: RPCOption,
    ) -> Result<VoteResponse<u64>, RPCError<u64, BasicNode, RaftError<u64>>> {
        self.call("vote", &request, &option).await
    }
}
