//! Where a ring was last appended to.
#[cfg(verus_only)]
use super::words::*;
#[cfg(verus_only)]
use crate::bytes::*;
use crate::load::*;
use crate::ring::*;
use vstd::prelude::*;

verus! {

/// What is remembered of the place where a ring was last appended to.
#[derive(Debug, Clone, Copy)]
pub struct Cursor {
    pub(crate) round: u64,
    pub(crate) position: u64,
    pub(crate) len: u64,
    pub(crate) word: u64,
}

impl Cursor {
    /// Whether a round of the ring begins at `round`, and the `len` bytes before `position` are the lowest of `word`,
    /// whose others are zero.
    pub open(crate) spec fn right(self, ring: Ring, image: Seq<u8>) -> bool {
        &&& self.round as int % ring.capacity as int == 0
        &&& self.len < 8
        &&& self.len <= ring.addr(self.position as int) - ring.start
        &&& forall|k: int|
            0 <= k < 8 ==> #[trigger] u64_le(self.word)[k] == if k < self.len {
                image[ring.addr(self.position as int) - self.len + k]
            } else {
                0
            }
    }

    /// Nothing is remembered.
    pub fn unknown() -> (r: Cursor)
        ensures
            forall|ring: Ring, image: Seq<u8>|
                0 < ring.capacity ==> #[trigger] r.right(ring, image),
    {
        let r = Cursor { round: 0, position: 0, len: 0, word: 0 };
        proof {
            lemma_u64_le_zero();
            assert forall|ring: Ring, image: Seq<u8>| 0 < ring.capacity implies #[trigger] r.right(
                ring,
                image,
            ) by {
                vstd::arithmetic::div_mod::lemma_small_mod(0, ring.capacity as nat);
            }
        }
        r
    }

    /// It is about the ring's own addresses.
    pub proof fn lemma_same(self, ring: Ring, s: Seq<u8>, t: Seq<u8>)
        requires
            0 < ring.capacity,
            self.right(ring, t),
            forall|a: int| ring.start <= a < ring.start + ring.capacity ==> #[trigger] s[a] == t[a],
        ensures
            self.right(ring, s),
    {
        vstd::arithmetic::div_mod::lemma_mod_bound(self.position as int, ring.capacity as int);
    }

    /// A cursor behind bytes that were written without going round the ring's end.
    pub(super) proof fn lemma_behind(
        self,
        ring: Ring,
        image: Seq<u8>,
        position: int,
        bytes: Seq<u8>,
    )
        requires
            0 < ring.capacity,
            self.round as int % ring.capacity as int == 0,
            self.position == position + bytes.len(),
            self.len < 8,
            ring.addr(position) + bytes.len() <= ring.start + ring.capacity,
            self.len == 0 || ring.addr(position) + bytes.len() < ring.start + ring.capacity,
            ring.start + self.len <= ring.addr(position) + bytes.len(),
            are_at(image, ring.addr(position), bytes),
            is_before(self.word, image, ring.addr(position) + bytes.len(), self.len as int),
        ensures
            self.right(ring, image),
            ring.bytes(image, position, position + bytes.len()) == bytes,
    {
        lemma_addr_of_sum(ring, position, bytes.len() as int);
        assert forall|i: int| 0 <= i < bytes.len() implies #[trigger] ring.bytes(
            image,
            position,
            position + bytes.len(),
        )[i] == bytes[i] by {
            lemma_addr_of_sum(ring, position, i);
        }
        assert(ring.bytes(image, position, position + bytes.len()) =~= bytes);
        vstd::arithmetic::div_mod::lemma_mod_bound(self.position as int, ring.capacity as int);
    }

    /// A round of the ring is remembered, and nothing before `position`.
    #[inline(always)]
    pub(super) fn at(round: u64, position: u64, Ghost(ring): Ghost<Ring>) -> (r: Cursor)
        requires
            0 < ring.capacity,
            round as int % ring.capacity as int == 0,
        ensures
            r == (Cursor { round, position, len: 0, word: 0 }),
            forall|image: Seq<u8>| #[trigger] r.right(ring, image),
    {
        proof {
            lemma_u64_le_zero();
            vstd::arithmetic::div_mod::lemma_mod_bound(position as int, ring.capacity as int);
        }
        Cursor { round, position, len: 0, word: 0 }
    }

    /// What is to be remembered of `bytes` at `position`.
    pub(super) fn behind(
        ring: Ring,
        round: u64,
        position: u64,
        bytes: &[u8],
        Ghost(image): Ghost<Seq<u8>>,
    ) -> (r: Cursor)
        requires
            ring.fits(image.len() as int),
            round == ring.round(position as int),
            round as int % ring.capacity as int == 0,
            bytes@.len() <= ring.capacity,
            position + bytes@.len() <= u64::MAX,
            ring.bytes(image, position as int, position + bytes@.len()) == bytes@,
        ensures
            r.right(ring, image),
    {
        let len = bytes.len() as u64;
        proof {
            lemma_addr_of_sum(ring, position as int, len as int);
        }
        let room = ring.capacity - (position - round);
        let offset = if len < room {
            position - round + len
        } else {
            len - room
        };
        let known = (ring.start + offset) % 8;
        if len < 8 || known == 0 || known > offset {
            return Cursor::at(round, position + len, Ghost(ring));
        }
        let word = load_last(bytes, known as usize);
        proof {
            let end = position + len;
            let from = end - known;
            lemma_addr_of_sum(ring, from, known as int);
            assert forall|k: int| 0 <= k < known implies bytes@[len - known + k]
                == image[#[trigger] (ring.addr(end) - known + k)] by {
                lemma_addr_of_sum(ring, from, k);
                assert(ring.bytes(image, position as int, end)[len - known + k] == bytes@[len
                    - known + k]);
            }
        }
        Cursor { round, position: position + len, len: known, word }
    }
}

} // verus!
