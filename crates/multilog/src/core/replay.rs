//! What records make of the logs' heads and tails.
use super::*;
use pmem::bytes::get_u64;
#[cfg(verus_only)]
use pmem::trusted::bytes::u64_at;

verus! {

/// Change `k` of a record's payload.
pub(super) fn change_of(payload: &[u8], k: usize) -> (r: Option<Change>)
    requires
        32 * k + 32 <= payload@.len(),
    ensures
        r == change_at(payload@, k as int),
{
    assert(payload.len() == payload@.len());
    let at = 32 * k;
    let word = get_u64(payload, at);
    if word < MARK {
        return None;
    }
    Some(
        Change {
            log: word % CHECKED,
            checked: word >= MARK + CHECKED,
            entry: Entry { head: get_u64(payload, at + 8), tail: get_u64(payload, at + 16) },
            crc: get_u64(payload, at + 24),
        },
    )
}

/// A change of no log stays one, whatever comes behind it.
proof fn lemma_apply_none(before: Seq<Entry>, payload: Seq<u8>, k: int, n: int)
    requires
        k <= n,
        apply_first(before, payload, k) is None,
    ensures
        apply_first(before, payload, n) is None,
    decreases n - k,
{
    if k < n {
        lemma_apply_none(before, payload, k, n - 1);
    }
}

/// A record with a change of no log stays one, whatever comes behind it.
pub(super) proof fn lemma_replay_none(first: Seq<Entry>, records: Seq<Seq<u8>>, n: int)
    requires
        0 <= n <= records.len(),
        replay(first, records.take(n)) is None,
    ensures
        replay(first, records) is None,
    decreases records.len() - n,
{
    if n < records.len() {
        let rest = records.drop_last();
        assert(rest.take(n) =~= records.take(n));
        lemma_replay_none(first, rest, n);
    } else {
        assert(records.take(n) =~= records);
    }
}

/// Applies a record. Returns whether all its changes are of logs.
pub(super) fn apply_record(entries: &mut [Entry], payload: &[u8]) -> (r: bool)
    ensures
        r ==> apply(old(entries)@, payload@) == Some(final(entries)@),
        !r ==> apply(old(entries)@, payload@) is None,
{
    let len = payload.len() / 32;
    let mut k: usize = 0;
    while k < len
        invariant
            k <= len == payload@.len() as int / 32,
            apply_first(old(entries)@, payload@, k as int) == Some(entries@),
        decreases len - k,
    {
        if let Some(c) = change_of(payload, k) {
            if c.log >= entries.len() as u64 {
                proof {
                    lemma_apply_none(old(entries)@, payload@, k + 1, len as int);
                }
                return false;
            }
            entries[c.log as usize] = c.entry;
        }
        k += 1;
    }
    true
}

/// Applies the first `n` records. None if one of their changes is of no log.
pub(super) fn replay_first(first: Vec<Entry>, records: &[Vec<u8>], n: usize) -> (r: Option<
    Vec<Entry>,
>)
    requires
        n <= records@.len(),
    ensures
        match r {
            Some(entries) => replay(first@, views(records@).take(n as int)) == Some(entries@),
            None => replay(first@, views(records@).take(n as int)) is None,
        },
{
    let ghost all = views(records@).take(n as int);
    let ghost start = first@;
    let mut entries = first;
    let mut i: usize = 0;
    assert(all.take(0) =~= Seq::empty());
    while i < n
        invariant
            i <= n <= records@.len(),
            start == first@,
            all == views(records@).take(n as int),
            replay(start, all.take(i as int)) == Some(entries@),
        decreases n - i,
    {
        let ghost before = entries@;
        let right = apply_record(entries.as_mut_slice(), records[i].as_slice());
        proof {
            let next = all.take(i + 1);
            assert(next.drop_last() =~= all.take(i as int));
            assert(next.last() == records@[i as int]@);
            assert(replay(start, next) == apply(before, records@[i as int]@));
            if !right {
                lemma_replay_none(start, all, i + 1);
            }
        }
        if !right {
            return None;
        }
        i += 1;
    }
    assert(all.take(n as int) =~= all);
    Some(entries)
}

} // verus!
