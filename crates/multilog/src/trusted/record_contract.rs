//! What the operations on records do, and exactly when they refuse.
//!
//! TRUSTED: these predicates are the contracts of `stage_append_record` and `get_record`. They speak of the abstract log and of
//! `records::format`, which need not be believed: `record` says what is appended and `parsed` what is returned, and
//! `theorem_parsed_record` that the second one undoes the first.
use crate::trusted::state::*;
#[cfg(verus_only)]
use crate::{
    errors::AppendError,
    records::errors::{AppendRecordError, RecordError},
    records::format::{parsed, record, Parsed},
    records::read::Record,
    trusted::contract::*,
};
use pmem::region_id::RegionId;
use pmem::trusted::{region::Medium, ring::Ring};
use vstd::prelude::*;

verus! {

/// The bytes before a record's payload: its length, and the CRC of that.
pub const RECORD_HEADER: u64 = 16;

/// The bytes that a record takes beside its payload.
pub const RECORD_OVERHEAD: u64 = 24;

/// Why appending a record with `len` bytes of payload is refused, if it is.
pub open spec fn append_record_refusal(v: MultiLogView, log: u64, len: int) -> Option<
    AppendRecordError,
> {
    let capacity = v.committed.logs[log as int].capacity;
    let requested = len + RECORD_OVERHEAD;
    match append_refusal(v, log, 0) {
        Some(AppendError::Failed) => Some(AppendRecordError::Failed),
        Some(AppendError::NoSuchLog { log, logs }) => Some(
            AppendRecordError::NoSuchLog { log, logs },
        ),
        Some(AppendError::TruncationStaged { committed_tail, staged_tail }) => Some(
            AppendRecordError::TruncationStaged { committed_tail, staged_tail },
        ),
        _ => if requested > capacity {
            Some(AppendRecordError::TooLong { len: len as u64, capacity: capacity as u64 })
        } else if v.staged.logs[log as int].tail() + requested > u64::MAX {
            Some(AppendRecordError::PositionOverflow)
        } else if requested > available(v, log as int) {
            let available = available(v, log as int) as u64;
            Some(AppendRecordError::Full { requested: requested as u64, available })
        } else {
            None
        },
    }
}

/// `stage_append_record`: the record is staged at the tail, whose position it returns, or nothing is.
pub open spec fn append_record_post(
    old: MultiLogView,
    new: MultiLogView,
    log: u64,
    payload: Seq<u8>,
    r: Result<u64, AppendRecordError>,
) -> bool {
    let staged = old.staged.logs[log as int];
    match append_record_refusal(old, log, payload.len() as int) {
        Some(e) => r == Err::<u64, _>(e) && new == old,
        None => match r {
            Ok(position) => {
                &&& position == staged.tail()
                &&& new == with_staged(
                    old,
                    log as int,
                    staged.append(record(old.committed.id, log, position, payload)),
                )
            },
            Err(e) => e is Io && new == failed(old),
        },
    }
}

/// A log that records are read from.
pub struct RecordLog {
    /// The number that the region got when it was created.
    pub id: RegionId,
    /// Which of its logs it is.
    pub index: u64,
    /// What is committed.
    pub log: LogState,
    /// Where its positions lie.
    pub ring: Ring,
    /// What the medium is like.
    pub medium: Medium,
}

/// Log `log` of a collection.
pub open spec fn record_log(v: MultiLogView, log: u64) -> RecordLog {
    RecordLog {
        id: v.committed.id,
        index: log,
        log: v.committed.logs[log as int],
        ring: v.rings[log as int],
        medium: v.medium,
    }
}

impl RecordLog {
    /// Whether reading all from `position` to the tail may give `bytes`: what was appended, but for bits that the medium
    /// has damaged.
    pub open spec fn may_read(self, position: u64, bytes: Seq<u8>) -> bool {
        &&& bytes.len() == self.log.tail() - position
        &&& reads(self.log, self.ring, self.medium, position, bytes)
    }
}

/// A record as it is returned: its payload, and the positions where it starts and where the next one does.
pub struct RecordView {
    /// Where it starts.
    pub position: u64,
    /// The position behind it.
    pub next: u64,
    /// The payload.
    pub payload: Seq<u8>,
}

/// What is returned for what was read at `position`.
pub open spec fn record_result(position: u64, tail: u64, parsed: Parsed) -> Result<
    RecordView,
    RecordError,
> {
    match parsed {
        Parsed::Record(payload) => {
            let next = (position + payload.len() + RECORD_OVERHEAD) as u64;
            Ok(RecordView { position, next, payload })
        },
        Parsed::NoRecord => Err(RecordError::NoRecord { position }),
        Parsed::Cut(len) => Err(RecordError::Cut { position, len, tail }),
        Parsed::Damaged(len) => {
            let next = (position + len + RECORD_OVERHEAD) as u64;
            Err(RecordError::Damaged { position, next })
        },
    }
}

/// What the contracts say of a record that was read, or of an error.
pub open spec fn viewed(r: Result<Record<'_>, RecordError>) -> Result<RecordView, RecordError> {
    match r {
        Ok(record) => Ok(record@),
        Err(e) => Err(e),
    }
}

/// `get_record`: the record of a log of the collection.
pub open spec fn get_record_post(
    v: MultiLogView,
    log: u64,
    position: u64,
    r: Result<RecordView, RecordError>,
) -> bool {
    let logs = v.committed.logs.len() as u64;
    if log >= logs {
        r == Err::<RecordView, _>(RecordError::NoSuchLog { log, logs })
    } else {
        record_post(record_log(v, log), position, r)
    }
}

/// `get_record`, of one log: what the bytes there say, or that they could not be read.
pub open spec fn record_post(
    at: RecordLog,
    position: u64,
    r: Result<RecordView, RecordError>,
) -> bool {
    let (head, tail) = (at.log.head as u64, at.log.tail() as u64);
    if !(head <= position < tail) {
        r == Err::<RecordView, _>(RecordError::OutOfRange { position, head, tail })
    } else {
        exists|bytes: Seq<u8>| #[trigger] read_as_record(at, position, bytes, r)
    }
}

/// Whether `r` is what is returned when reading all from `position` to the tail gives `bytes`.
pub open spec fn read_as_record(
    at: RecordLog,
    position: u64,
    bytes: Seq<u8>,
    r: Result<RecordView, RecordError>,
) -> bool {
    let parsed = parsed(at.id, at.index, position, bytes);
    &&& at.may_read(position, bytes)
    &&& match r {
        Err(RecordError::Io { position: p, known_next, .. }) => p == position && io_error_right(
            at,
            position,
            parsed,
            known_next,
        ),
        _ => r == record_result(position, at.log.tail() as u64, parsed),
    }
}

/// Whether reading a record may have failed with this for the position behind it: the medium is damaged in the header, or
/// in the rest of the record, of which the header tells the length.
pub open spec fn io_error_right(
    at: RecordLog,
    position: u64,
    parsed: Parsed,
    next: Option<u64>,
) -> bool {
    let body = position + RECORD_HEADER;
    match next {
        None => body <= at.log.tail() && at.ring.damaged_at(at.medium, position as int, body),
        Some(next) => {
            &&& at.ring.damaged_at(at.medium, body, next as int)
            &&& match parsed {
                Parsed::Record(payload) => next == body + 8 + payload.len(),
                Parsed::Damaged(len) => next == body + 8 + len,
                _ => false,
            }
        },
    }
}

/// An iteration over the records of a log.
#[verifier::ext_equal]
pub struct RecordsView {
    /// The log.
    pub log: u64,
    /// Where the next record starts.
    pub position: u64,
    /// Whether that is not known.
    pub finished: bool,
}

impl RecordsView {
    /// Where it stands after an item: behind it, if it is known where that is.
    pub open spec fn after(self, item: Result<RecordView, RecordError>) -> RecordsView {
        match item {
            Ok(record) => RecordsView { position: record.next, ..self },
            Err(RecordError::Damaged { next, .. }) => RecordsView { position: next, ..self },
            Err(RecordError::Io { known_next: Some(next), .. }) => RecordsView {
                position: next,
                ..self
            },
            Err(_) => RecordsView { finished: true, ..self },
        }
    }
}

/// `next_record`: what `get_record` returns, until the tail.
pub open spec fn next_record_post(
    v: MultiLogView,
    old: RecordsView,
    new: RecordsView,
    r: Option<Result<Record<'_>, RecordError>>,
) -> bool {
    let at_tail = old.log < v.committed.logs.len() && old.position
        == v.committed.logs[old.log as int].tail();
    match r {
        None => (old.finished || at_tail) && new == old,
        Some(item) => {
            &&& !old.finished && !at_tail
            &&& get_record_post(v, old.log, old.position, viewed(item))
            &&& new == old.after(viewed(item))
        },
    }
}

} // verus!
