//! What 128 bits reduce to, products of polynomials among them: the mathematics of [`products`](super::products).
//!
//! Shifting bits out of the register multiplies it by a power of x, modulo g(x). A product of 128 bits stands for the
//! register that it leaves when its lower half is shifted out. So to multiply by what a lone bit leaves when it has been
//! shifted is to shift, by as much; and adding the multiple of g(x) that has the same lower half reduces it.
#[cfg(verus_only)]
use super::{linear::*, superposition::*};
#[cfg(verus_only)]
use crate::trusted::{crc::*, multiply::*};
use vstd::prelude::*;

verus! {

/// The register that 128 bits reduce to: the lower half is shifted out while the upper half comes in.
pub open spec fn value(p: u128) -> u64 {
    shift_bits(p as u64, 64) ^ (p >> 64) as u64
}

/// Reducing is linear.
pub(super) proof fn lemma_value_linear(p: u128, q: u128)
    ensures
        value(p ^ q) == value(p) ^ value(q),
{
    assert((p ^ q) as u64 == (p as u64) ^ (q as u64) && ((p ^ q) >> 64) as u64 == ((p >> 64) as u64)
        ^ ((q >> 64) as u64)) by (bit_vector);
    lemma_shift_linear(p as u64, q as u64, 64);
    let (a, b) = (shift_bits(p as u64, 64), shift_bits(q as u64, 64));
    let (c, d) = ((p >> 64) as u64, (q >> 64) as u64);
    assert((a ^ b) ^ (c ^ d) == (a ^ c) ^ (b ^ d)) by (bit_vector);
}

/// A word in the lower half is shifted out.
pub(super) proof fn lemma_value_word(word: u64)
    ensures
        value(word as u128) == shift_bits(word, 64),
{
    let r = shift_bits(word, 64);
    assert((word as u128) as u64 == word && ((word as u128) >> 64) as u64 == 0 && r ^ 0 == r)
        by (bit_vector);
}

/// One place further up is one step less.
proof fn lemma_value_doubled(p: u128)
    requires
        p >> 127 == 0,
    ensures
        step(value(p << 1)) == value(p),
{
    let (low, high) = (p as u64, (p >> 64) as u64);
    let (top, others) = (low >> 63, low & 0x7fff_ffff_ffff_ffff);
    assert((p << 1) as u64 == low << 1 && ((p << 1) >> 64) as u64 == (high << 1) ^ top)
        by (bit_vector)
        requires
            low == p as u64,
            high == (p >> 64) as u64,
            top == low >> 63,
    ;
    assert(high >> 63 == 0) by (bit_vector)
        requires
            p >> 127 == 0,
            high == (p >> 64) as u64,
    ;
    assert((low << 1) & 1 == 0 && (low << 1) >> 1 == others && low == others ^ (top << 63) && (top
        == 0 || top == 1) && top >> 1 == 0) by (bit_vector)
        requires
            top == low >> 63,
            others == low & 0x7fff_ffff_ffff_ffff,
    ;
    // What the bit that goes from the lower half to the upper one leaves is the same in both.
    let bit = top << 63;
    lemma_shift_down(top, 63);
    assert(shift_bits(bit, 64) == step(top));
    lemma_shift_linear(others, bit, 64);
    // The lower half.
    lemma_shift_add(low << 1, 1, 64);
    assert(shift_bits(low << 1, 1) == others) by {
        reveal_with_fuel(shift_bits, 2);
    }
    assert(step(shift_bits(low << 1, 64)) == shift_bits(others, 64));
    // The upper one.
    lemma_step_linear(high << 1, top);
    assert((high << 1) & 1 == 0 && (high << 1) >> 1 == high) by (bit_vector)
        requires
            high >> 63 == 0,
    ;
    lemma_step_linear(shift_bits(low << 1, 64), (high << 1) ^ top);
    let (a, b) = (shift_bits(others, 64), step(top));
    assert(a ^ (high ^ b) == (a ^ b) ^ high) by (bit_vector);
}

/// `k` places further up is `k` steps less.
proof fn lemma_value_up(word: u64, k: nat)
    requires
        k < 64,
    ensures
        shift_bits(value((word as u128) << k as u128), k) == shift_bits(word, 64),
    decreases k,
{
    let wide = word as u128;
    if k == 0 {
        assert(wide << 0 == wide) by (bit_vector);
        lemma_value_word(word);
    } else {
        let before = (k - 1) as nat;
        let (m, n) = (before as u128, k as u128);
        assert((wide << m) << 1 == wide << n && (wide << m) >> 127 == 0) by (bit_vector)
            requires
                wide == word as u128,
                n < 64,
                m + 1 == n,
        ;
        lemma_value_doubled(wide << m);
        lemma_shift_add(value(wide << n), 1, before);
        assert(shift_bits(value(wide << n), 1) == step(value(wide << n))) by {
            reveal_with_fuel(shift_bits, 2);
        }
        lemma_value_up(word, before);
    }
}

/// A lone bit times a factor that leaves what a bit does after `n` others.
proof fn lemma_value_bit(factor: u64, k: nat, n: nat)
    requires
        k < 64,
        shift_bits(factor, 64) == shift_bits(1, n),
    ensures
        value((factor as u128) << k as u128) == shift_bits(1u64 << k as u64, n),
{
    let bit = 1u64 << k as u64;
    lemma_value_up(factor, k);
    lemma_shift_one(k);
    lemma_shift_add(bit, n, k);
    lemma_shift_add(bit, k, n);
    lemma_shift_injective(value((factor as u128) << k as u128), shift_bits(bit, n), k);
}

/// The `n` lowest bits of a word.
spec fn lowest(a: u64, n: nat) -> u64 {
    if n == 0 {
        0
    } else {
        (a << (64 - n) as u64) >> (64 - n) as u64
    }
}

/// One more of the lowest bits.
proof fn lemma_lowest_more(a: u64, n: nat)
    requires
        n < 64,
    ensures
        lowest(a, n + 1) == lowest(a, n) ^ if (a >> n as u64) & 1 == 1 {
            1u64 << n as u64
        } else {
            0
        },
{
    let m = n as u64;
    if n == 0 {
        assert((a << 63) >> 63 == 0u64 ^ if (a >> 0) & 1 == 1 {
            1u64 << 0
        } else {
            0
        }) by (bit_vector);
    } else {
        assert((a << (63 - m) as u64) >> (63 - m) as u64 == ((a << (64 - m) as u64) >> (64
            - m) as u64) ^ if (a >> m) & 1 == 1 {
            1u64 << m
        } else {
            0
        }) by (bit_vector)
            requires
                0 < m < 64,
        ;
    }
}

/// To multiply by a factor that leaves what a bit does after `n` others, and to reduce, is to shift `n` bits out.
pub(super) proof fn theorem_product(a: u64, factor: u64, n: nat)
    requires
        shift_bits(factor, 64) == shift_bits(1, n),
    ensures
        value(spec_product(a, factor, 64)) == shift_bits(a, n),
{
    lemma_product(a, factor, n, 64);
    assert((a << 0) >> 0 == a) by (bit_vector);
}

/// The same of the `bits` lowest bits of `a`.
proof fn lemma_product(a: u64, factor: u64, n: nat, bits: nat)
    requires
        bits <= 64,
        shift_bits(factor, 64) == shift_bits(1, n),
    ensures
        value(spec_product(a, factor, bits)) == shift_bits(lowest(a, bits), n),
    decreases bits,
{
    if bits == 0 {
        lemma_shift_zero(n);
        lemma_shift_zero(64);
        lemma_value_word(0);
    } else {
        let k = (bits - 1) as nat;
        let before = spec_product(a, factor, k);
        lemma_product(a, factor, n, k);
        lemma_lowest_more(a, k);
        if (a >> k as u64) & 1 == 1 {
            lemma_value_bit(factor, k, n);
            lemma_value_linear(before, (factor as u128) << k as u128);
            lemma_shift_linear(lowest(a, k), 1u64 << k as u64, n);
        } else {
            let low = lowest(a, k);
            assert(before ^ 0 == before && low ^ 0 == low) by (bit_vector);
        }
    }
}

/// g(x), without its coefficient of x^0: the lowest bit is that of x^64.
pub(super) const MODULUS: u64 = 0x92d8_af2b_af0e_1e85;

/// The factor by which the lower half of a multiple of [`MODULUS`] gives back what it is multiplied by.
pub(super) const INVERSE: u64 = 0x9c3e_466c_1729_63d5;

/// The lower half.
pub(super) open(super) spec fn lower_half(p: u128) -> u64 {
    (p & 0xffff_ffff_ffff_ffff) as u64
}

/// What `x` is when it has been multiplied by [`INVERSE`] and then by [`MODULUS`], each time but for the upper half.
pub(super) open(super) spec fn back(x: u64) -> u64 {
    lower_half(spec_product(lower_half(spec_product(x, INVERSE, 64)), MODULUS, 64))
}

/// Whether that is `x` for the `n` lowest lone bits.
spec fn bits_come_back(n: nat) -> bool
    decreases n,
{
    n == 0 || {
        let k = (n - 1) as nat;
        bits_come_back(k) && back(1u64 << k as u64) == 1u64 << k as u64
    }
}

/// One of them.
proof fn lemma_bit_back(k: nat, n: nat)
    requires
        k < n,
        bits_come_back(n),
    ensures
        back(1u64 << k as u64) == 1u64 << k as u64,
    decreases n,
{
    if k + 1 < n {
        lemma_bit_back(k, (n - 1) as nat);
    }
}

/// Products are linear.
proof fn lemma_product_linear(a: u64, b: u64, factor: u64, n: nat)
    requires
        n <= 64,
    ensures
        spec_product(a ^ b, factor, n) == spec_product(a, factor, n) ^ spec_product(b, factor, n),
    decreases n,
{
    if n == 0 {
        assert(0u128 ^ 0u128 == 0) by (bit_vector);
    } else {
        let k = (n - 1) as nat;
        lemma_product_linear(a, b, factor, k);
        let (m, s) = (k as u64, a ^ b);
        assert(((a ^ b) >> m) & 1 == ((a >> m) & 1) ^ ((b >> m) & 1) && ((a >> m) & 1 == 0 || (a
            >> m) & 1 == 1) && ((b >> m) & 1 == 0 || (b >> m) & 1 == 1) && 0u64 ^ 0u64 == 0 && 0u64
            ^ 1u64 == 1 && 1u64 ^ 0u64 == 1 && 1u64 ^ 1u64 == 0) by (bit_vector)
            requires
                m < 64,
        ;
        let (p, q) = (spec_product(a, factor, k), spec_product(b, factor, k));
        let t = (factor as u128) << k as u128;
        assert((p ^ q) ^ 0 == (p ^ 0) ^ (q ^ 0) && (p ^ q) ^ t == (p ^ t) ^ (q ^ 0) && (p ^ q) ^ t
            == (p ^ 0) ^ (q ^ t) && (p ^ q) ^ 0 == (p ^ t) ^ (q ^ t)) by (bit_vector);
    }
}

/// Going there and back is linear.
proof fn lemma_back_linear(a: u64, b: u64)
    ensures
        back(a ^ b) == back(a) ^ back(b),
{
    lemma_product_linear(a, b, INVERSE, 64);
    let (p, q) = (spec_product(a, INVERSE, 64), spec_product(b, INVERSE, 64));
    lemma_lower_half_linear(p, q);
    lemma_product_linear(lower_half(p), lower_half(q), MODULUS, 64);
    lemma_lower_half_linear(
        spec_product(lower_half(p), MODULUS, 64),
        spec_product(lower_half(q), MODULUS, 64),
    );
}

proof fn lemma_lower_half_linear(p: u128, q: u128)
    ensures
        lower_half(p ^ q) == lower_half(p) ^ lower_half(q),
{
    assert(((p ^ q) & 0xffff_ffff_ffff_ffff) as u64 == ((p & 0xffff_ffff_ffff_ffff) as u64) ^ ((q
        & 0xffff_ffff_ffff_ffff) as u64)) by (bit_vector);
}

/// What is multiplied by [`INVERSE`] and then by [`MODULUS`] comes back.
pub(super) proof fn theorem_back(x: u64)
    ensures
        back(x) == x,
{
    lemma_back(x, 64);
    assert((x << 0) >> 0 == x) by (bit_vector);
}

/// The same of the `bits` lowest bits of `x`.
proof fn lemma_back(x: u64, bits: nat)
    requires
        bits <= 64,
    ensures
        back(lowest(x, bits)) == lowest(x, bits),
    decreases bits,
{
    if bits == 0 {
        lemma_back_linear(0, 0);
        let b = back(0);
        assert(b ^ b == 0 && 0u64 ^ 0u64 == 0) by (bit_vector);
    } else {
        let k = (bits - 1) as nat;
        let low = lowest(x, k);
        lemma_back(x, k);
        lemma_lowest_more(x, k);
        assert(bits_come_back(64)) by (compute_only);
        lemma_bit_back(k, 64);
        lemma_back_linear(low, 1u64 << k as u64);
        assert(low ^ 0 == low) by (bit_vector);
    }
}

} // verus!
