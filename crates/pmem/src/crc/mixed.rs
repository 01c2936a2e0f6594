//! The CRC of bytes that are mixed before, computed eight bytes at a time.
use super::extend::*;
use crate::bytes::*;
#[cfg(verus_only)]
use crate::crc::residue::lemma_shift_concat;
#[cfg(verus_only)]
use crate::trusted::{bytes::*, collision::*, crc::*};
use vstd::prelude::*;
use vstd::slice::slice_subrange;

verus! {

/// How many bytes are mixed at a time.
const CHUNK: usize = 128;

/// Eight bytes, mixed.
#[inline(always)]
fn mix_word(w: u64) -> (r: u64)
    ensures
        forall|j: int| 0 <= j < 8 ==> #[trigger] u64_le(r)[j] == mixed_byte(u64_le(w)[j]),
{
    let r = w ^ ((w << 1) & (w << 2) & 0xfcfc_fcfc_fcfc_fcfc);
    proof {
        lemma_mix_word(w, r);
    }
    r
}

/// No bit of a byte gets into another one.
proof fn lemma_mix_word(w: u64, r: u64)
    requires
        r == w ^ ((w << 1) & (w << 2) & 0xfcfc_fcfc_fcfc_fcfc),
    ensures
        forall|j: int| 0 <= j < 8 ==> #[trigger] u64_le(r)[j] == mixed_byte(u64_le(w)[j]),
{
    assert forall|n: u64| n < 8 implies #[trigger] ((r >> (8 * n) as u64) as u8) == ((w >> (8
        * n) as u64) as u8) ^ ((((w >> (8 * n) as u64) as u8) << 1u8) & (((w >> (8
        * n) as u64) as u8) << 2u8)) by {
        let k = (8 * n) as u64;
        assert((r >> k) as u8 == ((w >> k) as u8) ^ ((((w >> k) as u8) << 1u8) & (((w >> k) as u8)
            << 2u8))) by (bit_vector)
            requires
                r == w ^ ((w << 1) & (w << 2) & 0xfcfc_fcfc_fcfc_fcfc),
                k == 0 || k == 8 || k == 16 || k == 24 || k == 32 || k == 40 || k == 48 || k == 56,
        ;
    }
    assert(w >> 0 == w && r >> 0 == r) by (bit_vector);
    assert((r >> (8 * 0u64) as u64) as u8 == mixed_byte((w >> (8 * 0u64) as u64) as u8));
    assert((r >> (8 * 1u64) as u64) as u8 == mixed_byte((w >> (8 * 1u64) as u64) as u8));
    assert((r >> (8 * 2u64) as u64) as u8 == mixed_byte((w >> (8 * 2u64) as u64) as u8));
    assert((r >> (8 * 3u64) as u64) as u8 == mixed_byte((w >> (8 * 3u64) as u64) as u8));
    assert((r >> (8 * 4u64) as u64) as u8 == mixed_byte((w >> (8 * 4u64) as u64) as u8));
    assert((r >> (8 * 5u64) as u64) as u8 == mixed_byte((w >> (8 * 5u64) as u64) as u8));
    assert((r >> (8 * 6u64) as u64) as u8 == mixed_byte((w >> (8 * 6u64) as u64) as u8));
    assert((r >> (8 * 7u64) as u64) as u8 == mixed_byte((w >> (8 * 7u64) as u64) as u8));
}

/// Puts bytes into `buf`, mixed.
#[inline(always)]
fn mix_chunk(buf: &mut [u8; CHUNK], bytes: &[u8])
    requires
        bytes@.len() <= CHUNK,
    ensures
        final(buf)@.take(bytes@.len() as int) == mixed(bytes@),
{
    let n = bytes.len();
    let mut k: usize = 0;
    while n - k >= 8
        invariant
            k <= n <= CHUNK,
            n == bytes@.len(),
            forall|i: int| 0 <= i < k ==> #[trigger] buf@[i] == mixed_byte(bytes@[i]),
        decreases n - k,
    {
        let ghost before = buf@;
        let w = get_u64(bytes, k);
        let m = mix_word(w);
        put_u64(buf, k, m);
        proof {
            let word = bytes@.subrange(k as int, k + 8);
            lemma_u64_le_of_from_le(word);
            assert forall|i: int| 0 <= i < k + 8 implies #[trigger] buf@[i] == mixed_byte(
                bytes@[i],
            ) by {
                if i < k {
                    assert(buf@[i] == before[i]);
                } else {
                    assert(buf@.subrange(k as int, k + 8)[i - k] == buf@[i]);
                    assert(u64_le(m)[i - k] == mixed_byte(u64_le(w)[i - k]));
                    assert(word[i - k] == bytes@[i]);
                }
            }
        }
        k += 8;
    }
    while k < n
        invariant
            k <= n <= CHUNK,
            n == bytes@.len(),
            forall|i: int| 0 <= i < k ==> #[trigger] buf@[i] == mixed_byte(bytes@[i]),
        decreases n - k,
    {
        let b = bytes[k];
        buf[k] = b ^ ((b << 1) & (b << 2));
        k += 1;
    }
    assert(buf@.take(n as int) =~= mixed(bytes@));
}

/// The CRC of mixed bytes whose CRC is `crc`, and of `bytes` behind them, mixed. The CRC of nothing is zero.
pub fn extend_mixed_crc(crc: u64, bytes: &[u8]) -> (r: u64)
    ensures
        r == spec_crc64_extended(crc, mixed(bytes@)),
{
    let mut buf = [0u8;CHUNK];
    let len = bytes.len();
    let mut at: usize = 0;
    let mut r = crc;
    proof {
        assert(mixed(bytes@.take(0)) =~= Seq::empty());
        assert(!!crc == crc) by (bit_vector);
    }
    while at < len
        invariant
            at <= len == bytes@.len(),
            r == spec_crc64_extended(crc, mixed(bytes@.take(at as int))),
        decreases len - at,
    {
        let n = if len - at < CHUNK {
            len - at
        } else {
            CHUNK
        };
        mix_chunk(&mut buf, slice_subrange(bytes, at, at + n));
        let ghost first = mixed(bytes@.take(at as int));
        let ghost next = mixed(bytes@.subrange(at as int, at + n));
        proof {
            lemma_shift_concat(!crc, first, next);
            let register = shift_bytes(!crc, first);
            assert(!!register == register) by (bit_vector);
            assert(first + next =~= mixed(bytes@.take(at + n)));
        }
        r = extend_crc64(r, slice_subrange(&buf, 0, n));
        proof {
            assert(buf@.subrange(0, n as int) =~= next);
        }
        at += n;
    }
    assert(bytes@.take(at as int) =~= bytes@);
    r
}

/// The CRC of two pieces that are mixed, from that of the first one.
pub proof fn lemma_mixed_extended(a: Seq<u8>, b: Seq<u8>)
    ensures
        spec_crc64_extended(mixed_crc(a), mixed(b)) == mixed_crc(a + b),
{
    lemma_crc64_extended(mixed(a), mixed(b));
    assert(mixed(a) + mixed(b) =~= mixed(a + b));
}

/// The CRC of no bytes is zero.
pub proof fn lemma_mixed_nothing(s: Seq<u8>)
    requires
        s.len() == 0,
    ensures
        mixed_crc(s) == 0,
{
    assert(mixed(s) =~= Seq::empty());
    assert(!0xffff_ffff_ffff_ffffu64 == 0) by (bit_vector);
}

} // verus!
