//! Creating journals where there were none.
use super::layout::*;
use super::memory::*;
use super::zeros::write_zeros;
#[cfg(verus_only)]
use super::{entry::*, follow::*, record::*, snapshot::*, zeros::*};
use crate::codeword::{encode, Payload};
use crate::crc::extend::extend_register;
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{bytes::*, codeword::*, codewords::line, image::*, table::u64_at};
use vstd::prelude::*;

verus! {

impl JournalLayout {
    /// Whether two images agree outside the journals.
    pub open spec fn same_elsewhere(self, s: Seq<u8>, t: Seq<u8>) -> bool {
        &&& s.len() == t.len()
        &&& forall|a: int|
            0 <= a < s.len() && !(self.start(Journal::A) <= a < self.end(Journal::A)) && !(
            self.start(Journal::B) <= a < self.end(Journal::B)) ==> #[trigger] s[a] == t[a]
    }
}

impl Journals {
    /// Writes new journals: both empty, A live, with these entries as of commit 0.
    ///
    /// It flushes nothing. After an error the region has failed.
    pub fn create<R: Region, P: CrashPermission>(
        region: &mut Guarded<R, P>,
        layout: JournalLayout,
        entries: &[[u64; 7]],
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<Journals, IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            layout.fits(old(region)@.volatile.len() as int),
            entries@.len() == layout.entries,
            forall|image: Seq<u8>|
                layout.same_elsewhere(image, old(region)@.durable)
                    ==> #[trigger] permission.permits(image),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            layout.same_elsewhere(final(region)@.durable, old(region)@.durable),
            layout.same_elsewhere(final(region)@.volatile, old(region)@.volatile),
            r matches Ok(journals) ==> {
                &&& journals.inv(final(region)@.volatile)
                &&& journals.layout() == layout
                &&& journals.sound()
                &&& journals.live() == Journal::A
                &&& journals.number() == 0
                &&& journals.generation() == 1
                &&& journals.state() == JournalState {
                    snapshot: Snapshot::of(1, 0, entries@),
                    records: Seq::empty(),
                }
            },
    {
        let ghost before = region@;
        let a = Journal::A;
        let mut scratch: Vec<u8> = Vec::new();
        write_zeros(region, layout.a, layout.a + layout.len, Tracked(permission))?;
        write_zeros(region, layout.b, layout.b + layout.len, Tracked(permission))?;
        let ghost blank = region@;
        proof {
            assert(zero_in(blank.volatile, layout.start(a), layout.end(a)));
        }
        layout.write_entries(region, &mut scratch, a, 1, entries, Tracked(permission))?;
        let ghost middle = region@;
        let header = encode(layout.id, a.tag(), Payload { a: 1, b: 0, c: 0 });
        proof {
            region.lemma_inv();
            assert forall|image: Seq<u8>|
                torn(
                    image,
                    middle.durable,
                    layout.a as int,
                    header@,
                ) implies #[trigger] permission.permits(image) by {
                lemma_torn_same_outside(image, middle.durable, layout.a as int, header@);
                assert(layout.same_elsewhere(image, before.durable));
            }
        }
        let r = region.write(layout.a, &header, Tracked(permission));
        proof {
            let at = layout.a as int;
            lemma_torn_same_outside(region@.durable, middle.durable, at, header@);
            if r is Err {
                lemma_torn_same_outside(region@.volatile, middle.volatile, at, header@);
            }
        }
        r?;
        let journals = Journals {
            layout,
            live: a,
            generation: 1,
            number: 0,
            tail: layout.a + layout.records,
            live_quiet: true,
            other_quiet: true,
            register: extend_register(0xffff_ffff_ffff_ffff, layout.id.lo, layout.id.hi),
            scratch,
            ghost_state: Ghost(
                JournalState { snapshot: Snapshot::of(1, 0, entries@), records: Seq::empty() },
            ),
            ghost_sound: Ghost(true),
        };
        proof {
            let image = region@.volatile;
            assert(line(image, layout.start(a)) =~= header@);
            layout.lemma_entries_same(image, middle.volatile, a, 1, entries@);
            assert(zero_in(image, layout.start(Journal::B), layout.end(Journal::B)));
            assert(zero_in(image, layout.first(a), layout.end(a)));
            layout.lemma_created(image, entries@);
        }
        Ok(journals)
    }
}

impl JournalLayout {
    /// What is written by `create` is what the journals in memory say.
    proof fn lemma_created(self, image: Seq<u8>, entries: Seq<[u64; 7]>)
        requires
            self.fits(image.len() as int),
            entries.len() == self.entries,
            self.header_is(image, Journal::A, 1, 0),
            self.entries_are(image, Journal::A, 1, entries),
            zero_in(image, self.start(Journal::B), self.end(Journal::B)),
            zero_in(image, self.first(Journal::A), self.end(Journal::A)),
        ensures
            self.counts(image, Journal::A),
            self.follow(image, Journal::A) == Some(
                JournalState { snapshot: Snapshot::of(1, 0, entries), records: Seq::empty() },
            ),
            self.tail(image, Journal::A) == self.first(Journal::A),
            self.quiet(image, Journal::A, 1, self.first(Journal::A)),
            self.quiet(image, Journal::A, 2, self.first(Journal::A)),
            self.quiet(image, Journal::B, 2, self.first(Journal::B)),
            u64_at(image, self.start(Journal::B)) == 0,
    {
        let (a, b) = (Journal::A, Journal::B);
        self.lemma_snapshot_written(image, a, 1, 0, entries);
        self.lemma_zeros_quiet(image, a, 1);
        self.lemma_zeros_quiet(image, a, 2);
        self.lemma_zeros_quiet(image, b, 2);
        lemma_zero_word(image, self.start(b), self.end(b), self.start(b));
        self.lemma_header_word(image, b);
        self.lemma_quiet(image, a, 1, 1, self.first(a));
        self.lemma_no_record(image, a, 1, 1, self.first(a));
    }
}

} // verus!
