//! The gate: the public type, its contracts, and the permission minted for each operation.
//!
//! TRUSTED. The gate owns the region, so that what it says about the durable image cannot be made up by the code that it
//! calls, and it keeps the abstract state, which changes only as the contracts say. To that code (`core`, which is not
//! trusted) it lends the region together with a permission: while staging, for images that recover to the committed
//! state; while committing, to that or to the staged one, but for a collision (`commit_collides`); while creating, for
//! images in which opening finds what was there, an unformatted region, or the new collection. Opening and reading get no
//! permission, and write nothing.
use crate::core::Core;
use crate::errors::{AppendError, CheckError, CommitError, CreateError, OpenError};
#[cfg(verus_only)]
use crate::layout::recover;
#[cfg(verus_only)]
use crate::trusted::contract::*;
use crate::trusted::image::*;
use crate::trusted::state::*;
use pmem::region_id::RegionId;
use pmem::trusted::{guarded::*, region::*};
use pmem::Refused;
use vstd::prelude::*;

verus! {

/// A right to leave images in which opening finds certain things. Only this file can make one.
pub struct Permission {
    #[allow(dead_code)]  // Read by proofs only.
    ghost_allowed: Ghost<Set<Found>>,
    #[allow(dead_code)]  // Read by proofs only.
    ghost_commit: Ghost<Option<MultiLogView>>,
}

impl Permission {
    /// What opening may find.
    pub closed spec fn allowed(&self) -> Set<Found> {
        self.ghost_allowed@
    }

    /// The collection whose staged state is being committed, if one is.
    pub closed spec fn commit(&self) -> Option<MultiLogView> {
        self.ghost_commit@
    }

    /// Makes a permission. If the medium did not keep to the fault model (`sound`), nothing can be promised about it,
    /// and all is permitted.
    proof fn mint(sound: bool, states: Set<Found>, commit: Option<MultiLogView>) -> (tracked r:
        Permission)
        ensures
            sound ==> r.allowed() =~= states,
            !sound ==> r.allowed() =~= Set::<Found>::full(),
            r.commit() == commit,
    {
        Permission {
            ghost_allowed: Ghost(Set::new(|f: Found| !sound || states.contains(f))),
            ghost_commit: Ghost(commit),
        }
    }
}

impl CrashPermission for Permission {
    open spec fn permits(&self, image: Seq<u8>) -> bool {
        self.allowed().contains(found(image))
    }

    open spec fn excuses(&self, left: Seq<u8>, written: Seq<u8>, addr: int, len: int) -> bool {
        self.commit() matches Some(v) && commit_collides(v, left, written, addr, len)
    }
}

/// A collection of append-only logs in a region.
///
/// Appends, head advances and truncations of any number of logs are staged, and then committed together,
/// atomically. What is staged is dropped by [`MultiLog::abort`], by a crash, and with the `MultiLog`.
///
/// After a write or flush of the device has failed, everything that would change the logs is refused; what was
/// committed can still be read. To go on, open the region anew: it holds the last committed state or, if a commit
/// failed, perhaps the one that it would have led to.
pub struct MultiLog<R: Region> {
    pub(crate) region: Guarded<R, Permission>,
    pub(crate) core: Core,
    #[allow(dead_code)]  // Read by proofs only.
    pub(crate) ghost_view: Ghost<MultiLogView>,
}

impl<R: Region> MultiLog<R> {
    /// The one precondition that methods have. Constructors establish it, methods keep it and the fields are
    /// private, so callers that are not verified cannot break it.
    pub open(crate) spec fn valid(&self) -> bool {
        &&& self.region.inv()
        &&& self.core.inv(self.region@, self@)
        &&& self@.failed == self.region@.failed
        &&& self@.sound && !self@.failed ==> self.recovers_to() == Some(self@.committed)
    }

    /// The logs.
    pub open(crate) spec fn view(&self) -> MultiLogView {
        self.ghost_view@
    }

    /// What a crash now would leave, and `open` then find.
    pub open(crate) spec fn recovers_to(&self) -> Option<State> {
        recover(self.region@.durable)
    }

    /// The device's state.
    pub open(crate) spec fn region_view(&self) -> RegionView {
        self.region@
    }

    /// Creates a collection of empty logs of these capacities, in bytes, in a region that was never used: its first
    /// word must be zero, unless `overwrite`. It is durable when this returns. In each journal there are `lines` lines of
    /// 64 bytes for records, or as many as a commit needs that changes all logs.
    pub fn create_with_journal(
        region: R,
        capacities: &[u64],
        lines: u64,
        id: RegionId,
        overwrite: bool,
    ) -> (r: Result<MultiLog<R>, Refused<R, CreateError>>)
        requires
            region.inv(),
        ensures
            r matches Ok(m) ==> {
                &&& m.valid()
                &&& create_allowed(region@, capacities@, lines as int, overwrite)
                &&& m@ == MultiLogView::fresh(
                    new_state(id, capacities@, lines as int),
                    true,
                    m@.rings,
                    region@.medium,
                )
                &&& m.recovers_to() == Some(m@.committed)
            },
            r matches Err(Refused { error, region: back }) ==> back.inv() && create_refused_post(
                region@,
                back@,
                capacities@,
                lines as int,
                id,
                overwrite,
                error,
            ),
    {
        let mut guarded: Guarded<R, Permission> = Guarded::new(region);
        let ghost state = new_state(id, capacities@, lines as int);
        let ghost new = Found::Logs(state);
        // Where creating is not allowed, nothing may be written.
        let tracked permission = Permission::mint(
            true,
            if create_allowed(region@, capacities@, lines as int, overwrite) {
                set![found(region@.durable), Found::Unformatted, new]
            } else {
                set![]
            },
            None,
        );
        match Core::create(&mut guarded, capacities, lines, id, overwrite, Tracked(&permission)) {
            Ok(core) => {
                let ghost view = MultiLogView::fresh(state, true, core.rings(), region@.medium);
                Ok(MultiLog { region: guarded, core, ghost_view: Ghost(view) })
            },
            Err(error) => Err(Refused { error, region: guarded.unguarded() }),
        }
    }

    /// Opens the logs that a region holds. The region may hold anything: what it returns is the collection that was
    /// committed there, or an error that says what is wrong with it. Nothing is written.
    ///
    /// That rests on the medium: it is undamaged, or it holds logs and is damaged within the fault model (`sound`).
    ///
    /// # Errors
    /// See [`OpenError`]. They give the region back as it was; after [`OpenError::Io`] it may have failed.
    pub fn open(region: R) -> (r: Result<MultiLog<R>, Refused<R, OpenError>>)
        requires
            region.inv(),
        ensures
            r matches Ok(m) ==> {
                &&& m.valid()
                &&& m.region_view() == region@
                &&& region@.durable == region@.volatile
                &&& m@ == MultiLogView::fresh(
                    m@.committed,
                    open_sound(region@),
                    m@.rings,
                    region@.medium,
                )
                &&& m@.sound ==> recover(region@.durable) == Some(m@.committed)
            },
            r matches Err(Refused { error, region: back }) ==> back.inv() && open_refused_post(
                region@,
                back@,
                error,
            ),
    {
        let mut guarded: Guarded<R, Permission> = Guarded::new(region);
        // What a crash left in flight must be settled before it is trusted.

        match guarded.flush() {
            Ok(()) => {},
            Err(e) => {
                return Err(Refused { error: OpenError::Io(e), region: guarded.unguarded() });
            },
        }
        let mut readings = Readings::new();
        match Core::open(&guarded, &mut readings) {
            Ok(core) => {
                let ghost state = core.committed_state(guarded@.volatile);
                let ghost view = MultiLogView::fresh(
                    state,
                    open_sound(region@),
                    core.rings(),
                    region@.medium,
                );
                Ok(MultiLog { region: guarded, core, ghost_view: Ghost(view) })
            },
            Err(error) => Err(Refused { error, region: guarded.unguarded() }),
        }
    }

    /// Stages an append of several slices, one behind the other, and returns the position of the first byte.
    pub fn stage_append_gathered(&mut self, log: u64, parts: &[&[u8]]) -> (r: Result<
        u64,
        AppendError,
    >)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            append_post(old(self)@, final(self)@, log, gathered(parts@), r),
            old(self)@.sound && !old(self)@.failed ==> final(self).recovers_to() == Some(
                old(self)@.committed,
            ),
    {
        let tracked permission = Permission::mint(
            self@.sound,
            set![Found::Logs(self@.committed)],
            None,
        );
        let (r, after) = self.core.stage_append_gathered(
            &mut self.region,
            log,
            parts,
            self.ghost_view,
            Tracked(&permission),
        );
        self.ghost_view = after;
        r
    }

    /// Commits what is staged, all of it or nothing. It is durable when this returns Ok. With nothing staged it does
    /// nothing.
    pub fn commit(&mut self) -> (r: Result<(), CommitError>)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            commit_post(old(self)@, final(self)@, final(self).region_view().durable, r),
    {
        let tracked permission = Permission::mint(
            self@.sound,
            set![Found::Logs(self@.committed), Found::Logs(self@.staged)],
            Some(self@),
        );
        let (r, after) = self.core.commit(&mut self.region, self.ghost_view, Tracked(&permission));
        self.ghost_view = after;
        r
    }

    /// Reads all metadata again, and compares it with what this collection relies on. Returns what was read, for proofs.
    pub fn check(&self) -> (r: Result<Readings, CheckError>)
        requires
            self.valid(),
        ensures
            check_post(self@, self.region_view(), r),
    {
        let mut readings = Readings::new();
        match self.core.check(&self.region, &mut readings, self.ghost_view) {
            Ok(()) => Ok(readings),
            Err(e) => Err(e),
        }
    }

    /// Closes the collection, dropping what is staged, and gives back the region.
    pub fn into_region(self) -> (r: R)
        requires
            self.valid(),
        ensures
            r.inv(),
            r@ == self.region_view(),
            self@.sound && !self@.failed ==> {
                &&& recover(r@.durable) == Some(self@.committed)
                &&& recover(r@.volatile) == Some(self@.committed)
            },
    {
        proof {
            if self@.sound && !self@.failed {
                self.core.lemma_durable(self.region@, self@);
            }
        }
        self.region.unguarded()
    }
}

} // verus!
