//! Writing the words that an append is in.
use super::in_use::*;
use crate::bytes::*;
#[cfg(verus_only)]
use crate::image::*;
use crate::load::*;
use crate::ring::*;
use crate::trusted::{guarded::*, region::*};
use vstd::prelude::*;
use vstd::slice::slice_subrange;

verus! {

/// The next words of a ring: the first of them holds bytes that were written before.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// The address at which bytes are appended.
    pub addr: u64,
    /// How many bytes before it are in its word.
    pub before: u64,
    /// They, below zeros.
    pub low: u64,
}

impl Words {
    /// Whether `low` is what is before `addr`, and the ring has room there for `len` bytes that are not in use.
    pub open(super) spec fn right(
        self,
        ring: Ring,
        in_use: InUse,
        image: Seq<u8>,
        len: int,
    ) -> bool {
        &&& in_use.fits(ring)
        &&& in_use.position + len <= in_use.head + ring.capacity
        &&& self.addr == ring.addr(in_use.position)
        &&& self.addr + len <= ring.start + ring.capacity
        &&& self.before < 8
        &&& ring.start + self.before <= self.addr
        &&& forall|k: int|
            0 <= k < 8 ==> #[trigger] u64_le(self.low)[k] == if k < self.before {
                image[self.addr - self.before + k]
            } else {
                0
            }
    }

    /// Writes `bytes` at `addr`, and over what is in the last of their words behind them. Returns what is before their
    /// end in its word, below zeros.
    #[inline(never)]
    pub(super) fn write<R: Region, P: CrashPermission>(
        self,
        region: &mut Guarded<R, P>,
        bytes: &[u8],
        Ghost(ring): Ghost<Ring>,
        Ghost(in_use): Ghost<InUse>,
        Tracked(permission): Tracked<&P>,
    ) -> (r: (Result<(), IoError>, u64))
        requires
            old(region).inv(),
            !old(region)@.failed,
            ring.fits(old(region)@.volatile.len() as int),
            self.right(
                ring,
                in_use,
                old(region)@.volatile,
                words_len(self.before as int, bytes@.len() as int),
            ),
            0 < self.before + bytes@.len(),
            in_use.permitted(ring, old(region)@, *permission),
        ensures
            final(region).inv(),
            written(in_use, ring, old(region)@, final(region)@, r.0 is Ok),
            r.0 is Ok ==> are_at(final(region)@.volatile, self.addr as int, bytes@) && is_before(
                r.1,
                final(region)@.volatile,
                self.addr + bytes@.len(),
                (self.before + bytes@.len()) % 8,
            ),
    {
        let ghost v0 = region@;
        proof {
            let total = words_len(self.before as int, bytes@.len() as int);
            in_use.lemma_free(ring, self.addr as int, total);
            lemma_first_word(self.before as int, bytes@.len() as int);
        }
        let len = bytes.len();
        if self.before == 0 && len >= 8 {
            return write_whole(
                region,
                self.addr,
                bytes,
                0,
                Ghost(ring),
                Ghost(in_use),
                Tracked(permission),
            );
        }
        let room = 8 - self.before as usize;
        let first = if len < room {
            len
        } else {
            room
        };
        let (r, word) = self.write_first(
            region,
            bytes,
            first,
            Ghost(ring),
            Ghost(in_use),
            Tracked(permission),
        );
        if r.is_err() || len < room {
            assert(bytes@.take(len as int) =~= bytes@);
            return (r, word);
        }
        let ghost v1 = region@;
        let (r, word) = write_whole(
            region,
            self.addr,
            bytes,
            first,
            Ghost(ring),
            Ghost(in_use),
            Tracked(permission),
        );
        proof {
            lemma_written_both(in_use, ring, v0, v1, region@, r is Ok);
        }
        (r, word)
    }

    /// Writes the first word, with the first bytes of `bytes`, and returns it.
    #[inline(always)]
    fn write_first<R: Region, P: CrashPermission>(
        self,
        region: &mut Guarded<R, P>,
        bytes: &[u8],
        first: usize,
        Ghost(ring): Ghost<Ring>,
        Ghost(in_use): Ghost<InUse>,
        Tracked(permission): Tracked<&P>,
    ) -> (r: (Result<(), IoError>, u64))
        requires
            old(region).inv(),
            !old(region)@.failed,
            ring.fits(old(region)@.volatile.len() as int),
            self.right(ring, in_use, old(region)@.volatile, 8 - self.before),
            first <= bytes@.len(),
            self.before + first <= 8,
            self.before + first == 8 || first == bytes@.len() < 8,
            in_use.permitted(ring, old(region)@, *permission),
        ensures
            final(region).inv(),
            written(in_use, ring, old(region)@, final(region)@, r.0 is Ok),
            in_use.permitted(ring, final(region)@, *permission),
            r.0 is Ok ==> are_at(
                final(region)@.volatile,
                self.addr as int,
                bytes@.take(first as int),
            ),
            r.0 is Ok && self.before + first < 8 ==> is_before(
                r.1,
                final(region)@.volatile,
                self.addr + first,
                self.before + first,
            ),
    {
        let shift = 8 * self.before;
        let new = load_first(bytes, first);
        let word = self.low | (new << shift);
        let ghost image = region@.volatile;
        let ghost at = self.addr - self.before;
        proof {
            lemma_u64_le_above(self.low, new, self.before);
            in_use.lemma_free(ring, self.addr as int, 8 - self.before);
            assert forall|i: int| 0 <= i < 8 implies #[trigger] u64_le(word)[i] == image[at + i]
                || in_use.is_free(ring, at + i) by {
                if i < self.before {
                    assert(u64_le(self.low)[i] == image[at + i]);
                } else {
                    assert(in_use.is_free(ring, self.addr + (i - self.before)));
                }
            }
        }
        let r = write_word(
            region,
            self.addr - self.before,
            word,
            Ghost(ring),
            Ghost(in_use),
            Tracked(permission),
        );
        proof {
            if r is Ok {
                assert forall|i: int| 0 <= i < first implies region@.volatile[self.addr + i]
                    == #[trigger] bytes@.take(first as int)[i] by {
                    assert(u64_le(word)[self.before + i] == u64_le(new)[i]);
                }
                if self.before + first < 8 {
                    assert forall|k: int| 0 <= k < 8 implies #[trigger] u64_le(word)[k] == if k
                        < self.before + first {
                        region@.volatile[self.addr - self.before + k]
                    } else {
                        0
                    } by {
                        if k >= self.before + first {
                            assert(u64_le(word)[k] == u64_le(new)[k - self.before]);
                        }
                    }
                }
            }
        }
        (r, word)
    }
}

