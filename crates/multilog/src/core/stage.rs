//! Staging appends.

use super::gather::*;
use super::*;

verus! {

impl Core {
    /// The heads and tails that the abstract logs and the entries share.
    pub(super) proof fn lemma_log(&self, region: RegionView, view: MultiLogView, i: int)
        requires
            self.inv(region, view),
            0 <= i < self.rings@.len(),
        ensures
            view.committed.logs.len() == self.rings@.len(),
            view.staged.logs.len() == self.rings@.len(),
            self.table.committed().len() == self.rings@.len(),
            self.table.layout().len == self.rings@.len(),
            view.committed.logs[i] == log_of(
                region.volatile,
                self.rings@[i],
                self.table.committed()[i],
            ),
            view.staged.logs[i] == log_of(region.volatile, self.rings@[i], self.table.staged()[i]),
            view.committed.logs[i].tail() == self.table.committed()[i].c,
            view.staged.logs[i].tail() == self.table.staged()[i].c,
            entry_ok(self.table.committed()[i], self.rings@[i]),
            Self::staged_ok(self.table.committed()[i], self.table.staged()[i], self.rings@[i]),
            self.rings@[i].fits(region.volatile.len() as int),
    {
        self.table.lemma_wf();
        assert(entry_ok(self.table.committed()[i], self.rings@[i]));
        assert(Self::staged_ok(self.table.committed()[i], self.table.staged()[i], self.rings@[i]));
    }

    /// Where an append of `total` bytes goes, or why it is refused.
    #[inline(always)]
    fn place_append(
        &self,
        log: u64,
        total: Option<u64>,
        Ghost(len): Ghost<int>,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Result<u64, AppendError>)
        requires
            self.inv(region, view),
            total matches Some(t) ==> t == len,
            total is None ==> len > u64::MAX,
        ensures
            match append_refusal(view, log, len) {
                Some(e) => r == Err::<u64, _>(e),
                None => r is Ok && r->Ok_0 == self.table.staged()[log as int].c && total is Some,
            },
    {
        if self.failed {
            return Err(AppendError::Failed);
        }
        let logs = self.rings.len() as u64;
        if log >= logs {
            return Err(AppendError::NoSuchLog { log, logs });
        }
        proof {
            self.lemma_log(region, view, log as int);
        }
        let committed = self.table.get_committed(log as usize);
        let staged = self.table.get_staged(log as usize);
        if staged.c < committed.c {
            return Err(
                AppendError::TruncationStaged {
                    committed_tail: committed.c,
                    staged_tail: staged.c,
                },
            );
        }
        let len = match total {
            Some(len) => len,
            None => return Err(AppendError::PositionOverflow),
        };
        if len > u64::MAX - staged.c {
            return Err(AppendError::PositionOverflow);
        }
        let available = self.rings[log as usize].capacity - (staged.c - committed.b);
        if len > available {
            return Err(AppendError::Full { requested: len, available });
        }
        Ok(staged.c)
    }

    /// Where the round of log `i`'s ring begins that `position` is in.
    #[inline(always)]
    fn round_of(
        &mut self,
        i: usize,
        position: u64,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (round: u64)
        requires
            old(self).inv(region, view),
            i < old(self).rings@.len(),
        ensures
            final(self).inv(region, view),
            final(self).rings == old(self).rings,
            final(self).table == old(self).table,
            round == old(self).rings@[i as int].round(position as int),
    {
        let ring = self.rings[i];
        assert(ring.fits(region.volatile.len() as int));
        let round = self.rounds[i];
        if ring.in_round(position, round) {
            return round;
        }
        let round = ring.round_of(position);
        self.rounds[i] = round;
        round
    }

    /// Writes bytes of log `i` behind its staged tail. What is committed and what is staged stay as they are.
    #[inline(always)]
    fn write_behind_tail<R: Region>(
        &mut self,
        region: &mut Guarded<R, Permission>,
        i: usize,
        position: u64,
        bytes: &[u8],
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
            position + bytes@.len() <= old(self).table.committed()[i as int].b + old(
                self,
            ).rings@[i as int].capacity,
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(self).rings == old(self).rings,
            final(self).table == old(self).table,
            view.sound ==> recover(final(region)@.durable) == Some(view.committed),
            r is Ok ==> {
                &&& final(self).inv(final(region)@, view)
                &&& old(self).rings@[i as int].same_elsewhere(
                    final(region)@.volatile,
                    old(region)@.volatile,
                    position as int,
                    position + bytes@.len(),
                )
                &&& old(self).rings@[i as int].bytes(
                    final(region)@.volatile,
                    position as int,
                    position + bytes@.len(),
                ) == bytes@
            },
            r matches Err(e) ==> e is Io && final(self).inv(final(region)@, failed(view)),
    {
        let ring = self.rings[i];
        let round = self.round_of(i, position, Ghost(region@), Ghost(view));
        let ghost before = region@;
        let ghost to = position + bytes@.len();
        proof {
            self.lemma_log(before, view, i as int);
            if view.sound {
                assert forall|image: Seq<u8>|
                    ring.same_elsewhere(
                        image,
                        before.durable,
                        position as int,
                        to,
                    ) implies #[trigger] permission.permits(image) by {
                    self.lemma_behind_tail(
                        image,
                        before.durable,
                        before.volatile.len() as int,
                        i as int,
                        position as int,
                        to,
                    );
                    lemma_recover(image, self.contents());
                }
            }
        }
        let r = ring.write(region, position, round, bytes, Tracked(permission));
        proof {
            region.lemma_inv();
            assert(ring.same_elsewhere(region@.volatile, before.volatile, position as int, to));
            lemma_state_elsewhere(
                region@.volatile,
                before.volatile,
                self.id,
                self.rings@,
                self.table.committed(),
                i as int,
                position as int,
                to,
            );
            lemma_table_layout(self.id, self.rings@.len() as int, before.volatile.len() as int);
            self.lemma_staged_entries_ok(before, view);
            lemma_state_elsewhere(
                region@.volatile,
                before.volatile,
                self.id,
                self.rings@,
                self.table.staged(),
                i as int,
                position as int,
                to,
            );
            self.table.lemma_inv_frame(before.volatile, region@.volatile);
            if view.sound {
                lemma_recover(before.durable, self.contents());
                self.lemma_behind_tail(
                    region@.durable,
                    before.durable,
                    before.volatile.len() as int,
                    i as int,
                    position as int,
                    to,
                );
                self.lemma_behind_tail(
                    region@.volatile,
                    before.volatile,
                    before.volatile.len() as int,
                    i as int,
                    position as int,
                    to,
                );
                lemma_recover(region@.durable, self.contents());
            }
        }
        match r {
            Ok(()) => Ok(()),
            Err(e) => {
                self.failed = true;
                Err(AppendError::Io(e))
            },
        }
    }

    /// What is staged would make sense as what is committed.
    proof fn lemma_staged_entries_ok(&self, region: RegionView, view: MultiLogView)
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

    /// An image changed only behind the tail of log `i` says the same.
    proof fn lemma_behind_tail(&self, s: Seq<u8>, t: Seq<u8>, len: int, i: int, from: int, to: int)
        requires
            self.wf(len),
            t.len() == len,
            holds(t, self.contents()),
            0 <= i < self.rings@.len(),
            self.rings@[i].same_elsewhere(s, t, from, to),
            self.table.committed()[i].c <= from <= to <= self.table.committed()[i].b
                + self.rings@[i].capacity,
        ensures
            holds(s, self.contents()),
            self.committed_state(s) == self.committed_state(t),
    {
        let start = spec_data_start(self.rings@.len() as int);
        assert(self.rings@[i].fits(len));
        lemma_table_layout(self.id, self.rings@.len() as int, len);
        assert forall|a: int| 0 <= a < start implies #[trigger] s[a] == t[a] by {
            assert(!self.rings@[i].covers(from, to, a));
        }
        lemma_holds_same(s, t, self.contents());
        lemma_state_elsewhere(s, t, self.id, self.rings@, self.table.committed(), i, from, to);
    }

    /// Stages another head and tail for log `i`; if they are those that it has, it does nothing.
    #[inline(always)]
    pub(super) fn restage(
        &mut self,
        i: usize,
        head: u64,
        tail: u64,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    )
        requires
            old(self).inv(region, view),
            i < old(self).rings@.len(),
            Self::staged_ok(
                old(self).table.committed()[i as int],
                Payload { a: 0, b: head, c: tail },
                old(self).rings@[i as int],
            ),
        ensures
            final(self).inv(
                region,
                with_staged(
                    view,
                    i as int,
                    log_of(
                        region.volatile,
                        old(self).rings@[i as int],
                        Payload { a: 0, b: head, c: tail },
                    ),
                ),
            ),
    {
        let staged = self.table.get_staged(i);
        proof {
            self.lemma_log(region, view, i as int);
        }
        if head == staged.b && tail == staged.c {
            // Nothing to commit, then.
            assert(view.staged.update(i as int, view.staged.logs[i as int]) =~= view.staged);
            return;
        }
        self.table.stage(i, head, tail);
        proof {
            self.table.lemma_wf();
            let log = log_of(
                region.volatile,
                self.rings@[i as int],
                Payload { a: 0, b: head, c: tail },
            );
            assert(self.staged_state(region.volatile) =~= view.staged.update(i as int, log));
            assert forall|j: int| 0 <= j < self.rings@.len() implies Self::staged_ok(
                self.table.committed()[j],
                #[trigger] self.table.staged()[j],
                self.rings@[j],
            ) by {
                if j != i {
                    assert(Self::staged_ok(
                        old(self).table.committed()[j],
                        old(self).table.staged()[j],
                        self.rings@[j],
                    ));
                }
            }
        }
    }

    /// See the gate.
    #[inline(always)]
    pub(crate) fn stage_append_gathered<R: Region>(
        &mut self,
        region: &mut Guarded<R, Permission>,
        log: u64,
        parts: &[&[u8]],
        Ghost(view): Ghost<MultiLogView>,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: (Result<u64, AppendError>, Ghost<MultiLogView>))
        requires
            old(region).inv(),
            old(self).inv(old(region)@, view),
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
        ensures
            final(region).inv(),
            final(self).inv(final(region)@, r.1@),
            final(self).gate_inv(final(region)@, r.1@),
            append_post(view, r.1@, log, gathered(parts@), r.0),
            view.sound && !view.failed ==> permission.permits(final(region)@.durable),
    {
        let r = self.append_parts(region, log, parts, Ghost(view), Tracked(permission));
        let ghost after = match r {
            Ok(_) => with_staged(
                view,
                log as int,
                view.staged.logs[log as int].append(gathered(parts@)),
            ),
            Err(AppendError::Io(_)) => failed(view),
            Err(_) => view,
        };
        proof {
            self.lemma_gate(region@, after);
        }
        (r, Ghost(after))
    }

    /// Writes several slices of log `i` behind its staged tail, one behind the other.
    #[inline(always)]
    fn write_parts<R: Region>(
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
                self.write_behind_tail(region, i, at, part, Ghost(view), Tracked(permission))?;
                proof {
                    self.lemma_log(region@, view, i as int);
                    self.lemma_gate(region@, view);
                    let (from, to) = (at as int, at + part@.len());
                    lemma_elsewhere(
                        ring,
                        region@.volatile,
                        before.volatile,
                        from,
                        to,
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

    /// Writes the bytes behind the tail and stages them.
    #[inline(always)]
    fn append_parts<R: Region>(
        &mut self,
        region: &mut Guarded<R, Permission>,
        log: u64,
        parts: &[&[u8]],
        Ghost(view): Ghost<MultiLogView>,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<u64, AppendError>)
        requires
            old(region).inv(),
            old(self).inv(old(region)@, view),
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
        ensures
            final(region).inv(),
            match append_refusal(view, log, gathered(parts@).len() as int) {
                Some(e) => r == Err::<u64, _>(e) && final(self).inv(final(region)@, view),
                None => match r {
                    Ok(position) => {
                        let staged = view.staged.logs[log as int];
                        &&& position == staged.tail()
                        &&& final(self).inv(
                            final(region)@,
                            with_staged(view, log as int, staged.append(gathered(parts@))),
                        )
                    },
                    Err(e) => e is Io && final(self).inv(final(region)@, failed(view)),
                },
            },
            view.sound && !view.failed ==> permission.permits(final(region)@.durable),
    {
        proof {
            self.lemma_gate(region@, view);
        }
        let total = total_len(parts);
        let ghost all = gathered(parts@);
        let position = self.place_append(
            log,
            total,
            Ghost(all.len() as int),
            Ghost(region@),
            Ghost(view),
        )?;
        let i = log as usize;
        proof {
            self.lemma_log(region@, view, log as int);
        }
        self.write_parts(region, i, position, parts, Ghost(view), Tracked(permission))?;
        if let Some(total) = total {
            self.stage_written(i, total, Ghost(all), Ghost(region@), Ghost(view));
        }
        Ok(position)
    }

    /// Stages the `total` bytes that were written behind the tail of log `i`.
    #[inline(always)]
    fn stage_written(
        &mut self,
        i: usize,
        total: u64,
        Ghost(bytes): Ghost<Seq<u8>>,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    )
        requires
            old(self).inv(region, view),
            i < old(self).rings@.len(),
            total == bytes.len(),
            old(self).table.staged()[i as int].c + total <= old(self).table.committed()[i as int].b
                + old(self).rings@[i as int].capacity,
            old(self).table.staged()[i as int].c + total <= u64::MAX,
            old(self).rings@[i as int].bytes(
                region.volatile,
                old(self).table.staged()[i as int].c as int,
                old(self).table.staged()[i as int].c + total,
            ) == bytes,
        ensures
            final(self).inv(
                region,
                with_staged(view, i as int, view.staged.logs[i as int].append(bytes)),
            ),
    {
        proof {
            self.lemma_log(region, view, i as int);
        }
        let staged = self.table.get_staged(i);
        let ghost ring = self.rings@[i as int];
        let tail = staged.c + total;
        self.restage(i, staged.b, tail, Ghost(region), Ghost(view));
        proof {
            lemma_bytes_sum(ring, region.volatile, staged.b as int, staged.c as int, tail as int);
            assert(log_of(region.volatile, ring, Payload { a: 0, b: staged.b, c: tail })
                =~= view.staged.logs[i as int].append(bytes));
        }
    }
}

} // verus!
