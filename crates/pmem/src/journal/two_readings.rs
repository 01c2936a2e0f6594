//! What reading the selector and then the live journal makes of any image.
use super::layout::*;
#[cfg(verus_only)]
use super::{follow::*, read::*, record::*, switch::*};
#[cfg(verus_only)]
use crate::{readings::*, trusted::guarded::*};
use vstd::prelude::*;

verus! {

impl JournalLayout {
    /// A reading of the selector, and one of a journal behind it, take their places in any image.
    pub(super) proof fn lemma_two_readings(
        self,
        image: Seq<u8>,
        before: Seq<Reading>,
        j: Journal,
        word: Seq<u8>,
        bytes: Seq<u8>,
    )
        requires
            self.fits(image.len() as int),
            word.len() == 8,
            bytes.len() == self.len,
        ensures
            ({
                let (selector, start) = (self.selector as int, self.start(j));
                let after = before.push(Reading { addr: selector, bytes: word }).push(
                    Reading { addr: start, bytes },
                );
                let s = as_read(image, after);
                &&& s.subrange(selector, selector + 8) == word
                &&& s.subrange(start, self.end(j)) == bytes
                &&& self.same_but_and_selector(s, as_read(image, before), j)
                &&& s.len() == image.len()
            }),
    {
        let (selector, start) = (self.selector as int, self.start(j));
        let first = Reading { addr: selector, bytes: word };
        let second = Reading { addr: start, bytes };
        lemma_as_read_push(image, before, first);
        lemma_as_read_push(image, before.push(first), second);
        let s = as_read(image, before.push(first).push(second));
        assert(s.subrange(selector, selector + 8) =~= word);
        assert(s.subrange(start, self.end(j)) =~= bytes);
    }

    /// What two readings say, they make any image say.
    pub(super) proof fn lemma_in_readings(
        self,
        len: int,
        before: Seq<Reading>,
        word: Seq<u8>,
        bytes: Seq<u8>,
        image: Seq<u8>,
        contents: JournalContents,
    )
        requires
            self.fits(len),
            image.len() == len,
            word.len() == 8,
            bytes.len() == self.len,
            contents.is_in(image, self),
            image.subrange(self.selector as int, self.selector + 8) == word,
            image.subrange(self.start(contents.live), self.end(contents.live)) == bytes,
        ensures
            contents.in_readings(
                self,
                len,
                before,
                before.push(Reading { addr: self.selector as int, bytes: word }).push(
                    Reading { addr: self.start(contents.live), bytes },
                ),
            ),
    {
        hide(header_at);
        let j = contents.live;
        let after = before.push(Reading { addr: self.selector as int, bytes: word }).push(
            Reading { addr: self.start(j), bytes },
        );
        assert forall|other: Seq<u8>| other.len() == len implies contents.is_in(
            #[trigger] as_read(other, after),
            self,
        ) && self.same_but_and_selector(as_read(other, after), as_read(other, before), j) by {
            let s = as_read(other, after);
            self.lemma_two_readings(other, before, j, word, bytes);
            assert forall|a: int| self.start(j) <= a < self.end(j) implies #[trigger] s[a]
                == image[a] by {
                assert(s[a] == bytes[a - self.start(j)]);
                assert(image[a] == bytes[a - self.start(j)]);
            }
            self.lemma_follow_same(s, image, j);
        }
    }
}

} // verus!
