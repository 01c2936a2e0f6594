//! Going over to the other journal.
use super::*;

verus! {

impl Core {
    /// The entries of a snapshot of what is committed.
    pub(super) open spec fn snapshot_entries(&self) -> Seq<Seq<u64>> {
        Seq::new(
            self.rings@.len(),
            |i: int| entry_words_of(self.rings@[i], self.entries.committed()[i]),
        )
    }

    /// What the metadata says after a switch.
    pub(super) open spec fn switched_contents(&self) -> Contents {
        Contents {
            id: self.id,
            lines: self.lines as int,
            journal: JournalState {
                snapshot: Snapshot { number: self.last_commit, entries: self.snapshot_entries() },
                records: Seq::empty(),
            },
        }
    }

    /// Images that have the same superblock and rings, and journals that say the same, say the same.
    pub(super) proof fn lemma_says_same(&self, image: Seq<u8>, base: Seq<u8>)
        requires
            self.wf(base.len() as int),
            self.says(base),
            image.len() == base.len(),
            forall|a: int|
                0 <= a < base.len() && !self.journals.layout().covers(a) ==> #[trigger] image[a]
                    == base[a],
            self.journals.layout().state(image) == Some(self.journals.state()),
        ensures
            holds(image, self.contents()),
            self.contents().entries(image) == Some(self.entries.committed()),
            self.contents().commit(image) == self.last_commit,
            self.contents().is_whole(image) == self.contents().is_whole(base),
            self.committed_state(image) == self.committed_state(base),
            recover(image) == Some(self.committed_state(base)),
    {
        let c = self.contents();
        let len = base.len() as int;
        lemma_journal_layout(self.id, self.rings@.len() as int, self.lines as int, len);
        assert(line(image, 0) =~= line(base, 0));
        assert(line(image, ID_ADDR as int) =~= line(base, ID_ADDR as int));
        lemma_whole_same(image, base, c);
        self.lemma_state_kept(image, base);
        lemma_recover(image, c);
    }

    /// The committed state is about the rings.
    pub(super) proof fn lemma_state_kept(&self, image: Seq<u8>, base: Seq<u8>)
        requires
            self.wf(base.len() as int),
            image.len() == base.len(),
            forall|a: int|
                0 <= a < base.len() && !self.journals.layout().covers(a) ==> #[trigger] image[a]
                    == base[a],
        ensures
            self.committed_state(image) == self.committed_state(base),
            self.staged_state(image) == self.staged_state(base),
            self.cursors_right(base) ==> self.cursors_right(image),
            self.appended_right(base) ==> self.appended_right(image),
            forall|i: int, from: int, to: int|
                0 <= i < self.rings@.len() ==> #[trigger] self.rings@[i].bytes(image, from, to)
                    == self.rings@[i].bytes(base, from, to),
    {
        let len = base.len() as int;
        self.entries.lemma_wf();
        lemma_journal_layout(self.id, self.rings@.len() as int, self.lines as int, len);
        lemma_state_same(
            image,
            base,
            self.id,
            self.lines as int,
            self.rings@,
            self.entries.committed(),
            self.last_commit as int,
        );
        let commit = self.staged_state(base).commit;
        lemma_state_same(
            image,
            base,
            self.id,
            self.lines as int,
            self.rings@,
            self.entries.staged(),
            commit,
        );
        if self.cursors_right(base) {
            self.lemma_cursors_same(image, base);
        }
        assert forall|i: int, from: int, to: int|
            0 <= i < self.rings@.len() implies #[trigger] self.rings@[i].bytes(image, from, to)
            == self.rings@[i].bytes(base, from, to) by {
            lemma_same_ring(self.rings@[i], image, base, from, to);
        }
        if self.appended_right(base) {
            assert forall|i: int| 0 <= i < self.rings@.len() implies Self::crc_right(
                image,
                self.rings@[i],
                self.entries.committed()[i],
                self.entries.staged()[i],
                #[trigger] self.entries.appended()[i],
            ) by {
                assert(Self::crc_right(
                    base,
                    self.rings@[i],
                    self.entries.committed()[i],
                    self.entries.staged()[i],
                    self.entries.appended()[i],
                ));
            }
        }
    }

    /// After a switch, the metadata says what it said before.
    proof fn lemma_switched(&self, image: Seq<u8>, base: Seq<u8>)
        requires
            self.wf(base.len() as int),
            self.says(base),
            image.len() == base.len(),
            forall|a: int|
                0 <= a < base.len() && !self.journals.layout().covers(a) ==> #[trigger] image[a]
                    == base[a],
            self.journals.layout().state(image) == Some(self.switched_contents().journal),
        ensures
            holds(image, self.switched_contents()),
            self.switched_contents().rings() == self.rings@,
            self.switched_contents().entries(image) == Some(self.entries.committed()),
            self.switched_contents().commit(image) == self.last_commit,
            self.switched_contents().is_whole(image),
            recover(image) == Some(self.committed_state(base)),
    {
        hide(recover);
        let c = self.switched_contents();
        let len = base.len() as int;
        self.entries.lemma_wf();
        lemma_journal_layout(self.id, self.rings@.len() as int, self.lines as int, len);
        assert(line(image, 0) =~= line(base, 0));
        assert(line(image, ID_ADDR as int) =~= line(base, ID_ADDR as int));
        self.lemma_switched_contents(image);
        self.lemma_state_kept(image, base);
        lemma_recover(image, c);
    }

    /// A snapshot says what is committed, whatever the image is besides.
    proof fn lemma_switched_contents(&self, image: Seq<u8>)
        requires
            self.entries.committed().len() == self.rings@.len(),
        ensures
            self.switched_contents().logs() == self.rings@.len(),
            self.switched_contents().rings() == self.rings@,
            self.switched_contents().entries(image) == Some(self.entries.committed()),
            self.switched_contents().commit(image) == self.last_commit,
            self.switched_contents().is_whole(image),
    {
        let c = self.switched_contents();
        assert(c.rings() =~= self.rings@);
        assert(c.first() =~= self.entries.committed());
        reveal_with_fuel(replay, 1);
    }

    /// What a switch must be permitted is.
    proof fn lemma_switch_permitted(
        &self,
        region: RegionView,
        view: MultiLogView,
        entries: Seq<[u64; 7]>,
        permission: Permission,
    )
        requires
            self.inv(region, view),
            !view.failed,
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
            Snapshot::of(self.last_commit, entries).entries == self.snapshot_entries(),
        ensures
            self.journals.switch_permitted(region, self.last_commit, entries, permission),
    {
        let journals = self.journals;
        let layout = journals.layout();
        if view.sound {
            assert forall|image: Seq<u8>|
                journals.kept(image, region.durable) implies #[trigger] permission.permits(
                image,
            ) by {
                self.lemma_says_same(image, region.durable);
            }
            assert forall|image: Seq<u8>|
                journals.kept(image, region.volatile) implies #[trigger] permission.permits(
                image,
            ) by {
                self.lemma_says_same(image, region.volatile);
            }
            assert forall|image: Seq<u8>|
                journals.gone_over(
                    image,
                    region.volatile,
                    self.last_commit,
                    entries,
                ) implies #[trigger] permission.permits(image) by {
                self.lemma_switched(image, region.volatile);
            }
        }
    }

    /// Goes over to the other journal. Everything that was written is durable then, and what is committed is as before.
    pub(super) fn switch<R: Region>(
        &mut self,
        region: &mut Guarded<R, Permission>,
        Ghost(view): Ghost<MultiLogView>,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            old(self).inv(old(region)@, view),
            !view.failed,
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(self).same_but_journals(old(self)),
            permission.permits(final(region)@.durable),
            r is Ok ==> {
                &&& final(self).inv(final(region)@, view)
                &&& final(self).journals.is_quiet()
                &&& final(self).journals.next_addr() == final(self).journals.layout().first(
                    final(self).journals.live(),
                )
                &&& final(region)@.durable == final(region)@.volatile
            },
            r is Err ==> final(self).inv(final(region)@, failed(view)),
    {
        let ghost before = region@;
        proof {
            region.lemma_inv();
            self.entries.lemma_wf();
            self.journals.lemma_inv(before.volatile);
        }
        snapshot_words(&mut self.words, self.rings.as_slice(), &self.entries);
        proof {
            let entries = Snapshot::of(self.last_commit, self.words@).entries;
            assert(entries =~= old(self).snapshot_entries());
            old(self).lemma_switch_permitted(before, view, self.words@, *permission);
        }
        let r = self.journals.switch::<R, Permission>(
            region,
            self.last_commit,
            self.words.as_slice(),
            Tracked(permission),
        );
        self.failed = r.is_err();
        proof {
            region.lemma_inv();
            if r is Ok {
                self.lemma_switch_done(*old(self), before, region@, view);
            } else {
                self.lemma_switch_failed(*old(self), before, region@, view);
            }
        }
        r
    }

    /// A switch leaves the rings alone.
    proof fn lemma_switch_elsewhere(&self, image: Seq<u8>, base: Seq<u8>)
        requires
            self.journals.layout().same_but_and_selector(image, base, self.journals.live().other()),
        ensures
            image.len() == base.len(),
            forall|a: int|
                0 <= a < base.len() && !self.journals.layout().covers(a) ==> #[trigger] image[a]
                    == base[a],
    {
    }

    /// After a switch, what is in memory is right.
    proof fn lemma_switch_done(
        &self,
        before: Core,
        old_region: RegionView,
        region: RegionView,
        view: MultiLogView,
    )
        requires
            before.inv(old_region, view),
            !view.failed,
            self.same_but_journals(&before),
            !self.failed,
            !region.failed,
            region.medium == old_region.medium,
            region.durable == region.volatile,
            self.journals.inv(region.volatile),
            self.journals.layout() == before.journals.layout(),
            self.journals.sound() == before.journals.sound(),
            self.journals.state() == before.switched_contents().journal,
            self.journals.number() == before.last_commit,
            self.journals.is_quiet(),
            before.journals.layout().same_but_and_selector(
                region.volatile,
                old_region.volatile,
                before.journals.live().other(),
            ),
        ensures
            self.inv(region, view),
            view.sound ==> recover(region.durable) == Some(view.committed),
    {
        before.lemma_switch_elsewhere(region.volatile, old_region.volatile);
        before.lemma_state_kept(region.volatile, old_region.volatile);
        if view.sound {
            self.journals.lemma_inv(region.volatile);
            before.lemma_switched(region.volatile, old_region.volatile);
        }
    }

    /// After a switch that failed, what is in memory is as before.
    proof fn lemma_switch_failed(
        &self,
        before: Core,
        old_region: RegionView,
        region: RegionView,
        view: MultiLogView,
    )
        requires
            before.inv(old_region, view),
            !view.failed,
            self.same_but_journals(&before),
            self.failed,
            region.failed,
            region.medium == old_region.medium,
            region.durable.len() == region.volatile.len(),
            self.journals.layout() == before.journals.layout(),
            self.journals.sound() == before.journals.sound(),
            before.journals.layout().same_but_and_selector(
                region.volatile,
                old_region.volatile,
                before.journals.live().other(),
            ),
        ensures
            self.inv(region, failed(view)),
    {
        before.lemma_switch_elsewhere(region.volatile, old_region.volatile);
        before.lemma_state_kept(region.volatile, old_region.volatile);
    }

    /// Whether only the journals in memory differ.
    pub(super) open spec fn same_but_journals(&self, other: &Core) -> bool {
        *self == (Core {
            journals: self.journals,
            words: self.words,
            failed: self.failed,
            ..*other
        })
    }
}

