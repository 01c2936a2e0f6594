//! A record: what it looks like, and how one is told from what was there before.
//!
//! ```text
//!  word 0                      generation * 65,536 + length in lines
//!  payload                     64 * lines - 16 bytes, the user's
//!  last word                   CRC of the region's id, the record's number, word 0 and the payload
//! ```
//!
//! The first word of every line says whether a record begins there. In a record's first line it is less than 2^63. In its
//! other lines it is not: the user sets the top bit of that word ([`marked`]). So bytes that somebody chose, and
//! that a record carries, are never taken for a record, even if they are an image of one.
#[cfg(verus_only)]
use super::layout::*;
#[cfg(verus_only)]
use crate::bytes::*;
use crate::crc::extend::*;
#[cfg(verus_only)]
use crate::crc::residue::*;
use crate::region_id::RegionId;
#[cfg(verus_only)]
use crate::table::u64_at;
#[cfg(verus_only)]
use crate::trusted::crc::*;
use vstd::prelude::*;

verus! {

/// Generations are less than this.
pub const GENERATIONS: u64 = 0x8000_0000_0000;

/// A record has fewer lines than this.
pub const LINES: u64 = 0x1_0000;

/// The least first word of a line in which no record begins.
pub const MARK: u64 = 0x8000_0000_0000_0000;

/// What a record's CRC covers that is not stored in it.
pub open spec fn record_prefix(id: RegionId, number: u64) -> Seq<u8> {
    u64_le(id.lo) + u64_le(id.hi) + u64_le(number)
}

/// A record's first word.
#[verifier::opaque]
pub open spec fn record_word(generation: u64, len: nat) -> u64 {
    (generation * LINES + len as int / LINE as int) as u64
}

/// All of a record but its CRC.
pub open spec fn record_body(generation: u64, payload: Seq<u8>) -> Seq<u8> {
    u64_le(record_word(generation, payload.len() + 16)) + payload
}

/// The bytes of a record.
#[verifier::opaque]
pub open spec fn record_bytes(id: RegionId, generation: u64, number: u64, payload: Seq<u8>) -> Seq<
    u8,
> {
    let body = record_body(generation, payload);
    body + u64_le(spec_crc64(record_prefix(id, number) + body))
}

/// Whether a payload sets the top bit of the first word of each line that it reaches.
#[verifier::opaque]
pub open spec fn marked(payload: Seq<u8>) -> bool {
    forall|i: int| 0 <= i < payload.len() && i % 64 == 63 ==> #[trigger] payload[i] >= 128
}

/// Whether these bytes may be a record's payload: they fill whole lines, and are marked.
pub open spec fn payload_ok(payload: Seq<u8>) -> bool {
    &&& payload.len() % 64 == 48
    &&& payload.len() + 16 < LINE * LINES
    &&& marked(payload)
}

/// Whether no record of this generation, or of a later one, begins in a line whose first word is `word`.
pub open spec fn quiet_word(word: u64, generation: u64) -> bool {
    ||| word < generation * LINES
    ||| word >= MARK
}

/// The payload of the record with this number at `at`, if there is one before `end`.
#[verifier::opaque]
pub open spec fn record_at(
    image: Seq<u8>,
    id: RegionId,
    generation: u64,
    number: int,
    at: int,
    end: int,
) -> Option<Seq<u8>> {
    let word = u64_at(image, at);
    let len = LINE * (word as int % LINES as int);
    let bytes = image.subrange(at, at + len);
    if 0 <= at && at + LINE <= end <= image.len() && number <= u64::MAX && word as int
        / LINES as int == generation && 0 < len && at + len <= end && crc_matches(
        record_prefix(id, number as u64),
        bytes,
    ) {
        Some(bytes.subrange(8, len - 8))
    } else {
        None
    }
}

/// A record's first word says of which generation it is, and how long.
pub proof fn lemma_record_word(generation: u64, len: nat)
    requires
        generation < GENERATIONS,
        len < LINE * LINES,
        len % 64 == 0,
    ensures
        ({
            let word = record_word(generation, len);
            &&& word as int == generation * LINES + len / 64
            &&& word as int / LINES as int == generation
            &&& LINE * (word as int % LINES as int) == len
            &&& word < MARK
            &&& word < (generation + 1) * LINES
        }),
{
    reveal(record_word);
}

/// How long a record is, and what its CRC is.
pub proof fn lemma_record_bytes(id: RegionId, generation: u64, number: u64, payload: Seq<u8>)
    ensures
        ({
            let bytes = record_bytes(id, generation, number, payload);
            &&& bytes.len() == payload.len() + 16
            &&& bytes.subrange(0, 8) == u64_le(record_word(generation, payload.len() + 16))
            &&& u64_from_le(bytes.subrange(0, 8)) == record_word(generation, payload.len() + 16)
            &&& bytes.subrange(8, payload.len() as int + 8) == payload
            &&& crc_matches(record_prefix(id, number), bytes)
        }),
{
    broadcast use lemma_u64_from_le_of_le;

    reveal(record_bytes);
    let bytes = record_bytes(id, generation, number, payload);
    let body = record_body(generation, payload);
    assert(bytes.subrange(0, 8) =~= u64_le(record_word(generation, payload.len() + 16)));
    assert(bytes.subrange(8, payload.len() as int + 8) =~= payload);
    assert(bytes.take(bytes.len() - 8) =~= body);
    assert(bytes.skip(bytes.len() - 8) =~= u64_le(spec_crc64(record_prefix(id, number) + body)));
}

/// Where no record of a generation begins, none is.
pub proof fn lemma_quiet_word(word: u64, generation: u64)
    requires
        quiet_word(word, generation),
        generation < GENERATIONS,
    ensures
        word as int / LINES as int != generation,
{
}

/// The CRC's register behind a region's id.
pub(super) open spec fn id_register(id: RegionId) -> u64 {
    shift_bytes(0xffff_ffff_ffff_ffff, u64_le(id.lo) + u64_le(id.hi))
}

/// The CRC of a record, from its number, its first word and its payload.
#[inline(always)]
pub(super) fn record_crc(
    register: u64,
    Ghost(id): Ghost<RegionId>,
    number: u64,
    word: u64,
    payload: &[u8],
) -> (r: u64)
    requires
        register == id_register(id),
    ensures
        r == spec_crc64(record_prefix(id, number) + (u64_le(word) + payload@)),
{
    proof {
        let ones = 0xffff_ffff_ffff_ffffu64;
        let start = u64_le(id.lo) + u64_le(id.hi);
        let head = u64_le(number) + u64_le(word);
        let prefix = record_prefix(id, number);
        lemma_shift_concat(ones, start, head);
        assert(start + head =~= prefix + u64_le(word));
        let behind = shift_bytes(ones, prefix + u64_le(word));
        assert(!!behind == behind) by (bit_vector);
        lemma_shift_concat(ones, prefix + u64_le(word), payload@);
        assert((prefix + u64_le(word)) + payload@ =~= prefix + (u64_le(word) + payload@));
    }
    extend_crc64(!extend_register(register, number, word), payload)
}

} // verus!
