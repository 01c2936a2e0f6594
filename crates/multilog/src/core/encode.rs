//! What the next commit's record says.
use super::*;
use crate::change_lemmas::*;

verus! {

impl Core {
    /// What the next commit makes of log `i`. If bytes were appended whose CRC is known, and that the log still holds, it has
    /// that.
    pub(super) open spec fn change_of(&self, i: int) -> Change {
        let (committed, staged) = (self.entries.committed()[i], self.entries.staged()[i]);
        let appended = self.entries.appended()[i];
        let checked = committed.tail < staged.tail && appended.checked && staged.head
            <= committed.tail;
        Change {
            log: i as u64,
            checked,
            entry: staged,
            crc: if checked {
                appended.crc
            } else {
                0
            },
        }
    }

    /// Whether bytes were appended to log `i` that the record has no CRC of. They have to be durable before the record.
    pub(super) open spec fn is_unchecked(&self, i: int) -> bool {
        self.entries.committed()[i].tail < self.entries.staged()[i].tail && !self.change_of(
            i,
        ).checked
    }

    /// What the next commit changes.
    pub(super) open spec fn change_list(&self) -> Seq<Change> {
        Seq::new(
            self.entries.changed().len(),
            |k: int| self.change_of(self.entries.changed()[k] as int),
        )
    }

    /// Puts the next record's payload into `self.payload`. Returns whether the staged bytes must be flushed before it is
    /// written.
    pub(super) fn encode(
        &mut self,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (needs_flush: bool)
        requires
            old(self).inv(region, view),
        ensures
            final(self).inv(region, view),
            final(self).same_but_payload(old(self)),
            final(self).payload@ == record_payload(old(self).change_list()),
            !needs_flush ==> forall|i: int|
                0 <= i < old(self).rings@.len() ==> !#[trigger] old(self).is_unchecked(i),
    {
        let mut payload: Vec<u8> = Vec::new();
        core::mem::swap(&mut self.payload, &mut payload);
        payload.clear();
        let mut needs_flush = false;
        let len = self.entries.changes().len();
        let mut k: usize = 0;
        let ghost list = old(self).change_list();
        proof {
            self.entries.lemma_wf();
            assert(list.take(0) =~= Seq::empty());
        }
        while k < len
            invariant
                k <= len == self.entries.changed().len(),
                self.same_but_payload(old(self)),
                self.entries.wf(),
                self.entries.committed().len() == self.rings@.len() <= MAX_LOGS,
                list == old(self).change_list(),
                payload@ == changes_bytes(list.take(k as int)),
                !needs_flush ==> forall|n: int|
                    0 <= n < k ==> !old(self).is_unchecked(
                        #[trigger] self.entries.changed()[n] as int,
                    ),
            decreases len - k,
        {
            proof {
                self.entries.lemma_wf();
            }
            let i = self.entries.changes()[k] as usize;
            let committed = self.entries.get_committed(i);
            let staged = self.entries.get_staged(i);
            let appended = self.entries.get_appended(i);
            let appends = committed.tail < staged.tail;
            let checked = appends && appended.checked && staged.head <= committed.tail;
            let crc = if checked {
                appended.crc
            } else {
                0
            };
            needs_flush = needs_flush || (appends && !checked);
            let change = Change { log: i as u64, checked, entry: staged, crc };
            push_change(&mut payload, change);
            proof {
                assert(change == list[k as int]);
                assert(list.take(k + 1).drop_last() =~= list.take(k as int));
            }
            k += 1;
        }
        push_padding(&mut payload, len);
        self.payload = payload;
        proof {
            assert(list.take(k as int) =~= list);
            if !needs_flush {
                assert forall|i: int| 0 <= i < self.rings@.len() implies !#[trigger] old(
                    self,
                ).is_unchecked(i) by {
                    if self.entries.changed().contains(i as u32) {
                        let n = choose|n: int|
                            0 <= n < len && self.entries.changed()[n] == i as u32;
                        assert(!old(self).is_unchecked(self.entries.changed()[n] as int));
                    } else {
                        assert(self.entries.staged()[i] == self.entries.committed()[i]);
                    }
                }
            }
        }
        needs_flush
    }

    /// Whether only the buffer for the payload differs.
    pub(super) open spec fn same_but_payload(&self, other: &Core) -> bool {
        *self == (Core { payload: self.payload, ..*other })
    }
}

} // verus!