/// Whether the bytes at `addr` are these.
pub(super) open spec fn are_at(image: Seq<u8>, addr: int, bytes: Seq<u8>) -> bool {
    forall|i: int| 0 <= i < bytes.len() ==> image[addr + i] == #[trigger] bytes[i]
}

/// Whether the lowest `len` bytes of `word` are those before `addr`, and the others zero.
pub(super) open spec fn is_before(word: u64, image: Seq<u8>, addr: int, len: int) -> bool {
    forall|k: int|
        0 <= k < 8 ==> #[trigger] u64_le(word)[k] == if k < len {
            image[addr - len + k]
        } else {
            0
        }
}

/// Writes `bytes` but for the `first`, which are written, in whole words from the first of these on. `addr` is where
/// `bytes` begin. Returns what is before their end in its word, below zeros.
#[inline(always)]
fn write_whole<R: Region, P: CrashPermission>(
    region: &mut Guarded<R, P>,
    addr: u64,
    bytes: &[u8],
    first: usize,
    Ghost(ring): Ghost<Ring>,
    Ghost(in_use): Ghost<InUse>,
    Tracked(permission): Tracked<&P>,
) -> (r: (Result<(), IoError>, u64))
    requires
        old(region).inv(),
        !old(region)@.failed,
        ring.fits(old(region)@.volatile.len() as int),
        in_use.fits(ring),
        ring.start <= addr,
        first <= bytes@.len(),
        addr + words_len(8 - first, bytes@.len() as int) <= ring.start + ring.capacity,
        forall|a: int|
            addr <= a < addr + words_len(8 - first, bytes@.len() as int)
                ==> #[trigger] in_use.is_free(ring, a),
        are_at(old(region)@.volatile, addr as int, bytes@.take(first as int)),
        in_use.permitted(ring, old(region)@, *permission),
    ensures
        final(region).inv(),
        written(in_use, ring, old(region)@, final(region)@, r.0 is Ok),
        r.0 is Ok ==> are_at(final(region)@.volatile, addr as int, bytes@) && is_before(
            r.1,
            final(region)@.volatile,
            addr + bytes@.len(),
            (bytes@.len() - first) % 8,
        ),
{
    let ghost v0 = region@;
    let last = (bytes.len() - first) % 8;
    let end = bytes.len() - last;
    proof {
        lemma_u64_le_zero();
        assert forall|i: int| 0 <= i < first implies region@.volatile[addr + i]
            == #[trigger] bytes@[i] by {
            assert(bytes@.take(first as int)[i] == bytes@[i]);
        }
    }
    if end > first {
        let r = write_over(
            region,
            addr + first as u64,
            slice_subrange(bytes, first, end),
            Ghost(ring),
            Ghost(in_use),
            Tracked(permission),
        );
        if r.is_err() {
            return (r, 0);
        }
    }
    let ghost v1 = region@;
    assert forall|i: int| 0 <= i < end implies v1.volatile[addr + i] == #[trigger] bytes@[i] by {
        if i >= first {
            assert(bytes@.subrange(first as int, end as int)[i - first] == bytes@[i]);
        }
    }
    if last == 0 {
        return (Ok(()), 0);
    }
    let word = load_last(bytes, last);
    let r = write_word(
        region,
        addr + end as u64,
        word,
        Ghost(ring),
        Ghost(in_use),
        Tracked(permission),
    );
    proof {
        lemma_written_both(in_use, ring, v0, v1, region@, r is Ok);
        if r is Ok {
            assert forall|i: int| 0 <= i < bytes@.len() implies region@.volatile[addr + i]
                == #[trigger] bytes@[i] by {
                if i >= end {
                    assert(u64_le(word)[i - end] == bytes@[bytes@.len() - last + (i - end)]);
                }
            }
            assert forall|k: int| 0 <= k < 8 implies #[trigger] u64_le(word)[k] == if k < last {
                region@.volatile[addr + bytes@.len() - last + k]
            } else {
                0
            } by {}
        }
    }
    (r, word)
}