/// Puts the words of a snapshot of what is committed into `words`.
pub(super) fn snapshot_words(words: &mut Vec<[u64; 7]>, rings: &[Ring], entries: &Entries)
    requires
        entries.wf(),
        entries.committed().len() == rings@.len(),
    ensures
        final(words)@.len() == rings@.len(),
        forall|i: int|
            0 <= i < rings@.len() ==> (#[trigger] final(words)@[i])@ == entry_words_of(
                rings@[i],
                entries.committed()[i],
            ),
{
    words.clear();
    let mut i: usize = 0;
    while i < rings.len()
        invariant
            i <= rings@.len(),
            entries.wf(),
            entries.committed().len() == rings@.len(),
            words@.len() == i,
            forall|k: int|
                0 <= k < i ==> (#[trigger] words@[k])@ == entry_words_of(
                    rings@[k],
                    entries.committed()[k],
                ),
        decreases rings@.len() - i,
    {
        let ring = rings[i];
        let entry = entries.get_committed(i);
        let line = [ring.start, ring.capacity, entry.head, entry.tail, 0, 0, 0];
        assert(line@ =~= entry_words_of(ring, entry));
        words.push(line);
        i += 1;
    }
}

/// Whether a record is whole is about the rings.
pub(super) proof fn lemma_whole_same(image: Seq<u8>, base: Seq<u8>, c: Contents)
    requires
        rings_ok(c.rings(), c.lines, base.len() as int),
        image.len() == base.len(),
        forall|a: int|
            spec_data_start(c.logs(), c.lines) <= a < base.len() ==> #[trigger] image[a] == base[a],
    ensures
        c.is_whole(image) == c.is_whole(base),
        c.counted(image) == c.counted(base),
        c.entries(image) == c.entries(base),
        c.commit(image) == c.commit(base),
{
    if c.journal.records.len() > 0 {
        if let Some(before) = c.before() {
            let payload = c.journal.records.last();
            let rings = c.rings();
            assert forall|i: int, from: int, to: int|
                0 <= i < rings.len() implies #[trigger] rings[i].bytes(image, from, to)
                == rings[i].bytes(base, from, to) by {
                assert(rings[i].fits(base.len() as int));
                lemma_same_ring(rings[i], image, base, from, to);
            }
            lemma_replay_len(c.first(), c.journal.records.drop_last());
            assert(before.len() == rings.len());
            if record_whole(image, rings, before, payload) {
                assert(record_whole(base, rings, before, payload));
            }
            if record_whole(base, rings, before, payload) {
                assert(record_whole(image, rings, before, payload));
            }
        }
    }
}

/// Records change entries, and not how many there are.
pub(super) proof fn lemma_replay_len(first: Seq<Entry>, records: Seq<Seq<u8>>)
    ensures
        replay(first, records) matches Some(entries) ==> entries.len() == first.len(),
    decreases records.len(),
{
    if records.len() > 0 {
        lemma_replay_len(first, records.drop_last());
        if let Some(before) = replay(first, records.drop_last()) {
            let payload = records.last();
            lemma_apply_len(before, payload, payload.len() as int / 32);
        }
    }
}

/// Changes change entries, and not how many there are.
proof fn lemma_apply_len(before: Seq<Entry>, payload: Seq<u8>, k: int)
    ensures
        apply_first(before, payload, k) matches Some(entries) ==> entries.len() == before.len(),
    decreases k,
{
    if k > 0 {
        lemma_apply_len(before, payload, k - 1);
    }
}

} // verus!
