//! A device that remembers what a crash could leave. `crashtest` has one that makes all images; this one is for threads,
//! and makes those in which mistakes of whoever uses the logs show.

use multilog::shared::Shareable;
use multilog::{IoError, Region};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

type Word = [u8; 8];

/// Words that are not on the medium yet, or some of them, by their numbers.
type Unflushed = BTreeMap<usize, Word>;

/// What was done to a device.
enum Event {
    Store(usize, Word),
    /// The stores before it were one write.
    Written,
    Flushed,
}

/// What is on the medium for certain, and what else may be.
#[derive(Clone)]
struct Content {
    durable: Vec<u8>,
    unflushed: Unflushed,
}

impl Content {
    /// The image with these words.
    fn with(&self, words: &Unflushed) -> Vec<u8> {
        let mut image = self.durable.clone();
        for (word, value) in words {
            image[8 * word..8 * word + 8].copy_from_slice(value);
        }
        image
    }

    fn flush(&mut self) {
        self.durable = self.with(&self.unflushed);
        self.unflushed.clear();
    }
}

/// What was done to a device, and what it held before.
pub struct History {
    before: Content,
    events: Vec<Event>,
}

impl History {
    /// Calls `found` with what a crash could have left: after every store all of the unflushed words, and before and after
    /// every write none or one of them, all, or all but one. What two crashes leave between two flushes is found once.
    pub fn images(&self, mut found: impl FnMut(Vec<u8>)) {
        let mut content = self.before.clone();
        let mut seen = HashSet::new();
        let mut find = |content: &Content, words: Unflushed, seen: &mut HashSet<Unflushed>| {
            if !seen.contains(&words) {
                found(content.with(&words));
                seen.insert(words);
            }
        };
        for event in [Event::Written].iter().chain(&self.events) {
            match event {
                Event::Store(word, value) => {
                    content.unflushed.insert(*word, *value);
                    find(&content, content.unflushed.clone(), &mut seen);
                }
                Event::Written => {
                    find(&content, Unflushed::new(), &mut seen);
                    for (word, value) in &content.unflushed {
                        find(&content, Unflushed::from([(*word, *value)]), &mut seen);
                        let mut others = content.unflushed.clone();
                        others.remove(word);
                        find(&content, others, &mut seen);
                    }
                }
                Event::Flushed => {
                    content.flush();
                    seen.clear();
                    find(&content, Unflushed::new(), &mut seen);
                }
            }
        }
    }
}

struct Medium {
    /// What is read.
    volatile: Vec<u8>,
    content: Content,
    before: Content,
    events: Vec<Event>,
}

/// A handle on the device.
#[derive(Clone)]
pub struct Recording(Arc<Mutex<Medium>>);

impl Recording {
    /// A device that holds these bytes, a multiple of 8.
    pub fn of(mut bytes: Vec<u8>) -> Recording {
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let content = Content {
            durable: bytes.clone(),
            unflushed: Unflushed::new(),
        };
        Recording(Arc::new(Mutex::new(Medium {
            volatile: bytes,
            before: content.clone(),
            content,
            events: Vec::new(),
        })))
    }

    /// What was done since the last call.
    pub fn take_history(&self) -> History {
        let mut medium = self.lock();
        let now = medium.content.clone();
        History {
            before: std::mem::replace(&mut medium.before, now),
            events: std::mem::take(&mut medium.events),
        }
    }

    /// What is there for certain.
    pub fn durable(&self) -> Vec<u8> {
        self.lock().content.durable.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Medium> {
        self.0.lock().unwrap()
    }
}

impl Region for Recording {
    fn len(&self) -> u64 {
        self.lock().volatile.len() as u64
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        buf.copy_from_slice(&self.lock().volatile[addr as usize..][..buf.len()]);
        Ok(())
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        let mut medium = self.lock();
        let range = addr as usize..addr as usize + bytes.len();
        medium.volatile[range.clone()].copy_from_slice(bytes);
        for word in range.start / 8..range.end.div_ceil(8) {
            let value = medium.volatile[8 * word..8 * word + 8].try_into().unwrap();
            medium.content.unflushed.insert(word, value);
            medium.events.push(Event::Store(word, value));
        }
        medium.events.push(Event::Written);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IoError> {
        let mut medium = self.lock();
        medium.content.flush();
        medium.events.push(Event::Flushed);
        Ok(())
    }
}

impl Shareable for Recording {}
