//! Where the positions of a log lie: position p is at `start + p % capacity`.
//!
//! Positions only grow, so a range of them may wrap around the ring's end; reads and writes split it there. The lemmas
//! say which addresses a range of positions covers. The one that matters most is `lemma_elsewhere`: as long as no two
//! positions in use are `capacity` or more apart, writing some leaves the others alone.
//!
//! [`Ring`] itself is in `trusted`, because contracts are made of it.
#[cfg(verus_only)]
use crate::image::*;
pub use crate::trusted::ring::Ring;
use crate::trusted::{guarded::*, region::*};
use vstd::prelude::*;

verus! {

impl Ring {
    /// Whether the ring lies in an address space of `len` bytes.
    pub open spec fn fits(self, len: int) -> bool {
        &&& 0 < self.capacity
        &&& self.start + self.capacity <= len
        &&& len <= u64::MAX
    }

    /// Where the round of the ring begins that `position` is in.
    pub open spec fn round(self, position: int) -> int {
        position - position % (self.capacity as int)
    }

    /// The bytes at positions `from..to`.
    pub open spec fn bytes(self, image: Seq<u8>, from: int, to: int) -> Seq<u8> {
        Seq::new((to - from) as nat, |i: int| image[self.addr(from + i)])
    }

    /// Whether `s` and `t` agree on all addresses but those of positions `from..to`.
    pub open spec fn same_elsewhere(self, s: Seq<u8>, t: Seq<u8>, from: int, to: int) -> bool {
        &&& s.len() == t.len()
        &&& forall|a: int| 0 <= a < s.len() && !self.covers(from, to, a) ==> #[trigger] s[a] == t[a]
    }

    /// Whether what was read at `from` is what was written there, but for damaged bits.
    pub open spec fn read_back(self, view: RegionView, from: int, read: Seq<u8>) -> bool {
        forall|i: int|
            0 <= i < 8 * read.len() && !view.medium.damaged.contains(self.bit_addr(from, i))
                ==> #[trigger] bit(read, i) == bit(view.volatile, self.bit_addr(from, i))
    }
}

/// Positions that do not reach the ring's end lie one behind the other; behind its end they start anew.
pub proof fn lemma_addr_of_sum(ring: Ring, position: int, i: int)
    requires
        0 < ring.capacity,
        0 <= i <= ring.capacity,
    ensures
        0 <= position % (ring.capacity as int) < ring.capacity,
        ring.addr(position + i) == if position % (ring.capacity as int) + i < ring.capacity {
            ring.addr(position) + i
        } else {
            ring.addr(position) + i - ring.capacity
        },
{
    let c = ring.capacity as int;
    let o = position % c;
    vstd::arithmetic::div_mod::lemma_add_mod_noop(position, i, c);
    vstd::arithmetic::div_mod::lemma_mod_bound(position, c);
    assert((position + i) % c == (o + i % c) % c);
    if i == c {
        vstd::arithmetic::div_mod::lemma_mod_self_0(c);
        vstd::arithmetic::div_mod::lemma_small_mod(o as nat, c as nat);
    } else {
        vstd::arithmetic::div_mod::lemma_small_mod(i as nat, c as nat);
        if o + i < c {
            vstd::arithmetic::div_mod::lemma_small_mod((o + i) as nat, c as nat);
        } else {
            vstd::arithmetic::div_mod::lemma_small_mod((o + i - c) as nat, c as nat);
            vstd::arithmetic::div_mod::lemma_mod_add_multiples_vanish(o + i - c, c);
        }
    }
}

/// How far the address of `p` is from that of `from`, going round.
proof fn lemma_distance(ring: Ring, from: int, p: int)
    requires
        0 < ring.capacity,
        -ring.capacity <= p - from < ring.capacity,
    ensures
        ring.start <= ring.addr(p) < ring.start + ring.capacity,
        (ring.addr(p) - ring.start - from) % (ring.capacity as int) == if p >= from {
            p - from
        } else {
            p - from + ring.capacity
        },
{
    let c = ring.capacity as int;
    vstd::arithmetic::div_mod::lemma_mod_bound(p, c);
    vstd::arithmetic::div_mod::lemma_sub_mod_noop(p, from, c);
    vstd::arithmetic::div_mod::lemma_sub_mod_noop(p % c, from, c);
    vstd::arithmetic::div_mod::lemma_mod_twice(p, c);
    assert((p % c - from) % c == (p - from) % c);
    if p >= from {
        vstd::arithmetic::div_mod::lemma_small_mod((p - from) as nat, c as nat);
    } else {
        vstd::arithmetic::div_mod::lemma_mod_add_multiples_vanish(p - from, c);
        vstd::arithmetic::div_mod::lemma_small_mod((p - from + c) as nat, c as nat);
    }
}

/// A position of a range is covered by it.
pub proof fn lemma_covered(ring: Ring, from: int, to: int, p: int)
    requires
        0 < ring.capacity,
        from <= p < to <= from + ring.capacity,
    ensures
        ring.covers(from, to, ring.addr(p)),
        ring.start <= ring.addr(p) < ring.start + ring.capacity,
{
    lemma_distance(ring, from, p);
}

/// A position outside a range, but less than a capacity away from all of it, is not covered by it.
pub proof fn lemma_not_covered(ring: Ring, from: int, to: int, p: int)
    requires
        0 < ring.capacity,
        from <= to <= from + ring.capacity,
        to - ring.capacity <= p < from || to <= p < from + ring.capacity,
    ensures
        !ring.covers(from, to, ring.addr(p)),
        ring.start <= ring.addr(p) < ring.start + ring.capacity,
{
    lemma_distance(ring, from, p);
}

/// Writing positions `from..to` leaves the bytes at `lo..hi` alone.
pub proof fn lemma_elsewhere(
    ring: Ring,
    s: Seq<u8>,
    t: Seq<u8>,
    from: int,
    to: int,
    lo: int,
    hi: int,
)
    requires
        ring.fits(s.len() as int),
        ring.same_elsewhere(s, t, from, to),
        from <= to <= from + ring.capacity,
        lo <= hi,
        to - ring.capacity <= lo && hi <= from || to <= lo && hi <= from + ring.capacity,
    ensures
        ring.bytes(s, lo, hi) == ring.bytes(t, lo, hi),
{
    assert forall|i: int| 0 <= i < hi - lo implies s[#[trigger] ring.addr(lo + i)] == t[ring.addr(
        lo + i,
    )] by {
        lemma_not_covered(ring, from, to, lo + i);
    }
    assert(ring.bytes(s, lo, hi) =~= ring.bytes(t, lo, hi));
}

