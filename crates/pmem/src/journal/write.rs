//! Writing a snapshot and the selector, and what a journal says when they are written.
use super::layout::*;
#[cfg(verus_only)]
use super::{entry::*, follow::*, record::*, snapshot::*};
use crate::bytes::put_u64;
use crate::codeword::{encode, Payload};
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{bytes::*, codeword::*, image::*, trusted::bytes::u64_le};
use vstd::prelude::*;

verus! {

/// Writes an aligned word, which happens entirely or not at all. It flushes nothing.
pub(super) fn write_word<R: Region, P: CrashPermission>(
    region: &mut Guarded<R, P>,
    addr: u64,
    word: u64,
    Tracked(permission): Tracked<&P>,
) -> (r: Result<(), IoError>)
    requires
        old(region).inv(),
        !old(region)@.failed,
        addr % 8 == 0,
        addr + 8 <= old(region)@.volatile.len(),
        permission.permits(old(region)@.durable),
        permission.permits(update_bytes(old(region)@.durable, addr as int, u64_le(word))),
    ensures
        final(region).inv(),
        final(region)@.medium == old(region)@.medium,
        final(region)@.failed == (r is Err),
        permission.permits(final(region)@.durable),
        same_outside(final(region)@.durable, old(region)@.durable, addr as int, addr + 8),
        same_outside(final(region)@.volatile, old(region)@.volatile, addr as int, addr + 8),
        r is Ok ==> final(region)@.volatile == update_bytes(
            old(region)@.volatile,
            addr as int,
            u64_le(word),
        ),
{
    let mut bytes = [0u8;8];
    put_u64(&mut bytes, 0, word);
    let ghost before = region@;
    proof {
        region.lemma_inv();
        assert(bytes@ =~= bytes@.subrange(0, 8));
        assert(bytes@ =~= u64_le(word));
        assert forall|image: Seq<u8>|
            torn(image, before.durable, addr as int, bytes@) implies #[trigger] permission.permits(
            image,
        ) by {
            lemma_torn_word(image, before.durable, addr as int, bytes@);
        }
    }
    let r = region.write(addr, &bytes, Tracked(permission));
    proof {
        lemma_torn_word(region@.durable, before.durable, addr as int, bytes@);
        lemma_torn_same_outside(region@.durable, before.durable, addr as int, bytes@);
        if r is Err {
            lemma_torn_same_outside(region@.volatile, before.volatile, addr as int, bytes@);
        }
    }
    r
}

impl JournalLayout {
    /// With the selector written, the journal that it names is live.
    pub(super) proof fn lemma_selector_written(self, image: Seq<u8>, j: Journal)
        requires
            self.fits(image.len() as int),
        ensures
            self.live(update_bytes(image, self.selector as int, u64_le(j.selector()))) == Some(j),
    {
        broadcast use lemma_u64_from_le_of_le;

        let at = self.selector as int;
        let written = update_bytes(image, at, u64_le(j.selector()));
        assert(written.subrange(at, at + 8) =~= u64_le(j.selector()));
    }

    /// A header is where its bytes are.
    pub(super) proof fn lemma_header_same(self, s: Seq<u8>, t: Seq<u8>, j: Journal, number: u64)
        requires
            self.fits(t.len() as int),
            s.len() == t.len(),
            self.header_is(t, j, number),
            forall|a: int| self.start(j) <= a < self.start(j) + LINE ==> #[trigger] s[a] == t[a],
        ensures
            self.header_is(s, j, number),
    {
        assert(line(s, self.start(j)) =~= line(t, self.start(j)));
    }

    /// A quiet journal with a whole snapshot says what the snapshot says.
    pub(super) proof fn lemma_no_records_yet(
        self,
        image: Seq<u8>,
        j: Journal,
        number: u64,
        entries: Seq<[u64; 7]>,
    )
        requires
            self.fits(image.len() as int),
            number < MARK,
            entries.len() == self.entries,
            self.header_is(image, j, number),
            self.entries_are(image, j, number, entries),
            self.quiet(image, j, number),
        ensures
            self.follow(image, j) == Some(
                JournalState { snapshot: Snapshot::of(number, entries), records: Seq::empty() },
            ),
            self.tail(image, j) == self.first(j),
    {
        hide(JournalLayout::quiet);
        hide(JournalLayout::nothing_later);
        hide(JournalLayout::header_is);
        hide(JournalLayout::entries_are);
        let first = self.first(j);
        self.lemma_snapshot_written(image, j, number, entries);
        self.lemma_quiet(image, j, number, number + 1, first);
        self.lemma_quiet(image, j, number, number + 1, first + LINE);
        self.lemma_no_record(image, j, number + 1, first);
    }

    /// Whether two images agree outside one journal's header and snapshot.
    pub(super) open spec fn same_but_snapshot(self, s: Seq<u8>, t: Seq<u8>, j: Journal) -> bool {
        same_outside(s, t, self.start(j), self.snapshot_end(j))
    }

    /// Writes a journal's header and the entries of its snapshot. It flushes nothing.
    pub(super) fn write_snapshot<R: Region, P: CrashPermission>(
        &self,
        region: &mut Guarded<R, P>,
        buf: &mut Vec<u8>,
        j: Journal,
        number: u64,
        entries: &[[u64; 7]],
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            self.fits(old(region)@.volatile.len() as int),
            entries@.len() == self.entries,
            forall|image: Seq<u8>|
                same_outside(image, old(region)@.durable, self.start(j), self.snapshot_end(j))
                    ==> #[trigger] permission.permits(image),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            self.same_but_snapshot(final(region)@.durable, old(region)@.durable, j),
            self.same_but_snapshot(final(region)@.volatile, old(region)@.volatile, j),
            r is Ok ==> self.header_is(final(region)@.volatile, j, number),
            r is Ok ==> self.entries_are(final(region)@.volatile, j, number, entries@),
    {
        let ghost before = region@;
        let start = self.start_of(j);
        let header = encode(self.id, j.tag(), Payload { a: number, b: 0, c: 0 });
        proof {
            region.lemma_inv();
            assert forall|image: Seq<u8>|
                torn(
                    image,
                    before.durable,
                    start as int,
                    header@,
                ) implies #[trigger] permission.permits(image) by {
                lemma_torn_same_outside(image, before.durable, start as int, header@);
            }
        }
        let r = region.write(start, &header, Tracked(permission));
        proof {
            lemma_torn_same_outside(region@.durable, before.durable, start as int, header@);
            if r is Err {
                lemma_torn_same_outside(region@.volatile, before.volatile, start as int, header@);
            }
        }
        r?;
        let ghost middle = region@;
        proof {
            assert(line(middle.volatile, start as int) =~= header@);
            assert forall|image: Seq<u8>|
                same_outside(
                    image,
                    middle.durable,
                    self.entry(j, 0),
                    self.snapshot_end(j),
                ) implies #[trigger] permission.permits(image) by {
                assert(same_outside(image, before.durable, self.start(j), self.snapshot_end(j)));
            }
        }
        self.write_entries(region, buf, j, number, entries, Tracked(permission))?;
        assert(line(region@.volatile, start as int) =~= line(middle.volatile, start as int));
        Ok(())
    }
}

} // verus!
