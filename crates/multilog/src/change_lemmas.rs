//! A record's payload: what was encoded is what is decoded, and applying it gives what was staged.
use crate::changes::*;
use pmem::bytes::*;
use pmem::journal::MARK;
#[cfg(verus_only)]
use pmem::journal::{marked, payload_ok};
#[cfg(verus_only)]
use pmem::trusted::bytes::{u64_at, u64_from_le};
use vstd::prelude::*;

verus! {

/// The bytes of several changes.
pub open spec fn changes_bytes(changes: Seq<Change>) -> Seq<u8>
    decreases changes.len(),
{
    if changes.len() == 0 {
        Seq::empty()
    } else {
        changes_bytes(changes.drop_last()) + change_bytes(changes.last())
    }
}

/// The zeros behind so many changes, so that a record fills whole lines.
pub open spec fn padding(len: int) -> Seq<u8> {
    if len % 2 == 0 {
        Seq::new(32, |i: int| 0u8)
    } else {
        Seq::empty()
    }
}

/// The payload of a record with these changes.
pub open spec fn record_payload(changes: Seq<Change>) -> Seq<u8> {
    changes_bytes(changes) + padding(changes.len() as int)
}

/// Whether changes are of logs of which there may be so many.
pub open spec fn logs_ok(changes: Seq<Change>) -> bool {
    forall|k: int| 0 <= k < changes.len() ==> (#[trigger] changes[k]).log <= u32::MAX
}

/// How long a change is, and what its words are.
proof fn lemma_change_bytes(c: Change)
    requires
        c.log <= u32::MAX,
    ensures
        change_bytes(c).len() == 32,
        change_at(change_bytes(c), 0) == Some(c),
        change_bytes(c)[7] >= 128,
{
    broadcast use lemma_u64_from_le_of_le;

    let bytes = change_bytes(c);
    let word = change_word(c.log, c.checked);
    assert(bytes.subrange(0, 8) =~= u64_le(word));
    assert(bytes.subrange(8, 16) =~= u64_le(c.entry.head));
    assert(bytes.subrange(16, 24) =~= u64_le(c.entry.tail));
    assert(bytes.subrange(24, 32) =~= u64_le(c.crc));
    assert(word >= MARK);
    assert((word >> 56) as u8 >= 128) by (bit_vector)
        requires
            word >= 0x8000_0000_0000_0000,
    ;
    assert(word % CHECKED == c.log);
}

/// Where changes lie in what they make together.
proof fn lemma_changes_bytes(changes: Seq<Change>)
    requires
        logs_ok(changes),
    ensures
        changes_bytes(changes).len() == 32 * changes.len(),
        forall|k: int|
            0 <= k < changes.len() ==> changes_bytes(changes).subrange(32 * k, 32 * k + 32)
                == change_bytes(#[trigger] changes[k]),
    decreases changes.len(),
{
    if changes.len() > 0 {
        let rest = changes.drop_last();
        assert forall|k: int| 0 <= k < rest.len() implies (#[trigger] rest[k]).log <= u32::MAX by {
            assert(changes[k].log <= u32::MAX);
        }
        lemma_changes_bytes(rest);
        lemma_change_bytes(changes.last());
        let all = changes_bytes(changes);
        assert forall|k: int| 0 <= k < changes.len() implies all.subrange(32 * k, 32 * k + 32)
            == change_bytes(#[trigger] changes[k]) by {
            if k < rest.len() {
                assert(all.subrange(32 * k, 32 * k + 32) =~= changes_bytes(rest).subrange(
                    32 * k,
                    32 * k + 32,
                ));
                assert(rest[k] == changes[k]);
            } else {
                assert(all.subrange(32 * k, 32 * k + 32) =~= change_bytes(changes.last()));
            }
        }
    }
}

/// A change is the 32 bytes where it is.
proof fn lemma_change_part(payload: Seq<u8>, k: int)
    requires
        0 <= k,
        32 * k + 32 <= payload.len(),
    ensures
        change_at(payload, k) == change_at(payload.subrange(32 * k, 32 * k + 32), 0),
{
    let part = payload.subrange(32 * k, 32 * k + 32);
    let at = 32 * k;
    assert(part.subrange(0, 8) =~= payload.subrange(at, at + 8));
    assert(part.subrange(8, 16) =~= payload.subrange(at + 8, at + 16));
    assert(part.subrange(16, 24) =~= payload.subrange(at + 16, at + 24));
    assert(part.subrange(24, 32) =~= payload.subrange(at + 24, at + 32));
}

/// Zeros are padding.
proof fn lemma_padding(s: Seq<u8>)
    requires
        s == Seq::new(32, |i: int| 0u8),
    ensures
        change_at(s, 0) is None,
{
    assert(0u64 | 0u64 << 8 | 0u64 << 16 | 0u64 << 24 | 0u64 << 32 | 0u64 << 40 | 0u64 << 48 | 0u64
        << 56 == 0) by (bit_vector);
    assert(u64_at(s, 0) == 0);
}

/// What was encoded is what is decoded.
pub proof fn lemma_record_payload(changes: Seq<Change>)
    requires
        logs_ok(changes),
    ensures
        ({
            let payload = record_payload(changes);
            let len = changes.len() as int;
            &&& payload.len() == 32 * (len + if len % 2 == 0 {
                1int
            } else {
                0
            })
            &&& payload.len() as int / 32 == len + if len % 2 == 0 {
                1int
            } else {
                0
            }
            &&& payload.len() % 64 == 32
            &&& forall|k: int| 0 <= k < len ==> #[trigger] change_at(payload, k) == Some(changes[k])
            &&& len % 2 == 0 ==> change_at(payload, len) is None
        }),
{
    let payload = record_payload(changes);
    let len = changes.len() as int;
    lemma_changes_bytes(changes);
    assert forall|k: int| 0 <= k < len implies #[trigger] change_at(payload, k) == Some(
        changes[k],
    ) by {
        lemma_change_part(payload, k);
        assert(payload.subrange(32 * k, 32 * k + 32) =~= changes_bytes(changes).subrange(
            32 * k,
            32 * k + 32,
        ));
        lemma_change_bytes(changes[k]);
    }
    if len % 2 == 0 {
        lemma_change_part(payload, len);
        assert(payload.subrange(32 * len, 32 * len + 32) =~= padding(len));
        lemma_padding(padding(len));
    }
}

/// A payload of changes may be that of a record.
pub proof fn lemma_payload_ok(changes: Seq<Change>)
    requires
        logs_ok(changes),
        changes.len() <= u32::MAX,
    ensures
        payload_ok(record_payload(changes)),
{
    let payload = record_payload(changes);
    let len = changes.len() as int;
    lemma_record_payload(changes);
    lemma_changes_bytes(changes);
    assert forall|i: int| 0 <= i < payload.len() && i % 64 == 39 implies #[trigger] payload[i]
        >= 128 by {
        let k = 2 * (i / 64) + 1;
        assert(i == 32 * k + 7);
        if k < len {
            lemma_change_bytes(changes[k]);
            assert(changes_bytes(changes).subrange(32 * k, 32 * k + 32)[7] == payload[i]);
        }
    }
    assert(marked(payload)) by {
        reveal(marked);
    }
}

/// The entries after the first changes: theirs where they are, and the others as before.
proof fn lemma_apply_first(before: Seq<Entry>, changes: Seq<Change>, k: int)
    requires
        logs_ok(changes),
        0 <= k <= changes.len(),
        forall|n: int| 0 <= n < changes.len() ==> (#[trigger] changes[n]).log < before.len(),
        forall|n: int, m: int|
            0 <= n < changes.len() && 0 <= m < changes.len() && (#[trigger] changes[n]).log == (
            #[trigger] changes[m]).log ==> changes[n].entry == changes[m].entry,
    ensures
        apply_first(before, record_payload(changes), k) matches Some(after) && {
            &&& after.len() == before.len()
            &&& forall|n: int|
                0 <= n < k ==> after[(#[trigger] changes[n]).log as int] == changes[n].entry
            &&& forall|i: int|
                0 <= i < before.len() && (forall|n: int|
                    0 <= n < k ==> (#[trigger] changes[n]).log != i) ==> #[trigger] after[i]
                    == before[i]
        },
    decreases k,
{
    reveal_with_fuel(apply_first, 2);
    if k > 0 {
        lemma_apply_first(before, changes, k - 1);
        lemma_record_payload(changes);
        assert(change_at(record_payload(changes), k - 1) == Some(changes[k - 1]));
        let was = apply_first(before, record_payload(changes), k - 1)->0;
        let after = apply_first(before, record_payload(changes), k)->0;
        assert forall|i: int|
            0 <= i < before.len() && (forall|n: int|
                0 <= n < k ==> (#[trigger] changes[n]).log != i) implies #[trigger] after[i]
            == before[i] by {
            assert(changes[k - 1].log != i);
            assert(was[i] == before[i]);
        }
    }
}

/// A record with a change for each entry that differs makes of the entries before it those after it.
pub proof fn lemma_apply(before: Seq<Entry>, after: Seq<Entry>, changes: Seq<Change>)
    requires
        logs_ok(changes),
        before.len() == after.len(),
        forall|n: int|
            0 <= n < changes.len() ==> (#[trigger] changes[n]).log < before.len()
                && changes[n].entry == after[changes[n].log as int],
        forall|i: int|
            0 <= i < before.len() && (forall|n: int|
                0 <= n < changes.len() ==> (#[trigger] changes[n]).log != i) ==> #[trigger] after[i]
                == before[i],
    ensures
        apply(before, record_payload(changes)) == Some(after),
{
    let payload = record_payload(changes);
    let len = changes.len() as int;
    lemma_record_payload(changes);
    lemma_apply_first(before, changes, len);
    reveal_with_fuel(apply_first, 2);
    let applied = apply_first(before, payload, len)->0;
    assert(apply_first(before, payload, len) == Some(applied));
    assert forall|i: int| 0 <= i < before.len() implies applied[i] == after[i] by {
        if exists|n: int| 0 <= n < len && (#[trigger] changes[n]).log == i {
            let n = choose|n: int| 0 <= n < len && (#[trigger] changes[n]).log == i;
            assert(applied[changes[n].log as int] == changes[n].entry);
        } else {
            assert(after[i] == before[i]);
        }
    }
    assert(applied =~= after);
}

/// Appends a change to a payload.
pub(crate) fn push_change(buf: &mut Vec<u8>, c: Change)
    requires
        c.log <= u32::MAX,
    ensures
        final(buf)@ == old(buf)@ + change_bytes(c),
{
    let word = MARK + if c.checked {
        CHECKED
    } else {
        0
    } + c.log;
    let mut bytes = [0u8;32];
    put_u64(&mut bytes, 0, word);
    put_u64(&mut bytes, 8, c.entry.head);
    put_u64(&mut bytes, 16, c.entry.tail);
    put_u64(&mut bytes, 24, c.crc);
    proof {
        assert(bytes@ =~= bytes@.subrange(0, 8) + bytes@.subrange(8, 16) + bytes@.subrange(16, 24)
            + bytes@.subrange(24, 32));
    }
    buf.extend_from_slice(&bytes);
}

/// Appends padding to a payload of so many changes.
#[allow(clippy::manual_is_multiple_of)]  // It is not known to the verifier.
pub(crate) fn push_padding(buf: &mut Vec<u8>, len: usize)
    ensures
        final(buf)@ == old(buf)@ + padding(len as int),
{
    if len % 2 == 0 {
        let zeros = [0u8;32];
        buf.extend_from_slice(&zeros);
        assert(zeros@ =~= padding(len as int));
    } else {
        assert(padding(len as int) =~= Seq::empty());
        assert(buf@ =~= old(buf)@ + padding(len as int));
    }
}

} // verus!
