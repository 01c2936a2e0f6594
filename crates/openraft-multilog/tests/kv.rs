//! The example service, as its users run it: real processes, killed.

use multilog::{FileOptions, FileRegion, MultiLog};
use std::path::PathBuf;
use std::process::{Command, Output};

/// Runs the example, which is built first if need be.
fn kv(args: &[&str]) -> Output {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--example", "kv"]);
    let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(built.unwrap().success());
    let test = std::env::current_exe().unwrap();
    let folder: PathBuf = test.parent().and_then(|deps| deps.parent()).unwrap().into();
    let example = folder.join("examples/kv");
    Command::new(example).args(args).output().unwrap()
}

#[test]
fn no_acknowledged_write_is_lost_when_nodes_are_killed() {
    let output = kv(&["torture", "--kills", "8"]);
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
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
    let output = kv(&[&["node", "--id", "1"][..], &listen].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("raft.log: "), "{errors}");
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
    let output = kv(&[&["node", "--id", "1"][..], &listen].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(
        errors.contains("raft.log: ") && errors.contains("in use"),
        "{errors}"
    );
}