/// How many bytes from the append's first on are in the words that it is in.
pub(super) open spec fn words_len(before: int, len: int) -> int {
    len + (8 - (before + len) % 8) % 8
}

/// Where the words lie that are behind the first.
proof fn lemma_first_word(before: int, len: int)
    requires
        0 <= before < 8,
        0 <= len,
        0 < before + len,
    ensures
        words_len(before, len) >= 8 - before,
        words_len(before + 8, len) == words_len(before, len),
        (len - (8 - before)) % 8 == (before + len) % 8,
{
}

/// The same, where `len` is near the largest integer.
pub(super) proof fn lemma_words_len(before: int, len: int)
    requires
        0 <= before < 8,
        0 <= len,
    ensures
        (before + len % 8) % 8 == (before + len) % 8,
        words_len(before, len) == len + (8 - (before + len % 8) % 8) % 8,
{
    vstd::arithmetic::div_mod::lemma_add_mod_noop_right(before, len, 8);
}

/// Writes a word.
#[inline(always)]
fn write_word<R: Region, P: CrashPermission>(
    region: &mut Guarded<R, P>,
    addr: u64,
    word: u64,
    Ghost(ring): Ghost<Ring>,
    Ghost(in_use): Ghost<InUse>,
    Tracked(permission): Tracked<&P>,
) -> (r: Result<(), IoError>)
    requires
        old(region).inv(),
        !old(region)@.failed,
        ring.fits(old(region)@.volatile.len() as int),
        in_use.fits(ring),
        in_use.may_write(ring, old(region)@.volatile, addr as int, u64_le(word)),
        in_use.permitted(ring, old(region)@, *permission),
    ensures
        final(region).inv(),
        written(in_use, ring, old(region)@, final(region)@, r is Ok),
        in_use.permitted(ring, final(region)@, *permission),
        r is Ok ==> final(region)@.volatile == update_bytes(
            old(region)@.volatile,
            addr as int,
            u64_le(word),
        ),
{
    let mut buf = [0u8;8];
    put_u64(&mut buf, 0, word);
    assert(buf@ =~= buf@.subrange(0, 8));
    write_over(region, addr, &buf, Ghost(ring), Ghost(in_use), Tracked(permission))
}

/// Writes over free addresses, and over others what they hold.
#[inline(always)]
pub(super) fn write_over<R: Region, P: CrashPermission>(
    region: &mut Guarded<R, P>,
    addr: u64,
    bytes: &[u8],
    Ghost(ring): Ghost<Ring>,
    Ghost(in_use): Ghost<InUse>,
    Tracked(permission): Tracked<&P>,
) -> (r: Result<(), IoError>)
    requires
        old(region).inv(),
        !old(region)@.failed,
        ring.fits(old(region)@.volatile.len() as int),
        in_use.fits(ring),
        in_use.may_write(ring, old(region)@.volatile, addr as int, bytes@),
        in_use.permitted(ring, old(region)@, *permission),
    ensures
        final(region).inv(),
        written(in_use, ring, old(region)@, final(region)@, r is Ok),
        in_use.permitted(ring, final(region)@, *permission),
        r is Ok ==> final(region)@.volatile == update_bytes(
            old(region)@.volatile,
            addr as int,
            bytes@,
        ),
{
    let ghost before = region@;
    proof {
        region.lemma_inv();
        assert forall|image: Seq<u8>|
            torn(image, before.durable, addr as int, bytes@) implies #[trigger] permission.permits(
            image,
        ) by {
            if in_use.is_durable(ring, before) {
                in_use.lemma_durable(ring, image, before, addr as int, bytes@);
            }
        }
    }
    let r = region.write(addr, bytes, Tracked(permission));
    proof {
        region.lemma_inv();
        if r is Ok {
            lemma_torn_all(before.volatile, addr as int, bytes@);
        }
        in_use.lemma_volatile(ring, region@.volatile, before.volatile, addr as int, bytes@);
        if in_use.is_durable(ring, before) {
            in_use.lemma_durable(ring, region@.durable, before, addr as int, bytes@);
        }
        in_use.lemma_permitted(ring, before, region@, *permission);
    }
    r
}

} // verus!
