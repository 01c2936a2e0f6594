//! Switching to the other journal, when the live one is full.
//!
//! A snapshot of what the live journal says is written into the other one. Then all is flushed, the rings that the caller
//! wrote to as well. Only then the selector is written, and flushed. It is the one store that makes the other journal
//! live, and it is atomic. So there is no collision in a switch.
//!
//! After opening, nothing is known of the other journal: it may hold the image of a record to come. So the first switch
//! into it writes zeros over its records before all else.
use super::layout::*;
use super::memory::*;
use super::write::write_word;
use super::zeros::write_zeros;
#[cfg(verus_only)]
use super::{entry::*, follow::*, record::*, snapshot::*, zeros::*};
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{image::*, trusted::bytes::u64_le};
use vstd::prelude::*;

verus! {

impl JournalLayout {
    /// Whether two images agree outside one journal.
    pub open spec fn same_but(self, s: Seq<u8>, t: Seq<u8>, j: Journal) -> bool {
        same_outside(s, t, self.start(j), self.end(j))
    }

    /// Whether two images agree outside one journal and the selector.
    pub open spec fn same_but_and_selector(self, s: Seq<u8>, t: Seq<u8>, j: Journal) -> bool {
        &&& s.len() == t.len()
        &&& forall|a: int|
            0 <= a < s.len() && !(self.start(j) <= a < self.end(j)) && !(self.selector <= a
                < self.selector + 8) ==> #[trigger] s[a] == t[a]
    }
}

impl Journals {
    /// Whether an image differs from `base` in the other journal only, and says the same.
    pub open spec fn kept(&self, image: Seq<u8>, base: Seq<u8>) -> bool {
        &&& self.layout().same_but(image, base, self.live().other())
        &&& self.sound() ==> self.layout().state(image) == Some(self.state())
    }

    /// What the journals say after a switch.
    pub open spec fn switched(&self, number: u64, entries: Seq<[u64; 7]>) -> JournalState {
        JournalState { snapshot: Snapshot::of(number, entries), records: Seq::empty() }
    }

    /// Whether an image differs from `base` in the other journal and the selector only, and says what `switched` says.
    pub open spec fn gone_over(
        &self,
        image: Seq<u8>,
        base: Seq<u8>,
        number: u64,
        entries: Seq<[u64; 7]>,
    ) -> bool {
        &&& self.layout().same_but_and_selector(image, base, self.live().other())
        &&& self.sound() ==> self.layout().state(image) == Some(self.switched(number, entries))
    }

    /// What the caller of `switch` must permit: the state before, with anything in the other journal, before the flush and
    /// after it; and then the state that `switched` says, which means the same to the caller.
    pub open spec fn switch_permitted<P: CrashPermission>(
        &self,
        view: RegionView,
        number: u64,
        entries: Seq<[u64; 7]>,
        permission: P,
    ) -> bool {
        &&& forall|image: Seq<u8>|
            self.kept(image, view.durable) ==> #[trigger] permission.permits(image)
        &&& forall|image: Seq<u8>|
            self.kept(image, view.volatile) ==> #[trigger] permission.permits(image)
        &&& forall|image: Seq<u8>|
            self.gone_over(image, view.volatile, number, entries) ==> #[trigger] permission.permits(
                image,
            )
    }

    /// What is asked of the journals and the region before a switch.
    pub open spec fn may_switch<P: CrashPermission>(
        &self,
        view: RegionView,
        number: u64,
        entries: Seq<[u64; 7]>,
        permission: P,
    ) -> bool {
        &&& !view.failed
        &&& self.inv(view.volatile)
        &&& self.inv(view.durable)
        &&& number <= self.number()
        &&& self.is_quiet() ==> number == self.number()
        &&& entries.len() == self.layout().entries
        &&& self.switch_permitted(view, number, entries, permission)
    }

    /// Images that differ in the other journal say the same.
    proof fn lemma_kept(&self, image: Seq<u8>, base: Seq<u8>)
        requires
            self.inv(base),
            self.layout().same_but(image, base, self.live().other()),
        ensures
            self.kept(image, base),
    {
        let selector = self.layout.selector as int;
        assert(image.subrange(selector, selector + 8) =~= base.subrange(selector, selector + 8));
        self.layout.lemma_follow_same(image, base, self.live);
    }

    /// Makes sure that no later record is in the other journal, and writes the snapshot there. It flushes nothing.
    fn write_other<R: Region, P: CrashPermission>(
        &mut self,
        region: &mut Guarded<R, P>,
        number: u64,
        entries: &[[u64; 7]],
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            old(self).may_switch(old(region)@, number, entries@, *permission),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            permission.permits(final(region)@.durable),
            old(self).layout().same_but(
                final(region)@.volatile,
                old(region)@.volatile,
                old(self).live().other(),
            ),
            *final(self) == (Journals { scratch: final(self).scratch, ..*old(self) }),
            r is Ok ==> old(self).other_written(final(region)@.volatile, number, entries@),
    {
        let ghost before = region@;
        let layout = self.layout;
        let other = self.live.other();
        let first = layout.start_of(other) + layout.records;
        let end = layout.start_of(other) + layout.len;
        proof {
            region.lemma_inv();
            assert forall|image: Seq<u8>|
                layout.same_but(image, before.durable, other) implies #[trigger] permission.permits(
                image,
            ) by {
                self.lemma_kept(image, before.durable);
            }
        }
        if !self.other_quiet {
            write_zeros(region, first, end, Tracked(permission))?;
        }
        let ghost quiet = region@;
        proof {
            assert forall|image: Seq<u8>|
                layout.same_but_snapshot(
                    image,
                    quiet.durable,
                    other,
                ) implies #[trigger] permission.permits(image) by {
                assert(layout.same_but(image, before.durable, other));
            }
        }
        layout.write_snapshot(
            region,
            &mut self.scratch,
            other,
            number,
            entries,
            Tracked(permission),
        )?;
        proof {
            if !self.other_quiet {
                layout.lemma_zeros_quiet(quiet.volatile, other, number);
            }
            if self.sound() {
                layout.lemma_quiet_same(region@.volatile, quiet.volatile, other, number);
            }
        }
        Ok(())
    }

    /// Whether all that a switch needs is written, but for the selector.
    spec fn other_written(&self, image: Seq<u8>, number: u64, entries: Seq<[u64; 7]>) -> bool {
        let (layout, other) = (self.layout, self.live.other());
        &&& layout.header_is(image, other, number)
        &&& layout.entries_are(image, other, number, entries)
        &&& self.sound() ==> layout.quiet(image, other, number)
    }

    /// Makes the other journal live, with these entries and without records. They must mean the same to the caller as what the
    /// live journal says. What the caller wrote elsewhere is flushed with it. After opening, the number may be an earlier one
    /// than that of the last record: the caller drops records that do not count.
    ///
    /// After an error the region has failed, and what a crash leaves is one of the images that were permitted.
    pub fn switch<R: Region, P: CrashPermission>(
        &mut self,
        region: &mut Guarded<R, P>,
        number: u64,
        entries: &[[u64; 7]],
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            old(self).may_switch(old(region)@, number, entries@, *permission),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            permission.permits(final(region)@.durable),
            old(self).layout().same_but_and_selector(
                final(region)@.volatile,
                old(region)@.volatile,
                old(self).live().other(),
            ),
            final(self).layout() == old(self).layout(),
            final(self).sound() == old(self).sound(),
            r is Ok ==> {
                &&& final(self).inv(final(region)@.volatile)
                &&& final(self).live() == old(self).live().other()
                &&& final(self).state() == old(self).switched(number, entries@)
                &&& final(self).number() == number
                &&& final(self).is_quiet()
                &&& final(self).next_addr() == final(self).layout().first(final(self).live())
                &&& final(region)@.durable == final(region)@.volatile
            },
    {
        let ghost before = region@;
        self.write_other(region, number, entries, Tracked(permission))?;
        region.flush()?;
        let ghost written = region@.volatile;
        let other = self.live.other();
        proof {
            region.lemma_inv();
            old(self).lemma_kept(written, before.volatile);
            old(self).lemma_gone_over(written, before.volatile, number, entries@);
        }
        write_word(region, self.layout.selector, other.selector(), Tracked(permission))?;
        region.flush()?;
        self.ghost_state = Ghost(old(self).switched(number, entries@));
        self.other_quiet = self.live_quiet;
        self.live_quiet = true;
        self.live = other;
        self.number = number;
        self.tail = self.layout.start_of(other) + self.layout.records;
        proof {
            assert(self.is_switched(*old(self), number, entries@));
        }
        Ok(())
    }

    /// Whether these journals are those that `before` become by a switch.
    spec fn is_switched(&self, before: Journals, number: u64, entries: Seq<[u64; 7]>) -> bool {
        &&& self.layout == before.layout
        &&& self.prefix_crc == before.prefix_crc
        &&& self.live == before.live.other()
        &&& self.number == number
        &&& self.tail == before.layout.first(before.live.other())
        &&& self.live_quiet
        &&& self.other_quiet == before.live_quiet
        &&& self.state() == before.switched(number, entries)
        &&& self.sound() == before.sound()
    }

    /// With the selector written, the other journal is live.
    proof fn lemma_gone_over(
        &self,
        written: Seq<u8>,
        base: Seq<u8>,
        number: u64,
        entries: Seq<[u64; 7]>,
    )
        requires
            self.inv(base),
            number <= self.number,
            self.live_quiet ==> number == self.number,
            entries.len() == self.layout.entries,
            self.layout.same_but(written, base, self.live.other()),
            self.other_written(written, number, entries),
        ensures
            ({
                let selector = self.live.other().selector();
                let image = update_bytes(written, self.layout.selector as int, u64_le(selector));
                &&& self.gone_over(image, base, number, entries)
                &&& forall|new: Journals| #[trigger]
                    new.is_switched(*self, number, entries) ==> new.inv(image)
            }),
    {
        hide(JournalLayout::quiet);
        hide(JournalLayout::nothing_later);
        hide(JournalLayout::header_is);
        hide(JournalLayout::entries_are);
        hide(JournalLayout::follow);
        let (layout, live, other) = (self.layout, self.live, self.live.other());
        let image = update_bytes(written, layout.selector as int, u64_le(other.selector()));
        layout.lemma_selector_written(written, other);
        if self.sound() {
            layout.lemma_entries_same(image, written, other, number, entries);
            layout.lemma_header_same(image, written, other, number);
            layout.lemma_quiet_same(image, written, other, number);
            layout.lemma_no_records_yet(image, other, number, entries);
            if self.live_quiet {
                layout.lemma_quiet_same(image, base, live, number);
            }
        }
    }
}

} // verus!
