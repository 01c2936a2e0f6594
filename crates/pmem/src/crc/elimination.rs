//! Weighted power sums of distinct points cannot all vanish: the points are eliminated one by one.

#[cfg(verus_only)]
use super::{field::*, powers::*};
use vstd::prelude::*;

verus! {

/// `weight` times `point`, `k` times.
pub open spec fn term(weight: u64, point: u64, k: nat) -> u64
    decreases k,
{
    if k == 0 {
        weight
    } else {
        product(term(weight, point, (k - 1) as nat), point)
    }
}

/// The sum of the weighted `k`th powers of the points.
pub open spec fn moment(weights: Seq<u64>, points: Seq<u64>, k: nat) -> u64
    decreases points.len(),
{
    if points.len() == 0 {
        0
    } else {
        moment(weights.drop_last(), points.drop_last(), k) ^ term(weights.last(), points.last(), k)
    }
}

/// The weights, each times its point's difference to `z`: that of `z` itself is zero.
spec fn eliminated(weights: Seq<u64>, points: Seq<u64>, z: u64) -> Seq<u64> {
    Seq::new(points.len(), |i: int| product(weights[i], points[i] ^ z))
}

/// Terms are linear in the weight.
proof fn lemma_term_linear(u: u64, v: u64, point: u64, k: nat)
    ensures
        term(u ^ v, point, k) == term(u, point, k) ^ term(v, point, k),
    decreases k,
{
    if k > 0 {
        let before = (k - 1) as nat;
        lemma_term_linear(u, v, point, before);
        lemma_product_linear(term(u, point, before), term(v, point, before), point, 15);
    }
}

/// A factor of the weight is one of the term.
proof fn lemma_term_factor(weight: u64, factor: u64, point: u64, k: nat)
    ensures
        term(product(weight, factor), point, k) == product(term(weight, point, k), factor),
    decreases k,
{
    if k > 0 {
        let before = (k - 1) as nat;
        lemma_term_factor(weight, factor, point, before);
        lemma_product_right_commute(term(weight, point, before), factor, point);
    }
}

/// What elimination does to a moment: it becomes the next one, and itself times `z`.
proof fn lemma_moment_eliminated(weights: Seq<u64>, points: Seq<u64>, z: u64, k: nat)
    requires
        weights.len() == points.len(),
    ensures
        moment(eliminated(weights, points, z), points, k) == moment(weights, points, k + 1)
            ^ product(moment(weights, points, k), z),
    decreases points.len(),
{
    if points.len() == 0 {
        lemma_product_zero(z, 15);
        assert(0u64 ^ 0u64 == 0) by (bit_vector);
    } else {
        let (rest, before) = (weights.drop_last(), points.drop_last());
        let (c, x) = (weights.last(), points.last());
        lemma_moment_eliminated(rest, before, z, k);
        assert(eliminated(weights, points, z).drop_last() =~= eliminated(rest, before, z));
        lemma_product_linear_right(c, x, z, 15);
        lemma_term_linear(product(c, x), product(c, z), x, k);
        lemma_term_factor(c, x, x, k);
        lemma_term_factor(c, z, x, k);
        lemma_product_linear(moment(rest, before, k), term(c, x, k), z, 15);
        let (a, b) = (moment(rest, before, k + 1), product(moment(rest, before, k), z));
        let (d, e) = (term(c, x, k + 1), product(term(c, x, k), z));
        assert((a ^ b) ^ (d ^ e) == (a ^ d) ^ (b ^ e)) by (bit_vector);
    }
}

/// Distinct points with weights other than zero: if as many moments vanish as there are points, there are none.
pub proof fn theorem_no_relation(weights: Seq<u64>, points: Seq<u64>)
    requires
        weights.len() == points.len(),
        forall|i: int|
            0 <= i < weights.len() ==> is_element(#[trigger] weights[i]) && weights[i] != 0,
        forall|i: int| 0 <= i < points.len() ==> is_element(#[trigger] points[i]),
        points.no_duplicates(),
        forall|k: nat| k < points.len() ==> #[trigger] moment(weights, points, k) == 0,
    ensures
        points.len() == 0,
    decreases points.len(),
{
    if points.len() > 0 {
        let (z, before) = (points.last(), points.drop_last());
        let all = eliminated(weights, points, z);
        let rest = all.drop_last();
        assert forall|i: int| 0 <= i < rest.len() implies is_element(#[trigger] rest[i]) && rest[i]
            != 0 by {
            let x = points[i];
            assert(is_element(weights[i]) && is_element(x));
            lemma_sum_is_element(x, z);
            assert(x ^ z != 0) by (bit_vector)
                requires
                    x != z,
            ;
            lemma_product_is_element(weights[i], x ^ z, 15);
            lemma_no_zero_divisors(weights[i], x ^ z);
        }
        assert forall|k: nat| k < before.len() implies #[trigger] moment(rest, before, k) == 0 by {
            lemma_moment_eliminated(weights, points, z, k);
            assert(moment(weights, points, k) == 0 && moment(weights, points, k + 1) == 0);
            lemma_product_zero(z, 15);
            assert(0u64 ^ 0u64 == 0 && z ^ z == 0) by (bit_vector);
            lemma_product_by_zero(weights.last(), 15);
            lemma_term_linear(0, 0, z, k);
            let (m, zero) = (moment(rest, before, k), term(0, z, k));
            assert(zero ^ zero == 0 && m ^ 0 == m) by (bit_vector);
            assert(all.last() == 0);
        }
        theorem_no_relation(rest, before);
        assert(moment(weights, points, 0) == 0);
        let weight = weights.last();
        assert(0u64 ^ weight == weight) by (bit_vector);
        assert(moment(weights.drop_last(), before, 0) == 0);
    }
}

} // verus!
