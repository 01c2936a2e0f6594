//! Writing behind the tails of logs, where nothing is in use.
#[cfg(verus_only)]
use super::gather::*;
use super::*;
use vstd::slice::slice_subrange;

verus! {

impl Core {
    /// What of log `i`'s ring is in use, if it goes on at `position`.
    closed spec fn in_use(&self, i: int, position: int) -> InUse {
        let committed = self.table.committed()[i];
        InUse { head: committed.b as int, tail: committed.c as int, position }
    }

    /// Writes a slice of log `i` behind its staged tail, or three at once, if [`Ring::append_framed`] does that: None if
    /// not. What is committed and what is staged stay as they are.
    #[inline(always)]
    fn write_behind_tail<R: Region>(
        &mut self,
        region: &mut Guarded<R, Permission>,
        i: usize,
        position: u64,
        parts: &[&[u8]],
        Ghost(view): Ghost<MultiLogView>,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Option<Result<(), AppendError>>)
        requires
            old(region).inv(),
            old(self).inv(old(region)@, view),
            !view.failed,
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
            i < old(self).rings@.len(),
            parts@.len() == 1 || parts@.len() == 3,
            old(self).table.committed()[i as int].c <= old(self).table.staged()[i as int].c
                <= position,
            position + gathered(parts@).len() <= old(self).table.committed()[i as int].b + old(
                self,
            ).rings@[i as int].capacity,
            position + gathered(parts@).len() <= u64::MAX,
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(self).rings == old(self).rings,
            final(self).table == old(self).table,
            view.sound ==> recover(final(region)@.durable) == Some(view.committed),
            match r {
                None => parts@.len() == 3 && final(self).inv(final(region)@, view),
                Some(Ok(())) => {
                    &&& final(self).inv(final(region)@, view)
                    &&& old(self).rings@[i as int].same_elsewhere(
                        final(region)@.volatile,
                        old(region)@.volatile,
                        position as int,
                        old(self).table.committed()[i as int].b + old(
                            self,
                        ).rings@[i as int].capacity,
                    )
                    &&& old(self).rings@[i as int].bytes(
                        final(region)@.volatile,
                        position as int,
                        position + gathered(parts@).len(),
                    ) == gathered(parts@)
                },
                Some(Err(e)) => e is Io && final(self).inv(final(region)@, failed(view)),
            },
    {
        let ring = self.rings[i];
        let ghost before = region@;
        let ghost in_use = self.in_use(i as int, position as int);
        proof {
            self.lemma_log(before, view, i as int);
            self.lemma_gate(before, view);
            self.lemma_permitted(before, view, i as int, position as int, *permission);
        }
        let r = if parts.len() == 1 {
            proof {
                lemma_gathered_one(parts@);
            }
            let room = ring.capacity - (position - self.table.get_committed(i).b);
            ring.append(
                region,
                &mut self.cursors[i],
                position,
                room,
                parts[0],
                Ghost(in_use),
                Tracked(permission),
            )
        } else {
            proof {
                lemma_gathered_three(parts@);
            }
            ring.append_framed(
                region,
                &mut self.cursors[i],
                position,
                parts[0],
                parts[1],
                parts[2],
                Ghost(in_use),
                Tracked(permission),
            )?
        };
        self.failed = r.is_err();
        proof {
            region.lemma_inv();
            self.lemma_written(
                *old(self),
                before,
                region@,
                view,
                i as int,
                position as int,
                r is Ok,
            );
        }
        match r {
            Ok(()) => Some(Ok(())),
            Err(e) => Some(Err(AppendError::Io(e))),
        }
    }

    /// Images that leave what is committed are permitted.
    proof fn lemma_permitted(
        &self,
        region: RegionView,
        view: MultiLogView,
        i: int,
        position: int,
        permission: Permission,
    )
        requires
            self.inv(region, view),
            !view.failed,
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
            0 <= i < self.rings@.len(),
        ensures
            self.in_use(i, position).permitted(self.rings@[i], region, permission),
    {
        let in_use = self.in_use(i, position);
        let ring = self.rings@[i];
        if view.sound {
            self.lemma_in_use_durable(region, view, i, position);
            assert forall|image: Seq<u8>|
                in_use.same(ring, image, region.durable) implies #[trigger] permission.permits(
                image,
            ) by {
                self.lemma_in_use_same(image, region.durable, i, position);
                lemma_recover(image, self.contents());
            }
        }
    }

    /// What is committed is durable.
    proof fn lemma_in_use_durable(
        &self,
        region: RegionView,
        view: MultiLogView,
        i: int,
        position: int,
    )
        requires
            self.inv(region, view),
            !view.failed,
            view.sound,
            0 <= i < self.rings@.len(),
        ensures
            self.in_use(i, position).is_durable(self.rings@[i], region),
    {
        let (volatile, durable) = (
            self.committed_state(region.volatile),
            self.committed_state(region.durable),
        );
        assert(volatile.logs[i] == durable.logs[i]);
    }

    /// An image that leaves what log `i` has committed, and everything outside of its ring, says the same.
    proof fn lemma_in_use_same(&self, s: Seq<u8>, t: Seq<u8>, i: int, position: int)
        requires
            self.wf(t.len() as int),
            holds(t, self.contents()),
            0 <= i < self.rings@.len(),
            self.in_use(i, position).same(self.rings@[i], s, t),
        ensures
            holds(s, self.contents()),
            self.committed_state(s) == self.committed_state(t),
    {
        let len = t.len() as int;
        let entries = self.table.committed();
        assert(self.rings@[i].fits(len));
        lemma_table_layout(self.id, self.rings@.len() as int, len);
        lemma_holds_same(s, t, self.contents());
        assert forall|j: int| 0 <= j < self.rings@.len() implies #[trigger] log_of(
            s,
            self.rings@[j],
            entries[j],
        ) == log_of(t, self.rings@[j], entries[j]) by {
            if j != i {
                self.lemma_rings_apart(i, j, len);
                lemma_same_ring(self.rings@[j], s, t, entries[j].b as int, entries[j].c as int);
            }
        }
        assert(self.committed_state(s) =~= self.committed_state(t));
    }

    /// Rings have no address in common.
    proof fn lemma_rings_apart(&self, i: int, j: int, len: int)
        requires
            rings_ok(self.rings@, len),
            0 <= i < self.rings@.len(),
            0 <= j < self.rings@.len(),
            i != j,
        ensures
            self.rings@[j].fits(len),
            self.rings@[i].start + self.rings@[i].capacity <= self.rings@[j].start
                || self.rings@[j].start + self.rings@[j].capacity <= self.rings@[i].start,
    {
        if i < j {
            assert(self.rings@[i].start + self.rings@[i].capacity <= self.rings@[j].start);
        } else {
            assert(self.rings@[j].start + self.rings@[j].capacity <= self.rings@[i].start);
        }
    }

    /// After a write behind the tail of log `i`, everything is as before but for what is remembered of its ring.
    proof fn lemma_written(
        &self,
        before: Core,
        old_region: RegionView,
        region: RegionView,
        view: MultiLogView,
        i: int,
        position: int,
        ok: bool,
    )
        requires
            before.inv(old_region, view),
            !view.failed,
            0 <= i < self.rings@.len(),
            before.table.committed()[i].c <= before.table.staged()[i].c <= position
                <= before.table.committed()[i].b + before.rings@[i].capacity,
            self.id == before.id,
            self.prefix == before.prefix,
            self.rings == before.rings,
            self.table == before.table,
            self.failed == !ok,
            self.cursors@ == before.cursors@.update(i, self.cursors@[i]),
            ok ==> self.cursors@[i].right(self.rings@[i], region.volatile),
            region.durable.len() == region.volatile.len(),
            written(before.in_use(i, position), self.rings@[i], old_region, region, ok),
        ensures
            ok ==> self.inv(region, view),
            !ok ==> self.inv(region, failed(view)),
            view.sound ==> recover(region.durable) == Some(view.committed),
    {
        let (s, t) = (region.volatile, old_region.volatile);
        let end = before.table.committed()[i].b + self.rings@[i].capacity;
        let ring = self.rings@[i];
        before.lemma_log(old_region, view, i);
        before.lemma_staged_entries_ok(old_region, view);
        lemma_table_layout(self.id, self.rings@.len() as int, t.len() as int);
        lemma_state_elsewhere(s, t, self.id, self.rings@, self.table.committed(), i, position, end);
        lemma_state_elsewhere(s, t, self.id, self.rings@, self.table.staged(), i, position, end);
        assert forall|a: int|
            0 <= a < s.len() && !(ring.start <= a < ring.start
                + ring.capacity) implies #[trigger] s[a] == t[a] by {
            assert(!ring.covers(position, end, a));
        }
        self.table.lemma_inv_frame(t, s);
        if ok {
            assert forall|j: int|
                0 <= j < self.rings@.len() implies #[trigger] self.cursors@[j].right(
                self.rings@[j],
                s,
            ) by {
                if j != i {
                    self.lemma_rings_apart(i, j, t.len() as int);
                    assert(before.cursors@[j].right(self.rings@[j], t));
                    self.cursors@[j].lemma_same(self.rings@[j], s, t);
                }
            }
        }
        if view.sound {
            before.lemma_in_use_durable(old_region, view, i, position);
            before.lemma_in_use_same(region.durable, old_region.durable, i, position);
            lemma_recover(region.durable, before.contents());
            lemma_holds_same(s, t, before.contents());
        }
    }

    /// What is staged would make sense as what is committed.
    pub(super) proof fn lemma_staged_entries_ok(&self, region: RegionView, view: MultiLogView)
        requires
            self.inv(region, view),
        ensures
            entries_ok(self.table.staged(), self.rings@),
    {
        assert forall|i: int| 0 <= i < self.rings@.len() implies entry_ok(
            #[trigger] self.table.staged()[i],
            self.rings@[i],
        ) by {
            assert(Self::staged_ok(
                self.table.committed()[i],
                self.table.staged()[i],
                self.rings@[i],
            ));
        }
    }

    /// Writes several slices of log `i` behind its staged tail, one behind the other.
    #[inline(always)]
    pub(super) fn write_parts<R: Region>(
        &mut self,
        region: &mut Guarded<R, Permission>,
        i: usize,
        position: u64,
        parts: &[&[u8]],
        Ghost(view): Ghost<MultiLogView>,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<(), AppendError>)
        requires
            old(region).inv(),
            old(self).inv(old(region)@, view),
            !view.failed,
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
            i < old(self).rings@.len(),
            old(self).table.committed()[i as int].c <= old(self).table.staged()[i as int].c
                <= position,
            position + gathered(parts@).len() <= old(self).table.committed()[i as int].b + old(
                self,
            ).rings@[i as int].capacity,
            position + gathered(parts@).len() <= u64::MAX,
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(self).rings == old(self).rings,
            final(self).table == old(self).table,
            view.sound ==> recover(final(region)@.durable) == Some(view.committed),
            r is Ok ==> {
                &&& final(self).inv(final(region)@, view)
                &&& final(self).rings@[i as int].bytes(
                    final(region)@.volatile,
                    position as int,
                    position + gathered(parts@).len(),
                ) == gathered(parts@)
            },
            r matches Err(e) ==> e is Io && final(self).inv(final(region)@, failed(view)),
    {
        let ghost ring = self.rings@[i as int];
        let ghost committed = self.table.committed()[i as int];
        let mut at = position;
        let mut k: usize = 0;
        proof {
            self.lemma_log(region@, view, i as int);
            self.lemma_gate(region@, view);
            assert(gathered(parts@.take(0)) =~= Seq::empty());
            assert(ring.bytes(region@.volatile, position as int, position as int) =~= Seq::empty());
        }
        // Three slices, as a record has, may be whole words.
        if parts.len() == 3 {
            let r = self.write_behind_tail(
                region,
                i,
                position,
                parts,
                Ghost(view),
                Tracked(permission),
            );
            if let Some(r) = r {
                return r;
            }
        }
        while k < parts.len()
            invariant
                k <= parts@.len(),
                region.inv(),
                region@.medium == old(region)@.medium,
                self.inv(region@, view),
                self.gate_inv(region@, view),
                !view.failed,
                !view.sound ==> permission.allowed() == Set::<Found>::full(),
                permission.allowed().contains(Found::Logs(view.committed)),
                i < self.rings@.len(),
                self.rings == old(self).rings,
                self.table == old(self).table,
                ring == self.rings@[i as int],
                committed == self.table.committed()[i as int],
                committed.c <= self.table.staged()[i as int].c <= position,
                position + gathered(parts@).len() <= committed.b + ring.capacity,
                position + gathered(parts@).len() <= u64::MAX,
                at == position + gathered(parts@.take(k as int)).len(),
                ring.bytes(region@.volatile, position as int, at as int) == gathered(
                    parts@.take(k as int),
                ),
            decreases parts@.len() - k,
        {
            let part = parts[k];
            let ghost before = region@;
            proof {
                lemma_gathered_step(parts@, k as int);
                lemma_gathered_grows(parts@, k + 1, parts@.len() as int);
                assert(parts@.take(parts@.len() as int) =~= parts@);
                self.lemma_log(region@, view, i as int);
                assert(part@.len() == 0 ==> part@ =~= Seq::empty());
            }
            if !part.is_empty() {
                let one = slice_subrange(parts, k, k + 1);
                proof {
                    lemma_gathered_one(one@);
                }
                let r = self.write_behind_tail(
                    region,
                    i,
                    at,
                    one,
                    Ghost(view),
                    Tracked(permission),
                );
                if let Some(r) = r {
                    r?;
                }
                proof {
                    self.lemma_log(region@, view, i as int);
                    self.lemma_gate(region@, view);
                    let (from, to) = (at as int, at + part@.len());
                    lemma_elsewhere(
                        ring,
                        region@.volatile,
                        before.volatile,
                        from,
                        committed.b + ring.capacity,
                        position as int,
                        from,
                    );
                    lemma_bytes_sum(ring, region@.volatile, position as int, from, to);
                }
            }
            at += part.len() as u64;
            k += 1;
        }
        assert(parts@.take(parts@.len() as int) =~= parts@);
        Ok(())
    }
}

} // verus!
