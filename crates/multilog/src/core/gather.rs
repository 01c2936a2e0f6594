//! Several slices as one run of bytes.
#[cfg(verus_only)]
use crate::trusted::contract::gathered;
use pmem::crc::mixed::*;
#[cfg(verus_only)]
use pmem::trusted::collision::*;
use vstd::prelude::*;

verus! {

/// The bytes of one more slice.
pub(super) proof fn lemma_gathered_step(parts: Seq<&[u8]>, k: int)
    requires
        0 <= k < parts.len(),
    ensures
        gathered(parts.take(k + 1)) == gathered(parts.take(k)) + parts[k]@,
{
    assert(parts.take(k + 1).drop_last() =~= parts.take(k));
}

/// The first slices together are no longer than all of them.
pub(super) proof fn lemma_gathered_grows(parts: Seq<&[u8]>, j: int, k: int)
    requires
        0 <= j <= k <= parts.len(),
    ensures
        gathered(parts.take(j)).len() <= gathered(parts.take(k)).len(),
    decreases k - j,
{
    if j < k {
        lemma_gathered_grows(parts, j, k - 1);
        lemma_gathered_step(parts, k - 1);
    }
}

/// One slice is gathered to itself.
pub(crate) proof fn lemma_gathered_one(parts: Seq<&[u8]>)
    requires
        parts.len() == 1,
    ensures
        gathered(parts) == parts[0]@,
{
    reveal_with_fuel(gathered, 2);
    assert(gathered(parts) =~= parts[0]@);
}

/// Three slices are gathered to their sum.
pub(crate) proof fn lemma_gathered_three(parts: Seq<&[u8]>)
    requires
        parts.len() == 3,
    ensures
        gathered(parts) == parts[0]@ + parts[1]@ + parts[2]@,
{
    reveal_with_fuel(gathered, 4);
    assert(gathered(parts) =~= parts[0]@ + parts[1]@ + parts[2]@);
}

/// How long several slices are together; None if that does not fit 64 bits.
#[inline(always)]
pub(super) fn total_len(parts: &[&[u8]]) -> (r: Option<u64>)
    ensures
        r matches Some(len) ==> len == gathered(parts@).len(),
        r is None ==> gathered(parts@).len() > u64::MAX,
{
    let mut total: u64 = 0;
    let mut k: usize = 0;
    while k < parts.len()
        invariant
            k <= parts@.len(),
            total == gathered(parts@.take(k as int)).len(),
        decreases parts@.len() - k,
    {
        proof {
            lemma_gathered_step(parts@, k as int);
            lemma_gathered_grows(parts@, k + 1, parts@.len() as int);
            assert(parts@.take(parts@.len() as int) =~= parts@);
        }
        match total.checked_add(parts[k].len() as u64) {
            Some(sum) => total = sum,
            None => return None,
        }
        k += 1;
    }
    assert(parts@.take(parts@.len() as int) =~= parts@);
    Some(total)
}

/// The CRC of something whose CRC is `crc`, and of several slices behind it.
#[inline(always)]
pub(super) fn extend_over(crc: u64, parts: &[&[u8]], Ghost(before): Ghost<Seq<u8>>) -> (r: u64)
    requires
        crc == mixed_crc(before),
    ensures
        r == mixed_crc(before + gathered(parts@)),
{
    let mut crc = crc;
    let mut k: usize = 0;
    assert(before + gathered(parts@.take(0)) =~= before);
    while k < parts.len()
        invariant
            k <= parts@.len(),
            crc == mixed_crc(before + gathered(parts@.take(k as int))),
        decreases parts@.len() - k,
    {
        proof {
            let first = gathered(parts@.take(k as int));
            lemma_gathered_step(parts@, k as int);
            lemma_mixed_extended(before + first, parts@[k as int]@);
            assert(before + first + parts@[k as int]@ =~= before + (first + parts@[k as int]@));
        }
        crc = extend_mixed_crc(crc, parts[k]);
        k += 1;
    }
    assert(parts@.take(parts@.len() as int) =~= parts@);
    crc
}

} // verus!
