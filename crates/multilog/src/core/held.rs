//! Reading the bytes that the last commit appended to a log, and holding them.
#[cfg(verus_only)]
use super::appended_lemmas::*;
use super::*;
use pmem::crc::mixed::*;
#[cfg(verus_only)]
use pmem::readings::*;
use vstd::slice::slice_subrange;

verus! {

/// Reads what is not yet held of a ring's bytes from `from` to `to`.
fn hold_more<R: Region>(
    region: &Guarded<R, Permission>,
    ring: Ring,
    from: u64,
    to: u64,
    held: &mut Vec<u8>,
    readings: &mut Readings,
) -> (r: Result<(), IoError>)
    requires
        region.inv(),
        ring.fits(region@.volatile.len() as int),
        from <= to <= from + ring.capacity,
        held_right(region@.volatile.len() as int, old(readings)@, ring, from as int, old(held)@),
    ensures
        r is Ok ==> held_more_post(
            region@,
            ring,
            from as int,
            to as int,
            old(held)@,
            final(held)@,
            old(readings)@,
            final(readings)@,
        ),
        r is Err ==> ring.damaged_at(region@.medium, from as int, to as int),
{
    let ghost (view, len) = (region@, region@.volatile.len() as int);
    let ghost (less, before) = (held@, readings@);
    let done = held.len();
    let needed = to - from;
    if needed <= done as u64 {
        proof {
            let none = Seq::<u8>::empty();
            assert(held@.skip(less.len() as int) =~= none);
            assert(held@ =~= less + none);
            assert forall|image: Seq<u8>| image.len() == len implies ring.bytes(
                #[trigger] as_read(image, before),
                from + less.len(),
                from + less.len(),
            ) == none by {
                assert(ring.bytes(as_read(image, before), from + less.len(), from + less.len())
                    =~= none);
            }
        }
        return Ok(());
    }
    let mut more: Vec<u8> = vec![0u8; needed as usize - done];
    let position = from + done as u64;
    let r = ring.read_noted(region, position, more.as_mut_slice(), readings);
    proof {
        if ring.damaged_at(view.medium, position as int, to as int) {
            lemma_damaged_behind(ring, view.medium, from as int, position as int, to as int);
        }
    }
    r?;
    proof {
        let read = more@;
        lemma_held_more(len, before, readings@, ring, from as int, less, read);
        assert((less + read).skip(less.len() as int) =~= read);
        if !ring.damaged_at(view.medium, from as int, to as int) {
            ring.lemma_undamaged_back(view, position as int, read);
            lemma_bytes_sum(ring, view.volatile, from as int, position as int, to as int);
        }
    }
    held.append(&mut more);
    Ok(())
}

/// What reading what is not yet held does.
spec fn held_more_post(
    view: RegionView,
    ring: Ring,
    from: int,
    to: int,
    less: Seq<u8>,
    held: Seq<u8>,
    before: Seq<Reading>,
    after: Seq<Reading>,
) -> bool {
    let len = view.volatile.len() as int;
    let more = held.skip(less.len() as int);
    &&& held == less + more
    &&& to - from <= held.len()
    &&& held_right(len, after, ring, from, held)
    &&& ring.in_readings(len, before, after, from + less.len(), more)
    &&& !ring.damaged_at(view.medium, from, to) && less == ring.bytes(
        view.volatile,
        from,
        from + less.len(),
    ) ==> held == ring.bytes(view.volatile, from, from + held.len())
}

/// What was held before reading more for log `i` is still held.
proof fn lemma_all_held(
    region: RegionView,
    rings: Seq<Ring>,
    entries: Seq<Entry>,
    lines: int,
    less: Seq<Vec<u8>>,
    held: Seq<Vec<u8>>,
    before: Seq<Reading>,
    after: Seq<Reading>,
    i: int,
    to: int,
)
    requires
        rings_ok(rings, lines, region.volatile.len() as int),
        entries.len() == rings.len() == less.len() == held.len(),
        0 <= i < rings.len(),
        all_held_right(region.volatile.len() as int, before, rings, entries, less),
        forall|j: int| 0 <= j < rings.len() && j != i ==> #[trigger] held[j] == less[j],
        held_more_post(
            region,
            rings[i],
            entries[i].tail as int,
            to,
            less[i]@,
            held[i]@,
            before,
            after,
        ),
    ensures
        all_held_right(region.volatile.len() as int, after, rings, entries, held),
        is_grown(held, less),
        rings_only(
            region.volatile.len() as int,
            before,
            after,
            spec_data_start(rings.len() as int, lines),
        ),
        all_held_in(region.volatile, rings, entries, less) && !rings[i].damaged_at(
            region.medium,
            entries[i].tail as int,
            to,
        ) ==> all_held_in(region.volatile, rings, entries, held),
{
    let len = region.volatile.len() as int;
    let (ring, from) = (rings[i], entries[i].tail as int);
    let (at, more) = (from + less[i]@.len(), held[i]@.skip(less[i]@.len() as int));
    assert forall|j: int| 0 <= j < rings.len() implies held_right(
        len,
        after,
        rings[j],
        entries[j].tail as int,
        #[trigger] held[j]@,
    ) by {
        assert(held_right(len, before, rings[j], entries[j].tail as int, less[j]@));
        assert(rings[j].fits(len));
        if i < j {
            assert(rings[i].start + rings[i].capacity <= rings[j].start);
        } else if j < i {
            assert(rings[j].start + rings[j].capacity <= rings[i].start);
        }
        if j != i {
            let other = entries[j].tail as int;
            lemma_held_other(len, before, after, ring, at, more, rings[j], other, less[j]@);
        }
    }
    assert forall|j: int| 0 <= j < held.len() implies less[j]@.len() <= held[j]@.len() && (
    #[trigger] held[j])@.take(less[j]@.len() as int) == less[j]@ by {
        assert(held[j]@.take(less[j]@.len() as int) =~= less[j]@);
    }
    assert forall|image: Seq<u8>, a: int|
        image.len() == len && 0 <= a < spec_data_start(
            rings.len() as int,
            lines,
        ) implies #[trigger] as_read(image, after)[a] == as_read(image, before)[a] by {
        assert(ring.fits(len));
        lemma_as_read_len(image, after);
        assert(ring.same_elsewhere(
            as_read(image, after),
            as_read(image, before),
            at,
            at + more.len(),
        ));
    }
    if all_held_in(region.volatile, rings, entries, less) {
        assert(less[i]@ == ring.bytes(region.volatile, from, from + less[i]@.len()));
        assert forall|j: int| 0 <= j < rings.len() && j != i implies #[trigger] held[j]@
            == rings[j].bytes(
            region.volatile,
            entries[j].tail as int,
            entries[j].tail + held[j]@.len(),
        ) by {
            assert(held[j] == less[j]);
        }
    }
}