/// Images that agree on a ring's addresses agree on its bytes.
pub proof fn lemma_same_ring(ring: Ring, s: Seq<u8>, t: Seq<u8>, lo: int, hi: int)
    requires
        0 < ring.capacity,
        forall|a: int| ring.start <= a < ring.start + ring.capacity ==> #[trigger] s[a] == t[a],
    ensures
        ring.bytes(s, lo, hi) == ring.bytes(t, lo, hi),
{
    assert forall|i: int| 0 <= i < hi - lo implies s[#[trigger] ring.addr(lo + i)] == t[ring.addr(
        lo + i,
    )] by {
        vstd::arithmetic::div_mod::lemma_mod_bound(lo + i, ring.capacity as int);
    }
    assert(ring.bytes(s, lo, hi) =~= ring.bytes(t, lo, hi));
}

/// Bytes that lie one behind the other, in one range.
pub proof fn lemma_bytes_sum(ring: Ring, image: Seq<u8>, lo: int, mid: int, hi: int)
    requires
        lo <= mid <= hi,
    ensures
        ring.bytes(image, lo, hi) == ring.bytes(image, lo, mid) + ring.bytes(image, mid, hi),
        ring.bytes(image, lo, hi).take(mid - lo) == ring.bytes(image, lo, mid),
        ring.bytes(image, lo, hi).skip(mid - lo) == ring.bytes(image, mid, hi),
{
    assert forall|i: int| 0 <= i < hi - mid implies ring.addr(mid + i) == #[trigger] ring.addr(
        lo + (mid - lo + i),
    ) by {}
    assert(ring.bytes(image, lo, hi) =~= ring.bytes(image, lo, mid) + ring.bytes(image, mid, hi));
    assert(ring.bytes(image, lo, hi).take(mid - lo) =~= ring.bytes(image, lo, mid));
    assert(ring.bytes(image, lo, hi).skip(mid - lo) =~= ring.bytes(image, mid, hi));
}

