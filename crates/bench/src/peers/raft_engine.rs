//! raft-engine, the log of TiKV.
//!
//! An append is one `pwrite` of a batch that holds one Raft entry, and one `fdatasync`. Entries and batch have CRC-32
//! checksums. Compression is off. Its files are written with zeros when it is opened, and used again when what is in
//! them is no longer needed. When a sync fails it ends the process.

use super::Peer;
use multilog::Durability;
use protobuf::well_known_types::BytesValue;
use raft_engine::{Config, Engine, LogBatch, MessageExt, ReadableSize};
use std::fs;
use std::io;
use std::path::Path;

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
}

impl RaftEngine {
    /// Creates a log in a new directory.
    pub fn create(dir: &Path, capacity: u64) -> io::Result<RaftEngine> {
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

    fn durability(&self) -> Durability {
        Durability::PowerCut
    }

    fn checksummed(&self) -> bool {
        true
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
