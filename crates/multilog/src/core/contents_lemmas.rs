//! What was read of the metadata is what recovery finds.
use super::appended_lemmas::*;
use super::replay::*;
use super::superblock::*;
use super::switch::*;
use super::*;
use pmem::readings::*;

verus! {

/// Whether an image has this superblock, and journals that say this.
pub(super) open spec fn is_said(image: Seq<u8>, c: Contents) -> bool {
    &&& superblock_is(image, c.id, c.logs(), c.lines)
    &&& c.layout().state(image) == Some(c.journal)
}

/// Whether this was read of the superblock and the journals.
pub(super) open spec fn is_read(region: RegionView, readings: Seq<Reading>, c: Contents) -> bool {
    &&& superblock_read(region, c.id, c.logs(), c.lines)
    &&& open_sound(region) ==> is_said(region.volatile, c)
    &&& forall|image: Seq<u8>|
        image.len() == region.volatile.len() ==> is_said(#[trigger] as_read(image, readings), c)
}

/// What is said is said before the rings.
proof fn lemma_said_same(s: Seq<u8>, t: Seq<u8>, c: Contents)
    requires
        is_said(t, c),
        shape_fits(c.logs(), c.lines, t.len() as int),
        s.len() == t.len(),
        forall|a: int| 0 <= a < spec_data_start(c.logs(), c.lines) ==> #[trigger] s[a] == t[a],
    ensures
        is_said(s, c),
{
    lemma_journal_layout(c.id, c.logs(), c.lines, t.len() as int);
    assert(line(s, 0) =~= line(t, 0));
    assert(line(s, ID_ADDR as int) =~= line(t, ID_ADDR as int));
    c.layout().lemma_state_same(s, t);
}

/// Reading rings leaves what was read of the metadata.
pub(super) proof fn lemma_still_read(
    region: RegionView,
    before: Seq<Reading>,
    after: Seq<Reading>,
    c: Contents,
)
    requires
        is_read(region, before, c),
        rings_only(region.volatile.len() as int, before, after, spec_data_start(c.logs(), c.lines)),
    ensures
        is_read(region, after, c),
{
    assert forall|image: Seq<u8>| image.len() == region.volatile.len() implies is_said(
        #[trigger] as_read(image, after),
        c,
    ) by {
        let (s, t) = (as_read(image, after), as_read(image, before));
        lemma_as_read_len(image, after);
        lemma_as_read_len(image, before);
        lemma_said_same(s, t, c);
    }
}

/// What was read of the metadata of a region that holds logs is its contents.
pub(super) proof fn lemma_contents_read(region: RegionView, readings: Seq<Reading>, c: Contents)
    requires
        is_read(region, readings, c),
        open_sound(region),
        recover(region.volatile) is Some,
    ensures
        c == contents_of(region.volatile),
        holds(region.volatile, c),
{
    let d = contents_of(region.volatile);
    lemma_superblock_unique(region, c.id, c.logs(), c.lines, d);
}

/// Where what `open` returns can be relied on, the bytes that the last commit appended are undamaged.
pub(super) proof fn lemma_appended_sound(region: RegionView, readings: Seq<Reading>, c: Contents)
    requires
        is_read(region, readings, c),
        open_sound(region),
        c.journal.records.len() > 0,
    ensures
        !appended_damaged(region, c.rings(), c.before()->0, c.journal.records.last()),
{
    if recover(region.volatile) is Some {
        lemma_contents_read(region, readings, c);
    } else if found(region.volatile) is Unformatted {
        lemma_not_unformatted(region, c.id, c.logs(), c.lines);
    }
}

/// An error of the device's, where it read the bytes that the last commit appended, is right.
pub(super) proof fn lemma_appended_error(
    region: RegionView,
    readings: Seq<Reading>,
    c: Contents,
    e: OpenError,
)
    requires
        is_read(region, readings, c),
        c.journal.records.len() > 0,
        appended_damaged(region, c.rings(), c.before()->0, c.journal.records.last()),
        e is Io,
    ensures
        error_right(region, e),
{
    if recover(region.volatile) is Some {
        if open_sound(region) {
            lemma_contents_read(region, readings, c);
        } else {
            lemma_unsound_is_damaged(region);
        }
    } else if found(region.volatile) is Unformatted {
        lemma_not_unformatted(region, c.id, c.logs(), c.lines);
    } else {
        let (rings, before) = (c.rings(), c.before()->0);
        let payload = c.journal.records.last();
        let k = choose|k: int| #[trigger] change_damaged(region, rings, before, payload, k);
        let change = change_at(payload, k)->0;
        let i = change.log as int;
        assert(rings[i].damaged_at(region.medium, before[i].tail as int, change.entry.tail as int));
        let b = choose|b: int|
            rings[i].covers(before[i].tail as int, change.entry.tail as int, b / 8)
                && #[trigger] region.medium.damaged.contains(b);
        assert(!Set::<int>::empty().contains(b));
    }
}

/// Refusing metadata that does not hold together is right.
pub(super) proof fn lemma_refused(
    region: RegionView,
    readings: Seq<Reading>,
    c: Contents,
    e: OpenError,
)
    requires
        is_read(region, readings, c),
        open_sound(region) ==> !holds(region.volatile, c),
        e is Corrupt,
    ensures
        error_right(region, e),
{
    if recover(region.volatile) is Some {
        if open_sound(region) {
            lemma_contents_read(region, readings, c);
        } else {
            lemma_unsound_is_damaged(region);
        }
    } else if found(region.volatile) is Unformatted {
        lemma_not_unformatted(region, c.id, c.logs(), c.lines);
    }
}

/// Where a record but the last one has a change of no log, the metadata does not hold together.
pub(super) proof fn lemma_no_before(image: Seq<u8>, c: Contents)
    requires
        c.journal.records.len() > 0,
        c.before() is None,
    ensures
        !holds(image, c),
{
    let records = c.journal.records;
    lemma_replay_none(c.first(), records, records.len() - 1);
}

/// The logs' heads and tails, given whether the last record is whole.
pub(super) proof fn lemma_entries(image: Seq<u8>, c: Contents, whole: bool, before: Seq<Entry>)
    requires
        c.is_whole(image) == whole,
        c.journal.records.len() > 0 ==> c.before() == Some(before),
        c.journal.records.len() == 0 ==> before == c.first(),
    ensures
        before.len() == c.logs(),
        c.entries(image) == if whole && c.journal.records.len() > 0 {
            apply(before, c.journal.records.last())
        } else {
            Some(before)
        },
        c.commit(image) == c.journal.number() - if whole {
            0int
        } else {
            1
        },
{
    let records = c.journal.records;
    lemma_replay_len(c.first(), records.drop_last());
    reveal_with_fuel(replay, 2);
}

/// There are as many entries before the last record as logs.
pub(super) proof fn lemma_before_len(c: Contents)
    ensures
        c.before() matches Some(before) ==> before.len() == c.logs(),
{
    lemma_replay_len(c.first(), c.journal.records.drop_last());
}

} // verus!
