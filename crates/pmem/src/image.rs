//! Facts about images: what a write leaves alone, and what a crash can make of it.
#[cfg(verus_only)]
use crate::{damage::lemma_same_tolerable, trusted::region::*};
use vstd::prelude::*;

verus! {

/// Whether `s` and `t` agree on all addresses outside `from..to`.
pub open spec fn same_outside(s: Seq<u8>, t: Seq<u8>, from: int, to: int) -> bool {
    &&& s.len() == t.len()
    &&& forall|a: int| 0 <= a < s.len() && !(from <= a < to) ==> #[trigger] s[a] == t[a]
}

/// A torn write changes nothing outside its range.
pub proof fn lemma_torn_same_outside(post: Seq<u8>, pre: Seq<u8>, addr: int, bytes: Seq<u8>)
    requires
        torn(post, pre, addr, bytes),
    ensures
        same_outside(post, pre, addr, addr + bytes.len()),
{
    let full = update_bytes(pre, addr, bytes);
    assert forall|a: int|
        0 <= a < post.len() && !(addr <= a < addr + bytes.len()) implies #[trigger] post[a]
        == pre[a] by {
        assert(word(a / 8));
        assert(full[a] == pre[a]);
    }
}

/// After a torn write each byte is the old one or the new one.
pub proof fn lemma_torn_byte(post: Seq<u8>, pre: Seq<u8>, addr: int, bytes: Seq<u8>, a: int)
    requires
        torn(post, pre, addr, bytes),
        0 <= a < pre.len(),
    ensures
        post[a] == pre[a] || addr <= a < addr + bytes.len() && post[a] == bytes[a - addr],
{
    let full = update_bytes(pre, addr, bytes);
    assert(word(a / 8));
    assert(full[a] == if addr <= a < addr + bytes.len() {
        bytes[a - addr]
    } else {
        pre[a]
    });
}

/// A write may be entire.
pub proof fn lemma_torn_all(pre: Seq<u8>, addr: int, bytes: Seq<u8>)
    ensures
        torn(update_bytes(pre, addr, bytes), pre, addr, bytes),
{
    let full = update_bytes(pre, addr, bytes);
    assert forall|w: int| #[trigger] word(w) implies word_eq(full, pre, w) || word_eq(
        full,
        full,
        w,
    ) by {
        assert(word_eq(full, full, w));
    }
}

/// A write of one aligned word happens entirely or not at all.
pub proof fn lemma_torn_word(post: Seq<u8>, pre: Seq<u8>, addr: int, bytes: Seq<u8>)
    requires
        torn(post, pre, addr, bytes),
        0 <= addr,
        addr % 8 == 0,
        bytes.len() == 8,
        addr + 8 <= pre.len(),
    ensures
        post == pre || post == update_bytes(pre, addr, bytes),
{
    let full = update_bytes(pre, addr, bytes);
    let w = addr / 8;
    assert(word(w));
    lemma_torn_same_outside(post, pre, addr, bytes);
    if word_eq(post, pre, w) {
        assert forall|a: int| 0 <= a < post.len() implies post[a] == pre[a] by {
            if a / 8 == w {
            }
        }
        assert(post =~= pre);
    } else {
        assert forall|a: int| 0 <= a < post.len() implies post[a] == full[a] by {
            if a / 8 != w {
                assert(full[a] == pre[a]);
            }
        }
        assert(post =~= full);
    }
}

/// What was written may always be read.
pub proof fn lemma_read_as_written(medium: Medium, written: Seq<u8>, addr: int, read: Seq<u8>)
    requires
        0 <= addr,
        addr + read.len() <= written.len(),
        read == written.subrange(addr, addr + read.len()),
    ensures
        read_as(medium, written, addr, read),
{
    assert forall|a: int, len: int|
        addr <= a && 0 < len && a + len <= addr + read.len()
            && #[trigger] medium.tolerable.contains((a, len)) implies tolerable(
        read.subrange(a - addr, a - addr + len),
        written.subrange(a, a + len),
    ) by {
        let s = read.subrange(a - addr, a - addr + len);
        assert(s =~= written.subrange(a, a + len));
        lemma_same_tolerable(s);
    }
}

} // verus!
