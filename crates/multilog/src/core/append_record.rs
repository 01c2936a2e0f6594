//! Writing the record of a commit: what a crash meanwhile may leave.
use super::*;
#[cfg(verus_only)]
use crate::change_lemmas::*;

verus! {

impl Core {
    /// What is asked before the record that was encoded is written.
    pub(super) open spec fn may_append(
        &self,
        region: RegionView,
        view: MultiLogView,
        permission: Permission,
    ) -> bool {
        &&& self.record_ready(region, view)
        &&& !view.sound ==> permission.allowed() == Set::<Found>::full()
        &&& permission.allowed().contains(Found::Logs(view.committed))
        &&& permission.allowed().contains(Found::Logs(view.staged))
        &&& permission.commit() == Some(view)
    }

    /// What the journal asks for is permitted, or excused.
    proof fn lemma_append_permitted(
        &self,
        region: RegionView,
        view: MultiLogView,
        permission: Permission,
    )
        requires
            self.may_append(region, view, permission),
        ensures
            self.journals.append_permitted(region, self.payload@, permission),
    {
        let journals = self.journals;
        let (at, len) = (journals.next_addr(), HEADER + self.payload@.len());
        let written = journals.with_record(region.volatile, self.payload@);
        if view.sound {
            assert forall|image: Seq<u8>|
                same_outside(image, region.durable, at, at + len) && ({
                    ||| journals.layout().state(image) == Some(journals.state())
                    ||| journals.layout().state(image) == Some(journals.state().with(self.payload@))
                    ||| write_collides(image, written, at, len)
                }) implies #[trigger] permission.permits(image) || permission.excuses(
                image,
                written,
                at,
                len,
            ) by {
                if !write_collides(image, written, at, len) {
                    if journals.layout().state(image) == Some(journals.state()) {
                        self.lemma_record_elsewhere(image, region.durable);
                        self.lemma_says_same(image, region.durable);
                    } else {
                        self.lemma_record_left(image, region, view);
                    }
                }
            }
        }
    }

    /// Appends the record that was encoded.
    pub(super) fn append_record<R: Region>(
        &mut self,
        region: &mut Guarded<R, Permission>,
        Ghost(view): Ghost<MultiLogView>,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<(), CommitError>)
        requires
            old(region).inv(),
            old(self).may_append(old(region)@, view, *permission),
        ensures
            final(region).inv(),
            match r {
                Ok(()) => {
                    let after = MultiLogView { committed: view.staged, ..view };
                    &&& final(self).inv(final(region)@, after)
                    &&& view.sound ==> recover(final(region)@.durable) == Some(view.staged)
                },
                Err(e) => {
                    &&& e is Io
                    &&& final(self).inv(final(region)@, failed(view))
                    &&& permission.permits(final(region)@.durable) || exists|
                        written: Seq<u8>,
                        addr: int,
                        len: int,
                    | #[trigger]
                        permission.excuses(final(region)@.durable, written, addr, len)
                },
            },
    {
        let ghost before = region@;
        proof {
            region.lemma_inv();
            self.lemma_append_permitted(before, view, *permission);
            self.lemma_payload_fits();
            self.journals.lemma_next_addr(before.volatile);
        }
        let r = self.journals.append_record::<R, Permission>(
            region,
            self.payload.as_slice(),
            Tracked(permission),
        );
        proof {
            region.lemma_inv();
            self.journals.lemma_same_but_records(old(self).journals);
            old(self).lemma_state_kept(region@.volatile, before.volatile);
        }
        match r {
            Ok(()) => {
                self.entries.end(true);
                self.last_commit += 1;
                proof {
                    self.lemma_appended(*old(self), before, region@, view);
                }
                Ok(())
            },
            Err(e) => {
                self.failed = true;
                Err(CommitError::Io(e))
            },
        }
    }
}

} // verus!
