//! The wrong bits of two codewords cancel each other.

#[cfg(verus_only)]
use super::{linear::*, residue::*, superposition::*};
#[cfg(verus_only)]
use crate::{damage::lemma_same_byte, trusted::region::*};
use vstd::prelude::*;

verus! {

/// The positions of the bits in which `s` and `t` differ, in order.
pub open spec fn wrong_positions(s: Seq<u8>, t: Seq<u8>) -> Seq<int> {
    ones(xor(s, t), 8 * s.len())
}

/// The wrong bits of two codewords cancel each other.
pub proof fn lemma_wrong_bits_cancel(prefix: Seq<u8>, s: Seq<u8>, t: Seq<u8>)
    requires
        crc_matches(prefix, s),
        crc_matches(prefix, t),
        s.len() == t.len(),
    ensures
        sum(wrong_positions(s, t), 8 * s.len() as int) == 0,
{
    lemma_difference(prefix, s, t);
    theorem_superposition(xor(s, t));
}

/// The positions of the wrong bits are all there, each once.
pub proof fn lemma_wrong_positions(s: Seq<u8>, t: Seq<u8>)
    requires
        s.len() == t.len(),
    ensures
        ascending(wrong_positions(s, t), 0, 8 * s.len() as int),
        wrong_positions(s, t).to_set() == wrong_bits(s, t),
        wrong_positions(s, t).len() == wrong_bits(s, t).len(),
{
    let d = xor(s, t);
    let positions = wrong_positions(s, t);
    lemma_ones(d, 8 * s.len());
    assert forall|i: int| #[trigger]
        positions.to_set().contains(i) <==> wrong_bits(s, t).contains(i) by {
        if 0 <= i < 8 * s.len() {
            let (x, y, k) = (s[i / 8], t[i / 8], (i % 8) as u8);
            assert(((x ^ y) >> k) & 1 == ((x >> k) & 1) ^ ((y >> k) & 1)) by (bit_vector);
            let (p, q) = ((x >> k) & 1, (y >> k) & 1);
            assert(p ^ q == 1 <==> (p == 1) != (q == 1)) by (bit_vector)
                requires
                    p == (x >> k) & 1,
                    q == (y >> k) & 1,
            ;
        }
        assert(positions.contains(i) <==> 0 <= i < 8 * s.len() && bit(d, i));
    }
    assert(positions.to_set() =~= wrong_bits(s, t));
    positions.unique_seq_to_set();
}

/// Messages in which no bit differs are the same.
pub proof fn lemma_no_wrong_bits(s: Seq<u8>, t: Seq<u8>)
    requires
        s.len() == t.len(),
        wrong_positions(s, t).len() == 0,
    ensures
        s == t,
{
    lemma_wrong_positions(s, t);
    assert forall|i: int| 0 <= i < s.len() implies s[i] == t[i] by {
        assert forall|k: int| 0 <= k < 8 implies #[trigger] bit(s, 8 * i + k) == bit(
            t,
            8 * i + k,
        ) by {
            assert(!wrong_positions(s, t).to_set().contains(8 * i + k));
            assert(!wrong_bits(s, t).contains(8 * i + k));
        }
        lemma_same_byte(s, i, t, i);
    }
    assert(s =~= t);
}

} // verus!
