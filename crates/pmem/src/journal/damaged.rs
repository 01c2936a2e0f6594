//! What was read of a medium, compared with what was written.
//!
//! A medium that is trustworthy reads as what was written, or reading it is an error that names what is damaged. That
//! is proved record by record. While both have a record, it is the same one, since its CRCs detect the damage. Where
//! only what was written has one, it is not the last one, which is undamaged: so the last one's header is read, and is
//! evidence. Where the records end, the place of the next one is undamaged, so none is read there.
use super::layout::*;
#[cfg(verus_only)]
use super::{detect::*, follow::*, record::*, trust::*};
#[cfg(verus_only)]
use crate::{
    codeword::*,
    damage::*,
    trusted::{crc::*, region::*},
};
use vstd::prelude::*;

verus! {

impl JournalLayout {
    /// Whether the selector and a journal of an image are what was read, and it is the live one.
    #[verifier::opaque]
    pub open spec fn read_from(self, image: Seq<u8>, view: RegionView, j: Journal) -> bool {
        let (selector, start) = (self.selector as int, self.start(j));
        let (medium, written) = (view.medium, view.volatile);
        &&& self.fits(written.len() as int)
        &&& image.len() == written.len()
        &&& read_as(medium, written, selector, image.subrange(selector, selector + 8))
        &&& read_as(medium, written, start, image.subrange(start, self.end(j)))
        &&& self.live(image) == Some(j)
    }

    /// A journal that was read is whole lines within the image.
    pub(super) proof fn lemma_lines(self, image: Seq<u8>, view: RegionView, j: Journal)
        requires
            self.read_from(image, view, j),
        ensures
            image.len() == view.volatile.len(),
            0 <= self.start(j),
            self.start(j) % 64 == 0,
            self.start(j) < self.first(j) < self.end(j) <= image.len(),
            self.first(j) % 64 == 0,
            self.end(j) % 64 == 0,
            self.snapshot_end(j) <= self.first(j),
    {
        reveal(JournalLayout::read_from);
    }

    /// Where a journal is undamaged, what is read is what was written.
    pub(super) proof fn lemma_part_undamaged(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        at: int,
        len: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            0 <= len,
            at + len <= self.end(j),
            !damaged_in(view.medium, at, len),
        ensures
            forall|a: int| at <= a < at + len ==> #[trigger] image[a] == view.volatile[a],
            image.subrange(at, at + len) == view.volatile.subrange(at, at + len),
    {
        reveal(JournalLayout::read_from);
        let start = self.start(j);
        let read = image.subrange(start, self.end(j));
        lemma_undamaged_read(view.medium, view.volatile, start, read, at - start, len);
        assert forall|a: int| at <= a < at + len implies #[trigger] image[a]
            == view.volatile[a] by {
            assert(read[a - start] == view.volatile[start + (a - start)]);
        }
        assert(image.subrange(at, at + len) =~= view.volatile.subrange(at, at + len));
    }

    /// Where a journal is damaged within the fault model at most, what is read is tolerable.
    pub(super) proof fn lemma_part_tolerable(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        at: int,
        len: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            0 < len,
            at + len <= self.end(j),
            tolerable_at(view.medium, at, len),
        ensures
            tolerable(image.subrange(at, at + len), view.volatile.subrange(at, at + len)),
    {
        reveal(JournalLayout::read_from);
        let start = self.start(j);
        let read = image.subrange(start, self.end(j));
        lemma_tolerable_read(view.medium, view.volatile, start, read, at - start, len);
        assert(read.subrange(at - start, at - start + len) =~= image.subrange(at, at + len));
    }

    /// Undamaged lines hold the same headers.
    pub(super) proof fn lemma_header_undamaged(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        at: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            at + HEADER <= self.end(j),
            !damaged_in(view.medium, at, HEADER as int),
        ensures
            header_at(image, self.id, at) == header_at(view.volatile, self.id, at),
    {
        self.lemma_part_undamaged(image, view, j, at, HEADER as int);
    }

    /// An undamaged record is read.
    pub(super) proof fn lemma_record_undamaged(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        number: int,
        at: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            self.record(view.volatile, j, number, at) matches Some(payload) && !damaged_in(
                view.medium,
                at,
                HEADER + payload.len(),
            ),
        ensures
            self.record(image, j, number, at) == self.record(view.volatile, j, number, at),
            header_at(image, self.id, at) == header_at(view.volatile, self.id, at),
    {
        self.lemma_lines(image, view, j);
        reveal(record_at);
        let written = view.volatile;
        let len = HEADER + self.record(written, j, number, at)->0.len();
        self.lemma_part_undamaged(image, view, j, at, len);
        assert(line(image, at) =~= line(written, at));
        assert(image.subrange(at + HEADER, at + len) =~= written.subrange(at + HEADER, at + len));
    }

    /// A record has a header with its number, and that says what its payload is.
    proof fn lemma_record_parts(self, image: Seq<u8>, j: Journal, number: int, at: int)
        requires
            self.record(image, j, number, at) is Some,
        ensures
            0 <= at,
            self.record(image, j, number, at) matches Some(payload) && header_at(
                image,
                self.id,
                at,
            ) matches Some(p) && {
                &&& p.a == number
                &&& p.b == payload.len()
                &&& p.b >= 32
                &&& p.c == spec_crc64(payload)
                &&& at + HEADER + p.b <= self.end(j)
                &&& payload == image.subrange(at + HEADER, at + HEADER + p.b)
            },
    {
        hide(header_at);
        reveal(record_at);
    }

    /// If a record's header was written and one is read, they are the same.
    proof fn lemma_header_tolerable(self, image: Seq<u8>, view: RegionView, j: Journal, at: int)
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            at + HEADER <= self.end(j),
            tolerable_at(view.medium, at, HEADER as int),
            header_at(image, self.id, at) is Some,
            header_at(view.volatile, self.id, at) is Some,
        ensures
            header_at(image, self.id, at) == header_at(view.volatile, self.id, at),
    {
        self.lemma_part_tolerable(image, view, j, at, HEADER as int);
        lemma_damage_detected(self.id, RECORD_TAG, line(image, at), line(view.volatile, at));
    }

    /// If a record was written and one with this number is read, they are the same.
    pub(super) proof fn lemma_record_tolerable(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        number: int,
        at: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            self.record(image, j, number, at) is Some,
            tolerable_at(view.medium, at, HEADER as int),
            self.record(view.volatile, j, number, at) matches Some(payload) && tolerable_at(
                view.medium,
                at + HEADER,
                payload.len() as int,
            ),
        ensures
            self.record(image, j, number, at) == self.record(view.volatile, j, number, at),
    {
        hide(header_at);
        let written = view.volatile;
        self.lemma_lines(image, view, j);
        self.lemma_record_parts(image, j, number, at);
        self.lemma_record_parts(written, j, number, at);
        self.lemma_header_tolerable(image, view, j, at);
        let (from, len) = (at + HEADER, self.record(written, j, number, at)->0.len() as int);
        self.lemma_part_tolerable(image, view, j, from, len);
        lemma_payload_damage(image.subrange(from, from + len), written.subrange(from, from + len));
    }

    /// Where no record was written, and the place of one is undamaged, none is read.
    pub(super) proof fn lemma_no_record_undamaged(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        number: int,
        at: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            self.record(view.volatile, j, number, at) is None,
            !damaged_in(view.medium, at, extent_at(view.volatile, self, j, number, at)),
        ensures
            self.record(image, j, number, at) is None,
    {
        self.lemma_lines(image, view, j);
        reveal(record_at);
        if let Some(payload) = self.record(image, j, number, at) {
            let len = extent_at(view.volatile, self, j, number, at);
            if damaged_in(view.medium, at, HEADER as int) {
                lemma_damaged_part(view.medium, at, HEADER as int, at, len);
            }
            self.lemma_header_undamaged(image, view, j, at);
            self.lemma_part_undamaged(image, view, j, at, len);
            assert(image.subrange(at + HEADER, at + len) =~= view.volatile.subrange(
                at + HEADER,
                at + len,
            ));
        }
    }

    /// Behind a record that was written, the header of the last one is read.
    pub(super) proof fn lemma_last_header_read(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        number: int,
        at: int,
    ) -> (last: int)
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            at % 64 == 0,
            self.record(view.volatile, j, number, at) is Some,
            self.records_trustworthy(view, j, number, at),
        ensures
            at <= last < self.end(j),
            last % 64 == 0,
            header_at(image, self.id, last) matches Some(p) && p.a >= number,
        decreases self.end(j) - at,
    {
        hide(header_at);
        self.lemma_lines(image, view, j);
        let len = HEADER + self.record(view.volatile, j, number, at)->0.len();
        self.lemma_record_len(view.volatile, j, number, at);
        if self.record(view.volatile, j, number + 1, at + len) is Some {
            self.lemma_last_header_read(image, view, j, number + 1, at + len)
        } else {
            self.lemma_record_undamaged(image, view, j, number, at);
            self.lemma_record_parts(view.volatile, j, number, at);
            at
        }
    }

    /// Records that are trustworthy are read as what was written, if there is no evidence of damage.
    pub(super) proof fn lemma_records_read(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        number: int,
        at: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            at % 64 == 0,
            self.records_trustworthy(view, j, number, at),
            self.nothing_later(
                image,
                j,
                number + self.records_from(image, j, number, at).len() - 1,
                self.tail_from(image, j, number, at) + LINE,
            ),
        ensures
            self.records_from(image, j, number, at) == self.records_from(
                view.volatile,
                j,
                number,
                at,
            ),
            self.tail_from(image, j, number, at) == self.tail_from(view.volatile, j, number, at),
        decreases self.end(j) - at,
    {
        hide(header_at);
        self.lemma_lines(image, view, j);
        let written = view.volatile;
        if let Some(payload) = self.record(written, j, number, at) {
            self.lemma_one_same(image, view, j, number, at);
            let behind = at + payload.len() + HEADER;
            self.lemma_record_len(written, j, number, at);
            if self.record(image, j, number, at) is None {
                self.lemma_no_record(image, j, number, at);
                let last = self.lemma_last_header_read(image, view, j, number + 1, behind);
                assert(header_at(image, self.id, last) is Some);
            } else {
                self.lemma_one_record(image, j, number, at);
                self.lemma_one_record(written, j, number, at);
                self.lemma_records_read(image, view, j, number + 1, behind);
            }
        } else {
            self.lemma_no_record_undamaged(image, view, j, number, at);
            self.lemma_no_record(image, j, number, at);
            self.lemma_no_record(written, j, number, at);
        }
    }

    /// If a trustworthy record is read, it is what was written, and if none is read, it is not the last one.
    pub(super) proof fn lemma_one_same(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        number: int,
        at: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            self.record(view.volatile, j, number, at) is Some,
            self.records_trustworthy(view, j, number, at),
        ensures
            ({
                let record = self.record(view.volatile, j, number, at);
                let behind = at + record->0.len() + HEADER;
                &&& self.records_trustworthy(view, j, number + 1, behind)
                &&& self.record(image, j, number, at) is Some ==> self.record(image, j, number, at)
                    == record
                &&& self.record(image, j, number, at) is None ==> self.record(
                    view.volatile,
                    j,
                    number + 1,
                    behind,
                ) is Some
            }),
    {
        let len = HEADER + self.record(view.volatile, j, number, at)->0.len();
        if self.record(view.volatile, j, number + 1, at + len) is None {
            self.lemma_record_undamaged(image, view, j, number, at);
        } else if self.record(image, j, number, at) is Some {
            self.lemma_record_tolerable(image, view, j, number, at);
        }
    }
}

} // verus!
