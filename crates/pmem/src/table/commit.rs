//! The atomic commit.

use super::*;
use crate::trusted::guarded::*;

verus! {

impl Table {
    /// What the caller of `commit` must permit: anything in the idle copy while it is being written, before and
    /// after the flush, and then the other selector, once the idle copy holds what is staged.
    pub open spec fn commit_permitted<P: CrashPermission>(
        &self,
        view: RegionView,
        permission: P,
    ) -> bool {
        let idle = !self.live_b();
        &&& forall|image: Seq<u8>|
            self.layout().same_but_copy(image, view.durable, idle)
                ==> #[trigger] permission.permits(image)
        &&& forall|image: Seq<u8>|
            self.layout().same_but_copy(image, view.volatile, idle)
                ==> #[trigger] permission.permits(image)
        &&& forall|image: Seq<u8>|
            self.layout().same_but_copy_and_selector(image, view.volatile, idle) && (self.sound()
                ==> {
                &&& self.layout().live(image) == Some(idle)
                &&& self.layout().holds(image, idle, self.staged())
            }) ==> #[trigger] permission.permits(image)
    }

    /// Makes the staged changes durable, all or none.
    ///
    /// After an error the region has failed, and what a crash leaves is one of the images that were permitted.
    pub fn commit<R: Region, P: CrashPermission>(
        &mut self,
        region: &mut Guarded<R, P>,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(self).inv(old(region)@.volatile),
            !old(self).nothing_staged(),
            old(region).inv(),
            !old(region)@.failed,
            old(self).commit_permitted(old(region)@, *permission),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            permission.permits(final(region)@.durable),
            final(self).layout() == old(self).layout(),
            final(self).sound() == old(self).sound(),
            final(self).wf(),
            final(self).layout().same_but_copy_and_selector(
                final(region)@.volatile,
                old(region)@.volatile,
                !old(self).live_b(),
            ),
            r is Ok ==> {
                &&& final(self).inv(final(region)@.volatile)
                &&& final(self).committed() == old(self).staged()
                &&& final(self).staged() == old(self).staged()
                &&& final(self).nothing_staged()
                &&& final(self).live_b() == !old(self).live_b()
                &&& final(region)@.durable == final(region)@.volatile
            },
            r is Err ==> *final(self) == *old(self),
    {
        let idle = !self.live_b;
        let ghost before = region@;
        let r = if self.idle_known {
            self.write_changes(region, Tracked(permission))
        } else {
            write_run(
                region,
                self.layout.copy_addr(idle),
                self.layout.id,
                self.layout.tag,
                self.staged.as_slice(),
                Tracked(permission),
            )
        };
        r?;
        proof {
            self.layout.lemma_same_but_copy(region@.volatile, before.volatile, idle);
        }
        region.flush()?;
        let ghost written = region@.volatile;
        proof {
            self.layout.lemma_with_selector(written, idle);
            let flipped = self.layout.with_selector(written, idle);
            assert(self.layout.same_but_copy_and_selector(flipped, before.volatile, idle));
            assert(self.sound() ==> self.layout.holds(flipped, idle, self.staged@));
        }
        self.layout.write_selector(region, idle, Tracked(permission))?;
        region.flush()?;
        self.live_b = idle;
        self.settle(true);
        core::mem::swap(&mut self.behind, &mut self.changed);
        self.changed.clear();
        self.idle_known = true;
        self.commits = self.commits.saturating_add(1);
        proof {
            assert forall|i: int|
                #![trigger self.committed@[i]]
                0 <= i < self.layout.len && !self.behind@.contains(i as u32)
                    && self.sound() implies self.layout.entry_is(
                region@.volatile,
                !idle,
                i,
                self.committed@[i],
            ) by {
                assert(!old(self).is_changed@[i]);
                assert(old(self).staged@[i] == old(self).committed@[i]);
                assert(self.layout.entry_is(before.volatile, !idle, i, old(self).committed@[i]));
                let a = self.layout.entry(!idle, i);
                assert(line(written, a) == line(before.volatile, a));
                assert(line(region@.volatile, a) == line(written, a));
            }
        }
        Ok(())
    }

    /// Writes to the idle copy what it lacks: the changed entries, and those in which it is behind.
    fn write_changes<R: Region, P: CrashPermission>(
        &self,
        region: &mut Guarded<R, P>,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            self.inv(old(region)@.volatile),
            self.idle_known,
            old(region).inv(),
            !old(region)@.failed,
            forall|image: Seq<u8>|
                self.layout.same_but_copy(image, old(region)@.durable, !self.live_b)
                    ==> #[trigger] permission.permits(image),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            self.layout.same_but_copy(final(region)@.durable, old(region)@.durable, !self.live_b),
            self.layout.same_but_copy(final(region)@.volatile, old(region)@.volatile, !self.live_b),
            r is Ok && self.sound() ==> self.layout.holds(
                final(region)@.volatile,
                !self.live_b,
                self.staged@,
            ),
    {
        let ghost idle = !self.live_b;
        let ghost before = region@;
        let number = self.commits.saturating_add(1);
        let part = number_part_of(number);
        proof {
            assert forall|i: int|
                0 <= i < self.layout.len && self.sound() && !self.is_changed@[i]
                    && !self.behind@.contains(i as u32) implies #[trigger] self.fresh(
                region@.volatile,
                i,
            ) by {
                assert(self.committed@[i] == self.staged@[i]);
            }
        }
        let mut k: usize = 0;
        while k < self.changed.len()
            invariant
                k <= self.changed@.len(),
                idle == !self.live_b,
                part == number_part(number),
                self.wf(),
                self.layout.fits(region@.volatile.len() as int),
                region.inv(),
                !region@.failed,
                before == old(region)@,
                region@.medium == before.medium,
                self.layout.same_but_copy(region@.durable, before.durable, idle),
                self.layout.same_but_copy(region@.volatile, before.volatile, idle),
                forall|image: Seq<u8>|
                    self.layout.same_but_copy(image, before.durable, idle)
                        ==> #[trigger] permission.permits(image),
                forall|m: int|
                    0 <= m < k ==> self.fresh(region@.volatile, #[trigger] self.changed@[m] as int),
                self.sound() ==> forall|i: int|
                    0 <= i < self.layout.len && !self.is_changed@[i] && !self.behind@.contains(
                        i as u32,
                    ) ==> #[trigger] self.fresh(region@.volatile, i),
            decreases self.changed@.len() - k,
        {
            let i = self.changed[k];
            self.refresh(region, i, number, part, Tracked(permission))?;
            k += 1;
        }
        k = 0;
        while k < self.behind.len()
            invariant
                k <= self.behind@.len(),
                idle == !self.live_b,
                part == number_part(number),
                self.wf(),
                self.layout.fits(region@.volatile.len() as int),
                region.inv(),
                !region@.failed,
                before == old(region)@,
                region@.medium == before.medium,
                self.layout.same_but_copy(region@.durable, before.durable, idle),
                self.layout.same_but_copy(region@.volatile, before.volatile, idle),
                forall|image: Seq<u8>|
                    self.layout.same_but_copy(image, before.durable, idle)
                        ==> #[trigger] permission.permits(image),
                forall|m: int|
                    0 <= m < self.changed@.len() ==> self.fresh(
                        region@.volatile,
                        #[trigger] self.changed@[m] as int,
                    ),
                forall|m: int|
                    0 <= m < k ==> self.fresh(region@.volatile, #[trigger] self.behind@[m] as int),
                self.sound() ==> forall|i: int|
                    0 <= i < self.layout.len && !self.is_changed@[i] && !self.behind@.contains(
                        i as u32,
                    ) ==> #[trigger] self.fresh(region@.volatile, i),
            decreases self.behind@.len() - k,
        {
            let i = self.behind[k];
            if !self.is_changed[i as usize] {
                self.refresh(region, i, number, part, Tracked(permission))?;
            } else {
                assert(self.changed@.contains(i));
            }
            k += 1;
        }
        proof {
            assert forall|i: int|
                0 <= i < self.layout.len && self.sound() implies self.layout.entry_is(
                region@.volatile,
                idle,
                i,
                #[trigger] self.staged@[i],
            ) by {
                if self.is_changed@[i] {
                    assert(self.changed@.contains(i as u32));
                } else if !self.behind@.contains(i as u32) {
                    assert(self.fresh(region@.volatile, i));
                }
            }
        }
        Ok(())
    }

    /// Whether the idle copy holds what is staged for entry `i`.
    closed spec fn fresh(&self, image: Seq<u8>, i: int) -> bool {
        self.layout.entry_is(image, !self.live_b, i, self.staged@[i])
    }

    /// Writes to the idle copy what is staged for entry `i`. The number of most entries is that of this commit, whose part
    /// of the CRC is given.
    #[inline(always)]
    fn refresh<R: Region, P: CrashPermission>(
        &self,
        region: &mut Guarded<R, P>,
        i: u32,
        number: u64,
        part: u64,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            self.wf(),
            self.layout.fits(old(region)@.volatile.len() as int),
            i < self.layout.len,
            part == number_part(number),
            old(region).inv(),
            !old(region)@.failed,
            forall|image: Seq<u8>|
                self.layout.same_but_copy(image, old(region)@.durable, !self.live_b)
                    ==> #[trigger] permission.permits(image),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            self.layout.same_but_copy(final(region)@.durable, old(region)@.durable, !self.live_b),
            self.layout.same_but_copy(final(region)@.volatile, old(region)@.volatile, !self.live_b),
            r is Ok ==> {
                &&& self.fresh(final(region)@.volatile, i as int)
                &&& forall|j: int|
                    0 <= j < self.layout.len && self.fresh(old(region)@.volatile, j)
                        ==> #[trigger] self.fresh(final(region)@.volatile, j)
            },
    {
        let idle = !self.live_b;
        let ghost before = region@;
        let p = self.staged[i as usize];
        let part = if p.a == number {
            part
        } else {
            number_part_of(p.a)
        };
        let ghost tag = (self.layout.tag + i) as u64;
        let crc_part = self.crc_parts[i as usize];
        let bytes = encode_with_parts(Ghost(self.layout.id), Ghost(tag), p, crc_part, part);
        let r = self.layout.write_entry(region, idle, i, bytes, Tracked(permission));
        proof {
            if r is Ok {
                assert forall|j: int|
                    0 <= j < self.layout.len && self.fresh(
                        before.volatile,
                        j,
                    ) implies #[trigger] self.fresh(region@.volatile, j) by {
                    if j != i {
                        assert(line(region@.volatile, self.layout.entry(idle, j)) == line(
                            before.volatile,
                            self.layout.entry(idle, j),
                        ));
                    }
                }
            }
        }
        r
    }
}

} // verus!
