//! What of a ring is in use, and how to write over the rest.
#[cfg(verus_only)]
use crate::{
    image::*,
    ring::*,
    trusted::{guarded::*, region::*},
};
use vstd::prelude::*;

verus! {

/// What of a ring is in use: a crash must leave the positions `head..tail`, and those before `position` were written.
pub struct InUse {
    /// The first position that a crash must leave.
    pub head: int,
    /// The position behind the last of these.
    pub tail: int,
    /// Where the next bytes go.
    pub position: int,
}

impl InUse {
    /// Whether all of that has room in the ring.
    pub open spec fn fits(self, ring: Ring) -> bool {
        self.head <= self.tail <= self.position <= self.head + ring.capacity
    }

    /// Whether an address is that of a position that is not in use.
    pub open spec fn is_free(self, ring: Ring, a: int) -> bool {
        ring.covers(self.position, self.head + ring.capacity, a)
    }

    /// Whether two images hold the same in all that a crash must leave.
    pub open spec fn same(self, ring: Ring, s: Seq<u8>, t: Seq<u8>) -> bool {
        &&& s.len() == t.len()
        &&& ring.bytes(s, self.head, self.tail) == ring.bytes(t, self.head, self.tail)
        &&& forall|a: int|
            0 <= a < s.len() && !(ring.start <= a < ring.start + ring.capacity) ==> #[trigger] s[a]
                == t[a]
    }

    /// Whether a crash now would leave it.
    pub open spec fn is_durable(self, ring: Ring, view: RegionView) -> bool {
        ring.bytes(view.volatile, self.head, self.tail) == ring.bytes(
            view.durable,
            self.head,
            self.tail,
        )
    }

    /// Whether all images are permitted that leave it, and if it is not durable, all.
    pub open spec fn permitted<P: CrashPermission>(
        self,
        ring: Ring,
        view: RegionView,
        permission: P,
    ) -> bool {
        forall|image: Seq<u8>|
            (self.is_durable(ring, view) ==> self.same(ring, image, view.durable))
                ==> #[trigger] permission.permits(image)
    }

    /// What may be written: free addresses, and others with what they hold.
    pub open spec fn may_write(
        self,
        ring: Ring,
        image: Seq<u8>,
        addr: int,
        bytes: Seq<u8>,
    ) -> bool {
        &&& ring.start <= addr
        &&& addr + bytes.len() <= ring.start + ring.capacity
        &&& forall|i: int|
            0 <= i < bytes.len() ==> #[trigger] bytes[i] == image[addr + i] || self.is_free(
                ring,
                addr + i,
            )
    }

    /// What a write of that changes of the written image.
    pub proof fn lemma_volatile(
        self,
        ring: Ring,
        post: Seq<u8>,
        pre: Seq<u8>,
        addr: int,
        bytes: Seq<u8>,
    )
        requires
            ring.fits(pre.len() as int),
            self.fits(ring),
            self.may_write(ring, pre, addr, bytes),
            torn(post, pre, addr, bytes),
        ensures
            ring.same_elsewhere(post, pre, self.position, self.head + ring.capacity),
            ring.bytes(post, self.head, self.position) == ring.bytes(pre, self.head, self.position),
            ring.bytes(post, self.head, self.tail) == ring.bytes(pre, self.head, self.tail),
    {
        let end = self.head + ring.capacity;
        assert forall|a: int|
            0 <= a < post.len() && !ring.covers(self.position, end, a) implies #[trigger] post[a]
            == pre[a] by {
            lemma_torn_byte(post, pre, addr, bytes, a);
            if addr <= a < addr + bytes.len() {
                assert(bytes[a - addr] == pre[addr + (a - addr)]);
            }
        }
        lemma_elsewhere(ring, post, pre, self.position, end, self.head, self.position);
        lemma_elsewhere(ring, post, pre, self.position, end, self.head, self.tail);
    }

    /// What a crash during a write of that leaves.
    pub proof fn lemma_durable(
        self,
        ring: Ring,
        post: Seq<u8>,
        view: RegionView,
        addr: int,
        bytes: Seq<u8>,
    )
        requires
            ring.fits(view.durable.len() as int),
            self.fits(ring),
            self.may_write(ring, view.volatile, addr, bytes),
            self.is_durable(ring, view),
            torn(post, view.durable, addr, bytes),
        ensures
            self.same(ring, post, view.durable),
    {
        let (s, t) = (view.durable, view.volatile);
        assert forall|i: int| 0 <= i < self.tail - self.head implies post[#[trigger] ring.addr(
            self.head + i,
        )] == s[ring.addr(self.head + i)] by {
            let a = ring.addr(self.head + i);
            lemma_not_covered(ring, self.position, self.head + ring.capacity, self.head + i);
            assert(ring.bytes(s, self.head, self.tail)[i] == ring.bytes(
                t,
                self.head,
                self.tail,
            )[i]);
            lemma_torn_byte(post, s, addr, bytes, a);
            if addr <= a < addr + bytes.len() {
                assert(bytes[a - addr] == t[addr + (a - addr)]);
            }
        }
        assert(ring.bytes(post, self.head, self.tail) =~= ring.bytes(s, self.head, self.tail));
        lemma_torn_same_outside(post, s, addr, bytes);
    }

    /// A write of free positions leaves what is in use.
    pub proof fn lemma_elsewhere(self, ring: Ring, s: Seq<u8>, t: Seq<u8>, to: int)
        requires
            ring.fits(s.len() as int),
            self.fits(ring),
            self.position <= to <= self.head + ring.capacity,
            ring.same_elsewhere(s, t, self.position, to),
        ensures
            self.same(ring, s, t),
            ring.same_elsewhere(s, t, self.position, self.head + ring.capacity),
    {
        lemma_elsewhere(ring, s, t, self.position, to, self.head, self.tail);
        let end = self.head + ring.capacity;
        assert forall|a: int|
            0 <= a < s.len() && !ring.covers(self.position, end, a) implies #[trigger] s[a]
            == t[a] by {
            assert(!ring.covers(self.position, to, a));
        }
    }

    /// The addresses from that of `position` on are free, as far as there is room.
    pub proof fn lemma_free(self, ring: Ring, addr: int, len: int)
        requires
            0 < ring.capacity,
            self.fits(ring),
            0 <= len,
            addr == ring.addr(self.position),
            self.position + len <= self.head + ring.capacity,
            addr + len <= ring.start + ring.capacity,
        ensures
            forall|a: int| addr <= a < addr + len ==> #[trigger] self.is_free(ring, a),
            forall|i: int| 0 <= i < len ==> #[trigger] ring.addr(self.position + i) == addr + i,
    {
        lemma_run_covered(ring, self.position, 0, len, self.head + ring.capacity);
        assert forall|i: int| 0 <= i < len implies #[trigger] ring.addr(self.position + i) == addr
            + i by {
            assert(ring.addr(self.position + 0 + i) == ring.addr(self.position + 0) + i);
        }
        assert(ring.addr(self.position + 0) == addr);
    }

    /// What was permitted before a write is permitted after it.
    pub proof fn lemma_permitted<P: CrashPermission>(
        self,
        ring: Ring,
        old: RegionView,
        new: RegionView,
        permission: P,
    )
        requires
            self.permitted(ring, old, permission),
            self.is_durable(ring, old) ==> self.is_durable(ring, new) && self.same(
                ring,
                new.durable,
                old.durable,
            ),
        ensures
            self.permitted(ring, new, permission),
    {
        assert forall|image: Seq<u8>|
            (self.is_durable(ring, new) ==> self.same(
                ring,
                image,
                new.durable,
            )) implies #[trigger] permission.permits(image) by {
            if self.is_durable(ring, old) {
                assert(self.same(ring, image, old.durable));
            }
        }
    }
}

/// What writing over what is not in use does to a region.
pub open spec fn written(
    in_use: InUse,
    ring: Ring,
    old: RegionView,
    new: RegionView,
    ok: bool,
) -> bool {
    &&& new.medium == old.medium
    &&& new.failed == !ok
    &&& ring.same_elsewhere(
        new.volatile,
        old.volatile,
        in_use.position,
        in_use.head + ring.capacity,
    )
    &&& in_use.is_durable(ring, old) ==> in_use.is_durable(ring, new) && in_use.same(
        ring,
        new.durable,
        old.durable,
    )
}

/// One such write after another.
pub proof fn lemma_written_both(
    in_use: InUse,
    ring: Ring,
    a: RegionView,
    b: RegionView,
    c: RegionView,
    ok: bool,
)
    requires
        written(in_use, ring, a, b, true),
        written(in_use, ring, b, c, ok),
    ensures
        written(in_use, ring, a, c, ok),
{
}

} // verus!
