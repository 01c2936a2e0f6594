//! What the contract of reading a record means where the medium is sound.
#[cfg(verus_only)]
use crate::records::{errors::*, format::*, get_lemmas::*};
#[cfg(verus_only)]
use crate::trusted::record_contract::*;
#[cfg(verus_only)]
use pmem::{damage::lemma_same_byte, trusted::region::*};
use vstd::prelude::*;

verus! {

/// Whether a log holds the record of this payload at a position.
pub open spec fn holds_record(at: RecordLog, position: u64, payload: Seq<u8>) -> bool {
    let record = record(at.id, at.index, position, payload);
    &&& 0 <= at.log.head <= position
    &&& position + record.len() <= at.log.tail() <= u64::MAX
    &&& at.log.data.skip(position - at.log.head).take(record.len() as int) == record
}

/// Whether the medium is damaged at none of the positions `from..to`.
pub open spec fn undamaged(at: RecordLog, from: int, to: int) -> bool {
    &&& !at.ring.damaged_at(at.medium, from, to)
    &&& forall|i: int|
        0 <= i < 8 * (to - from) ==> !at.medium.damaged.contains(
            #[trigger] at.ring.bit_addr(from, i),
        )
}

/// Whether the position behind a record is known from what was returned for it, and is `end`.
pub open spec fn leads_on(r: Result<RecordView, RecordError>, end: int) -> bool {
    match r {
        Ok(found) => found.next == end,
        Err(RecordError::Damaged { next, .. }) => next == end,
        Err(RecordError::Io { known_next, .. }) => known_next == Some(end as u64),
        Err(_) => false,
    }
}

/// Whether bytes parsed as a record, sound or damaged, with `len` bytes of payload.
spec fn parsed_with_len(parsed: Parsed, len: int) -> bool {
    match parsed {
        Parsed::Record(payload) => payload.len() == len,
        Parsed::Damaged(n) => n == len,
        _ => false,
    }
}

/// Where the medium is undamaged, what is read is what is there.
pub(super) proof fn lemma_reads_what_is_there(
    at: RecordLog,
    position: u64,
    bytes: Seq<u8>,
    len: int,
)
    requires
        at.may_read(position, bytes),
        at.log.head <= position,
        0 <= len <= bytes.len(),
        undamaged(at, position as int, position + len),
    ensures
        bytes.take(len) == at.log.data.skip(position - at.log.head).take(len),
{
    let (start, there) = (position - at.log.head, at.log.data.skip(position - at.log.head));
    assert forall|i: int| 0 <= i < len implies bytes[i] == there[i] by {
        assert forall|k: int| 0 <= k < 8 implies #[trigger] bit(bytes, 8 * i + k) == bit(
            at.log.data,
            8 * (start + i) + k,
        ) by {
            assert(!at.medium.damaged.contains(at.ring.bit_addr(position as int, 8 * i + k)));
        }
        lemma_same_byte(bytes, i, at.log.data, start + i);
    }
    assert(bytes.take(len) =~= there.take(len));
}

/// Damage to a part of a range is damage to the range.
proof fn lemma_undamaged_part(at: RecordLog, from: int, to: int, lo: int, hi: int)
    requires
        undamaged(at, from, to),
        from <= lo <= hi <= to,
    ensures
        undamaged(at, lo, hi),
{
    if at.ring.damaged_at(at.medium, lo, hi) {
        lemma_damaged_end(at.ring, at.medium, from, lo, hi);
        let b = choose|b: int|
            at.ring.covers(from, hi, b / 8) && #[trigger] at.medium.damaged.contains(b);
        assert(at.ring.covers(from, to, b / 8));
    }
    assert forall|i: int| 0 <= i < 8 * (hi - lo) implies !at.medium.damaged.contains(
        #[trigger] at.ring.bit_addr(lo, i),
    ) by {
        assert(at.ring.bit_addr(from, 8 * (lo - from) + i) == at.ring.bit_addr(lo, i));
    }
}

/// The bytes that reading a record may have read.
pub(super) proof fn lemma_bytes_read(
    at: RecordLog,
    position: u64,
    r: Result<RecordView, RecordError>,
) -> (bytes: Seq<u8>)
    requires
        record_post(at, position, r),
        0 <= at.log.head <= position < at.log.tail() <= u64::MAX,
    ensures
        read_as_record(at, position, bytes, r),
        bytes.len() == at.log.tail() - position,
{
    choose|bytes: Seq<u8>| #[trigger] read_as_record(at, position, bytes, r)
}

/// With nothing damaged from a position to the tail, reading a record there returns exactly what stands there, be it a
/// record or the lack of one.
pub proof fn theorem_undamaged_is_exact(
    at: RecordLog,
    position: u64,
    r: Result<RecordView, RecordError>,
)
    requires
        record_post(at, position, r),
        0 <= at.log.head <= position < at.log.tail() <= u64::MAX,
        undamaged(at, position as int, at.log.tail()),
    ensures
        ({
            let there = at.log.data.skip(position - at.log.head);
            r == record_result(
                position,
                at.log.tail() as u64,
                parsed(at.id, at.index, position, there),
            )
        }),
{
    let there = at.log.data.skip(position - at.log.head);
    let bytes = lemma_bytes_read(at, position, r);
    lemma_reads_what_is_there(at, position, bytes, bytes.len() as int);
    assert(bytes.take(bytes.len() as int) =~= bytes);
    assert(there.take(bytes.len() as int) =~= there);
    if let Err(RecordError::Io { known_next, .. }) = r {
        let body = position + RECORD_HEADER;
        match known_next {
            None => lemma_undamaged_part(at, position as int, at.log.tail(), position as int, body),
            Some(next) => lemma_undamaged_part(
                at,
                position as int,
                at.log.tail(),
                body,
                next as int,
            ),
        }
    }
}

