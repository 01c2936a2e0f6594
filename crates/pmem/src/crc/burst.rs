//! Wrong bits within 64 consecutive ones are detected: they fit the register.

#[cfg(verus_only)]
use super::{linear::*, residue::*, superposition::*, wrong_bits::*};
#[cfg(verus_only)]
use crate::trusted::{crc::*, region::*};
use vstd::prelude::*;

verus! {

/// The bits at `positions`, as places of a register whose lowest is `start`.
spec fn window(positions: Seq<int>, start: int) -> u64
    decreases positions.len(),
{
    if positions.len() == 0 {
        0
    } else {
        window(positions.drop_last(), start) ^ (1u64 << (positions.last() - start) as u64)
    }
}

/// Bits below place `k` have no bits from there on.
proof fn lemma_window_below(positions: Seq<int>, start: int, k: int)
    requires
        0 <= k < 64,
        ascending(positions, start, start + k),
    ensures
        window(positions, start) >> k as u64 == 0,
    decreases positions.len(),
{
    let j = k as u64;
    if positions.len() == 0 {
        assert(0u64 >> j == 0) by (bit_vector);
    } else {
        let (rest, place) = (positions.drop_last(), (positions.last() - start) as u64);
        lemma_window_below(rest, start, place as int);
        let w = window(rest, start);
        assert((w ^ (1u64 << place)) >> j == 0) by (bit_vector)
            requires
                w >> place == 0,
                place < j < 64,
        ;
    }
}

/// Wrong bits are not an empty window.
proof fn lemma_window_not_zero(positions: Seq<int>, start: int)
    requires
        positions.len() > 0,
        ascending(positions, start, start + 64),
    ensures
        window(positions, start) != 0,
{
    let (rest, place) = (positions.drop_last(), (positions.last() - start) as u64);
    lemma_window_below(rest, start, place as int);
    let w = window(rest, start);
    assert(w ^ (1u64 << place) != 0) by (bit_vector)
        requires
            w >> place == 0,
            place < 64,
    ;
}

/// What bits of a window leave in the register is the window, shifted out.
proof fn lemma_sum_of_window(positions: Seq<int>, start: int, end: int)
    requires
        start <= end,
        forall|k: int|
            0 <= k < positions.len() ==> start <= #[trigger] positions[k] < start + 64
                && positions[k] < end,
    ensures
        sum(positions, end) == shift_bits(window(positions, start), (end - start) as nat),
    decreases positions.len(),
{
    let n = (end - start) as nat;
    if positions.len() == 0 {
        lemma_shift_zero(n);
    } else {
        let (rest, place) = (positions.drop_last(), (positions.last() - start) as nat);
        lemma_sum_of_window(rest, start, end);
        lemma_shift_one(place);
        lemma_shift_add(1u64 << place as u64, place, (n - place) as nat);
        lemma_shift_linear(window(rest, start), 1u64 << place as u64, n);
    }
}

/// **Burst theorem**: two codewords that differ only within 64 consecutive bits are the same.
pub proof fn theorem_burst_detected(prefix: Seq<u8>, s: Seq<u8>, t: Seq<u8>, start: int)
    requires
        crc_matches(prefix, s),
        crc_matches(prefix, t),
        s.len() == t.len(),
        wrong_only_within(s, t, start, start + 64),
    ensures
        s == t,
{
    let positions = wrong_positions(s, t);
    let end = 8 * s.len() as int;
    lemma_wrong_positions(s, t);
    if positions.len() > 0 {
        let first = if start < 0 {
            0
        } else {
            start
        };
        assert forall|k: int| 0 <= k < positions.len() implies first <= #[trigger] positions[k]
            < first + 64 by {
            assert(positions.to_set().contains(positions[k]));
            assert(wrong_bits(s, t).contains(positions[k]));
        }
        assert(first <= positions[0] < end);
        lemma_wrong_bits_cancel(prefix, s, t);
        lemma_sum_of_window(positions, first, end);
        lemma_shift_zero((end - first) as nat);
        lemma_shift_injective(window(positions, first), 0, (end - first) as nat);
        lemma_window_not_zero(positions, first);
    }
    lemma_no_wrong_bits(s, t);
}

} // verus!
