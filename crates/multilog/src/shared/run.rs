//! Small records that lie one behind the other in a log: they are written at once.

use super::{Group, Refusal};
use crate::records::append::push_record;
use crate::records::format::Prefix;
use crate::{MultiLog, Region, RECORD_OVERHEAD};

/// Copying longer records would cost more than the writes that it saves.
const SMALL: usize = 16 << 10;

/// Records that are to be staged, and where.
#[derive(Default)]
pub(super) struct Run {
    log: u64,
    position: u64,
    /// The bytes that fit behind.
    room: u64,
    /// Kept from one run to the next.
    bytes: Vec<u8>,
}

impl Run {
    /// Adds a group that is one small record, if it belongs behind those that are here and fits; returns its position.
    pub(super) fn add<R: Region>(&mut self, logs: &MultiLog<R>, group: &Group) -> Option<u64> {
        let (log, payload) = group.only_record().filter(|(_, p)| p.len() <= SMALL)?;
        if self.bytes.is_empty() {
            let info = logs.info(log)?;
            if info.staged_tail < info.tail {
                // Refused, behind a truncation.
                return None;
            }
            let most = u64::MAX - info.staged_tail;
            (self.log, self.position) = (log, info.staged_tail);
            self.room = info.free.min(most);
        }
        let len = payload.len() as u64 + RECORD_OVERHEAD;
        if log != self.log || len > self.room {
            return None;
        }
        let position = self.position + self.bytes.len() as u64;
        let prefix = Prefix::of(logs.region_id(), log);
        push_record(&mut self.bytes, prefix, position, payload);
        self.room -= len;
        Some(position)
    }

    /// Stages what is here.
    pub(super) fn stage<R: Region>(
        &mut self,
        logs: &mut MultiLog<R>,
    ) -> Result<(), (usize, Refusal)> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let staged = logs.stage_append(self.log, &self.bytes);
        self.bytes.clear();
        staged
            .map(drop)
            .map_err(|error| (0, Refusal::Append(error)))
    }
}
