//! A codeword: 24 bytes of metadata with the CRC that protects them right behind.
//!
//! All metadata is made of these, but for the selector. The CRC covers the region's id and the codeword's tag as well,
//! which says what it is and where, so a codeword found in another's place or in another region is not valid.
use crate::bytes::*;
#[cfg(verus_only)]
use crate::crc::{detection::*, residue::*};
use crate::crc::{extend::*, words::*};
#[cfg(verus_only)]
use crate::damage::*;
use crate::region_id::RegionId;
#[cfg(verus_only)]
use crate::trusted::{crc::*, region::*};
use vstd::prelude::*;

verus! {

/// The three integers that a codeword holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payload {
    /// The first integer.
    pub a: u64,
    /// The second integer.
    pub b: u64,
    /// The third integer.
    pub c: u64,
}

/// What a codeword belongs to: covered by its CRC, not stored in it.
pub open spec fn prefix(id: RegionId, tag: u64) -> Seq<u8> {
    u64_le(id.lo) + u64_le(id.hi) + u64_le(tag)
}

/// The payload's 24 bytes.
pub open spec fn payload_bytes(p: Payload) -> Seq<u8> {
    u64_le(p.a) + u64_le(p.b) + u64_le(p.c)
}

/// The 32 bytes of a codeword.
pub open spec fn codeword(id: RegionId, tag: u64, p: Payload) -> Seq<u8> {
    payload_bytes(p) + u64_le(spec_crc64(prefix(id, tag) + payload_bytes(p)))
}

/// The payload that 32 bytes hold, valid or not.
pub open spec fn payload_of(line: Seq<u8>) -> Payload {
    Payload {
        a: u64_from_le(line.subrange(0, 8)),
        b: u64_from_le(line.subrange(8, 16)),
        c: u64_from_le(line.subrange(16, 24)),
    }
}

/// The payload of a valid codeword.
pub open spec fn decoded(id: RegionId, tag: u64, line: Seq<u8>) -> Option<Payload> {
    if line == codeword(id, tag, payload_of(line)) {
        Some(payload_of(line))
    } else {
        None
    }
}

/// A codeword decodes to what was encoded.
pub proof fn lemma_decoded_of_codeword(id: RegionId, tag: u64, p: Payload)
    ensures
        codeword(id, tag, p).len() == 32,
        payload_of(codeword(id, tag, p)) == p,
        decoded(id, tag, codeword(id, tag, p)) == Some(p),
{
    broadcast use lemma_u64_from_le_of_le;

    let line = codeword(id, tag, p);
    assert(line.subrange(0, 8) =~= u64_le(p.a));
    assert(line.subrange(8, 16) =~= u64_le(p.b));
    assert(line.subrange(16, 24) =~= u64_le(p.c));
}

/// The parts of a valid codeword, as the theorem on detection sees them.
proof fn lemma_crc_matches(id: RegionId, tag: u64, p: Payload)
    ensures
        prefix(id, tag).len() == 24,
        crc_matches(prefix(id, tag), codeword(id, tag, p)),
{
    let line = codeword(id, tag, p);
    assert(line.take(24) =~= payload_bytes(p));
    assert(line.skip(24) =~= u64_le(spec_crc64(prefix(id, tag) + payload_bytes(p))));
}

/// If a valid codeword was written and one is read, they are the same, as long as the damage is tolerable.
pub proof fn lemma_damage_detected(id: RegionId, tag: u64, read: Seq<u8>, written: Seq<u8>)
    requires
        decoded(id, tag, read) is Some,
        decoded(id, tag, written) is Some,
        tolerable_codeword(read, written),
    ensures
        read == written,
{
    lemma_crc_matches(id, tag, payload_of(read));
    lemma_crc_matches(id, tag, payload_of(written));
    lemma_decoded_of_codeword(id, tag, payload_of(read));
    lemma_decoded_of_codeword(id, tag, payload_of(written));
    theorem_crc64_detects(prefix(id, tag), read, written);
}

/// The 32 bytes at `addr`.
pub open spec fn line(image: Seq<u8>, addr: int) -> Seq<u8> {
    image.subrange(addr, addr + 32)
}

/// What reading a codeword says about what was written.
pub proof fn lemma_codeword_read(
    view: RegionView,
    addr: int,
    chunk: Seq<u8>,
    at: int,
    id: RegionId,
    tag: u64,
)
    requires
        0 <= addr,
        0 <= at,
        at + 32 <= chunk.len(),
        addr + chunk.len() <= view.volatile.len(),
        read_as(view.medium, view.volatile, addr, chunk),
    ensures
        ({
            let read = chunk.subrange(at, at + 32);
            let written = line(view.volatile, addr + at);
            &&& decoded(id, tag, read) is None ==> decoded(id, tag, written) is None || damaged_in(
                view.medium,
                addr + at,
                32,
            )
            &&& !damaged_in(view.medium, addr + at, 32) ==> read == written
            &&& decoded(id, tag, read) is Some && (!damaged_in(view.medium, addr + at, 32)
                || tolerable_at(view.medium, addr + at, 32) && decoded(id, tag, written) is Some)
                ==> written == codeword(id, tag, payload_of(read))
        }),
{
    let read = chunk.subrange(at, at + 32);
    let written = line(view.volatile, addr + at);
    if !damaged_in(view.medium, addr + at, 32) {
        lemma_undamaged_read(view.medium, view.volatile, addr, chunk, at, 32);
        assert forall|j: int| 0 <= j < 32 implies read[j] == written[j] by {
            assert(chunk[at + j] == view.volatile[addr + (at + j)]);
        }
        assert(read =~= written);
    } else {
        if decoded(id, tag, read) is Some && tolerable_at(view.medium, addr + at, 32) && decoded(
            id,
            tag,
            written,
        ) is Some {
            lemma_tolerable_read(view.medium, view.volatile, addr, chunk, at, 32);
            lemma_damage_detected(id, tag, read, written);
        }
    }
}

