//! The example service, as its users run it: real processes, killed.

mod running;

use multilog::{FileOptions, FileRegion, MultiLog};
use running::{assert_fails, example, kv};
use std::net::TcpListener;
use std::process::Command;

#[test]
fn no_acknowledged_write_is_lost_when_nodes_are_killed() {
    let output = kv(&["torture", "--kills", "8", "--seed", "5"]);
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    let start = "3 nodes are a cluster; 4 clients write; seed 5\n";
    assert!(said.starts_with(start), "{said}");
    assert!(
        said.ends_with("No acknowledged write was lost.\n"),
        "{said}"
    );
}

#[test]
fn a_node_says_what_is_wrong_with_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let node = dir.path().join("node");
    std::fs::create_dir(&node).unwrap();
    std::fs::write(
        node.join("raft.log"),
        "not a log at all, but something else".repeat(20),
    )
    .unwrap();
    let before = std::fs::read(node.join("raft.log")).unwrap();
    let listen = ["--listen", "127.0.0.1:0", "--dir", node.to_str().unwrap()];
    assert_fails(
        &[&["node", "--id", "1"][..], &listen].concat(),
        "raft.log: ",
    );
    // Somebody else's file is left alone.
    assert_eq!(std::fs::read(node.join("raft.log")).unwrap(), before);
}

#[test]
fn a_second_node_on_the_same_log_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("raft.log");
    let capacities = openraft_multilog::capacities(1, 1 << 20);
    let len = multilog::required_len(&capacities).unwrap();
    let region = FileRegion::create(&path, len, &FileOptions::default()).unwrap();
    let _held = MultiLog::create(region, &capacities).unwrap();
    let listen = [
        "--listen",
        "127.0.0.1:0",
        "--dir",
        dir.path().to_str().unwrap(),
    ];
    let expected = "raft.log: the file is in use";
    assert_fails(&[&["node", "--id", "1"][..], &listen].concat(), expected);
}

/// The beginning of three addresses that are free, with 1, 2 and 3 behind it.
fn free_addresses() -> String {
    (1100..6500)
        .map(|port| format!("127.0.0.1:{port}"))
        .find(|start| (1..=3).all(|end| TcpListener::bind(format!("{start}{end}")).is_ok()))
        .unwrap()
}

#[test]
fn the_command_lines_of_the_document_do_what_it_says() {
    let document = include_str!("../../../docs/raft.md");
    let (_, lines) = document.split_once("```sh\n").unwrap();
    let (lines, _) = lines.split_once("```").unwrap();
    // The example is built already, somewhere.
    let (build, lines) = lines.split_once('\n').unwrap();
    assert_eq!(
        build,
        "cargo build --release -p openraft-multilog --example kv"
    );
    let example = format!("kv='{}'", example().display());
    let lines = lines.replace("kv=target/release/examples/kv", &example);
    let lines = lines.replace("127.0.0.1:700", &free_addresses());
    assert!(
        !lines.contains("target/release") && !lines.contains(":700"),
        "{lines}"
    );
    let dir = tempfile::tempdir().unwrap();
    // The nodes end with the shell.
    let script = format!("trap 'kill $(jobs -p); wait' EXIT\n{lines}");
    let output = Command::new("bash")
        .args(["-e", "-c", &script])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "hello\n", "{said}");
}
