//! A region in memory that keeps, for each store, what a crash at that moment may leave of it.

use pmem::{IoError, IoOperation, Region};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is durable, and the words in flight by their addresses.
#[derive(Clone)]
pub struct Moment {
    durable: Vec<u8>,
    flight: BTreeMap<usize, [u8; 8]>,
}

impl Moment {
    /// Calls `each` with every image that a crash may leave: all subsets of up to 10 words in flight; of more, those
    /// that differ from none or from all in at most two.
    pub fn crashes(&self, mut each: impl FnMut(&[u8])) {
        let words: Vec<(usize, [u8; 8])> = self.flight.iter().map(|(&a, &w)| (a, w)).collect();
        if words.len() <= 10 {
            for kept in 0..1usize << words.len() {
                each(&self.image(&words, |i| kept >> i & 1 == 1));
            }
            return;
        }
        for all in [false, true] {
            for first in 0..words.len() {
                for second in first..words.len() {
                    each(&self.image(&words, |i| (i == first || i == second) != all));
                }
            }
            each(&self.image(&words, |_| all));
        }
    }

    fn image(&self, words: &[(usize, [u8; 8])], kept: impl Fn(usize) -> bool) -> Vec<u8> {
        let mut image = self.durable.clone();
        for (i, (addr, word)) in words.iter().enumerate() {
            if kept(i) {
                image[*addr..addr + 8].copy_from_slice(word);
            }
        }
        image
    }
}

/// What was done to a region.
#[derive(Default)]
pub struct Record {
    /// The moments behind each write and each flush.
    pub moments: Vec<Moment>,
    /// How many writes there were.
    pub writes: usize,
    /// How many flushes there were.
    pub flushes: usize,
}

/// The region. Clones share its record.
pub struct Recording {
    volatile: Vec<u8>,
    now: Moment,
    /// The operation that fails: the one with this number, counted from 0.
    fails: Option<usize>,
    done: usize,
    record: Rc<RefCell<Record>>,
}

impl Recording {
    pub fn new(image: Vec<u8>, fails: Option<usize>) -> (Recording, Rc<RefCell<Record>>) {
        let record = Rc::new(RefCell::new(Record::default()));
        let now = Moment {
            durable: image.clone(),
            flight: BTreeMap::new(),
        };
        let region = Recording {
            volatile: image,
            now,
            fails,
            done: 0,
            record: record.clone(),
        };
        (region, record)
    }

    fn attempt(&mut self, operation: IoOperation) -> Result<(), IoError> {
        self.done += 1;
        match self.fails {
            Some(fails) if fails < self.done => Err(IoError {
                operation,
                errno: 5,
            }),
            _ => Ok(()),
        }
    }
}

impl Region for Recording {
    fn len(&self) -> u64 {
        self.volatile.len() as u64
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        let addr = addr as usize;
        buf.copy_from_slice(&self.volatile[addr..addr + buf.len()]);
        Ok(())
    }

    fn borrow(&self, addr: u64, len: usize) -> Option<&[u8]> {
        Some(&self.volatile[addr as usize..addr as usize + len])
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        let addr = addr as usize;
        self.attempt(IoOperation::Write)?;
        self.volatile[addr..addr + bytes.len()].copy_from_slice(bytes);
        for at in (addr / 8 * 8..addr + bytes.len()).step_by(8) {
            let word: [u8; 8] = self.volatile[at..at + 8].try_into().unwrap();
            if self.now.durable[at..at + 8] != word {
                self.now.flight.insert(at, word);
            }
        }
        let mut record = self.record.borrow_mut();
        record.writes += 1;
        record.moments.push(self.now.clone());
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IoError> {
        self.attempt(IoOperation::Flush)?;
        self.now.durable.clone_from(&self.volatile);
        self.now.flight.clear();
        let mut record = self.record.borrow_mut();
        record.flushes += 1;
        record.moments.push(self.now.clone());
        Ok(())
    }
}
