//! Writing where nothing is in use leaves everything else as it is.
#[cfg(verus_only)]
use super::switch::*;
use super::*;

verus! {

impl Core {
    /// What of log `i`'s ring is in use, if it goes on at `position`.
    pub(super) open spec fn in_use(&self, i: int, position: int) -> InUse {
        let committed = self.entries.committed()[i];
        InUse { head: committed.head as int, tail: committed.tail as int, position }
    }

    /// Whether only what is remembered of the rings differs, and whether the device failed.
    pub(super) open spec fn same_but_cursors(&self, other: &Core) -> bool {
        *self == (Core { cursors: self.cursors, failed: self.failed, ..*other })
    }

    /// Rings have no address in common.
    pub(super) proof fn lemma_rings_apart(&self, i: int, j: int, len: int)
        requires
            rings_ok(self.rings@, self.lines as int, len),
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

    /// An image that leaves what log `i` has committed, and everything outside of its ring, leaves all committed bytes.
    proof fn lemma_committed_bytes(
        &self,
        s: Seq<u8>,
        t: Seq<u8>,
        i: int,
        position: int,
        j: int,
        from: int,
        to: int,
    )
        requires
            self.wf(t.len() as int),
            0 <= i < self.rings@.len(),
            0 <= j < self.rings@.len(),
            self.in_use(i, position).same(self.rings@[i], s, t),
            self.entries.committed()[j].head <= from <= to <= self.entries.committed()[j].tail,
        ensures
            self.rings@[j].bytes(s, from, to) == self.rings@[j].bytes(t, from, to),
    {
        let ring = self.rings@[j];
        let (head, tail) = (
            self.entries.committed()[j].head as int,
            self.entries.committed()[j].tail as int,
        );
        if j == i {
            lemma_bytes_sum(ring, s, head, from, tail);
            lemma_bytes_sum(ring, t, head, from, tail);
            lemma_bytes_sum(ring, s, from, to, tail);
            lemma_bytes_sum(ring, t, from, to, tail);
        } else {
            self.lemma_rings_apart(i, j, t.len() as int);
            lemma_same_ring(ring, s, t, from, to);
        }
    }

    /// So it leaves the last record whole.
    proof fn lemma_last_whole(&self, s: Seq<u8>, t: Seq<u8>, i: int, position: int)
        requires
            self.wf(t.len() as int),
            self.last_in_use(),
            self.contents().rings() == self.rings@,
            self.contents().is_whole(t),
            0 <= i < self.rings@.len(),
            self.in_use(i, position).same(self.rings@[i], s, t),
        ensures
            self.contents().is_whole(s),
    {
        let c = self.contents();
        if c.journal.records.len() > 0 {
            let before = c.before()->0;
            let payload = c.journal.records.last();
            lemma_replay_len(c.first(), c.journal.records.drop_last());
            assert(before.len() == self.rings@.len());
            assert forall|k: int| 0 <= k < payload.len() / 32 implies (#[trigger] change_at(
                payload,
                k,
            ) matches Some(change) ==> change.checked ==> change_in(
                s,
                self.rings@,
                before,
                change,
            )) by {
                if let Some(change) = change_at(payload, k) {
                    if change.checked {
                        let n = change.log as int;
                        assert(change_in(t, self.rings@, before, change));
                        assert(self.change_in_use(before, change));
                        self.lemma_committed_bytes(
                            s,
                            t,
                            i,
                            position,
                            n,
                            before[n].tail as int,
                            change.entry.tail as int,
                        );
                    }
                }
            }
        }
    }

    /// And it says the same.
    pub(super) proof fn lemma_in_use_same(&self, s: Seq<u8>, t: Seq<u8>, i: int, position: int)
        requires
            self.wf(t.len() as int),
            !self.failed,
            self.journals.sound(),
            self.journals.is_quiet(),
            self.says(t),
            0 <= i < self.rings@.len(),
            self.in_use(i, position).same(self.rings@[i], s, t),
        ensures
            self.says(s),
            self.committed_state(s) == self.committed_state(t),
            recover(s) == Some(self.committed_state(t)),
    {
        let len = t.len() as int;
        let c = self.contents();
        let entries = self.entries.committed();
        assert(self.rings@[i].fits(len));
        lemma_journal_layout(self.id, self.rings@.len() as int, self.lines as int, len);
        self.journals.lemma_inv_frame(s, t);
        self.journals.lemma_inv(s);
        self.lemma_last_whole(s, t, i, position);
        assert(line(s, 0) =~= line(t, 0));
        assert(line(s, ID_ADDR as int) =~= line(t, ID_ADDR as int));
        assert(c.counted(s) == c.counted(t));
        assert forall|j: int| 0 <= j < self.rings@.len() implies #[trigger] log_of(
            s,
            self.rings@[j],
            entries[j],
        ) == log_of(t, self.rings@[j], entries[j]) by {
            let (head, tail) = (entries[j].head as int, entries[j].tail as int);
            assert(entry_ok(entries[j], self.rings@[j]));
            self.lemma_committed_bytes(s, t, i, position, j, head, tail);
        }
        assert(self.committed_state(s) =~= self.committed_state(t));
        lemma_recover(s, c);
    }

    /// Images that leave what is committed are permitted.
    pub(super) proof fn lemma_permitted(
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
            self.journals.is_quiet(),
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

    /// A write behind the tail of log `i` leaves what is remembered of the other rings right, and all CRCs.
    proof fn lemma_written_rings(&self, before: Core, s: Seq<u8>, t: Seq<u8>, i: int, position: int)
        requires
            before.wf(t.len() as int),
            before.cursors_right(t),
            before.appended_right(t),
            0 <= i < self.rings@.len(),
            self.entries.staged()[i].tail <= position <= self.entries.committed()[i].head
                + self.rings@[i].capacity,
            self.same_but_cursors(&before),
            self.cursors@ == before.cursors@.update(i, self.cursors@[i]),
            self.cursors@[i].right(self.rings@[i], s),
            self.rings@[i].same_elsewhere(
                s,
                t,
                position,
                self.entries.committed()[i].head + self.rings@[i].capacity,
            ),
        ensures
            self.cursors_right(s),
            self.appended_right(s),
    {
        let ring = self.rings@[i];
        let end = self.entries.committed()[i].head + ring.capacity;
        self.entries.lemma_wf();
        assert forall|a: int|
            0 <= a < s.len() && !(ring.start <= a < ring.start
                + ring.capacity) implies #[trigger] s[a] == t[a] by {
            assert(!ring.covers(position, end, a));
        }
        assert forall|j: int| 0 <= j < self.rings@.len() implies #[trigger] self.cursors@[j].right(
            self.rings@[j],
            s,
        ) by {
            if j != i {
                self.lemma_rings_apart(i, j, t.len() as int);
                assert(before.cursors@[j].right(self.rings@[j], t));
                self.cursors@[j].lemma_same(self.rings@[j], s, t);
            }
        }
        assert forall|j: int| 0 <= j < self.rings@.len() implies Self::crc_right(
            s,
            self.rings@[j],
            self.entries.committed()[j],
            self.entries.staged()[j],
            #[trigger] self.entries.appended()[j],
        ) by {
            let (committed, staged) = (self.entries.committed()[j], self.entries.staged()[j]);
            let (from, to) = (committed.tail as int, staged.tail as int);
            assert(Self::crc_right(
                t,
                self.rings@[j],
                committed,
                staged,
                before.entries.appended()[j],
            ));
            assert(entry_ok(committed, self.rings@[j]));
            if j != i {
                self.lemma_rings_apart(i, j, t.len() as int);
                lemma_same_ring(self.rings@[j], s, t, from, to);
            } else if from <= to {
                assert(ring.fits(t.len() as int));
                lemma_elsewhere(ring, s, t, position, end, from, to);
            }
        }
    }

    /// After a write behind the tail of log `i`, the logs are as before.
    proof fn lemma_written_state(&self, s: Seq<u8>, t: Seq<u8>, i: int, position: int)
        requires
            self.wf(t.len() as int),
            0 <= i < self.rings@.len(),
            self.entries.committed()[i].tail <= self.entries.staged()[i].tail <= position
                <= self.entries.committed()[i].head + self.rings@[i].capacity,
            self.rings@[i].same_elsewhere(
                s,
                t,
                position,
                self.entries.committed()[i].head + self.rings@[i].capacity,
            ),
        ensures
            self.committed_state(s) == self.committed_state(t),
            self.staged_state(s) == self.staged_state(t),
    {
        let end = self.entries.committed()[i].head + self.rings@[i].capacity;
        let (lines, last) = (self.lines as int, self.last_commit as int);
        let commit = self.staged_state(t).commit;
        self.entries.lemma_wf();
        self.lemma_staged_ok();
        assert(Self::staged_ok(
            self.entries.committed()[i],
            self.entries.staged()[i],
            self.rings@[i],
        ));
        lemma_state_elsewhere(
            s,
            t,
            self.id,
            lines,
            self.rings@,
            self.entries.committed(),
            last,
            i,
            position,
            end,
        );
        lemma_state_elsewhere(
            s,
            t,
            self.id,
            lines,
            self.rings@,
            self.entries.staged(),
            commit,
            i,
            position,
            end,
        );
    }

    /// After a write behind the tail of log `i`, everything is as before, except for the cursor of its ring.
    pub(super) proof fn lemma_written(
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
            before.journals.is_quiet(),
            0 <= i < self.rings@.len(),
            before.entries.committed()[i].tail <= before.entries.staged()[i].tail <= position
                <= before.entries.committed()[i].head + before.rings@[i].capacity,
            self.same_but_cursors(&before),
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
        hide(recover);
        let (s, t) = (region.volatile, old_region.volatile);
        let ring = self.rings@[i];
        let in_use = before.in_use(i, position);
        assert(ring.fits(t.len() as int));
        assert(entry_ok(before.entries.committed()[i], ring));
        before.lemma_written_state(s, t, i, position);
        in_use.lemma_elsewhere(ring, s, t, in_use.head + ring.capacity);
        if ok {
            self.lemma_written_rings(before, s, t, i, position);
            lemma_journal_layout(
                self.id,
                self.rings@.len() as int,
                self.lines as int,
                t.len() as int,
            );
            self.journals.lemma_inv_frame(s, t);
        }
        if view.sound {
            before.lemma_in_use_durable(old_region, view, i, position);
            before.lemma_in_use_same(region.durable, old_region.durable, i, position);
            before.lemma_in_use_same(s, t, i, position);
        } else if ok {
            self.journals.lemma_inv_frame(region.durable, old_region.durable);
        }
    }
}

} // verus!
