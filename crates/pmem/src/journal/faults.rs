//! What reading journals returns is right, whatever the medium holds.
use super::layout::*;
#[cfg(verus_only)]
use super::{detect::*, entry::*, follow::*, read::*, record::*, snapshot::*, trust::*};
#[cfg(verus_only)]
use crate::{
    codeword::*,
    damage::*,
    trusted::{bytes::*, region::*},
};
use vstd::prelude::*;

verus! {

impl JournalLayout {
    /// Whether this is what is wrong with a journal.
    pub open spec fn is_wrong(self, image: Seq<u8>, j: Journal, e: JournalError) -> bool {
        match e {
            JournalError::Header { address } => address == self.start(j) && self.header(
                image,
                j,
            ) is None,
            JournalError::Entry { index, address } => {
                &&& index < self.entries
                &&& address == self.entry(j, index as int)
                &&& self.header(image, j) matches Some(number) && !self.entry_valid(
                    image,
                    j,
                    number,
                    index as int,
                )
            },
            JournalError::Records { address, len } => {
                &&& address == self.tail(image, j)
                &&& self.snapshot(image, j) matches Some(snapshot) && self.later_at(
                    image,
                    j,
                    snapshot.number + self.records_of(image, j, snapshot.number).len(),
                    address as int,
                    address + len - 32,
                )
            },
            _ => false,
        }
    }

    /// The selector is read as what was written.
    proof fn lemma_selector_read(self, image: Seq<u8>, view: RegionView, j: Journal)
        requires
            self.read_from(image, view, j),
            tolerable_at(view.medium, self.selector as int, 8),
            self.live(view.volatile) is Some,
        ensures
            self.live(view.volatile) == Some(j),
    {
        reveal(JournalLayout::read_from);
        let (selector, written) = (self.selector as int, view.volatile);
        let read = image.subrange(selector, selector + 8);
        lemma_tolerable_read(view.medium, written, selector, read, 0, 8);
        assert(read.subrange(0, 8) =~= read);
        lemma_not_inverted(read, written.subrange(selector, selector + 8));
        assert(SELECTOR_A == !SELECTOR_B) by (compute);
        assert(SELECTOR_B == !SELECTOR_A) by (compute);
    }

    /// An undamaged selector is read.
    pub(super) proof fn lemma_selector_undamaged(self, view: RegionView, read: Seq<u8>)
        requires
            self.fits(view.volatile.len() as int),
            read.len() == 8,
            read_as(view.medium, view.volatile, self.selector as int, read),
            !damaged_in(view.medium, self.selector as int, 8),
        ensures
            u64_from_le(read) == u64_at(view.volatile, self.selector as int),
    {
        let (selector, written) = (self.selector as int, view.volatile);
        lemma_undamaged_read(view.medium, written, selector, read, 0, 8);
        assert(read =~= written.subrange(selector, selector + 8));
    }

    /// The header is read as what was written.
    proof fn lemma_header_read(self, image: Seq<u8>, view: RegionView, j: Journal)
        requires
            self.read_from(image, view, j),
            tolerable_at(view.medium, self.start(j), 32),
            self.header(view.volatile, j) is Some,
            self.header(image, j) is Some,
        ensures
            self.header(image, j) == self.header(view.volatile, j),
    {
        self.lemma_lines(image, view, j);
        reveal(JournalLayout::header);
        let (read, written) = (line(image, self.start(j)), line(view.volatile, self.start(j)));
        self.lemma_part_tolerable(image, view, j, self.start(j), 32);
        lemma_decoded_of_codeword(self.id, j.tag(), header_payload(payload_of(read).a));
        lemma_decoded_of_codeword(self.id, j.tag(), header_payload(payload_of(written).a));
        lemma_damage_detected(self.id, j.tag(), read, written);
    }

    /// An entry is read as what was written.
    proof fn lemma_entry_read(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        number: u64,
        i: int,
    )
        requires
            self.read_from(image, view, j),
            0 <= i < self.entries,
            tolerable_at(view.medium, self.entry(j, i), LINE as int),
            self.entry_valid(image, j, number, i),
            self.entry_valid(view.volatile, j, number, i),
        ensures
            self.entry_bytes(image, j, i) == self.entry_bytes(view.volatile, j, i),
    {
        self.lemma_lines(image, view, j);
        self.lemma_part_tolerable(image, view, j, self.entry(j, i), LINE as int);
        lemma_entry_damage(
            self.id,
            number,
            i,
            self.entry_bytes(image, j, i),
            self.entry_bytes(view.volatile, j, i),
        );
    }

    /// The snapshot is read as what was written.
    proof fn lemma_snapshot_read(self, image: Seq<u8>, view: RegionView, j: Journal)
        requires
            self.read_from(image, view, j),
            self.snapshot_tolerable(view.medium, j),
            self.snapshot(view.volatile, j) is Some,
            self.snapshot(image, j) is Some,
        ensures
            self.snapshot(image, j) == self.snapshot(view.volatile, j),
    {
        let written = view.volatile;
        self.lemma_snapshot(image, j);
        self.lemma_snapshot(written, j);
        self.lemma_header_read(image, view, j);
        reveal(JournalLayout::snapshot);
        let number = self.header(image, j)->0;
        assert forall|i: int| 0 <= i < self.entries implies #[trigger] self.entry_bytes(image, j, i)
            == self.entry_bytes(written, j, i) by {
            assert(self.entry_valid(image, j, number, i));
            assert(self.entry_valid(written, j, number, i));
            assert(tolerable_at(view.medium, self.entry(j, i), LINE as int));
            self.lemma_entry_read(image, view, j, number, i);
        }
        assert(self.snapshot(image, j)->0.entries =~= self.snapshot(written, j)->0.entries);
    }

    /// Undamaged journals are read.
    proof fn lemma_undamaged_same(self, image: Seq<u8>, view: RegionView, j: Journal)
        requires
            self.read_from(image, view, j),
            self.undamaged(view.medium),
        ensures
            self.live(view.volatile) == Some(j),
            self.follow(image, j) == self.follow(view.volatile, j),
            self.tail(image, j) == self.tail(view.volatile, j),
    {
        reveal(JournalLayout::read_from);
        let selector = self.selector as int;
        self.lemma_selector_undamaged(view, image.subrange(selector, selector + 8));
        self.lemma_part_undamaged(image, view, j, self.start(j), self.len as int);
        self.lemma_follow_same(image, view.volatile, j);
    }

    /// What a trustworthy medium is read to say is what it says.
    pub(super) proof fn lemma_contents_right(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        contents: JournalContents,
    )
        requires
            self.read_from(image, view, j),
            contents.is_in(image, self),
            self.trustworthy(view),
        ensures
            contents.is_in(view.volatile, self),
    {
        hide(header_at);
        self.lemma_lines(image, view, j);
        assert(self.live(image) == Some(j)) by {
            reveal(JournalLayout::read_from);
        }
        let written = view.volatile;
        if self.undamaged(view.medium) {
            self.lemma_undamaged_same(image, view, j);
        } else {
            self.lemma_selector_read(image, view, j);
            self.lemma_snapshot_read(image, view, j);
            let number = self.snapshot(image, j)->0.number;
            self.lemma_records_read(image, view, j, number + 1, self.first(j));
        }
    }

    /// What is wrong with a journal is an error that may be returned.
    pub(super) proof fn lemma_error_right(
        self,
        image: Seq<u8>,
        view: RegionView,
        j: Journal,
        e: JournalError,
    )
        requires
            self.read_from(image, view, j),
            self.is_wrong(image, j, e),
        ensures
            self.error_is_right(view, e),
    {
        hide(header_at);
        self.lemma_lines(image, view, j);
        self.lemma_wrong(image, j, e);
        if self.undamaged(view.medium) {
            self.lemma_undamaged_same(image, view, j);
        } else if self.state(view.volatile) is Some && self.tolerable(view) {
            self.lemma_selector_read(image, view, j);
            self.lemma_snapshot(view.volatile, j);
            match e {
                JournalError::Header { address } => {
                    self.lemma_header_error(image, view, j);
                },
                JournalError::Entry { index, address } => {
                    self.lemma_header_read(image, view, j);
                    self.lemma_entry_error(image, view, j, index as int);
                },
                JournalError::Records { address, len } => {
                    self.lemma_snapshot_read(image, view, j);
                    let number = self.snapshot(image, j)->0.number;
                    let later = address + len - 32;
                    self.lemma_evidence(image, view, j, number + 1, self.first(j), later);
                },
                _ => {},
            }
        }
    }

    /// A journal with which something is wrong says nothing.
    proof fn lemma_wrong(self, image: Seq<u8>, j: Journal, e: JournalError)
        requires
            self.is_wrong(image, j, e),
        ensures
            self.follow(image, j) is None,
    {
        reveal(JournalLayout::snapshot);
        if let JournalError::Records { address, len } = e {
            assert(header_at(image, self.id, address + len - 32) is Some);
        }
    }

    /// A header that was written but is not read is damaged.
    proof fn lemma_header_error(self, image: Seq<u8>, view: RegionView, j: Journal)
        requires
            self.read_from(image, view, j),
            self.header(image, j) is None,
            self.header(view.volatile, j) is Some,
        ensures
            damaged_in(view.medium, self.start(j), 32),
    {
        self.lemma_lines(image, view, j);
        reveal(JournalLayout::header);
        if !damaged_in(view.medium, self.start(j), 32) {
            self.lemma_part_undamaged(image, view, j, self.start(j), 32);
        }
    }

    /// An entry that was written but is not read is damaged.
    proof fn lemma_entry_error(self, image: Seq<u8>, view: RegionView, j: Journal, i: int)
        requires
            self.read_from(image, view, j),
            0 <= i < self.entries,
            self.snapshot(view.volatile, j) matches Some(snapshot) && !self.entry_valid(
                image,
                j,
                snapshot.number,
                i,
            ),
        ensures
            damaged_in(view.medium, self.entry(j, i), LINE as int),
    {
        self.lemma_lines(image, view, j);
        reveal(JournalLayout::snapshot);
        let written = view.volatile;
        assert(self.entry_valid(written, j, self.snapshot(written, j)->0.number, i));
        if !damaged_in(view.medium, self.entry(j, i), LINE as int) {
            self.lemma_part_undamaged(image, view, j, self.entry(j, i), LINE as int);
        }
    }
}

} // verus!
