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
            assert(log != view.staged.logs[i as int]);
            assert(self.staged_state(region.volatile) =~= with_staged(view, i as int, log).staged);
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
