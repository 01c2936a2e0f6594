//! A client: it finds the leader, and tries until it is told that something is done.

use crate::routes::Refusal;
use crate::types::Set;
use crate::Failure;
use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(2);

/// How long a client tries.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is waited before another attempt, so that nodes that start are not flooded.
const PAUSE: Duration = Duration::from_millis(20);

/// A client of a cluster.
pub struct Client {
    http: reqwest::Client,
    nodes: Vec<String>,
    /// The node that is asked next.
    next: String,
    asked: usize,
}

impl Client {
    pub fn new(nodes: Vec<String>) -> Client {
        Client {
            http: reqwest::Client::new(),
            next: nodes[0].clone(),
            nodes,
            asked: 0,
        }
    }

    /// Returns when it is committed.
    pub async fn set(&mut self, key: &str, value: &str) -> Result<(), Failure> {
        let (key, value) = (key.to_string(), value.to_string());
        self.post("set", &Set { key, value }).await
    }

    pub async fn get(&mut self, key: &str) -> Result<Option<String>, Failure> {
        self.ask(|http, node| {
            let get = http.get(format!("http://{node}/get"));
            get.query(&[("key", key)])
        })
        .await
    }

    /// Makes the first node a cluster of one, and then all of them one.
    pub async fn make_cluster(&mut self) -> Result<(), Failure> {
        let mut first = Client::new(vec![self.nodes[0].clone()]);
        first.post("cluster/initialize", &()).await?;
        for (id, address) in (2u64..).zip(&self.nodes[1..]) {
            first.post("cluster/learner", &(id, address)).await?;
        }
        let members: BTreeSet<u64> = (1..=self.nodes.len() as u64).collect();
        first.post("cluster/members", &members).await
    }

    /// The value as one node knows it.
    pub async fn get_from(&self, node: &str, key: &str) -> Result<Option<String>, reqwest::Error> {
        let get = self.http.get(format!("http://{node}/local"));
        let get = get.query(&[("key", key)]).timeout(ANSWER);
        get.send().await?.error_for_status()?.json().await
    }

    async fn post<Q: Serialize>(&mut self, path: &str, request: &Q) -> Result<(), Failure> {
        self.ask(|http, node| http.post(format!("http://{node}/{path}")).json(request))
            .await
    }

    /// Asks one node after the other, the leader if it is known, until one has done it, or says that none will.
    async fn ask<A: DeserializeOwned>(
        &mut self,
        request: impl Fn(&reqwest::Client, &str) -> RequestBuilder,
    ) -> Result<A, Failure> {
        let start = Instant::now();
        loop {
            let why = match answer(request(&self.http, &self.next)).await {
                Ok((status, said)) if status.is_success() => {
                    return Ok(serde_json::from_str(&said)?);
                }
                Ok((status, said)) => {
                    let refusal: Refusal =
                        serde_json::from_str(&said).unwrap_or_else(|_| Refusal::because(said));
                    if status.is_client_error() {
                        return Err(refusal.why.into());
                    }
                    self.turn_to(refusal.leader);
                    refusal.why
                }
                Err(error) if error.is_builder() => {
                    return Err(format!("{} is no address: host and port", self.next).into());
                }
                Err(error) => {
                    self.turn_to(None);
                    error.to_string()
                }
            };
            if start.elapsed() > PATIENCE {
                return Err(format!("nobody has done it for {PATIENCE:?}: {why}").into());
            }
            sleep(PAUSE).await;
        }
    }

    fn turn_to(&mut self, leader: Option<String>) {
        self.asked += 1;
        let other = || self.nodes[self.asked % self.nodes.len()].clone();
        self.next = leader.unwrap_or_else(other);
    }
}

/// The whole answer: the node may be killed while it gives it.
async fn answer(request: RequestBuilder) -> Result<(StatusCode, String), reqwest::Error> {
    let answer = request.timeout(ANSWER).send().await?;
    let status = answer.status();
    Ok((status, answer.text().await?))
}
