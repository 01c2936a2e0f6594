//! Each peer that is there does append, and says what it does.

use super::*;
use multilog::Durability;
use std::fs;
use std::os::unix::fs::MetadataExt;

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
fn available(peers: Peers) -> Vec<Box<dyn Peer>> {
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
        let class = Class {
            survives: Durability::ProcessCrash,
            checksummed: false,
        };
        assert_eq!(peer.class(), class);
    }
    assert_appends_reach_the_files(peers, dir.path());
}

#[test]
fn appends_to_files_are_in_them_when_they_return() {
    let dir = tempfile::tempdir().unwrap();
    let peers = available(file_peers(dir.path(), CAPACITY));
    assert_eq!(peers.len(), if cfg!(feature = "peers") { 3 } else { 0 });
    for peer in &peers {
        assert_eq!(peer.class(), crate::classes::record_in_file(dir.path()));
    }
    assert_appends_reach_the_files(peers, dir.path());
}

/// What the files in the directory, and in those in it, take up on the medium, in bytes.
fn taken_up(dir: &Path) -> u64 {
    let of_entry = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => taken_up(&entry.path()),
        Ok(metadata) => metadata.blocks() * 512,
        // Threads of the peers remove files that are no longer needed.
        Err(_) => 0,
    };
    fs::read_dir(dir).unwrap().flatten().map(of_entry).sum()
}

#[test]
fn room_that_was_made_is_used_again() {
    let bytes = vec![0xa5; 64 << 10];
    let make: [fn(&Path, u64) -> Peers; 2] = [persistent_memory_peers, file_peers];
    for peers in make {
        let dir = tempfile::tempdir().unwrap();
        for mut peer in available(peers(dir.path(), CAPACITY)) {
            if peer.name() == "fjall" {
                // It begins a new file, and drops the old one, only after 64 MiB.
                continue;
            }
            let before = taken_up(dir.path());
            for _ in 0..40 * CAPACITY / bytes.len() as u64 {
                peer.make_room(bytes.len() as u64).unwrap();
                peer.append(&bytes).unwrap();
            }
            let more = taken_up(dir.path()).saturating_sub(before);
            assert!(more < 20 * CAPACITY, "{}: {more} bytes", peer.name());
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
