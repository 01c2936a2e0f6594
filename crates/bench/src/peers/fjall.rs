//! fjall, a key-value store whose journal is the log.
//!
//! It stands for those who take a store where a log would do, and is the best kept of the stores in Rust that journal
//! what is written rather than changing a tree in place. An append is the insertion of the bytes under the next number:
//! one `write` to the journal, one `fdatasync`, and an insertion in memory. Journal entries have XXH3 checksums.
//! Compression is off. The journal is a sparse file of 64 MiB that is filled: a sync of new blocks syncs the file
//! system's metadata too.

use super::Peer;
use crate::classes::Class;
use fjall::compaction::Fifo;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use multilog::Durability;
use std::io;
use std::path::Path;
use std::sync::Arc;

pub const NAME: &str = "fjall";

pub struct Fjall {
    log: Keyspace,
    /// Behind the keyspace, which is part of it.
    database: Database,
    next: u64,
    survives: Durability,
}

impl Fjall {
    /// Creates a log in a new directory.
    pub fn create(dir: &Path, capacity: u64, survives: Durability) -> io::Result<Fjall> {
        let database = Database::builder(dir).open().map_err(io::Error::other)?;
        let log = database
            .keyspace("log", || {
                let oldest_first = Fifo::new(capacity, None);
                KeyspaceCreateOptions::default().compaction_strategy(Arc::new(oldest_first))
            })
            .map_err(io::Error::other)?;
        Ok(Fjall {
            log,
            database,
            next: 0,
            survives,
        })
    }
}

impl Peer for Fjall {
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
        // In this order of bytes the keys are in the order of the numbers.
        self.log
            .insert(self.next.to_be_bytes(), bytes)
            .map_err(io::Error::other)?;
        self.database
            .persist(PersistMode::SyncData)
            .map_err(io::Error::other)?;
        self.next += 1;
        Ok(())
    }

    /// It makes room itself, in the background.
    fn make_room(&mut self, _needed: u64) -> io::Result<()> {
        Ok(())
    }
}
