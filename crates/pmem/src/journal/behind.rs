//! Looking for a later record's header in a journal's bytes, behind its records.
#[cfg(verus_only)]
use super::follow::*;
use super::layout::*;
use super::read::*;
#[cfg(verus_only)]
use super::record::*;
use super::scan::*;
use vstd::prelude::*;

verus! {

impl JournalLayout {
    /// Whether these are a journal's bytes.
    #[verifier::opaque]
    pub(super) open spec fn bytes_are(self, image: Seq<u8>, j: Journal, bytes: Seq<u8>) -> bool {
        &&& self.fits(image.len() as int)
        &&& bytes == image.subrange(self.start(j), self.end(j))
    }

    /// A journal's bytes are whole lines, and lie where it does.
    pub(super) proof fn lemma_bytes(self, image: Seq<u8>, j: Journal, bytes: Seq<u8>)
        requires
            self.bytes_are(image, j, bytes),
        ensures
            0 <= self.start(j),
            self.start(j) % 64 == 0,
            self.end(j) == self.start(j) + bytes.len(),
            self.end(j) <= image.len() <= u64::MAX,
            bytes == image.subrange(self.start(j), self.start(j) + bytes.len()),
            bytes.len() % 64 == 0,
            self.records % 64 == 0,
            64 + 64 * self.entries <= self.records,
            self.records + 64 <= bytes.len(),
    {
        reveal(JournalLayout::bytes_are);
    }

    /// If the bytes hold no later record's header, the journal does not.
    proof fn lemma_none_later(
        self,
        image: Seq<u8>,
        j: Journal,
        bytes: Seq<u8>,
        number: u64,
        tail: int,
    )
        requires
            self.bytes_are(image, j, bytes),
            0 <= tail,
            tail == bytes.len() || none_later(bytes, self.id, number, tail + LINE),
        ensures
            self.nothing_later(image, j, number as int, self.start(j) + tail + LINE),
    {
        hide(header_at);
        let start = self.start(j);
        self.lemma_bytes(image, j, bytes);
        assert forall|a: int| start + tail + LINE <= a < self.end(j) && a % 64 == 0 implies !(
        #[trigger] header_at(image, self.id, a) matches Some(p) && p.a > number) by {
            let at = a - start;
            assert(at % 64 == 0 && tail + LINE <= at && at + 32 <= bytes.len());
            lemma_header_of_part(image, bytes, self.id, start, at);
            assert(!(header_at(bytes, self.id, at) matches Some(p) && p.a > number));
        }
    }

    /// If the bytes hold a later record's header, the journal does.
    proof fn lemma_later(
        self,
        image: Seq<u8>,
        j: Journal,
        bytes: Seq<u8>,
        number: u64,
        tail: int,
        at: int,
    )
        requires
            self.bytes_are(image, j, bytes),
            0 <= tail,
            tail + LINE <= at < bytes.len(),
            at % 64 == 0,
            header_at(bytes, self.id, at) matches Some(p) && p.a > number,
        ensures
            self.later_at(image, j, number as int, self.start(j) + tail, self.start(j) + at),
    {
        hide(header_at);
        self.lemma_bytes(image, j, bytes);
        lemma_header_of_part(image, bytes, self.id, self.start(j), at);
    }

    /// Whether no line behind a journal's records holds the header of a later record, or what is wrong with it if one does.
    pub(super) fn parse_rest(
        &self,
        j: Journal,
        tail: usize,
        number: u64,
        bytes: &[u8],
        Ghost(image): Ghost<Seq<u8>>,
    ) -> (r: Result<(), JournalError>)
        requires
            self.bytes_are(image, j, bytes@),
            self.records <= tail <= bytes@.len(),
            tail % 64 == 0,
        ensures
            r is Ok ==> self.nothing_later(image, j, number as int, self.start(j) + tail + LINE),
            r matches Err(e) ==> (e matches JournalError::Records { address, len } && address
                == self.start(j) + tail && self.later_at(
                image,
                j,
                number as int,
                self.start(j) + tail,
                address + len - 32,
            )),
    {
        hide(header_at);
        hide(none_later);
        hide(JournalLayout::nothing_later);
        hide(JournalLayout::later_at);
        proof {
            self.lemma_bytes(image, j, bytes@);
        }
        if tail == bytes.len() {
            proof {
                self.lemma_none_later(image, j, bytes@, number, tail as int);
            }
            return Ok(());
        }
        let found = later_in(bytes, self.id, number, tail + LINE as usize);
        proof {
            if let Some(at) = found {
                self.lemma_later(image, j, bytes@, number, tail as int, at as int);
            } else {
                self.lemma_none_later(image, j, bytes@, number, tail as int);
            }
        }
        match found {
            Some(at) => Err(
                JournalError::Records {
                    address: self.start_of(j) + tail as u64,
                    len: (at + 32 - tail) as u64,
                },
            ),
            None => Ok(()),
        }
    }
}

} // verus!
