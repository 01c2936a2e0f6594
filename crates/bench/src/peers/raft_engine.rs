//! raft-engine, the log of TiKV.
//!
//! An append is one `pwrite` of a batch that holds one Raft entry, and one `fdatasync`. Entries and batch have CRC-32
//! checksums. Compression is off. Its files are written with zeros when it is opened, and used again when what is in
//! them is no longer needed. When a sync fails it ends the process.

use super::Peer;
use crate::classes::Class;
use crate::threads::Together;
use multilog::Durability;
use protobuf::well_known_types::BytesValue;
use raft_engine::{Config, Engine, LogBatch, MessageExt, ReadableSize};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Mutex;

pub const NAME: &str = "raft-engine";

/// The one Raft group that has entries.
const GROUP: u64 = 1;

/// An entry: the bytes, and before them its index. Those of Raft have more besides the bytes.
struct Entry;

impl MessageExt for Entry {
    type Entry = BytesValue;

    fn index(entry: &BytesValue) -> u64 {
        entry
            .value
            .first_chunk()
            .map_or(0, |index| u64::from_le_bytes(*index))
    }
}

pub struct RaftEngine {
    engine: Engine,
    /// Kept from one append to the next, as its makers do, to spare allocations.
    batch: LogBatch,
    entry: [BytesValue; 1],
    next_index: u64,
    capacity: u64,
    used: u64,
    survives: Durability,
}

impl RaftEngine {
    /// Creates a log in a new directory.
    pub fn create(dir: &Path, capacity: u64, survives: Durability) -> io::Result<RaftEngine> {
        fs::create_dir(dir)?;
        let dir = dir
            .to_str()
            .ok_or_else(|| io::Error::other("its directory is not named in UTF-8"))?;
        let config = Config {
            dir: dir.to_owned(),
            batch_compression_threshold: ReadableSize(0),
            target_file_size: ReadableSize(capacity),
            purge_threshold: ReadableSize(capacity.saturating_mul(2)),
            enable_log_recycle: true,
            prefill_for_recycle: true,
            prefill_limit: Some(ReadableSize(capacity.saturating_mul(2))),
            ..Config::default()
        };
        let mut log = RaftEngine {
            engine: Engine::open(config).map_err(io::Error::other)?,
            batch: LogBatch::with_capacity(1),
            entry: [BytesValue::new()],
            next_index: 1,
            capacity,
            used: 0,
            survives,
        };
        log.leave_the_first_file()?;
        Ok(log)
    }

    /// Fills the first file, the only one that was not written with zeros.
    fn leave_the_first_file(&mut self) -> io::Result<()> {
        let filling = vec![0; 64 << 10];
        let mut filled = 0;
        while filled <= self.capacity {
            self.append(&filling)?;
            filled += filling.len() as u64;
        }
        self.make_room(self.capacity)
    }
}

impl Peer for RaftEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    fn class(&self) -> Class {
        Class {
            survives: self.survives,
            checksummed: true,
        }
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let value = &mut self.entry[0].value;
        value.clear();
        value.extend_from_slice(&self.next_index.to_le_bytes());
        value.extend_from_slice(bytes);
        self.batch
            .add_entries::<Entry>(GROUP, &self.entry)
            .map_err(io::Error::other)?;
        self.engine
            .write(&mut self.batch, true)
            .map_err(io::Error::other)?;
        self.next_index += 1;
        self.used += bytes.len() as u64;
        Ok(())
    }

    fn make_room(&mut self, needed: u64) -> io::Result<()> {
        if self.used + needed > self.capacity {
            self.engine.compact_to(GROUP, self.next_index);
            self.engine
                .purge_expired_files()
                .map_err(io::Error::other)?;
            self.used = 0;
        }
        Ok(())
    }
}

/// The same for threads, each of which has a Raft group of its own.
pub struct Threads {
    log: RaftEngine,
    writers: Vec<Mutex<Writer>>,
}

struct Writer {
    batch: LogBatch,
    entry: [BytesValue; 1],
    next_index: u64,
}

impl Threads {
    /// Creates a log in a new directory.
    pub fn create(
        dir: &Path,
        capacity: u64,
        survives: Durability,
        threads: usize,
    ) -> io::Result<Threads> {
        let writer = || Writer {
            batch: LogBatch::with_capacity(1),
            entry: [BytesValue::new()],
            next_index: 1,
        };
        Ok(Threads {
            log: RaftEngine::create(dir, capacity, survives)?,
            writers: (0..threads).map(|_| Mutex::new(writer())).collect(),
        })
    }
}

impl Together for Threads {
    fn append(&self, thread: usize, bytes: &[u8]) -> io::Result<()> {
        let poisoned = |_| io::Error::other("a thread panicked");
        let mut writer = self.writers[thread].lock().map_err(poisoned)?;
        let Writer {
            batch,
            entry,
            next_index,
        } = &mut *writer;
        let value = &mut entry[0].value;
        value.clear();
        value.extend_from_slice(&next_index.to_le_bytes());
        value.extend_from_slice(bytes);
        *next_index += 1;
        let group = GROUP + 1 + thread as u64;
        batch
            .add_entries::<Entry>(group, entry)
            .map_err(io::Error::other)?;
        let written = self.log.engine.write(batch, true);
        written.map(drop).map_err(io::Error::other)
    }

    fn make_room(&mut self, needed: u64) -> io::Result<()> {
        for (thread, writer) in self.writers.iter().enumerate() {
            let writer = writer
                .lock()
                .map_err(|_| io::Error::other("a thread panicked"))?;
            let group = GROUP + 1 + thread as u64;
            self.log.engine.compact_to(group, writer.next_index);
        }
        self.log.make_room(needed)?;
        self.log.used += needed;
        Ok(())
    }
}
