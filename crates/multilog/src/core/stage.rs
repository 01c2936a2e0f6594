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
            self.entries.committed().len() == self.rings@.len(),
            self.entries.staged().len() == self.rings@.len(),
            self.entries.appended().len() == self.rings@.len(),
            self.entries.wf(),
            view.committed.logs[i] == log_of(
                region.volatile,
                self.rings@[i],
                self.entries.committed()[i],
            ),
            view.staged.logs[i] == log_of(
                region.volatile,
                self.rings@[i],
                self.entries.staged()[i],
            ),
            view.committed.logs[i].tail() == self.entries.committed()[i].tail,
            view.staged.logs[i].tail() == self.entries.staged()[i].tail,
            entry_ok(self.entries.committed()[i], self.rings@[i]),
            Self::staged_ok(self.entries.committed()[i], self.entries.staged()[i], self.rings@[i]),
            self.rings@[i].fits(region.volatile.len() as int),
    {
        self.entries.lemma_wf();
        assert(entry_ok(self.entries.committed()[i], self.rings@[i]));
        assert(Self::staged_ok(
            self.entries.committed()[i],
            self.entries.staged()[i],
            self.rings@[i],
        ));
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
                None => r is Ok && r->Ok_0 == self.entries.staged()[log as int].tail
                    && total is Some,
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
        let committed = self.entries.get_committed(log as usize);
        let staged = self.entries.get_staged(log as usize);
        if staged.tail < committed.tail {
            return Err(
                AppendError::TruncationStaged {
                    committed_tail: committed.tail,
                    staged_tail: staged.tail,
                },
            );
        }
        let len = match total {
            Some(len) => len,
            None => return Err(AppendError::PositionOverflow),
        };
        if len > u64::MAX - staged.tail {
            return Err(AppendError::PositionOverflow);
        }
        let available = self.rings[log as usize].capacity - (staged.tail - committed.head);
        if len > available {
            return Err(AppendError::Full { requested: len, available });
        }
        Ok(staged.tail)
    }

    /// Stages another head and tail for log `i`; if they are those that it has, it does nothing.
    #[inline(always)]
    pub(super) fn restage(
        &mut self,
        i: usize,
        head: u64,
        tail: u64,
        appended: Appended,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    )
        requires
            old(self).inv(region, view),
            i < old(self).rings@.len(),
            Self::staged_ok(
                old(self).entries.committed()[i as int],
                Entry { head, tail },
                old(self).rings@[i as int],
            ),
            !view.failed ==> Self::crc_right(
                region.volatile,
                old(self).rings@[i as int],
                old(self).entries.committed()[i as int],
                Entry { head, tail },
                appended,
            ),
        ensures
            final(self).inv(
                region,
                with_staged(
                    view,
                    i as int,
                    log_of(region.volatile, old(self).rings@[i as int], Entry { head, tail }),
                ),
            ),
    {
        let staged = self.entries.get_staged(i);
        proof {
            self.lemma_log(region, view, i as int);
        }
        if head == staged.head && tail == staged.tail {
            // Nothing to commit, then.
            return;
        }
        self.entries.stage(i, Entry { head, tail }, appended);
        proof {
            self.entries.lemma_wf();
            let log = log_of(region.volatile, self.rings@[i as int], Entry { head, tail });
            assert(log != view.staged.logs[i as int]);
            assert(self.staged_state(region.volatile) =~= with_staged(view, i as int, log).staged);
            assert forall|j: int| 0 <= j < self.rings@.len() implies Self::staged_ok(
                self.entries.committed()[j],
                #[trigger] self.entries.staged()[j],
                self.rings@[j],
            ) by {
                if j != i {
                    assert(Self::staged_ok(
                        old(self).entries.committed()[j],
                        old(self).entries.staged()[j],
                        self.rings@[j],
                    ));
                }
            }
            if !view.failed {
                self.lemma_appended_staged(*old(self), region.volatile, i as int);
            }
        }
    }

    /// Staging an entry with the right CRC leaves all CRCs right.
    proof fn lemma_appended_staged(&self, before: Core, image: Seq<u8>, i: int)
        requires
            before.appended_right(image),
            before.entries.staged().len() == self.rings@.len(),
            before.entries.appended().len() == self.rings@.len(),
            self.rings == before.rings,
            self.entries.committed() == before.entries.committed(),
            self.entries.staged() == before.entries.staged().update(i, self.entries.staged()[i]),
            self.entries.appended() == before.entries.appended().update(
                i,
                self.entries.appended()[i],
            ),
            0 <= i < self.rings@.len(),
            self.entries.staged().len() == self.rings@.len(),
            self.entries.appended().len() == self.rings@.len(),
            Self::crc_right(
                image,
                self.rings@[i],
                self.entries.committed()[i],
                self.entries.staged()[i],
                self.entries.appended()[i],
            ),
        ensures
            self.appended_right(image),
    {
        assert forall|j: int| 0 <= j < self.rings@.len() implies Self::crc_right(
            image,
            self.rings@[j],
            self.entries.committed()[j],
            self.entries.staged()[j],
            #[trigger] self.entries.appended()[j],
        ) by {
            if j != i {
                assert(Self::crc_right(
                    image,
                    before.rings@[j],
                    before.entries.committed()[j],
                    before.entries.staged()[j],
                    before.entries.appended()[j],
                ));
            }
        }
    }

    /// Behind [`MultiLog::stage_append_gathered`](crate::MultiLog::stage_append_gathered).
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
        hide(recover);
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
        hide(recover);
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
        let total = match total {
            Some(total) if total > 0 => total,
            _ => {
                proof {
                    let log = view.staged.logs[log as int];
                    assert(log.append(all) =~= log);
                }
                return Ok(position);
            },
        };
        // Opening may have dropped a record because bytes of it are missing. If they are appended again, it must not count.
        if !self.journals.is_quiet() {
            let switched = self.switch(region, Ghost(view), Tracked(permission));
            if let Err(e) = switched {
                return Err(AppendError::Io(e));
            }
        }
        self.write_parts(region, i, position, parts, Ghost(view), Tracked(permission))?;
        self.stage_written(i, total, parts, Ghost(region@), Ghost(view));
        Ok(position)
    }

    /// Stages the `total` bytes that were written behind the tail of log `i`.
    #[inline(always)]
    fn stage_written(
        &mut self,
        i: usize,
        total: u64,
        parts: &[&[u8]],
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    )
        requires
            old(self).inv(region, view),
            !view.failed,
            i < old(self).rings@.len(),
            total == gathered(parts@).len(),
            old(self).entries.committed()[i as int].tail <= old(
                self,
            ).entries.staged()[i as int].tail,
            old(self).entries.staged()[i as int].tail + total <= old(
                self,
            ).entries.committed()[i as int].head + old(self).rings@[i as int].capacity,
            old(self).entries.staged()[i as int].tail + total <= u64::MAX,
            old(self).rings@[i as int].bytes(
                region.volatile,
                old(self).entries.staged()[i as int].tail as int,
                old(self).entries.staged()[i as int].tail + total,
            ) == gathered(parts@),
        ensures
            final(self).inv(
                region,
                with_staged(view, i as int, view.staged.logs[i as int].append(gathered(parts@))),
            ),
    {
        proof {
            self.lemma_log(region, view, i as int);
        }
        let staged = self.entries.get_staged(i);
        let ghost ring = self.rings@[i as int];
        let tail = staged.tail + total;
        let appended = self.appended_with(i, tail, parts, Ghost(region), Ghost(view));
        self.restage(i, staged.head, tail, appended, Ghost(region), Ghost(view));
        proof {
            lemma_bytes_sum(
                ring,
                region.volatile,
                staged.head as int,
                staged.tail as int,
                tail as int,
            );
            assert(log_of(region.volatile, ring, Entry { head: staged.head, tail })
                =~= view.staged.logs[i as int].append(gathered(parts@)));
        }
    }

    /// What is known of the bytes behind the committed tail of log `i`, if these slices are staged up to `tail`. They are
    /// passed over only if their CRC is wanted.
    #[inline(always)]
    fn appended_with(
        &self,
        i: usize,
        tail: u64,
        parts: &[&[u8]],
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Appended)
        requires
            self.inv(region, view),
            !view.failed,
            i < self.rings@.len(),
            self.entries.committed()[i as int].tail <= self.entries.staged()[i as int].tail <= tail,
            self.rings@[i as int].bytes(
                region.volatile,
                self.entries.staged()[i as int].tail as int,
                tail as int,
            ) == gathered(parts@),
        ensures
            Self::crc_right(
                region.volatile,
                self.rings@[i as int],
                self.entries.committed()[i as int],
                Entry { head: self.entries.staged()[i as int].head, tail },
                r,
            ),
    {
        proof {
            self.lemma_log(region, view, i as int);
        }
        let from = self.entries.get_committed(i).tail;
        let known = self.entries.get_appended(i);
        if !known.checked || tail - from > self.check_limit {
            return Appended { checked: false, crc: 0 };
        }
        let ghost ring = self.rings@[i as int];
        let ghost mid = self.entries.staged()[i as int].tail as int;
        let ghost before = ring.bytes(region.volatile, from as int, mid);
        proof {
            assert(Self::crc_right(
                region.volatile,
                ring,
                self.entries.committed()[i as int],
                self.entries.staged()[i as int],
                self.entries.appended()[i as int],
            ));
            lemma_bytes_sum(ring, region.volatile, from as int, mid, tail as int);
        }
        Appended { checked: true, crc: extend_over(known.crc, parts, Ghost(before)) }
    }
}

} // verus!