/// Where a log holds a record whose header is undamaged, the position behind it is known, whatever happened to its
/// payload.
pub proof fn theorem_undamaged_header_leads_on(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    r: Result<RecordView, RecordError>,
)
    requires
        record_post(at, position, r),
        holds_record(at, position, payload),
        undamaged(at, position as int, position + RECORD_HEADER),
    ensures
        leads_on(r, position + RECORD_OVERHEAD + payload.len()),
{
    lemma_record_len(at.id, at.index, position, payload);
    let bytes = lemma_bytes_read(at, position, r);
    lemma_header_parsed(at, position, payload, bytes);
    lemma_length_leads_on(at, position, payload.len() as int, bytes, r);
}

/// A record whose header is undamaged parses as a record of its length, or as a damaged one.
proof fn lemma_header_parsed(at: RecordLog, position: u64, payload: Seq<u8>, bytes: Seq<u8>)
    requires
        payload.len() <= u64::MAX,
        at.may_read(position, bytes),
        holds_record(at, position, payload),
        undamaged(at, position as int, position + RECORD_HEADER),
    ensures
        parsed_with_len(parsed(at.id, at.index, position, bytes), payload.len() as int),
{
    hide(parsed);
    hide(record_header);
    hide(record_body);

    let len = payload.len() as u64;
    lemma_record_len(at.id, at.index, position, payload);
    lemma_header_read(at, position, payload, bytes);
    lemma_parsed_header(at.id, at.index, position, len, bytes.skip(RECORD_HEADER as int));
}

/// Where the length of a record was read, what is returned leads behind the record.
proof fn lemma_length_leads_on(
    at: RecordLog,
    position: u64,
    len: int,
    bytes: Seq<u8>,
    r: Result<RecordView, RecordError>,
)
    requires
        read_as_record(at, position, bytes, r),
        parsed_with_len(parsed(at.id, at.index, position, bytes), len),
        position + RECORD_OVERHEAD + len <= u64::MAX,
        undamaged(at, position as int, position + RECORD_HEADER),
    ensures
        leads_on(r, position + RECORD_OVERHEAD + len),
{
    hide(parsed);
    hide(RecordLog::may_read);
}

/// A record's undamaged header is read as it is.
proof fn lemma_header_read(at: RecordLog, position: u64, payload: Seq<u8>, bytes: Seq<u8>)
    requires
        at.may_read(position, bytes),
        bytes.len() == at.log.tail() - position,
        holds_record(at, position, payload),
        undamaged(at, position as int, position + RECORD_HEADER),
    ensures
        bytes == record_header(at.id, at.index, position, payload.len() as u64) + bytes.skip(
            RECORD_HEADER as int,
        ),
{
    let n = RECORD_HEADER as int;
    let header = record_header(at.id, at.index, position, payload.len() as u64);
    let there = at.log.data.skip(position - at.log.head);
    let whole = record(at.id, at.index, position, payload);
    lemma_record_len(at.id, at.index, position, payload);
    lemma_reads_what_is_there(at, position, bytes, n);
    assert(there.take(n) =~= there.take(whole.len() as int).take(n));
    assert(whole.take(n) =~= header);
    assert(bytes =~= bytes.take(n) + bytes.skip(n));
}

/// A record that a log holds, undamaged, is returned, whatever happened to the rest of the medium.
pub proof fn theorem_undamaged_record_is_returned(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    r: Result<RecordView, RecordError>,
)
    requires
        record_post(at, position, r),
        holds_record(at, position, payload),
        undamaged(at, position as int, position + RECORD_OVERHEAD + payload.len()),
    ensures
        r matches Ok(found) && found.payload == payload,
{
    let there = at.log.data.skip(position - at.log.head);
    let whole = record(at.id, at.index, position, payload);
    let (start, body, end) = (position as int, position + RECORD_HEADER, position + whole.len());
    let bytes = lemma_bytes_read(at, position, r);
    lemma_record_len(at.id, at.index, position, payload);
    lemma_reads_what_is_there(at, position, bytes, whole.len() as int);
    assert(bytes =~= whole + bytes.skip(whole.len() as int));
    theorem_parsed_record(at.id, at.index, position, payload, bytes.skip(whole.len() as int));
    lemma_undamaged_part(at, start, end, start, body);
    lemma_undamaged_part(at, start, end, body, end);
}

/// What is returned from an undamaged part of the medium is the record that stands there.
pub proof fn theorem_returned_record_is_there(
    at: RecordLog,
    position: u64,
    r: Result<RecordView, RecordError>,
)
    requires
        record_post(at, position, r),
        0 <= at.log.head <= position < at.log.tail() <= u64::MAX,
        r matches Ok(found) && undamaged(at, position as int, found.next as int),
    ensures
        holds_record(at, position, r->Ok_0.payload),
        r->Ok_0.next == position + RECORD_OVERHEAD + r->Ok_0.payload.len(),
{
    let bytes = lemma_bytes_read(at, position, r);
    let payload = r->Ok_0.payload;
    theorem_record_parsed(at.id, at.index, position, bytes);
    lemma_record_len(at.id, at.index, position, payload);
    lemma_reads_what_is_there(at, position, bytes, payload.len() + RECORD_OVERHEAD);
}

} // verus!
