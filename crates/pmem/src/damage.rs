//! What damage to bits means for bytes, and for the ranges that they are in.
#[cfg(verus_only)]
use crate::{bytes::*, trusted::region::*};
use vstd::prelude::*;

verus! {

/// Bytes of which no bit differs are the same.
pub proof fn lemma_same_byte(s: Seq<u8>, i: int, t: Seq<u8>, j: int)
    requires
        forall|k: int| 0 <= k < 8 ==> #[trigger] bit(s, 8 * i + k) == bit(t, 8 * j + k),
    ensures
        s[i] == t[j],
{
    let (x, y) = (s[i], t[j]);
    assert(bit(s, 8 * i + 0) == bit(t, 8 * j + 0));
    assert(bit(s, 8 * i + 1) == bit(t, 8 * j + 1));
    assert(bit(s, 8 * i + 2) == bit(t, 8 * j + 2));
    assert(bit(s, 8 * i + 3) == bit(t, 8 * j + 3));
    assert(bit(s, 8 * i + 4) == bit(t, 8 * j + 4));
    assert(bit(s, 8 * i + 5) == bit(t, 8 * j + 5));
    assert(bit(s, 8 * i + 6) == bit(t, 8 * j + 6));
    assert(bit(s, 8 * i + 7) == bit(t, 8 * j + 7));
    assert(x == y) by (bit_vector)
        requires
            ((x >> 0) & 1 == 1) == ((y >> 0) & 1 == 1),
            ((x >> 1) & 1 == 1) == ((y >> 1) & 1 == 1),
            ((x >> 2) & 1 == 1) == ((y >> 2) & 1 == 1),
            ((x >> 3) & 1 == 1) == ((y >> 3) & 1 == 1),
            ((x >> 4) & 1 == 1) == ((y >> 4) & 1 == 1),
            ((x >> 5) & 1 == 1) == ((y >> 5) & 1 == 1),
            ((x >> 6) & 1 == 1) == ((y >> 6) & 1 == 1),
            ((x >> 7) & 1 == 1) == ((y >> 7) & 1 == 1),
    ;
}

/// Where the medium is undamaged, what is read is what was written.
pub proof fn lemma_undamaged_read(
    medium: Medium,
    written: Seq<u8>,
    addr: int,
    read: Seq<u8>,
    at: int,
    len: int,
)
    requires
        read_as(medium, written, addr, read),
        !damaged_in(medium, addr + at, len),
        0 <= at,
        at + len <= read.len(),
    ensures
        forall|i: int| at <= i < at + len ==> #[trigger] read[i] == written[addr + i],
{
    assert forall|i: int| at <= i < at + len implies #[trigger] read[i] == written[addr + i] by {
        assert forall|k: int| 0 <= k < 8 implies #[trigger] bit(read, 8 * i + k) == bit(
            written,
            8 * (addr + i) + k,
        ) by {
            assert(!medium.damaged.contains(8 * addr + (8 * i + k)));
        }
        lemma_same_byte(read, i, written, addr + i);
    }
}

/// A medium that is damaged somewhere is damaged.
pub proof fn lemma_damaged_not_empty(medium: Medium, addr: int, len: int)
    requires
        damaged_in(medium, addr, len),
    ensures
        medium.damaged != Set::<int>::empty(),
{
    let b = choose|b: int|
        8 * addr <= b < 8 * (addr + len) && #[trigger] medium.damaged.contains(b);
    assert(!Set::<int>::empty().contains(b));
}

/// A medium without damage is damaged nowhere.
pub proof fn lemma_undamaged(medium: Medium)
    requires
        medium.damaged == Set::<int>::empty(),
    ensures
        forall|addr: int, len: int| !#[trigger] damaged_in(medium, addr, len),
{
}

/// The fault model allows that nothing is wrong.
pub proof fn lemma_same_tolerable(s: Seq<u8>)
    requires
        s.len() > 0,
    ensures
        tolerable(s, s),
{
    let (b, start) = (s[0], s.len() as int);
    assert(wrong_bits(s, s) =~= Set::empty());
    assert(wrong_only_within(s, s, start, start + 64));
    assert(b != !b) by (bit_vector);
}

/// What is undamaged, or damaged within the fault model, reads as tolerable.
pub proof fn lemma_tolerable_read(
    medium: Medium,
    written: Seq<u8>,
    addr: int,
    read: Seq<u8>,
    at: int,
    len: int,
)
    requires
        read_as(medium, written, addr, read),
        tolerable_at(medium, addr + at, len),
        0 <= addr,
        0 <= at,
        0 < len,
        at + len <= read.len(),
        addr + read.len() <= written.len(),
    ensures
        tolerable(read.subrange(at, at + len), written.subrange(addr + at, addr + at + len)),
{
    if !damaged_in(medium, addr + at, len) {
        let s = read.subrange(at, at + len);
        lemma_undamaged_read(medium, written, addr, read, at, len);
        assert forall|j: int| 0 <= j < len implies s[j] == written[addr + at + j] by {
            assert(read[at + j] == written[addr + (at + j)]);
        }
        assert(s =~= written.subrange(addr + at, addr + at + len));
        lemma_same_tolerable(s);
    }
}

/// Tolerable damage does not invert all bits of a word.
pub proof fn lemma_not_inverted(read: Seq<u8>, written: Seq<u8>)
    requires
        read.len() == 8,
        written.len() == 8,
        tolerable_word(read, written),
    ensures
        u64_from_le(read) != !u64_from_le(written),
{
    lemma_u64_le_of_from_le(read);
    lemma_u64_le_of_from_le(written);
    let x = u64_from_le(read);
    let y = u64_from_le(written);
    if x == !y {
        assert(x as u8 == !(y as u8) && (x >> 8) as u8 == !((y >> 8) as u8) && (x >> 16) as u8 == !(
        (y >> 16) as u8) && (x >> 24) as u8 == !((y >> 24) as u8) && (x >> 32) as u8 == !((y
            >> 32) as u8) && (x >> 40) as u8 == !((y >> 40) as u8) && (x >> 48) as u8 == !((y
            >> 48) as u8) && (x >> 56) as u8 == !((y >> 56) as u8)) by (bit_vector)
            requires
                x == !y,
        ;
        let i = choose|i: int| 0 <= i < 8 && #[trigger] read[i] != !written[i];
        assert(read[i] == u64_le(x)[i] && written[i] == u64_le(y)[i]);
    }
}

/// Damage to a part of a range is damage to the range.
pub proof fn lemma_damaged_part(medium: Medium, addr: int, len: int, outer: int, outer_len: int)
    requires
        damaged_in(medium, addr, len),
        outer <= addr,
        addr + len <= outer + outer_len,
    ensures
        damaged_in(medium, outer, outer_len),
{
    let b = choose|b: int|
        8 * addr <= b < 8 * (addr + len) && #[trigger] medium.damaged.contains(b);
    assert(8 * outer <= b < 8 * (outer + outer_len));
}

} // verus!
