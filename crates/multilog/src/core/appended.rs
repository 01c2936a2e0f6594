//! Whether the bytes that the last commit appended are there.
//!
//! A record may name a log more than once, and what is read twice may not be the same. So what was read is held, and nothing
//! is read again.
#[cfg(verus_only)]
use super::appended_lemmas::*;
use super::held::*;
use super::replay::*;
use super::*;
#[cfg(verus_only)]
use pmem::readings::*;

verus! {

/// What looking at a record does.
pub(super) open spec fn record_looked_at(
    region: RegionView,
    rings: Seq<Ring>,
    entries: Seq<Entry>,
    payload: Seq<u8>,
    after: Seq<Reading>,
    whole: bool,
) -> bool {
    &&& forall|image: Seq<u8>|
        image.len() == region.volatile.len() ==> whole == record_whole(
            #[trigger] as_read(image, after),
            rings,
            entries,
            payload,
        )
    &&& !appended_damaged(region, rings, entries, payload) ==> whole == record_whole(
        region.volatile,
        rings,
        entries,
        payload,
    )
}

/// Nothing is held at first.
fn hold_nothing(logs: usize) -> (r: Vec<Vec<u8>>)
    ensures
        r@.len() == logs,
        forall|i: int| 0 <= i < logs ==> (#[trigger] r@[i])@ == Seq::<u8>::empty(),
{
    let mut held: Vec<Vec<u8>> = Vec::with_capacity(logs);
    while held.len() < logs
        invariant
            held@.len() <= logs,
            forall|i: int| 0 <= i < held@.len() ==> (#[trigger] held@[i])@ == Seq::<u8>::empty(),
        decreases logs - held@.len(),
    {
        held.push(Vec::new());
    }
    held
}

/// Nothing is right.
proof fn lemma_nothing_held(
    region: RegionView,
    readings: Seq<Reading>,
    rings: Seq<Ring>,
    entries: Seq<Entry>,
    held: Seq<Vec<u8>>,
)
    requires
        held.len() == rings.len(),
        forall|i: int| 0 <= i < held.len() ==> (#[trigger] held[i])@ == Seq::<u8>::empty(),
    ensures
        all_held_right(region.volatile.len() as int, readings, rings, entries, held),
        all_held_in(region.volatile, rings, entries, held),
{
    let none = Seq::<u8>::empty();
    assert forall|i: int| 0 <= i < rings.len() implies held_right(
        region.volatile.len() as int,
        readings,
        rings[i],
        entries[i].tail as int,
        #[trigger] held[i]@,
    ) && held[i]@ == rings[i].bytes(
        region.volatile,
        entries[i].tail as int,
        entries[i].tail + held[i]@.len(),
    ) by {
        let tail = entries[i].tail as int;
        assert(held[i]@ == none);
        assert(rings[i].bytes(region.volatile, tail, tail) =~= none);
        assert forall|image: Seq<u8>| image.len() == region.volatile.len() implies rings[i].bytes(
            #[trigger] as_read(image, readings),
            tail,
            tail,
        ) == none by {
            assert(rings[i].bytes(as_read(image, readings), tail, tail) =~= none);
        }
    }
    assert forall|i: int| 0 <= i < rings.len() implies held_right(
        region.volatile.len() as int,
        readings,
        rings[i],
        entries[i].tail as int,
        #[trigger] held[i]@,
    ) by {
        assert(held[i]@ == rings[i].bytes(
            region.volatile,
            entries[i].tail as int,
            entries[i].tail + held[i]@.len(),
        ));
    }
}

/// A record that names a change that is not there is not whole.
proof fn lemma_not_whole(
    region: RegionView,
    rings: Seq<Ring>,
    entries: Seq<Entry>,
    payload: Seq<u8>,
    held: Seq<Vec<u8>>,
    after: Seq<Reading>,
    k: int,
)
    requires
        0 <= k < payload.len() as int / 32,
        change_at(payload, k) matches Some(c) && c.checked && is_decided(
            region,
            rings,
            entries,
            c,
            held,
            after,
            false,
        ),
        !appended_damaged(region, rings, entries, payload) ==> all_held_in(
            region.volatile,
            rings,
            entries,
            held,
        ),
    ensures
        record_looked_at(region, rings, entries, payload, after, false),
{
    let c = change_at(payload, k)->0;
    assert forall|image: Seq<u8>|
        image.len() == region.volatile.len() && record_whole(
            #[trigger] as_read(image, after),
            rings,
            entries,
            payload,
        ) implies false by {
        assert(!change_in(as_read(image, after), rings, entries, c));
    }
}

/// A record of which all changes are shown to be there is whole.
proof fn lemma_whole(
    region: RegionView,
    rings: Seq<Ring>,
    entries: Seq<Entry>,
    payload: Seq<u8>,
    held: Seq<Vec<u8>>,
    after: Seq<Reading>,
)
    requires
        entries.len() == rings.len(),
        all_held_right(region.volatile.len() as int, after, rings, entries, held),
        !appended_damaged(region, rings, entries, payload) ==> all_held_in(
            region.volatile,
            rings,
            entries,
            held,
        ),
        are_shown(rings, entries, held, payload, payload.len() as int / 32),
    ensures
        record_looked_at(region, rings, entries, payload, after, true),
{
    let len = region.volatile.len() as int;
    assert forall|image: Seq<u8>| image.len() == len implies record_whole(
        #[trigger] as_read(image, after),
        rings,
        entries,
        payload,
    ) by {
        lemma_held_in(image, len, after, rings, entries, held);
        lemma_all_shown(as_read(image, after), rings, entries, held, payload);
    }
    if !appended_damaged(region, rings, entries, payload) {
        lemma_all_shown(region.volatile, rings, entries, held, payload);
    }
}

/// Whether the bytes that a record's changes appended are there.
pub(super) fn is_record_whole<R: Region>(
    region: &Guarded<R, Permission>,
    rings: &[Ring],
    entries: &[Entry],
    payload: &[u8],
    readings: &mut Readings,
    Ghost(lines): Ghost<int>,
) -> (r: Result<bool, IoError>)
    requires
        region.inv(),
        rings_ok(rings@, lines, region@.volatile.len() as int),
        entries@.len() == rings@.len(),
    ensures
        r matches Ok(whole) ==> {
            &&& record_looked_at(region@, rings@, entries@, payload@, final(readings)@, whole)
            &&& rings_only(
                region@.volatile.len() as int,
                old(readings)@,
                final(readings)@,
                spec_data_start(rings@.len() as int, lines),
            )
        },
        r is Err ==> appended_damaged(region@, rings@, entries@, payload@),
{
    let ghost (view, len) = (region@, region@.volatile.len() as int);
    let ghost start = spec_data_start(rings@.len() as int, lines);
    let ghost damaged = appended_damaged(view, rings@, entries@, payload@);
    let count = payload.len() / 32;
    let mut held = hold_nothing(rings.len());
    proof {
        lemma_nothing_held(view, readings@, rings@, entries@, held@);
    }
    let mut k: usize = 0;
    while k < count
        invariant
            region.inv(),
            view == region@,
            len == view.volatile.len(),
            start == spec_data_start(rings@.len() as int, lines),
            damaged == appended_damaged(view, rings@, entries@, payload@),
            rings_ok(rings@, lines, len),
            entries@.len() == rings@.len() == held@.len(),
            k <= count == payload@.len() as int / 32,
            all_held_right(len, readings@, rings@, entries@, held@),
            rings_only(len, old(readings)@, readings@, start),
            !damaged ==> all_held_in(view.volatile, rings@, entries@, held@),
            are_shown(rings@, entries@, held@, payload@, k as int),
        decreases count - k,
    {
        if let Some(c) = change_of(payload, k) {
            if c.checked {
                let ghost less = held@;
                proof {
                    if is_damaged(view, rings@, entries@, c) {
                        assert(change_damaged(view, rings@, entries@, payload@, k as int));
                    }
                }
                let whole = is_change_whole(
                    region,
                    rings,
                    entries,
                    c,
                    held.as_mut_slice(),
                    readings,
                    Ghost(lines),
                )?;
                proof {
                    lemma_still_shown(rings@, entries@, held@, less, payload@, k as int);
                    if !whole {
                        lemma_not_whole(
                            view,
                            rings@,
                            entries@,
                            payload@,
                            held@,
                            readings@,
                            k as int,
                        );
                    }
                }
                if !whole {
                    return Ok(false);
                }
            }
        }
        k += 1;
    }
    proof {
        lemma_whole(view, rings@, entries@, payload@, held@, readings@);
    }
    Ok(true)
}

} // verus!
