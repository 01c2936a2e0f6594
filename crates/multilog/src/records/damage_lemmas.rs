//! Where what was read of a record differs from what was written, and what that parses as.

use super::{damage::*, detection::*, format::*, theorems::*};
use crate::trusted::{contract::*, record_contract::*};
use pmem::trusted::region::*;
use vstd::prelude::*;

verus! {

/// The header that was read, if it is one, is the one that was written.
pub(super) proof fn lemma_header_read(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    bytes: Seq<u8>,
)
    requires
        payload.len() <= u64::MAX,
        bytes.len() >= payload.len() + RECORD_OVERHEAD,
        read_detectably(at, position, payload, bytes),
        !(parsed(at.id, at.index, position, bytes) is NoRecord),
    ensures
        pmem::bytes::u64_from_le(bytes) == payload.len(),
{
    let len = pmem::bytes::u64_from_le(bytes);
    assert(bytes.take(RECORD_HEADER as int) == record_header(at.id, at.index, position, len));
    theorem_header_damage_detected(at.id, at.index, position, len, payload.len() as u64);
}

/// What was read with detectably wrong bits parses as the record, or as damaged, or as none.
pub(super) proof fn lemma_parsed_detectably(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    bytes: Seq<u8>,
)
    requires
        payload.len() <= u64::MAX,
        bytes.len() >= payload.len() + RECORD_OVERHEAD,
        read_detectably(at, position, payload, bytes),
    ensures
        match parsed(at.id, at.index, position, bytes) {
            Parsed::Record(read) => read == payload,
            Parsed::Damaged(len) => len == payload.len(),
            Parsed::NoRecord => true,
            Parsed::Cut(_) => false,
        },
{
    let parsed = parsed(at.id, at.index, position, bytes);
    if !(parsed is NoRecord) {
        lemma_header_read(at, position, payload, bytes);
    }
    if let Parsed::Record(read) = parsed {
        theorem_payload_damage_detected(at.id, at.index, position, read, payload);
    }
}

/// What may be read from a position on may be read from a later one on.
pub(super) proof fn lemma_may_read_behind(at: RecordLog, position: u64, bytes: Seq<u8>, n: u64)
    requires
        at.may_read(position, bytes),
        n <= bytes.len(),
        at.log.head <= position,
        position + n <= u64::MAX,
    ensures
        at.may_read((position + n) as u64, bytes.skip(n as int)),
{
    let (later, rest) = ((position + n) as u64, bytes.skip(n as int));
    assert forall|i: int|
        0 <= i < 8 * rest.len() && !at.medium.damaged.contains(
            at.ring.bit_addr(later as int, i),
        ) implies #[trigger] bit(rest, i) == bit(at.log.data, 8 * (later - at.log.head) + i) by {
        assert(bit(rest, i) == bit(bytes, 8 * n + i));
        assert(at.ring.bit_addr(later as int, i) == at.ring.bit_addr(position as int, 8 * n + i));
    }
}

/// The record, in parts: what the log holds of its header, and behind that of its payload and CRC.
pub(super) proof fn lemma_record_held(at: RecordLog, position: u64, payload: Seq<u8>)
    requires
        holds_record(at, position, payload),
        payload.len() <= u64::MAX,
    ensures
        ({
            let (len, start) = (payload.len(), position - at.log.head);
            let (header, body) = (RECORD_HEADER as int, (len + 8) as int);
            &&& at.log.data.skip(start).take(header) == record_header(
                at.id,
                at.index,
                position,
                len as u64,
            )
            &&& at.log.data.skip(start + header).take(body) == record_body(
                at.id,
                at.index,
                position,
                payload,
            )
        }),
{
    let (len, start) = (payload.len() as int, position - at.log.head);
    let there = at.log.data.skip(start);
    let whole = record(at.id, at.index, position, payload);
    lemma_record_len(at.id, at.index, position, payload);
    assert(there.take(RECORD_HEADER as int) =~= whole.take(RECORD_HEADER as int));
    assert(at.log.data.skip(start + RECORD_HEADER).take(len + 8) =~= whole.skip(
        RECORD_HEADER as int,
    ));
    assert(whole.take(RECORD_HEADER as int) =~= record_header(
        at.id,
        at.index,
        position,
        len as u64,
    ));
    assert(whole.skip(RECORD_HEADER as int) =~= record_body(at.id, at.index, position, payload));
}

/// A payload and CRC that the medium has not damaged are no damaged ones.
pub(super) proof fn lemma_undamaged_body(
    at: RecordLog,
    position: u64,
    payload: Seq<u8>,
    bytes: Seq<u8>,
)
    requires
        holds_record(at, position, payload),
        payload.len() <= u64::MAX,
        at.may_read(position, bytes),
        undamaged(at, position + RECORD_HEADER, position + RECORD_OVERHEAD + payload.len()),
    ensures
        parsed(at.id, at.index, position, bytes) != Parsed::Damaged(payload.len() as u64),
{
    let (header, len) = (RECORD_HEADER as int, payload.len() as int);
    let body = (position + RECORD_HEADER) as u64;
    lemma_record_len(at.id, at.index, position, payload);
    lemma_record_held(at, position, payload);
    lemma_may_read_behind(at, position, bytes, RECORD_HEADER);
    lemma_reads_what_is_there(at, body, bytes.skip(header), len + 8);
    assert(bytes.subrange(header, header + len + 8) =~= bytes.skip(header).take(len + 8));
    assert(bytes.subrange(header, header + len) =~= bytes.skip(header).take(len + 8).take(len));
    assert(record_body(at.id, at.index, position, payload).take(len) =~= payload);
}

/// Bits that read wrong are damaged ones.
pub(super) proof fn lemma_wrong_bits_are_damaged(
    at: RecordLog,
    position: u64,
    bytes: Seq<u8>,
    written: Seq<u8>,
)
    requires
        at.may_read(position, bytes),
        at.log.head <= position,
        written.len() <= bytes.len(),
        at.log.data.skip(position - at.log.head).take(written.len() as int) == written,
        detectable(damaged_bits(at, position as int, written.len() as int), written.len() as int),
    ensures
        detectable(wrong_bits(bytes.take(written.len() as int), written), written.len() as int),
{
    let (len, start) = (written.len() as int, position - at.log.head);
    let read = bytes.take(len);
    let (wrong, damaged) = (wrong_bits(read, written), damaged_bits(at, position as int, len));
    let there = at.log.data.skip(start);
    assert forall|i: int| #[trigger] wrong.contains(i) implies damaged.contains(i) by {
        assert(bit(read, i) == bit(bytes, i));
        assert(written[i / 8] == there[i / 8]);
        assert(bit(written, i) == bit(at.log.data, 8 * start + i));
    }
    if 8 * len <= 32_767 && damaged.len() <= 7 {
        vstd::set_lib::lemma_int_range(0, 8 * len);
        vstd::set_lib::lemma_len_subset(damaged, vstd::set_lib::set_int_range(0, 8 * len));
        vstd::set_lib::lemma_len_subset(wrong, damaged);
    } else {
        let start = choose|start: int| #[trigger] only_within(damaged, start, start + 64);
        assert(only_within(wrong, start, start + 64));
    }
}

} // verus!
