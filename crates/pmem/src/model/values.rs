//! The older picture of a crash is a special case: each word has any one of the values that it had since the last flush.
#[cfg(verus_only)]
use super::device::*;
#[cfg(verus_only)]
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// What could be read after the first `j` pending writes.
pub open spec fn version(stored: Seq<u8>, pending: Seq<Write>, j: int) -> Seq<u8> {
    keep(stored, pending.take(j), all_words(j as nat))
}

/// Whether each word of `image` has a value that it had since the last flush.
pub open spec fn values_since_the_flush(
    stored: Seq<u8>,
    pending: Seq<Write>,
    image: Seq<u8>,
) -> bool {
    &&& image.len() == stored.len()
    &&& forall|w: int| #[trigger]
        word(w) ==> exists|j: int|
            0 <= j <= pending.len() && #[trigger] word_eq(image, version(stored, pending, j), w)
}

/// The words that are kept of each of `len` writes if word `w` keeps the first `writes(w)` of them.
spec fn first_writes(writes: spec_fn(int) -> int, len: int) -> Seq<Set<int>> {
    Seq::new(len as nat, |k: int| Set::new(|w: int| k < writes(w)))
}

/// A crash may leave each word with any value that it had since the last flush.
pub proof fn lemma_any_value_since_the_flush(stored: Seq<u8>, pending: Seq<Write>, image: Seq<u8>)
    requires
        values_since_the_flush(stored, pending, image),
    ensures
        may_keep(stored, pending, image),
{
    let n = pending.len() as int;
    let writes = |w: int|
        choose|j: int|
            0 <= j <= pending.len() && #[trigger] word_eq(image, version(stored, pending, j), w);
    let kept = first_writes(writes, n);
    assert(pending.take(n) =~= pending);
    let left = keep(stored, pending, kept);
    lemma_length(stored, pending, kept);
    assert forall|i: int| 0 <= i < image.len() implies image[i] == left[i] by {
        let w = i / 8;
        assert(word(w));
        let j = writes(w);
        assert(0 <= j <= n && word_eq(image, version(stored, pending, j), w));
        lemma_first_writes(stored, pending, writes, n, i);
        assert(image[i] == version(stored, pending, j)[i]);
    }
    assert(image =~= left);
}

/// What is kept is as long as what was stored.
proof fn lemma_length(stored: Seq<u8>, pending: Seq<Write>, kept: Seq<Set<int>>)
    ensures
        keep(stored, pending, kept).len() == stored.len(),
    decreases pending.len(),
{
    if pending.len() > 0 {
        lemma_length(stored, pending.drop_last(), kept.drop_last());
    }
}

/// A byte of a word that keeps the first `writes(w)` writes has the value that it had after those.
proof fn lemma_first_writes(
    stored: Seq<u8>,
    pending: Seq<Write>,
    writes: spec_fn(int) -> int,
    m: int,
    i: int,
)
    requires
        0 <= m <= pending.len(),
        0 <= writes(i / 8),
        0 <= i < stored.len(),
    ensures
        keep(stored, pending.take(m), first_writes(writes, m))[i] == version(
            stored,
            pending,
            if writes(i / 8) < m {
                writes(i / 8)
            } else {
                m
            },
        )[i],
    decreases m,
{
    if m > 0 {
        let (some, all) = (first_writes(writes, m), all_words(m as nat));
        lemma_first_writes(stored, pending, writes, m - 1, i);
        assert(pending.take(m).drop_last() =~= pending.take(m - 1));
        assert(some.drop_last() =~= first_writes(writes, m - 1));
        assert(all.drop_last() =~= all_words((m - 1) as nat));
        assert(pending.take(m).last() == pending[m - 1]);
        assert(some.last().contains(i / 8) == (m - 1 < writes(i / 8)));
        lemma_length(stored, pending.take(m - 1), first_writes(writes, m - 1));
        lemma_length(stored, pending.take(m - 1), all_words((m - 1) as nat));
    }
}

} // verus!