/// The `len` addresses from that of `position + skip` on, if the ring's end is not among them, are covered.
pub(crate) proof fn lemma_run_covered(ring: Ring, position: int, skip: int, len: int, to: int)
    requires
        0 < ring.capacity,
        0 <= skip,
        0 <= len,
        position + skip + len <= to <= position + ring.capacity,
        ring.addr(position + skip) + len <= ring.start + ring.capacity,
    ensures
        forall|i: int|
            0 <= i < len ==> #[trigger] ring.addr(position + skip + i) == ring.addr(position + skip)
                + i,
        forall|a: int|
            ring.addr(position + skip) <= a < ring.addr(position + skip) + len
                ==> #[trigger] ring.covers(position, to, a),
{
    assert forall|i: int| 0 <= i < len implies #[trigger] ring.addr(position + skip + i)
        == ring.addr(position + skip) + i by {
        lemma_addr_of_sum(ring, position + skip, i);
    }
    assert forall|a: int|
        ring.addr(position + skip) <= a < ring.addr(position + skip)
            + len implies #[trigger] ring.covers(position, to, a) by {
        let i = a - ring.addr(position + skip);
        assert(ring.addr(position + skip + i) == a);
        lemma_covered(ring, position, to, position + skip + i);
    }
}

/// Pieces that were read, up to the ring's end and from its start on, are what was written at a position.
pub(crate) proof fn lemma_pieces_read(
    ring: Ring,
    view: RegionView,
    position: int,
    head: Seq<u8>,
    tail: Seq<u8>,
)
    requires
        0 < ring.capacity,
        head.len() + tail.len() <= ring.capacity,
        ring.addr(position) + head.len() <= ring.start + ring.capacity,
        tail.len() > 0 ==> ring.addr(position + head.len()) == ring.start,
        read_as(view.medium, view.volatile, ring.addr(position), head),
        read_as(view.medium, view.volatile, ring.start as int, tail),
    ensures
        ring.read_back(view, position, head + tail),
{
    let (read, n, to) = (head + tail, head.len() as int, position + head.len() + tail.len());
    lemma_run_covered(ring, position, 0, n, to);
    if tail.len() > 0 {
        lemma_run_covered(ring, position, n, tail.len() as int, to);
    }
    assert forall|i: int|
        0 <= i < 8 * read.len() && !view.medium.damaged.contains(
            ring.bit_addr(position, i),
        ) implies #[trigger] bit(read, i) == bit(view.volatile, ring.bit_addr(position, i)) by {
        let k = i / 8;
        if k < n {
            assert(ring.addr(position + 0 + k) == ring.addr(position) + k);
            assert(bit(read, i) == bit(head, i));
        } else {
            assert(ring.addr(position + n + (k - n)) == ring.start + (k - n));
            assert(bit(read, i) == bit(tail, i - 8 * n));
        }
    }
}

impl Ring {
    /// Where the round begins that `position` is in. It takes a division, which lasts as long as dozens of other instructions.
    pub fn round_of(self, position: u64) -> (r: u64)
        requires
            0 < self.capacity,
        ensures
            r == self.round(position as int),
            r as int % self.capacity as int == 0,
    {
        proof {
            let (p, c) = (position as int, self.capacity as int);
            vstd::arithmetic::div_mod::lemma_mod_decreases(position as nat, self.capacity as nat);
            vstd::arithmetic::div_mod::lemma_fundamental_div_mod(p, c);
            vstd::arithmetic::div_mod::lemma_mod_multiples_basic(p / c, c);
            vstd::arithmetic::mul::lemma_mul_is_commutative(p / c, c);
        }
        position - position % self.capacity
    }

