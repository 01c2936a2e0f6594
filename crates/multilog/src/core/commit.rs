//! Committing what is staged.
use super::*;

verus! {

impl Core {
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
        lemma_table_layout(self.id, self.rings@.len() as int, region.volatile.len() as int);
        if view.sound {
            assert forall|image: Seq<u8>|
                layout.same_but_copy(
                    image,
                    region.durable,
                    idle,
                ) implies #[trigger] permission.permits(image) by {
                self.lemma_committed_image(image, region.durable);
            }
            assert forall|image: Seq<u8>|
                layout.same_but_copy(
                    image,
                    region.volatile,
                    idle,
                ) implies #[trigger] permission.permits(image) by {
                self.lemma_committed_image(image, region.volatile);
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

    /// An image with another idle copy recovers to what is committed.
    proof fn lemma_committed_image(&self, image: Seq<u8>, before: Seq<u8>)
        requires
            self.wf(before.len() as int),
            holds(before, self.contents()),
            self.table.layout().same_but_copy(image, before, !self.table.live_b()),
        ensures
            recover(image) == Some(self.committed_state(before)),
    {
        lemma_table_layout(self.id, self.rings@.len() as int, before.len() as int);
        lemma_holds_same(image, before, self.contents());
        lemma_state_same(image, before, self.id, self.rings@, self.table.committed());
        lemma_recover(image, self.contents());
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
}

} // verus!
