//! Switching to the other journal, when the live one is full.
//!
//! A snapshot of what the live journal says is written into the other one, and all of the header but its first word, the
//! generation; then all is flushed, the rings that the caller wrote to as well. Only then that word is written, and flushed.
//! It is the one store that makes the other journal live, and it is atomic. So there is no collision in a switch: while the
//! snapshot is written, the header's generation is the earlier one, and whatever a crash makes of the rest, the journal is
//! not of a later generation than the live one. It takes two flushes, no more than if everything were written at once
//! behind a flush of the rings.
//!
//! After opening, nothing is known of the other journal, not even that its header's first word is of an earlier generation. So
//! the first switch into it writes zeros over that word, and then over its records: a record of a generation to come may
//! have been left there.
use super::memory::*;
use super::record::GENERATIONS;
use super::scrub::write_word;
#[cfg(verus_only)]
use super::{entry::*, follow::*, layout::*, record::*, snapshot::*, zeros::*};
use crate::codeword::{encode, Payload};
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{bytes::*, codeword::*, codewords::line, image::*, table::u64_at};
use vstd::prelude::*;
use vstd::slice::slice_subrange;

verus! {

impl Journals {
    /// Whether an image differs from `base` in the other journal only, and says the same.
    pub open spec fn kept(&self, image: Seq<u8>, base: Seq<u8>) -> bool {
        let (layout, other) = (self.layout(), self.live().other());
        &&& same_outside(image, base, layout.start(other), layout.end(other))
        &&& self.sound() ==> layout.state(image) == Some(self.state())
    }

    /// What the journals say after a switch.
    pub open spec fn switched(&self, entries: Seq<[u64; 7]>) -> JournalState {
        JournalState {
            snapshot: Snapshot::of((self.generation() + 1) as u64, self.number(), entries),
            records: Seq::empty(),
        }
    }

    /// Whether an image differs from `base` in the other journal only, and says what `switched` says.
    pub open spec fn gone_over(
        &self,
        image: Seq<u8>,
        base: Seq<u8>,
        entries: Seq<[u64; 7]>,
    ) -> bool {
        let (layout, other) = (self.layout(), self.live().other());
        &&& same_outside(image, base, layout.start(other), layout.end(other))
        &&& self.sound() ==> layout.state(image) == Some(self.switched(entries))
    }

    /// What the caller of `switch` must permit: the state before, with anything in the other journal, before the flush and
    /// after it; and then the state that `switched` says, which means the same to the caller.
    pub open spec fn switch_permitted<P: CrashPermission>(
        &self,
        view: RegionView,
        entries: Seq<[u64; 7]>,
        permission: P,
    ) -> bool {
        &&& forall|image: Seq<u8>|
            self.kept(image, view.durable) ==> #[trigger] permission.permits(image)
        &&& forall|image: Seq<u8>|
            self.kept(image, view.volatile) ==> #[trigger] permission.permits(image)
        &&& forall|image: Seq<u8>|
            self.gone_over(image, view.volatile, entries) ==> #[trigger] permission.permits(image)
    }

    /// What is asked of the journals and the region before a switch.
    pub open spec fn may_switch<P: CrashPermission>(
        &self,
        view: RegionView,
        entries: Seq<[u64; 7]>,
        permission: P,
    ) -> bool {
        &&& !view.failed
        &&& self.inv(view.volatile)
        &&& self.inv(view.durable)
        &&& self.generation() + 1 < GENERATIONS
        &&& entries.len() == self.layout().entries
        &&& self.switch_permitted(view, entries, permission)
    }

    /// Whether there is a generation behind this one. There are more than 10^14.
    pub fn can_switch(&self, Ghost(image): Ghost<Seq<u8>>) -> (r: bool)
        requires
            self.inv(image),
        ensures
            r == (self.generation() + 1 < GENERATIONS),
    {
        self.generation + 1 < GENERATIONS
    }

    /// Images that differ in the other journal say the same, as long as that one's header is not of a later generation.
    pub(super) proof fn lemma_other_written(&self, image: Seq<u8>, base: Seq<u8>)
        requires
            self.inv(base),
            same_outside(
                image,
                base,
                self.layout.start(self.live.other()),
                self.layout.end(self.live.other()),
            ),
            self.sound() ==> (self.layout.header(image, self.live.other()) matches Some(header)
                ==> header.0 < self.generation),
        ensures
            self.kept(image, base),
            self.sound() ==> {
                &&& self.layout.counts(image, self.live)
                &&& self.layout.follow(image, self.live) == Some(self.state())
                &&& self.layout.tail(image, self.live) == self.tail
                &&& forall|generation: u64, from: int|
                    0 <= from && self.layout.quiet(base, self.live, generation, from)
                        && self.layout.start(self.live) <= from ==> #[trigger] self.layout.quiet(
                        image,
                        self.live,
                        generation,
                        from,
                    )
            },
    {
        let (layout, live) = (self.layout, self.live);
        if self.sound() {
            layout.lemma_follow_same(image, base, live);
            layout.lemma_snapshot(base, live);
            layout.lemma_counts(image, live);
            assert forall|generation: u64, from: int|
                0 <= from && layout.quiet(base, live, generation, from) && layout.start(live)
                    <= from implies #[trigger] layout.quiet(image, live, generation, from) by {
                layout.lemma_quiet_same(image, base, live, generation, from);
            }
        }
    }

    /// While the other journal's header has an earlier generation in its first word, nothing else in that journal matters.
    proof fn lemma_kept(&self, image: Seq<u8>, now: Seq<u8>, base: Seq<u8>)
        requires
            self.inv(base),
            self.other_quiet,
            same_outside(
                now,
                base,
                self.layout.start(self.live.other()) + 8,
                self.layout.end(self.live.other()),
            ),
            same_outside(
                image,
                now,
                self.layout.start(self.live.other()) + 8,
                self.layout.end(self.live.other()),
            ),
        ensures
            self.kept(image, base),
    {
        let start = self.layout.start(self.live.other());
        assert(image.subrange(start, start + 8) =~= base.subrange(start, start + 8));
        self.layout.lemma_header_word(image, self.live.other());
        self.lemma_other_written(image, base);
    }

    /// Writes the snapshot, and all of the header but its first word.
    fn write_snapshot<R: Region, P: CrashPermission>(
        &mut self,
        region: &mut Guarded<R, P>,
        entries: &[[u64; 7]],
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            old(self).other_quiet,
            old(self).may_switch(old(region)@, entries@, *permission),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            permission.permits(final(region)@.durable),
            *final(self) == (Journals { scratch: final(self).scratch, ..*old(self) }),
            ({
                let (layout, other) = (old(self).layout(), old(self).live().other());
                let generation = (old(self).generation() + 1) as u64;
                let image = final(region)@.volatile;
                let header = codeword(
                    layout.id,
                    other.tag(),
                    header_payload(generation, old(self).number()),
                );
                &&& same_outside(
                    image,
                    old(region)@.volatile,
                    layout.start(other) + 8,
                    layout.snapshot_end(other),
                )
                &&& r is Ok ==> {
                    &&& layout.entries_are(image, other, generation, entries@)
                    &&& image.subrange(layout.start(other) + 8, layout.start(other) + 32)
                        == header.subrange(8, 32)
                }
            }),
    {
        let ghost before = region@;
        let other = self.live.other();
        let start = self.layout.start_of(other);
        let generation = self.generation + 1;
        proof {
            region.lemma_inv();
            assert forall|image: Seq<u8>|
                same_outside(
                    image,
                    before.durable,
                    self.layout.entry(other, 0),
                    self.layout.snapshot_end(other),
                ) implies #[trigger] permission.permits(image) by {
                self.lemma_kept(image, before.durable, before.durable);
            }
            assert(permission.permits(before.durable)) by {
                self.lemma_kept(before.durable, before.durable, before.durable);
            }
        }
        let layout = self.layout;
        let written = layout.write_entries(
            region,
            &mut self.scratch,
            other,
            generation,
            entries,
            Tracked(permission),
        );
        proof {
            old(self).lemma_kept(region@.durable, before.durable, before.durable);
        }
        written?;
        let ghost middle = region@;
        let header = encode(
            self.layout.id,
            other.tag(),
            Payload { a: generation, b: self.number, c: 0 },
        );
        let rest = slice_subrange(&header, 8, 32);
        proof {
            assert forall|image: Seq<u8>|
                torn(image, middle.durable, start + 8, rest@) implies #[trigger] permission.permits(
                image,
            ) by {
                lemma_torn_same_outside(image, middle.durable, start + 8, rest@);
                old(self).lemma_kept(image, middle.durable, before.durable);
            }
        }
        let r = region.write(start + 8, rest, Tracked(permission));
        proof {
            lemma_torn_same_outside(region@.durable, middle.durable, start + 8, rest@);
            old(self).lemma_kept(region@.durable, middle.durable, before.durable);
            if r is Ok {
                let image = region@.volatile;
                assert(image.subrange(start + 8, start + 32) =~= rest@);
                layout.lemma_entries_same(image, middle.volatile, other, generation, entries@);
            } else {
                lemma_torn_same_outside(region@.volatile, middle.volatile, start + 8, rest@);
            }
        }
        r
    }

    /// Makes the other journal live, with these entries and without records. They must mean the same to the caller as what the
    /// live journal says. What the caller wrote elsewhere is flushed with it.
    ///
    /// After an error the region has failed, and what a crash leaves is one of the images that were permitted.
    pub fn switch<R: Region, P: CrashPermission>(
        &mut self,
        region: &mut Guarded<R, P>,
        entries: &[[u64; 7]],
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            old(self).may_switch(old(region)@, entries@, *permission),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            permission.permits(final(region)@.durable),
            same_outside(
                final(region)@.volatile,
                old(region)@.volatile,
                old(self).layout().start(old(self).live().other()),
                old(self).layout().end(old(self).live().other()),
            ),
            final(self).layout() == old(self).layout(),
            final(self).sound() == old(self).sound(),
            r is Ok ==> {
                &&& final(self).inv(final(region)@.volatile)
                &&& final(self).live() == old(self).live().other()
                &&& final(self).state() == old(self).switched(entries@)
                &&& final(self).number() == old(self).number()
                &&& final(self).generation() == old(self).generation() + 1
                &&& final(region)@.durable == final(region)@.volatile
            },
    {
        if !self.other_quiet {
            self.scrub(region, Ghost(entries@), Tracked(permission))?;
        }
        let ghost before = region@;
        let ghost quiet = *self;
        self.write_snapshot(region, entries, Tracked(permission))?;
        region.flush()?;
        let ghost written = region@.volatile;
        let other = self.live.other();
        let start = self.layout.start_of(other);
        let generation = self.generation + 1;
        proof {
            region.lemma_inv();
            quiet.lemma_kept(written, before.volatile, before.volatile);
            quiet.lemma_gone_over(written, before.volatile, entries@);
        }
        write_word(region, start, generation, Tracked(permission))?;
        region.flush()?;
        self.ghost_state = Ghost(quiet.switched(entries@));
        self.other_quiet = self.live_quiet;
        self.live_quiet = true;
        self.live = other;
        self.generation = generation;
        self.tail = start + self.layout.records;
        proof {
            assert(self.same_as_gone_over(quiet, entries@));
        }
        Ok(())
    }

    /// Whether these journals are those that `before` become by a switch.
    spec fn same_as_gone_over(&self, before: Journals, entries: Seq<[u64; 7]>) -> bool {
        &&& self.layout == before.layout
        &&& self.live == before.live.other()
        &&& self.generation == before.generation + 1
        &&& self.number == before.number
        &&& self.tail == before.layout.first(before.live.other())
        &&& self.live_quiet
        &&& self.other_quiet == before.live_quiet
        &&& self.register == before.register
        &&& self.state() == before.switched(entries)
        &&& self.sound() == before.sound()
    }

    /// With the generation written, the other journal counts.
    proof fn lemma_gone_over(&self, written: Seq<u8>, base: Seq<u8>, entries: Seq<[u64; 7]>)
        requires
            self.inv(base),
            self.other_quiet,
            self.generation + 1 < GENERATIONS,
            entries.len() == self.layout.entries,
            ({
                let (layout, other) = (self.layout, self.live.other());
                let generation = (self.generation + 1) as u64;
                let header = codeword(
                    layout.id,
                    other.tag(),
                    header_payload(generation, self.number),
                );
                let start = layout.start(other);
                &&& same_outside(written, base, start + 8, layout.snapshot_end(other))
                &&& layout.entries_are(written, other, generation, entries)
                &&& written.subrange(start + 8, start + 32) == header.subrange(8, 32)
            }),
        ensures
            ({
                let start = self.layout.start(self.live.other());
                let generation = (self.generation + 1) as u64;
                let image = update_bytes(written, start, u64_le(generation));
                &&& self.gone_over(image, base, entries)
                &&& forall|new: Journals| #[trigger]
                    new.same_as_gone_over(*self, entries) ==> new.inv(image)
            }),
    {
        let (layout, live, other) = (self.layout, self.live, self.live.other());
        let start = layout.start(other);
        let generation = (self.generation + 1) as u64;
        let payload = header_payload(generation, self.number);
        let header = codeword(layout.id, other.tag(), payload);
        let image = update_bytes(written, start, u64_le(generation));
        lemma_decoded_of_codeword(layout.id, other.tag(), payload);
        assert(line(image, start) =~= header) by {
            assert(header.subrange(0, 8) =~= u64_le(generation));
            assert forall|k: int| 8 <= k < 32 implies image[start + k] == header[k] by {
                assert(written.subrange(start + 8, start + 32)[k - 8] == header.subrange(8, 32)[k
                    - 8]);
            }
        }
        layout.lemma_entries_same(image, written, other, generation, entries);
        layout.lemma_snapshot_written(image, other, generation, self.number, entries);
        if self.sound() {
            layout.lemma_follow_same(image, base, live);
            layout.lemma_snapshot(base, live);
            layout.lemma_header_word(image, live);
            layout.lemma_counts(image, other);
            self.lemma_quiet_gone_over(image, base);
            layout.lemma_quiet(image, other, generation, self.number + 1, layout.first(other));
            layout.lemma_no_record(image, other, generation, self.number + 1, layout.first(other));
        }
    }

    /// Both journals stay quiet in a switch.
    proof fn lemma_quiet_gone_over(&self, image: Seq<u8>, base: Seq<u8>)
        requires
            self.inv(base),
            self.sound(),
            self.other_quiet,
            self.generation + 1 < GENERATIONS,
            same_outside(
                image,
                base,
                self.layout.start(self.live.other()),
                self.layout.snapshot_end(self.live.other()),
            ),
        ensures
            ({
                let (layout, live, other) = (self.layout, self.live, self.live.other());
                let generation = (self.generation + 1) as u64;
                let next = (generation + 1) as u64;
                &&& layout.quiet(image, other, generation, layout.first(other))
                &&& layout.quiet(image, other, next, layout.first(other))
                &&& self.live_quiet ==> layout.quiet(image, live, next, layout.first(live))
            }),
    {
        let (layout, live, other) = (self.layout, self.live, self.live.other());
        let generation = (self.generation + 1) as u64;
        layout.lemma_quiet_same(image, base, other, generation, layout.first(other));
        if self.live_quiet {
            layout.lemma_quiet_same(image, base, live, generation, layout.first(live));
        }
    }
}

} // verus!
