//! What is to be committed at once.

use super::errors::Refusal;
use crate::{MultiLog, Region};
use std::ops::Range;

/// Appends, records, head advances and truncations that are committed together, all or nothing.
#[derive(Debug, Clone, Default)]
pub struct Group {
    operations: Vec<Operation>,
    /// The bytes of all appends and records.
    bytes: Vec<u8>,
}

/// Where the appends of a group are.
#[derive(Clone)]
pub(super) enum Positions {
    /// Most groups are one record, and this allocates nothing.
    One(u64),
    Many(Vec<u64>),
}

impl From<Positions> for Vec<u64> {
    fn from(positions: Positions) -> Self {
        match positions {
            Positions::One(position) => vec![position],
            Positions::Many(positions) => positions,
        }
    }
}

#[derive(Debug, Clone)]
struct Operation {
    log: u64,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Append(Range<usize>),
    Record(Range<usize>),
    AdvanceHead(u64),
    Truncate(u64),
}

impl Group {
    /// A group of nothing.
    pub fn new() -> Group {
        Group::default()
    }

    /// Adds an append of `bytes` to a log.
    pub fn append(&mut self, log: u64, bytes: &[u8]) -> &mut Group {
        let range = self.keep(bytes);
        self.add(log, What::Append(range))
    }

    /// Adds an append of a record with this payload to a log.
    pub fn append_record(&mut self, log: u64, payload: &[u8]) -> &mut Group {
        let range = self.keep(payload);
        self.add(log, What::Record(range))
    }

    /// Adds that a log begins at `position`.
    pub fn advance_head(&mut self, log: u64, position: u64) -> &mut Group {
        self.add(log, What::AdvanceHead(position))
    }

    /// Adds that a log ends at `position`. In the same group nothing can be appended to that log behind it.
    pub fn truncate(&mut self, log: u64, position: u64) -> &mut Group {
        self.add(log, What::Truncate(position))
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        from..self.bytes.len()
    }

    fn add(&mut self, log: u64, what: What) -> &mut Group {
        self.operations.push(Operation { log, what });
        self
    }

    /// Stages all of it; returns the positions of what was appended, or which operation was refused, and why.
    pub(super) fn stage<R: Region>(
        &self,
        logs: &mut MultiLog<R>,
    ) -> Result<Positions, (usize, Refusal)> {
        let mut positions = Vec::new();
        for (number, Operation { log, what }) in self.operations.iter().enumerate() {
            let refused = |refusal| (number, refusal);
            match what {
                What::Append(range) => {
                    let staged = logs.stage_append(*log, &self.bytes[range.clone()]);
                    positions.push(staged.map_err(|e| refused(Refusal::Append(e)))?);
                }
                What::Record(range) => {
                    let staged = logs.stage_append_record(*log, &self.bytes[range.clone()]);
                    positions.push(staged.map_err(|e| refused(Refusal::Record(e)))?);
                }
                What::AdvanceHead(position) => {
                    let staged = logs.stage_advance_head(*log, *position);
                    staged.map_err(|e| refused(Refusal::Move(e)))?;
                }
                What::Truncate(position) => {
                    let staged = logs.stage_truncate(*log, *position);
                    staged.map_err(|e| refused(Refusal::Move(e)))?;
                }
            }
        }
        Ok(Positions::Many(positions))
    }

    /// The log and the payload, if it is one record and nothing else.
    pub(super) fn only_record(&self) -> Option<(u64, &[u8])> {
        match &self.operations[..] {
            [Operation {
                log,
                what: What::Record(range),
            }] => Some((*log, &self.bytes[range.clone()])),
            _ => None,
        }
    }

    /// The logs that it changes.
    pub(super) fn logs(&self) -> impl Iterator<Item = u64> + '_ {
        self.operations.iter().map(|operation| operation.log)
    }
}