    /// Whether `position` is in the round that begins at `round`.
    #[inline(always)]
    pub fn in_round(self, position: u64, round: u64) -> (r: bool)
        requires
            0 < self.capacity,
            round as int % self.capacity as int == 0,
        ensures
            r ==> round == self.round(position as int),
    {
        let r = round <= position && position - round < self.capacity;
        proof {
            if r {
                lemma_addr_of_sum(self, round as int, position - round);
            }
        }
        r
    }

    /// How many of `len` bytes at `position` come before the ring's end, and the address of the first.
    #[inline(always)]
    pub(crate) fn split(self, position: u64, round: u64, len: usize) -> (r: (u64, usize))
        requires
            self.fits(u64::MAX as int),
            round == self.round(position as int),
            len <= self.capacity,
        ensures
            r.0 == self.addr(position as int),
            r.1 <= len,
            r.0 + r.1 <= self.start + self.capacity,
            r.1 < len ==> r.0 + r.1 == self.start + self.capacity && self.addr(position + r.1)
                == self.start,
    {
        proof {
            vstd::arithmetic::div_mod::lemma_mod_bound(position as int, self.capacity as int);
        }
        let offset = position - round;
        let room = self.capacity - offset;
        proof {
            lemma_addr_of_sum(self, position as int, room as int);
        }
        if len as u64 <= room {
            (self.start + offset, len)
        } else {
            (self.start + offset, room as usize)
        }
    }

