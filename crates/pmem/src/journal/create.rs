//! Creating journals where there were none.
use super::layout::*;
use super::memory::*;
use super::record::RECORD_TAG;
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
    /// Whether two images agree outside the selector and the journals.
    pub open spec fn same_elsewhere(self, s: Seq<u8>, t: Seq<u8>) -> bool {
        &&& s.len() == t.len()
        &&& forall|a: int| 0 <= a < s.len() && !self.covers(a) ==> #[trigger] s[a] == t[a]
    }
}

impl Journals {
    /// Writes new journals: both empty, A live, with these entries as of number 0.
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
                &&& journals.is_quiet()
                &&& journals.next_addr() == layout.first(Journal::A)
                &&& journals.state() == JournalState {
                    snapshot: Snapshot::of(0, entries@),
                    records: Seq::empty(),
                }
            },
    {
        let ghost before = region@;
        let a = Journal::A;
        let mut scratch: Vec<u8> = Vec::new();
        proof {
            region.lemma_inv();
        }
        write_zeros(region, layout.a, layout.a + layout.len, Tracked(permission))?;
        write_zeros(region, layout.b, layout.b + layout.len, Tracked(permission))?;
        let ghost blank = region@;
        proof {
            assert(zero_in(blank.volatile, layout.start(a), layout.end(a)));
        }
        layout.write_snapshot(region, &mut scratch, a, 0, entries, Tracked(permission))?;
        let ghost written = region@;
        write_word(region, layout.selector, a.selector(), Tracked(permission))?;
        let journals = Journals {
            layout,
            live: a,
            number: 0,
            tail: layout.a + layout.records,
            live_quiet: true,
            other_quiet: true,
            prefix_crc: crate::codeword::prefix_crc(layout.id, RECORD_TAG),
            scratch,
            ghost_state: Ghost(
                JournalState { snapshot: Snapshot::of(0, entries@), records: Seq::empty() },
            ),
            ghost_sound: Ghost(true),
        };
        proof {
            let image = region@.volatile;
            layout.lemma_selector_written(written.volatile, a);
            layout.lemma_entries_same(image, written.volatile, a, 0, entries@);
            layout.lemma_header_same(image, written.volatile, a, 0);
            layout.lemma_zeros_quiet(image, a, 0);
            layout.lemma_zeros_quiet(image, a.other(), 0);
            layout.lemma_no_records_yet(image, a, 0, entries@);
        }
        Ok(journals)
    }
}

} // verus!
