//! Two wrong bits are detected: x has a large order modulo g(x).

#[cfg(verus_only)]
use super::{linear::*, orbit::*, residue::*, superposition::*, wrong_bits::*};
#[cfg(verus_only)]
use crate::trusted::{crc::*, region::*};
use vstd::prelude::*;

verus! {

/// Multiplication by x modulo g(x).
spec fn times_x() -> spec_fn(u64) -> u64 {
    |register: u64| step(register)
}

/// Shifting out bits is multiplication by x, again and again.
proof fn lemma_shift_is_iterate(register: u64, n: nat)
    ensures
        shift_bits(register, n) == iterate(times_x(), register, n),
    decreases n,
{
    if n > 0 {
        lemma_shift_is_iterate(register, (n - 1) as nat);
    }
}

/// The powers of x to the 32,768th are not 1.
proof fn lemma_order_of_x(n: nat)
    requires
        0 < n <= 32_768,
    ensures
        shift_bits(1, n) != 1,
{
    assert(times_x()(0) == 0) by {
        assert(0u64 & 1 == 0 && 0u64 >> 1 == 0) by (bit_vector);
    }
    assert(walk(times_x(), times_x()(1), 32_768) != 0) by (compute_only);
    lemma_no_return(times_x(), 32_768);
    lemma_shift_is_iterate(1, n);
}

/// **Two-bit theorem**: no two codewords of up to 32,768 bits differ in exactly two.
pub proof fn theorem_two_bits_detected(prefix: Seq<u8>, s: Seq<u8>, t: Seq<u8>)
    requires
        crc_matches(prefix, s),
        crc_matches(prefix, t),
        s.len() == t.len(),
        8 * s.len() <= 32_768,
    ensures
        wrong_bits(s, t).len() != 2,
{
    let positions = wrong_positions(s, t);
    let end = 8 * s.len() as int;
    lemma_wrong_positions(s, t);
    if positions.len() == 2 {
        let (i, j) = (positions[0], positions[1]);
        let (near, apart) = ((end - j) as nat, (j - i) as nat);
        lemma_wrong_bits_cancel(prefix, s, t);
        reveal_with_fuel(sum, 3);
        let (p, q) = (shift_bits(1, (end - i) as nat), shift_bits(1, near));
        assert(p == q) by (bit_vector)
            requires
                0u64 ^ p ^ q == 0,
        ;
        lemma_shift_add(1, apart, near);
        lemma_shift_injective(shift_bits(1, apart), 1, near);
        lemma_order_of_x(apart);
    }
}

} // verus!
