//! What was read of the bytes that the last commit appended says whether they are there.
use super::*;
#[cfg(verus_only)]
use pmem::readings::*;

verus! {

/// Whether the medium is damaged where the bytes are that a record's changes appended.
pub(super) open spec fn appended_damaged(
    region: RegionView,
    rings: Seq<Ring>,
    before: Seq<Entry>,
    payload: Seq<u8>,
) -> bool {
    exists|k: int| #[trigger] change_damaged(region, rings, before, payload, k)
}

/// Whether readings make these bytes of what a log's ring holds from `from` on.
pub(super) open spec fn held_right(
    len: int,
    readings: Seq<Reading>,
    ring: Ring,
    from: int,
    held: Seq<u8>,
) -> bool {
    &&& held.len() <= ring.capacity
    &&& forall|image: Seq<u8>|
        image.len() == len ==> ring.bytes(
            #[trigger] as_read(image, readings),
            from,
            from + held.len(),
        ) == held
}

/// Whether that is so for all logs, from their tails on.
pub(super) open spec fn all_held_right(
    len: int,
    readings: Seq<Reading>,
    rings: Seq<Ring>,
    before: Seq<Entry>,
    held: Seq<Vec<u8>>,
) -> bool {
    forall|i: int|
        0 <= i < rings.len() ==> held_right(
            len,
            readings,
            rings[i],
            before[i].tail as int,
            #[trigger] held[i]@,
        )
}

/// Whether an image has these bytes.
pub(super) open spec fn all_held_in(
    image: Seq<u8>,
    rings: Seq<Ring>,
    before: Seq<Entry>,
    held: Seq<Vec<u8>>,
) -> bool {
    forall|i: int|
        0 <= i < rings.len() ==> #[trigger] held[i]@ == rings[i].bytes(
            image,
            before[i].tail as int,
            before[i].tail + held[i]@.len(),
        )
}

/// Whether a change makes sense after the entry before it.
pub(super) open spec fn is_sensible(ring: Ring, before: Entry, c: Change) -> bool {
    &&& c.entry.head <= before.tail <= c.entry.tail
    &&& c.entry.tail - before.tail <= CHECK_LIMIT
    &&& c.entry.tail - before.tail <= ring.capacity
}

/// Whether what was read shows that the bytes of a change are there.
pub(super) open spec fn is_shown(
    rings: Seq<Ring>,
    before: Seq<Entry>,
    held: Seq<Vec<u8>>,
    c: Change,
) -> bool {
    let i = c.log as int;
    let n = c.entry.tail - before[i].tail;
    &&& c.log < before.len()
    &&& is_sensible(rings[i], before[i], c)
    &&& n <= held[i]@.len()
    &&& mixed_crc(held[i]@.take(n)) == c.crc
}

/// Whether that is so of the first changes of a record.
pub(super) open spec fn are_shown(
    rings: Seq<Ring>,
    before: Seq<Entry>,
    held: Seq<Vec<u8>>,
    payload: Seq<u8>,
    n: int,
) -> bool {
    forall|k: int|
        0 <= k < n ==> (#[trigger] change_at(payload, k) matches Some(c) ==> c.checked ==> is_shown(
            rings,
            before,
            held,
            c,
        ))
}

/// Whether readings behind `before` are of rings only, which lie from `start` on.
pub(super) open spec fn rings_only(
    len: int,
    before: Seq<Reading>,
    after: Seq<Reading>,
    start: int,
) -> bool {
    forall|image: Seq<u8>, a: int|
        image.len() == len && 0 <= a < start ==> #[trigger] as_read(image, after)[a] == as_read(
            image,
            before,
        )[a]
}

/// Whether more is held than before, or the same.
pub(super) open spec fn is_grown(held: Seq<Vec<u8>>, before: Seq<Vec<u8>>) -> bool {
    &&& held.len() == before.len()
    &&& forall|i: int|
        0 <= i < held.len() ==> before[i]@.len() <= held[i]@.len() && (#[trigger] held[i])@.take(
            before[i]@.len() as int,
        ) == before[i]@
}

/// What is shown stays so when more is held.
pub(super) proof fn lemma_still_shown(
    rings: Seq<Ring>,
    before: Seq<Entry>,
    held: Seq<Vec<u8>>,
    less: Seq<Vec<u8>>,
    payload: Seq<u8>,
    n: int,
)
    requires
        is_grown(held, less),
        held.len() == before.len(),
        are_shown(rings, before, less, payload, n),
    ensures
        are_shown(rings, before, held, payload, n),
{
    assert forall|k: int| 0 <= k < n implies (#[trigger] change_at(payload, k) matches Some(c)
        ==> c.checked ==> is_shown(rings, before, held, c)) by {
        if let Some(c) = change_at(payload, k) {
            if c.checked {
                let i = c.log as int;
                let m = c.entry.tail - before[i].tail;
                assert(is_shown(rings, before, less, c));
                assert(held[i]@.take(less[i]@.len() as int) == less[i]@);
                assert(held[i]@.take(m) =~= less[i]@.take(m));
            }
        }
    }
}

