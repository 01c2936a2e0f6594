//! Appending records.

#[cfg(verus_only)]
use crate::core::gather::lemma_gathered_three;
use crate::errors::AppendError;
use crate::records::errors::*;
use crate::records::format::*;
use crate::trusted::gate::MultiLog;
#[cfg(verus_only)]
use crate::trusted::{contract::*, record_contract::*};
#[cfg(verus_only)]
use pmem::trusted::crc::*;
use pmem::trusted::region::*;
use vstd::prelude::*;

verus! {

/// What stands before and behind the payload of a record.
#[inline(always)]
fn frame(prefix: Prefix, position: u64, payload: &[u8]) -> (r: ([u8; 16], [u8; 8]))
    requires
        prefix.right(),
    ensures
        r.0@ + payload@ + r.1@ == record(prefix.id@, prefix.log, position, payload@),
{
    let len = payload.len() as u64;
    let (start, all) = prefix.crcs(position, payload);
    let (header, trailer) = (header_bytes(len, start), crc_bytes(all));
    assert(header@ + payload@ + trailer@ =~= record(prefix.id@, prefix.log, position, payload@));
    (header, trailer)
}

/// Puts the bytes of a record behind `bytes`: what staging it at `position` writes there.
pub(crate) fn push_record(bytes: &mut Vec<u8>, prefix: Prefix, position: u64, payload: &[u8])
    requires
        prefix.right(),
    ensures
        final(bytes)@ == old(bytes)@ + record(prefix.id@, prefix.log, position, payload@),
{
    let (header, trailer) = frame(prefix, position, payload);
    let ghost before = bytes@;
    bytes.extend_from_slice(header.as_slice());
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(trailer.as_slice());
    assert(bytes@ =~= before + (header@ + payload@ + trailer@));
}

/// The longest payload that is copied behind its header where that saves more than it takes: system calls, or storing parts
/// of words.
const SMALL: usize = 1024;

impl<R: Region> MultiLog<R> {
    /// Writes and stages a record.
    #[inline(always)]
    #[allow(clippy::manual_is_multiple_of)]  // It is not known to the verifier.
    fn stage_record(&mut self, log: u64, position: u64, payload: &[u8]) -> (r: Result<
        u64,
        AppendError,
    >)
        requires
            old(self).valid(),
            payload@.len() <= u64::MAX,
        ensures
            final(self).valid(),
            append_post(
                old(self)@,
                final(self)@,
                log,
                record(old(self)@.committed.id, log, position, payload@),
                r,
            ),
            old(self)@.sound && !old(self)@.failed ==> final(self).recovers_to() == Some(
                old(self)@.committed,
            ),
    {
        let prefix = self.core.record_prefix(log, Ghost(self.region@), Ghost(self@));
        let words = (position | payload.len() as u64) % 8 == 0;
        if payload.len() <= SMALL && !(words && self.core.is_mapped(
            &self.region,
            log,
            Ghost(self@),
        )) {
            let mut bytes: Vec<u8> = Vec::new();
            self.core.swap_scratch(&mut bytes);
            bytes.clear();
            // At the first one for all.
            bytes.reserve(SMALL + RECORD_OVERHEAD as usize);
            push_record(&mut bytes, prefix, position, payload);
            assert(bytes@ =~= record(prefix.id@, log, position, payload@));
            let r = self.stage_append(log, bytes.as_slice());
            self.core.swap_scratch(&mut bytes);
            return r;
        }
        let (header, trailer) = frame(prefix, position, payload);
        let parts = [header.as_slice(), payload, trailer.as_slice()];
        proof {
            lemma_gathered_three(parts@);
        }
        self.stage_append_gathered(log, &parts)
    }

    /// Stages an append of a record with this payload to a log, and returns the record's position, with which
    /// [`MultiLog::get_record`] gives it back once it is committed.
    ///
    /// It takes [`RECORD_OVERHEAD`] bytes more than the payload has.
    ///
    /// # Errors
    /// See [`AppendRecordError`]; nothing is staged then.
    pub fn stage_append_record(&mut self, log: u64, payload: &[u8]) -> (r: Result<
        u64,
        AppendRecordError,
    >)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            append_record_post(old(self)@, final(self)@, log, payload@, r),
            old(self)@.sound && !old(self)@.failed ==> final(self).recovers_to() == Some(
                old(self)@.committed,
            ),
    {
        let info = match self.info(log) {
            Some(info) => info,
            None => return Err(self.refusal(log, payload)),
        };
        let (len, capacity) = (payload.len() as u64, info.capacity);
        if capacity < RECORD_OVERHEAD || len > capacity - RECORD_OVERHEAD {
            return Err(self.refusal(log, payload));
        }
        let position = info.staged_tail;
        match self.stage_record(log, position, payload) {
            Ok(position) => Ok(position),
            Err(e) => Err(record_error(e)),
        }
    }

    /// Why a record is refused that is longer than the log, or to a log that is none.
    #[cold]
    fn refusal(&self, log: u64, payload: &[u8]) -> (r: AppendRecordError)
        requires
            self.valid(),
            log < self@.committed.logs.len() ==> payload@.len() + RECORD_OVERHEAD
                > self@.committed.logs[log as int].capacity,
        ensures
            append_record_refusal(self@, log, payload@.len() as int) == Some(r),
    {
        if self.is_failed() {
            return AppendRecordError::Failed;
        }
        let logs = self.log_count();
        let info = match self.info(log) {
            Some(info) => info,
            None => return AppendRecordError::NoSuchLog { log, logs },
        };
        if info.staged_tail < info.tail {
            return AppendRecordError::TruncationStaged {
                committed_tail: info.tail,
                staged_tail: info.staged_tail,
            };
        }
        AppendRecordError::TooLong { len: payload.len() as u64, capacity: info.capacity }
    }
}

/// What an error of the append that a record is means for the record.
#[cold]
fn record_error(e: AppendError) -> (r: AppendRecordError)
    ensures
        match e {
            AppendError::Failed => r == AppendRecordError::Failed,
            AppendError::NoSuchLog { log, logs } => r == AppendRecordError::NoSuchLog { log, logs },
            AppendError::TruncationStaged { committed_tail, staged_tail } => r
                == AppendRecordError::TruncationStaged { committed_tail, staged_tail },
            AppendError::PositionOverflow => r == AppendRecordError::PositionOverflow,
            AppendError::Full { requested, available } => r == AppendRecordError::Full {
                requested,
                available,
            },
            AppendError::Io(e) => r == AppendRecordError::Io(e),
        },
{
    match e {
        AppendError::Failed => AppendRecordError::Failed,
        AppendError::NoSuchLog { log, logs } => AppendRecordError::NoSuchLog { log, logs },
        AppendError::TruncationStaged { committed_tail, staged_tail } => {
            AppendRecordError::TruncationStaged { committed_tail, staged_tail }
        },
        AppendError::PositionOverflow => AppendRecordError::PositionOverflow,
        AppendError::Full { requested, available } => AppendRecordError::Full {
            requested,
            available,
        },
        AppendError::Io(e) => AppendRecordError::Io(e),
    }
}

} // verus!
