//! The code behind the gate. Nothing in here is trusted.
mod append_record;
mod appended;
#[cfg(verus_only)]
mod appended_lemmas;
mod check;
mod commit;
#[cfg(verus_only)]
mod commit_lemmas;
mod contents;
#[cfg(verus_only)]
mod contents_lemmas;
mod create;
mod encode;
mod entries;
pub(crate) mod gather;
mod held;
mod in_use;
mod interpret;
mod metadata;
mod open;
mod read;
mod replay;
mod stage;
mod stage_moves;
mod superblock;
mod switch;
mod write;

use crate::changes::*;
use crate::errors::*;
use crate::layout::*;
use crate::records::format::Prefix;
#[cfg(verus_only)]
use crate::trusted::contract::*;
use crate::trusted::gate::Permission;
use crate::trusted::state::*;
use entries::*;
use pmem::append::*;
use pmem::journal::*;
use pmem::region_id::RegionId;
use pmem::ring::Ring;
use pmem::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use pmem::{codeword::*, damage::*, image::*, ring::*, trusted::collision::*, trusted::crc::*};
use vstd::prelude::*;

verus! {

/// What is in memory of an open collection.
pub(crate) struct Core {
    id: RegionId,
    rings: Vec<Ring>,
    cursors: Vec<Cursor>,
    /// Room for the bytes of a small record, kept from one to the next.
    scratch: Vec<u8>,
    /// Of the last record.
    prefix: Prefix,
    /// How many lines each journal has for records.
    lines: u64,
    /// The most bytes of a log whose CRC a commit's record has.
    check_limit: u64,
    /// The number of the last commit. A record that was dropped when the collection was opened does not count.
    last_commit: u64,
    entries: Entries,
    journals: Journals,
    /// The payload of the last commit's record, in a buffer that is used again.
    payload: Vec<u8>,
    /// The entries of the last snapshot, likewise.
    words: Vec<[u64; 7]>,
    failed: bool,
}

impl Core {
    /// Where the logs' positions lie.
    pub(crate) closed spec fn rings(&self) -> Seq<Ring> {
        self.rings@
    }

    /// What the live metadata says.
    closed spec fn contents(&self) -> Contents {
        Contents { id: self.id, lines: self.lines as int, journal: self.journals.state() }
    }

    /// The committed state, as the image has it.
    pub(crate) closed spec fn committed_state(&self, image: Seq<u8>) -> State {
        state_of(
            image,
            self.id,
            self.lines as int,
            self.rings@,
            self.entries.committed(),
            self.last_commit as int,
        )
    }

    /// The staged state, as the image has it.
    closed spec fn staged_state(&self, image: Seq<u8>) -> State {
        let commit = if self.entries.nothing_staged() {
            self.last_commit as int
        } else {
            self.last_commit + 1
        };
        state_of(image, self.id, self.lines as int, self.rings@, self.entries.staged(), commit)
    }

    /// Whether a staged entry makes sense beside the committed one: what is appended does not reach what is
    /// committed, although its head may have been advanced.
    closed spec fn staged_ok(committed: Entry, staged: Entry, ring: Ring) -> bool {
        &&& committed.head <= staged.head <= staged.tail
        &&& staged.tail - committed.head <= ring.capacity
    }

    /// Whether the CRCs of what is staged behind the committed tails are right.
    closed spec fn appended_right(&self, image: Seq<u8>) -> bool {
        forall|i: int|
            0 <= i < self.rings@.len() ==> Self::crc_right(
                image,
                self.rings@[i],
                self.entries.committed()[i],
                self.entries.staged()[i],
                #[trigger] self.entries.appended()[i],
            )
    }

    /// Whether the CRC of what is staged behind a log's committed tail is right.
    closed spec fn crc_right(
        image: Seq<u8>,
        ring: Ring,
        committed: Entry,
        staged: Entry,
        appended: Appended,
    ) -> bool {
        appended.checked && committed.tail <= staged.tail ==> {
            &&& staged.tail - committed.tail <= CHECK_LIMIT
            &&& appended.crc == mixed_crc(
                ring.bytes(image, committed.tail as int, staged.tail as int),
            )
        }
    }

    /// Whether what is remembered of each ring is so.
    closed spec fn cursors_right(&self, image: Seq<u8>) -> bool {
        forall|i: int|
            0 <= i < self.rings@.len() ==> #[trigger] self.cursors@[i].right(self.rings@[i], image)
    }

    /// It is about the rings only.
    proof fn lemma_cursors_same(&self, s: Seq<u8>, t: Seq<u8>)
        requires
            rings_ok(self.rings@, self.lines as int, t.len() as int),
            self.cursors_right(t),
            s.len() == t.len(),
            forall|a: int|
                spec_data_start(self.rings@.len() as int, self.lines as int) <= a < s.len()
                    ==> #[trigger] s[a] == t[a],
        ensures
            self.cursors_right(s),
    {
        assert forall|i: int| 0 <= i < self.rings@.len() implies #[trigger] self.cursors@[i].right(
            self.rings@[i],
            s,
        ) by {
            assert(self.rings@[i].fits(t.len() as int));
            self.cursors@[i].lemma_same(self.rings@[i], s, t);
        }
    }

    /// Nothing is remembered at first.
    fn first_cursors(rings: &[Ring], Ghost(lines): Ghost<int>, Ghost(len): Ghost<int>) -> (r: Vec<
        Cursor,
    >)
        requires
            rings_ok(rings@, lines, len),
        ensures
            r@.len() == rings@.len(),
            forall|i: int, image: Seq<u8>|
                0 <= i < rings@.len() ==> #[trigger] r@[i].right(rings@[i], image),
    {
        let first = Cursor::unknown();
        let cursors: Vec<Cursor> = vec![first; rings.len()];
        proof {
            assert forall|i: int, image: Seq<u8>|
                0 <= i < rings@.len() implies #[trigger] cursors@[i].right(rings@[i], image) by {
                assert(rings@[i].fits(len));
                assert(cursors@[i] == first);
            }
        }
        cursors
    }

    /// The most bytes of a log whose CRC a commit's record has.
    fn check_limit_of<R: Region>(region: &Guarded<R, Permission>) -> (r: u64)
        requires
            region.inv(),
        ensures
            r <= CHECK_LIMIT,
    {
        if region.get().borrow(0, 0).is_some() {
            MAPPED_CHECK_LIMIT
        } else {
            CHECK_LIMIT
        }
    }

    /// Exchanges the room for the bytes of a small record.
    #[inline(always)]
    pub(crate) fn swap_scratch(&mut self, bytes: &mut Vec<u8>)
        ensures
            forall|region: RegionView, view: MultiLogView| #[trigger]
                final(self).inv(region, view) == old(self).inv(region, view),
    {
        core::mem::swap(&mut self.scratch, bytes);
    }

    /// Whether there is such a log, and the device is mapped into memory where it is.
    #[inline(always)]
    pub(crate) fn is_mapped<R: Region>(
        &self,
        region: &Guarded<R, Permission>,
        log: u64,
        Ghost(view): Ghost<MultiLogView>,
    ) -> bool
        requires
            region.inv(),
            self.inv(region@, view),
    {
        log < self.rings.len() as u64 && self.rings[log as usize].is_mapped(region)
    }

    /// What the CRCs of a log's records begin with.
    #[inline(always)]
    pub(crate) fn record_prefix(
        &mut self,
        log: u64,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Prefix)
        requires
            old(self).inv(region, view),
        ensures
            final(self).inv(region, view),
            r.right(),
            r.id@ == view.committed.id,
            r.log == log,
    {
        if self.prefix.log != log {
            self.prefix = Prefix::of(self.id, log);
        }
        self.prefix
    }

    /// Whether the bytes that the last record has CRCs of are in use, so that it stays whole when others are written.
    closed spec fn last_in_use(&self) -> bool {
        let c = self.contents();
        c.journal.records.len() > 0 ==> forall|k: int|
            0 <= k < c.journal.records.last().len() / 32 ==> (#[trigger] change_at(
                c.journal.records.last(),
                k,
            ) matches Some(change) ==> self.change_in_use(c.before()->0, change))
    }

    /// Whether the bytes that a change has a CRC of are in use. `before` are the entries before the change.
    closed spec fn change_in_use(&self, before: Seq<Entry>, change: Change) -> bool {
        let i = change.log as int;
        change.checked && i < self.rings@.len() ==> {
            &&& self.entries.committed()[i].head <= before[i].tail
            &&& change.entry.tail <= self.entries.committed()[i].tail
        }
    }

    /// What is in memory makes sense.
    closed spec fn wf(&self, region_len: int) -> bool {
        &&& self.prefix.right()
        &&& self.prefix.id@ == self.id
        &&& self.check_limit <= CHECK_LIMIT
        &&& self.entries.wf()
        &&& rings_ok(self.rings@, self.lines as int, region_len)
        &&& self.journals.layout() == spec_journal_layout(
            self.id,
            self.rings@.len() as int,
            self.lines as int,
        )
        &&& !self.failed ==> {
            &&& self.last_commit <= self.journals.number()
            &&& self.journals.is_quiet() ==> self.last_commit == self.journals.number()
            &&& self.journals.is_quiet() && self.journals.sound() ==> self.last_in_use()
        }
        &&& self.cursors@.len() == self.rings@.len()
        &&& entries_ok(self.entries.committed(), self.rings@)
        &&& forall|i: int|
            0 <= i < self.rings@.len() ==> Self::staged_ok(
                self.entries.committed()[i],
                #[trigger] self.entries.staged()[i],
                self.rings@[i],
            )
    }

    /// Whether an image says what is in memory.
    closed spec fn says(&self, image: Seq<u8>) -> bool {
        let c = self.contents();
        &&& self.journals.inv(image)
        &&& holds(image, c)
        &&& c.rings() == self.rings@
        &&& c.entries(image) == Some(self.entries.committed())
        &&& c.commit(image) == self.last_commit
        &&& self.journals.is_quiet() ==> c.is_whole(image)
    }

    /// What is in memory, what is on the medium and the abstract state belong together.
    pub(crate) closed spec fn inv(&self, region: RegionView, view: MultiLogView) -> bool {
        &&& self.wf(region.volatile.len() as int)
        &&& region.durable.len() == region.volatile.len()
        &&& self.failed == view.failed
        &&& self.failed == region.failed
        &&& view.sound == self.journals.sound()
        &&& view.rings == self.rings@
        &&& view.medium == region.medium
        &&& view.committed == self.committed_state(region.volatile)
        &&& view.staged == self.staged_state(region.volatile)
        &&& !self.failed ==> {
            &&& self.journals.inv(region.volatile)
            &&& self.journals.inv(region.durable)
            &&& self.cursors_right(region.volatile)
            &&& self.appended_right(region.volatile)
            &&& view.sound ==> {
                &&& self.says(region.volatile)
                &&& self.says(region.durable)
                &&& view.committed == self.committed_state(region.durable)
            }
        }
    }

    /// What the gate relies on.
    pub(crate) open spec fn gate_inv(&self, region: RegionView, view: MultiLogView) -> bool {
        &&& view.failed == region.failed
        &&& view.sound && !view.failed ==> recover(region.durable) == Some(view.committed)
    }

    /// What the gate relies on follows from what the code behind it does.
    pub(crate) proof fn lemma_gate(&self, region: RegionView, view: MultiLogView)
        requires
            self.inv(region, view),
        ensures
            self.gate_inv(region, view),
    {
        if view.sound && !view.failed {
            self.lemma_durable(region, view);
        }
    }

    /// Each log has a place.
    pub(crate) proof fn lemma_rings(&self, region: RegionView, view: MultiLogView)
        requires
            self.inv(region, view),
        ensures
            view.rings.len() == view.committed.logs.len(),
    {
    }

    /// Where nothing is staged, nothing is appended.
    proof fn lemma_nothing_appended(&self, image: Seq<u8>)
        requires
            self.entries.wf(),
            self.entries.nothing_staged(),
            self.entries.committed().len() == self.rings@.len(),
        ensures
            self.appended_right(image),
    {
        self.entries.lemma_wf();
        assert forall|i: int| 0 <= i < self.rings@.len() implies Self::crc_right(
            image,
            self.rings@[i],
            self.entries.committed()[i],
            self.entries.staged()[i],
            #[trigger] self.entries.appended()[i],
        ) by {
            let (ring, tail) = (self.rings@[i], self.entries.committed()[i].tail as int);
            pmem::crc::mixed::lemma_mixed_nothing(ring.bytes(image, tail, tail));
        }
    }

    /// What a crash leaves while nothing is being committed, and what is written then.
    pub(crate) proof fn lemma_durable(&self, region: RegionView, view: MultiLogView)
        requires
            self.inv(region, view),
            view.sound,
            !view.failed,
        ensures
            recover(region.durable) == Some(view.committed),
            recover(region.volatile) == Some(view.committed),
    {
        lemma_recover(region.durable, self.contents());
        lemma_recover(region.volatile, self.contents());
    }

    /// Behind the gate.
    pub(crate) fn abort(
        &mut self,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    )
        requires
            old(self).inv(region, view),
        ensures
            final(self).inv(region, MultiLogView { staged: view.committed, ..view }),
    {
        self.entries.end(false);
        proof {
            self.entries.lemma_wf();
            if !self.failed {
                self.lemma_nothing_appended(region.volatile);
            }
        }
    }

    /// Behind the gate.
    #[inline(always)]
    pub(crate) fn info(
        &self,
        log: u64,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Option<LogInfo>)
        requires
            self.inv(region, view),
        ensures
            info_post(view, log, r),
    {
        if log >= self.rings.len() as u64 {
            return None;
        }
        proof {
            self.entries.lemma_wf();
        }
        let i = log as usize;
        let committed = self.entries.get_committed(i);
        let staged = self.entries.get_staged(i);
        let capacity = self.rings[i].capacity;
        assert(entry_ok(committed, self.rings@[i as int]));
        assert(Self::staged_ok(committed, staged, self.rings@[i as int]));
        Some(
            LogInfo {
                head: committed.head,
                tail: committed.tail,
                staged_head: staged.head,
                staged_tail: staged.tail,
                capacity,
                free: capacity - (staged.tail - committed.head),
            },
        )
    }

    /// Behind the gate.
    #[inline(always)]
    pub(crate) fn log_count(
        &self,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: u64)
        requires
            self.inv(region, view),
        ensures
            r == view.committed.logs.len(),
    {
        self.rings.len() as u64
    }

    /// Behind the gate.
    #[inline(always)]
    pub(crate) fn region_id(
        &self,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: RegionId)
        requires
            self.inv(region, view),
        ensures
            r == view.committed.id,
    {
        self.id
    }

    /// Behind the gate.
    #[inline(always)]
    pub(crate) fn is_failed(
        &self,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: bool)
        requires
            self.inv(region, view),
        ensures
            r == view.failed,
    {
        self.failed
    }

    /// Where the logs' positions lie.
    pub(crate) fn ring_places(
        &self,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: &[Ring])
        requires
            self.inv(region, view),
        ensures
            r@ == view.rings,
    {
        self.rings.as_slice()
    }
}

} // verus!
