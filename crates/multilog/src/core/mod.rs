//! The code behind the gate. Nothing in here is trusted.
mod create;
mod gather;
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

    /// What the CRCs of a log's records begin with.
    #[inline(always)]
    pub(crate) fn record_prefix(
        &mut self,
        id: RegionId,
        log: u64,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Prefix)
        requires
            old(self).inv(region, view),
        ensures
            final(self).inv(region, view),
            r.right(),
            r.id == id,
            r.log == log,
    {
        let known = self.prefix;
        if known.log == log && known.id.lo == id.lo && known.id.hi == id.hi {
            return known;
        }
        let prefix = Prefix::of(id, log);
        self.prefix = prefix;
        prefix
    }

    /// What is in memory makes sense.
    closed spec fn wf(&self, region_len: int) -> bool {
        &&& self.prefix.right()
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

    /// What a crash leaves while nothing is being committed.
    proof fn lemma_durable(&self, region: RegionView, view: MultiLogView)
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
    pub(crate) fn commit<R: Region>(
        &mut self,
        region: &mut Guarded<R, Permission>,
        Ghost(view): Ghost<MultiLogView>,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: (Result<(), CommitError>, Ghost<MultiLogView>))
        requires
            old(region).inv(),
            old(self).inv(old(region)@, view),
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed() == set![Found::Logs(view.committed), Found::Logs(view.staged)]
                || !view.sound,
        ensures
            final(region).inv(),
            final(self).inv(final(region)@, r.1@),
            final(self).gate_inv(final(region)@, r.1@),
            commit_post(view, r.1@, recover(final(region)@.durable), r.0),
    {
        proof {
            self.lemma_gate(region@, view);
        }
        let r = self.commit_staged(region, Ghost(view), Tracked(permission));
        let ghost after = match r {
            Ok(()) => MultiLogView { committed: view.staged, ..view },
            Err(CommitError::Failed) => view,
            Err(_) => failed(view),
        };
        proof {
            self.lemma_gate(region@, after);
        }
        (r, Ghost(after))
    }

    /// Commits what is staged, if anything is.
    fn commit_staged<R: Region>(
        &mut self,
        region: &mut Guarded<R, Permission>,
        Ghost(view): Ghost<MultiLogView>,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<(), CommitError>)
        requires
            old(region).inv(),
            old(self).inv(old(region)@, view),
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
            permission.allowed().contains(Found::Logs(view.staged)),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            match r {
                Ok(()) => {
                    &&& !view.failed
                    &&& final(self).inv(
                        final(region)@,
                        MultiLogView { committed: view.staged, ..view },
                    )
                    &&& view.sound ==> recover(final(region)@.durable) == Some(view.staged)
                },
                Err(CommitError::Failed) => {
                    &&& view.failed
                    &&& final(self).inv(final(region)@, view)
                    &&& final(region)@ == old(region)@
                },
                Err(e) => {
                    &&& e is Io
                    &&& !view.failed
                    &&& final(self).inv(final(region)@, failed(view))
                    &&& permission.permits(final(region)@.durable)
                },
            },
    {
        if self.failed {
            return Err(CommitError::Failed);
        }
        if !self.table.has_staged() {
            proof {
                self.table.lemma_wf();
                if view.sound {
                    self.lemma_durable(region@, view);
                }
            }
            return Ok(());
        }
        let ghost before = region@;
        proof {
            self.lemma_commit_permitted(before, view, *permission);
        }
        match self.table.commit(region, Tracked(permission)) {
            Ok(()) => {
                proof {
                    region.lemma_inv();
                    self.lemma_committed(*old(self), before, region@, view);
                }
                Ok(())
            },
            Err(e) => {
                self.failed = true;
                proof {
                    region.lemma_inv();
                    lemma_table_layout(
                        self.id,
                        self.rings@.len() as int,
                        before.volatile.len() as int,
                    );
                    lemma_state_same(
                        region@.volatile,
                        before.volatile,
                        self.id,
                        self.rings@,
                        self.table.committed(),
                    );
                    lemma_state_same(
                        region@.volatile,
                        before.volatile,
                        self.id,
                        self.rings@,
                        self.table.staged(),
                    );
                }
                Err(CommitError::Io(e))
            },
        }
    }

    /// The table's commit leaves images of the committed state, or of the staged one.
    proof fn lemma_commit_permitted(
        &self,
        region: RegionView,
        view: MultiLogView,
        permission: Permission,
    )
        requires
            self.inv(region, view),
            !view.failed,
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
            permission.allowed().contains(Found::Logs(view.staged)),
        ensures
            self.table.commit_permitted(region, permission),
    {
        let layout = self.table.layout();
        let idle = !self.table.live_b();
        let contents = self.contents();
        let logs = self.rings@.len() as int;
        lemma_table_layout(self.id, logs, region.volatile.len() as int);
        if view.sound {
            assert forall|image: Seq<u8>|
                layout.same_but_copy(
                    image,
                    region.durable,
                    idle,
                ) implies #[trigger] permission.permits(image) by {
                lemma_holds_same(image, region.durable, contents);
                lemma_state_same(
                    image,
                    region.durable,
                    self.id,
                    self.rings@,
                    self.table.committed(),
                );
                lemma_recover(image, contents);
            }
            assert forall|image: Seq<u8>|
                layout.same_but_copy(
                    image,
                    region.volatile,
                    idle,
                ) implies #[trigger] permission.permits(image) by {
                lemma_holds_same(image, region.volatile, contents);
                lemma_state_same(
                    image,
                    region.volatile,
                    self.id,
                    self.rings@,
                    self.table.committed(),
                );
                lemma_recover(image, contents);
            }
            assert forall|image: Seq<u8>|
                layout.same_but_copy_and_selector(image, region.volatile, idle) && layout.live(
                    image,
                ) == Some(idle) && layout.holds(
                    image,
                    idle,
                    self.table.staged(),
                ) implies #[trigger] permission.permits(image) by {
                self.lemma_staged_image(image, region, view);
            }
        }
    }

    /// An image with the selector changed, and the staged entries where it points, recovers to the staged state.
    proof fn lemma_staged_image(&self, image: Seq<u8>, region: RegionView, view: MultiLogView)
        requires
            self.inv(region, view),
            !view.failed,
            view.sound,
            self.table.layout().same_but_copy_and_selector(
                image,
                region.volatile,
                !self.table.live_b(),
            ),
            self.table.layout().live(image) == Some(!self.table.live_b()),
            self.table.layout().holds(image, !self.table.live_b(), self.table.staged()),
        ensures
            holds(
                image,
                Contents {
                    live_b: !self.table.live_b(),
                    entries: self.table.staged(),
                    ..self.contents()
                },
            ),
            state_of(image, self.id, self.rings@, self.table.staged()) == view.staged,
            recover(image) == Some(view.staged),
    {
        let staged = Contents {
            live_b: !self.table.live_b(),
            entries: self.table.staged(),
            ..self.contents()
        };
        lemma_table_layout(self.id, self.rings@.len() as int, region.volatile.len() as int);
        lemma_formatted_same(image, region.volatile, self.id, self.rings@);
        lemma_state_same(image, region.volatile, self.id, self.rings@, self.table.staged());
        assert forall|i: int| 0 <= i < self.rings@.len() implies entry_ok(
            #[trigger] staged.entries[i],
            self.rings@[i],
        ) by {
            assert(Self::staged_ok(
                self.table.committed()[i],
                self.table.staged()[i],
                self.rings@[i],
            ));
        }
        lemma_recover(image, staged);
    }

    /// After the table's commit, what was staged is committed.
    proof fn lemma_committed(
        &self,
        before: Core,
        old_region: RegionView,
        region: RegionView,
        view: MultiLogView,
    )
        requires
            before.inv(old_region, view),
            !view.failed,
            self.id == before.id,
            self.prefix == before.prefix,
            self.rings == before.rings,
            self.cursors == before.cursors,
            self.failed == before.failed,
            region.durable == region.volatile,
            region.medium == old_region.medium,
            !region.failed,
            self.table.inv(region.volatile),
            self.table.layout() == before.table.layout(),
            self.table.sound() == before.table.sound(),
            self.table.committed() == before.table.staged(),
            self.table.staged() == before.table.staged(),
            self.table.live_b() == !before.table.live_b(),
            self.table.layout().same_but_copy_and_selector(
                region.volatile,
                old_region.volatile,
                !before.table.live_b(),
            ),
        ensures
            self.inv(region, MultiLogView { committed: view.staged, ..view }),
            view.sound ==> recover(region.durable) == Some(view.staged),
    {
        self.table.lemma_inv(region.volatile);
        self.table.lemma_wf();
        lemma_table_layout(self.id, self.rings@.len() as int, region.volatile.len() as int);
        self.lemma_cursors_same(region.volatile, old_region.volatile);
        lemma_state_same(
            region.volatile,
            old_region.volatile,
            self.id,
            self.rings@,
            self.table.staged(),
        );
        assert forall|i: int| 0 <= i < self.rings@.len() implies entry_ok(
            #[trigger] self.table.committed()[i],
            self.rings@[i],
        ) && Self::staged_ok(self.table.committed()[i], self.table.staged()[i], self.rings@[i]) by {
            assert(Self::staged_ok(
                before.table.committed()[i],
                before.table.staged()[i],
                self.rings@[i],
            ));
        }
        if view.sound {
            before.lemma_staged_image(region.volatile, old_region, view);
        }
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
}

} // verus!
impl Core {
    /// Where the logs' positions lie, for readers that are not verified.
    pub(crate) fn ring_places(&self) -> &[Ring] {
        &self.rings
    }
}
