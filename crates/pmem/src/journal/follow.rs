//! What two journals say: of the two the one of the later generation, its snapshot and its records in order.
//!
//! This is the hub of the crash proofs. Everything here is a function of the image alone.
use super::layout::*;
#[cfg(verus_only)]
use super::record::*;
use super::snapshot::*;
#[cfg(verus_only)]
use crate::table::u64_at;
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
    proof fn records_from_ends(
        self,
        image: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        at: int,
    ) {
        reveal(record_at);
    }

    #[via_fn]
    proof fn tail_from_ends(
        self,
        image: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        at: int,
    ) {
        reveal(record_at);
    }

    /// The record with this number at `at`.
    pub open spec fn record(
        self,
        image: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        at: int,
    ) -> Option<Seq<u8>> {
        record_at(image, self.id, generation, number, at, self.end(j))
    }

    /// The payloads of the records from `at` on, of which the first has this number.
    #[verifier::opaque]
    pub open spec fn records_from(
        self,
        image: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        at: int,
    ) -> Seq<Seq<u8>>
        decreases self.end(j) - at,
        via Self::records_from_ends
    {
        match self.record(image, j, generation, number, at) {
            Some(payload) => seq![payload] + self.records_from(
                image,
                j,
                generation,
                number + 1,
                at + payload.len() + 16,
            ),
            None => Seq::empty(),
        }
    }

    /// The address behind those records.
    #[verifier::opaque]
    pub open spec fn tail_from(
        self,
        image: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        at: int,
    ) -> int
        decreases self.end(j) - at,
        via Self::tail_from_ends
    {
        match self.record(image, j, generation, number, at) {
            Some(payload) => self.tail_from(
                image,
                j,
                generation,
                number + 1,
                at + payload.len() + 16,
            ),
            None => at,
        }
    }

    /// What a journal says, if its header and snapshot are whole.
    pub open spec fn follow(self, image: Seq<u8>, j: Journal) -> Option<JournalState> {
        match self.snapshot(image, j) {
            Some(snapshot) => Some(
                JournalState {
                    snapshot,
                    records: self.records_from(
                        image,
                        j,
                        snapshot.generation,
                        snapshot.number + 1,
                        self.first(j),
                    ),
                },
            ),
            None => None,
        }
    }

    /// The address behind a journal's records.
    pub open spec fn tail(self, image: Seq<u8>, j: Journal) -> int {
        let snapshot = self.snapshot(image, j)->0;
        self.tail_from(image, j, snapshot.generation, snapshot.number + 1, self.first(j))
    }

    /// Whether a journal's header is whole, and the other one's, if it is whole, of an earlier generation.
    pub open spec fn counts(self, image: Seq<u8>, j: Journal) -> bool {
        self.header(image, j) matches Some(mine) && (self.header(image, j.other()) matches Some(
            others,
        ) ==> others.0 < mine.0)
    }

    /// The journal that counts.
    pub open spec fn live(self, image: Seq<u8>) -> Option<Journal> {
        if self.counts(image, Journal::A) {
            Some(Journal::A)
        } else if self.counts(image, Journal::B) {
            Some(Journal::B)
        } else {
            None
        }
    }

    /// What the live journal says.
    pub open spec fn state(self, image: Seq<u8>) -> Option<JournalState> {
        match self.live(image) {
            Some(j) => self.follow(image, j),
            None => None,
        }
    }

    /// Whether no record of this generation, or of a later one, begins from `from` on.
    pub open spec fn quiet(self, image: Seq<u8>, j: Journal, generation: u64, from: int) -> bool {
        forall|a: int|
            from <= a < self.end(j) && a % 64 == 0 ==> quiet_word(
                #[trigger] u64_at(image, a),
                generation,
            )
    }

    /// A journal that counts is live, and the only one.
    pub proof fn lemma_counts(self, image: Seq<u8>, j: Journal)
        ensures
            self.counts(image, j) == (self.live(image) == Some(j)),
    {
    }

    /// A record is as long as its payload and two words, and ends within the journal.
    pub proof fn lemma_record_len(
        self,
        image: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        at: int,
    )
        requires
            self.record(image, j, generation, number, at) is Some,
            0 <= at,
            self.end(j) <= image.len(),
        ensures
            ({
                let len = self.record(image, j, generation, number, at)->0.len() + 16;
                &&& len == LINE * (u64_at(image, at) as int % LINES as int)
                &&& len % 64 == 0
                &&& 0 < len
                &&& at + len <= self.end(j)
                &&& number <= u64::MAX
            }),
    {
        reveal(record_at);
    }

    /// Where following stops, there is no record, and from the first record on there are whole lines.
    pub proof fn lemma_tail(self, image: Seq<u8>, j: Journal, generation: u64, number: int, at: int)
        requires
            0 <= at <= self.end(j) <= image.len(),
            at % 64 == 0,
        ensures
            ({
                let tail = self.tail_from(image, j, generation, number, at);
                let records = self.records_from(image, j, generation, number, at);
                &&& at <= tail <= self.end(j)
                &&& tail % 64 == 0
                &&& self.record(image, j, generation, number + records.len(), tail) is None
                &&& number <= u64::MAX + 1 ==> number + records.len() <= u64::MAX + 1
            }),
        decreases self.end(j) - at,
    {
        reveal_with_fuel(JournalLayout::records_from, 2);
        reveal_with_fuel(JournalLayout::tail_from, 2);
        if let Some(payload) = self.record(image, j, generation, number, at) {
            self.lemma_record_len(image, j, generation, number, at);
            self.lemma_tail(image, j, generation, number + 1, at + payload.len() + 16);
        }
    }

    /// A record is where its bytes are.
    proof fn lemma_record_same(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        at: int,
    )
        requires
            s.len() == t.len(),
            0 <= at <= self.end(j) <= t.len(),
            self.record(t, j, generation, number, at) matches Some(payload) && forall|a: int|
                at <= a < at + payload.len() + 16 ==> #[trigger] s[a] == t[a],
        ensures
            self.record(s, j, generation, number, at) == self.record(t, j, generation, number, at),
    {
        self.lemma_record_len(t, j, generation, number, at);
        reveal(record_at);
        let len = self.record(t, j, generation, number, at)->0.len() + 16;
        assert(s.subrange(at, at + 8) =~= t.subrange(at, at + 8));
        assert(s.subrange(at, at + len) =~= t.subrange(at, at + len));
    }

    /// Where there is a record, following goes on behind it.
    pub proof fn lemma_one_record(
        self,
        image: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        at: int,
    )
        requires
            self.record(image, j, generation, number, at) is Some,
        ensures
            ({
                let payload = self.record(image, j, generation, number, at)->0;
                let behind = at + payload.len() + 16;
                &&& self.records_from(image, j, generation, number, at) == seq![payload]
                    + self.records_from(image, j, generation, number + 1, behind)
                &&& self.tail_from(image, j, generation, number, at) == self.tail_from(
                    image,
                    j,
                    generation,
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
            self.follow(t, j) is Some,
            forall|a: int| self.start(j) <= a < self.end(j) ==> #[trigger] s[a] == t[a],
        ensures
            self.follow(s, j) == self.follow(t, j),
            self.tail(s, j) == self.tail(t, j),
            self.header(s, j) == self.header(t, j),
            self.snapshot(s, j) == self.snapshot(t, j),
    {
        let state = self.follow(t, j)->0;
        let generation = state.snapshot.generation;
        let (number, first) = (state.snapshot.number + 1, self.first(j));
        let (next, tail) = (number + state.records.len(), self.tail(t, j));
        self.lemma_snapshot_same(s, t, j);
        self.lemma_tail(t, j, generation, number, first);
        self.lemma_records_same(s, t, j, generation, number, first);
        if self.record(s, j, generation, next, tail) is Some {
            self.lemma_record_len(s, j, generation, next, tail);
            self.lemma_record_same(t, s, j, generation, next, tail);
        }
        self.lemma_no_record(s, j, generation, next, tail);
        assert(state.records + Seq::<Seq<u8>>::empty() =~= state.records);
    }

    /// An image that agrees with another on its records has these, and those that it has behind them.
    pub proof fn lemma_records_same(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        at: int,
    )
        requires
            s.len() == t.len(),
            0 <= at <= self.end(j) <= t.len(),
            at % 64 == 0,
            forall|a: int|
                at <= a < self.tail_from(t, j, generation, number, at) ==> #[trigger] s[a] == t[a],
        ensures
            ({
                let tail = self.tail_from(t, j, generation, number, at);
                let records = self.records_from(t, j, generation, number, at);
                let next = number + records.len();
                &&& self.records_from(s, j, generation, number, at) == records + self.records_from(
                    s,
                    j,
                    generation,
                    next,
                    tail,
                )
                &&& self.tail_from(s, j, generation, number, at) == self.tail_from(
                    s,
                    j,
                    generation,
                    next,
                    tail,
                )
            }),
        decreases self.end(j) - at,
    {
        reveal_with_fuel(JournalLayout::records_from, 2);
        reveal_with_fuel(JournalLayout::tail_from, 2);
        if let Some(payload) = self.record(t, j, generation, number, at) {
            let behind = at + payload.len() + 16;
            self.lemma_record_len(t, j, generation, number, at);
            self.lemma_tail(t, j, generation, number + 1, behind);
            self.lemma_record_same(s, t, j, generation, number, at);
            self.lemma_records_same(s, t, j, generation, number + 1, behind);
            let rest = self.records_from(t, j, generation, number + 1, behind);
            let more = self.records_from(
                s,
                j,
                generation,
                number + 1 + rest.len(),
                self.tail_from(t, j, generation, number + 1, behind),
            );
            assert(seq![payload] + (rest + more) =~= (seq![payload] + rest) + more);
        } else {
            assert(Seq::<Seq<u8>>::empty() + self.records_from(s, j, generation, number, at)
                =~= self.records_from(s, j, generation, number, at));
        }
    }

    /// In a quiet line there is no record of the generation.
    pub proof fn lemma_quiet(
        self,
        image: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        from: int,
    )
        requires
            self.quiet(image, j, generation, from),
            generation < GENERATIONS,
            from % 64 == 0,
        ensures
            self.record(image, j, generation, number, from) is None,
    {
        reveal(record_at);
        if from + LINE <= self.end(j) {
            lemma_quiet_word(u64_at(image, from), generation);
        }
    }
}

} // verus!
