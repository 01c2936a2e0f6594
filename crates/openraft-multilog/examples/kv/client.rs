//! A client: it finds the leader, and tries until it is told that something is done.

use crate::node::Elsewhere;
use crate::types::Set;
use crate::Failure;
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
        let path = format!("get/{key}");
        self.ask(|http, node| http.get(format!("http://{node}/{path}")))
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

    /// What one node answers.
    pub async fn ask_node<A: DeserializeOwned>(
        &self,
        node: &str,
        path: &str,
    ) -> Result<A, reqwest::Error> {
        let request = self.http.get(format!("http://{node}/{path}"));
        request.timeout(ANSWER).send().await?.json().await
    }

    async fn post<Q: Serialize>(&mut self, path: &str, request: &Q) -> Result<(), Failure> {
        self.ask(|http, node| http.post(format!("http://{node}/{path}")).json(request))
            .await
    }

    /// Asks one node after the other, the leader if it is known, until one has done it.
    async fn ask<A: DeserializeOwned>(
        &mut self,
        request: impl Fn(&reqwest::Client, &str) -> reqwest::RequestBuilder,
    ) -> Result<A, Failure> {
        let start = Instant::now();
        loop {
            let asked = request(&self.http, &self.next).timeout(ANSWER).send().await;
            let why = match asked {
                Ok(answer) if answer.status().is_success() => return Ok(answer.json().await?),
                Ok(answer) => match answer.json::<Elsewhere>().await {
                    Ok(elsewhere) => {
                        self.turn_to(elsewhere.leader);
                        elsewhere.why
                    }
                    Err(error) => error.to_string(),
                },
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
