//! What reading a record returns where the medium is damaged: the record, or an error that says so, and never another
//! payload.
//!
//! That holds for damage that the record's CRCs detect: of its header's 16 bytes, and of its payload with its CRC, each has
//! up to seven wrong bits, the latter as long as the payload has no more than 4,087 bytes, or wrong bits within 64
//! consecutive ones, whatever the length. Beyond that it is a matter of chance, 1 in 2^64.

#[cfg(verus_only)]
use crate::records::{damage_lemmas::*, detection::*, errors::*, format::*, theorems::*};
#[cfg(verus_only)]
use crate::trusted::{contract::*, record_contract::*, state::*};
#[cfg(verus_only)]
use pmem::trusted::region::*;
use vstd::prelude::*;

verus! {

/// What may be returned for the record of this payload, which the log holds at a position: the record, or an error that
/// says that it is damaged, which it then is.
pub open spec fn record_or_damage(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    r: Result<RecordView, RecordError>,
) -> bool {
    let body = position + RECORD_HEADER;
    let end = position + RECORD_OVERHEAD + payload.len();
    match r {
        Ok(record) => record == RecordView { position, next: end as u64, payload },
        Err(RecordError::Damaged { position: p, next }) => {
            p == position && next == end && !undamaged(at, body, end)
        },
        Err(RecordError::NoRecord { position: p }) => {
            p == position && !undamaged(at, position as int, body)
        },
        Err(RecordError::Io { position: p, known_next, .. }) => {
            &&& p == position
            &&& match known_next {
                None => !undamaged(at, position as int, body),
                Some(next) => next == end && !undamaged(at, body, end),
            }
        },
        Err(_) => false,
    }
}

/// Whether `bytes` were read for the record of this payload, with wrong bits only that its CRCs detect.
pub open spec fn read_detectably(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    bytes: Seq<u8>,
) -> bool {
    let len = payload.len() as int;
    let header = record_header(at.id, at.index, position, len as u64);
    let body = record_body(at.id, at.index, position, payload);
    let (read_header, read_body) = (
        bytes.take(RECORD_HEADER as int),
        bytes.subrange(RECORD_HEADER as int, RECORD_OVERHEAD + len),
    );
    &&& detectable(wrong_bits(read_header, header), RECORD_HEADER as int)
    &&& detectable(wrong_bits(read_body, body), len + 8)
}

/// Those of the bits of the `len` bytes at a position that the medium has damaged.
pub open spec fn damaged_bits(at: RecordLog, position: int, len: int) -> Set<int> {
    Set::new(|i: int| 0 <= i < 8 * len && at.medium.damaged.contains(at.ring.bit_addr(position, i)))
}

/// Whether the medium is damaged only in bits of a record with so many bytes of payload that its CRCs detect, whatever
/// they read as.
pub open spec fn damaged_detectably(at: RecordLog, position: u64, len: int) -> bool {
    let body = position + RECORD_HEADER;
    &&& detectable(damaged_bits(at, position as int, RECORD_HEADER as int), RECORD_HEADER as int)
    &&& detectable(damaged_bits(at, body, len + 8), len + 8)
}

/// **Reading theorem**: where a log holds a record, and bytes were read for it with wrong bits only that its CRCs detect,
/// the result is the record, or an error that says that it is damaged.
pub proof fn theorem_wrong_bits_are_reported(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    bytes: Seq<u8>,
    r: Result<RecordView, RecordError>,
)
    requires
        holds_record(at, position, payload),
        read_as_record(at, position, bytes, r),
        read_detectably(at, position, payload, bytes),
    ensures
        record_or_damage(at, position, payload, r),
{
    let end = position + RECORD_OVERHEAD + payload.len();
    lemma_record_len(at.id, at.index, position, payload);
    lemma_parsed_detectably(at, position, payload, bytes);
    if undamaged(at, position as int, position + RECORD_HEADER) {
        assert(record_post(at, position, r));
        theorem_undamaged_header_leads_on(at, position, payload, r);
    }
    if undamaged(at, position + RECORD_HEADER, end) {
        lemma_undamaged_body(at, position, payload, bytes);
    }
}

/// **Damage theorem**: where a log holds a record, and the medium has damaged only bits of it that its CRCs detect, every
/// result that the contract allows is the record, or an error that says that it is damaged.
pub proof fn theorem_damage_is_reported(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    r: Result<RecordView, RecordError>,
)
    requires
        holds_record(at, position, payload),
        damaged_detectably(at, position, payload.len() as int),
        record_post(at, position, r),
    ensures
        record_or_damage(at, position, payload, r),
{
    let (id, log, len) = (at.id, at.index, payload.len() as u64);
    let (header, body) = (RECORD_HEADER as int, (position + RECORD_HEADER) as u64);
    lemma_record_len(id, log, position, payload);
    lemma_record_held(at, position, payload);
    let bytes = lemma_bytes_read(at, position, r);
    let behind = bytes.skip(header);
    lemma_may_read_behind(at, position, bytes, RECORD_HEADER);
    lemma_wrong_bits_are_damaged(at, position, bytes, record_header(id, log, position, len));
    lemma_wrong_bits_are_damaged(at, body, behind, record_body(id, log, position, payload));
    assert(bytes.subrange(header, RECORD_OVERHEAD + len) =~= behind.take(len + 8));
    theorem_wrong_bits_are_reported(at, position, payload, bytes, r);
}

/// The damage theorem for a log of a collection.
pub proof fn theorem_get_record_reports_damage(
    v: MultiLogView,
    log: u64,
    position: u64,
    payload: Seq<u8>,
    r: Result<RecordView, RecordError>,
)
    requires
        log < v.committed.logs.len() as u64,
        holds_record(record_log(v, log), position, payload),
        damaged_detectably(record_log(v, log), position, payload.len() as int),
        get_record_post(v, log, position, r),
    ensures
        record_or_damage(record_log(v, log), position, payload, r),
{
    theorem_damage_is_reported(record_log(v, log), position, payload, r);
}

} // verus!
