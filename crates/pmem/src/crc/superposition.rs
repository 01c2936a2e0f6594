//! What the wrong bits leave in the register is the sum of what each alone would leave.

#[cfg(verus_only)]
use super::linear::*;
#[cfg(verus_only)]
use crate::trusted::{crc::*, region::*};
use vstd::prelude::*;

verus! {

/// The positions of the one bits among the first `n` bits of `s`, in order.
pub open spec fn ones(s: Seq<u8>, n: nat) -> Seq<int>
    decreases n,
{
    if n == 0 {
        Seq::empty()
    } else {
        let before = ones(s, (n - 1) as nat);
        if bit(s, n - 1) {
            before.push(n - 1)
        } else {
            before
        }
    }
}

/// The register after `end` bits, of which those at `positions` are ones.
pub open spec fn sum(positions: Seq<int>, end: int) -> u64
    decreases positions.len(),
{
    if positions.len() == 0 {
        0
    } else {
        sum(positions.drop_last(), end) ^ shift_bits(1, (end - positions.last()) as nat)
    }
}

/// Whether `positions` ascend, from `from` on and below `to`.
pub open spec fn ascending(positions: Seq<int>, from: int, to: int) -> bool {
    &&& forall|k: int| 0 <= k < positions.len() ==> from <= #[trigger] positions[k] < to
    &&& forall|j: int, k: int|
        0 <= j < k < positions.len() ==> #[trigger] positions[j] < #[trigger] positions[k]
}

/// The positions of the one bits ascend, and they are all there.
pub proof fn lemma_ones(s: Seq<u8>, n: nat)
    ensures
        ascending(ones(s, n), 0, n as int),
        forall|i: int| #[trigger] ones(s, n).contains(i) <==> 0 <= i < n && bit(s, i),
    decreases n,
{
    if n > 0 {
        let before = ones(s, (n - 1) as nat);
        lemma_ones(s, (n - 1) as nat);
        assert forall|i: int| #[trigger] ones(s, n).contains(i) <==> 0 <= i < n && bit(s, i) by {
            assert(before.contains(i) <==> 0 <= i < n - 1 && bit(s, i));
            if bit(s, n - 1) {
                if before.contains(i) {
                    assert(before.push(n - 1)[before.index_of(i)] == i);
                }
                assert(before.push(n - 1)[before.len() as int] == n - 1);
            }
        }
    }
}

/// The positions of ones depend on no later bits.
proof fn lemma_ones_prefix(s: Seq<u8>, t: Seq<u8>, n: nat)
    requires
        n <= 8 * s.len() <= 8 * t.len(),
        forall|i: int| 0 <= i < s.len() ==> #[trigger] s[i] == t[i],
    ensures
        ones(s, n) == ones(t, n),
    decreases n,
{
    if n > 0 {
        lemma_ones_prefix(s, t, (n - 1) as nat);
        assert(s[(n - 1) as int / 8] == t[(n - 1) as int / 8]);
    }
}

/// More bits, all zeros, shift the register.
proof fn lemma_sum_shift(positions: Seq<int>, end: int, n: nat)
    requires
        forall|k: int| 0 <= k < positions.len() ==> #[trigger] positions[k] <= end,
    ensures
        sum(positions, end + n) == shift_bits(sum(positions, end), n),
    decreases positions.len(),
{
    if positions.len() == 0 {
        lemma_shift_zero(n);
    } else {
        let (rest, last) = (positions.drop_last(), positions.last());
        lemma_sum_shift(rest, end, n);
        lemma_shift_add(1, (end - last) as nat, n);
        lemma_shift_linear(sum(rest, end), shift_bits(1, (end - last) as nat), n);
    }
}

