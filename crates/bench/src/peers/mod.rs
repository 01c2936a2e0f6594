//! The logs of others, behind one interface, so that the same appends can be timed on each.
//!
//! Each is set up as its makers would for durable appends by one thread, and so that its files are reused rather than
//! extended where it can do that: syncing a file that grows takes longer.
//!
//! libpmemlog is loaded if it is installed. The others are built in with `--features peers`, since they take longer to
//! compile than everything else here together.

#[cfg(feature = "peers")]
mod fjall;
mod libpmemlog;
#[cfg(feature = "peers")]
mod okaywal;
#[cfg(feature = "peers")]
mod raft_engine;
#[cfg(test)]
mod tests;

#[cfg(feature = "peers")]
use crate::classes;
use crate::classes::Class;
use crate::measure::{time, Contender};
use crate::processors;
use crate::threads::Together;
use std::fmt;
use std::hint::black_box;
use std::io;
use std::path::Path;

/// A log of others.
pub trait Peer {
    /// Its name, as its makers write it.
    fn name(&self) -> &'static str;

    /// What an append is good for.
    fn class(&self) -> Class;

    /// Appends bytes, durably when it returns.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Drops what was appended if there is not room for so many bytes more, as one append or many. It is not meant to
    /// be timed. `needed` is at most the capacity that the peer was created with.
    fn make_room(&mut self, needed: u64) -> io::Result<()>;
}

/// Appends of `bytes`.
pub fn append<'a>(mut peer: Box<dyn Peer>, bytes: &'a [u8]) -> Contender<'a> {
    Box::new(move |batch| {
        peer.make_room(u64::from(batch) * bytes.len() as u64)?;
        time(batch, || peer.append(black_box(bytes)))
    })
}

/// A peer that is not measured.
#[derive(Debug)]
pub struct Skipped {
    /// Its name.
    pub name: &'static str,
    /// Why not.
    pub why: String,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: skipped: {}", self.name, self.why)
    }
}

/// The peers that are there, and those that are not.
pub type Peers = Vec<Result<Box<dyn Peer>, Skipped>>;

/// The logs for persistent memory, new and empty, with room for `capacity` bytes at least, in files in `dir`.
pub fn persistent_memory_peers(dir: &Path, capacity: u64) -> Peers {
    vec![opened(libpmemlog::NAME, || {
        libpmemlog::Libpmemlog::create(&dir.join("libpmemlog"), capacity)
    })]
}

/// The log that is measured with many threads.
pub const TOGETHER: &str = "raft-engine";

/// It, new and empty, with room for `capacity` bytes at least, for so many threads.
#[cfg(feature = "peers")]
pub fn together(dir: &Path, capacity: u64, threads: usize) -> Result<impl Together, Skipped> {
    let survives = classes::synced(dir);
    let dir = dir.join(raft_engine::NAME);
    let create = || raft_engine::Threads::create(&dir, capacity, survives, threads);
    processors::on_all(create).map_err(|error| Skipped {
        name: raft_engine::NAME,
        why: error.to_string(),
    })
}

/// It is not there.
#[cfg(not(feature = "peers"))]
pub fn together(_dir: &Path, _capacity: u64, _threads: usize) -> Result<Nobody, Skipped> {
    Err(Skipped {
        name: TOGETHER,
        why: "this program was built without `--features peers`".to_string(),
    })
}

/// In place of what was not built in.
#[cfg(not(feature = "peers"))]
pub enum Nobody {}

#[cfg(not(feature = "peers"))]
impl Together for Nobody {
    fn append(&self, _thread: usize, _bytes: &[u8]) -> io::Result<()> {
        match *self {}
    }

    fn make_room(&mut self, _needed: u64) -> io::Result<()> {
        match *self {}
    }
}

/// The logs for files, new and empty, with room for `capacity` bytes at least, each in a directory of its own in `dir`.
#[cfg(feature = "peers")]
pub fn file_peers(dir: &Path, capacity: u64) -> Peers {
    let path = |name| dir.join(name);
    let survives = classes::synced(dir);
    vec![
        opened(raft_engine::NAME, || {
            raft_engine::RaftEngine::create(&path(raft_engine::NAME), capacity, survives)
        }),
        opened(okaywal::NAME, || {
            okaywal::OkayWal::create(&path(okaywal::NAME), capacity, survives)
        }),
        opened(fjall::NAME, || {
            fjall::Fjall::create(&path(fjall::NAME), capacity, survives)
        }),
    ]
}

/// The logs for files, of which none is in this program.
#[cfg(not(feature = "peers"))]
pub fn file_peers(_dir: &Path, _capacity: u64) -> Peers {
    ["raft-engine", "okaywal", "fjall"]
        .into_iter()
        .map(|name| {
            Err(Skipped {
                name,
                why: "this program was built without `--features peers`".into(),
            })
        })
        .collect()
}

/// What `create` creates. The threads of its own that a peer has are left to run beside the one that is measured.
fn opened<P: Peer + 'static>(
    name: &'static str,
    create: impl FnOnce() -> io::Result<P>,
) -> Result<Box<dyn Peer>, Skipped> {
    match processors::on_all(create) {
        Ok(peer) => Ok(Box::new(peer)),
        Err(e) => Err(Skipped {
            name,
            why: e.to_string(),
        }),
    }
}