/// Whether looking at a change showed that its bytes are there, or that they are not.
pub(super) open spec fn is_decided(
    region: RegionView,
    rings: Seq<Ring>,
    entries: Seq<Entry>,
    c: Change,
    held: Seq<Vec<u8>>,
    after: Seq<Reading>,
    whole: bool,
) -> bool {
    if whole {
        is_shown(rings, entries, held, c)
    } else {
        &&& forall|image: Seq<u8>|
            image.len() == region.volatile.len() ==> !change_in(
                #[trigger] as_read(image, after),
                rings,
                entries,
                c,
            )
        &&& all_held_in(region.volatile, rings, entries, held) ==> !change_in(
            region.volatile,
            rings,
            entries,
            c,
        )
    }
}

/// What looking at a change does. What is held, and what was read, is that of before and that of after.
pub(super) open spec fn looked_at(
    region: RegionView,
    rings: Seq<Ring>,
    entries: Seq<Entry>,
    lines: int,
    c: Change,
    before: (Seq<Vec<u8>>, Seq<Reading>),
    after: (Seq<Vec<u8>>, Seq<Reading>),
    whole: bool,
) -> bool {
    let len = region.volatile.len() as int;
    &&& is_decided(region, rings, entries, c, after.0, after.1, whole)
    &&& all_held_right(len, after.1, rings, entries, after.0)
    &&& is_grown(after.0, before.0)
    &&& rings_only(len, before.1, after.1, spec_data_start(rings.len() as int, lines))
    &&& all_held_in(region.volatile, rings, entries, before.0) && !is_damaged(
        region,
        rings,
        entries,
        c,
    ) ==> all_held_in(region.volatile, rings, entries, after.0)
}

