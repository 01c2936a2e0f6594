//! Reading all metadata of a region that may hold anything.
#[cfg(verus_only)]
use super::contents_lemmas::*;
use super::interpret::*;
#[cfg(verus_only)]
use super::superblock::*;
use super::*;
#[cfg(verus_only)]
use pmem::readings::*;

verus! {

/// What the metadata of a region says.
pub(super) struct Stored {
    pub(super) id: RegionId,
    pub(super) lines: u64,
    pub(super) journal: JournalContents,
    pub(super) rings: Vec<Ring>,
    /// The logs' heads and tails as of the last commit.
    pub(super) entries: Vec<Entry>,
    /// The number of the last commit.
    pub(super) last_commit: u64,
}

impl Stored {
    /// What the metadata says.
    pub(super) open spec fn contents(self) -> Contents {
        Contents { id: self.id, lines: self.lines as int, journal: self.journal.state() }
    }

    /// Whether an image says this.
    pub(super) open spec fn is_in(self, image: Seq<u8>) -> bool {
        let c = self.contents();
        &&& holds(image, c)
        &&& c.rings() == self.rings@
        &&& c.entries(image) == Some(self.entries@)
        &&& c.commit(image) == self.last_commit
    }

    /// Whether this makes sense, whatever the medium is like.
    pub(super) open spec fn wf(self, region_len: int) -> bool {
        let layout = self.contents().layout();
        &&& rings_ok(self.rings@, self.lines as int, region_len)
        &&& entries_ok(self.entries@, self.rings@)
        &&& self.contents().logs() == self.rings@.len()
        &&& self.last_commit <= self.journal.number < MARK
        &&& self.journal.tail % 64 == 0
        &&& layout.first(self.journal.live) <= self.journal.tail <= layout.end(self.journal.live)
    }

    /// Whether this is what was read of a region.
    pub(super) open spec fn is_right(self, region: RegionView, readings: Seq<Reading>) -> bool {
        &&& self.wf(region.volatile.len() as int)
        &&& open_sound(region) ==> {
            &&& self.is_in(region.volatile)
            &&& self.journal.is_in(region.volatile, self.contents().layout())
        }
        &&& forall|image: Seq<u8>|
            image.len() == region.volatile.len() ==> self.is_in(#[trigger] as_read(image, readings))
    }
}

/// Where the journals lie is known, and what was read of them makes sense.
pub(super) open spec fn journal_wf(journal: JournalContents, layout: JournalLayout) -> bool {
    &&& journal.number < MARK
    &&& journal.records@.len() <= journal.number
    &&& journal.tail % 64 == 0
    &&& layout.first(journal.live) <= journal.tail <= layout.end(journal.live)
    &&& journal.entries@.len() == layout.entries
}

/// An error of the journals', as one of opening.
fn journal_error(e: JournalError) -> (r: OpenError)
    ensures
        e is Io == r is Io,
        match e {
            JournalError::Selector => r == OpenError::Corrupt(
                Corruption { part: Part::Selector, address: SELECTOR_ADDR },
            ),
            JournalError::Header { address } => r == OpenError::Corrupt(
                Corruption { part: Part::Header, address },
            ),
            JournalError::Entry { index, address } => r == OpenError::Corrupt(
                Corruption { part: Part::Entry { log: index }, address },
            ),
            JournalError::Records { address, len } => r == OpenError::Corrupt(
                Corruption { part: Part::Records { len }, address },
            ),
            JournalError::Io(_) => true,
        },
{
    let (part, address) = match e {
        JournalError::Io(e) => return OpenError::Io(e),
        JournalError::Selector => (Part::Selector, SELECTOR_ADDR),
        JournalError::Header { address } => (Part::Header, address),
        JournalError::Entry { index, address } => (Part::Entry { log: index }, address),
        JournalError::Records { address, len } => (Part::Records { len }, address),
    };
    OpenError::Corrupt(Corruption { part, address })
}

/// Where what `open` returns can be relied on, so can what is read of the journals.
proof fn lemma_trustworthy(
    region: RegionView,
    id: RegionId,
    logs: int,
    lines: int,
    layout: JournalLayout,
)
    requires
        superblock_read(region, id, logs, lines),
        layout == spec_journal_layout(id, logs, lines),
        open_sound(region),
    ensures
        layout.trustworthy(region),
        recover(region.volatile) is Some ==> layout.state(region.volatile) is Some,
{
    if recover(region.volatile) is Some {
        lemma_superblock_unique(region, id, logs, lines, contents_of(region.volatile));
    } else if found(region.volatile) is Unformatted {
        lemma_not_unformatted(region, id, logs, lines);
    }
}

/// The journals' errors are right.
proof fn lemma_journal_error(
    region: RegionView,
    id: RegionId,
    logs: int,
    lines: int,
    layout: JournalLayout,
    e: JournalError,
    r: OpenError,
)
    requires
        superblock_read(region, id, logs, lines),
        layout == spec_journal_layout(id, logs, lines),
        layout.error_is_right(region, e),
        call_ensures(journal_error, (e,), r),
    ensures
        error_right(region, r),
{
    let end = spec_data_start(logs, lines);
    lemma_journal_layout(id, logs, lines, region.volatile.len() as int);
    if e is Io {
        let (selector, extent) = (layout.selector as int, layout.extent());
        lemma_metadata_damaged(region, id, logs, lines, selector, extent);
    }
    if recover(region.volatile) is Some {
        if open_sound(region) {
            lemma_trustworthy(region, id, logs, lines, layout);
            lemma_journals_damaged(region.medium, layout, end);
            lemma_metadata_damaged(region, id, logs, lines, 0, end);
        } else {
            lemma_unsound_is_damaged(region);
        }
    } else if found(region.volatile) is Unformatted {
        lemma_not_unformatted(region, id, logs, lines);
    }
}

/// Reads the journals.
fn read_journal<R: Region>(
    region: &Guarded<R, Permission>,
    id: RegionId,
    logs: u64,
    lines: u64,
    readings: &mut Readings,
) -> (r: Result<JournalContents, OpenError>)
    requires
        region.inv(),
        superblock_read(region@, id, logs as int, lines as int),
        superblock_in_readings(
            region@.volatile.len() as int,
            old(readings)@,
            id,
            logs as int,
            lines as int,
        ),
    ensures
        r matches Ok(journal) ==> {
            let c = Contents { id, lines: lines as int, journal: journal.state() };
            &&& c.logs() == logs
            &&& journal_wf(journal, c.layout())
            &&& is_read(region@, final(readings)@, c)
            &&& open_sound(region@) ==> journal.is_in(region@.volatile, c.layout())
        },
        r matches Err(e) ==> error_right(region@, e),
{
    let ghost view = region@;
    let ghost (len, before) = (view.volatile.len() as int, readings@);
    proof {
        region.lemma_inv();
        lemma_journal_layout(id, logs as int, lines as int, len);
        if open_sound(view) {
            let layout = spec_journal_layout(id, logs as int, lines as int);
            lemma_trustworthy(view, id, logs as int, lines as int, layout);
        }
    }
    let layout = journal_layout(id, logs, lines, Ghost(len));
    match layout.read::<R, Permission>(region, readings) {
        Ok(journal) => {
            proof {
                let c = Contents { id, lines: lines as int, journal: journal.state() };
                assert(c.layout() == layout);
                assert forall|image: Seq<u8>| image.len() == len implies is_said(
                    #[trigger] as_read(image, readings@),
                    c,
                ) by {
                    let (s, t) = (as_read(image, readings@), as_read(image, before));
                    lemma_as_read_len(image, before);
                    assert(journal.is_in(s, layout));
                    assert(superblock_is(t, id, logs as int, lines as int));
                    assert(line(s, 0) =~= line(t, 0));
                    assert(line(s, ID_ADDR as int) =~= line(t, ID_ADDR as int));
                }
            }
            Ok(journal)
        },
        Err(e) => {
            let r = journal_error(e);
            proof {
                lemma_journal_error(view, id, logs as int, lines as int, layout, e, r);
            }
            Err(r)
        },
    }
}

impl Stored {
    /// Reads all metadata of a region that may hold anything.
    pub(super) fn read<R: Region>(region: &Guarded<R, Permission>, readings: &mut Readings) -> (r:
        Result<Stored, OpenError>)
        requires
            region.inv(),
            region@.volatile.len() >= MIN_LEN,
        ensures
            r matches Ok(stored) ==> stored.is_right(region@, final(readings)@),
            r matches Err(e) ==> error_right(region@, e),
    {
        let (id, logs, lines) = Core::read_superblock(region, readings)?;
        let journal = read_journal(region, id, logs, lines, readings)?;
        interpret(region, id, lines, journal, readings)
    }

    /// The address of the live journal's header, or of a log's entry in it.
    pub(super) fn address_of(&self, part: Part, Ghost(len): Ghost<int>) -> u64
        requires
            self.wf(len),
            part matches Part::Entry { log } ==> log < self.rings@.len(),
    {
        proof {
            lemma_journal_layout(self.id, self.rings@.len() as int, self.lines as int, len);
        }
        let layout = journal_layout(self.id, self.rings.len() as u64, self.lines, Ghost(len));
        let start = match self.journal.live {
            Journal::A => layout.a,
            Journal::B => layout.b,
        };
        match part {
            Part::Entry { log } => start + LINE + LINE * log,
            _ => start,
        }
    }
}

} // verus!
