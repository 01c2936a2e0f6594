//! Committing what is staged: a record behind the last one, and one flush.
use super::*;
#[cfg(verus_only)]
use crate::change_lemmas::*;

verus! {

impl Core {
    /// Behind [`MultiLog::commit`](crate::MultiLog::commit).
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
            permission.commit() == Some(view),
        ensures
            final(region).inv(),
            final(self).inv(final(region)@, r.1@),
            final(self).gate_inv(final(region)@, r.1@),
            commit_post(view, r.1@, final(region)@.durable, r.0),
    {
        proof {
            self.lemma_gate(region@, view);
        }
        let r = self.commit_staged(region, Ghost(view), Tracked(permission));
        let ghost after = match r {
            Ok(()) => MultiLogView { committed: view.staged, ..view },
            Err(CommitError::Io(_)) => failed(view),
            Err(_) => view,
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
            permission.allowed() == set![Found::Logs(view.committed), Found::Logs(view.staged)]
                || !view.sound,
            permission.commit() == Some(view),
        ensures
            final(region).inv(),
            match commit_refusal(view) {
                Some(e) => r == Err::<(), _>(e) && final(self).inv(final(region)@, view),
                None => match r {
                    Ok(()) => {
                        let after = MultiLogView { committed: view.staged, ..view };
                        &&& final(self).inv(final(region)@, after)
                        &&& view.sound ==> recover(final(region)@.durable) == Some(view.staged)
                    },
                    Err(e) => {
                        &&& e is Io
                        &&& final(self).inv(final(region)@, failed(view))
                        &&& commit_post(view, failed(view), final(region)@.durable, r)
                    },
                },
            },
    {
        hide(Core::inv);
        hide(recover);
        hide(Core::change_list);
        hide(record_payload);
        hide(commit_collides);
        hide(Core::may_append);
        proof {
            self.lemma_parts(region@, view);
        }
        if self.failed {
            return Err(CommitError::Failed);
        }
        if !self.entries.has_staged() {
            proof {
                self.lemma_nothing_to_commit(region@, view);
            }
            return Ok(());
        }
        proof {
            self.lemma_refusal(region@, view);
        }
        if self.last_commit >= LAST_COMMIT {
            return Err(CommitError::Exhausted);
        }
        let needs_flush = self.encode(Ghost(region@), Ghost(view));
        proof {
            self.lemma_same_list(*old(self));
        }
        let ready = self.make_ready(region, needs_flush, Ghost(view), Tracked(permission));
        if let Err(e) = ready {
            return Err(CommitError::Io(e));
        }
        self.append_record(region, Ghost(view), Tracked(permission))
    }

    /// What the invariant says of the parts that a commit needs.
    proof fn lemma_parts(&self, region: RegionView, view: MultiLogView)
        requires
            self.inv(region, view),
        ensures
            self.failed == view.failed,
            self.failed == region.failed,
            self.entries.wf(),
            self.entries.committed().len() <= MAX_LOGS,
            !self.failed ==> self.journals.inv(region.volatile),
            !self.failed && view.sound ==> recover(region.durable) == Some(view.committed),
    {
        if !self.failed && view.sound {
            self.lemma_durable(region, view);
        }
    }

    /// A flush changes nothing that the invariant is about, but that it may fail.
    proof fn lemma_flushed(
        &self,
        before: Core,
        old_region: RegionView,
        region: RegionView,
        view: MultiLogView,
        ok: bool,
    )
        requires
            before.inv(old_region, view),
            !view.failed,
            *self == (Core { failed: !ok, ..before }),
            region == (RegionView { failed: !ok, ..old_region }),
        ensures
            ok ==> self.inv(region, view),
            !ok ==> self.inv(region, failed(view)),
    {
    }

    /// What is staged makes the record.
    proof fn lemma_same_list(&self, other: Core)
        requires
            self.entries == other.entries,
        ensures
            self.change_list() == other.change_list(),
            forall|i: int| #[trigger] self.is_unchecked(i) == other.is_unchecked(i),
    {
        assert(self.change_list() =~= other.change_list());
    }

    /// When a commit is refused, once something is staged.
    proof fn lemma_refusal(&self, region: RegionView, view: MultiLogView)
        requires
            self.inv(region, view),
            !view.failed,
            !self.entries.nothing_staged(),
        ensures
            commit_refusal(view) == if self.last_commit >= LAST_COMMIT {
                Some(CommitError::Exhausted)
            } else {
                None
            },
    {
    }

    /// Where nothing is staged, what is staged is committed.
    proof fn lemma_nothing_to_commit(&self, region: RegionView, view: MultiLogView)
        requires
            self.inv(region, view),
            !view.failed,
            self.entries.nothing_staged(),
        ensures
            commit_refusal(view) is None,
            view == (MultiLogView { committed: view.staged, ..view }),
            view.sound ==> recover(region.durable) == Some(view.staged),
    {
        self.entries.lemma_wf();
        self.journals.lemma_inv(region.volatile);
        assert(view.committed == view.staged);
        if view.sound {
            self.lemma_durable(region, view);
        }
    }

    /// Makes room for the record that was encoded, and waits for what must be durable before it.
    fn make_ready<R: Region>(
        &mut self,
        region: &mut Guarded<R, Permission>,
        needs_flush: bool,
        Ghost(view): Ghost<MultiLogView>,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            old(self).inv(old(region)@, view),
            !view.failed,
            !old(self).entries.nothing_staged(),
            old(self).last_commit < LAST_COMMIT,
            old(self).payload@ == record_payload(old(self).change_list()),
            !needs_flush ==> forall|i: int|
                0 <= i < old(self).rings@.len() ==> !#[trigger] old(self).is_unchecked(i),
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
            permission.allowed().contains(Found::Logs(view.staged)),
            permission.commit() == Some(view),
        ensures
            final(region).inv(),
            r is Ok ==> final(self).may_append(final(region)@, view, *permission),
            r is Err ==> final(self).inv(final(region)@, failed(view)) && permission.permits(
                final(region)@.durable,
            ),
    {
        hide(Core::inv);
        hide(recover);
        hide(Core::change_list);
        hide(record_payload);
        hide(commit_collides);
        let ghost before = region@;
        proof {
            self.lemma_parts(before, view);
            self.lemma_payload_fits();
        }
        if !self.journals.has_room(self.payload.len() as u64, Ghost(region@.volatile)) {
            let r = self.switch(region, Ghost(view), Tracked(permission));
            proof {
                if r is Ok {
                    self.lemma_same_list(*old(self));
                    self.lemma_room_after_switch(region@, view);
                }
            }
            return r;
        }
        proof {
            self.journals.lemma_next_addr(before.volatile);
        }
        if needs_flush {
            let r = Guarded::flush(region);
            self.failed = r.is_err();
            proof {
                self.lemma_flushed(*old(self), before, region@, view, r is Ok);
            }
            return r;
        }
        Ok(())
    }

    /// After a switch there is room for the record of any commit.
    proof fn lemma_room_after_switch(&self, region: RegionView, view: MultiLogView)
        requires
            self.inv(region, view),
            !view.failed,
            self.payload@ == record_payload(self.change_list()),
            self.journals.is_quiet(),
            self.journals.next_addr() == self.journals.layout().first(self.journals.live()),
        ensures
            self.journals.room_for(self.payload@.len() as int),
    {
        let len = region.volatile.len() as int;
        self.entries.lemma_wf();
        self.lemma_payload_fits();
        lemma_journal_layout(self.id, self.rings@.len() as int, self.lines as int, len);
        self.journals.lemma_room(self.payload@.len() as int);
    }
}

} // verus!
