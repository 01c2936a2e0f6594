//! What a medium must be like for journals to be read as what was written.
use super::layout::*;
#[cfg(verus_only)]
use super::{follow::*, record::*, snapshot::*};
#[cfg(verus_only)]
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// How many bytes at `at` matter to whether the record with this number is there: its header's, and if that one is whole,
/// its payload's. At the journal's end there is no place for a record.
pub open spec fn extent_at(
    image: Seq<u8>,
    layout: JournalLayout,
    j: Journal,
    number: int,
    at: int,
) -> int {
    if at + LINE > layout.end(j) {
        0
    } else {
        match header_at(image, layout.id, at) {
            Some(p) => if p.a == number && at + HEADER + p.b <= layout.end(j) {
                HEADER + p.b
            } else {
                HEADER as int
            },
            None => HEADER as int,
        }
    }
}

impl JournalLayout {
    #[via_fn]
    proof fn records_trustworthy_ends(self, view: RegionView, j: Journal, number: int, at: int) {
        reveal(record_at);
    }

    /// Whether the records from `at` on are read as what was written: all but the last one are damaged within the fault
    /// model at most, and the last one and the place of the next one are undamaged.
    pub open spec fn records_trustworthy(
        self,
        view: RegionView,
        j: Journal,
        number: int,
        at: int,
    ) -> bool
        decreases self.end(j) - at,
        via Self::records_trustworthy_ends
    {
        let (medium, image) = (view.medium, view.volatile);
        match self.record(image, j, number, at) {
            Some(payload) => {
                let behind = at + HEADER + payload.len();
                &&& if self.record(image, j, number + 1, behind) is Some {
                    &&& tolerable_at(medium, at, HEADER as int)
                    &&& tolerable_at(medium, at + HEADER, payload.len() as int)
                } else {
                    !damaged_in(medium, at, HEADER + payload.len())
                }
                &&& self.records_trustworthy(view, j, number + 1, behind)
            },
            None => !damaged_in(medium, at, extent_at(image, self, j, number, at)),
        }
    }

    /// Whether a journal's header and its entries are undamaged, or damaged within the fault model.
    pub open spec fn snapshot_tolerable(self, medium: Medium, j: Journal) -> bool {
        &&& tolerable_at(medium, self.start(j), 32)
        &&& forall|i: int|
            0 <= i < self.entries ==> tolerable_at(medium, #[trigger] self.entry(j, i), LINE as int)
    }

    /// Whether the live journal is read as what was written.
    pub open spec fn tolerable(self, view: RegionView) -> bool {
        &&& tolerable_at(view.medium, self.selector as int, 8)
        &&& self.live(view.volatile) matches Some(j) && {
            &&& self.snapshot_tolerable(view.medium, j)
            &&& self.records_trustworthy(
                view,
                j,
                self.snapshot(view.volatile, j)->0.number + 1,
                self.first(j),
            )
        }
    }

    /// Whether the selector and both journals are undamaged.
    pub open spec fn undamaged(self, medium: Medium) -> bool {
        &&& !damaged_in(medium, self.selector as int, 8)
        &&& !damaged_in(medium, self.a as int, self.len as int)
        &&& !damaged_in(medium, self.b as int, self.len as int)
    }

    /// Whether what is read of the journals is what was written: they are undamaged, or hold something and are damaged within
    /// the fault model.
    pub open spec fn trustworthy(self, view: RegionView) -> bool {
        ||| self.undamaged(view.medium)
        ||| self.state(view.volatile) is Some && self.tolerable(view)
    }
}

} // verus!