/// Whether the bytes of a change are damaged.
pub(super) open spec fn is_damaged(
    region: RegionView,
    rings: Seq<Ring>,
    entries: Seq<Entry>,
    c: Change,
) -> bool {
    c.log < entries.len() && rings[c.log as int].damaged_at(
        region.medium,
        entries[c.log as int].tail as int,
        c.entry.tail as int,
    )
}

/// Whether the bytes that a change appended are there.
pub(super) fn is_change_whole<R: Region>(
    region: &Guarded<R, Permission>,
    rings: &[Ring],
    entries: &[Entry],
    c: Change,
    held: &mut [Vec<u8>],
    readings: &mut Readings,
    Ghost(lines): Ghost<int>,
) -> (r: Result<bool, IoError>)
    requires
        region.inv(),
        rings_ok(rings@, lines, region@.volatile.len() as int),
        entries@.len() == rings@.len() == old(held)@.len(),
        all_held_right(region@.volatile.len() as int, old(readings)@, rings@, entries@, old(held)@),
    ensures
        r matches Ok(whole) ==> looked_at(
            region@,
            rings@,
            entries@,
            lines,
            c,
            (old(held)@, old(readings)@),
            (final(held)@, final(readings)@),
            whole,
        ),
        r is Err ==> is_damaged(region@, rings@, entries@, c),
{
    let ghost (less, before) = (held@, readings@);
    let ghost len = region@.volatile.len() as int;
    proof {
        assert forall|i: int| 0 <= i < less.len() implies (#[trigger] less[i])@.take(
            less[i]@.len() as int,
        ) == less[i]@ by {
            assert(less[i]@.take(less[i]@.len() as int) =~= less[i]@);
        }
    }
    if c.log >= entries.len() as u64 {
        return Ok(false);
    }
    let i = c.log as usize;
    let (ring, from, to) = (rings[i], entries[i].tail, c.entry.tail);
    if c.entry.head > from || from > to || to - from > CHECK_LIMIT || to - from > ring.capacity {
        return Ok(false);
    }
    proof {
        assert(ring.fits(len));
        assert(held_right(len, before, ring, from as int, less[i as int]@));
    }
    hold_more(region, ring, from, to, &mut held[i], readings)?;
    proof {
        lemma_all_held(
            region@,
            rings@,
            entries@,
            lines,
            less,
            held@,
            before,
            readings@,
            i as int,
            to as int,
        );
        assert(!0u64 == 0xffff_ffff_ffff_ffff) by (bit_vector);
    }
    let n = (to - from) as usize;
    let bytes = slice_subrange(held[i].as_slice(), 0, n);
    let whole = extend_mixed_crc(0, bytes) == c.crc;
    proof {
        assert(bytes@ =~= held@[i as int]@.take(n as int));
        assert forall|image: Seq<u8>| image.len() == len implies whole == change_in(
            #[trigger] as_read(image, readings@),
            rings@,
            entries@,
            c,
        ) by {
            lemma_held_in(image, len, readings@, rings@, entries@, held@);
            lemma_shown(as_read(image, readings@), rings@, entries@, held@, c);
        }
        if all_held_in(region@.volatile, rings@, entries@, held@) {
            lemma_shown(region@.volatile, rings@, entries@, held@, c);
        }
    }
    Ok(whole)
}

} // verus!
