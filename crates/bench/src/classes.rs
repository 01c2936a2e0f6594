//! What an append is good for once it has returned. Only what has the same class is compared, and floors, which have none:
//! nothing tells after a crash which of their bytes are there.

use crate::charts;
use crate::logs::{self, Dax};
use crate::measure::Failure;
use crate::peers::{self, Peer, Peers, Skipped};
use multilog::Durability;
use std::fmt;
use std::path::Path;

/// What an append is good for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Class {
    /// What it survives once it has returned.
    pub survives: Durability,
    /// Whether the bytes have checksums, which cost time that goes up with their number.
    pub checksummed: bool,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checksums = match self.checksummed {
            true => "has a checksum",
            false => "has no checksum of the bytes",
        };
        write!(f, "survives {}; {checksums}", self.survives)
    }
}

/// Of our own appends to mapped files.
pub fn on_dax(dax: Dax<'_>) -> Class {
    Class {
        survives: dax.survives(),
        checksummed: false,
    }
}

/// Of our own appends to files in `dir`.
fn in_file(dir: &Path) -> Class {
    Class {
        survives: synced(dir),
        checksummed: false,
    }
}

/// Of our own records in files in `dir`.
pub fn record_in_file(dir: &Path) -> Class {
    let checksummed = true;
    Class {
        checksummed,
        ..in_file(dir)
    }
}

/// What synced files in `dir` survive: no power cut if they are in memory. Where none can be created it does not matter,
/// as whoever creates the next one will find.
pub fn synced(dir: &Path) -> Durability {
    let survives = || -> Result<Durability, Failure> {
        let probe = tempfile::tempdir_in(dir)?;
        Ok(logs::file(&probe.path().join("probe"), &[1])?.durability())
    };
    survives().unwrap_or(Durability::ProcessCrash)
}

/// The peers of this class.
pub fn only(class: Class, peers: Peers) -> impl Iterator<Item = Box<dyn Peer>> {
    peers
        .into_iter()
        .flatten()
        .filter(move |peer| peer.class() == class)
}

/// Says of our own logs and of each peer what its appends are good for, and of the peers, whether they are compared with.
pub fn lines(dax: Dax<'_>, files: &Path) -> Result<Vec<String>, Failure> {
    let record_on_dax = Class {
        checksummed: true,
        ..on_dax(dax)
    };
    let mut lines = vec![
        format!("processor: {}", charts::machine()),
        "append, commit, record in mem: survives nothing".to_string(),
        format!("append, commit on dax: {}", on_dax(dax)),
        format!("record on dax: {record_on_dax}"),
        format!("append, commit in a file: {}", in_file(files)),
        format!("record in a file: {}", record_in_file(files)),
    ];
    let (mapped, synced) = (tempfile::tempdir_in(dax.dir)?, tempfile::tempdir_in(files)?);
    for peer in peers::persistent_memory_peers(mapped.path(), SMALL) {
        lines.push(introduction(peer, on_dax(dax), "append on dax"));
    }
    for peer in peers::file_peers(synced.path(), SMALL) {
        lines.push(introduction(
            peer,
            record_in_file(files),
            "record in a file",
        ));
    }
    Ok(lines)
}

/// The capacity of peers that are only asked for their class.
const SMALL: u64 = 1 << 20;

fn introduction(peer: Result<Box<dyn Peer>, Skipped>, ours: Class, beside: &str) -> String {
    let peer = match peer {
        Ok(peer) => peer,
        Err(skipped) => return skipped.to_string(),
    };
    let (name, theirs) = (peer.name(), peer.class());
    if theirs == ours {
        format!("{name}: {theirs}; compared with {beside}")
    } else {
        format!("{name}: skipped: {theirs}, unlike {beside}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synced_files_in_memory_survive_no_power_cut() {
        assert_eq!(synced(Path::new("/dev/shm")), Durability::ProcessCrash);
        // Where this program is built, which is in memory on few machines.
        let program = std::env::current_exe().unwrap();
        let dir = program.parent().unwrap();
        let tmpfs = rustix::fs::statfs(dir).unwrap().f_type == 0x0102_1994;
        let class = record_in_file(dir);
        assert_eq!(class.survives == Durability::PowerCut, !tmpfs);
        assert!(class.checksummed);
    }
}
