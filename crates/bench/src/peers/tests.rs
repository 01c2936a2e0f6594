//! Each peer that is there does append, and says what it does.

use super::*;
use multilog::Durability;
use std::fs;

const CAPACITY: u64 = 1 << 20;

/// What an append must have left behind in the files when it returns.
fn bytes_of(peer: usize, append: usize) -> Vec<u8> {
    format!("append {append} to peer {peer}; ")
        .repeat(64)
        .into_bytes()
}

/// Whether a file in the directory, or in those in it, has these bytes, anywhere.
fn is_in_a_file(dir: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            is_in_a_file(&path, bytes)
        } else {
            let found = fs::read(&path).unwrap();
            found.windows(bytes.len()).any(|window| window == bytes)
        }
    })
}

/// The peers that are there; of the others it says why not.
fn available(peers: Vec<Result<Box<dyn Peer>, Skipped>>) -> Vec<Box<dyn Peer>> {
    let there = |peer: Result<_, Skipped>| peer.map_err(|skipped| println!("{skipped}")).ok();
    peers.into_iter().filter_map(there).collect()
}

fn assert_appends_reach_the_files(peers: Vec<Box<dyn Peer>>, dir: &Path) {
    for (k, mut peer) in peers.into_iter().enumerate() {
        for append in 0..3 {
            let bytes = bytes_of(k, append);
            let name = peer.name();
            assert!(!is_in_a_file(dir, &bytes), "{name}: too early");
            peer.append(&bytes).unwrap();
            assert!(is_in_a_file(dir, &bytes), "{name}: append {append}");
        }
    }
}

#[test]
fn appends_to_persistent_memory_are_in_the_file_when_they_return() {
    let dir = tempfile::tempdir().unwrap();
    let peers = available(persistent_memory_peers(dir.path(), CAPACITY));
    for peer in &peers {
        assert_eq!(peer.durability(), Durability::ProcessCrash);
        assert!(!peer.checksummed());
    }
    assert_appends_reach_the_files(peers, dir.path());
}

#[test]
fn appends_to_files_are_in_them_when_they_return() {
    let dir = tempfile::tempdir().unwrap();
    let peers = available(file_peers(dir.path(), CAPACITY));
    assert_eq!(peers.len(), if cfg!(feature = "peers") { 3 } else { 0 });
    for peer in &peers {
        assert_eq!(peer.durability(), Durability::PowerCut);
        assert!(peer.checksummed());
    }
    assert_appends_reach_the_files(peers, dir.path());
}

#[test]
fn there_is_always_room_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut peers = available(persistent_memory_peers(dir.path(), CAPACITY));
    peers.extend(available(file_peers(dir.path(), CAPACITY)));
    let bytes = vec![0xa5; 64 << 10];
    for peer in &mut peers {
        for _ in 0..10 * CAPACITY / bytes.len() as u64 {
            peer.make_room(bytes.len() as u64).unwrap();
            peer.append(&bytes).unwrap();
        }
    }
}

#[test]
fn a_peer_that_cannot_be_had_is_skipped_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nowhere");
    for peer in persistent_memory_peers(&nowhere, CAPACITY) {
        let skipped = peer.err().expect("there is no such directory").to_string();
        assert!(skipped.starts_with("libpmemlog: skipped: "), "{skipped}");
        assert!(
            skipped.contains("No such file or directory") || skipped.contains("libpmemlog.so.1"),
            "{skipped}"
        );
    }
}
