//! What recovery makes of the record of a commit.
use super::*;
#[cfg(verus_only)]
use crate::change_lemmas::*;

verus! {

impl Core {
    /// Whether the next record is encoded and has room, and bytes that it has no CRC of are durable.
    pub(super) open spec fn record_ready(&self, region: RegionView, view: MultiLogView) -> bool {
        &&& self.inv(region, view)
        &&& !view.failed
        &&& !self.entries.nothing_staged()
        &&& self.last_commit < LAST_COMMIT
        &&& self.payload@ == record_payload(self.change_list())
        &&& self.journals.room_for(self.payload@.len() as int)
        &&& self.journals.is_quiet()
        &&& forall|i: int|
            0 <= i < self.rings@.len() && #[trigger] self.is_unchecked(i) ==> region.durable
                == region.volatile
    }

    /// What the metadata says once the record is there.
    pub(super) open spec fn next_contents(&self) -> Contents {
        Contents {
            id: self.id,
            lines: self.lines as int,
            journal: self.journals.state().with(self.payload@),
        }
    }

    /// The record's payload is one, and not too long for a journal.
    pub(super) proof fn lemma_payload_fits(&self)
        requires
            self.entries.wf(),
            self.entries.committed().len() <= MAX_LOGS,
            self.payload@ == record_payload(self.change_list()),
        ensures
            payload_ok(self.payload@),
            logs_ok(self.change_list()),
            self.payload@.len() + HEADER <= 64 * spec_lines(
                self.entries.committed().len() as int,
                0,
            ),
    {
        let list = self.change_list();
        self.entries.lemma_wf();
        assert forall|k: int| 0 <= k < list.len() implies (#[trigger] list[k]).log <= u32::MAX by {
            assert(list[k] == self.change_of(self.entries.changed()[k] as int));
        }
        lemma_record_payload(list);
        lemma_payload_ok(list);
    }

    /// The record makes of what is committed what is staged.
    proof fn lemma_next(&self)
        requires
            self.entries.wf(),
            self.entries.committed().len() <= MAX_LOGS,
            self.payload@ == record_payload(self.change_list()),
        ensures
            apply(self.entries.committed(), self.payload@) == Some(self.entries.staged()),
            forall|i: int|
                0 <= i < self.entries.committed().len() && self.entries.staged()[i]
                    != self.entries.committed()[i] ==> exists|k: int|
                    0 <= k < self.payload@.len() / 32 && change_at(self.payload@, k) == Some(
                        #[trigger] self.change_of(i),
                    ),
            forall|k: int|
                0 <= k < self.payload@.len() / 32 ==> (#[trigger] change_at(
                    self.payload@,
                    k,
                ) matches Some(c) ==> c.log < self.entries.committed().len() && c == self.change_of(
                    c.log as int,
                )),
    {
        let list = self.change_list();
        let (committed, staged) = (self.entries.committed(), self.entries.staged());
        self.entries.lemma_wf();
        self.lemma_payload_fits();
        lemma_record_payload(list);
        assert forall|i: int|
            0 <= i < committed.len() && (forall|n: int|
                0 <= n < list.len() ==> (#[trigger] list[n]).log != i) implies #[trigger] staged[i]
            == committed[i] by {
            if self.entries.changed().contains(i as u32) {
                let n = choose|n: int| 0 <= n < list.len() && self.entries.changed()[n] == i as u32;
                assert(self.entries.changed()[n] as int == i);
                assert(list[n] == self.change_of(i));
                assert(list[n].log == i);
            }
        }
        assert forall|n: int| 0 <= n < list.len() implies (#[trigger] list[n]).log < committed.len()
            && list[n].entry == staged[list[n].log as int] && list[n] == self.change_of(
            list[n].log as int,
        ) by {
            assert(list[n] == self.change_of(self.entries.changed()[n] as int));
        }
        lemma_apply(committed, staged, list);
        assert forall|i: int| 0 <= i < committed.len() && staged[i] != committed[i] implies exists|
            k: int,
        |
            0 <= k < self.payload@.len() / 32 && change_at(self.payload@, k) == Some(
                #[trigger] self.change_of(i),
            ) by {
            let n = choose|n: int| 0 <= n < list.len() && (#[trigger] list[n]).log == i;
            assert(list[n] == self.change_of(i));
            assert(change_at(self.payload@, n) == Some(list[n]));
        }
    }

    /// What the metadata says once the record is there, of an image that has it.
    proof fn lemma_next_contents(&self, image: Seq<u8>, base: Seq<u8>)
        requires
            self.wf(base.len() as int),
            self.says(base),
            self.journals.is_quiet(),
            self.payload@ == record_payload(self.change_list()),
            image.len() == base.len(),
            forall|a: int|
                0 <= a < base.len() && !self.journals.layout().covers(a) ==> #[trigger] image[a]
                    == base[a],
            self.journals.layout().state(image) == Some(self.next_contents().journal),
        ensures
            ({
                let c = self.next_contents();
                &&& holds(image, c)
                &&& c.rings() == self.rings@
                &&& c.before() == Some(self.entries.committed())
                &&& c.is_whole(image) == record_whole(
                    image,
                    self.rings@,
                    self.entries.committed(),
                    self.payload@,
                )
                &&& c.entries(image) == Some(
                    if c.is_whole(image) {
                        self.entries.staged()
                    } else {
                        self.entries.committed()
                    },
                )
                &&& c.commit(image) == if c.is_whole(image) {
                    self.last_commit + 1
                } else {
                    self.last_commit as int
                }
            }),
    {
        let (c, d) = (self.next_contents(), self.contents());
        let len = base.len() as int;
        let records = self.journals.state().records;
        self.entries.lemma_wf();
        lemma_journal_layout(self.id, self.rings@.len() as int, self.lines as int, len);
        assert(line(image, 0) =~= line(base, 0));
        assert(line(image, ID_ADDR as int) =~= line(base, ID_ADDR as int));
        assert(c.journal.records.drop_last() =~= records);
        assert(c.rings() =~= d.rings());
        assert(c.first() =~= d.first());
        self.lemma_next();
        reveal_with_fuel(replay, 2);
        assert(d.counted(base) == records);
        assert(c.before() == Some(self.entries.committed()));
        self.lemma_staged_ok();
    }

    /// What is staged would make sense as what is committed.
    pub(super) proof fn lemma_staged_ok(&self)
        requires
            self.entries.wf(),
            self.entries.committed().len() == self.rings@.len(),
            forall|i: int|
                0 <= i < self.rings@.len() ==> Self::staged_ok(
                    self.entries.committed()[i],
                    #[trigger] self.entries.staged()[i],
                    self.rings@[i],
                ),
        ensures
            entries_ok(self.entries.staged(), self.rings@),
    {
        self.entries.lemma_wf();
        assert forall|i: int| 0 <= i < self.rings@.len() implies entry_ok(
            #[trigger] self.entries.staged()[i],
            self.rings@[i],
        ) by {
            assert(Self::staged_ok(
                self.entries.committed()[i],
                self.entries.staged()[i],
                self.rings@[i],
            ));
        }
    }

    /// Whether an image has the bytes that are staged behind log `i`'s committed tail.
    spec fn has_appended(&self, image: Seq<u8>, volatile: Seq<u8>, i: int) -> bool {
        let (from, to) = (
            self.entries.committed()[i].tail as int,
            self.entries.staged()[i].tail as int,
        );
        from < to ==> self.rings@[i].bytes(image, from, to) == self.rings@[i].bytes(
            volatile,
            from,
            to,
        )
    }

    /// With the committed bytes and those that were appended, the logs are as staged.
    proof fn lemma_staged_there(&self, image: Seq<u8>, region: RegionView)
        requires
            self.wf(region.volatile.len() as int),
            !self.entries.nothing_staged(),
            self.committed_state(image) == self.committed_state(region.volatile),
            forall|i: int|
                0 <= i < self.rings@.len() ==> #[trigger] self.has_appended(
                    image,
                    region.volatile,
                    i,
                ),
        ensures
            state_of(
                image,
                self.id,
                self.lines as int,
                self.rings@,
                self.entries.staged(),
                self.last_commit + 1,
            ) == self.staged_state(region.volatile),
    {
        let volatile = region.volatile;
        let (committed, staged) = (self.entries.committed(), self.entries.staged());
        self.entries.lemma_wf();
        assert forall|i: int| 0 <= i < self.rings@.len() implies #[trigger] log_of(
            image,
            self.rings@[i],
            staged[i],
        ) == log_of(volatile, self.rings@[i], staged[i]) by {
            let ring = self.rings@[i];
            let (c, s) = (committed[i], staged[i]);
            assert(Self::staged_ok(c, s, ring));
            assert(self.committed_state(image).logs[i] == self.committed_state(volatile).logs[i]);
            assert(log_of(image, ring, c).data == log_of(volatile, ring, c).data);
            assert(self.has_appended(image, volatile, i));
            let (x, y) = (
                ring.bytes(image, s.head as int, s.tail as int),
                ring.bytes(volatile, s.head as int, s.tail as int),
            );
            assert forall|n: int| 0 <= n < x.len() implies x[n] == y[n] by {
                let p = s.head + n;
                if p < c.tail {
                    let at = p - c.head;
                    assert(ring.bytes(image, c.head as int, c.tail as int)[at] == ring.bytes(
                        volatile,
                        c.head as int,
                        c.tail as int,
                    )[at]);
                    assert(c.head + at == s.head + n);
                } else {
                    let at = p - c.tail;
                    assert(ring.bytes(image, c.tail as int, s.tail as int)[at] == ring.bytes(
                        volatile,
                        c.tail as int,
                        s.tail as int,
                    )[at]);
                    assert(c.tail + at == s.head + n);
                }
            }
            assert(x =~= y);
        }
        assert(state_of(
            image,
            self.id,
            self.lines as int,
            self.rings@,
            staged,
            self.last_commit + 1,
        ) =~= self.staged_state(volatile));
    }

    /// A record that is whole has the bytes that were appended, or others with their CRC.
    proof fn lemma_record_checks(&self, image: Seq<u8>, volatile: Seq<u8>, i: int)
        requires
            self.wf(volatile.len() as int),
            self.payload@ == record_payload(self.change_list()),
            self.appended_right(volatile),
            0 <= i < self.rings@.len(),
            !self.is_unchecked(i),
            record_whole(image, self.rings@, self.entries.committed(), self.payload@),
        ensures
            self.has_appended(image, volatile, i) || ({
                let (from, to) = (
                    self.entries.committed()[i].tail as int,
                    self.entries.staged()[i].tail as int,
                );
                same_mixed(
                    self.rings@[i].bytes(image, from, to),
                    self.rings@[i].bytes(volatile, from, to),
                )
            }),
    {
        let (committed, staged) = (self.entries.committed()[i], self.entries.staged()[i]);
        self.entries.lemma_wf();
        self.lemma_next();
        if committed.tail < staged.tail {
            let c = self.change_of(i);
            let k = choose|k: int|
                0 <= k < self.payload@.len() / 32 && change_at(self.payload@, k) == Some(
                    self.change_of(i),
                );
            assert(change_in(image, self.rings@, self.entries.committed(), c));
            assert(Self::crc_right(
                volatile,
                self.rings@[i],
                committed,
                staged,
                self.entries.appended()[i],
            ));
        }
    }

    /// Where no check is met by other bytes than those that were appended, they are there.
    proof fn lemma_all_appended(&self, image: Seq<u8>, region: RegionView, view: MultiLogView)
        requires
            self.record_ready(region, view),
            view.sound,
            self.same_but_record(image, region.durable),
            record_whole(image, self.rings@, self.entries.committed(), self.payload@),
            ({
                let written = self.journals.with_record(region.volatile, self.payload@);
                forall|i: int|
                    0 <= i < self.rings@.len() ==> !#[trigger] append_collides(
                        view,
                        image,
                        written,
                        i,
                    )
            }),
        ensures
            forall|i: int|
                0 <= i < self.rings@.len() ==> #[trigger] self.has_appended(
                    image,
                    region.volatile,
                    i,
                ),
    {
        let written = self.journals.with_record(region.volatile, self.payload@);
        self.journals.lemma_next_addr(region.volatile);
        self.lemma_record_elsewhere(image, region.durable);
        self.lemma_record_elsewhere(written, region.volatile);
        self.lemma_state_kept(image, region.durable);
        self.lemma_state_kept(written, region.volatile);
        assert forall|i: int| 0 <= i < self.rings@.len() implies #[trigger] self.has_appended(
            image,
            region.volatile,
            i,
        ) by {
            let (from, to) = (
                self.entries.committed()[i].tail as int,
                self.entries.staged()[i].tail as int,
            );
            let ring = self.rings@[i];
            self.lemma_log(region, view, i);
            assert(ring.bytes(image, from, to) == ring.bytes(region.durable, from, to));
            assert(ring.bytes(written, from, to) == ring.bytes(region.volatile, from, to));
            if !self.is_unchecked(i) {
                self.lemma_record_checks(image, region.volatile, i);
                assert(!append_collides(view, image, written, i));
            }
        }
    }

    /// While the record is written, an image that has it is that of what is committed, or of what is staged, or a collision.
    pub(super) proof fn lemma_record_left(
        &self,
        image: Seq<u8>,
        region: RegionView,
        view: MultiLogView,
    )
        requires
            self.record_ready(region, view),
            view.sound,
            self.same_but_record(image, region.durable),
            self.journals.layout().state(image) == Some(self.next_contents().journal),
        ensures
            ({
                let written = self.journals.with_record(region.volatile, self.payload@);
                let (at, len) = (self.journals.next_addr(), HEADER + self.payload@.len());
                ||| recover(image) == Some(view.committed)
                ||| recover(image) == Some(view.staged)
                ||| commit_collides(view, image, written, at, len)
            }),
    {
        let c = self.next_contents();
        let written = self.journals.with_record(region.volatile, self.payload@);
        let (at, len) = (self.journals.next_addr(), HEADER + self.payload@.len());
        self.lemma_record_elsewhere(image, region.durable);
        self.lemma_next_contents(image, region.durable);
        self.lemma_state_kept(image, region.durable);
        lemma_recover(image, c);
        if c.is_whole(image) && !commit_collides(view, image, written, at, len) {
            assert(view.rings == self.rings@);
            self.lemma_all_appended(image, region, view);
            self.lemma_staged_there(image, region);
        }
    }

    /// Whether two images agree but for the place of the next record.
    pub(super) open spec fn same_but_record(&self, image: Seq<u8>, base: Seq<u8>) -> bool {
        let (at, len) = (self.journals.next_addr(), HEADER + self.payload@.len());
        same_outside(image, base, at, at + len)
    }

    /// The next record's place is in a journal.
    pub(super) proof fn lemma_record_elsewhere(&self, image: Seq<u8>, base: Seq<u8>)
        requires
            self.journals.inv(base),
            self.journals.room_for(self.payload@.len() as int),
            self.same_but_record(image, base),
        ensures
            image.len() == base.len(),
            forall|a: int|
                0 <= a < base.len() && !self.journals.layout().covers(a) ==> #[trigger] image[a]
                    == base[a],
    {
        self.journals.lemma_next_addr(base);
    }

    /// What was written has what was staged: the record is whole.
    proof fn lemma_written_whole(&self, image: Seq<u8>, volatile: Seq<u8>)
        requires
            self.wf(volatile.len() as int),
            self.payload@ == record_payload(self.change_list()),
            self.appended_right(volatile),
            forall|i: int, from: int, to: int|
                0 <= i < self.rings@.len() ==> #[trigger] self.rings@[i].bytes(image, from, to)
                    == self.rings@[i].bytes(volatile, from, to),
        ensures
            record_whole(image, self.rings@, self.entries.committed(), self.payload@),
    {
        self.entries.lemma_wf();
        self.lemma_next();
        assert forall|k: int| 0 <= k < self.payload@.len() / 32 implies (#[trigger] change_at(
            self.payload@,
            k,
        ) matches Some(c) ==> c.checked ==> change_in(
            image,
            self.rings@,
            self.entries.committed(),
            c,
        )) by {
            if let Some(c) = change_at(self.payload@, k) {
                let i = c.log as int;
                let (committed, staged) = (self.entries.committed()[i], self.entries.staged()[i]);
                assert(c == self.change_of(i));
                assert(Self::staged_ok(committed, staged, self.rings@[i]));
                assert(Self::crc_right(
                    volatile,
                    self.rings@[i],
                    committed,
                    staged,
                    self.entries.appended()[i],
                ));
                assert(self.rings@[i].bytes(image, committed.tail as int, staged.tail as int)
                    == self.rings@[i].bytes(volatile, committed.tail as int, staged.tail as int));
            }
        }
    }

    /// Once the record is durable, what was staged is committed.
    pub(super) proof fn lemma_appended(
        &self,
        before: Core,
        old_region: RegionView,
        region: RegionView,
        view: MultiLogView,
    )
        requires
            before.record_ready(old_region, view),
            before.same_but_record(region.volatile, old_region.volatile),
            *self == (Core {
                journals: self.journals,
                entries: self.entries,
                last_commit: self.last_commit,
                ..before
            }),
            self.last_commit == before.last_commit + 1,
            self.entries.wf(),
            self.entries.nothing_staged(),
            self.entries.committed() == before.entries.staged(),
            self.entries.staged() == self.entries.committed(),
            self.journals.inv(region.volatile),
            self.journals.layout() == before.journals.layout(),
            self.journals.sound() == before.journals.sound(),
            self.journals.is_quiet(),
            self.journals.state() == before.journals.state().with(before.payload@),
            self.journals.number() == before.journals.number() + 1,
            region.durable == region.volatile,
            region.medium == old_region.medium,
            !region.failed,
        ensures
            self.inv(region, MultiLogView { committed: view.staged, ..view }),
            view.sound ==> recover(region.durable) == Some(view.staged),
    {
        let image = region.volatile;
        before.entries.lemma_wf();
        self.entries.lemma_wf();
        before.lemma_record_elsewhere(image, old_region.volatile);
        before.lemma_state_kept(image, old_region.volatile);
        before.lemma_staged_ok();
        self.lemma_nothing_appended(image);
        assert forall|i: int| 0 <= i < self.rings@.len() implies Self::staged_ok(
            self.entries.committed()[i],
            #[trigger] self.entries.staged()[i],
            self.rings@[i],
        ) by {
            assert(entry_ok(before.entries.staged()[i], self.rings@[i]));
        }
        if view.sound {
            self.lemma_appended_says(before, old_region, region, view);
        }
    }

    /// The same, of what the image says.
    proof fn lemma_appended_says(
        &self,
        before: Core,
        old_region: RegionView,
        region: RegionView,
        view: MultiLogView,
    )
        requires
            before.record_ready(old_region, view),
            view.sound,
            before.same_but_record(region.volatile, old_region.volatile),
            self.id == before.id,
            self.lines == before.lines,
            self.rings == before.rings,
            self.last_commit == before.last_commit + 1,
            self.entries.committed() == before.entries.staged(),
            self.journals.inv(region.volatile),
            self.journals.layout() == before.journals.layout(),
            self.journals.sound(),
            self.journals.state() == before.journals.state().with(before.payload@),
            self.committed_state(region.volatile) == view.staged,
        ensures
            self.says(region.volatile),
            self.last_in_use(),
            recover(region.volatile) == Some(view.staged),
    {
        let image = region.volatile;
        let c = before.next_contents();
        before.lemma_record_elsewhere(image, old_region.volatile);
        before.lemma_state_kept(image, old_region.volatile);
        self.journals.lemma_inv(image);
        before.lemma_next_contents(image, old_region.volatile);
        before.lemma_written_whole(image, old_region.volatile);
        assert(self.contents() == c);
        lemma_recover(image, c);
        before.lemma_next();
        assert(c.journal.records.last() == before.payload@);
        assert forall|k: int| 0 <= k < before.payload@.len() / 32 implies (#[trigger] change_at(
            before.payload@,
            k,
        ) matches Some(change) ==> self.change_in_use(before.entries.committed(), change)) by {
            if let Some(change) = change_at(before.payload@, k) {
                assert(change == before.change_of(change.log as int));
            }
        }
    }
}

} // verus!
