//! Little-endian integers in bytes.
#[cfg(verus_only)]
pub use crate::trusted::bytes::{u64_from_le, u64_le};
use vstd::prelude::*;
use vstd::slice::slice_subrange;

verus! {

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

/// Byte `k` of an integer is the lowest when those below it have been shifted out.
proof fn lemma_u64_le_index(x: u64)
    ensures
        forall|k: int| 0 <= k < 8 ==> #[trigger] u64_le(x)[k] == (x >> ((8 * k) as u64)) as u8,
{
    assert(x >> 0 == x) by (bit_vector);
}

/// All bytes of zero are zero.
pub proof fn lemma_u64_le_zero()
    ensures
        forall|k: int| 0 <= k < 8 ==> #[trigger] u64_le(0)[k] == 0,
{
    lemma_u64_le_index(0);
    assert forall|k: int| 0 <= k < 8 implies #[trigger] u64_le(0)[k] == 0 by {
        let m = (8 * k) as u64;
        assert((0u64 >> m) as u8 == 0) by (bit_vector);
    }
}

/// Bytes that are shifted up by `n` places, above others that have zeros there.
pub proof fn lemma_u64_le_above(low: u64, x: u64, n: u64)
    requires
        n < 8,
        forall|k: int| n <= k < 8 ==> #[trigger] u64_le(low)[k] == 0,
    ensures
        forall|k: int|
            0 <= k < 8 ==> #[trigger] u64_le(low | (x << ((8 * n) as u64)))[k] == if k < n {
                u64_le(low)[k]
            } else {
                u64_le(x)[k - n]
            },
{
    let m = (8 * n) as u64;
    let y = low | (x << m);
    lemma_u64_le_index(low);
    lemma_u64_le_index(x);
    lemma_u64_le_index(y);
    assert forall|k: int| 0 <= k < 8 implies #[trigger] u64_le(y)[k] == if k < n {
        u64_le(low)[k]
    } else {
        u64_le(x)[k - n]
    } by {
        let j = (8 * k) as u64;
        if k < n {
            assert(((low | (x << m)) >> j) as u8 == (low >> j) as u8) by (bit_vector)
                requires
                    j < m <= 56,
                    j % 8 == 0,
                    m % 8 == 0,
            ;
        } else {
            let d = (8 * (k - n)) as u64;
            assert(u64_le(low)[k] == 0);
            assert(((low | (x << m)) >> j) as u8 == (x >> d) as u8) by (bit_vector)
                requires
                    d <= 56,
                    m <= 56,
                    j == add(m, d),
                    j <= 56,
                    (low >> j) as u8 == 0,
            ;
        }
    }
}

/// Bytes that are shifted down by `n` places.
pub proof fn lemma_u64_le_below(x: u64, n: u64)
    requires
        n < 8,
    ensures
        forall|k: int|
            0 <= k < 8 ==> #[trigger] u64_le(x >> ((8 * n) as u64))[k] == if k + n < 8 {
                u64_le(x)[k + n]
            } else {
                0
            },
{
    let m = (8 * n) as u64;
    let y = x >> m;
    lemma_u64_le_index(x);
    lemma_u64_le_index(y);
    assert forall|k: int| 0 <= k < 8 implies #[trigger] u64_le(y)[k] == if k + n < 8 {
        u64_le(x)[k + n]
    } else {
        0
    } by {
        let j = (8 * k) as u64;
        let d = (8 * (k + n)) as u64;
        if k + n < 8 {
            assert(((x >> m) >> j) as u8 == (x >> d) as u8) by (bit_vector)
                requires
                    j <= 56,
                    m <= 56,
                    d == add(j, m),
            ;
        } else {
            assert(((x >> m) >> j) as u8 == 0) by (bit_vector)
                requires
                    j <= 56,
                    m <= 56,
                    add(j, m) >= 64,
            ;
        }
    }
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
    // In one piece, so that its place is checked once.
    assert(buf.len() == buf@.len());
    let b = slice_subrange(buf, at, at + 8);
    (b[0] as u64) | (b[1] as u64) << 8 | (b[2] as u64) << 16 | (b[3] as u64) << 24 | (b[4] as u64)
        << 32 | (b[5] as u64) << 40 | (b[6] as u64) << 48 | (b[7] as u64) << 56
}

} // verus!
