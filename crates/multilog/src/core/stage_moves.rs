//! Staging head advances and truncations.
use super::*;

verus! {

impl Core {
    /// The staged head and tail of a log, or why neither may be moved to `position`.
    fn admit_move(
        &self,
        log: u64,
        position: u64,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Result<Payload, MoveError>)
        requires
            self.inv(region, view),
        ensures
            match move_refusal(view, log, position) {
                Some(e) => r == Err::<Payload, _>(e),
                None => r is Ok && r->Ok_0 == self.table.staged()[log as int],
            },
    {
        if self.failed {
            return Err(MoveError::Failed);
        }
        let logs = self.rings.len() as u64;
        if log >= logs {
            return Err(MoveError::NoSuchLog { log, logs });
        }
        proof {
            self.lemma_log(region, view, log as int);
        }
        let staged = self.table.get_staged(log as usize);
        if position < staged.b || position > staged.c {
            return Err(MoveError::OutOfRange { position, head: staged.b, tail: staged.c });
        }
        Ok(staged)
    }

    /// See the gate.
    pub(crate) fn stage_advance_head(
        &mut self,
        log: u64,
        position: u64,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Result<(), MoveError>)
        requires
            old(self).inv(region, view),
        ensures
            match move_refusal(view, log, position) {
                Some(e) => r == Err::<(), _>(e) && final(self).inv(region, view),
                None => r is Ok && final(self).inv(
                    region,
                    with_staged(
                        view,
                        log as int,
                        view.staged.logs[log as int].advance_head(position as int),
                    ),
                ),
            },
    {
        let staged = self.admit_move(log, position, Ghost(region), Ghost(view))?;
        let ghost before = view.staged.logs[log as int];
        proof {
            self.lemma_log(region, view, log as int);
        }
        let ghost ring = self.rings@[log as int];
        self.restage(log as usize, position, staged.c, Ghost(region), Ghost(view));
        proof {
            lemma_bytes_sum(
                ring,
                region.volatile,
                staged.b as int,
                position as int,
                staged.c as int,
            );
            assert(log_of(region.volatile, ring, Payload { a: 0, b: position, c: staged.c })
                =~= before.advance_head(position as int));
        }
        Ok(())
    }

    /// See the gate.
    pub(crate) fn stage_truncate(
        &mut self,
        log: u64,
        position: u64,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Result<(), MoveError>)
        requires
            old(self).inv(region, view),
        ensures
            match move_refusal(view, log, position) {
                Some(e) => r == Err::<(), _>(e) && final(self).inv(region, view),
                None => r is Ok && final(self).inv(
                    region,
                    with_staged(
                        view,
                        log as int,
                        view.staged.logs[log as int].truncate(position as int),
                    ),
                ),
            },
    {
        let staged = self.admit_move(log, position, Ghost(region), Ghost(view))?;
        let ghost before = view.staged.logs[log as int];
        proof {
            self.lemma_log(region, view, log as int);
        }
        let ghost ring = self.rings@[log as int];
        self.restage(log as usize, staged.b, position, Ghost(region), Ghost(view));
        proof {
            lemma_bytes_sum(
                ring,
                region.volatile,
                staged.b as int,
                position as int,
                staged.c as int,
            );
            assert(log_of(region.volatile, ring, Payload { a: 0, b: staged.b, c: position })
                =~= before.truncate(position as int));
        }
        Ok(())
    }
}

} // verus!
