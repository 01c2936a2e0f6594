//! Taking a journal's bytes apart.
use super::entry::decode_entry;
#[cfg(verus_only)]
use super::entry::*;
use super::layout::*;
use super::read::*;
use super::record::*;
use super::scan::*;
#[cfg(verus_only)]
use super::{follow::*, snapshot::*};
#[cfg(verus_only)]
use crate::codeword::line;
use crate::codeword::*;
use vstd::prelude::*;
use vstd::slice::slice_subrange;

verus! {

/// The records that a journal's bytes hold, how far behind its start they end, and the number of the last one.
struct Records {
    payloads: Vec<Vec<u8>>,
    tail: usize,
    number: u64,
}

impl JournalLayout {
    /// One more record is taken from the bytes.
    proof fn lemma_record_parsed(
        self,
        image: Seq<u8>,
        j: Journal,
        number: int,
        at: int,
        before: Seq<Seq<u8>>,
    )
        requires
            self.record(image, j, number, at) is Some,
        ensures
            ({
                let payload = self.record(image, j, number, at)->0;
                let behind = at + payload.len() + HEADER;
                &&& before + self.records_from(image, j, number, at) == before.push(payload)
                    + self.records_from(image, j, number + 1, behind)
                &&& self.tail_from(image, j, number, at) == self.tail_from(
                    image,
                    j,
                    number + 1,
                    behind,
                )
                &&& number < MARK
            }),
    {
        self.lemma_one_record(image, j, number, at);
        self.lemma_record_len(image, j, number, at);
        let payload = self.record(image, j, number, at)->0;
        let rest = self.records_from(image, j, number + 1, at + payload.len() + HEADER);
        assert(before + (seq![payload] + rest) =~= before.push(payload) + rest);
    }

    /// The number in a journal's header, if it is valid.
    fn parse_header(&self, j: Journal, bytes: &[u8], Ghost(image): Ghost<Seq<u8>>) -> (r: Option<
        u64,
    >)
        requires
            self.bytes_are(image, j, bytes@),
        ensures
            r == self.header(image, j),
    {
        proof {
            self.lemma_bytes(image, j, bytes@);
        }
        let part = slice_subrange(bytes, 0, 32);
        let decoded = decode(self.id, j.tag(), part);
        proof {
            reveal(JournalLayout::header);
            assert(part@ =~= line(image, self.start(j)));
            let number = payload_of(part@).a;
            lemma_decoded_of_codeword(self.id, j.tag(), header_payload(number));
        }
        match decoded {
            Some(p) => if p.b == 0 && p.c == 0 && p.a < MARK {
                Some(p.a)
            } else {
                None
            },
            None => None,
        }
    }

    /// The entries of a journal's snapshot, or the index of the first one that is not valid.
    fn parse_entries(
        &self,
        Ghost(j): Ghost<Journal>,
        number: u64,
        bytes: &[u8],
        Ghost(image): Ghost<Seq<u8>>,
    ) -> (r: Result<Vec<[u64; 7]>, u64>)
        requires
            self.bytes_are(image, j, bytes@),
        ensures
            r matches Ok(entries) ==> entries@.len() == self.entries && self.entries_are(
                image,
                j,
                number,
                entries@,
            ),
            r matches Err(i) ==> i < self.entries && !self.entry_valid(image, j, number, i as int),
    {
        proof {
            self.lemma_bytes(image, j, bytes@);
        }
        let count = self.entries as usize;
        let mut entries: Vec<[u64; 7]> = Vec::with_capacity(count);
        while entries.len() < count
            invariant
                bytes@ == image.subrange(self.start(j), self.start(j) + bytes@.len()),
                0 <= self.start(j),
                self.start(j) + bytes@.len() <= image.len(),
                64 + 64 * count <= bytes@.len() <= u64::MAX,
                count == self.entries,
                entries@.len() <= count,
                self.entries_are(image, j, number, entries@),
            decreases count - entries@.len(),
        {
            let i = entries.len();
            let part = slice_subrange(bytes, 64 + 64 * i, 128 + 64 * i);
            assert(part@ =~= self.entry_bytes(image, j, i as int));
            match decode_entry(self.id, number, i as u64, part) {
                Some(words) => {
                    let ghost before = entries@;
                    entries.push(words);
                    proof {
                        assert forall|n: int| 0 <= n < entries@.len() implies self.entry_is(
                            image,
                            j,
                            number,
                            n,
                            #[trigger] entries@[n]@,
                        ) by {
                            if n < before.len() {
                                assert(self.entry_is(image, j, number, n, before[n]@));
                            }
                        }
                    }
                },
                None => return Err(i as u64),
            }
        }
        Ok(entries)
    }

    /// The records of a journal whose snapshot has this number.
    fn parse_records(
        &self,
        Ghost(j): Ghost<Journal>,
        number: u64,
        bytes: &[u8],
        Ghost(image): Ghost<Seq<u8>>,
    ) -> (r: Records)
        requires
            self.bytes_are(image, j, bytes@),
            number < MARK,
        ensures
            views(r.payloads@) == self.records_of(image, j, number),
            self.start(j) + r.tail == self.tail_from(image, j, number + 1, self.first(j)),
            self.records <= r.tail <= bytes@.len(),
            r.tail % 64 == 0,
            r.number == number + r.payloads@.len(),
            r.number < MARK,
    {
        let mut payloads: Vec<Vec<u8>> = Vec::new();
        let mut at: usize = self.records as usize;
        let mut last = number;
        let ghost (start, first) = (self.start(j), self.first(j));
        let ghost all = self.records_from(image, j, number + 1, first);
        proof {
            self.lemma_bytes(image, j, bytes@);
            assert(views(payloads@) + all =~= all);
        }
        loop
            invariant
                bytes@ == image.subrange(start, start + bytes@.len()),
                0 <= start,
                start + bytes@.len() == self.end(j) <= image.len(),
                self.records <= at <= bytes@.len() <= u64::MAX,
                at % 64 == 0,
                last == number + payloads@.len(),
                last < MARK,
                all == views(payloads@) + self.records_from(image, j, last + 1, start + at),
                self.tail_from(image, j, number + 1, first) == self.tail_from(
                    image,
                    j,
                    last + 1,
                    start + at,
                ),
            ensures
                self.record(image, j, last + 1, start + at) is None,
            decreases bytes@.len() - at,
        {
            proof {
                lemma_record_of_part(image, bytes@, self.id, start, last + 1, at as int);
            }
            let len = match record_in(bytes, self.id, last + 1, at) {
                Some(len) => len,
                None => break,
            };
            let payload = slice_subrange(bytes, at + HEADER as usize, at + HEADER as usize + len);
            let ghost before = views(payloads@);
            payloads.push(copy_of(payload));
            proof {
                self.lemma_record_parsed(image, j, last + 1, start + at, before);
                assert(views(payloads@) =~= before.push(payload@));
            }
            at = at + HEADER as usize + len;
            last += 1;
        }
        proof {
            self.lemma_no_record(image, j, last + 1, start + at);
            assert(views(payloads@) + Seq::<Seq<u8>>::empty() =~= views(payloads@));
        }
        Records { payloads, tail: at, number: last }
    }

    /// A header that says a number is one of it.
    proof fn lemma_header_of(self, image: Seq<u8>, j: Journal)
        ensures
            self.header(image, j) matches Some(number) ==> self.header_is(image, j, number),
    {
        reveal(JournalLayout::header);
    }

    /// What was taken from a journal's bytes is what it says.
    proof fn lemma_parsed(self, image: Seq<u8>, j: Journal, number: u64, contents: JournalContents)
        requires
            self.live(image) == Some(j),
            self.snapshot(image, j) == Some(Snapshot::of(number, contents.entries@)),
            contents.entries@.len() == self.entries,
            contents.live == j,
            contents.number == number + contents.records@.len(),
            views(contents.records@) == self.records_of(image, j, number),
            contents.tail == self.tail_from(image, j, number + 1, self.first(j)),
            self.nothing_later(image, j, contents.number as int, contents.tail + LINE),
        ensures
            contents.is_in(image, self),
    {
        hide(header_at);
        assert((contents.number - contents.records@.len()) as u64 == number);
    }

    /// What a journal's bytes say, or what is wrong with them.
    pub(super) fn parse(&self, j: Journal, bytes: &[u8], Ghost(image): Ghost<Seq<u8>>) -> (r:
        Result<JournalContents, JournalError>)
        requires
            self.fits(image.len() as int),
            bytes@ == image.subrange(self.start(j), self.end(j)),
            self.live(image) == Some(j),
        ensures
            r matches Ok(contents) ==> {
                &&& contents.live == j
                &&& contents.number < MARK
                &&& contents.records@.len() <= contents.number
                &&& contents.tail % 64 == 0
                &&& self.first(j) <= contents.tail <= self.end(j)
                &&& contents.is_in(image, *self)
            },
            r matches Err(e) ==> self.is_wrong(image, j, e),
    {
        hide(header_at);
        hide(JournalLayout::live);
        hide(JournalLayout::nothing_later);
        hide(JournalLayout::entry_valid);
        hide(JournalLayout::entries_are);
        hide(JournalContents::is_in);
        let start = self.start_of(j);
        proof {
            reveal(JournalLayout::bytes_are);
            self.lemma_bytes(image, j, bytes@);
        }
        let number = match self.parse_header(j, bytes, Ghost(image)) {
            Some(number) => number,
            None => return Err(JournalError::Header { address: start }),
        };
        proof {
            self.lemma_snapshot(image, j);
        }
        let entries = match self.parse_entries(Ghost(j), number, bytes, Ghost(image)) {
            Ok(entries) => entries,
            Err(index) => return Err(
                JournalError::Entry { index, address: start + LINE + LINE * index },
            ),
        };
        proof {
            self.lemma_header_of(image, j);
            self.lemma_snapshot_written(image, j, number, entries@);
        }
        let records = self.parse_records(Ghost(j), number, bytes, Ghost(image));
        match self.parse_rest(j, records.tail, records.number, bytes, Ghost(image)) {
            Ok(()) => {},
            Err(e) => return Err(e),
        }
        let contents = JournalContents {
            live: j,
            number: records.number,
            tail: start + records.tail as u64,
            entries,
            records: records.payloads,
        };
        proof {
            self.lemma_parsed(image, j, number, contents);
        }
        Ok(contents)
    }
}

} // verus!
