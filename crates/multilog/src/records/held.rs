//! Which records a log holds, and for how long: from their appending on, until the head goes beyond or a truncation cuts
//! them.

#[cfg(verus_only)]
use crate::records::{format::*, theorems::*};
#[cfg(verus_only)]
use crate::trusted::record_contract::*;
use vstd::prelude::*;

verus! {

/// What `stage_append_record` stages is a record that the log then holds, at the position that it returns.
pub proof fn theorem_appended_record_is_held(at: RecordLog, payload: Seq<u8>)
    requires
        0 <= at.log.head,
        at.log.tail() + RECORD_OVERHEAD + payload.len() <= u64::MAX,
    ensures
        ({
            let position = at.log.tail() as u64;
            let log = at.log.append(record(at.id, at.index, position, payload));
            holds_record(RecordLog { log, ..at }, position, payload)
        }),
{
    let position = at.log.tail() as u64;
    let whole = record(at.id, at.index, position, payload);
    let data = at.log.data;
    lemma_record_len(at.id, at.index, position, payload);
    assert((data + whole).skip(data.len() as int).take(whole.len() as int) =~= whole);
}

/// Appending leaves the records that a log holds.
pub proof fn theorem_appending_keeps_records(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    bytes: Seq<u8>,
)
    requires
        holds_record(at, position, payload),
        at.log.tail() + bytes.len() <= u64::MAX,
    ensures
        holds_record(RecordLog { log: at.log.append(bytes), ..at }, position, payload),
{
    let (start, data) = (position - at.log.head, at.log.data);
    let whole = record(at.id, at.index, position, payload);
    assert((data + bytes).skip(start).take(whole.len() as int) =~= data.skip(start).take(
        whole.len() as int,
    ));
}

/// Advancing the head no further than to a record leaves it.
pub proof fn theorem_advancing_keeps_records(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    head: int,
)
    requires
        holds_record(at, position, payload),
        at.log.head <= head <= position,
    ensures
        holds_record(RecordLog { log: at.log.advance_head(head), ..at }, position, payload),
{
    let data = at.log.data;
    lemma_record_len(at.id, at.index, position, payload);
    assert(data.skip(head - at.log.head).skip(position - head) =~= data.skip(
        position - at.log.head,
    ));
}

/// Truncating no further than to a record's end leaves it.
pub proof fn theorem_truncating_keeps_records(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    tail: int,
)
    requires
        holds_record(at, position, payload),
        position + RECORD_OVERHEAD + payload.len() <= tail <= at.log.tail(),
    ensures
        holds_record(RecordLog { log: at.log.truncate(tail), ..at }, position, payload),
{
    let (start, data) = (position - at.log.head, at.log.data);
    let whole = record(at.id, at.index, position, payload);
    assert(data.take(tail - at.log.head).skip(start).take(whole.len() as int) =~= data.skip(
        start,
    ).take(whole.len() as int));
}

} // verus!