    /// Writes `bytes` at `position`, which is in the round that begins at `round`.
    #[inline(always)]
    pub fn write<R: Region, P: CrashPermission>(
        self,
        region: &mut Guarded<R, P>,
        position: u64,
        round: u64,
        bytes: &[u8],
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            self.fits(old(region)@.volatile.len() as int),
            round == self.round(position as int),
            bytes@.len() <= self.capacity,
            forall|image: Seq<u8>|
                self.same_elsewhere(
                    image,
                    old(region)@.durable,
                    position as int,
                    position + bytes@.len(),
                ) ==> #[trigger] permission.permits(image),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            self.same_elsewhere(
                final(region)@.durable,
                old(region)@.durable,
                position as int,
                position + bytes@.len(),
            ),
            self.same_elsewhere(
                final(region)@.volatile,
                old(region)@.volatile,
                position as int,
                position + bytes@.len(),
            ),
            r is Ok ==> self.bytes(
                final(region)@.volatile,
                position as int,
                position + bytes@.len(),
            ) == bytes@,
    {
        let (addr, first) = self.split(position, round, bytes.len());
        let ghost to = position + bytes@.len();
        let ghost before = region@;
        let head = vstd::slice::slice_subrange(bytes, 0, first);
        proof {
            region.lemma_inv();
            lemma_run_covered(self, position as int, 0, first as int, to);
            assert forall|image: Seq<u8>|
                torn(
                    image,
                    before.durable,
                    addr as int,
                    head@,
                ) implies #[trigger] permission.permits(image) by {
                lemma_torn_same_outside(image, before.durable, addr as int, head@);
                assert(self.same_elsewhere(image, before.durable, position as int, to));
            }
        }
        let r = region.write(addr, head, Tracked(permission));
        proof {
            lemma_torn_same_outside(region@.durable, before.durable, addr as int, head@);
            if r is Err {
                lemma_torn_same_outside(region@.volatile, before.volatile, addr as int, head@);
            }
        }
        if r.is_err() || first == bytes.len() {
            proof {
                if r is Ok {
                    assert(self.bytes(region@.volatile, position as int, to) =~= bytes@);
                }
            }
            return r;
        }
        let ghost between = region@;
        let tail = vstd::slice::slice_subrange(bytes, first, bytes.len());
        proof {
            region.lemma_inv();
            lemma_run_covered(self, position as int, first as int, tail@.len() as int, to);
            assert forall|image: Seq<u8>|
                torn(
                    image,
                    between.durable,
                    self.start as int,
                    tail@,
                ) implies #[trigger] permission.permits(image) by {
                lemma_torn_same_outside(image, between.durable, self.start as int, tail@);
                assert(self.same_elsewhere(image, before.durable, position as int, to));
            }
        }
        let r = region.write(self.start, tail, Tracked(permission));
        proof {
            lemma_torn_same_outside(region@.durable, between.durable, self.start as int, tail@);
            if r is Err {
                lemma_torn_same_outside(
                    region@.volatile,
                    between.volatile,
                    self.start as int,
                    tail@,
                );
            } else {
                assert forall|i: int| 0 <= i < bytes@.len() implies #[trigger] self.bytes(
                    region@.volatile,
                    position as int,
                    to,
                )[i] == bytes@[i] by {
                    if i < first {
                        assert(self.addr(position + 0 + i) == addr + i);
                    } else {
                        assert(self.addr(position + first + (i - first)) == self.start + (i
                            - first));
                    }
                }
                assert(self.bytes(region@.volatile, position as int, to) =~= bytes@);
            }
        }
        r
    }

    /// Reads `buf.len()` bytes at `position`.
    pub fn read<R: Region, P: CrashPermission>(
        self,
        region: &Guarded<R, P>,
        position: u64,
        buf: &mut [u8],
    ) -> (r: Result<(), IoError>)
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
            old(buf)@.len() <= self.capacity,
        ensures
            final(buf)@.len() == old(buf)@.len(),
            r is Ok ==> self.read_back(region@, position as int, final(buf)@),
            r is Err ==> self.damaged_at(
                region@.medium,
                position as int,
                position + old(buf)@.len(),
            ),
    {
        let (addr, first) = self.split(position, self.round_of(position), buf.len());
        let ghost to = position + buf@.len();
        proof {
            region.lemma_inv();
            lemma_run_covered(self, position as int, 0, first as int, to);
        }
        if first == buf.len() {
            let r = region.get().read(addr, buf);
            proof {
                if r is Ok {
                    lemma_pieces_read(self, region@, position as int, buf@, Seq::empty());
                    assert(buf@ + Seq::<u8>::empty() =~= buf@);
                }
            }
            return r;
        }
        let (head, tail) = buf.split_at_mut(first);
        proof {
            lemma_run_covered(self, position as int, first as int, tail@.len() as int, to);
        }
        region.get().read(addr, head)?;
        let r = region.get().read(self.start, tail);
        proof {
            if r is Ok {
                lemma_pieces_read(self, region@, position as int, head@, tail@);
                assert(buf@ =~= head@ + tail@);
            }
        }
        r
    }

    /// The `len` bytes at `position` where they lie: those before the ring's end, and those from its start on.
    pub fn borrow<R: Region, P: CrashPermission>(
        self,
        region: &Guarded<R, P>,
        position: u64,
        len: usize,
    ) -> (r: Option<(&[u8], &[u8])>)
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
            len <= self.capacity,
        ensures
            r matches Some((head, tail)) ==> {
                &&& head@.len() + tail@.len() == len
                &&& self.read_back(region@, position as int, head@ + tail@)
            },
            r is None ==> !region@.medium.mapped,
    {
        let (addr, first) = self.split(position, self.round_of(position), len);
        proof {
            region.lemma_inv();
            lemma_run_covered(self, position as int, 0, first as int, position + len);
            lemma_run_covered(self, position as int, first as int, len - first, position + len);
        }
        let head = region.get().borrow(addr, first)?;
        let tail = region.get().borrow(self.start, len - first)?;
        proof {
            lemma_pieces_read(self, region@, position as int, head@, tail@);
        }
        Some((head, tail))
    }
}

} // verus!
