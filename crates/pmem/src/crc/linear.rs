//! The register is linear in the message, and each step of it can be undone.
//!
//! As a polynomial over GF(2), the register is a remainder modulo g(x), with the coefficient of x^63 in the lowest bit;
//! a step multiplies it by x.

#[cfg(verus_only)]
use crate::trusted::crc::*;
use vstd::prelude::*;

verus! {

/// The register after one more bit has been shifted out of it.
pub open spec fn step(register: u64) -> u64 {
    if register & 1 == 1 {
        (register >> 1) ^ POLYNOMIAL
    } else {
        register >> 1
    }
}

/// The exclusive or of two messages of one length.
pub open spec fn xor(s: Seq<u8>, t: Seq<u8>) -> Seq<u8> {
    Seq::new(s.len(), |i: int| s[i] ^ t[i])
}

/// A message of `n` zero bytes.
pub open spec fn zeros(n: nat) -> Seq<u8> {
    Seq::new(n, |i: int| 0u8)
}

/// Shifting out one more bit is one more step.
pub broadcast proof fn lemma_shift_one_more(register: u64, n: nat)
    requires
        n > 0,
    ensures
        #[trigger] shift_bits(register, n) == step(shift_bits(register, (n - 1) as nat)),
{
}

/// A step is linear.
pub proof fn lemma_step_linear(a: u64, b: u64)
    ensures
        step(a ^ b) == step(a) ^ step(b),
{
    let (p, s) = (POLYNOMIAL, a ^ b);
    assert(s & 1 == (a & 1) ^ (b & 1) && s >> 1 == (a >> 1) ^ (b >> 1) && (a & 1 == 0 || a & 1 == 1)
        && (b & 1 == 0 || b & 1 == 1) && 0u64 ^ 0u64 == 0 && 0u64 ^ 1u64 == 1 && 1u64 ^ 0u64 == 1
        && 1u64 ^ 1u64 == 0) by (bit_vector)
        requires
            s == a ^ b,
    ;
    let (h, k) = (a >> 1, b >> 1);
    assert((h ^ k) ^ p == (h ^ p) ^ k && (h ^ k) ^ p == h ^ (k ^ p) && h ^ k == (h ^ p) ^ (k ^ p))
        by (bit_vector);
}

/// A step loses nothing, since g(x) has a constant term: the highest bit tells whether the polynomial was added.
pub proof fn lemma_step_injective(a: u64, b: u64)
    requires
        step(a) == step(b),
    ensures
        a == b,
{
    assert(a == b) by (bit_vector)
        requires
            (if a & 1 == 1 {
                (a >> 1) ^ 0xC96C5795D7870F42u64
            } else {
                a >> 1
            }) == (if b & 1 == 1 {
                (b >> 1) ^ 0xC96C5795D7870F42u64
            } else {
                b >> 1
            }),
    ;
}

/// Shifting bits out is linear.
pub proof fn lemma_shift_linear(a: u64, b: u64, n: nat)
    ensures
        shift_bits(a ^ b, n) == shift_bits(a, n) ^ shift_bits(b, n),
    decreases n,
{
    if n > 0 {
        let before = (n - 1) as nat;
        lemma_shift_linear(a, b, before);
        lemma_step_linear(shift_bits(a, before), shift_bits(b, before));
    }
}

/// A register of zeros stays one.
pub proof fn lemma_shift_zero(n: nat)
    ensures
        shift_bits(0, n) == 0,
{
    lemma_shift_linear(0, 0, n);
    let r = shift_bits(0, n);
    assert(0u64 ^ 0u64 == 0 && r ^ r == 0) by (bit_vector);
}

/// Shifting out `m` bits and then `n` is shifting out `m + n`.
pub proof fn lemma_shift_add(register: u64, m: nat, n: nat)
    ensures
        shift_bits(shift_bits(register, m), n) == shift_bits(register, m + n),
    decreases n,
{
    if n > 0 {
        lemma_shift_add(register, m, (n - 1) as nat);
    }
}

/// Shifting bits out loses nothing.
pub proof fn lemma_shift_injective(a: u64, b: u64, n: nat)
    requires
        shift_bits(a, n) == shift_bits(b, n),
    ensures
        a == b,
    decreases n,
{
    if n > 0 {
        let before = (n - 1) as nat;
        lemma_step_injective(shift_bits(a, before), shift_bits(b, before));
        lemma_shift_injective(a, b, before);
    }
}

/// Bits that come in after `n` others might as well have been in the register, `n` places further up.
pub proof fn lemma_shift_past(register: u64, bits: u64, n: nat)
    requires
        n < 64,
        bits >> (64 - n) as u64 == 0,
    ensures
        shift_bits(register, n) ^ bits == shift_bits(register ^ (bits << n as u64), n),
    decreases n,
{
    if n == 0 {
        assert(bits << 0 == bits) by (bit_vector);
    } else {
        let (before, k) = ((n - 1) as nat, n as u64);
        let q = shift_bits(register, before);
        let doubled = bits << 1;
        assert(doubled & 1 == 0 && doubled >> 1 == bits && doubled >> (64 - (k - 1)) as u64 == 0
            && doubled << (k - 1) as u64 == bits << k) by (bit_vector)
            requires
                0 < k < 64,
                bits >> (64 - k) as u64 == 0,
                doubled == bits << 1,
        ;
        lemma_shift_past(register, doubled, before);
        lemma_step_linear(q, doubled);
    }
}

/// Bits are the lowest again when those below them have been shifted out, which are zero.
pub proof fn lemma_shift_down(bits: u64, n: nat)
    requires
        n < 64,
        bits >> (64 - n) as u64 == 0,
    ensures
        shift_bits(bits << n as u64, n) == bits,
{
    let moved = bits << n as u64;
    lemma_shift_past(0, bits, n);
    lemma_shift_zero(n);
    assert(0u64 ^ bits == bits && 0u64 ^ moved == moved) by (bit_vector);
}

/// The register is linear in what was in it and the message.
pub proof fn theorem_linear(a: u64, s: Seq<u8>, b: u64, t: Seq<u8>)
    requires
        s.len() == t.len(),
    ensures
        shift_bytes(a ^ b, xor(s, t)) == shift_bytes(a, s) ^ shift_bytes(b, t),
    decreases s.len(),
{
    if s.len() > 0 {
        let (p, q) = (shift_bytes(a, s.drop_last()), shift_bytes(b, t.drop_last()));
        let (x, y) = (s.last(), t.last());
        theorem_linear(a, s.drop_last(), b, t.drop_last());
        assert(xor(s, t).drop_last() =~= xor(s.drop_last(), t.drop_last()));
        assert((p ^ q) ^ ((x ^ y) as u64) == (p ^ (x as u64)) ^ (q ^ (y as u64))) by (bit_vector);
        lemma_shift_linear(p ^ (x as u64), q ^ (y as u64), 8);
    }
}

/// The CRC of a sum of messages: the sum of their CRCs, but for the constant that the inversions leave.
pub proof fn theorem_crc_affine(s: Seq<u8>, t: Seq<u8>)
    requires
        s.len() == t.len(),
    ensures
        spec_crc64(xor(s, t)) == spec_crc64(s) ^ spec_crc64(t) ^ spec_crc64(zeros(s.len())),
{
    let ones = 0xffff_ffff_ffff_ffffu64;
    let z = zeros(s.len());
    theorem_linear(ones, s, ones, t);
    theorem_linear(ones ^ ones, xor(s, t), ones, z);
    assert(xor(xor(s, t), z) =~= xor(s, t)) by {
        assert forall|i: int| 0 <= i < s.len() implies #[trigger] (s[i] ^ t[i]) ^ 0u8 == s[i]
            ^ t[i] by {
            let x = s[i] ^ t[i];
            assert(x ^ 0u8 == x) by (bit_vector);
        }
    }
    let (a, b, c) = (shift_bytes(ones, s), shift_bytes(ones, t), shift_bytes(ones, z));
    assert((ones ^ ones) ^ ones == ones) by (bit_vector);
    assert(!((a ^ b) ^ c) == !a ^ !b ^ !c) by (bit_vector);
}

/// Zero bytes multiply the register by a power of x.
pub proof fn theorem_zero_bytes(register: u64, n: nat)
    ensures
        shift_bytes(register, zeros(n)) == shift_bits(register, 8 * n),
    decreases n,
{
    if n > 0 {
        let before = (n - 1) as nat;
        let r = shift_bytes(register, zeros(before));
        theorem_zero_bytes(register, before);
        assert(zeros(n).drop_last() =~= zeros(before));
        assert(r ^ (0u8 as u64) == r) by (bit_vector);
        lemma_shift_add(register, 8 * before, 8);
    }
}

} // verus!
