//! Committing a change of the log.
use crate::log::PmemLog;
#[cfg(verus_only)]
use crate::trusted::contract::*;
#[cfg(verus_only)]
use multilog::trusted::contract;
use multilog::trusted::state::LogState;
#[cfg(verus_only)]
use multilog::trusted::state::MultiLogView;
use multilog::{CommitError, IoError};
use pmem::trusted::region::*;
use vstd::prelude::*;

verus! {

/// Why a staged change was not committed.
pub(crate) enum ChangeError {
    /// The numbers of changes are used up.
    Exhausted,
    /// The device failed.
    Io(IoError),
}

/// What a commit of the collection calls a collision is one of the log's.
proof fn lemma_collides(v: MultiLogView, log: PmemLogView, changed: LogState, left: Seq<u8>)
    requires
        v.rings.len() == 1,
        log.log == v.committed.logs[0],
        log.ring == v.rings[0],
        changed == v.staged.logs[0],
    ensures
        forall|written: Seq<u8>, addr: int, len: int| #[trigger]
            contract::commit_collides(v, left, written, addr, len) ==> change_collides(
                log,
                changed,
                left,
                written,
                addr,
                len,
            ),
{
    assert forall|written: Seq<u8>, addr: int, len: int| #[trigger]
        contract::commit_collides(v, left, written, addr, len) implies change_collides(
        log,
        changed,
        left,
        written,
        addr,
        len,
    ) by {
        if exists|i: int|
            0 <= i < v.rings.len() && #[trigger] contract::append_collides(v, left, written, i) {
            assert(contract::append_collides(v, left, written, 0));
        }
    }
}

impl<R: Region> PmemLog<R> {
    /// Commits the one staged change.
    pub(crate) fn commit(&mut self, Ghost(changed): Ghost<LogState>) -> (r: Result<(), ChangeError>)
        requires
            old(self).logs.valid(),
            old(self).logs@.committed.logs.len() == 1,
            old(self).logs@.staged == collection(with_log(old(self)@, changed)),
            !old(self).logs@.failed,
        ensures
            final(self).valid(),
            ({
                let (old, new) = (old(self)@, final(self)@);
                let durable = final(self).region_view().durable;
                match r {
                    Ok(()) => change_post(old, new, durable, changed),
                    Err(ChangeError::Exhausted) => exhausted(old, changed) && new == old,
                    Err(ChangeError::Io(_)) => !exhausted(old, changed) && change_failed_post(
                        old,
                        new,
                        durable,
                        changed,
                    ),
                }
            }),
    {
        let ghost before = self.logs@;
        proof {
            self.lemma_collection();
            self.logs.theorem_rings();
        }
        match self.logs.commit() {
            Ok(()) => Ok(()),
            Err(CommitError::Io(e)) => {
                proof {
                    lemma_collides(before, old(self)@, changed, self.region_view().durable);
                }
                Err(ChangeError::Io(e))
            },
            Err(_) => {
                self.logs.abort();
                Err(ChangeError::Exhausted)
            },
        }
    }
}

} // verus!
