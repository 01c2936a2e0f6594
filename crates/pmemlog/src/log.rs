//! One log, on a collection of one.
//!
//! Each change is staged and committed at once. What a crash leaves in the middle of one is what the collection's
//! contracts say: while staging, the log as it was; while committing, that or the log as it would be, but for a
//! collision.
use crate::change::ChangeError;
use crate::log_errors::*;
#[cfg(verus_only)]
use crate::trusted::contract::*;
#[cfg(verus_only)]
use multilog::layout;
use multilog::trusted::state::LogState;
#[cfg(verus_only)]
use multilog::trusted::state::State;
#[cfg(verus_only)]
use multilog::trusted::{contract, contract::gathered};
use multilog::{CheckError, MultiLog, Refused};
use pmem::region_id::RegionId;
use pmem::trusted::{guarded::*, region::*};
use vstd::prelude::*;

verus! {

/// One append-only log in a region.
///
/// What is appended is durable when [`PmemLog::append`] returns. After a write or flush of the device has failed,
/// everything that would change the log is refused; what it holds can still be read. To go on, open the region anew.
pub struct PmemLog<R: Region> {
    pub(crate) logs: MultiLog<R>,
}

impl<R: Region> PmemLog<R> {
    /// The one precondition that methods have. Constructors establish it, methods keep it and the field is
    /// private, so callers that are not verified cannot break it.
    pub open(crate) spec fn valid(&self) -> bool {
        &&& self.logs.valid()
        &&& self.logs@.committed.logs.len() == 1
        &&& !self.logs@.failed ==> self.logs@.staged == self.logs@.committed
    }

    /// The log.
    pub open(crate) spec fn view(&self) -> PmemLogView {
        PmemLogView {
            id: self.logs@.committed.id,
            lines: self.logs@.committed.lines,
            commit: self.logs@.committed.commit,
            log: self.logs@.committed.logs[0],
            failed: self.logs@.failed,
            sound: self.logs@.sound,
            medium: self.logs@.medium,
            ring: self.logs@.rings[0],
        }
    }

    /// What a crash now would leave, and `open` then find: the [`collection`] of one log.
    pub open(crate) spec fn recovers_to(&self) -> Option<State> {
        self.logs.recovers_to()
    }

    /// The device's state.
    pub open(crate) spec fn region_view(&self) -> RegionView {
        self.logs.region_view()
    }

    /// The log is all of the collection.
    pub(crate) proof fn lemma_collection(&self)
        requires
            self.logs@.committed.logs.len() == 1,
        ensures
            self.logs@.committed == collection(self@),
            self.logs@.staged == self.logs@.committed ==> forall|log: LogState|
                #![trigger contract::with_staged(self.logs@, 0, log)]
                #![trigger with_log(self@, log)]
                contract::with_staged(self.logs@, 0, log).staged == collection(
                    with_log(self@, log),
                ),
    {
        assert(self.logs@.committed.logs =~= seq![self@.log]);
        assert forall|log: LogState|
            self.logs@.staged == self.logs@.committed implies #[trigger] contract::with_staged(
            self.logs@,
            0,
            log,
        ).staged == collection(with_log(self@, log)) by {
            assert(self.logs@.committed.update(0, log).logs =~= seq![log]);
        }
    }

    /// What the log holds is durable: a crash at any time between calls leaves it.
    pub proof fn theorem_log_is_durable(&self)
        requires
            self.valid(),
            self@.sound,
            !self@.failed,
        ensures
            self.recovers_to() == Some(collection(self@)),
    {
        self.lemma_collection();
        self.logs.theorem_committed_is_durable();
    }

    /// Opens the log that a region holds. The region may hold anything: what it returns is the log that was there, or
    /// an error that says what is wrong. Nothing is written.
    ///
    /// # Errors
    /// See [`OpenError`]. They give the region back as it was; after an `Io` error it may have failed.
    pub fn open(region: R) -> (r: Result<PmemLog<R>, Refused<R, OpenError>>)
        requires
            region.inv(),
        ensures
            match r {
                Ok(log) => log.valid() && open_post(region@, log.region_view(), log@),
                Err(e) => e.region.inv() && open_refused_post(region@, e.region@, e.error),
            },
    {
        match MultiLog::open(region) {
            Ok(logs) => {
                let count = logs.log_count();
                if count != 1 {
                    let error = OpenError::NotOneLog { logs: count };
                    return Err(Refused { error, region: logs.into_region() });
                }
                let log = PmemLog { logs };
                proof {
                    log.lemma_collection();
                }
                Ok(log)
            },
            Err(e) => Err(Refused { error: OpenError::Region(e.error), region: e.region }),
        }
    }

    /// Appends `bytes` and returns the position of the first of them. They are durable when this returns Ok.
    ///
    /// # Errors
    /// See [`AppendError`]; nothing is appended then.
    pub fn append(&mut self, bytes: &[u8]) -> (r: Result<u64, AppendError>)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            append_post(old(self)@, final(self)@, final(self).region_view().durable, bytes@, r),
    {
        let staged = self.logs.stage_append(0, bytes);
        self.finish_append(staged, Ghost(*old(self)), Ghost(bytes@))
    }

    /// Appends several slices, one behind the other, and returns the position of the first byte. All of them are
    /// durable when this returns Ok.
    ///
    /// # Errors
    /// See [`AppendError`]; nothing is appended then.
    pub fn append_gathered(&mut self, parts: &[&[u8]]) -> (r: Result<u64, AppendError>)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            append_post(
                old(self)@,
                final(self)@,
                final(self).region_view().durable,
                gathered(parts@),
                r,
            ),
    {
        let staged = self.logs.stage_append_gathered(0, parts);
        self.finish_append(staged, Ghost(*old(self)), Ghost(gathered(parts@)))
    }

    /// Commits an append, or says why it was not staged.
    #[inline]
    fn finish_append(
        &mut self,
        staged: Result<u64, multilog::AppendError>,
        Ghost(before): Ghost<PmemLog<R>>,
        Ghost(bytes): Ghost<Seq<u8>>,
    ) -> (r: Result<u64, AppendError>)
        requires
            before.valid(),
            old(self).logs.valid(),
            contract::append_post(before.logs@, old(self).logs@, 0, bytes, staged),
            before.logs@.sound && !before.logs@.failed ==> old(self).logs.recovers_to() == Some(
                before.logs@.committed,
            ),
        ensures
            final(self).valid(),
            append_post(before@, final(self)@, final(self).region_view().durable, bytes, r),
    {
        let ghost changed = before@.log.append(bytes);
        proof {
            before.lemma_collection();
            self.logs.theorem_recovers_to();
        }
        match staged {
            Ok(position) => match self.commit(Ghost(changed)) {
                Ok(()) => Ok(position),
                Err(ChangeError::Exhausted) => Err(AppendError::Exhausted),
                Err(ChangeError::Io(e)) => Err(AppendError::Io(e)),
            },
            Err(multilog::AppendError::Failed) => Err(AppendError::Failed),
            Err(multilog::AppendError::PositionOverflow) => Err(AppendError::PositionOverflow),
            Err(multilog::AppendError::Full { requested, available }) => Err(
                AppendError::Full { requested, available },
            ),
            Err(multilog::AppendError::Io(e)) => Err(AppendError::Io(e)),
            Err(_) => {
                assert(false);
                Err(AppendError::Failed)
            },
        }
    }

    /// Makes the log begin at `position`, which frees what is before it. That is durable when this returns Ok.
    ///
    /// # Errors
    /// See [`MoveError`].
    pub fn advance_head(&mut self, position: u64) -> (r: Result<(), MoveError>)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            move_post(
                old(self)@,
                final(self)@,
                final(self).region_view().durable,
                position,
                old(self)@.log.advance_head(position as int),
                r,
            ),
    {
        let staged = self.logs.stage_advance_head(0, position);
        self.finish_move(
            staged,
            Ghost(*old(self)),
            Ghost(position),
            Ghost(old(self)@.log.advance_head(position as int)),
        )
    }

    /// Makes the log end at `position`, which drops what is there and behind. That is durable when this returns Ok.
    ///
    /// # Errors
    /// See [`MoveError`].
    pub fn truncate(&mut self, position: u64) -> (r: Result<(), MoveError>)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            move_post(
                old(self)@,
                final(self)@,
                final(self).region_view().durable,
                position,
                old(self)@.log.truncate(position as int),
                r,
            ),
    {
        let staged = self.logs.stage_truncate(0, position);
        self.finish_move(
            staged,
            Ghost(*old(self)),
            Ghost(position),
            Ghost(old(self)@.log.truncate(position as int)),
        )
    }

    /// Commits a move, or says why it was not staged.
    fn finish_move(
        &mut self,
        staged: Result<(), multilog::MoveError>,
        Ghost(before): Ghost<PmemLog<R>>,
        Ghost(position): Ghost<u64>,
        Ghost(moved): Ghost<LogState>,
    ) -> (r: Result<(), MoveError>)
        requires
            before.valid(),
            old(self).logs.valid(),
            contract::move_post(before.logs@, old(self).logs@, 0, position, moved, staged),
        ensures
            final(self).valid(),
            move_post(before@, final(self)@, final(self).region_view().durable, position, moved, r),
    {
        proof {
            before.lemma_collection();
        }
        match staged {
            Ok(()) => match self.commit(Ghost(moved)) {
                Ok(()) => Ok(()),
                Err(ChangeError::Exhausted) => Err(MoveError::Exhausted),
                Err(ChangeError::Io(e)) => Err(MoveError::Io(e)),
            },
            Err(multilog::MoveError::Failed) => Err(MoveError::Failed),
            Err(multilog::MoveError::OutOfRange { position, head, tail }) => Err(
                MoveError::OutOfRange { position, head, tail },
            ),
            Err(_) => {
                assert(false);
                Err(MoveError::Failed)
            },
        }
    }

    /// Reads `buf.len()` bytes at `position`.
    ///
    /// # Errors
    /// See [`ReadError`]; `NotMapped` is not among them.
    pub fn read(&self, position: u64, buf: &mut [u8]) -> (r: Result<(), ReadError>)
        requires
            self.valid(),
        ensures
            final(buf)@.len() == old(buf)@.len(),
            match read_refusal(self@, position, old(buf)@.len() as int) {
                Some(e) => r == Err::<(), _>(e),
                None => match r {
                    Ok(()) => read_right(self@, position, final(buf)@),
                    Err(e) => e is Io && self@.ring.damaged_at(
                        self@.medium,
                        position as int,
                        position + old(buf)@.len(),
                    ),
                },
            },
    {
        match self.logs.read(0, position, buf) {
            Ok(()) => Ok(()),
            Err(e) => Err(read_error(e)),
        }
    }

    /// Borrows `len` bytes at `position` where they lie: in one piece, the second one being empty, or in two if they
    /// go round the end of the log's ring.
    ///
    /// # Errors
    /// See [`ReadError`]; `Io` is not among them.
    pub fn read_in_place(&self, position: u64, len: u64) -> (r: Result<(&[u8], &[u8]), ReadError>)
        requires
            self.valid(),
        ensures
            match read_refusal(self@, position, len as int) {
                Some(e) => r == Err::<(&[u8], &[u8]), _>(e),
                None => match r {
                    Ok((head, tail)) => {
                        &&& head@.len() + tail@.len() == len
                        &&& read_right(self@, position, head@ + tail@)
                    },
                    Err(e) => e is NotMapped && !self@.medium.mapped,
                },
            },
    {
        match self.logs.read_in_place(0, position, len) {
            Ok(pieces) => Ok(pieces),
            Err(e) => Err(read_error(e)),
        }
    }

    /// Where the log stands.
    fn info(&self) -> (r: multilog::LogInfo)
        requires
            self.valid(),
        ensures
            r.head == self@.log.head,
            r.tail == self@.log.tail(),
            r.capacity == self@.log.capacity,
            !self@.failed ==> r.free == self@.log.capacity - self@.log.data.len(),
            r.tail - r.head <= r.capacity,
    {
        match self.logs.info(0) {
            Some(info) => info,
            None => {
                assert(false);
                multilog::LogInfo {
                    head: 0,
                    tail: 0,
                    staged_head: 0,
                    staged_tail: 0,
                    capacity: 0,
                    free: 0,
                }
            },
        }
    }

    /// The first position that can be read.
    pub fn head(&self) -> (r: u64)
        requires
            self.valid(),
        ensures
            r == self@.log.head,
    {
        self.info().head
    }

    /// The position behind the last byte.
    pub fn tail(&self) -> (r: u64)
        requires
            self.valid(),
        ensures
            r == self@.log.tail(),
    {
        self.info().tail
    }

    /// The most bytes that the log can hold.
    pub fn capacity(&self) -> (r: u64)
        requires
            self.valid(),
        ensures
            r == self@.log.capacity,
    {
        self.info().capacity
    }

    /// The bytes that can be appended now.
    pub fn free(&self) -> (r: u64)
        requires
            self.valid(),
        ensures
            r == self@.log.capacity - self@.log.data.len(),
    {
        let info = self.info();
        info.capacity - (info.tail - info.head)
    }

    /// The number that the region got when it was created.
    pub fn region_id(&self) -> (r: RegionId)
        requires
            self.valid(),
        ensures
            r == self@.id,
    {
        self.logs.region_id()
    }

    /// Whether a write or flush has failed. Then nothing can be changed any more.
    pub fn is_failed(&self) -> (r: bool)
        requires
            self.valid(),
        ensures
            r == self@.failed,
    {
        self.logs.is_failed()
    }

    /// Reads all metadata again, and compares it with what this log relies on. Returns what was read, for proofs.
    ///
    /// # Errors
    /// What is damaged and where, or that the device cannot read.
    pub fn check(&self) -> (r: Result<Readings, CheckError>)
        requires
            self.valid(),
        ensures
            check_post(self@, self.region_view(), r),
    {
        let r = self.logs.check();
        proof {
            if r is Ok {
                let readings = r->Ok_0;
                assert forall|image: Seq<u8>|
                    image.len()
                        == self.region_view().volatile.len() implies #[trigger] layout::recover(
                    as_read(image, readings@),
                ) == Some(log_in(self@, as_read(image, readings@))) by {
                    let s = as_read(image, readings@);
                    assert(contract::committed_in(self.logs@, s) =~= log_in(self@, s));
                }
            }
        }
        r
    }

    /// Closes the log and gives back the region.
    pub fn into_region(self) -> (r: R)
        requires
            self.valid(),
        ensures
            r.inv(),
            r@ == self.region_view(),
            self@.sound && !self@.failed ==> {
                &&& layout::recover(r@.durable) == Some(collection(self@))
                &&& layout::recover(r@.volatile) == Some(collection(self@))
            },
    {
        proof {
            self.lemma_collection();
        }
        self.logs.into_region()
    }
}

/// A collection's error of reading as a log's.
fn read_error(e: multilog::ReadError) -> (r: ReadError)
    requires
        !(e is NoSuchLog),
    ensures
        match e {
            multilog::ReadError::OutOfRange { position, len, head, tail } => r == (
            ReadError::OutOfRange { position, len, head, tail }),
            multilog::ReadError::NotMapped => r is NotMapped,
            multilog::ReadError::Io(e) => r == ReadError::Io(e),
            _ => true,
        },
{
    match e {
        multilog::ReadError::OutOfRange { position, len, head, tail } => ReadError::OutOfRange {
            position,
            len,
            head,
            tail,
        },
        multilog::ReadError::Io(e) => ReadError::Io(e),
        _ => ReadError::NotMapped,
    }
}

} // verus!
