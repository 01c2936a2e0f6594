//! A key-value service on three nodes, replicated by openraft, whose logs are kept by `openraft-multilog`.
//!
//! ```text
//! cargo run --release -p openraft-multilog --example kv -- torture --kills 100
//! ```
//!
//! starts three nodes, kills and restarts them while clients write, and checks that no acknowledged write is lost. The
//! nodes can be run by hand too: see `docs/raft.md`.

mod client;
mod machine;
mod network;
mod node;
mod routes;
mod torture;
mod types;

use clap::Parser;
use std::error::Error;
use std::process::ExitCode;

/// A replicated key-value service.
#[derive(Parser)]
enum Command {
    /// Run a node.
    Node(node::Options),
    /// Set a key to a value.
    Set {
        /// The addresses of the nodes.
        #[arg(long, value_delimiter = ',', required = true)]
        nodes: Vec<String>,
        key: String,
        value: String,
    },
    /// Print the value of a key.
    Get {
        /// The addresses of the nodes.
        #[arg(long, value_delimiter = ',', required = true)]
        nodes: Vec<String>,
        key: String,
    },
    /// Make a cluster of nodes that are running.
    Cluster {
        /// The addresses of the nodes, whose ids are 1, 2 and so on.
        #[arg(long, value_delimiter = ',', required = true)]
        nodes: Vec<String>,
    },
    /// Kill and restart nodes while clients write, and check that no acknowledged write is lost.
    Torture(torture::Options),
}

/// Why something cannot be done.
pub type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Command::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kv: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Node(options) => node::run(options).await,
        Command::Set { nodes, key, value } => client::Client::new(nodes).set(&key, &value).await,
        Command::Get { nodes, key } => match client::Client::new(nodes).get(&key).await? {
            Some(value) => {
                println!("{value}");
                Ok(())
            }
            None => Err(format!("there is no {key}").into()),
        },
        Command::Cluster { nodes } => client::Client::new(nodes).make_cluster().await,
        Command::Torture(options) => torture::run(options).await,
    }
}
