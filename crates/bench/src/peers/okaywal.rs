//! okaywal, a write-ahead log in files that are used again.
//!
//! An append is one `write` of an entry with one chunk, and one `fdatasync`, of a descriptor that it duplicates for it.
//! Chunks have CRC-32C checksums. Its files are written with zeros when they are created; a thread of its own prepares
//! them for their next use.

use super::Peer;
use crate::classes::Class;
use multilog::Durability;
use okaywal::{Configuration, LogVoid, WriteAheadLog};
use std::io;
use std::path::Path;

pub const NAME: &str = "okaywal";

pub struct OkayWal {
    log: WriteAheadLog,
    capacity: u64,
    used: u64,
    survives: Durability,
}

impl OkayWal {
    /// Creates a log in a new directory.
    pub fn create(dir: &Path, capacity: u64, survives: Durability) -> io::Result<OkayWal> {
        // Each entry has some 20 bytes of its own: this is room for them even if all are of 8 bytes.
        let file_len = capacity.saturating_mul(4);
        let log = Configuration::default_for(dir)
            .preallocate_bytes(u32::try_from(file_len).map_err(io::Error::other)?)
            .checkpoint_after_bytes(file_len)
            .open(LogVoid)?;
        Ok(OkayWal {
            log,
            capacity,
            used: 0,
            survives,
        })
    }
}

impl Peer for OkayWal {
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
        let mut entry = self.log.begin_entry()?;
        entry.write_chunk(bytes)?;
        entry.commit()?;
        self.used += bytes.len() as u64;
        Ok(())
    }

    fn make_room(&mut self, needed: u64) -> io::Result<()> {
        if self.used + needed > self.capacity {
            self.log.checkpoint_active()?;
            self.used = 0;
        }
        Ok(())
    }
}
