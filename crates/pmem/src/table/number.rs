//! The number of a commit.
#[cfg(verus_only)]
use crate::codeword::*;
use crate::codeword::{number_part_changed, number_part_of};
use vstd::prelude::*;

verus! {

/// The number of a commit, and what it contributes to the CRCs of the entries that have it, which are most of those
/// that the commit writes.
#[derive(Clone, Copy)]
pub(super) struct CommitNumber {
    pub(super) number: u64,
    pub(super) part: u64,
}

impl CommitNumber {
    pub(super) open spec fn inv(self) -> bool {
        self.part == number_part(self.number)
    }

    pub(super) fn new(number: u64) -> (r: CommitNumber)
        ensures
            r.inv(),
    {
        CommitNumber { number, part: number_part_of(number) }
    }

    /// The number of the commit behind this one. There are fewer commits in a region's life than numbers.
    #[inline(always)]
    pub(super) fn next(self) -> (r: CommitNumber)
        requires
            self.inv(),
        ensures
            r.inv(),
    {
        let number = self.number.saturating_add(1);
        CommitNumber { number, part: number_part_changed(self.part, self.number, number) }
    }

    /// What any number contributes to an entry's CRC.
    #[inline(always)]
    pub(super) fn part_of(self, number: u64) -> (r: u64)
        requires
            self.inv(),
        ensures
            r == number_part(number),
    {
        if number == self.number {
            self.part
        } else {
            number_part_of(number)
        }
    }
}

} // verus!
