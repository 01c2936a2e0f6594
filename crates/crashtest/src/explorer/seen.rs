//! Which images have been tried.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

const SHARDS: usize = 32;

/// More are not remembered: these take some 2.5 GiB.
const MOST: u64 = 1 << 27;

/// The hashes of images, with what was expected of them.
#[derive(Default)]
pub struct Seen {
    shards: [Mutex<HashSet<u64, BuildHasherDefault<AsItIs>>>; SHARDS],
    count: AtomicU64,
}

impl Seen {
    /// Whether this is a new one, which is remembered.
    pub fn is_new(&self, hash: u64) -> bool {
        let shard = &self.shards[hash as usize % SHARDS];
        let new = shard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(hash);
        self.count.fetch_add(u64::from(new), Relaxed);
        new
    }

    pub fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }

    pub fn is_full(&self) -> bool {
        self.count() >= MOST
    }
}

/// Hashes need no hashing.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash.rotate_right(7);
    }
}
