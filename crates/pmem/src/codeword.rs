//! A codeword: 24 bytes of metadata with the CRC that protects them right behind.
//!
//! All metadata is made of these, but for the selector. The CRC covers the region's id and the codeword's tag as well,
//! which says what it is and where, so a codeword found in another's place or in another region is not valid.
use crate::bytes::*;
use crate::crc::words::*;
#[cfg(verus_only)]
use crate::crc::{detection::*, linear::*, residue::*};
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

/// What contributes to a codeword's CRC and seldom changes: its id, its tag, its second integer and the upper half of
/// the third. The register is linear, so that the rest is added to it.
pub open spec fn crc_part(id: RegionId, tag: u64, b: u64, c: u64) -> u64 {
    shift_bits(shift_bits(shift_bytes(0xffff_ffff_ffff_ffff, prefix(id, tag)), 64) ^ b, 128)
        ^ shift_bits(c & UPPER, 64)
}

/// What a codeword's first integer contributes to its CRC.
pub open spec fn number_part(a: u64) -> u64 {
    shift_bits(a, 192)
}

/// The contributions add up to the CRC.
proof fn lemma_crc_sum(id: RegionId, tag: u64, p: Payload)
    ensures
        spec_crc64(prefix(id, tag) + payload_bytes(p)) == !(crc_part(id, tag, p.b, p.c)
            ^ number_part(p.a) ^ shift_bits(p.c & LOWER, 64)),
{
    let ones = 0xffff_ffff_ffff_ffffu64;
    let r = shift_bytes(ones, prefix(id, tag));
    let (a, b, c) = (u64_le(p.a), u64_le(p.b), u64_le(p.c));
    lemma_shift_concat(ones, prefix(id, tag), payload_bytes(p));
    lemma_shift_concat(r, a + b, c);
    lemma_shift_concat(r, a, b);
    let r1 = shift_bits(r ^ p.a, 64);
    let r2 = shift_bits(r1 ^ p.b, 64);
    lemma_shift_word(r, p.a);
    lemma_shift_word(r1, p.b);
    lemma_shift_word(r2, p.c);
    lemma_shift_linear(r, p.a, 64);
    let (x, y, z) = (shift_bits(r, 64), shift_bits(p.a, 64), p.b);
    assert((x ^ y) ^ z == (x ^ z) ^ y) by (bit_vector);
    lemma_shift_linear(x ^ z, y, 64);
    lemma_shift_linear(r2, p.c, 64);
    lemma_shift_linear(shift_bits(x ^ z, 64), shift_bits(y, 64), 64);
    lemma_shift_add(x ^ z, 64, 64);
    lemma_shift_add(p.a, 64, 64);
    lemma_shift_add(p.a, 128, 64);
    lemma_shift_halves(p.c, 64);
    let (kept, number) = (shift_bits(x ^ z, 128), number_part(p.a));
    let (upper, lower) = (shift_bits(p.c & UPPER, 64), shift_bits(p.c & LOWER, 64));
    assert((kept ^ number) ^ (upper ^ lower) == ((kept ^ upper) ^ number) ^ lower) by (bit_vector);
}

/// Another second integer, and another third one, change the contribution by what the differences contribute.
pub proof fn lemma_crc_part_changed(id: RegionId, tag: u64, old: Payload, new: Payload)
    ensures
        crc_part(id, tag, new.b, new.c) == crc_part(id, tag, old.b, old.c) ^ shift_bits(
            old.b ^ new.b,
            128,
        ) ^ shift_bits((old.c ^ new.c) & UPPER, 64),
{
    let x = shift_bits(shift_bytes(0xffff_ffff_ffff_ffff, prefix(id, tag)), 64);
    let (b, c) = (old.b ^ new.b, (old.c ^ new.c) & UPPER);
    lemma_shift_linear(x ^ old.b, b, 128);
    let (was, is) = (old.b, new.b);
    assert((x ^ was) ^ (was ^ is) == x ^ is) by (bit_vector);
    lemma_shift_linear(old.c & UPPER, c, 64);
    let (was, is, upper) = (old.c, new.c, UPPER);
    assert((was & upper) ^ ((was ^ is) & upper) == is & upper) by (bit_vector);
    let (kept, p) = (shift_bits(x ^ old.b, 128), shift_bits(b, 128));
    let (q, r) = (shift_bits(old.c & UPPER, 64), shift_bits(c, 64));
    assert((kept ^ p) ^ (q ^ r) == ((kept ^ q) ^ p) ^ r) by (bit_vector);
}

/// What contributes to a CRC and seldom changes.
#[inline(always)]
pub fn crc_part_of(id: RegionId, tag: u64, b: u64, c: u64) -> (r: u64)
    ensures
        r == crc_part(id, tag, b, c),
{
    let ones = 0xffff_ffff_ffff_ffffu64;
    proof {
        let (lo, hi) = (u64_le(id.lo), u64_le(id.hi));
        lemma_shift_concat(ones, lo + hi, u64_le(tag));
        lemma_shift_concat(ones, lo, hi);
        lemma_shift_word(ones, id.lo);
        let r1 = shift_bits(ones ^ id.lo, 64);
        lemma_shift_word(r1, id.hi);
        lemma_shift_word(shift_bits(r1 ^ id.hi, 64), tag);
    }
    let prefix = shift_word(shift_word(shift_word(ones ^ id.lo) ^ id.hi) ^ tag);
    shift_two_words(shift_word(prefix) ^ b) ^ shift_upper(c)
}

/// What the first integer contributes to a CRC.
pub fn number_part_of(a: u64) -> (r: u64)
    ensures
        r == number_part(a),
{
    proof {
        lemma_shift_add(a, 128, 64);
    }
    shift_word(shift_two_words(a))
}

/// What another first integer contributes to a CRC. Where it differs in its lowest byte only, that is quick.
#[inline(always)]
pub fn number_part_changed(part: u64, old: u64, new: u64) -> (r: u64)
    requires
        part == number_part(old),
    ensures
        r == number_part(new),
{
    let wrong = old ^ new;
    proof {
        lemma_shift_linear(old, wrong, 192);
        assert(old ^ (old ^ new) == new) by (bit_vector);
    }
    part ^ if wrong < 256 {
        shift_byte_three_words(wrong)
    } else {
        number_part_of(wrong)
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

/// Puts a codeword into `buf` at `at`. Two of its CRC's three parts are known.
#[inline(always)]
pub fn put_with_parts<const N: usize>(
    buf: &mut [u8; N],
    at: usize,
    Ghost(id): Ghost<RegionId>,
    Ghost(tag): Ghost<u64>,
    p: Payload,
    part: u64,
    number: u64,
)
    requires
        at + 32 <= N,
        part == crc_part(id, tag, p.b, p.c),
        number == number_part(p.a),
    ensures
        final(buf)@.subrange(at as int, at + 32) == codeword(id, tag, p),
        forall|i: int|
            0 <= i < N && !(at <= i < at + 32) ==> #[trigger] final(buf)@[i] == old(buf)@[i],
{
    proof {
        lemma_crc_sum(id, tag, p);
    }
    put_with_crc(buf, at, p, !(part ^ number ^ shift_lower(p.c)));
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
