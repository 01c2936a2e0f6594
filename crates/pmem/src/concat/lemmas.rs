//! What the parts do is what the whole does: torn writes, and reads of damaged media, compose.
#[cfg(verus_only)]
use super::CONCAT_ALIGNMENT;
#[cfg(verus_only)]
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// The damage of the whole.
pub open spec fn concat_damage(first: Medium, second: Medium, split: int) -> Set<int> {
    Set::new(
        |b: int|
            if b < 8 * split {
                first.damaged.contains(b)
            } else {
                second.damaged.contains(b - 8 * split)
            },
    )
}

/// Where the damage of the whole is within the fault model: where that of the part is. Nothing is said of a range that is in
/// both parts; words and codewords are in one, as they are aligned.
pub open spec fn concat_tolerable(first: Medium, second: Medium, split: int) -> Set<(int, int)> {
    Set::new(
        |range: (int, int)|
            {
                let (addr, len) = range;
                ||| addr + len <= split && first.tolerable.contains((addr, len))
                ||| split <= addr && second.tolerable.contains((addr - split, len))
            },
    )
}

/// Whether a range of `len` bytes at `addr` of the whole has its first `n` bytes, and no more, in the first region.
pub open spec fn split_at(addr: int, len: int, n: int, split: int) -> bool {
    &&& 0 <= addr
    &&& 0 <= n <= len
    &&& n > 0 ==> addr + n <= split
    &&& n < len ==> addr + n >= split
}

/// A write that leaves everything as it was is a torn one.
pub proof fn lemma_torn_unchanged(s: Seq<u8>, addr: int, bytes: Seq<u8>)
    ensures
        torn(s, s, addr, bytes),
{
}

/// A write to the whole is one to each part.
pub proof fn lemma_update_concat(first: Seq<u8>, second: Seq<u8>, addr: int, bytes: Seq<u8>, n: int)
    requires
        split_at(addr, bytes.len() as int, n, first.len() as int),
    ensures
        update_bytes(first + second, addr, bytes) == update_bytes(first, addr, bytes.take(n))
            + update_bytes(second, addr + n - first.len(), bytes.skip(n)),
{
    assert(update_bytes(first + second, addr, bytes) =~= update_bytes(first, addr, bytes.take(n))
        + update_bytes(second, addr + n - first.len(), bytes.skip(n)));
}

/// Where two images agree on a word, so do their concatenations.
pub proof fn lemma_word_concat(s: (Seq<u8>, Seq<u8>), t: (Seq<u8>, Seq<u8>), w: int)
    requires
        s.0.len() == t.0.len(),
        s.1.len() == t.1.len(),
        s.0.len() % 8 == 0,
        w < s.0.len() / 8 ==> word_eq(s.0, t.0, w),
        w >= s.0.len() / 8 ==> word_eq(s.1, t.1, w - s.0.len() / 8),
    ensures
        word_eq(s.0 + s.1, t.0 + t.1, w),
{
    let split = s.0.len() as int;
    let (s01, t01) = (s.0 + s.1, t.0 + t.1);
    assert forall|i: int| 0 <= i < s01.len() && i / 8 == w implies #[trigger] s01[i] == t01[i] by {
        if i < split {
            assert(s.0[i] == t.0[i]);
        } else {
            assert((i - split) / 8 == w - split / 8);
            assert(s.1[i - split] == t.1[i - split]);
        }
    }
}

/// Torn writes to the parts are a torn write to the whole.
pub proof fn lemma_torn_concat(
    post: (Seq<u8>, Seq<u8>),
    pre: (Seq<u8>, Seq<u8>),
    addr: int,
    bytes: Seq<u8>,
    n: int,
)
    requires
        pre.0.len() % 8 == 0,
        split_at(addr, bytes.len() as int, n, pre.0.len() as int),
        torn(post.0, pre.0, addr, bytes.take(n)),
        torn(post.1, pre.1, addr + n - pre.0.len(), bytes.skip(n)),
    ensures
        torn(post.0 + post.1, pre.0 + pre.1, addr, bytes),
{
    let full = (
        update_bytes(pre.0, addr, bytes.take(n)),
        update_bytes(pre.1, addr + n - pre.0.len(), bytes.skip(n)),
    );
    lemma_update_concat(pre.0, pre.1, addr, bytes, n);
    assert forall|w: int| #[trigger] word(w) implies word_eq(post.0 + post.1, pre.0 + pre.1, w)
        || word_eq(post.0 + post.1, update_bytes(pre.0 + pre.1, addr, bytes), w) by {
        let v = w - pre.0.len() / 8;
        assert(word(v));
        if if v < 0 {
            word_eq(post.0, pre.0, w)
        } else {
            word_eq(post.1, pre.1, v)
        } {
            lemma_word_concat(post, pre, w);
        } else {
            lemma_word_concat(post, full, w);
        }
    }
}

/// What a write to a part does, whether it is `ok` or not, if the part had not failed. Without bytes it does nothing.
#[verifier::opaque]
pub open spec fn part_written(
    before: RegionView,
    after: RegionView,
    addr: int,
    bytes: Seq<u8>,
    durably: bool,
    ok: bool,
) -> bool {
    &&& after.medium == before.medium
    &&& torn(after.volatile, before.volatile, addr, bytes)
    &&& torn(after.durable, before.durable, addr, bytes)
    &&& ok ==> {
        &&& !after.failed
        &&& after.volatile == update_bytes(before.volatile, addr, bytes)
        &&& durably ==> after.durable == update_bytes(before.durable, addr, bytes)
    }
}

