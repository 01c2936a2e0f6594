//! The field of 2^15 elements: GF(2)\[α\], where α^15 + α + 1 = 0.
//!
//! An element is a number below 2^15, whose bit j is the coefficient of α^j; addition is exclusive or.

use vstd::prelude::*;

verus! {

/// Whether `v` is an element.
pub open spec fn is_element(v: u64) -> bool {
    v < 0x8000
}

/// `v` times α.
pub open spec fn times_alpha(v: u64) -> u64 {
    if v & 0x4000 == 0 {
        v << 1
    } else {
        (v << 1) ^ 0x8003
    }
}

/// `u` times the polynomial in α whose coefficients are the lowest `n` bits of `v`.
pub open spec fn product_bits(u: u64, v: u64, n: nat) -> u64
    decreases n,
{
    if n == 0 {
        0
    } else {
        times_alpha(product_bits(u, v >> 1, (n - 1) as nat)) ^ if v & 1 == 1 {
            u
        } else {
            0
        }
    }
}

/// The product of two elements.
pub open spec fn product(u: u64, v: u64) -> u64 {
    product_bits(u, v, 15)
}

/// Multiplication by α is linear.
pub proof fn lemma_times_alpha_linear(u: u64, v: u64)
    ensures
        times_alpha(u ^ v) == times_alpha(u) ^ times_alpha(v),
{
    let s = u ^ v;
    assert((s & 0x4000 == 0 <==> (u & 0x4000 == 0 <==> v & 0x4000 == 0)) && s << 1 == (u << 1) ^ (v
        << 1)) by (bit_vector)
        requires
            s == u ^ v,
    ;
    let (h, k, p) = (u << 1, v << 1, 0x8003u64);
    assert((h ^ k) ^ p == (h ^ p) ^ k && (h ^ k) ^ p == h ^ (k ^ p) && h ^ k == (h ^ p) ^ (k ^ p))
        by (bit_vector);
}

/// Multiplied by α, an element is one, and another than every other.
pub proof fn lemma_times_alpha_injective(u: u64, v: u64)
    requires
        is_element(u),
        is_element(v),
    ensures
        is_element(times_alpha(u)),
        times_alpha(u) == times_alpha(v) ==> u == v,
{
    let (p, q) = (times_alpha(u), times_alpha(v));
    assert(p < 0x8000 && (p == q ==> u == v)) by (bit_vector)
        requires
            u < 0x8000,
            v < 0x8000,
            p == if u & 0x4000 == 0 {
                u << 1
            } else {
                (u << 1) ^ 0x8003
            },
            q == if v & 0x4000 == 0 {
                v << 1
            } else {
                (v << 1) ^ 0x8003
            },
    ;
}

/// Sums of elements are elements.
pub broadcast proof fn lemma_sum_is_element(u: u64, v: u64)
    requires
        is_element(u),
        is_element(v),
    ensures
        is_element(#[trigger] (u ^ v)),
{
    assert(u ^ v < 0x8000) by (bit_vector)
        requires
            u < 0x8000,
            v < 0x8000,
    ;
}

/// Products of elements are elements.
pub proof fn lemma_product_is_element(u: u64, v: u64, n: nat)
    requires
        is_element(u),
    ensures
        is_element(product_bits(u, v, n)),
    decreases n,
{
    if n > 0 {
        let before = product_bits(u, v >> 1, (n - 1) as nat);
        lemma_product_is_element(u, v >> 1, (n - 1) as nat);
        lemma_times_alpha_injective(before, before);
        lemma_sum_is_element(
            times_alpha(before),
            if v & 1 == 1 {
                u
            } else {
                0
            },
        );
    }
}

/// Multiplication distributes over the first factor.
pub proof fn lemma_product_linear(u: u64, w: u64, v: u64, n: nat)
    ensures
        product_bits(u ^ w, v, n) == product_bits(u, v, n) ^ product_bits(w, v, n),
    decreases n,
{
    assert(0u64 ^ 0u64 == 0) by (bit_vector);
    if n > 0 {
        let (p, q) = (
            product_bits(u, v >> 1, (n - 1) as nat),
            product_bits(w, v >> 1, (n - 1) as nat),
        );
        lemma_product_linear(u, w, v >> 1, (n - 1) as nat);
        lemma_times_alpha_linear(p, q);
        let (p, q) = (times_alpha(p), times_alpha(q));
        assert((p ^ q) ^ (u ^ w) == (p ^ u) ^ (q ^ w) && (p ^ q) ^ 0 == (p ^ 0) ^ (q ^ 0))
            by (bit_vector);
    }
}

/// Multiplication distributes over the second factor.
pub proof fn lemma_product_linear_right(u: u64, v: u64, w: u64, n: nat)
    ensures
        product_bits(u, v ^ w, n) == product_bits(u, v, n) ^ product_bits(u, w, n),
    decreases n,
{
    assert(0u64 ^ 0u64 == 0) by (bit_vector);
    if n > 0 {
        let (p, q) = (
            product_bits(u, v >> 1, (n - 1) as nat),
            product_bits(u, w >> 1, (n - 1) as nat),
        );
        let s = v ^ w;
        assert(s >> 1 == (v >> 1) ^ (w >> 1) && (s & 1 == 1 <==> !(v & 1 == 1 <==> w & 1 == 1)))
            by (bit_vector)
            requires
                s == v ^ w,
        ;
        lemma_product_linear_right(u, v >> 1, w >> 1, (n - 1) as nat);
        lemma_times_alpha_linear(p, q);
        let (p, q) = (times_alpha(p), times_alpha(q));
        assert((p ^ q) ^ u == (p ^ u) ^ (q ^ 0) && (p ^ q) ^ u == (p ^ 0) ^ (q ^ u) && (p ^ q) ^ 0
            == (p ^ u) ^ (q ^ u) && (p ^ q) ^ 0 == (p ^ 0) ^ (q ^ 0)) by (bit_vector);
    }
}

/// Zero times anything is zero.
pub proof fn lemma_product_zero(v: u64, n: nat)
    ensures
        product_bits(0, v, n) == 0,
{
    lemma_product_linear(0, 0, v, n);
    let p = product_bits(0, v, n);
    assert(0u64 ^ 0u64 == 0 && p ^ p == 0) by (bit_vector);
}

/// Anything times zero is zero.
pub proof fn lemma_product_by_zero(u: u64, n: nat)
    ensures
        product_bits(u, 0, n) == 0,
{
    lemma_product_linear_right(u, 0, 0, n);
    let p = product_bits(u, 0, n);
    assert(0u64 ^ 0u64 == 0 && p ^ p == 0) by (bit_vector);
}

/// A factor α may be taken out of the first factor.
pub proof fn lemma_product_times_alpha(u: u64, v: u64, n: nat)
    ensures
        product_bits(times_alpha(u), v, n) == times_alpha(product_bits(u, v, n)),
    decreases n,
{
    assert(0u64 & 0x4000 == 0 && 0u64 << 1 == 0) by (bit_vector);
    if n > 0 {
        let p = times_alpha(product_bits(u, v >> 1, (n - 1) as nat));
        lemma_product_times_alpha(u, v >> 1, (n - 1) as nat);
        lemma_times_alpha_linear(
            p,
            if v & 1 == 1 {
                u
            } else {
                0
            },
        );
    }
}

/// The last two of three factors commute: they are polynomials in the same α.
proof fn lemma_product_bits_commute(x: u64, u: u64, m: nat, v: u64, n: nat)
    ensures
        product_bits(product_bits(x, u, m), v, n) == product_bits(product_bits(x, v, n), u, m),
    decreases n,
{
    if n == 0 {
        lemma_product_zero(u, m);
    } else {
        let rest = product_bits(x, v >> 1, (n - 1) as nat);
        lemma_product_bits_commute(x, u, m, v >> 1, (n - 1) as nat);
        lemma_product_times_alpha(rest, u, m);
        lemma_product_linear(
            times_alpha(rest),
            if v & 1 == 1 {
                x
            } else {
                0
            },
            u,
            m,
        );
        lemma_product_zero(u, m);
    }
}

/// The last two of three factors commute.
pub proof fn lemma_product_right_commute(x: u64, u: u64, v: u64)
    ensures
        product(product(x, u), v) == product(product(x, v), u),
{
    lemma_product_bits_commute(x, u, 15, v, 15);
}

/// One times `v` is `v`.
proof fn lemma_one_times_bits(v: u64, n: nat)
    requires
        n <= 15,
        v >> n as u64 == 0,
    ensures
        product_bits(1, v, n) == v,
    decreases n,
{
    let k = n as u64;
    if n == 0 {
        assert(v >> 0 == v) by (bit_vector);
    } else {
        let half = v >> 1;
        assert(half >> (k - 1) as u64 == 0 && half & 0x4000 == 0) by (bit_vector)
            requires
                0 < k <= 15,
                half == v >> 1,
                v >> k == 0,
        ;
        assert(v & 1 == 1 || v & 1 == 0) by (bit_vector);
        assert((half << 1) ^ (v & 1) == v) by (bit_vector)
            requires
                half == v >> 1,
        ;
        lemma_one_times_bits(half, (n - 1) as nat);
    }
}

/// One times an element is that element.
pub proof fn lemma_one_times(v: u64)
    requires
        is_element(v),
    ensures
        product(1, v) == v,
{
    assert(v >> 15 == 0) by (bit_vector)
        requires
            v < 0x8000,
    ;
    lemma_one_times_bits(v, 15);
}

/// Multiplication commutes.
pub proof fn lemma_product_commute(u: u64, v: u64)
    requires
        is_element(u),
        is_element(v),
    ensures
        product(u, v) == product(v, u),
{
    lemma_product_right_commute(1, u, v);
    lemma_one_times(u);
    lemma_one_times(v);
}

} // verus!
