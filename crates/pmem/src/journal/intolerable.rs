//! Damage beyond the fault model is damage to the journals.
use super::layout::*;
#[cfg(verus_only)]
use super::{follow::*, record::*, snapshot::*, trust::*};
#[cfg(verus_only)]
use crate::{damage::*, trusted::region::*};
use vstd::prelude::*;

verus! {

impl JournalLayout {
    /// Where records cannot be relied on, the journal is damaged.
    proof fn lemma_records_intolerable(self, view: RegionView, j: Journal, number: int, at: int)
        requires
            at <= self.end(j),
            !self.records_trustworthy(view, j, number, at),
        ensures
            damaged_in(view.medium, at, self.end(j) - at),
        decreases self.end(j) - at,
    {
        let (medium, image) = (view.medium, view.volatile);
        let left = self.end(j) - at;
        match self.record(image, j, number, at) {
            Some(payload) => {
                let len = HEADER + payload.len();
                self.lemma_record_len(image, j, number, at);
                if !self.records_trustworthy(view, j, number + 1, at + len) {
                    self.lemma_records_intolerable(view, j, number + 1, at + len);
                    lemma_damaged_part(medium, at + len, left - len, at, left);
                } else if damaged_in(medium, at, len) {
                    lemma_damaged_part(medium, at, len, at, left);
                } else if !tolerable_at(medium, at, HEADER as int) {
                    lemma_damaged_part(medium, at, HEADER as int, at, left);
                } else {
                    lemma_damaged_part(medium, at + HEADER, payload.len() as int, at, left);
                }
            },
            None => {
                let len = extent_at(image, self, j, number, at);
                lemma_damaged_part(medium, at, len, at, left);
            },
        }
    }

    /// Where a snapshot cannot be relied on, the journal is damaged.
    proof fn lemma_snapshot_intolerable(self, medium: Medium, j: Journal)
        requires
            LINE + LINE * self.entries <= self.len,
            !self.snapshot_tolerable(medium, j),
        ensures
            damaged_in(medium, self.start(j), self.len as int),
    {
        let (start, len) = (self.start(j), self.len as int);
        if !tolerable_at(medium, start, 32) {
            lemma_damaged_part(medium, start, 32, start, len);
        } else {
            let i = choose|i: int|
                0 <= i < self.entries && !tolerable_at(
                    medium,
                    #[trigger] self.entry(j, i),
                    LINE as int,
                );
            lemma_damaged_part(medium, self.entry(j, i), LINE as int, start, len);
        }
    }

    /// Where journals that hold something cannot be relied on, they or the selector are damaged.
    pub proof fn lemma_intolerable(self, view: RegionView)
        requires
            self.fits(view.volatile.len() as int),
            self.state(view.volatile) is Some,
            !self.tolerable(view),
        ensures
            !self.undamaged(view.medium),
    {
        let medium = view.medium;
        let j = self.live(view.volatile)->0;
        let number = self.snapshot(view.volatile, j)->0.number;
        let (start, len) = (self.start(j), self.len as int);
        if tolerable_at(medium, self.selector as int, 8) {
            if !self.snapshot_tolerable(medium, j) {
                self.lemma_snapshot_intolerable(medium, j);
            } else {
                let first = self.first(j);
                self.lemma_records_intolerable(view, j, number + 1, first);
                lemma_damaged_part(medium, first, self.end(j) - first, start, len);
            }
        }
    }

    /// Images that agree on the selector and the journals say the same.
    pub proof fn lemma_state_same(self, s: Seq<u8>, t: Seq<u8>)
        requires
            self.fits(t.len() as int),
            s.len() == t.len(),
            forall|a: int| self.covers(a) ==> #[trigger] s[a] == t[a],
        ensures
            self.state(s) == self.state(t),
    {
        let selector = self.selector as int;
        assert(s.subrange(selector, selector + 8) =~= t.subrange(selector, selector + 8));
        self.lemma_follow_same(s, t, Journal::A);
        self.lemma_follow_same(s, t, Journal::B);
    }
}

} // verus!
