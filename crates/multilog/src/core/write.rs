//! Writing behind the tails of logs, where nothing is in use.
#[cfg(verus_only)]
use super::gather::*;
use super::*;
use vstd::slice::slice_subrange;

verus! {

impl Core {
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
            old(self).journals.is_quiet(),
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
            i < old(self).rings@.len(),
            parts@.len() == 1 || parts@.len() == 3,
            old(self).entries.committed()[i as int].tail <= old(
                self,
            ).entries.staged()[i as int].tail <= position,
            position + gathered(parts@).len() <= old(self).entries.committed()[i as int].head + old(
                self,
            ).rings@[i as int].capacity,
            position + gathered(parts@).len() <= u64::MAX,
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(self).same_but_cursors(old(self)),
            view.sound ==> recover(final(region)@.durable) == Some(view.committed),
            match r {
                None => parts@.len() == 3 && final(self).inv(final(region)@, view),
                Some(Ok(())) => {
                    &&& final(self).inv(final(region)@, view)
                    &&& old(self).rings@[i as int].same_elsewhere(
                        final(region)@.volatile,
                        old(region)@.volatile,
                        position as int,
                        old(self).entries.committed()[i as int].head + old(
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
        hide(recover);
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
            let room = ring.capacity - (position - self.entries.get_committed(i).head);
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
            old(self).journals.is_quiet(),
            !view.sound ==> permission.allowed() == Set::<Found>::full(),
            permission.allowed().contains(Found::Logs(view.committed)),
            i < old(self).rings@.len(),
            old(self).entries.committed()[i as int].tail <= old(
                self,
            ).entries.staged()[i as int].tail <= position,
            position + gathered(parts@).len() <= old(self).entries.committed()[i as int].head + old(
                self,
            ).rings@[i as int].capacity,
            position + gathered(parts@).len() <= u64::MAX,
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(self).same_but_cursors(old(self)),
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
        hide(recover);
        let ghost ring = self.rings@[i as int];
        let ghost committed = self.entries.committed()[i as int];
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
                self.same_but_cursors(old(self)),
                self.journals.is_quiet(),
                ring == self.rings@[i as int],
                committed == self.entries.committed()[i as int],
                committed.tail <= self.entries.staged()[i as int].tail <= position,
                position + gathered(parts@).len() <= committed.head + ring.capacity,
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
                        committed.head + ring.capacity,
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
