//! Appending to a ring in whole words.
//!
//! A mapped medium is stored to by words of 8 bytes, past the caches. To store a part of one, the device needs the
//! others, and has to fetch them from the medium: that lasts as long as the rest of an append. So what is before the end of
//! an append, in its word, is remembered for the next one; and what is behind it there is not in use, and is written
//! over by zeros.
// Half of them are ghosts, which cost nothing.
#![allow(clippy::too_many_arguments)]
// `is_multiple_of` is not known to the verifier.
#![allow(clippy::manual_is_multiple_of)]

mod cursor;
mod framed;
mod in_use;
mod words;

#[cfg(verus_only)]
use crate::bytes::*;
use crate::ring::*;
use crate::trusted::{guarded::*, region::*};
use vstd::prelude::*;
use words::*;

pub use cursor::Cursor;
#[cfg(verus_only)]
pub use in_use::written;
pub use in_use::InUse;

verus! {

impl Ring {
    /// Writes `bytes` at `position`, behind what is in use, of which `room` bytes are free. It may write over what is
    /// free behind them. The cursor is changed in place: a copy would be loaded wider than it was just stored, which
    /// processors wait for.
    #[inline(always)]
    pub fn append<R: Region, P: CrashPermission>(
        self,
        region: &mut Guarded<R, P>,
        cursor: &mut Cursor,
        position: u64,
        room: u64,
        bytes: &[u8],
        Ghost(in_use): Ghost<InUse>,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            self.fits(old(region)@.volatile.len() as int),
            old(cursor).right(self, old(region)@.volatile),
            in_use.fits(self),
            in_use.position == position,
            room == in_use.head + self.capacity - position,
            bytes@.len() <= room,
            position + bytes@.len() <= u64::MAX,
            in_use.permitted(self, old(region)@, *permission),
        ensures
            final(region).inv(),
            written(in_use, self, old(region)@, final(region)@, r is Ok),
            r is Ok ==> {
                &&& final(cursor).right(self, final(region)@.volatile)
                &&& self.bytes(final(region)@.volatile, position as int, position + bytes@.len())
                    == bytes@
            },
    {
        let round = self.round_at(position, cursor);
        proof {
            vstd::arithmetic::div_mod::lemma_mod_bound(position as int, self.capacity as int);
        }
        let len = bytes.len() as u64;
        let offset = position - round;
        if (self.start + offset) % 8 == 0 && len % 8 == 0 {
            let r = self.append_plain(
                region,
                position,
                round,
                bytes,
                Ghost(in_use),
                Tracked(permission),
            );
            *cursor = Cursor::at(round, position + len, Ghost(self));
            return r;
        }
        self.append_in_part(
            region,
            cursor,
            position,
            round,
            room,
            bytes,
            Ghost(in_use),
            Tracked(permission),
        )
    }

    /// Whether the device is mapped into memory there: others are called for each write, and store no words.
    #[inline(always)]
    pub fn is_mapped<R: Region, P: CrashPermission>(self, region: &Guarded<R, P>) -> bool
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
    {
        region.get().borrow(self.start, 0).is_some()
    }

    /// Where the round begins that `position` is in: most often that of the last append.
    #[inline(always)]
    fn round_at(self, position: u64, cursor: &Cursor) -> (r: u64)
        requires
            0 < self.capacity,
            cursor.round as int % self.capacity as int == 0,
        ensures
            r == self.round(position as int),
            r as int % self.capacity as int == 0,
    {
        if self.in_round(position, cursor.round) {
            cursor.round
        } else {
            self.round_of(position)
        }
    }

    /// [`Ring::append`] of bytes that begin or end within a word. Apart, so that the other way is short.
    #[inline(never)]
    fn append_in_part<R: Region, P: CrashPermission>(
        self,
        region: &mut Guarded<R, P>,
        cursor: &mut Cursor,
        position: u64,
        round: u64,
        room: u64,
        bytes: &[u8],
        Ghost(in_use): Ghost<InUse>,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            self.fits(old(region)@.volatile.len() as int),
            old(cursor).right(self, old(region)@.volatile),
            round == self.round(position as int),
            round as int % self.capacity as int == 0,
            in_use.fits(self),
            in_use.position == position,
            room == in_use.head + self.capacity - position,
            bytes@.len() <= room,
            position + bytes@.len() <= u64::MAX,
            in_use.permitted(self, old(region)@, *permission),
        ensures
            final(region).inv(),
            written(in_use, self, old(region)@, final(region)@, r is Ok),
            r is Ok ==> {
                &&& final(cursor).right(self, final(region)@.volatile)
                &&& self.bytes(final(region)@.volatile, position as int, position + bytes@.len())
                    == bytes@
            },
    {
        let len = bytes.len() as u64;
        let words = self.words(
            *cursor,
            position,
            round,
            room,
            len,
            Ghost(in_use),
            Ghost(region@.volatile),
        );
        if let Some(words) = words {
            if self.is_mapped(region) {
                let (r, word) = words.write(
                    region,
                    bytes,
                    Ghost(self),
                    Ghost(in_use),
                    Tracked(permission),
                );
                let left = (words.before + len % 8) % 8;
                *cursor = Cursor { round, position: position + len, len: left, word };
                proof {
                    lemma_words_len(words.before as int, len as int);
                    if r is Ok {
                        cursor.lemma_behind(self, region@.volatile, position as int, bytes@);
                    }
                }
                return r;
            }
        }
        let r = self.append_plain(
            region,
            position,
            round,
            bytes,
            Ghost(in_use),
            Tracked(permission),
        );
        if r.is_ok() {
            *cursor = Cursor::behind(self, round, position, bytes, Ghost(region@.volatile));
        }
        r
    }

    /// The words that `len` bytes at `position` are in, if what is before them is known and nothing behind them is in use.
    #[inline(always)]
    fn words(
        self,
        cursor: Cursor,
        position: u64,
        round: u64,
        room: u64,
        len: u64,
        Ghost(in_use): Ghost<InUse>,
        Ghost(image): Ghost<Seq<u8>>,
    ) -> (r: Option<Words>)
        requires
            self.fits(image.len() as int),
            cursor.right(self, image),
            round == self.round(position as int),
            in_use.fits(self),
            in_use.position == position,
            room == in_use.head + self.capacity - position,
            len <= room,
        ensures
            r matches Some(words) ==> words.right(
                self,
                in_use,
                image,
                words_len(words.before as int, len as int),
            ) && 0 < words.before + len,
    {
        proof {
            vstd::arithmetic::div_mod::lemma_mod_bound(position as int, self.capacity as int);
            lemma_u64_le_zero();
        }
        let offset = position - round;
        let addr = self.start + offset;
        let before = addr % 8;
        let behind = (8 - (before + len % 8) % 8) % 8;
        let space = self.capacity - offset;
        proof {
            lemma_words_len(before as int, len as int);
        }
        if before + len % 8 == 0 || behind > room - len || len > space || behind > space - len {
            return None;
        }
        if before == 0 {
            Some(Words { addr, before, low: 0 })
        } else if cursor.position == position && cursor.len == before {
            Some(Words { addr, before, low: cursor.word })
        } else {
            None
        }
    }

    /// [`Ring::append`] without regard to words.
    #[inline(always)]
    fn append_plain<R: Region, P: CrashPermission>(
        self,
        region: &mut Guarded<R, P>,
        position: u64,
        round: u64,
        bytes: &[u8],
        Ghost(in_use): Ghost<InUse>,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            self.fits(old(region)@.volatile.len() as int),
            round == self.round(position as int),
            in_use.fits(self),
            in_use.position == position,
            position + bytes@.len() <= in_use.head + self.capacity,
            in_use.permitted(self, old(region)@, *permission),
        ensures
            final(region).inv(),
            written(in_use, self, old(region)@, final(region)@, r is Ok),
            r is Ok ==> self.bytes(
                final(region)@.volatile,
                position as int,
                position + bytes@.len(),
            ) == bytes@,
    {
        let ghost before = region@;
        let ghost to = position + bytes@.len();
        proof {
            region.lemma_inv();
            assert forall|image: Seq<u8>|
                self.same_elsewhere(
                    image,
                    before.durable,
                    position as int,
                    to,
                ) implies #[trigger] permission.permits(image) by {
                in_use.lemma_elsewhere(self, image, before.durable, to);
            }
        }
        let r = self.write(region, position, round, bytes, Tracked(permission));
        proof {
            region.lemma_inv();
            in_use.lemma_elsewhere(self, region@.durable, before.durable, to);
            in_use.lemma_elsewhere(self, region@.volatile, before.volatile, to);
        }
        r
    }
}

} // verus!
