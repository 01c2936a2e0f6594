//! What the example service takes and refuses, and that it does not fill its logs.

mod common;
mod running;

use common::{created, entry, id, open};
use multilog::{FileOptions, FileRegion, MultiLog};
use openraft::storage::{RaftLogStorage, RaftLogStorageExt};
use openraft::{BasicNode, Entry, EntryPayload, LogId, Membership, Vote};
use openraft_multilog::capacities;
use reqwest::{Client, Error, StatusCode};
use running::{assert_fails, assert_prints, cluster, free_addresses, Node};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::sleep;

const PATIENCE: Duration = Duration::from_secs(120);

fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(Client::new)
}

/// What a node says to this.
async fn set(node: &str, key: &str, value: &str) -> Result<(StatusCode, String), Error> {
    let request = serde_json::json!({ "key": key, "value": value });
    let post = client().post(format!("http://{node}/set"));
    let answer = post.json(&request).send().await?;
    let status = answer.status();
    Ok((status, answer.text().await?))
}

async fn get_from(node: &str, key: &str) -> Option<String> {
    let get = client().get(format!("http://{node}/local"));
    let answer = get.query(&[("key", key)]).send().await.unwrap();
    answer.json().await.unwrap()
}

/// Waits for the node that takes writes.
async fn leader(nodes: &[Node]) -> usize {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        for (number, node) in nodes.iter().enumerate() {
            if let Ok((StatusCode::OK, _)) = set(&node.address, "leader", "").await {
                return number;
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody takes writes");
}

/// Waits until a node has a key.
async fn wait_for(node: &Node, key: &str) -> String {
    let start = Instant::now();
    loop {
        if let Some(value) = get_from(&node.address, key).await {
            return value;
        }
        assert!(start.elapsed() < PATIENCE, "{key} does not come");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Sets so many keys, some at once.
async fn set_all(node: &str, count: usize, value: fn(usize) -> String) {
    const AT_ONCE: usize = 8;
    let mut writers = JoinSet::new();
    for writer in 0..AT_ONCE {
        let node = node.to_string();
        writers.spawn(async move {
            for number in (writer..count).step_by(AT_ONCE) {
                let (status, said) = set(&node, &number.to_string(), &value(number))
                    .await
                    .unwrap();
                assert_eq!(status, StatusCode::OK, "{said}");
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_up_to_the_limit_do_not_fill_the_logs_and_longer_ones_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (mut nodes, addresses) = cluster(dir.path(), 3);
    let leads = leader(&nodes).await;
    let to = nodes[leads].address.clone();
    // It will get them as a snapshot and many entries.
    let behind = (leads + 1) % 3;
    nodes[behind].kill();
    const WRITES: usize = 1100;
    let value = |number: usize| format!("{number:02048}");
    set_all(&to, WRITES, value).await;
    // Of bytes that take most as JSON.
    let longest = "\u{1}".repeat(16 << 10);
    for number in 0..40 {
        let (status, said) = set(&to, &format!("longest {number}"), &longest)
            .await
            .unwrap();
        assert_eq!(status, StatusCode::OK, "{said}");
    }
    let too_long = "v".repeat((16 << 10) + 1);
    let said = "a value has 0 to 16384 bytes, and this one has 16385";
    let (status, answer) = set(&to, "key", &too_long).await.unwrap();
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.contains(said), "{answer}");
    nodes[behind].restart();
    assert_fails(
        &["set", "--nodes", &addresses, "key", &too_long],
        &format!("kv: {said}"),
    );

    assert_prints(&["set", "--nodes", &addresses, "last", "value"], "");
    for node in &mut nodes {
        assert_eq!(wait_for(node, "last").await, "value");
        for number in (0..WRITES).step_by(37) {
            let found = get_from(&node.address, &number.to_string()).await;
            assert_eq!(found, Some(value(number)));
        }
        let found = get_from(&node.address, "longest 39").await;
        assert_eq!(found.as_ref(), Some(&longest));
        assert_eq!(get_from(&node.address, "key").await, None);
        assert!(node.is_running() && node.has_snapshot());
    }
}

#[test]
fn keys_of_all_characters_are_keys_and_none_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (_nodes, nodes) = cluster(dir.path(), 1);
    let keys = ["a b", "a/b?c=d&e#f", "%41", "A", "..", "+", "ü", "a\nb"];
    for key in keys {
        let value = format!("the value of {key}");
        assert_prints(&["set", "--nodes", &nodes, key, &value], "");
    }
    for key in keys {
        let value = format!("the value of {key}\n");
        assert_prints(&["get", "--nodes", &nodes, key], &value);
    }
    let none = "kv: a key has 1 to 1024 bytes, and this one has 0";
    assert_fails(&["set", "--nodes", &nodes, "", "value"], none);
    assert_fails(&["get", "--nodes", &nodes, ""], none);
    let long = "k".repeat(1025);
    let too_long = "kv: a key has 1 to 1024 bytes, and this one has 1025";
    assert_fails(&["set", "--nodes", &nodes, &long, "value"], too_long);
    assert_fails(&["get", "--nodes", &nodes, &long], too_long);
    assert_fails(&["get", "--nodes", &nodes, "b"], "kv: there is no b");
    assert_fails(&["get", "--nodes", "a b", "c"], "kv: a b is no address");
}

/// New logs for the first node of a cluster.
fn logs(cluster: &Path, entries: u64) -> MultiLog<FileRegion> {
    let dir = cluster.join("1");
    std::fs::create_dir(&dir).unwrap();
    let options = FileOptions::default();
    let file = |len| FileRegion::create(&dir.join("raft.log"), len, &options).unwrap();
    created(file, &capacities(1, entries))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_ends_when_it_can_write_no_more() {
    let dir = tempfile::tempdir().unwrap();
    drop(logs(dir.path(), 10_000));
    let (mut nodes, _) = cluster(dir.path(), 1);
    let mut written = 0;
    while let Ok((StatusCode::OK, _)) =
        set(&nodes[0].address, &written.to_string(), &"v".repeat(2048)).await
    {
        written += 1;
    }
    assert_eq!(written, 4);
    let (code, said) = nodes[0].end(PATIENCE);
    assert_eq!(code, Some(1), "{said}");
    let expected = "kv: the Raft node has stopped: ";
    assert!(
        said.contains(expected) && said.contains("the log is full: the entries need 2"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_alone_does_not_fill_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let (mut nodes, addresses) = cluster(dir.path(), 3);
    let leads = leader(&nodes).await;
    let others: Vec<usize> = (0..3).filter(|node| *node != leads).collect();
    for node in &others {
        nodes[*node].kill();
    }
    let to = nodes[leads].address.clone();
    // What is not acknowledged is in the log nonetheless, until the leader takes no more.
    let mut writers = JoinSet::new();
    let start = Instant::now();
    for writer in 0..50 {
        let to = to.clone();
        writers.spawn(async move {
            for number in 0.. {
                let key = format!("{writer}-{number}");
                let write = tokio::time::timeout(Duration::from_millis(300), set(&to, &key, "v"));
                if let Ok(answer) = write.await {
                    return answer.unwrap();
                }
                assert!(start.elapsed() < PATIENCE, "it takes all");
            }
            unreachable!("numbers do not end");
        });
    }
    while let Some(answer) = writers.join_next().await {
        let (status, said) = answer.unwrap();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{said}");
        assert!(
            said.contains("entries wait for a snapshot or for other nodes"),
            "{said}"
        );
    }
    for node in &others {
        nodes[*node].restart();
    }
    assert_prints(&["set", "--nodes", &addresses, "last", "value"], "");
    for node in &mut nodes {
        assert_eq!(wait_for(node, "last").await, "value");
        assert!(node.is_running());
    }
}

/// As when it was killed before it could make a snapshot, or purge what that covers.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_starts_with_too_many_entries_makes_a_snapshot() {
    const ENTRIES: u64 = 1000;
    let dir = tempfile::tempdir().unwrap();
    let address = free_addresses(1).remove(0);
    let members = BTreeMap::from([(1, BasicNode::new(&address))]);
    let membership = Membership::new(vec![members.keys().copied().collect()], members);
    let first = Entry {
        log_id: LogId::default(),
        payload: EntryPayload::Membership(membership),
    };
    let mut store = open(logs(dir.path(), 1 << 20));
    store.save_vote(&Vote::new_committed(1, 1)).await.unwrap();
    store.blocking_append([first]).await.unwrap();
    let entries: Vec<_> = (1..ENTRIES).map(|index| entry(index, 10)).collect();
    store.blocking_append(entries).await.unwrap();
    store.save_committed(Some(id(ENTRIES - 1))).await.unwrap();
    drop(store);
    let mut node = Node::start(1, &dir.path().join("1"), &address);
    assert_prints(&["set", "--nodes", &address, "key", "value"], "");
    assert!(node.is_running() && node.has_snapshot());
    assert_prints(&["get", "--nodes", &address, "999"], "vvvvvvvvvv\n");
}
