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
    ) -> (r: Result<Entry, MoveError>)
        requires
            self.inv(region, view),
        ensures
            match move_refusal(view, log, position) {
                Some(e) => r == Err::<Entry, _>(e),
                None => r is Ok && r->Ok_0 == self.entries.staged()[log as int],
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
        let staged = self.entries.get_staged(log as usize);
        if position < staged.head || position > staged.tail {
            return Err(MoveError::OutOfRange { position, head: staged.head, tail: staged.tail });
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
        let appended = self.entries.get_appended(log as usize);
        self.restage(log as usize, position, staged.tail, appended, Ghost(region), Ghost(view));
        proof {
            lemma_bytes_sum(
                ring,
                region.volatile,
                staged.head as int,
                position as int,
                staged.tail as int,
            );
            assert(log_of(region.volatile, ring, Entry { head: position, tail: staged.tail })
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
        let committed = self.entries.get_committed(log as usize);
        proof {
            self.lemma_log(region, view, log as int);
        }
        let ghost ring = self.rings@[log as int];
        // Whatever was appended and not cut off has another CRC.
        let appended = if position == committed.tail {
            Appended::nothing()
        } else if position == staged.tail {
            self.entries.get_appended(log as usize)
        } else {
            Appended { checked: false, crc: 0 }
        };
        proof {
            let tail = position as int;
            pmem::crc::mixed::lemma_mixed_nothing(ring.bytes(region.volatile, tail, tail));
        }
        self.restage(log as usize, staged.head, position, appended, Ghost(region), Ghost(view));
        proof {
            lemma_bytes_sum(
                ring,
                region.volatile,
                staged.head as int,
                position as int,
                staged.tail as int,
            );
            assert(log_of(region.volatile, ring, Entry { head: staged.head, tail: position })
                =~= before.truncate(position as int));
        }
        Ok(())
    }
}

} // verus!
