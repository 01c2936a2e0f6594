//! The code behind the gate. Nothing in here is trusted.
mod commit;
mod create;
pub(crate) mod gather;
mod open;
mod read;
mod stage;
mod stage_moves;
mod superblock;
mod write;

use crate::errors::*;
use crate::layout::*;
use crate::records::format::Prefix;
#[cfg(verus_only)]
use crate::trusted::contract::*;
use crate::trusted::gate::Permission;
use crate::trusted::state::*;
use pmem::append::*;
use pmem::codeword::Payload;
use pmem::codewords::*;
use pmem::region_id::RegionId;
use pmem::ring::Ring;
use pmem::table::*;
use pmem::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use pmem::{damage::*, image::*, ring::*};
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
    table: Table,
    failed: bool,
}

impl Core {
    /// Where the logs' positions lie.
    pub(crate) closed spec fn rings(&self) -> Seq<Ring> {
        self.rings@
    }

    /// What the live metadata says.
    closed spec fn contents(&self) -> Contents {
        Contents {
            id: self.id,
            rings: self.rings@,
            live_b: self.table.live_b(),
            entries: self.table.committed(),
        }
    }

    /// The committed state, as the image has it.
    pub(crate) closed spec fn committed_state(&self, image: Seq<u8>) -> State {
        state_of(image, self.id, self.rings@, self.table.committed())
    }

    /// The staged state, as the image has it.
    closed spec fn staged_state(&self, image: Seq<u8>) -> State {
        state_of(image, self.id, self.rings@, self.table.staged())
    }

    /// Whether a staged entry makes sense beside the committed one: what is appended does not reach what is
    /// committed, although its head may have been advanced.
    closed spec fn staged_ok(committed: Payload, staged: Payload, ring: Ring) -> bool {
        &&& committed.b <= staged.b <= staged.c
        &&& staged.c - committed.b <= ring.capacity
    }

    /// Whether what is remembered of each ring is so.
    closed spec fn cursors_right(&self, image: Seq<u8>) -> bool {
        forall|i: int|
            0 <= i < self.rings@.len() ==> #[trigger] self.cursors@[i].right(self.rings@[i], image)
    }

    /// It is about the rings only.
    proof fn lemma_cursors_same(&self, s: Seq<u8>, t: Seq<u8>)
        requires
            rings_ok(self.rings@, t.len() as int),
            self.cursors_right(t),
            s.len() == t.len(),
            forall|a: int|
                spec_data_start(self.rings@.len() as int) <= a < s.len() ==> #[trigger] s[a]
                    == t[a],
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
    fn first_cursors(rings: &[Ring], Ghost(len): Ghost<int>) -> (r: Vec<Cursor>)
        requires
            rings_ok(rings@, len),
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

    /// What is in memory makes sense.
    closed spec fn wf(&self, region_len: int) -> bool {
        &&& self.prefix.right()
        &&& self.prefix.id@ == self.id
        &&& self.table.wf()
        &&& self.table.layout() == spec_table_layout(self.id, self.rings@.len() as int)
        &&& rings_ok(self.rings@, region_len)
        &&& self.cursors@.len() == self.rings@.len()
        &&& entries_ok(self.table.committed(), self.rings@)
        &&& self.table.staged().len() == self.rings@.len()
        &&& forall|i: int|
            0 <= i < self.rings@.len() ==> Self::staged_ok(
                self.table.committed()[i],
                #[trigger] self.table.staged()[i],
                self.rings@[i],
            )
    }

    /// What is in memory, what is on the medium and the abstract state belong together.
    pub(crate) closed spec fn inv(&self, region: RegionView, view: MultiLogView) -> bool {
        &&& self.wf(region.volatile.len() as int)
        &&& region.durable.len() == region.volatile.len()
        &&& self.failed == view.failed
        &&& self.failed == region.failed
        &&& view.sound == self.table.sound()
        &&& view.rings == self.rings@
        &&& view.medium == region.medium
        &&& view.committed == self.committed_state(region.volatile)
        &&& view.staged == self.staged_state(region.volatile)
        &&& !self.failed ==> {
            &&& self.table.inv(region.volatile)
            &&& self.cursors_right(region.volatile)
            &&& view.sound ==> {
                &&& holds(region.volatile, self.contents())
                &&& holds(region.durable, self.contents())
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

    /// See the gate.
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
        self.table.abort();
        proof {
            self.table.lemma_wf();
        }
    }

    /// See the gate.
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
            self.table.lemma_wf();
        }
        let i = log as usize;
        let committed = self.table.get_committed(i);
        let staged = self.table.get_staged(i);
        let capacity = self.rings[i].capacity;
        assert(entry_ok(committed, self.rings@[i as int]));
        assert(Self::staged_ok(committed, staged, self.rings@[i as int]));
        Some(
            LogInfo {
                head: committed.b,
                tail: committed.c,
                staged_head: staged.b,
                staged_tail: staged.c,
                capacity,
                free: capacity - (staged.c - committed.b),
            },
        )
    }

    /// See the gate.
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

    /// See the gate.
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

    /// See the gate.
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
