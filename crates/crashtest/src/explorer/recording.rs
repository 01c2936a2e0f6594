//! A region that remembers every store, and what a crash could leave of them.

use multilog::{IoError, Region};
use std::cell::RefCell;
use std::mem;
use std::ops::Range;
use std::rc::Rc;

/// All images of a moment are tried if there are so many at most.
pub const ALL: usize = 1 << 14;

/// A word that was stored and not flushed: what is durable of it, and what else was stored there since, each value once.
#[derive(Clone, Debug)]
pub struct Pending {
    pub word: usize,
    pub values: Vec<u64>,
    /// Which of the values was stored last.
    pub last: usize,
}

/// A moment at which there could be a crash.
#[derive(Clone, Debug)]
pub struct Moment {
    pub durable: Vec<u8>,
    pub pending: Vec<Pending>,
    /// The words and values of which `pending` is made, in the order of the stores.
    pub stores: Vec<(usize, u64)>,
}

impl Moment {
    /// How many images there are.
    pub fn images(&self) -> usize {
        let choices = self.pending.iter().map(|pending| pending.values.len());
        choices.fold(1, usize::saturating_mul)
    }

    /// How many images there will be when one more value of a word is pending.
    fn images_with(&self, word: usize, value: u64) -> usize {
        let images = self.images();
        let known = |pending: &&Pending| pending.word == word;
        match self.pending.iter().find(known) {
            Some(pending) if pending.values.contains(&value) => images,
            Some(pending) => {
                (images / pending.values.len()).saturating_mul(pending.values.len() + 1)
            }
            None if get(&self.durable, word) == value => images,
            None => images.saturating_mul(2),
        }
    }

    fn store(&mut self, word: usize, value: u64) {
        self.stores.push((word, value));
        let known = self.pending.iter().position(|known| known.word == word);
        let known = known.unwrap_or_else(|| {
            self.pending.push(Pending {
                word,
                values: vec![get(&self.durable, word)],
                last: 0,
            });
            self.pending.len() - 1
        });
        let pending = &mut self.pending[known];
        let values = &mut pending.values;
        pending.last = values.iter().position(|&v| v == value).unwrap_or_else(|| {
            values.push(value);
            values.len() - 1
        });
    }
}

#[derive(Debug)]
struct Medium {
    volatile: Vec<u8>,
    now: Moment,
    /// What it was like just before each flush: all that a crash could leave earlier, it could leave then. And just
    /// before the images became too many to try them all.
    moments: Vec<Moment>,
}

/// A handle on the medium, of which one belongs to the logs and one to who explores; or on a part of it.
#[derive(Clone, Debug)]
pub struct Recording {
    medium: Rc<RefCell<Medium>>,
    part: Range<usize>,
    /// What the part holds, to be borrowed, as on a device that is mapped into memory. Only one handle writes.
    lent: Option<Vec<u8>>,
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
                stores: Vec::new(),
            },
            moments: Vec::new(),
        }));
        Recording {
            medium,
            part,
            lent: None,
        }
    }

    /// A handle for logs, of a device that is mapped into memory or not.
    pub fn attached(&self, mapped: bool) -> Recording {
        let lent = mapped.then(|| self.medium.borrow().volatile[self.part.clone()].to_vec());
        Recording {
            medium: self.medium.clone(),
            part: self.part.clone(),
            lent,
        }
    }

    /// Two devices in place of one: each is flushed by itself. The first has so many bytes, a multiple of 8.
    pub fn split(&self, at: usize) -> [Recording; 2] {
        let Range { start, end } = self.part;
        [start..start + at, start + at..end].map(|part| Recording {
            medium: self.medium.clone(),
            part,
            lent: None,
        })
    }

    /// The moments since the last call, and now.
    pub fn take_moments(&self) -> Vec<Moment> {
        let mut medium = self.medium.borrow_mut();
        let mut moments = mem::take(&mut medium.moments);
        moments.push(medium.now.clone());
        moments
    }

    /// What the medium holds.
    pub fn bytes(&self) -> Vec<u8> {
        self.medium.borrow().volatile.clone()
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

    fn borrow(&self, addr: u64, len: usize) -> Option<&[u8]> {
        let lent = self.lent.as_ref()?;
        Some(&lent[addr as usize..][..len])
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        if bytes.is_empty() {
            return Ok(());
        }
        if let Some(lent) = &mut self.lent {
            lent[addr as usize..][..bytes.len()].copy_from_slice(bytes);
        }
        let mut medium = self.medium.borrow_mut();
        let Medium {
            volatile,
            now,
            moments,
        } = &mut *medium;
        volatile[self.part.clone()][addr as usize..][..bytes.len()].copy_from_slice(bytes);
        let addr = self.part.start + addr as usize;
        for word in addr / 8..=(addr + bytes.len() - 1) / 8 {
            let value = get(volatile, word);
            if now.images() <= ALL && now.images_with(word, value) > ALL {
                moments.push(now.clone());
            }
            now.store(word, value);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IoError> {
        let mut medium = self.medium.borrow_mut();
        let Medium {
            volatile,
            now,
            moments,
        } = &mut *medium;
        moments.push(now.clone());
        now.durable[self.part.clone()].copy_from_slice(&volatile[self.part.clone()]);
        let flushed = |word: usize| self.part.contains(&(8 * word));
        now.pending.retain(|pending| !flushed(pending.word));
        now.stores.retain(|(word, _)| !flushed(*word));
        Ok(())
    }
}
