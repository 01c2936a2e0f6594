//! A device that writes down what is asked of it, and all that a crash may leave of that.

use super::Generator;
use multilog::{IoError, Region};
use std::sync::{Arc, Mutex};

/// A region that keeps its bytes as they were at first or when last asked, and all writes and flushes since.
#[derive(Clone)]
pub struct Tape(Arc<Mutex<State>>);

struct State {
    bytes: Vec<u8>,
    recorded: Recorded,
}

/// Bytes that were durable, and the writes since, up to each flush and the last ones.
#[derive(Clone)]
pub struct Recorded {
    durable: Vec<u8>,
    writes: Vec<Vec<(usize, Vec<u8>)>>,
}

impl Tape {
    pub fn new(bytes: Vec<u8>) -> Tape {
        let recorded = Recorded::new(bytes.clone());
        Tape(Arc::new(Mutex::new(State { bytes, recorded })))
    }

    /// The bytes that were written, durable or not.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().bytes.clone()
    }

    /// What was written down since the last call. All of it counts as durable from now on.
    pub fn take(&self) -> Recorded {
        let mut state = self.0.lock().unwrap();
        let fresh = Recorded::new(state.bytes.clone());
        std::mem::replace(&mut state.recorded, fresh)
    }

    /// The same, but goes on: what was not flushed may still get lost.
    pub fn recorded(&self) -> Recorded {
        self.0.lock().unwrap().recorded.clone()
    }
}

impl Region for Tape {
    fn len(&self) -> u64 {
        self.0.lock().unwrap().bytes.len() as u64
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        buf.copy_from_slice(&self.0.lock().unwrap().bytes[addr as usize..][..buf.len()]);
        Ok(())
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        let state = &mut *self.0.lock().unwrap();
        state.bytes[addr as usize..][..bytes.len()].copy_from_slice(bytes);
        let last = state.recorded.writes.last_mut().unwrap();
        last.push((addr as usize, bytes.to_vec()));
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IoError> {
        self.0.lock().unwrap().recorded.writes.push(Vec::new());
        Ok(())
    }
}

/// What was in flight at a flush, or at the end: pieces of aligned words of 8 bytes, each of which a crash leaves or not.
pub struct InFlight {
    durable: Vec<u8>,
    pieces: Vec<(usize, Vec<u8>)>,
}

impl Recorded {
    fn new(durable: Vec<u8>) -> Recorded {
        let writes = vec![Vec::new()];
        Recorded { durable, writes }
    }

    /// How many flushes there were.
    pub fn flushes(&self) -> usize {
        self.writes.len() - 1
    }

    /// What was in flight at each flush, and at the end. A crash earlier than that leaves some of it.
    pub fn in_flight(&self) -> Vec<InFlight> {
        let mut durable = self.durable.clone();
        let mut all = Vec::new();
        for writes in &self.writes {
            let mut written = durable.clone();
            let mut pieces = Vec::new();
            for (addr, bytes) in writes {
                for (at, piece) in words(*addr, bytes) {
                    let there = &mut written[at..at + piece.len()];
                    // What does not change anything may as well be there.
                    if *there != piece {
                        there.copy_from_slice(&piece);
                        pieces.push((at, piece));
                    }
                }
            }
            all.push(InFlight { durable, pieces });
            durable = written;
        }
        all
    }
}

/// The parts of aligned words that are written.
fn words(addr: usize, bytes: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let (mut from, end) = (addr, addr + bytes.len());
    let mut words = Vec::new();
    while from < end {
        let to = ((from / 8 + 1) * 8).min(end);
        words.push((from, bytes[from - addr..to - addr].to_vec()));
        from = to;
    }
    words
}

impl InFlight {
    /// How many pieces there are.
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// What a crash leaves if these pieces reach the medium: those whose bits are set.
    pub fn left(&self, pieces: impl Fn(usize) -> bool) -> Vec<u8> {
        let mut image = self.durable.clone();
        for (i, (at, piece)) in self.pieces.iter().enumerate() {
            if pieces(i) {
                image[*at..*at + piece.len()].copy_from_slice(piece);
            }
        }
        image
    }

    /// The address of a piece.
    pub fn address(&self, piece: usize) -> usize {
        self.pieces[piece].0
    }

    /// Which pieces may be left: every subset of a few. Of many, none, all, each one alone, all but each one, the first ones, and
    /// a sample.
    pub fn subsets(&self, few: usize, sample: usize, seed: u64) -> Vec<Vec<bool>> {
        let len = self.len();
        if len <= few {
            let bits = |set: u32| (0..len).map(|i| set >> i & 1 == 1).collect();
            return (0..1 << len).map(bits).collect();
        }
        let mut sets = Vec::new();
        for at in 0..=len {
            sets.push((0..len).map(|i| i == at).collect());
            sets.push((0..len).map(|i| i != at).collect());
            sets.push((0..len).map(|i| i < at).collect());
        }
        let mut choices = Generator(seed);
        for _ in 0..sample {
            let odds = 1 + choices.below(7);
            sets.push((0..len).map(|_| choices.below(8) < odds).collect());
        }
        sets
    }
}