/// A part of a range covers no more than the range.
pub(super) proof fn lemma_damaged_behind(ring: Ring, medium: Medium, from: int, mid: int, to: int)
    requires
        0 < ring.capacity,
        from <= mid <= to <= from + ring.capacity,
        ring.damaged_at(medium, mid, to),
    ensures
        ring.damaged_at(medium, from, to),
{
    let c = ring.capacity as int;
    let b = choose|b: int| ring.covers(mid, to, b / 8) && #[trigger] medium.damaged.contains(b);
    let x = b / 8 - ring.start - mid;
    let (d, e) = (x % c, mid - from);
    vstd::arithmetic::div_mod::lemma_mod_bound(x, c);
    vstd::arithmetic::div_mod::lemma_add_mod_noop(x, e, c);
    vstd::arithmetic::div_mod::lemma_add_mod_noop(d, e, c);
    vstd::arithmetic::div_mod::lemma_mod_twice(x, c);
    vstd::arithmetic::div_mod::lemma_small_mod((d + e) as nat, c as nat);
    assert(x + e == b / 8 - ring.start - from);
    assert(ring.covers(from, to, b / 8));
}

/// Bytes that were read behind those that are held leave these as they are, and all others but for the ring's.
pub(super) proof fn lemma_held_more(
    len: int,
    before: Seq<Reading>,
    after: Seq<Reading>,
    ring: Ring,
    from: int,
    held: Seq<u8>,
    more: Seq<u8>,
)
    requires
        ring.fits(len),
        held_right(len, before, ring, from, held),
        held.len() + more.len() <= ring.capacity,
        ring.in_readings(len, before, after, from + held.len(), more),
    ensures
        held_right(len, after, ring, from, held + more),
{
    let (mid, to) = (from + held.len(), from + held.len() + more.len());
    assert forall|image: Seq<u8>| image.len() == len implies ring.bytes(
        #[trigger] as_read(image, after),
        from,
        to,
    ) == held + more by {
        let (s, t) = (as_read(image, after), as_read(image, before));
        lemma_as_read_len(image, after);
        assert(ring.bytes(s, mid, to) == more);
        assert(ring.bytes(t, from, mid) == held);
        lemma_elsewhere(ring, s, t, mid, to, from, mid);
        lemma_bytes_sum(ring, s, from, mid, to);
    }
    assert((held + more).len() == held.len() + more.len());
}

/// Reading a ring leaves what is held of another.
pub(super) proof fn lemma_held_other(
    len: int,
    before: Seq<Reading>,
    after: Seq<Reading>,
    ring: Ring,
    at: int,
    more: Seq<u8>,
    other: Ring,
    from: int,
    held: Seq<u8>,
)
    requires
        other.fits(len),
        held_right(len, before, other, from, held),
        ring.in_readings(len, before, after, at, more),
        ring.start + ring.capacity <= other.start || other.start + other.capacity <= ring.start,
    ensures
        held_right(len, after, other, from, held),
{
    let to = from + held.len();
    assert forall|image: Seq<u8>| image.len() == len implies other.bytes(
        #[trigger] as_read(image, after),
        from,
        to,
    ) == held by {
        let (s, t) = (as_read(image, after), as_read(image, before));
        lemma_as_read_len(image, after);
        assert(other.bytes(t, from, to) == held);
        assert(ring.same_elsewhere(s, t, at, at + more.len()));
        lemma_same_ring(other, s, t, from, to);
    }
}

/// What is held says whether a change's bytes are there.
pub(super) proof fn lemma_shown(
    image: Seq<u8>,
    rings: Seq<Ring>,
    before: Seq<Entry>,
    held: Seq<Vec<u8>>,
    c: Change,
)
    requires
        before.len() == rings.len(),
        c.log < before.len(),
        c.entry.tail - before[c.log as int].tail <= held[c.log as int]@.len(),
        c.entry.tail >= before[c.log as int].tail,
        held[c.log as int]@ == rings[c.log as int].bytes(
            image,
            before[c.log as int].tail as int,
            before[c.log as int].tail + held[c.log as int]@.len(),
        ),
    ensures
        is_shown(rings, before, held, c) == change_in(image, rings, before, c),
{
    let i = c.log as int;
    let from = before[i].tail as int;
    lemma_bytes_sum(rings[i], image, from, c.entry.tail as int, from + held[i]@.len());
}

/// If all changes are shown to be there, the record is whole.
pub(super) proof fn lemma_all_shown(
    image: Seq<u8>,
    rings: Seq<Ring>,
    before: Seq<Entry>,
    held: Seq<Vec<u8>>,
    payload: Seq<u8>,
)
    requires
        before.len() == rings.len(),
        all_held_in(image, rings, before, held),
        are_shown(rings, before, held, payload, payload.len() as int / 32),
    ensures
        record_whole(image, rings, before, payload),
{
    assert forall|k: int| 0 <= k < payload.len() / 32 implies (#[trigger] change_at(
        payload,
        k,
    ) matches Some(c) ==> c.checked ==> change_in(image, rings, before, c)) by {
        if let Some(c) = change_at(payload, k) {
            if c.checked {
                assert(is_shown(rings, before, held, c));
                lemma_shown(image, rings, before, held, c);
            }
        }
    }
}

/// What is read of all rings, is there.
pub(super) proof fn lemma_held_in(
    image: Seq<u8>,
    len: int,
    readings: Seq<Reading>,
    rings: Seq<Ring>,
    before: Seq<Entry>,
    held: Seq<Vec<u8>>,
)
    requires
        all_held_right(len, readings, rings, before, held),
        image.len() == len,
    ensures
        all_held_in(as_read(image, readings), rings, before, held),
{
    let s = as_read(image, readings);
    assert forall|i: int| 0 <= i < rings.len() implies #[trigger] held[i]@ == rings[i].bytes(
        s,
        before[i].tail as int,
        before[i].tail + held[i]@.len(),
    ) by {
        assert(held_right(len, readings, rings[i], before[i].tail as int, held[i]@));
    }
}

} // verus!