/// The lowest `k + 1` bits of a byte are the lowest `k` and the next one.
proof fn lemma_low_bits(byte: u8, k: u64)
    requires
        k < 8,
    ensures
        ({
            let next = (byte >> (k as u8)) & 1 == 1u8;
            &&& (byte as u64) & ((1u64 << (k + 1) as u64) - 1) as u64 == (byte as u64) & ((1u64
                << k) - 1) as u64 ^ if next {
                1u64 << k
            } else {
                0
            }
        }),
{
    let next = (byte >> (k as u8)) & 1;
    let (b, j) = (byte as u64, (k + 1) as u64);
    assert((1u64 << j) >= 1 && (1u64 << k) >= 1) by (bit_vector)
        requires
            k < 8,
            j == k + 1,
    ;
    let (low, more) = (((1u64 << k) - 1) as u64, ((1u64 << j) - 1) as u64);
    let bit = if next == 1 {
        1u64 << k
    } else {
        0
    };
    assert(b & more == b & low ^ bit) by (bit_vector)
        requires
            k < 8,
            j == k + 1,
            b == byte as u64,
            next == (byte >> (k as u8)) & 1,
            low == sub(1u64 << k, 1),
            more == sub(1u64 << j, 1),
            bit == if next == 1 {
                1u64 << k
            } else {
                0
            },
    ;
}

/// A one at place `k` of the register is a one in the lowest place after `k` steps.
pub proof fn lemma_shift_one(k: nat)
    requires
        k < 64,
    ensures
        shift_bits(1u64 << k as u64, k) == 1,
{
    let j = k as u64;
    if k == 0 {
        assert(1u64 << 0 == 1) by (bit_vector);
    } else {
        assert(1u64 >> (64 - j) as u64 == 0) by (bit_vector)
            requires
                0 < j < 64,
        ;
        lemma_shift_down(1, k);
    }
}

/// One more byte: the sum over its lowest `k` bits and all before.
proof fn lemma_sum_in_byte(s: Seq<u8>, k: nat)
    requires
        s.len() > 0,
        k <= 8,
        shift_bytes(0, s.drop_last()) == sum(
            ones(s, (8 * (s.len() - 1)) as nat),
            8 * (s.len() - 1),
        ),
    ensures
        sum(ones(s, (8 * (s.len() - 1) + k) as nat), 8 * s.len() as int) == shift_bits(
            shift_bytes(0, s.drop_last()) ^ ((s.last() as u64) & ((1u64 << k as u64) - 1) as u64),
            8,
        ),
    decreases k,
{
    let start = 8 * (s.len() - 1);
    let end = 8 * s.len() as int;
    let (r, b) = (shift_bytes(0, s.drop_last()), s.last() as u64);
    if k == 0 {
        lemma_ones(s, start as nat);
        lemma_sum_shift(ones(s, start as nat), start, 8);
        assert(1u64 << 0 == 1) by (bit_vector);
        assert(r ^ (b & 0) == r) by (bit_vector);
    } else {
        let j = (k - 1) as nat;
        let before = ones(s, (start + j) as nat);
        lemma_sum_in_byte(s, j);
        lemma_low_bits(s.last(), j as u64);
        let low = b & ((1u64 << j as u64) - 1) as u64;
        assert((start + j) / 8 == s.len() - 1 && (start + j) % 8 == j);
        if bit(s, start + j) {
            assert(before.push(start + j).drop_last() =~= before);
            let one = 1u64 << j as u64;
            lemma_shift_linear(r ^ low, one, 8);
            lemma_shift_one(j);
            lemma_shift_add(one, j, (8 - j) as nat);
            assert((r ^ low) ^ one == r ^ (low ^ one)) by (bit_vector);
        } else {
            assert(low ^ 0 == low) by (bit_vector);
        }
    }
}

/// The register after `s` is the sum over the ones in it.
pub proof fn theorem_superposition(s: Seq<u8>)
    ensures
        shift_bytes(0, s) == sum(ones(s, 8 * s.len()), 8 * s.len() as int),
    decreases s.len(),
{
    if s.len() > 0 {
        let start = (8 * (s.len() - 1)) as nat;
        let b = s.last() as u64;
        theorem_superposition(s.drop_last());
        lemma_ones_prefix(s.drop_last(), s, start);
        lemma_sum_in_byte(s, 8);
        assert(b & 255 == b) by (bit_vector)
            requires
                b < 256,
        ;
        assert(1u64 << 8 == 256) by (bit_vector);
    }
}

} // verus!
