//! Reading a ring's bytes for proofs that say what was read.
use crate::ring::*;
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{damage::*, readings::*};
use vstd::prelude::*;

verus! {

impl Ring {
    /// Whether the last readings, those behind `before`, make these bytes of the positions from `from` on in any image of
    /// `len` bytes, and leave the others alone.
    pub open spec fn in_readings(
        self,
        len: int,
        before: Seq<Reading>,
        after: Seq<Reading>,
        from: int,
        bytes: Seq<u8>,
    ) -> bool {
        let to = from + bytes.len();
        forall|image: Seq<u8>|
            image.len() == len ==> self.bytes(#[trigger] as_read(image, after), from, to) == bytes
                && self.same_elsewhere(as_read(image, after), as_read(image, before), from, to)
    }

    /// Where the medium is undamaged, what is read back is what was written.
    pub proof fn lemma_undamaged_back(self, view: RegionView, from: int, read: Seq<u8>)
        requires
            0 < self.capacity,
            read.len() <= self.capacity,
            self.read_back(view, from, read),
            !self.damaged_at(view.medium, from, from + read.len()),
        ensures
            read == self.bytes(view.volatile, from, from + read.len()),
    {
        let to = from + read.len();
        assert forall|i: int| 0 <= i < read.len() implies read[i] == view.volatile[self.addr(
            from + i,
        )] by {
            lemma_covered(self, from, to, from + i);
            let a = self.addr(from + i);
            assert forall|k: int| 0 <= k < 8 implies #[trigger] bit(read, 8 * i + k) == bit(
                view.volatile,
                8 * a + k,
            ) by {
                assert((8 * i + k) / 8 == i);
                assert(self.bit_addr(from, 8 * i + k) == 8 * a + k);
                assert((8 * a + k) / 8 == a);
                assert(!view.medium.damaged.contains(8 * a + k));
            }
            lemma_same_byte(read, i, view.volatile, a);
        }
        assert(read =~= self.bytes(view.volatile, from, to));
    }

    /// What two readings make of an image, of the bytes before the ring's end and of those from its start on.
    proof fn lemma_pieces_in_readings(
        self,
        len: int,
        before: Seq<Reading>,
        from: int,
        head: Seq<u8>,
        tail: Seq<u8>,
    )
        requires
            self.fits(len),
            head.len() + tail.len() <= self.capacity,
            self.addr(from) + head.len() <= self.start + self.capacity,
            tail.len() > 0 ==> self.addr(from + head.len()) == self.start,
        ensures
            self.in_readings(
                len,
                before,
                before.push(Reading { addr: self.addr(from), bytes: head }).push(
                    Reading { addr: self.start as int, bytes: tail },
                ),
                from,
                head + tail,
            ),
            tail.len() == 0 ==> self.in_readings(
                len,
                before,
                before.push(Reading { addr: self.addr(from), bytes: head }),
                from,
                head,
            ),
    {
        let (n, to) = (head.len() as int, from + head.len() + tail.len());
        let first = Reading { addr: self.addr(from), bytes: head };
        let second = Reading { addr: self.start as int, bytes: tail };
        let between = before.push(first);
        let after = between.push(second);
        vstd::arithmetic::div_mod::lemma_mod_bound(from, self.capacity as int);
        lemma_run_covered(self, from, 0, n, to);
        if tail.len() > 0 {
            lemma_run_covered(self, from, n, tail.len() as int, to);
        }
        assert forall|image: Seq<u8>| image.len() == len implies self.bytes(
            #[trigger] as_read(image, after),
            from,
            to,
        ) == head + tail && self.same_elsewhere(
            as_read(image, after),
            as_read(image, before),
            from,
            to,
        ) by {
            lemma_as_read_push(image, before, first);
            lemma_as_read_push(image, between, second);
            self.lemma_pieces_there(
                as_read(image, after),
                as_read(image, between),
                from,
                head,
                tail,
            );
        }
        if tail.len() == 0 {
            assert forall|image: Seq<u8>| image.len() == len implies self.bytes(
                #[trigger] as_read(image, between),
                from,
                to,
            ) == head && self.same_elsewhere(
                as_read(image, between),
                as_read(image, before),
                from,
                to,
            ) by {
                lemma_as_read_push(image, before, first);
                assert(self.in_readings(len, before, after, from, head + tail));
                lemma_as_read_push(image, between, second);
                assert(as_read(image, after) =~= as_read(image, between));
                assert(head + tail =~= head);
                assert(self.bytes(as_read(image, after), from, to) == head + tail);
            }
        }
    }

    /// Pieces that were put in their places are the bytes there.
    proof fn lemma_pieces_there(
        self,
        image: Seq<u8>,
        between: Seq<u8>,
        from: int,
        head: Seq<u8>,
        tail: Seq<u8>,
    )
        requires
            self.fits(image.len() as int),
            head.len() + tail.len() <= self.capacity,
            self.addr(from) + head.len() <= self.start + self.capacity,
            tail.len() > 0 ==> self.addr(from + head.len()) == self.start,
            between.len() == image.len(),
            image == update_bytes(between, self.start as int, tail),
            forall|i: int|
                0 <= i < head.len() ==> #[trigger] between[self.addr(from) + i] == head[i],
        ensures
            self.bytes(image, from, from + head.len() + tail.len()) == head + tail,
    {
        let (n, to) = (head.len() as int, from + head.len() + tail.len());
        vstd::arithmetic::div_mod::lemma_mod_bound(from, self.capacity as int);
        lemma_run_covered(self, from, 0, n, to);
        if tail.len() > 0 {
            lemma_run_covered(self, from, n, tail.len() as int, to);
        }
        assert forall|i: int| 0 <= i < n + tail.len() implies image[#[trigger] self.addr(from + i)]
            == (head + tail)[i] by {
            if i < n {
                assert(self.addr(from + 0 + i) == self.addr(from) + i);
                assert(between[self.addr(from) + i] == head[i]);
                if tail.len() > 0 {
                    self.lemma_apart(from, i, n, tail.len() as int);
                }
            } else {
                assert(self.addr(from + n + (i - n)) == self.start + (i - n));
            }
        }
        assert(self.bytes(image, from, to) =~= head + tail);
    }

    /// The bytes before the ring's end are not among those from its start on.
    proof fn lemma_apart(self, from: int, i: int, n: int, rest: int)
        requires
            0 < self.capacity,
            0 <= i < n,
            0 < rest,
            n + rest <= self.capacity,
            self.addr(from) + n <= self.start + self.capacity,
            self.addr(from + n) == self.start,
        ensures
            self.addr(from) + i >= self.start + rest,
    {
        lemma_addr_of_sum(self, from, n);
    }

    /// Reads `buf.len()` bytes at `position`, and adds them to the readings.
    pub fn read_noted<R: Region, P: CrashPermission>(
        self,
        region: &Guarded<R, P>,
        position: u64,
        buf: &mut [u8],
        readings: &mut Readings,
    ) -> (r: Result<(), IoError>)
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
            old(buf)@.len() <= self.capacity,
        ensures
            final(buf)@.len() == old(buf)@.len(),
            r is Ok ==> {
                &&& self.read_back(region@, position as int, final(buf)@)
                &&& self.in_readings(
                    region@.volatile.len() as int,
                    old(readings)@,
                    final(readings)@,
                    position as int,
                    final(buf)@,
                )
            },
            r is Err ==> self.damaged_at(
                region@.medium,
                position as int,
                position + old(buf)@.len(),
            ),
    {
        let (addr, first) = self.split(position, self.round_of(position), buf.len());
        let ghost (len, to) = (region@.volatile.len() as int, position + buf@.len());
        let ghost before = readings@;
        proof {
            region.lemma_inv();
            lemma_run_covered(self, position as int, 0, first as int, to);
        }
        if first == buf.len() {
            let r = region.read(addr, buf, readings);
            proof {
                if r is Ok {
                    let none = Seq::<u8>::empty();
                    lemma_pieces_read(self, region@, position as int, buf@, none);
                    self.lemma_pieces_in_readings(len, before, position as int, buf@, none);
                    assert(buf@ + none =~= buf@);
                }
            }
            return r;
        }
        let (head, tail) = buf.split_at_mut(first);
        proof {
            lemma_run_covered(self, position as int, first as int, tail@.len() as int, to);
        }
        region.read(addr, head, readings)?;
        let r = region.read(self.start, tail, readings);
        proof {
            if r is Ok {
                lemma_pieces_read(self, region@, position as int, head@, tail@);
                self.lemma_pieces_in_readings(len, before, position as int, head@, tail@);
                assert(buf@ =~= head@ + tail@);
            }
        }
        r
    }
}

} // verus!
