//! A journal's header and its snapshot.
//!
//! The header is a codeword: the number of the last record that the snapshot holds. An entry of the snapshot is a line:
//! seven words of the user's, and a CRC that covers the region's id, the number and the entry's index as well.
#[cfg(verus_only)]
use super::entry::*;
use super::layout::*;
#[cfg(verus_only)]
use super::record::*;
#[cfg(verus_only)]
use crate::bytes::*;
#[cfg(verus_only)]
use crate::codeword::Payload;
#[cfg(verus_only)]
use crate::crc::words::*;
#[cfg(verus_only)]
use crate::region_id::RegionId;
#[cfg(verus_only)]
use crate::{codeword::*, trusted::crc::*};
use vstd::prelude::*;

verus! {

/// What a journal's header and snapshot say.
#[verifier::ext_equal]
pub struct Snapshot {
    /// The number of the last record that the entries hold.
    pub number: u64,
    /// The entries.
    pub entries: Seq<Seq<u64>>,
}

impl Snapshot {
    /// A snapshot of these entries.
    pub open spec fn of(number: u64, entries: Seq<[u64; 7]>) -> Snapshot {
        Snapshot { number, entries: Seq::new(entries.len(), |i: int| entries[i]@) }
    }
}

/// What a header holds.
pub open spec fn header_payload(number: u64) -> Payload {
    Payload { a: number, b: 0, c: 0 }
}

/// What an entry's CRC covers that is not stored in it.
pub open spec fn entry_prefix(id: RegionId, number: u64, i: int) -> Seq<u8> {
    u64_le(id.lo) + u64_le(id.hi) + u64_le(number) + u64_le(i as u64)
}

/// The line of an entry.
pub open spec fn entry_line(id: RegionId, number: u64, i: int, words: Seq<u64>) -> Seq<u8> {
    words_le(words) + u64_le(spec_crc64(entry_prefix(id, number, i) + words_le(words)))
}

/// The words that a line holds, valid or not.
pub open spec fn entry_words(line: Seq<u8>) -> Seq<u64> {
    Seq::new(7, |k: int| u64_from_le(line.subrange(8 * k, 8 * k + 8)))
}

impl JournalLayout {
    /// The line of an entry, valid or not.
    pub open spec fn entry_bytes(self, image: Seq<u8>, j: Journal, i: int) -> Seq<u8> {
        image.subrange(self.entry(j, i), self.entry(j, i) + LINE)
    }

    /// Whether entry `i` of a journal is one of this number, with these words.
    pub open spec fn entry_is(
        self,
        image: Seq<u8>,
        j: Journal,
        number: u64,
        i: int,
        words: Seq<u64>,
    ) -> bool {
        self.entry_bytes(image, j, i) == entry_line(self.id, number, i, words)
    }

    /// Whether entry `i` of a journal is one of this number.
    pub open spec fn entry_valid(self, image: Seq<u8>, j: Journal, number: u64, i: int) -> bool {
        self.entry_is(image, j, number, i, entry_words(self.entry_bytes(image, j, i)))
    }

    /// Whether a journal's header is one of this number.
    pub open spec fn header_is(self, image: Seq<u8>, j: Journal, number: u64) -> bool {
        line(image, self.start(j)) == codeword(self.id, j.tag(), header_payload(number))
    }

    /// What a journal's header says, if it is whole.
    #[verifier::opaque]
    pub open spec fn header(self, image: Seq<u8>, j: Journal) -> Option<u64> {
        let number = payload_of(line(image, self.start(j))).a;
        if self.header_is(image, j, number) && number < MARK {
            Some(number)
        } else {
            None
        }
    }

    /// What a journal's header and snapshot say, if they are whole.
    #[verifier::opaque]
    pub open spec fn snapshot(self, image: Seq<u8>, j: Journal) -> Option<Snapshot> {
        match self.header(image, j) {
            Some(number) => if forall|i: int|
                0 <= i < self.entries ==> #[trigger] self.entry_valid(image, j, number, i) {
                Some(
                    Snapshot {
                        number,
                        entries: Seq::new(
                            self.entries as nat,
                            |i: int| entry_words(self.entry_bytes(image, j, i)),
                        ),
                    },
                )
            } else {
                None
            },
            None => None,
        }
    }

    /// A whole snapshot has a whole header, and all entries.
    pub proof fn lemma_snapshot(self, image: Seq<u8>, j: Journal)
        ensures
            self.snapshot(image, j) matches Some(snapshot) ==> {
                &&& self.header(image, j) == Some(snapshot.number)
                &&& snapshot.number < MARK
                &&& snapshot.entries.len() == self.entries
            },
            self.header(image, j) matches Some(number) ==> number < MARK,
    {
        reveal(JournalLayout::snapshot);
        reveal(JournalLayout::header);
    }

    /// A snapshot that was written is there.
    pub proof fn lemma_snapshot_written(
        self,
        image: Seq<u8>,
        j: Journal,
        number: u64,
        entries: Seq<[u64; 7]>,
    )
        requires
            self.fits(image.len() as int),
            number < MARK,
            entries.len() == self.entries,
            self.header_is(image, j, number),
            self.entries_are(image, j, number, entries),
        ensures
            self.header(image, j) == Some(number),
            self.snapshot(image, j) == Some(Snapshot::of(number, entries)),
    {
        reveal(JournalLayout::header);
        reveal(JournalLayout::snapshot);
        lemma_decoded_of_codeword(self.id, j.tag(), header_payload(number));
        assert forall|i: int| 0 <= i < self.entries implies #[trigger] self.entry_valid(
            image,
            j,
            number,
            i,
        ) && entry_words(self.entry_bytes(image, j, i)) == entries[i]@ by {
            assert(self.entry_is(image, j, number, i, entries[i]@));
            lemma_entry_line(self.id, number, i, entries[i]@);
        }
        let snapshot = self.snapshot(image, j)->0;
        assert(snapshot.entries =~= Snapshot::of(number, entries).entries) by {
            assert forall|i: int| 0 <= i < self.entries implies #[trigger] snapshot.entries[i]
                == entries[i]@ by {
                assert(self.entry_valid(image, j, number, i));
            }
        }
    }

    /// The snapshot is where it is: images that agree on it have the same one.
    pub proof fn lemma_snapshot_same(self, s: Seq<u8>, t: Seq<u8>, j: Journal)
        requires
            self.fits(t.len() as int),
            s.len() == t.len(),
            forall|a: int| self.start(j) <= a < self.snapshot_end(j) ==> #[trigger] s[a] == t[a],
        ensures
            self.snapshot(s, j) == self.snapshot(t, j),
            self.header(s, j) == self.header(t, j),
    {
        reveal(JournalLayout::snapshot);
        reveal(JournalLayout::header);
        assert(line(s, self.start(j)) =~= line(t, self.start(j)));
        assert forall|i: int| 0 <= i < self.entries implies #[trigger] self.entry_bytes(s, j, i)
            == self.entry_bytes(t, j, i) by {
            assert(self.entry_bytes(s, j, i) =~= self.entry_bytes(t, j, i));
        }
        if let Some(number) = self.header(t, j) {
            assert forall|i: int| 0 <= i < self.entries implies #[trigger] self.entry_valid(
                s,
                j,
                number,
                i,
            ) == self.entry_valid(t, j, number, i) by {
                assert(self.entry_bytes(s, j, i) == self.entry_bytes(t, j, i));
            }
            assert(Seq::new(self.entries as nat, |i: int| entry_words(self.entry_bytes(s, j, i)))
                =~= Seq::new(self.entries as nat, |i: int| entry_words(self.entry_bytes(t, j, i))));
            let valid = |x: Seq<u8>|
                forall|i: int|
                    0 <= i < self.entries ==> #[trigger] self.entry_valid(x, j, number, i);
            if valid(t) {
                assert(forall|i: int|
                    0 <= i < self.entries ==> #[trigger] self.entry_valid(s, j, number, i));
            } else {
                let i = choose|i: int|
                    0 <= i < self.entries && !#[trigger] self.entry_valid(t, j, number, i);
                assert(!self.entry_valid(s, j, number, i));
            }
        }
    }
}

} // verus!
