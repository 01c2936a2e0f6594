//! The number of a commit.
#[cfg(verus_only)]
use crate::codeword::*;
use crate::codeword::{number_part_changed, number_part_of};
use vstd::prelude::*;

verus! {

/// The number of the last commit, if these are the live entries: the highest that one of them has.
pub open spec fn last_number(entries: Seq<Payload>) -> u64
    decreases entries.len(),
{
    if entries.len() == 0 {
        0
    } else {
        let others = last_number(entries.drop_last());
        if others < entries.last().a {
            entries.last().a
        } else {
            others
        }
    }
}

/// The number of the commit behind that with this number. The last number is never left.
pub open spec fn next_number(number: u64) -> u64 {
    if number == u64::MAX {
        number
    } else {
        (number + 1) as u64
    }
}

/// No entry has a higher number.
pub proof fn lemma_last_number_bound(entries: Seq<Payload>)
    ensures
        forall|i: int| 0 <= i < entries.len() ==> (#[trigger] entries[i]).a <= last_number(entries),
    decreases entries.len(),
{
    if entries.len() > 0 {
        let others = entries.drop_last();
        lemma_last_number_bound(others);
        assert forall|i: int| 0 <= i < entries.len() implies (#[trigger] entries[i]).a
            <= last_number(entries) by {
            if i < others.len() {
                assert(others[i].a <= last_number(others));
            }
        }
    }
}

/// A number that one entry has and none exceeds is the last.
pub proof fn lemma_last_number(entries: Seq<Payload>, at: int, number: u64)
    requires
        0 <= at < entries.len(),
        entries[at].a == number,
        forall|i: int| 0 <= i < entries.len() ==> (#[trigger] entries[i]).a <= number,
    ensures
        last_number(entries) == number,
{
    lemma_last_number_bound(entries);
    lemma_last_number_at_most(entries, number);
}

/// The last number is one that an entry has, or zero.
pub proof fn lemma_last_number_at_most(entries: Seq<Payload>, number: u64)
    requires
        forall|i: int| 0 <= i < entries.len() ==> (#[trigger] entries[i]).a <= number,
    ensures
        last_number(entries) <= number,
    decreases entries.len(),
{
    if entries.len() > 0 {
        let others = entries.drop_last();
        assert forall|i: int| 0 <= i < others.len() implies (#[trigger] others[i]).a <= number by {
            assert(others[i] == entries[i]);
        }
        lemma_last_number_at_most(others, number);
    }
}

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
            r.number == number,
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
            r.number == next_number(self.number),
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
