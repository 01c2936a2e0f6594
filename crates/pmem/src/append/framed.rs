//! Appending three slices at once, as a record's header, payload and CRC are.
#[cfg(verus_only)]
use super::words::{are_at, is_before};
use super::{cursor::*, in_use::*, words::write_over};
#[cfg(verus_only)]
use crate::{bytes::*, image::*};
use crate::{ring::*, trusted::guarded::*, trusted::region::*};
use vstd::prelude::*;

verus! {

impl Ring {
    /// Writes three slices at `position`, one behind the other, as [`Ring::append`] writes one. None, and nothing is
    /// written, if they are not whole words, or one is empty, or they reach the ring's end.
    #[inline(always)]
    pub fn append_framed<R: Region, P: CrashPermission>(
        self,
        region: &mut Guarded<R, P>,
        cursor: &mut Cursor,
        position: u64,
        header: &[u8],
        bytes: &[u8],
        trailer: &[u8],
        Ghost(in_use): Ghost<InUse>,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Option<Result<(), IoError>>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            self.fits(old(region)@.volatile.len() as int),
            old(cursor).right(self, old(region)@.volatile),
            in_use.fits(self),
            in_use.position == position,
            position + (header@ + bytes@ + trailer@).len() <= in_use.head + self.capacity,
            position + (header@ + bytes@ + trailer@).len() <= u64::MAX,
            in_use.permitted(self, old(region)@, *permission),
        ensures
            final(region).inv(),
            match r {
                None => final(region)@ == old(region)@ && *final(cursor) == *old(cursor),
                Some(r) => {
                    &&& written(in_use, self, old(region)@, final(region)@, r is Ok)
                    &&& r is Ok ==> {
                        &&& final(cursor).right(self, final(region)@.volatile)
                        &&& self.bytes(
                            final(region)@.volatile,
                            position as int,
                            position + (header@ + bytes@ + trailer@).len(),
                        ) == header@ + bytes@ + trailer@
                    }
                },
            },
    {
        let round = self.round_at(position, cursor);
        let (x, y, z) = (header.len() as u64, bytes.len() as u64, trailer.len() as u64);
        let offset = position - round;
        let addr = self.start + offset;
        let whole = (addr | x | y | z) % 8 == 0 && x > 0 && y > 0 && z > 0;
        if !whole || x + y + z >= self.capacity - offset {
            return None;
        }
        let ghost all = header@ + bytes@ + trailer@;
        let ghost v0 = region@;
        proof {
            in_use.lemma_free(self, addr as int, all.len() as int);
        }
        let r = write_over(region, addr, header, Ghost(self), Ghost(in_use), Tracked(permission));
        if r.is_err() {
            return Some(r);
        }
        let ghost v1 = region@;
        let r = write_over(
            region,
            addr + x,
            bytes,
            Ghost(self),
            Ghost(in_use),
            Tracked(permission),
        );
        proof {
            lemma_written_both(in_use, self, v0, v1, region@, r is Ok);
        }
        if r.is_err() {
            return Some(r);
        }
        let ghost v2 = region@;
        let r = write_over(
            region,
            addr + x + y,
            trailer,
            Ghost(self),
            Ghost(in_use),
            Tracked(permission),
        );
        *cursor = Cursor::at(round, position + x + y + z, Ghost(self));
        proof {
            lemma_written_both(in_use, self, v0, v2, region@, r is Ok);
            if r is Ok {
                lemma_u64_le_zero();
                cursor.lemma_behind(self, region@.volatile, position as int, all);
            }
        }
        Some(r)
    }
}

} // verus!
