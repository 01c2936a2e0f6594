//! The operations that need no permission of their own: staging moves, aborting, reading, asking.
//!
//! Their contracts are predicates of [`contract`](crate::trusted::contract); that they keep them is checked.
#[cfg(verus_only)]
use crate::core::gather::lemma_gathered_one;
use crate::errors::*;
#[cfg(verus_only)]
use crate::layout::recover;
use crate::trusted::gate::MultiLog;
#[cfg(verus_only)]
use crate::trusted::{contract::*, state::*};
use pmem::region_id::RegionId;
use pmem::ring::Ring;
use pmem::trusted::region::*;
use vstd::prelude::*;

verus! {

impl<R: Region> MultiLog<R> {
    /// What is committed is durable: a crash at any time between calls leaves it.
    pub proof fn theorem_committed_is_durable(&self)
        requires
            self.valid(),
            self@.sound,
            !self@.failed,
        ensures
            self.recovers_to() == Some(self@.committed),
    {
    }

    /// The logs have failed just if the device has. So where staging or committing returns a device's error, which fails
    /// the logs, a write or flush of the device has failed meanwhile.
    pub proof fn theorem_failed_is_the_devices(&self)
        requires
            self.valid(),
        ensures
            self@.failed == self.region_view().failed,
    {
    }

    /// What a crash now would leave is what is durable.
    pub proof fn theorem_recovers_to(&self)
        ensures
            self.recovers_to() == recover(self.region_view().durable),
    {
    }

    /// Each log has a place.
    pub proof fn theorem_rings(&self)
        requires
            self.valid(),
        ensures
            self@.rings.len() == self@.committed.logs.len(),
    {
        self.core.lemma_rings(self.region@, self@);
    }

    /// Stages an append of `bytes` to a log, and returns the position of the first of them.
    pub fn stage_append(&mut self, log: u64, bytes: &[u8]) -> (r: Result<u64, AppendError>)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            append_post(old(self)@, final(self)@, log, bytes@, r),
            old(self)@.sound && !old(self)@.failed ==> final(self).recovers_to() == Some(
                old(self)@.committed,
            ),
    {
        let parts = [bytes];
        proof {
            lemma_gathered_one(parts@);
        }
        self.stage_append_gathered(log, &parts)
    }

    /// Stages that a log begins at `position`, which frees what is before it.
    pub fn stage_advance_head(&mut self, log: u64, position: u64) -> (r: Result<(), MoveError>)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            move_post(
                old(self)@,
                final(self)@,
                log,
                position,
                old(self)@.staged.logs[log as int].advance_head(position as int),
                r,
            ),
            final(self).recovers_to() == old(self).recovers_to(),
    {
        let ghost before = self@;
        let r = self.core.stage_advance_head(log, position, Ghost(self.region@), Ghost(before));
        proof {
            if r is Ok {
                self.ghost_view@ = with_staged(
                    before,
                    log as int,
                    before.staged.logs[log as int].advance_head(position as int),
                );
            }
        }
        r
    }

    /// Stages that a log ends at `position`, which drops what is there and behind. If that cuts committed bytes,
    /// nothing can be appended to the log before the commit.
    pub fn stage_truncate(&mut self, log: u64, position: u64) -> (r: Result<(), MoveError>)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            move_post(
                old(self)@,
                final(self)@,
                log,
                position,
                old(self)@.staged.logs[log as int].truncate(position as int),
                r,
            ),
            final(self).recovers_to() == old(self).recovers_to(),
    {
        let ghost before = self@;
        let r = self.core.stage_truncate(log, position, Ghost(self.region@), Ghost(before));
        proof {
            if r is Ok {
                self.ghost_view@ = with_staged(
                    before,
                    log as int,
                    before.staged.logs[log as int].truncate(position as int),
                );
            }
        }
        r
    }

    /// Drops what is staged.
    pub fn abort(&mut self)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            final(self)@ == (MultiLogView { staged: old(self)@.committed, ..old(self)@ }),
            final(self).recovers_to() == old(self).recovers_to(),
    {
        let ghost before = self@;
        self.core.abort(Ghost(self.region@), Ghost(before));
        proof {
            self.ghost_view@ = MultiLogView { staged: before.committed, ..before };
        }
    }

    /// Reads `buf.len()` committed bytes of a log at `position`.
    pub fn read(&self, log: u64, position: u64, buf: &mut [u8]) -> (r: Result<(), ReadError>)
        requires
            self.valid(),
        ensures
            final(buf)@.len() == old(buf)@.len(),
            read_post(self@, log, position, final(buf)@, r),
    {
        self.core.read(&self.region, log, position, buf, Ghost(self@))
    }

    /// Borrows `len` committed bytes of a log at `position` where they lie: in one piece, the second one
    /// being empty, or in two if they go round the end of the log's ring.
    pub fn read_in_place(&self, log: u64, position: u64, len: u64) -> (r: Result<
        (&[u8], &[u8]),
        ReadError,
    >)
        requires
            self.valid(),
        ensures
            read_in_place_post(self@, log, position, len, r),
    {
        self.core.read_in_place(&self.region, log, position, len, Ghost(self@))
    }

    /// Where a log stands, or None if there is no such log.
    #[inline]
    pub fn info(&self, log: u64) -> (r: Option<LogInfo>)
        requires
            self.valid(),
        ensures
            info_post(self@, log, r),
    {
        self.core.info(log, Ghost(self.region@), Ghost(self@))
    }

    /// The number of logs.
    #[inline]
    pub fn log_count(&self) -> (r: u64)
        requires
            self.valid(),
        ensures
            r == self@.committed.logs.len(),
    {
        self.core.log_count(Ghost(self.region@), Ghost(self@))
    }

    /// The number that the region got when it was created.
    #[inline]
    pub fn region_id(&self) -> (r: RegionId)
        requires
            self.valid(),
        ensures
            r == self@.committed.id,
    {
        self.core.region_id(Ghost(self.region@), Ghost(self@))
    }

    /// The region's length in bytes.
    pub fn region_len(&self) -> (r: u64)
        requires
            self.valid(),
        ensures
            r == self.region_view().volatile.len(),
    {
        self.region.get().len()
    }

    /// The region, to ask the device about itself.
    pub fn region(&self) -> (r: &R)
        requires
            self.valid(),
        ensures
            r.inv(),
            r@ == self.region_view(),
    {
        self.region.get()
    }

    /// Whether a write or flush has failed. Then nothing can be changed any more.
    #[inline]
    pub fn is_failed(&self) -> (r: bool)
        requires
            self.valid(),
        ensures
            r == self@.failed,
    {
        self.core.is_failed(Ghost(self.region@), Ghost(self@))
    }

    /// Where the logs' positions lie, for readers that are not verified.
    pub(crate) fn rings(&self) -> (r: &[Ring])
        requires
            self.valid(),
        ensures
            r@ == self@.rings,
    {
        self.core.ring_places(Ghost(self.region@), Ghost(self@))
    }
}

} // verus!
