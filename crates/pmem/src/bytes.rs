//! Little-endian integers in bytes.

use vstd::prelude::*;

verus! {

/// The eight bytes of `x`, the least significant first.
pub open spec fn u64_le(x: u64) -> Seq<u8> {
    seq![
        x as u8,
        (x >> 8) as u8,
        (x >> 16) as u8,
        (x >> 24) as u8,
        (x >> 32) as u8,
        (x >> 40) as u8,
        (x >> 48) as u8,
        (x >> 56) as u8,
    ]
}

/// The integer whose bytes are the first eight of `s`.
pub open spec fn u64_from_le(s: Seq<u8>) -> u64 {
    (s[0] as u64) | (s[1] as u64) << 8 | (s[2] as u64) << 16 | (s[3] as u64) << 24 | (s[4] as u64)
        << 32 | (s[5] as u64) << 40 | (s[6] as u64) << 48 | (s[7] as u64) << 56
}

/// Encoding, then decoding, gives the same integer.
pub broadcast proof fn lemma_u64_from_le_of_le(x: u64)
    ensures
        u64_le(x).len() == 8,
        u64_from_le(#[trigger] u64_le(x)) == x,
{
    assert(((x as u8) as u64) | ((x >> 8) as u8 as u64) << 8 | ((x >> 16) as u8 as u64) << 16 | ((x
        >> 24) as u8 as u64) << 24 | ((x >> 32) as u8 as u64) << 32 | ((x >> 40) as u8 as u64) << 40
        | ((x >> 48) as u8 as u64) << 48 | ((x >> 56) as u8 as u64) << 56 == x) by (bit_vector);
}

/// Decoding, then encoding, gives the same bytes.
pub proof fn lemma_u64_le_of_from_le(s: Seq<u8>)
    requires
        s.len() == 8,
    ensures
        u64_le(u64_from_le(s)) == s,
{
    let (a, b, c, d, e, f, g, h) = (s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
    let x = u64_from_le(s);
    assert(x == (a as u64) | (b as u64) << 8 | (c as u64) << 16 | (d as u64) << 24 | (e as u64)
        << 32 | (f as u64) << 40 | (g as u64) << 48 | (h as u64) << 56);
    assert(x as u8 == a && (x >> 8) as u8 == b && (x >> 16) as u8 == c && (x >> 24) as u8 == d && (x
        >> 32) as u8 == e && (x >> 40) as u8 == f && (x >> 48) as u8 == g && (x >> 56) as u8 == h)
        by (bit_vector)
        requires
            x == (a as u64) | (b as u64) << 8 | (c as u64) << 16 | (d as u64) << 24 | (e as u64)
                << 32 | (f as u64) << 40 | (g as u64) << 48 | (h as u64) << 56,
    ;
    assert(u64_le(x) =~= s);
}

/// Writes the bytes of `x` into `buf` at `at`.
#[inline(always)]
pub fn put_u64<const N: usize>(buf: &mut [u8; N], at: usize, x: u64)
    requires
        at + 8 <= N,
    ensures
        forall|i: int|
            0 <= i < N && !(at <= i < at + 8) ==> #[trigger] final(buf)@[i] == old(buf)@[i],
        final(buf)@.subrange(at as int, at + 8) == u64_le(x),
{
    buf[at] = x as u8;
    buf[at + 1] = (x >> 8) as u8;
    buf[at + 2] = (x >> 16) as u8;
    buf[at + 3] = (x >> 24) as u8;
    buf[at + 4] = (x >> 32) as u8;
    buf[at + 5] = (x >> 40) as u8;
    buf[at + 6] = (x >> 48) as u8;
    buf[at + 7] = (x >> 56) as u8;
    assert(buf@.subrange(at as int, at + 8) =~= u64_le(x));
}

/// The integer whose bytes are those of `buf` at `at`.
#[inline(always)]
pub fn get_u64(buf: &[u8], at: usize) -> (x: u64)
    requires
        at + 8 <= buf@.len(),
    ensures
        x == u64_from_le(buf@.subrange(at as int, at + 8)),
{
    (buf[at] as u64) | (buf[at + 1] as u64) << 8 | (buf[at + 2] as u64) << 16 | (buf[at + 3] as u64)
        << 24 | (buf[at + 4] as u64) << 32 | (buf[at + 5] as u64) << 40 | (buf[at + 6] as u64) << 48
        | (buf[at + 7] as u64) << 56
}

} // verus!
