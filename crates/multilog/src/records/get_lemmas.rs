//! What was read, piece by piece, decides what reading a record returns.

use super::errors::*;
use super::format::*;
use crate::trusted::{contract::*, record_contract::*, state::*};
use pmem::bytes::*;
use pmem::ring::Ring;
use pmem::trusted::{crc::*, region::*};
use vstd::prelude::*;

verus! {

/// What was committed from `position` on.
pub(super) open spec fn committed_from(v: MultiLogView, log: u64, position: int) -> Seq<u8> {
    let log = v.committed.logs[log as int];
    log.data.skip(position - log.head)
}

/// Two pieces that may be read, one behind the other.
pub(super) proof fn lemma_read_right_concat(
    v: MultiLogView,
    log: u64,
    position: u64,
    a: Seq<u8>,
    b: Seq<u8>,
)
    requires
        position + a.len() <= u64::MAX,
        read_right(v, log, position, a),
        read_right(v, log, (position + a.len()) as u64, b),
    ensures
        read_right(v, log, position, a + b),
{
    let (ring, committed) = (v.rings[log as int], v.committed.logs[log as int]);
    let (both, start, len) = (a + b, position - committed.head, a.len() as int);
    assert forall|i: int|
        0 <= i < 8 * both.len() && !v.medium.damaged.contains(
            ring.bit_addr(position as int, i),
        ) implies #[trigger] bit(both, i) == bit(committed.data, 8 * start + i) by {
        if i < 8 * len {
            assert(bit(both, i) == bit(a, i));
        } else {
            let j = i - 8 * len;
            assert(bit(both, i) == bit(b, j));
            assert(ring.bit_addr(position as int, i) == ring.bit_addr(position + len, j));
        }
    }
}

/// A piece that may be read, and what was committed behind it, are what may be read.
pub(super) proof fn lemma_may_read(v: MultiLogView, log: u64, position: u64, read: Seq<u8>)
    requires
        read_right(v, log, position, read),
        v.committed.logs[log as int].head <= position,
        position + read.len() <= v.committed.logs[log as int].tail() <= u64::MAX,
    ensures
        record_log(v, log).may_read(position, read + committed_from(v, log, position + read.len())),
{
    let rest = committed_from(v, log, position + read.len());
    assert(read_right(v, log, (position + read.len()) as u64, rest));
    lemma_read_right_concat(v, log, position, read, rest);
}

/// A header, a payload and a CRC were read, so it is known what to return.
pub(super) proof fn lemma_whole_read(
    v: MultiLogView,
    log: u64,
    position: u64,
    payload: Seq<u8>,
    stored: u64,
)
    requires
        ({
            let (id, len, committed) = (
                v.committed.id,
                payload.len() as u64,
                v.committed.logs[log as int],
            );
            let body = (position + RECORD_HEADER) as u64;
            &&& 0 <= committed.head <= position
            &&& position + RECORD_OVERHEAD + payload.len() <= committed.tail() <= u64::MAX
            &&& read_right(v, log, position, record_header(id, log, position, len))
            &&& read_right(v, log, body, payload + u64_le(stored))
        }),
    ensures
        ({
            let start = record_start(v.committed.id, log, position, payload.len() as u64);
            let parsed = if stored == spec_crc64(start + payload) {
                Parsed::Record(payload)
            } else {
                Parsed::Damaged(payload.len() as u64)
            };
            let tail = v.committed.logs[log as int].tail() as u64;
            record_post(record_log(v, log), position, record_result(position, tail, parsed))
        }),
{
    let (id, len, at) = (v.committed.id, payload.len() as u64, record_log(v, log));
    let (header, body) = (record_header(id, log, position, len), payload + u64_le(stored));
    let read = header + body;
    lemma_read_right_concat(v, log, position, header, body);
    lemma_may_read(v, log, position, read);
    let rest = committed_from(v, log, position + read.len());
    assert(read + rest =~= header + (body + rest));
    lemma_parsed_header(id, log, position, len, body + rest);
    assert((body + rest).take(len + 8) =~= body);
    assert((body + rest).take(len as int) =~= payload);
    lemma_body(id, log, position, payload, stored);
    let result = record_result(
        position,
        at.log.tail() as u64,
        parsed(id, log, position, read + rest),
    );
    assert(read_as_record(at, position, read + rest, result));
}

/// A header was read, but what is behind it could not be, so it is known what to return.
pub(super) proof fn lemma_only_header_read(
    v: MultiLogView,
    log: u64,
    position: u64,
    len: u64,
    error: IoError,
)
    requires
        ({
            let (id, committed) = (v.committed.id, v.committed.logs[log as int]);
            let body = position + RECORD_HEADER;
            &&& 0 <= committed.head <= position
            &&& position + RECORD_OVERHEAD + len <= committed.tail() <= u64::MAX
            &&& read_right(v, log, position, record_header(id, log, position, len))
            &&& v.rings[log as int].damaged_at(v.medium, body, body + len + 8)
        }),
    ensures
        ({
            let known_next = Some((position + RECORD_OVERHEAD + len) as u64);
            let r = Err(RecordError::Io { position, known_next, error });
            record_post(record_log(v, log), position, r)
        }),
{
    let (id, at) = (v.committed.id, record_log(v, log));
    let header = record_header(id, log, position, len);
    lemma_may_read(v, log, position, header);
    let rest = committed_from(v, log, position + RECORD_HEADER);
    lemma_parsed_header(id, log, position, len, rest);
    let known_next = Some((position + RECORD_OVERHEAD + len) as u64);
    let r = Err(RecordError::Io { position, known_next, error });
    assert(read_as_record(at, position, header + rest, r));
}

/// Damage to the end of a range is damage to the range.
pub(super) proof fn lemma_damaged_end(ring: Ring, medium: Medium, from: int, mid: int, to: int)
    requires
        from <= mid,
        ring.damaged_at(medium, mid, to),
    ensures
        ring.damaged_at(medium, from, to),
{
    let b = choose|b: int| ring.covers(mid, to, b / 8) && #[trigger] medium.damaged.contains(b);
    let a = b / 8;
    let c = ring.capacity as int;
    let (k, y) = (mid - from, a - ring.start - mid);
    vstd::arithmetic::div_mod::lemma_fundamental_div_mod(y, c);
    vstd::arithmetic::div_mod::lemma_mod_multiples_vanish(y / c, y % c + k, c);
    vstd::arithmetic::div_mod::lemma_mod_bound(y, c);
    vstd::arithmetic::div_mod::lemma_mod_decreases((y % c + k) as nat, c as nat);
    assert(a - ring.start - from == c * (y / c) + (y % c + k));
    assert(ring.covers(from, to, a));
}

} // verus!
