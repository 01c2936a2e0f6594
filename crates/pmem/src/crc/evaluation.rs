//! The register as a polynomial, evaluated at powers of α: g(x) is zero at the first seven of them.

#[cfg(verus_only)]
use super::{field::*, linear::*, orbit::*, powers::*, superposition::*};
#[cfg(verus_only)]
use crate::trusted::crc::*;
use vstd::prelude::*;

verus! {

/// The polynomial in the lowest `n` bits of the register, the lowest of which is the coefficient of x^(n-1), at
/// x = α^k. By Horner's rule, where to multiply by α^k is to multiply by α, `k` times.
pub open spec fn evaluate(k: nat, register: u64, n: nat) -> u64
    decreases n,
{
    if n == 0 {
        0
    } else {
        raise(evaluate(k, register, (n - 1) as nat), k) ^ ((register >> (n - 1) as u64) & 1)
    }
}

/// Evaluation is linear.
proof fn lemma_evaluate_linear(k: nat, a: u64, b: u64, n: nat)
    requires
        n <= 64,
    ensures
        evaluate(k, a ^ b, n) == evaluate(k, a, n) ^ evaluate(k, b, n),
    decreases n,
{
    assert(0u64 ^ 0u64 == 0) by (bit_vector);
    if n > 0 {
        let before = (n - 1) as nat;
        let (p, q) = (evaluate(k, a, before), evaluate(k, b, before));
        lemma_evaluate_linear(k, a, b, before);
        lemma_raise_linear(p, q, k);
        let (p, q, i) = (raise(p, k), raise(q, k), before as u64);
        assert((p ^ q) ^ (((a ^ b) >> i) & 1) == (p ^ ((a >> i) & 1)) ^ (q ^ ((b >> i) & 1)))
            by (bit_vector);
    }
}

/// Without its lowest bit, if that is zero, the register is the same polynomial.
proof fn lemma_evaluate_halved(k: nat, register: u64, n: nat)
    requires
        register & 1 == 0,
        0 < n <= 64,
    ensures
        evaluate(k, register, n) == evaluate(k, register >> 1, (n - 1) as nat),
    decreases n,
{
    let before = (n - 1) as nat;
    if n == 1 {
        assert(evaluate(k, register, 0) == 0);
        lemma_raise_zero(k);
        assert(0u64 ^ ((register >> 0) & 1) == 0) by (bit_vector)
            requires
                register & 1 == 0,
        ;
    } else {
        lemma_evaluate_halved(k, register, before);
        let i = before as u64;
        assert((register >> i) & 1 == ((register >> 1) >> (i - 1) as u64) & 1) by (bit_vector)
            requires
                0 < i < 64,
        ;
    }
}

/// g(x) is zero at α^k: what is added for x^64 has the value that x^64 has.
proof fn lemma_root(k: nat)
    requires
        k <= 6,
    ensures
        evaluate(k, POLYNOMIAL, 64) == raise(evaluate(k, 1, 64), k),
{
    assert(evaluate(0, POLYNOMIAL, 64) == raise(evaluate(0, 1, 64), 0)) by (compute_only);
    assert(evaluate(1, POLYNOMIAL, 64) == raise(evaluate(1, 1, 64), 1)) by (compute_only);
    assert(evaluate(2, POLYNOMIAL, 64) == raise(evaluate(2, 1, 64), 2)) by (compute_only);
    assert(evaluate(3, POLYNOMIAL, 64) == raise(evaluate(3, 1, 64), 3)) by (compute_only);
    assert(evaluate(4, POLYNOMIAL, 64) == raise(evaluate(4, 1, 64), 4)) by (compute_only);
    assert(evaluate(5, POLYNOMIAL, 64) == raise(evaluate(5, 1, 64), 5)) by (compute_only);
    assert(evaluate(6, POLYNOMIAL, 64) == raise(evaluate(6, 1, 64), 6)) by (compute_only);
}

/// A step multiplies the value by α^k.
proof fn lemma_evaluate_step(k: nat, register: u64)
    requires
        k <= 6,
    ensures
        evaluate(k, step(register), 64) == raise(evaluate(k, register, 64), k),
{
    let low = register & 1;
    let high = register ^ low;
    let half = high >> 1;
    assert(high & 1 == 0 && high ^ low == register && (half >> 63) & 1 == 0 && (low == 0 || low
        == 1)) by (bit_vector)
        requires
            low == register & 1,
            high == register ^ low,
            half == high >> 1,
    ;
    lemma_evaluate_halved(k, high, 64);
    let value = raise(evaluate(k, high, 64), k);
    assert(value ^ 0 == value) by (bit_vector);
    assert(evaluate(k, step(high), 64) == value);
    if low == 1 {
        assert(1u64 & 1 == 1 && (1u64 >> 1) ^ POLYNOMIAL == POLYNOMIAL) by (bit_vector);
        lemma_root(k);
        lemma_step_linear(high, 1);
        lemma_evaluate_linear(k, step(high), step(1), 64);
        lemma_evaluate_linear(k, high, 1, 64);
        lemma_raise_linear(evaluate(k, high, 64), evaluate(k, 1, 64), k);
    } else {
        assert(high ^ 0 == high) by (bit_vector);
    }
}

/// The lowest bit alone has the value of x^(n-1).
proof fn lemma_evaluate_one_alone(k: nat, n: nat)
    requires
        0 < n <= 64,
    ensures
        evaluate(k, 1, n) == power(k * (n - 1) as nat),
    decreases n,
{
    let before = (n - 1) as nat;
    if n == 1 {
        assert(evaluate(k, 1, 0) == 0);
        lemma_raise_zero(k);
        assert(0u64 ^ ((1u64 >> 0) & 1) == 1) by (bit_vector);
        assert(k * before == 0) by (nonlinear_arith)
            requires
                before == 0,
        ;
    } else {
        lemma_evaluate_one_alone(k, before);
        let i = before as u64;
        let value = raise(evaluate(k, 1, before), k);
        assert((1u64 >> i) & 1 == 0 && value ^ 0 == value) by (bit_vector)
            requires
                0 < i < 64,
        ;
        lemma_iterate_add(alpha(), 1, k * (before - 1) as nat, k);
        assert(k * (before - 1) + k == k * before) by (nonlinear_arith);
    }
}

/// What a single one bit leaves after `n` steps has the value of x^(63+n).
pub proof fn lemma_evaluate_one(k: nat, n: nat)
    requires
        k <= 6,
    ensures
        evaluate(k, shift_bits(1, n), 64) == power(k * (63 + n)),
    decreases n,
{
    if n == 0 {
        lemma_evaluate_one_alone(k, 64);
    } else {
        lemma_evaluate_one(k, (n - 1) as nat);
        lemma_evaluate_step(k, shift_bits(1, (n - 1) as nat));
        lemma_iterate_add(alpha(), 1, k * (63 + n - 1) as nat, k);
        assert(k * (63 + n - 1) + k == k * (63 + n)) by (nonlinear_arith);
    }
}

/// The sum of the `k`th powers of what bits at `positions` are in the field.
pub open spec fn power_sum(positions: Seq<int>, end: int, k: nat) -> u64
    decreases positions.len(),
{
    if positions.len() == 0 {
        0
    } else {
        power_sum(positions.drop_last(), end, k) ^ power(k * (63 + (end - positions.last())) as nat)
    }
}

/// The zero polynomial is zero everywhere.
proof fn lemma_evaluate_zero(k: nat)
    ensures
        evaluate(k, 0, 64) == 0,
{
    lemma_evaluate_linear(k, 0, 0, 64);
    let zero = evaluate(k, 0, 64);
    assert(0u64 ^ 0u64 == 0 && zero ^ zero == 0) by (bit_vector);
}

/// The value of a register is that of the bits that made it.
proof fn lemma_evaluate_sum(positions: Seq<int>, end: int, k: nat)
    requires
        k <= 6,
        forall|i: int| 0 <= i < positions.len() ==> #[trigger] positions[i] <= end,
    ensures
        evaluate(k, sum(positions, end), 64) == power_sum(positions, end, k),
    decreases positions.len(),
{
    if positions.len() == 0 {
        lemma_evaluate_zero(k);
    } else {
        let (rest, n) = (positions.drop_last(), (end - positions.last()) as nat);
        lemma_evaluate_sum(rest, end, k);
        lemma_evaluate_linear(k, sum(rest, end), shift_bits(1, n), 64);
        lemma_evaluate_one(k, n);
    }
}

/// If bits cancel in the register, so do their powers in the field.
pub proof fn lemma_power_sums_vanish(positions: Seq<int>, end: int, k: nat)
    requires
        k <= 6,
        forall|i: int| 0 <= i < positions.len() ==> #[trigger] positions[i] <= end,
        sum(positions, end) == 0,
    ensures
        power_sum(positions, end, k) == 0,
{
    lemma_evaluate_sum(positions, end, k);
    lemma_evaluate_zero(k);
}

} // verus!
