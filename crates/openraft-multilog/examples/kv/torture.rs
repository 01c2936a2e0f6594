//! Nodes that are killed and restarted while clients write.

use crate::client::Client;
use crate::Failure;
use clap::Args;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::sleep;

const NODES: usize = 3;

const CLIENTS: usize = 4;

/// How long the cluster may take to go on after a kill. Longer than clients try, who then say why.
const PATIENCE: Duration = Duration::from_secs(90);

/// What is tortured, and how much.
#[derive(Args)]
pub struct Options {
    /// How often a node is killed.
    #[arg(long, default_value_t = 100)]
    kills: u64,
    /// What chooses the nodes that are killed, and how long they stay dead. Default: another one each time.
    #[arg(long)]
    seed: Option<u64>,
    /// The directory of the nodes' files, which must not exist. Default: a temporary one, removed in the end.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// The nodes, as processes. They are killed with this.
struct Cluster {
    dir: PathBuf,
    addresses: Vec<String>,
    nodes: Vec<Child>,
}

impl Cluster {
    fn start(dir: &Path) -> Result<Cluster, Failure> {
        // Ports that are free now, and will be again whenever a node is restarted.
        let listeners: Result<Vec<_>, _> = (0..NODES)
            .map(|_| TcpListener::bind("127.0.0.1:0"))
            .collect();
        let addresses: Result<Vec<_>, _> = listeners?
            .iter()
            .map(|listener| listener.local_addr().map(|address| address.to_string()))
            .collect();
        let mut cluster = Cluster {
            dir: dir.to_path_buf(),
            addresses: addresses?,
            nodes: Vec::new(),
        };
        for node in 0..NODES {
            let started = cluster.spawn(node)?;
            cluster.nodes.push(started);
        }
        Ok(cluster)
    }

    fn spawn(&self, node: usize) -> Result<Child, Failure> {
        let id = node + 1;
        let started = Command::new(std::env::current_exe()?)
            .args(["node", "--id", &id.to_string()])
            .args(["--listen", &self.addresses[node], "--dir"])
            .arg(self.dir.join(format!("node-{id}")))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(started)
    }

    /// Kills nodes, by SIGKILL, and starts them again after a while.
    async fn kill(&mut self, nodes: &[usize], pause: Duration) -> Result<(), Failure> {
        for &node in nodes {
            self.nodes[node].start_kill()?;
        }
        for &node in nodes {
            self.nodes[node].wait().await?;
        }
        sleep(pause).await;
        for &node in nodes {
            self.nodes[node] = self.spawn(node)?;
        }
        Ok(())
    }

