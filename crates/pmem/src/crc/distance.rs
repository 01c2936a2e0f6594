//! Up to seven wrong bits are detected: two codewords differ in at least eight.

#[cfg(verus_only)]
use super::{
    elimination::*, evaluation::*, field::*, orbit::*, powers::*, residue::*, superposition::*,
    wrong_bits::*,
};
#[cfg(verus_only)]
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// What bits at `positions` are in the field.
spec fn locators(positions: Seq<int>, end: int) -> Seq<u64> {
    Seq::new(positions.len(), |i: int| power((63 + (end - positions[i])) as nat))
}

/// As many weights of one.
spec fn unit_weights(n: nat) -> Seq<u64> {
    Seq::new(n, |i: int| 1)
}

/// The `k`th power of α^n.
proof fn lemma_term_of_power(n: nat, k: nat)
    ensures
        term(1, power(n), k) == power(k * n),
    decreases k,
{
    if k == 0 {
        assert(0 * n == 0);
    } else {
        let before = (k - 1) as nat;
        let t = power(before * n);
        lemma_term_of_power(n, before);
        lemma_power_is_nonzero(n);
        lemma_power_is_nonzero(before * n);
        lemma_product_commute(t, power(n));
        lemma_power_times(n, t);
        lemma_iterate_add(alpha(), 1, before * n, n);
        assert(before * n + n == k * n) by (nonlinear_arith)
            requires
                before == k - 1,
        ;
    }
}

/// Power sums are moments of the locators.
proof fn lemma_moment_of_locators(positions: Seq<int>, end: int, k: nat)
    requires
        forall|i: int| 0 <= i < positions.len() ==> #[trigger] positions[i] <= end,
    ensures
        moment(unit_weights(positions.len()), locators(positions, end), k) == power_sum(
            positions,
            end,
            k,
        ),
    decreases positions.len(),
{
    if positions.len() > 0 {
        let rest = positions.drop_last();
        lemma_moment_of_locators(rest, end, k);
        lemma_term_of_power((63 + (end - positions.last())) as nat, k);
        assert(unit_weights(positions.len()).drop_last() =~= unit_weights(rest.len()));
        assert(locators(positions, end).drop_last() =~= locators(rest, end));
    }
}

/// The locators of bits less than 32,767 apart differ.
proof fn lemma_locators_differ(positions: Seq<int>, end: int)
    requires
        end <= 32_767,
        ascending(positions, 0, end),
    ensures
        locators(positions, end).no_duplicates(),
{
    let points = locators(positions, end);
    assert forall|i: int, j: int| 0 <= i < j < points.len() implies #[trigger] points[i]
        != #[trigger] points[j] by {
        assert(positions[i] < positions[j]);
        lemma_powers_differ((63 + (end - positions[j])) as nat, (63 + (end - positions[i])) as nat);
    }
}

/// **Distance theorem**: two codewords of up to 32,767 bits that differ in at most seven bits are the same.
pub proof fn theorem_seven_bits_detected(prefix: Seq<u8>, s: Seq<u8>, t: Seq<u8>)
    requires
        crc_matches(prefix, s),
        crc_matches(prefix, t),
        s.len() == t.len(),
        8 * s.len() <= 32_767,
        wrong_bits(s, t).len() <= 7,
    ensures
        s == t,
{
    let (positions, end) = (wrong_positions(s, t), 8 * s.len() as int);
    let (weights, points) = (unit_weights(positions.len()), locators(positions, end));
    lemma_wrong_positions(s, t);
    lemma_wrong_bits_cancel(prefix, s, t);
    assert forall|i: int| 0 <= i < points.len() implies is_element(#[trigger] points[i]) by {
        lemma_power_is_nonzero((63 + (end - positions[i])) as nat);
    }
    lemma_locators_differ(positions, end);
    assert forall|k: nat| k < points.len() implies #[trigger] moment(weights, points, k) == 0 by {
        lemma_moment_of_locators(positions, end, k);
        lemma_power_sums_vanish(positions, end, k);
    }
    theorem_no_relation(weights, points);
    lemma_no_wrong_bits(s, t);
}

} // verus!
