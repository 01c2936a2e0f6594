//! What was read of the journals, as rings, heads and tails.
use super::appended::*;
use super::contents::*;
#[cfg(verus_only)]
use super::contents_lemmas::*;
use super::replay::*;
use super::*;
#[cfg(verus_only)]
use super::{superblock::*, switch::*};
#[cfg(verus_only)]
use pmem::readings::*;

verus! {

/// The rings that a snapshot names. The index of the first one that does not lie behind the one before, if there is one.
fn rings_of(entries: &[[u64; 7]], lines: u64, len: u64) -> (r: Result<Vec<Ring>, u64>)
    requires
        shape_fits(entries@.len() as int, lines as int, len as int),
    ensures
        match r {
            Ok(rings) => {
                &&& rings_ok(rings@, lines as int, len as int)
                &&& rings@ == Seq::new(entries@.len(), |i: int| ring_of(entries@[i]@))
            },
            Err(i) => i < entries@.len() && !rings_ok(
                Seq::new(entries@.len(), |i: int| ring_of(entries@[i]@)),
                lines as int,
                len as int,
            ),
        },
{
    let ghost all = Seq::new(entries@.len(), |i: int| ring_of(entries@[i]@));
    let start = JOURNAL_ADDR + 2 * (64 + 64 * entries.len() as u64 + 64 * lines);
    let mut rings: Vec<Ring> = Vec::with_capacity(entries.len());
    let mut floor = start;
    while rings.len() < entries.len()
        invariant
            shape_fits(entries@.len() as int, lines as int, len as int),
            all == Seq::new(entries@.len(), |i: int| ring_of(entries@[i]@)),
            start == spec_data_start(entries@.len() as int, lines as int),
            rings@.len() <= entries@.len(),
            rings@ == all.take(rings@.len() as int),
            start <= floor <= len,
            forall|i: int|
                0 <= i < rings@.len() ==> (#[trigger] rings@[i]).fits(len as int) && start
                    <= rings@[i].start && rings@[i].start + rings@[i].capacity <= floor,
            forall|i: int, j: int|
                0 <= i < j < rings@.len() ==> #[trigger] rings@[i].start + rings@[i].capacity
                    <= #[trigger] rings@[j].start,
            floor == start || rings@.len() > 0 && floor == rings@[rings@.len() - 1].start
                + rings@[rings@.len() - 1].capacity,
        decreases entries@.len() - rings@.len(),
    {
        let i = rings.len();
        let words = entries[i];
        let ring = Ring { start: words[0], capacity: words[1] };
        assert(all[i as int] == ring);
        if ring.start < floor || ring.capacity == 0 || ring.start > len || ring.capacity > len
            - ring.start {
            proof {
                if rings_ok(all, lines as int, len as int) {
                    assert(all[i as int].fits(len as int));
                    if i > 0 {
                        assert(all[i - 1] == rings@[i - 1]);
                        assert(all[i - 1].start + all[i - 1].capacity <= all[i as int].start);
                    }
                }
            }
            return Err(i as u64);
        }
        floor = ring.start + ring.capacity;
        rings.push(ring);
        assert(rings@ =~= all.take(rings@.len() as int));
    }
    assert(rings@ =~= all);
    Ok(rings)
}

/// The heads and tails that a snapshot names.
fn entries_of(entries: &[[u64; 7]]) -> (r: Vec<Entry>)
    ensures
        r@ == Seq::new(entries@.len(), |i: int| entry_of(entries@[i]@)),
{
    let ghost all = Seq::new(entries@.len(), |i: int| entry_of(entries@[i]@));
    let mut r: Vec<Entry> = Vec::with_capacity(entries.len());
    while r.len() < entries.len()
        invariant
            all == Seq::new(entries@.len(), |i: int| entry_of(entries@[i]@)),
            r@.len() <= entries@.len(),
            r@ == all.take(r@.len() as int),
        decreases entries@.len() - r@.len(),
    {
        let words = entries[r.len()];
        r.push(Entry { head: words[2], tail: words[3] });
        assert(r@ =~= all.take(r@.len() as int));
    }
    assert(r@ =~= all);
    r
}

/// The first log whose head and tail make no sense.
fn first_senseless(entries: &[Entry], rings: &[Ring]) -> (r: Option<usize>)
    requires
        entries@.len() == rings@.len(),
    ensures
        match r {
            Some(i) => i < rings@.len() && !entries_ok(entries@, rings@),
            None => entries_ok(entries@, rings@),
        },
{
    let mut i: usize = 0;
    while i < rings.len()
        invariant
            i <= rings@.len() == entries@.len(),
            forall|k: int| 0 <= k < i ==> entry_ok(#[trigger] entries@[k], rings@[k]),
        decreases rings@.len() - i,
    {
        let entry = entries[i];
        if entry.head > entry.tail || entry.tail - entry.head > rings[i].capacity {
            assert(!entry_ok(entries@[i as int], rings@[i as int]));
            return Some(i);
        }
        i += 1;
    }
    None
}

/// The entry of a log, as a corrupt part. Elsewhere, an error names the records.
fn senseless(layout: &JournalLayout, live: Journal, log: Option<u64>, Ghost(len): Ghost<int>) -> (r:
    OpenError)
    requires
        layout.fits(len),
        log matches Some(i) ==> i < layout.entries,
    ensures
        r is Corrupt,
{
    let start = match live {
        Journal::A => layout.a,
        Journal::B => layout.b,
    };
    let corruption = match log {
        Some(log) => Corruption { part: Part::Entry { log }, address: start + LINE + LINE * log },
        None => Corruption {
            part: Part::Records { len: layout.len - layout.records },
            address: start + layout.records,
        },
    };
    OpenError::Corrupt(corruption)
}

/// The logs' heads and tails as of the last commit, and its number.
struct Replayed {
    entries: Vec<Entry>,
    last_commit: u64,
}

impl Replayed {
    /// Whether an image says this.
    spec fn is_in(self, image: Seq<u8>, c: Contents) -> bool {
        &&& c.entries(image) == Some(self.entries@)
        &&& c.commit(image) == self.last_commit
    }
}

/// Why records make no heads and tails.
enum ReplayError {
    /// One of their changes is of no log.
    NoSuchLog,
    /// The device could not read.
    Io(IoError),
}

/// What replaying the records does.
spec fn replay_post(
    region: RegionView,
    c: Contents,
    before: Seq<Reading>,
    after: Seq<Reading>,
    r: Result<Replayed, ReplayError>,
) -> bool {
    match r {
        Ok(replayed) => {
            &&& is_read(region, after, c)
            &&& replayed.entries@.len() == c.logs()
            &&& replayed.last_commit <= c.journal.number()
            &&& open_sound(region) ==> replayed.is_in(region.volatile, c)
            &&& forall|image: Seq<u8>|
                image.len() == region.volatile.len() ==> replayed.is_in(
                    #[trigger] as_read(image, after),
                    c,
                )
        },
        Err(ReplayError::NoSuchLog) => open_sound(region) ==> !holds(region.volatile, c),
        Err(ReplayError::Io(e)) => error_right(region, OpenError::Io(e)),
    }
}

/// Looks at the last record, behind the entries that the others make.
fn replay_last<R: Region>(
    region: &Guarded<R, Permission>,
    journal: &JournalContents,
    rings: &[Ring],
    before: Vec<Entry>,
    readings: &mut Readings,
    Ghost(c): Ghost<Contents>,
) -> (r: Result<Replayed, ReplayError>)
    requires
        region.inv(),
        is_read(region@, old(readings)@, c),
        c.journal == journal.state(),
        c.rings() == rings@,
        rings_ok(rings@, c.lines, region@.volatile.len() as int),
        0 < journal.records@.len() <= journal.number,
        c.before() == Some(before@),
    ensures
        replay_post(region@, c, old(readings)@, final(readings)@, r),
{
    let ghost (view, old_readings) = (region@, readings@);
    let last = &journal.records[journal.records.len() - 1];
    proof {
        lemma_before_len(c);
        assert(c.journal.records.last() == last@);
    }
    let whole = match is_record_whole(
        region,
        rings,
        before.as_slice(),
        last.as_slice(),
        readings,
        Ghost(c.lines),
    ) {
        Ok(whole) => whole,
        Err(e) => {
            proof {
                lemma_appended_error(view, old_readings, c, OpenError::Io(e));
            }
            return Err(ReplayError::Io(e));
        },
    };
    let ghost was = before@;
    proof {
        lemma_still_read(view, old_readings, readings@, c);
        if open_sound(view) {
            lemma_appended_sound(view, old_readings, c);
            lemma_entries(view.volatile, c, whole, was);
        }
        assert forall|image: Seq<u8>| image.len() == view.volatile.len() implies c.entries(
            #[trigger] as_read(image, readings@),
        ) == (if whole {
            apply(was, last@)
        } else {
            Some(was)
        }) && c.commit(as_read(image, readings@)) == c.journal.number() - if whole {
            0int
        } else {
            1
        } by {
            lemma_entries(as_read(image, readings@), c, whole, was);
        }
    }
    let mut entries = before;
    if !whole {
        return Ok(Replayed { entries, last_commit: journal.number - 1 });
    }
    if !apply_record(entries.as_mut_slice(), last.as_slice()) {
        return Err(ReplayError::NoSuchLog);
    }
    proof {
        lemma_replay_len(c.first(), c.journal.records);
        assert(replay(c.first(), c.journal.records) == Some(entries@));
    }
    Ok(Replayed { entries, last_commit: journal.number })
}

/// Replays the records.
fn replay_all<R: Region>(
    region: &Guarded<R, Permission>,
    journal: &JournalContents,
    rings: &[Ring],
    first: Vec<Entry>,
    readings: &mut Readings,
    Ghost(c): Ghost<Contents>,
) -> (r: Result<Replayed, ReplayError>)
    requires
        region.inv(),
        is_read(region@, old(readings)@, c),
        c.journal == journal.state(),
        c.rings() == rings@,
        c.first() == first@,
        rings_ok(rings@, c.lines, region@.volatile.len() as int),
        journal.records@.len() <= journal.number,
    ensures
        replay_post(region@, c, old(readings)@, final(readings)@, r),
{
    let ghost view = region@;
    let count = journal.records.len();
    if count == 0 {
        proof {
            lemma_entries(view.volatile, c, true, first@);
            assert forall|image: Seq<u8>| image.len() == view.volatile.len() implies c.entries(
                #[trigger] as_read(image, readings@),
            ) == Some(first@) && c.commit(as_read(image, readings@)) == c.journal.number() by {
                lemma_entries(as_read(image, readings@), c, true, first@);
            }
        }
        return Ok(Replayed { entries: first, last_commit: journal.number });
    }
    proof {
        assert(c.journal.records.drop_last() =~= c.journal.records.take(count - 1));
    }
    match replay_first(first, journal.records.as_slice(), count - 1) {
        Some(before) => replay_last(region, journal, rings, before, readings, Ghost(c)),
        None => {
            proof {
                lemma_no_before(view.volatile, c);
            }
            Err(ReplayError::NoSuchLog)
        },
    }
}

/// What the metadata says, if what was read of the journals holds together.
pub(super) fn interpret<R: Region>(
    region: &Guarded<R, Permission>,
    id: RegionId,
    lines: u64,
    journal: JournalContents,
    readings: &mut Readings,
) -> (r: Result<Stored, OpenError>)
    requires
        region.inv(),
        ({
            let c = Contents { id, lines: lines as int, journal: journal.state() };
            &&& is_read(region@, old(readings)@, c)
            &&& journal_wf(journal, c.layout())
            &&& c.logs() == c.layout().entries
            &&& open_sound(region@) ==> journal.is_in(region@.volatile, c.layout())
        }),
    ensures
        r matches Ok(stored) ==> stored.is_right(region@, final(readings)@),
        r matches Err(e) ==> error_right(region@, e),
{
    let ghost (view, read) = (region@, readings@);
    let ghost c = Contents { id, lines: lines as int, journal: journal.state() };
    let len = region.get().len();
    let logs = journal.entries.len() as u64;
    let live = journal.live;
    proof {
        region.lemma_inv();
        lemma_journal_layout(id, c.logs(), c.lines, len as int);
    }
    let layout = journal_layout(id, logs, lines, Ghost(len as int));
    let rings = match rings_of(journal.entries.as_slice(), lines, len) {
        Ok(rings) => rings,
        Err(log) => {
            let e = senseless(&layout, live, Some(log), Ghost(len as int));
            proof {
                lemma_snapshot_read(journal, c);
                lemma_refused(view, read, c, e);
            }
            return Err(e);
        },
    };
    let first = entries_of(journal.entries.as_slice());
    proof {
        lemma_snapshot_read(journal, c);
    }
    let replayed = match replay_all(region, &journal, rings.as_slice(), first, readings, Ghost(c)) {
        Ok(replayed) => replayed,
        Err(ReplayError::NoSuchLog) => {
            let e = senseless(&layout, live, None, Ghost(len as int));
            proof {
                lemma_refused(view, read, c, e);
            }
            return Err(e);
        },
        Err(ReplayError::Io(e)) => return Err(OpenError::Io(e)),
    };
    if let Some(log) = first_senseless(replayed.entries.as_slice(), rings.as_slice()) {
        let e = senseless(&layout, live, Some(log as u64), Ghost(len as int));
        proof {
            lemma_refused(view, read, c, e);
        }
        return Err(e);
    }
    proof {
        assert forall|image: Seq<u8>| image.len() == len implies holds(
            #[trigger] as_read(image, readings@),
            c,
        ) by {
            lemma_as_read_len(image, readings@);
            assert(replayed.is_in(as_read(image, readings@), c));
        }
    }
    let last_commit = replayed.last_commit;
    Ok(Stored { id, lines, journal, rings, entries: replayed.entries, last_commit })
}

/// The rings, and the entries before all records, are those of the journal's entries.
proof fn lemma_snapshot_read(journal: JournalContents, c: Contents)
    requires
        c.journal == journal.state(),
    ensures
        c.rings() == Seq::new(journal.entries@.len(), |i: int| ring_of(journal.entries@[i]@)),
        c.first() == Seq::new(journal.entries@.len(), |i: int| entry_of(journal.entries@[i]@)),
{
    assert(c.rings() =~= Seq::new(journal.entries@.len(), |i: int| ring_of(journal.entries@[i]@)));
    assert(c.first() =~= Seq::new(journal.entries@.len(), |i: int| entry_of(journal.entries@[i]@)));
}

} // verus!
