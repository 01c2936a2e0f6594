//! A few bytes as an integer.
use crate::bytes::*;
use vstd::prelude::*;
use vstd::slice::slice_subrange;

verus! {

/// An integer of which the lowest `len` bytes are the first of `bytes`. If there are less than 8 of these, the others are
/// zero.
#[inline(always)]
pub(crate) fn load_first(bytes: &[u8], len: usize) -> (r: u64)
    requires
        len <= 8,
        len <= bytes@.len(),
    ensures
        forall|k: int| 0 <= k < len ==> #[trigger] u64_le(r)[k] == bytes@[k],
        bytes@.len() < 8 ==> forall|k: int| len <= k < 8 ==> #[trigger] u64_le(r)[k] == 0,
{
    if bytes.len() < 8 {
        return load_few(slice_subrange(bytes, 0, len));
    }
    proof {
        lemma_u64_le_of_from_le(bytes@.subrange(0, 8));
    }
    get_u64(bytes, 0)
}

/// An integer of which the lowest `len` bytes are the last of `bytes`, and the others zero.
#[inline(always)]
pub(crate) fn load_last(bytes: &[u8], len: usize) -> (r: u64)
    requires
        0 < len < 8,
        len <= bytes@.len(),
    ensures
        forall|k: int|
            0 <= k < 8 ==> #[trigger] u64_le(r)[k] == if k < len {
                bytes@[bytes@.len() - len + k]
            } else {
                0
            },
{
    let end = bytes.len();
    if end < 8 {
        return load_few(slice_subrange(bytes, end - len, end));
    }
    let last = get_u64(bytes, end - 8);
    let n = (8 - len) as u64;
    proof {
        lemma_u64_le_of_from_le(bytes@.subrange(end - 8, end as int));
        lemma_u64_le_below(last, n);
    }
    last >> (8 * n)
}

/// Bytes, below zeros.
#[inline(always)]
fn load_few(bytes: &[u8]) -> (r: u64)
    requires
        bytes@.len() < 8,
    ensures
        forall|k: int|
            0 <= k < 8 ==> #[trigger] u64_le(r)[k] == if k < bytes@.len() {
                bytes@[k]
            } else {
                0
            },
{
    let mut r: u64 = 0;
    let mut n: usize = 0;
    proof {
        lemma_u64_le_zero();
    }
    while n < bytes.len()
        invariant
            n <= bytes@.len() < 8,
            forall|k: int|
                0 <= k < 8 ==> #[trigger] u64_le(r)[k] == if k < n {
                    bytes@[k]
                } else {
                    0
                },
        decreases bytes@.len() - n,
    {
        let byte = bytes[n] as u64;
        proof {
            lemma_u64_le_above(r, byte, n as u64);
            assert(byte as u8 == bytes@[n as int]);
            assert((byte >> 8) as u8 == 0 && (byte >> 16) as u8 == 0 && (byte >> 24) as u8 == 0 && (
            byte >> 32) as u8 == 0 && (byte >> 40) as u8 == 0 && (byte >> 48) as u8 == 0 && (byte
                >> 56) as u8 == 0) by (bit_vector)
                requires
                    byte < 256,
            ;
        }
        r |= byte << (8 * n as u64);
        n += 1;
    }
    r
}

} // verus!
