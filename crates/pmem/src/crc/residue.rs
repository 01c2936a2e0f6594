//! Two codewords differ by a message that leaves the register at zero.
#[cfg(verus_only)]
use super::linear::*;
#[cfg(verus_only)]
use crate::{bytes::*, trusted::crc::*};
use vstd::prelude::*;

verus! {

/// Whether `codeword` ends in the CRC of what comes before it. The CRC covers `prefix` too, which is not stored.
pub open spec fn crc_matches(prefix: Seq<u8>, codeword: Seq<u8>) -> bool {
    &&& codeword.len() >= 8
    &&& codeword.skip(codeword.len() - 8) == u64_le(
        spec_crc64(prefix + codeword.take(codeword.len() - 8)),
    )
}

/// The register after `s`, then `t`.
pub proof fn lemma_shift_concat(register: u64, s: Seq<u8>, t: Seq<u8>)
    ensures
        shift_bytes(register, s + t) == shift_bytes(shift_bytes(register, s), t),
    decreases t.len(),
{
    if t.len() == 0 {
        assert(s + t =~= s);
    } else {
        lemma_shift_concat(register, s, t.drop_last());
        assert((s + t).drop_last() =~= s + t.drop_last());
    }
}

/// A byte more comes in `n` bits after the first: it might as well have been there at the start.
proof fn lemma_shift_byte_more(register: u64, byte: u64, n: nat)
    requires
        n <= 56,
        byte < 256,
    ensures
        shift_bits(shift_bits(register, n) ^ byte, 8) == shift_bits(
            register ^ (byte << n as u64),
            n + 8,
        ),
{
    let k = n as u64;
    assert(byte >> (64 - k) as u64 == 0) by (bit_vector)
        requires
            byte < 256,
            k <= 56,
    ;
    lemma_shift_past(register, byte, n);
    lemma_shift_add(register ^ (byte << k), n, 8);
}

/// Eight bytes of message are one word of it.
pub proof fn lemma_shift_word(register: u64, word: u64)
    ensures
        shift_bytes(register, u64_le(word)) == shift_bits(register ^ word, 64),
{
    let s = u64_le(word);
    let r = register;
    let (b0, b1, b2, b3) = (s[0] as u64, s[1] as u64, s[2] as u64, s[3] as u64);
    let (b4, b5, b6, b7) = (s[4] as u64, s[5] as u64, s[6] as u64, s[7] as u64);
    assert(r ^ b0 ^ (b1 << 8) ^ (b2 << 16) ^ (b3 << 24) ^ (b4 << 32) ^ (b5 << 40) ^ (b6 << 48) ^ (b7
        << 56) == r ^ word) by (bit_vector)
        requires
            b0 == (word as u8) as u64,
            b1 == ((word >> 8) as u8) as u64,
            b2 == ((word >> 16) as u8) as u64,
            b3 == ((word >> 24) as u8) as u64,
            b4 == ((word >> 32) as u8) as u64,
            b5 == ((word >> 40) as u8) as u64,
            b6 == ((word >> 48) as u8) as u64,
            b7 == ((word >> 56) as u8) as u64,
    ;
    let r1 = r ^ b0;
    let r2 = r1 ^ (b1 << 8);
    let r3 = r2 ^ (b2 << 16);
    let r4 = r3 ^ (b3 << 24);
    let r5 = r4 ^ (b4 << 32);
    let r6 = r5 ^ (b5 << 40);
    let r7 = r6 ^ (b6 << 48);
    lemma_shift_byte_more(r1, b1, 8);
    lemma_shift_byte_more(r2, b2, 16);
    lemma_shift_byte_more(r3, b3, 24);
    lemma_shift_byte_more(r4, b4, 32);
    lemma_shift_byte_more(r5, b5, 40);
    lemma_shift_byte_more(r6, b6, 48);
    lemma_shift_byte_more(r7, b7, 56);
    assert forall|n: int| 0 < n <= 8 implies #[trigger] s.take(n).drop_last() == s.take(n - 1) by {
        assert(s.take(n).drop_last() =~= s.take(n - 1));
    }
    assert(s.take(8) =~= s);
    assert(s.take(0) =~= Seq::<u8>::empty());
    reveal_with_fuel(shift_bytes, 9);
    assert(shift_bytes(r, s.take(1)) == shift_bits(r1, 8));
    assert(shift_bytes(r, s.take(2)) == shift_bits(r2, 16));
    assert(shift_bytes(r, s.take(3)) == shift_bits(r3, 24));
    assert(shift_bytes(r, s.take(4)) == shift_bits(r4, 32));
    assert(shift_bytes(r, s.take(5)) == shift_bits(r5, 40));
    assert(shift_bytes(r, s.take(6)) == shift_bits(r6, 48));
    assert(shift_bytes(r, s.take(7)) == shift_bits(r7, 56));
}

/// After any valid codeword the register is the same.
proof fn lemma_residue(prefix: Seq<u8>, codeword: Seq<u8>)
    requires
        crc_matches(prefix, codeword),
    ensures
        shift_bytes(0xffff_ffff_ffff_ffff, prefix + codeword) == shift_bits(
            0xffff_ffff_ffff_ffff,
            64,
        ),
{
    let message = prefix + codeword.take(codeword.len() - 8);
    let r = shift_bytes(0xffff_ffff_ffff_ffff, message);
    assert(prefix + codeword =~= message + u64_le(!r));
    lemma_shift_concat(0xffff_ffff_ffff_ffff, message, u64_le(!r));
    lemma_shift_word(r, !r);
    assert(r ^ !r == 0xffff_ffff_ffff_ffff) by (bit_vector);
}

/// Two codewords differ by a message that leaves the register at zero.
pub proof fn lemma_difference(prefix: Seq<u8>, s: Seq<u8>, t: Seq<u8>)
    requires
        crc_matches(prefix, s),
        crc_matches(prefix, t),
        s.len() == t.len(),
    ensures
        shift_bytes(0, xor(s, t)) == 0,
{
    let ones = 0xffff_ffff_ffff_ffffu64;
    let r = shift_bytes(ones, prefix);
    lemma_residue(prefix, s);
    lemma_residue(prefix, t);
    lemma_shift_concat(ones, prefix, s);
    lemma_shift_concat(ones, prefix, t);
    theorem_linear(r, s, r, t);
    let residue = shift_bits(ones, 64);
    assert(r ^ r == 0 && residue ^ residue == 0) by (bit_vector);
}

/// Codewords of one prefix have the same CRC, without it as well.
pub proof fn lemma_codewords_same_crc(prefix: Seq<u8>, s: Seq<u8>, t: Seq<u8>)
    requires
        crc_matches(prefix, s),
        crc_matches(prefix, t),
        s.len() == t.len(),
    ensures
        spec_crc64(s) == spec_crc64(t),
{
    let ones = 0xffff_ffff_ffff_ffffu64;
    lemma_difference(prefix, s, t);
    theorem_linear(ones, s, ones, t);
    let (x, y) = (shift_bytes(ones, s), shift_bytes(ones, t));
    assert(ones ^ ones == 0) by (bit_vector);
    assert(x == y) by (bit_vector)
        requires
            x ^ y == 0,
    ;
}

} // verus!