/// The CRC of a codeword.
#[inline(always)]
fn crc_of(id: RegionId, tag: u64, p: Payload) -> (crc: u64)
    ensures
        crc == spec_crc64(prefix(id, tag) + payload_bytes(p)),
{
    let words = [id.lo, id.hi, tag, p.a, p.b, p.c];
    proof {
        reveal_with_fuel(words_le, 7);
        assert(words_le(words@) =~= prefix(id, tag) + payload_bytes(p));
    }
    crc64_words(&words)
}

/// The 32 bytes of a codeword.
pub fn encode(id: RegionId, tag: u64, p: Payload) -> (buf: [u8; 32])
    ensures
        buf@ == codeword(id, tag, p),
{
    let mut buf = [0u8;32];
    put_with_crc(&mut buf, 0, p, crc_of(id, tag, p));
    assert(buf@ =~= buf@.subrange(0, 32));
    buf
}

/// The CRC of what codewords with this id and tag belong to.
pub fn prefix_crc(id: RegionId, tag: u64) -> (r: u64)
    ensures
        r == spec_crc64(prefix(id, tag)),
{
    let words = [id.lo, id.hi, tag];
    proof {
        reveal_with_fuel(words_le, 4);
        assert(words_le(words@) =~= prefix(id, tag));
    }
    crc64_words(&words)
}

/// The 32 bytes of a codeword, given the CRC of what it belongs to.
#[inline(always)]
pub fn encode_behind(
    prefix_crc: u64,
    p: Payload,
    Ghost(id): Ghost<RegionId>,
    Ghost(tag): Ghost<u64>,
) -> (buf: [u8; 32])
    requires
        prefix_crc == spec_crc64(prefix(id, tag)),
    ensures
        buf@ == codeword(id, tag, p),
{
    let mut words = [0u8;24];
    put_u64(&mut words, 0, p.a);
    put_u64(&mut words, 8, p.b);
    put_u64(&mut words, 16, p.c);
    proof {
        assert(words@.subrange(0, 8) =~= u64_le(p.a));
        assert(words@.subrange(8, 16) =~= u64_le(p.b));
        assert(words@.subrange(16, 24) =~= u64_le(p.c));
        assert(words@ =~= words@.subrange(0, 8) + words@.subrange(8, 16) + words@.subrange(16, 24));
        lemma_crc64_extended(prefix(id, tag), words@);
    }
    let crc = extend_crc64(prefix_crc, &words);
    let mut buf = [0u8;32];
    put_with_crc(&mut buf, 0, p, crc);
    assert(buf@ =~= buf@.subrange(0, 32));
    buf
}

/// Puts the bytes of a payload, and those of a CRC, into `buf` at `at`.
#[inline(always)]
fn put_with_crc<const N: usize>(buf: &mut [u8; N], at: usize, p: Payload, crc: u64)
    requires
        at + 32 <= N,
    ensures
        final(buf)@.subrange(at as int, at + 32) == payload_bytes(p) + u64_le(crc),
        forall|i: int|
            0 <= i < N && !(at <= i < at + 32) ==> #[trigger] final(buf)@[i] == old(buf)@[i],
{
    put_u64(buf, at, p.a);
    put_u64(buf, at + 8, p.b);
    put_u64(buf, at + 16, p.c);
    put_u64(buf, at + 24, crc);
    proof {
        let at = at as int;
        assert(buf@.subrange(at, at + 8) =~= u64_le(p.a));
        assert(buf@.subrange(at + 8, at + 16) =~= u64_le(p.b));
        assert(buf@.subrange(at + 16, at + 24) =~= u64_le(p.c));
        assert(buf@.subrange(at, at + 32) =~= buf@.subrange(at, at + 8) + buf@.subrange(
            at + 8,
            at + 16,
        ) + buf@.subrange(at + 16, at + 24) + buf@.subrange(at + 24, at + 32));
    }
}

/// The payload of a valid codeword, None for anything else.
pub fn decode(id: RegionId, tag: u64, line: &[u8]) -> (r: Option<Payload>)
    requires
        line@.len() == 32,
    ensures
        r == decoded(id, tag, line@),
{
    let p = Payload { a: get_u64(line, 0), b: get_u64(line, 8), c: get_u64(line, 16) };
    let crc = crc_of(id, tag, p);
    let stored = get_u64(line, 24);
    proof {
        lemma_u64_le_of_from_le(line@.subrange(0, 8));
        lemma_u64_le_of_from_le(line@.subrange(8, 16));
        lemma_u64_le_of_from_le(line@.subrange(16, 24));
        lemma_u64_le_of_from_le(line@.subrange(24, 32));
        broadcast use lemma_u64_from_le_of_le;

        assert(line@ =~= line@.subrange(0, 8) + line@.subrange(8, 16) + line@.subrange(16, 24)
            + line@.subrange(24, 32));
        if crc == stored {
            assert(line@ =~= codeword(id, tag, p));
        } else {
            assert(codeword(id, tag, p).subrange(24, 32) =~= u64_le(crc));
        }
    }
    if crc == stored {
        Some(p)
    } else {
        None
    }
}

} // verus!
