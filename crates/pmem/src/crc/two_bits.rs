//! Two wrong bits are detected: x has a large order modulo g(x).

#[cfg(verus_only)]
use super::{linear::*, residue::*, superposition::*, wrong_bits::*};
#[cfg(verus_only)]
use crate::trusted::{crc::*, region::*};
use vstd::prelude::*;

verus! {

/// The register `n` steps after `register`, or zero if one of the `n` before that is 1. The range is halved for the sake
/// of evaluation, whose depth is then small.
spec fn walk(register: u64, n: nat) -> u64
    decreases n,
{
    if n == 0 {
        register
    } else if n == 1 {
        if register == 1 {
            0
        } else {
            step(register)
        }
    } else {
        walk(walk(register, n / 2), (n - n / 2) as nat)
    }
}

/// A walk that does not end at zero has met no 1.
proof fn lemma_walk(register: u64, n: nat)
    ensures
        register == 0 ==> walk(register, n) == 0,
        walk(register, n) != 0 ==> walk(register, n) == shift_bits(register, n) && forall|k: nat|
            k < n ==> #[trigger] shift_bits(register, k) != 1,
    decreases n,
{
    if n == 1 {
        assert(shift_bits(register, 0) == register);
        lemma_shift_one_more(register, 1);
        assert(step(0) == 0) by {
            assert(0u64 & 1 == 0 && 0u64 >> 1 == 0) by (bit_vector);
        }
    } else if n > 1 {
        let half = n / 2;
        let (middle, rest) = (walk(register, half), (n - half) as nat);
        lemma_walk(register, half);
        lemma_walk(middle, rest);
        if walk(middle, rest) != 0 {
            lemma_shift_add(register, half, rest);
            assert forall|k: nat| k < n implies #[trigger] shift_bits(register, k) != 1 by {
                if k >= half {
                    lemma_shift_add(register, half, (k - half) as nat);
                    assert(shift_bits(middle, (k - half) as nat) != 1);
                }
            }
        }
    }
}

/// The powers of x to the 32,768th are not 1.
proof fn lemma_order(n: nat)
    requires
        0 < n <= 32_768,
    ensures
        shift_bits(1, n) != 1,
{
    assert(walk(step(1), 32_768) != 0) by (compute_only);
    lemma_walk(step(1), 32_768);
    assert(shift_bits(1, 0) == 1);
    lemma_shift_one_more(1, 1);
    lemma_shift_add(1, 1, (n - 1) as nat);
    assert(shift_bits(step(1), (n - 1) as nat) != 1);
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
        lemma_order(apart);
    }
}

} // verus!
