//! The calls of which a workload is made.

use super::model::{Log, Model};
use super::records::OVERHEAD;
use fastrand::Rng;

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Appends these parts, at once.
    Append {
        log: u64,
        parts: Vec<Vec<u8>>,
    },
    AppendRecord {
        log: u64,
        payload: Vec<u8>,
    },
    AdvanceHead {
        log: u64,
        position: u64,
    },
    Truncate {
        log: u64,
        position: u64,
    },
    Commit,
    Abort,
    /// Lets go of the logs and opens them again, without a crash.
    Reopen,
    Check,
}

impl Step {
    /// A step for logs that stand as in `model`. Most can be done, a few must be refused.
    pub fn choose(rng: &mut Rng, model: &Model) -> Step {
        let count = model.staged.len();
        let index = rng.usize(..count);
        let chosen = &model.staged[index];
        let log = match rng.u8(..50) {
            0 => count as u64,
            _ => index as u64,
        };
        let free = model.free(index);
        match rng.u8(..20) {
            // Without this, logs would be full most of the time.
            0..=8 if free <= chosen.capacity / 8 => Step::AdvanceHead {
                log,
                position: rng.u64((chosen.head + chosen.tail()) / 2..=chosen.tail()),
            },
            0..=8 => {
                let most = free + u64::from(rng.u8(..50) == 0);
                let len = rng.u64(..=most) as usize;
                // Often whole words, which some devices are written by.
                let len = if rng.bool() { len & !7 } else { len };
                if model.id.is_some() && len >= OVERHEAD && rng.bool() {
                    let payload = bytes(rng, len - OVERHEAD);
                    return Step::AppendRecord { log, payload };
                }
                let parts = parts(rng, len);
                Step::Append { log, parts }
            }
            9..=10 => Step::AdvanceHead {
                log,
                position: position(rng, chosen),
            },
            11 => Step::Truncate {
                log,
                position: position(rng, chosen),
            },
            12..=16 => Step::Commit,
            17 => Step::Abort,
            18 => Step::Reopen,
            _ => Step::Check,
        }
    }
}

/// A position in a log, or now and then one outside of it.
fn position(rng: &mut Rng, log: &Log) -> u64 {
    let position = rng.u64(log.head..=log.tail());
    match rng.u8(..50) {
        0 => position + log.capacity + 1,
        _ => position,
    }
}

/// `len` random bytes in one to three parts, of whole words if they are all together.
fn parts(rng: &mut Rng, len: usize) -> Vec<Vec<u8>> {
    let bytes = bytes(rng, len);
    let whole = if len.is_multiple_of(8) { 8 } else { 1 };
    let mut end = || rng.usize(..=len / whole) * whole;
    let (a, b) = (end(), end());
    let (first, second) = (a.min(b), a.max(b));
    match rng.u8(..3) {
        0 => vec![bytes],
        1 => vec![bytes[..first].to_vec(), bytes[first..].to_vec()],
        _ => vec![
            bytes[..first].to_vec(),
            bytes[first..second].to_vec(),
            bytes[second..].to_vec(),
        ],
    }
}

fn bytes(rng: &mut Rng, len: usize) -> Vec<u8> {
    (0..len).map(|_| rng.u8(..)).collect()
}