/// A part that nothing was written to, for there was nothing to write, or because the other part failed.
pub proof fn lemma_part_unwritten(
    view: RegionView,
    addr: int,
    bytes: Seq<u8>,
    durably: bool,
    ok: bool,
)
    requires
        ok ==> !view.failed && bytes.len() == 0,
    ensures
        part_written(view, view, addr, bytes, durably, ok),
{
    reveal(part_written);
    if ok {
        assert(update_bytes(view.volatile, addr, bytes) =~= view.volatile);
        assert(update_bytes(view.durable, addr, bytes) =~= view.durable);
    }
}

/// Writes to both parts are a write to the whole.
pub proof fn lemma_parts_written(
    before: (RegionView, RegionView),
    after: (RegionView, RegionView),
    addr: int,
    bytes: Seq<u8>,
    n: int,
    durably: bool,
    ok: (bool, bool),
)
    requires
        before.0.volatile.len() == before.0.durable.len(),
        before.0.volatile.len() % 8 == 0,
        split_at(addr, bytes.len() as int, n, before.0.volatile.len() as int),
        part_written(before.0, after.0, addr, bytes.take(n), durably, ok.0),
        part_written(
            before.1,
            after.1,
            addr + n - before.0.volatile.len(),
            bytes.skip(n),
            durably,
            ok.1,
        ),
    ensures
        after.0.medium == before.0.medium && after.1.medium == before.1.medium,
        after.0.volatile.len() == before.0.volatile.len(),
        after.1.volatile.len() == before.1.volatile.len(),
        torn(
            after.0.volatile + after.1.volatile,
            before.0.volatile + before.1.volatile,
            addr,
            bytes,
        ),
        torn(after.0.durable + after.1.durable, before.0.durable + before.1.durable, addr, bytes),
        ok.0 && ok.1 ==> {
            &&& !after.0.failed && !after.1.failed
            &&& after.0.volatile + after.1.volatile == update_bytes(
                before.0.volatile + before.1.volatile,
                addr,
                bytes,
            )
            &&& durably ==> after.0.durable + after.1.durable == update_bytes(
                before.0.durable + before.1.durable,
                addr,
                bytes,
            )
        },
{
    reveal(part_written);
    lemma_torn_concat(
        (after.0.volatile, after.1.volatile),
        (before.0.volatile, before.1.volatile),
        addr,
        bytes,
        n,
    );
    lemma_torn_concat(
        (after.0.durable, after.1.durable),
        (before.0.durable, before.1.durable),
        addr,
        bytes,
        n,
    );
    lemma_update_concat(before.0.volatile, before.1.volatile, addr, bytes, n);
    lemma_update_concat(before.0.durable, before.1.durable, addr, bytes, n);
}

/// What the parts may return is what the whole may return.
pub proof fn lemma_read_concat(
    first: RegionView,
    second: RegionView,
    medium: Medium,
    addr: int,
    read: Seq<u8>,
    n: int,
)
    requires
        first.volatile.len() % CONCAT_ALIGNMENT as nat == 0,
        split_at(addr, read.len() as int, n, first.volatile.len() as int),
        addr + read.len() <= first.volatile.len() + second.volatile.len(),
        medium.damaged == concat_damage(first.medium, second.medium, first.volatile.len() as int),
        medium.tolerable == concat_tolerable(
            first.medium,
            second.medium,
            first.volatile.len() as int,
        ),
        read_as(first.medium, first.volatile, addr, read.take(n)),
        read_as(second.medium, second.volatile, addr + n - first.volatile.len(), read.skip(n)),
    ensures
        read_as(medium, first.volatile + second.volatile, addr, read),
{
    let split = first.volatile.len() as int;
    let written = first.volatile + second.volatile;
    let (head, tail) = (read.take(n), read.skip(n));
    assert forall|i: int|
        0 <= i < 8 * read.len() && !medium.damaged.contains(8 * addr + i) implies #[trigger] bit(
        read,
        i,
    ) == bit(written, 8 * addr + i) by {
        if i < 8 * n {
            assert(bit(head, i) == bit(first.volatile, 8 * addr + i));
        } else {
            let (j, start) = (i - 8 * n, addr + n - split);
            assert(bit(tail, j) == bit(second.volatile, 8 * start + j));
        }
    }
    assert forall|a: int, len: int|
        addr <= a && 0 < len && a + len <= addr + read.len()
            && #[trigger] medium.tolerable.contains((a, len)) implies tolerable(
        read.subrange(a - addr, a - addr + len),
        written.subrange(a, a + len),
    ) by {
        let part = read.subrange(a - addr, a - addr + len);
        if a + len <= split && first.medium.tolerable.contains((a, len)) {
            assert(part =~= head.subrange(a - addr, a - addr + len));
            assert(written.subrange(a, a + len) =~= first.volatile.subrange(a, a + len));
        } else {
            let (start, b) = (addr + n - split, a - split);
            assert(second.medium.tolerable.contains((b, len)));
            assert(part =~= tail.subrange(b - start, b - start + len));
            assert(written.subrange(a, a + len) =~= second.volatile.subrange(b, b + len));
        }
    }
}

} // verus!