    /// Fails if a node has ended by itself.
    fn check(&mut self) -> Result<(), Failure> {
        for (node, process) in self.nodes.iter_mut().enumerate() {
            if let Some(status) = process.try_wait()? {
                return Err(format!("node {} has ended: {status}", node + 1).into());
            }
        }
        Ok(())
    }
}

/// Each returns its number, and how many of its writes were acknowledged.
type Clients = JoinSet<Result<(usize, u64), Failure>>;

/// What clients share.
#[derive(Default)]
struct Progress {
    /// The writes that were acknowledged, in all.
    acknowledged: AtomicU64,
    stopped: AtomicBool,
}

pub async fn run(options: Options) -> Result<(), Failure> {
    let temporary = std::env::temp_dir().join(format!("kv-torture-{}", std::process::id()));
    let dir = options.dir.clone().unwrap_or(temporary);
    std::fs::create_dir(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let outcome = torture(&options, &dir).await;
    if options.dir.is_none() {
        std::fs::remove_dir_all(&dir)?;
    }
    outcome
}

async fn torture(options: &Options, dir: &Path) -> Result<(), Failure> {
    let mut cluster = Cluster::start(dir)?;
    Client::new(cluster.addresses.clone())
        .make_cluster()
        .await?;
    let seed = options
        .seed
        .unwrap_or_else(|| u64::from(std::process::id()));
    println!("{NODES} nodes are a cluster; {CLIENTS} clients write; seed {seed}");

    let progress = Arc::new(Progress::default());
    let mut clients = Clients::new();
    for client in 0..CLIENTS {
        let writer = write(
            client,
            Client::new(cluster.addresses.clone()),
            progress.clone(),
        );
        clients.spawn(writer);
    }
    let mut random = seed;
    let (mut kills, mut reported) = (0, 0);
    while kills < options.kills {
        random = random
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let (node, pause) = ((random >> 33) as usize % NODES, (random >> 40) % 1500);
        // Now and then all at once, after which nobody remembers what was not durable.
        let chosen = match (random >> 50) % 5 {
            0 => vec![0, 1, 2],
            _ => vec![node],
        };
        let before = progress.acknowledged.load(Ordering::SeqCst);
        cluster.kill(&chosen, Duration::from_millis(pause)).await?;
        go_on(&mut cluster, &mut clients, &progress, before + 20).await?;
        kills += chosen.len() as u64;
        if kills >= reported + 10 {
            reported = kills;
            let writes = progress.acknowledged.load(Ordering::SeqCst);
            println!("{kills} kills, {writes} writes acknowledged");
        }
    }
    progress.stopped.store(true, Ordering::SeqCst);
    let mut written = [0; CLIENTS];
    while let Some(done) = clients.join_next().await {
        let (client, count) = done??;
        written[client] = count;
    }
    cluster.check()?;
    verify(&cluster, &written).await
}

/// Waits until so many writes are acknowledged.
async fn go_on(
    cluster: &mut Cluster,
    clients: &mut Clients,
    progress: &Progress,
    writes: u64,
) -> Result<(), Failure> {
    let start = Instant::now();
    while progress.acknowledged.load(Ordering::SeqCst) < writes {
        cluster.check()?;
        if let Some(ended) = clients.try_join_next() {
            ended??;
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("no progress for {PATIENCE:?}").into());
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

fn key(client: usize, number: u64) -> String {
    format!("client-{client}-{number}")
}

fn value(client: usize, number: u64) -> String {
    format!("{number} of client {client} ").repeat(1 + number as usize % 5)
}

/// Writes one key after the other; returns how many were acknowledged.
async fn write(
    number: usize,
    mut client: Client,
    progress: Arc<Progress>,
) -> Result<(usize, u64), Failure> {
    let mut written = 0;
    while !progress.stopped.load(Ordering::SeqCst) {
        client
            .set(&key(number, written), &value(number, written))
            .await?;
        written += 1;
        progress.acknowledged.fetch_add(1, Ordering::SeqCst);
    }
    Ok((number, written))
}

/// Checks that all that was acknowledged is there: as the leader says, and on each node once it has caught up.
async fn verify(cluster: &Cluster, written: &[u64; CLIENTS]) -> Result<(), Failure> {
    let mut client = Client::new(cluster.addresses.clone());
    client.set("the-last-key", "").await?;
    let mut lost = 0;
    for (number, count) in written.iter().enumerate() {
        for write in 0..*count {
            let found = client.get(&key(number, write)).await?;
            lost += u64::from(found != Some(value(number, write)));
        }
    }
    let total: u64 = written.iter().sum();
    println!("{total} acknowledged writes read from the leader, {lost} lost");
    for address in &cluster.addresses {
        let start = Instant::now();
        let caught_up = || client.get_from(address, "the-last-key");
        while caught_up().await.ok().flatten().is_none() {
            if start.elapsed() > PATIENCE {
                return Err(format!("{address} has not caught up for {PATIENCE:?}").into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        let mut lost_here = 0;
        for (number, count) in written.iter().enumerate() {
            for write in 0..*count {
                let found = client.get_from(address, &key(number, write)).await?;
                lost_here += u64::from(found != Some(value(number, write)));
            }
        }
        println!("{total} read from the node at {address} itself, {lost_here} lost");
        lost += lost_here;
    }
    match lost {
        0 => {
            println!("No acknowledged write was lost.");
            Ok(())
        }
        lost => Err(format!("{lost} acknowledged writes were LOST").into()),
    }
}
