//! An odd number of wrong bits is detected: g(1) = 0, so every codeword's ones are even in number.

#[cfg(verus_only)]
use super::{evaluation::*, orbit::*, powers::*, residue::*, superposition::*, wrong_bits::*};
#[cfg(verus_only)]
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// The sum of as many ones as there are positions.
proof fn lemma_parity(positions: Seq<int>, end: int)
    ensures
        power_sum(positions, end, 0) == positions.len() % 2,
    decreases positions.len(),
{
    if positions.len() > 0 {
        lemma_parity(positions.drop_last(), end);
        assert(0u64 ^ 1u64 == 1 && 1u64 ^ 1u64 == 0) by (bit_vector);
        assert(0 * (63 + (end - positions.last())) as nat == 0);
    }
}

/// **Odd theorem**: two codewords differ in an even number of bits.
pub proof fn theorem_odd_detected(prefix: Seq<u8>, s: Seq<u8>, t: Seq<u8>)
    requires
        crc_matches(prefix, s),
        crc_matches(prefix, t),
        s.len() == t.len(),
    ensures
        wrong_bits(s, t).len() % 2 == 0,
{
    let (positions, end) = (wrong_positions(s, t), 8 * s.len() as int);
    lemma_wrong_positions(s, t);
    lemma_wrong_bits_cancel(prefix, s, t);
    lemma_power_sums_vanish(positions, end, 0);
    lemma_parity(positions, end);
}

} // verus!
