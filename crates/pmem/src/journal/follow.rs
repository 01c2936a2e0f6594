//! What the live journal says: its snapshot, and its records in order as far as they are whole.
//!
//! This is the hub of the crash proofs. Everything here is a function of the image alone.
use super::layout::*;
#[cfg(verus_only)]
use super::record::*;
use super::snapshot::*;
#[cfg(verus_only)]
use crate::{codeword::*, trusted::bytes::u64_at};
use vstd::prelude::*;

verus! {

/// What a journal says.
#[verifier::ext_equal]
pub struct JournalState {
    /// The header and the snapshot.
    pub snapshot: Snapshot,
    /// The payloads of the records behind it, in order. Their numbers count on from the snapshot's.
    pub records: Seq<Seq<u8>>,
}

impl JournalState {
    /// The number of the last record.
    pub open spec fn number(self) -> int {
        self.snapshot.number + self.records.len()
    }

    /// The same, with one record more.
    pub open spec fn with(self, payload: Seq<u8>) -> JournalState {
        JournalState { records: self.records.push(payload), ..self }
    }
}

impl JournalLayout {
    #[via_fn]
    proof fn records_from_ends(self, image: Seq<u8>, j: Journal, number: int, at: int) {
        reveal(record_at);
    }

    #[via_fn]
    proof fn tail_from_ends(self, image: Seq<u8>, j: Journal, number: int, at: int) {
        reveal(record_at);
    }

    /// The record with this number at `at`.
    pub open spec fn record(self, image: Seq<u8>, j: Journal, number: int, at: int) -> Option<
        Seq<u8>,
    > {
        record_at(image, self.id, number, at, self.end(j))
    }

    /// The payloads of the records from `at` on, of which the first has this number.
    #[verifier::opaque]
    pub open spec fn records_from(self, image: Seq<u8>, j: Journal, number: int, at: int) -> Seq<
        Seq<u8>,
    >
        decreases self.end(j) - at,
        via Self::records_from_ends
    {
        match self.record(image, j, number, at) {
            Some(payload) => seq![payload] + self.records_from(
                image,
                j,
                number + 1,
                at + payload.len() + HEADER,
            ),
            None => Seq::empty(),
        }
    }

    /// The address behind those records.
    #[verifier::opaque]
    pub open spec fn tail_from(self, image: Seq<u8>, j: Journal, number: int, at: int) -> int
        decreases self.end(j) - at,
        via Self::tail_from_ends
    {
        match self.record(image, j, number, at) {
            Some(payload) => self.tail_from(image, j, number + 1, at + payload.len() + HEADER),
            None => at,
        }
    }

    /// The records of a journal whose snapshot has this number.
    pub open spec fn records_of(self, image: Seq<u8>, j: Journal, number: u64) -> Seq<Seq<u8>> {
        self.records_from(image, j, number + 1, self.first(j))
    }

    /// The address behind a journal's records.
    pub open spec fn tail(self, image: Seq<u8>, j: Journal) -> int {
        self.tail_from(image, j, self.snapshot(image, j)->0.number + 1, self.first(j))
    }

    /// Whether no line from `from` on holds the header of a record with a later number than this.
    pub open spec fn nothing_later(
        self,
        image: Seq<u8>,
        j: Journal,
        number: int,
        from: int,
    ) -> bool {
        forall|a: int|
            from <= a < self.end(j) && a % 64 == 0 ==> !(#[trigger] header_at(
                image,
                self.id,
                a,
            ) matches Some(p) && p.a > number)
    }

    /// What a journal says, if its snapshot is whole, and if there is no later record behind the place where its records
    /// end. A crash leaves none there: a commit waits until the record before it is durable.
    pub open spec fn follow(self, image: Seq<u8>, j: Journal) -> Option<JournalState> {
        match self.snapshot(image, j) {
            Some(snapshot) => {
                let state = JournalState {
                    snapshot,
                    records: self.records_of(image, j, snapshot.number),
                };
                if self.nothing_later(image, j, state.number(), self.tail(image, j) + LINE) {
                    Some(state)
                } else {
                    None
                }
            },
            None => None,
        }
    }

    /// What the live journal says.
    pub open spec fn state(self, image: Seq<u8>) -> Option<JournalState> {
        match self.live(image) {
            Some(j) => self.follow(image, j),
            None => None,
        }
    }

    /// Whether no record with a later number than this begins in a journal.
    pub open spec fn quiet(self, image: Seq<u8>, j: Journal, number: u64) -> bool {
        forall|a: int|
            self.first(j) <= a < self.end(j) && a % 64 == 0 ==> quiet_word(
                #[trigger] u64_at(image, a),
                number,
            )
    }

    /// A record is whole lines, and ends within the journal.
    pub proof fn lemma_record_len(self, image: Seq<u8>, j: Journal, number: int, at: int)
        requires
            self.record(image, j, number, at) is Some,
        ensures
            ({
                let len = self.record(image, j, number, at)->0.len() + HEADER;
                &&& len % 64 == 0
                &&& 0 < len
                &&& at + len <= self.end(j)
                &&& number < MARK
            }),
    {
        reveal(record_at);
    }

    /// Where following stops, there is no record, and from the first record on there are whole lines.
    pub proof fn lemma_tail(self, image: Seq<u8>, j: Journal, number: int, at: int)
        requires
            0 <= at <= self.end(j) <= image.len(),
            at % 64 == 0,
        ensures
            ({
                let tail = self.tail_from(image, j, number, at);
                let records = self.records_from(image, j, number, at);
                &&& at <= tail <= self.end(j)
                &&& tail % 64 == 0
                &&& self.record(image, j, number + records.len(), tail) is None
                &&& number <= MARK ==> number + records.len() <= MARK
            }),
        decreases self.end(j) - at,
    {
        reveal_with_fuel(JournalLayout::records_from, 2);
        reveal_with_fuel(JournalLayout::tail_from, 2);
        if let Some(payload) = self.record(image, j, number, at) {
            self.lemma_record_len(image, j, number, at);
            self.lemma_tail(image, j, number + 1, at + payload.len() + HEADER);
        }
    }

    /// A record is where its bytes are.
    proof fn lemma_record_same(self, s: Seq<u8>, t: Seq<u8>, j: Journal, number: int, at: int)
        requires
            s.len() == t.len(),
            0 <= at <= self.end(j) <= t.len(),
            self.record(t, j, number, at) matches Some(payload) && forall|a: int|
                at <= a < at + payload.len() + HEADER ==> #[trigger] s[a] == t[a],
        ensures
            self.record(s, j, number, at) == self.record(t, j, number, at),
    {
        self.lemma_record_len(t, j, number, at);
        reveal(record_at);
        let len = self.record(t, j, number, at)->0.len() + HEADER;
        assert(line(s, at) =~= line(t, at));
        assert(s.subrange(at + HEADER, at + len) =~= t.subrange(at + HEADER, at + len));
    }

    /// Where there is a record, following goes on behind it.
    pub proof fn lemma_one_record(self, image: Seq<u8>, j: Journal, number: int, at: int)
        requires
            self.record(image, j, number, at) is Some,
        ensures
            ({
                let payload = self.record(image, j, number, at)->0;
                let behind = at + payload.len() + HEADER;
                &&& self.records_from(image, j, number, at) == seq![payload] + self.records_from(
                    image,
                    j,
                    number + 1,
                    behind,
                )
                &&& self.tail_from(image, j, number, at) == self.tail_from(
                    image,
                    j,
                    number + 1,
                    behind,
                )
            }),
    {
        reveal_with_fuel(JournalLayout::records_from, 2);
        reveal_with_fuel(JournalLayout::tail_from, 2);
    }

    /// Images that agree on a journal say the same of it.
    pub proof fn lemma_follow_same(self, s: Seq<u8>, t: Seq<u8>, j: Journal)
        requires
            self.fits(t.len() as int),
            s.len() == t.len(),
            forall|a: int| self.start(j) <= a < self.end(j) ==> #[trigger] s[a] == t[a],
        ensures
            self.follow(s, j) == self.follow(t, j),
            self.tail(s, j) == self.tail(t, j),
            self.header(s, j) == self.header(t, j),
            self.snapshot(s, j) == self.snapshot(t, j),
    {
        hide(JournalLayout::nothing_later);

        let number = self.snapshot(t, j)->0.number;
        let (next, first) = (number + 1, self.first(j));
        let (records, tail) = (self.records_of(t, j, number), self.tail(t, j));
        let last = next + records.len();
        self.lemma_snapshot_same(s, t, j);
        self.lemma_tail(t, j, next, first);
        self.lemma_records_same(s, t, j, next, first);
        if self.record(s, j, last, tail) is Some {
            self.lemma_record_len(s, j, last, tail);
            self.lemma_record_same(t, s, j, last, tail);
        }
        self.lemma_no_record(s, j, last, tail);
        assert(records + Seq::<Seq<u8>>::empty() =~= records);
        self.lemma_nothing_later_same(s, t, j, last - 1, tail + LINE);
    }

    /// Lines that two images share hold the same headers.
    pub proof fn lemma_nothing_later_same(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        number: int,
        from: int,
    )
        requires
            self.fits(t.len() as int),
            s.len() == t.len(),
            self.start(j) <= from,
            forall|a: int| from <= a < self.end(j) ==> #[trigger] s[a] == t[a],
        ensures
            self.nothing_later(s, j, number, from) == self.nothing_later(t, j, number, from),
    {
        hide(JournalLayout::nothing_later);

        if self.nothing_later(t, j, number, from) {
            self.lemma_nothing_later_if(s, t, j, number, from);
        }
        if self.nothing_later(s, j, number, from) {
            self.lemma_nothing_later_if(t, s, j, number, from);
        }
    }

    /// Lines that two images share hold no later headers in one if they hold none in the other.
    proof fn lemma_nothing_later_if(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        number: int,
        from: int,
    )
        requires
            self.fits(t.len() as int),
            s.len() == t.len(),
            self.start(j) <= from,
            forall|a: int| from <= a < self.end(j) ==> #[trigger] s[a] == t[a],
            self.nothing_later(t, j, number, from),
        ensures
            self.nothing_later(s, j, number, from),
    {
        hide(header_at);

        self.lemma_lines_fit(t.len() as int, j);
        assert forall|a: int| from <= a < self.end(j) && a % 64 == 0 implies !(#[trigger] header_at(
            s,
            self.id,
            a,
        ) matches Some(p) && p.a > number) by {
            assert(line(s, a) =~= line(t, a));
            lemma_header_same(s, t, self.id, a);
            assert(!(header_at(t, self.id, a) matches Some(p) && p.a > number));
        }
    }

    /// A journal's records lie in the region, in whole lines.
    pub proof fn lemma_lines_fit(self, len: int, j: Journal)
        requires
            self.fits(len),
        ensures
            0 <= self.start(j),
            self.start(j) < self.first(j),
            self.start(j) % 64 == 0,
            self.first(j) % 64 == 0,
            self.end(j) <= len,
            self.end(j) % 64 == 0,
    {
    }

    /// Where there is no record, following stops.
    pub proof fn lemma_no_record(self, s: Seq<u8>, j: Journal, number: int, at: int)
        requires
            self.record(s, j, number, at) is None,
        ensures
            self.records_from(s, j, number, at) == Seq::<Seq<u8>>::empty(),
            self.tail_from(s, j, number, at) == at,
    {
        reveal_with_fuel(JournalLayout::records_from, 2);
        reveal_with_fuel(JournalLayout::tail_from, 2);
    }

    /// An image that agrees with another on its records has these, and those that it has behind them.
    pub proof fn lemma_records_same(self, s: Seq<u8>, t: Seq<u8>, j: Journal, number: int, at: int)
        requires
            s.len() == t.len(),
            0 <= at <= self.end(j) <= t.len(),
            at % 64 == 0,
            forall|a: int| at <= a < self.tail_from(t, j, number, at) ==> #[trigger] s[a] == t[a],
        ensures
            ({
                let tail = self.tail_from(t, j, number, at);
                let records = self.records_from(t, j, number, at);
                let next = number + records.len();
                &&& self.records_from(s, j, number, at) == records + self.records_from(
                    s,
                    j,
                    next,
                    tail,
                )
                &&& self.tail_from(s, j, number, at) == self.tail_from(s, j, next, tail)
            }),
        decreases self.end(j) - at,
    {
        reveal_with_fuel(JournalLayout::records_from, 2);
        reveal_with_fuel(JournalLayout::tail_from, 2);
        if let Some(payload) = self.record(t, j, number, at) {
            let behind = at + payload.len() + HEADER;
            self.lemma_record_len(t, j, number, at);
            self.lemma_tail(t, j, number + 1, behind);
            self.lemma_record_same(s, t, j, number, at);
            self.lemma_records_same(s, t, j, number + 1, behind);
            let rest = self.records_from(t, j, number + 1, behind);
            let more = self.records_from(
                s,
                j,
                number + 1 + rest.len(),
                self.tail_from(t, j, number + 1, behind),
            );
            assert(seq![payload] + (rest + more) =~= (seq![payload] + rest) + more);
        } else {
            assert(Seq::<Seq<u8>>::empty() + self.records_from(s, j, number, at)
                =~= self.records_from(s, j, number, at));
        }
    }

    /// In a quiet journal there is no later record, and no header of one.
    pub proof fn lemma_quiet(self, image: Seq<u8>, j: Journal, number: u64, later: int, at: int)
        requires
            self.fits(image.len() as int),
            self.quiet(image, j, number),
            number < later,
            self.first(j) <= at,
            at % 64 == 0,
        ensures
            self.record(image, j, later, at) is None,
            self.nothing_later(image, j, number as int, at),
    {
        hide(JournalLayout::fits);
        hide(header_at);

        reveal(record_at);
        self.lemma_lines_fit(image.len() as int, j);
        assert forall|a: int| self.first(j) <= a < self.end(j) && a % 64 == 0 implies !(
        #[trigger] header_at(image, self.id, a) matches Some(p) && p.a > number) by {
            lemma_header_word(image, self.id, a);
            assert(quiet_word(u64_at(image, a), number));
        }
    }

    /// A journal without a later record than one has none later than the next one.
    pub proof fn lemma_quiet_longer(self, image: Seq<u8>, j: Journal, number: u64)
        requires
            self.quiet(image, j, number),
            number < u64::MAX,
        ensures
            self.quiet(image, j, (number + 1) as u64),
    {
        assert forall|a: int| self.first(j) <= a < self.end(j) && a % 64 == 0 implies quiet_word(
            #[trigger] u64_at(image, a),
            (number + 1) as u64,
        ) by {
            assert(quiet_word(u64_at(image, a), number));
        }
    }

    /// Lines that two images share are quiet in both.
    pub proof fn lemma_quiet_same(self, s: Seq<u8>, t: Seq<u8>, j: Journal, number: u64)
        requires
            self.fits(t.len() as int),
            s.len() == t.len(),
            self.quiet(t, j, number),
            forall|a: int| self.first(j) <= a < self.end(j) ==> #[trigger] s[a] == t[a],
        ensures
            self.quiet(s, j, number),
    {
        hide(JournalLayout::fits);
        hide(quiet_word);

        self.lemma_lines_fit(t.len() as int, j);
        assert forall|a: int| self.first(j) <= a < self.end(j) && a % 64 == 0 implies quiet_word(
            #[trigger] u64_at(s, a),
            number,
        ) by {
            assert(s.subrange(a, a + 8) =~= t.subrange(a, a + 8));
            assert(u64_at(s, a) == u64_at(t, a));
        }
    }
}

} // verus!
