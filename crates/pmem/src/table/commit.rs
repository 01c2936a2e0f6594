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
        proof {
            self.lemma_wf();
        }
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
        self.next = self.next.next();
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
}

} // verus!
