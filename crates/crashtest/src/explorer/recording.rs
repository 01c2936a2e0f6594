//! A region that remembers every store, and what a crash could leave of them.

use multilog::{IoError, Region};
use std::cell::RefCell;
use std::mem;
use std::ops::Range;
use std::rc::Rc;

/// A word that was stored and not flushed: what is durable of it, and what was stored there since, in turn.
#[derive(Clone, Debug)]
pub struct Pending {
    pub word: usize,
    pub values: Vec<u64>,
}

/// A moment at which there could be a crash.
#[derive(Clone, Debug)]
pub struct Moment {
    pub durable: Vec<u8>,
    /// In the order of their first stores.
    pub pending: Vec<Pending>,
}

#[derive(Debug)]
struct Medium {
    volatile: Vec<u8>,
    now: Moment,
    /// What it was like just before each flush. All that a crash could leave earlier, it could leave then.
    flushes: Vec<Moment>,
}

/// A handle on the medium, of which one belongs to the logs and one to who explores; or on a part of it.
#[derive(Clone, Debug)]
pub struct Recording {
    medium: Rc<RefCell<Medium>>,
    part: Range<usize>,
}

impl Recording {
    /// A region that holds these bytes, a multiple of 8.
    pub fn of(bytes: Vec<u8>) -> Recording {
        let part = 0..bytes.len();
        let medium = Rc::new(RefCell::new(Medium {
            volatile: bytes.clone(),
            now: Moment {
                durable: bytes,
                pending: Vec::new(),
            },
            flushes: Vec::new(),
        }));
        Recording { medium, part }
    }

    /// Two devices in place of one: each is flushed by itself. The first has so many bytes, a multiple of 8.
    pub fn split(&self, at: usize) -> [Recording; 2] {
        let Range { start, end } = self.part;
        [start..start + at, start + at..end].map(|part| Recording {
            medium: self.medium.clone(),
            part,
        })
    }

    /// The moments before the flushes since the last call.
    pub fn take_flushes(&self) -> Vec<Moment> {
        mem::take(&mut self.medium.borrow_mut().flushes)
    }

    pub fn now(&self) -> Moment {
        self.medium.borrow().now.clone()
    }
}

pub fn get(bytes: &[u8], word: usize) -> u64 {
    let mut value = [0; 8];
    value.copy_from_slice(&bytes[8 * word..8 * word + 8]);
    u64::from_le_bytes(value)
}

pub fn set(bytes: &mut [u8], word: usize, value: u64) {
    bytes[8 * word..8 * word + 8].copy_from_slice(&value.to_le_bytes());
}

impl Region for Recording {
    fn len(&self) -> u64 {
        self.part.len() as u64
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        let medium = self.medium.borrow();
        let part = &medium.volatile[self.part.clone()];
        buf.copy_from_slice(&part[addr as usize..][..buf.len()]);
        Ok(())
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let mut medium = self.medium.borrow_mut();
        let Medium { volatile, now, .. } = &mut *medium;
        volatile[self.part.clone()][addr as usize..][..bytes.len()].copy_from_slice(bytes);
        let addr = self.part.start + addr as usize;
        for word in addr / 8..=(addr + bytes.len() - 1) / 8 {
            let value = get(volatile, word);
            match now.pending.iter_mut().find(|pending| pending.word == word) {
                Some(pending) => pending.values.push(value),
                None => now.pending.push(Pending {
                    word,
                    values: vec![get(&now.durable, word), value],
                }),
            }
        }
        for pending in &mut now.pending {
            pending.values.dedup();
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IoError> {
        let mut medium = self.medium.borrow_mut();
        let Medium {
            volatile,
            now,
            flushes,
        } = &mut *medium;
        flushes.push(now.clone());
        now.durable[self.part.clone()].copy_from_slice(&volatile[self.part.clone()]);
        now.pending
            .retain(|pending| !self.part.contains(&(8 * pending.word)));
        Ok(())
    }
}

/// What a crash left. It must be opened without a store.
#[derive(Clone, Debug)]
pub struct Left {
    bytes: Rc<RefCell<Vec<u8>>>,
    stored: Rc<RefCell<bool>>,
}

impl Left {
    pub fn new() -> Left {
        Left {
            bytes: Rc::default(),
            stored: Rc::default(),
        }
    }

    pub fn set_bytes(&self, bytes: &[u8]) {
        self.bytes.borrow_mut().clear();
        self.bytes.borrow_mut().extend_from_slice(bytes);
    }

    pub fn was_stored_to(&self) -> bool {
        *self.stored.borrow()
    }
}

impl Region for Left {
    fn len(&self) -> u64 {
        self.bytes.borrow().len() as u64
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        buf.copy_from_slice(&self.bytes.borrow()[addr as usize..][..buf.len()]);
        Ok(())
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    fn write(&mut self, _addr: u64, _bytes: &[u8]) -> Result<(), IoError> {
        *self.stored.borrow_mut() = true;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IoError> {
        Ok(())
    }
}
