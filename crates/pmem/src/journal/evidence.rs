//! A later record's header, behind the place where reading stops, says that there is damage before it.
use super::layout::*;
#[cfg(verus_only)]
use super::{follow::*, record::*, trust::*};
#[cfg(verus_only)]
use crate::{
    codeword::line,
    damage::*,
    region_id::RegionId,
    trusted::{bytes::*, region::*},
};
use vstd::prelude::*;

verus! {

impl JournalLayout {
    /// Whether a line behind the tail holds the header of a record with a later number than this.
    pub open spec fn later_at(
        self,
        image: Seq<u8>,
        j: Journal,
        number: int,
        tail: int,
        at: int,
    ) -> bool {
        &&& tail + LINE <= at < self.end(j)
        &&& at % 64 == 0
        &&& header_at(image, self.id, at) matches Some(p) && p.a > number
    }

    /// A later record's header behind trustworthy records is evidence of damage before it.
    pub(super) proof fn lemma_evidence(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        number: int,
        at: int,
        later: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            at % 64 == 0,
            self.records_trustworthy(view, j, number, at),
            self.nothing_later(
                view.volatile,
                j,
                number + self.records_from(view.volatile, j, number, at).len() - 1,
                self.tail_from(view.volatile, j, number, at) + LINE,
            ),
            self.later_at(
                image,
                j,
                number + self.records_from(image, j, number, at).len() - 1,
                self.tail_from(image, j, number, at),
                later,
            ),
        ensures
            ({
                let tail = self.tail_from(image, j, number, at);
                damaged_in(view.medium, tail, later + 32 - tail)
            }),
        decreases self.end(j) - at,
    {
        hide(header_at);
        hide(JournalLayout::later_at);
        hide(JournalLayout::nothing_later);
        self.lemma_lines(image, view, j);
        let written = view.volatile;
        if self.record(written, j, number, at) is Some {
            self.lemma_one_same(image, view, j, number, at);
            self.lemma_record_len(written, j, number, at);
            if let Some(payload) = self.record(image, j, number, at) {
                self.lemma_one_record(image, j, number, at);
                self.lemma_one_record(written, j, number, at);
                self.lemma_evidence(image, view, j, number + 1, at + payload.len() + HEADER, later);
            } else {
                self.lemma_no_record(image, j, number, at);
                self.lemma_evidence_within(image, view, j, number, at, later);
            }
        } else {
            if let Some(payload) = self.record(image, j, number, at) {
                self.lemma_no_record_undamaged(image, view, j, number, at);
            }
            self.lemma_no_record(image, j, number, at);
            self.lemma_no_record(written, j, number, at);
            self.lemma_evidence_behind(image, view, j, number, at, later);
        }
    }

    /// A header that is read of undamaged bytes was written.
    proof fn lemma_later_written(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        at: int,
        later: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at <= later,
            later + HEADER <= self.end(j),
            !damaged_in(view.medium, at, later + 32 - at),
        ensures
            header_at(image, self.id, later) == header_at(view.volatile, self.id, later),
    {
        if damaged_in(view.medium, later, HEADER as int) {
            lemma_damaged_part(view.medium, later, HEADER as int, at, later + 32 - at);
        }
        self.lemma_header_undamaged(image, view, j, later);
    }

    /// Where no later record's header was written, and one is read, there is damage.
    proof fn lemma_evidence_behind(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        number: int,
        at: int,
        later: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            self.nothing_later(view.volatile, j, number - 1, at + LINE),
            self.later_at(image, j, number - 1, at, later),
        ensures
            damaged_in(view.medium, at, later + 32 - at),
    {
        hide(header_at);
        self.lemma_lines(image, view, j);
        if !damaged_in(view.medium, at, later + 32 - at) {
            self.lemma_later_written(image, view, j, at, later);
            assert(header_at(view.volatile, self.id, later) is Some);
        }
    }

    /// Where a record was written, and none is read but a later record's header, there is damage before that.
    proof fn lemma_evidence_within(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        number: int,
        at: int,
        later: int,
    )
        requires
            self.read_from(image, view, j),
            self.start(j) <= at,
            at % 64 == 0,
            self.record(view.volatile, j, number, at) is Some,
            self.record(image, j, number, at) is None,
            self.later_at(image, j, number - 1, at, later),
        ensures
            damaged_in(view.medium, at, later + 32 - at),
    {
        hide(header_at);
        self.lemma_lines(image, view, j);
        let written = view.volatile;
        let (medium, len) = (view.medium, later + 32 - at);
        let payload = self.record(written, j, number, at)->0;
        self.lemma_record_len(written, j, number, at);
        if !damaged_in(medium, at, len) {
            let all = HEADER + payload.len();
            if later < at + all {
                self.lemma_later_written(image, view, j, at, later);
                self.lemma_marked_byte(written, j, number, at, later);
                lemma_marked_line(written, self.id, later);
            } else {
                if damaged_in(medium, at, all) {
                    lemma_damaged_part(medium, at, all, at, len);
                }
                self.lemma_record_undamaged(image, view, j, number, at);
            }
        }
    }

    /// The first words of a record's other lines are marked.
    proof fn lemma_marked_byte(self, image: Seq<u8>, j: Journal, number: int, at: int, other: int)
        requires
            at % 64 == 0,
            other % 64 == 0,
            self.record(image, j, number, at) matches Some(payload) && at < other < at + HEADER
                + payload.len(),
        ensures
            0 <= at,
            other + LINE <= image.len(),
            image[other + 7] >= 128,
    {
        hide(header_at);
        self.lemma_record_len(image, j, number, at);
        let payload = self.record(image, j, number, at)->0;
        let i = other + 7 - at - HEADER;
        assert(0 <= at && self.end(j) <= image.len() && payload.len() % 64 == 32 && payload
            == image.subrange(at + HEADER, at + HEADER + payload.len()) && marked(payload)) by {
            reveal(record_at);
        }
        assert(payload[i] >= 128) by {
            reveal(marked);
            assert(i % 64 == 39);
        }
        assert(payload[i] == image[other + 7]);
    }
}

/// No record begins in a line whose first word is marked.
proof fn lemma_marked_line(image: Seq<u8>, id: RegionId, at: int)
    requires
        0 <= at,
        at + LINE <= image.len(),
        image[at + 7] >= 128,
    ensures
        header_at(image, id, at) is None,
{
    let word = line(image, at).subrange(0, 8);
    assert(word[7] == image[at + 7]);
    lemma_high_byte(word);
}

/// A word whose last byte has its top bit set is marked.
proof fn lemma_high_byte(word: Seq<u8>)
    requires
        word.len() == 8,
        word[7] >= 128,
    ensures
        u64_from_le(word) >= MARK,
{
    let (a, b, c, d, e, f, g, h) = (
        word[0],
        word[1],
        word[2],
        word[3],
        word[4],
        word[5],
        word[6],
        word[7],
    );
    assert((a as u64) | (b as u64) << 8 | (c as u64) << 16 | (d as u64) << 24 | (e as u64) << 32 | (
    f as u64) << 40 | (g as u64) << 48 | (h as u64) << 56 >= 0x8000_0000_0000_0000u64)
        by (bit_vector)
        requires
            h >= 128,
    ;
}

} // verus!
