//! Writing zeros over a journal, so that no record begins in it.
use super::layout::*;
#[cfg(verus_only)]
use super::{follow::*, record::*};
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{image::*, trusted::bytes::u64_at};
use vstd::prelude::*;

verus! {

/// How many zeros are written at a time.
const CHUNK: usize = 4096;

/// Whether all bytes in a range are zero.
pub open spec fn zero_in(image: Seq<u8>, from: int, to: int) -> bool {
    forall|a: int| from <= a < to ==> #[trigger] image[a] == 0
}

/// Zeros are an integer that is zero.
pub(super) proof fn lemma_zero_word(image: Seq<u8>, from: int, to: int, a: int)
    requires
        zero_in(image, from, to),
        0 <= from <= a,
        a + 8 <= to <= image.len(),
    ensures
        u64_at(image, a) == 0,
{
    let s = image.subrange(a, a + 8);
    assert forall|k: int| 0 <= k < 8 implies s[k] == 0 by {
        assert(image[a + k] == 0);
    }
    assert(0u64 | 0u64 << 8 | 0u64 << 16 | 0u64 << 24 | 0u64 << 32 | 0u64 << 40 | 0u64 << 48 | 0u64
        << 56 == 0) by (bit_vector);
}

impl JournalLayout {
    /// No record begins among zeros.
    pub(super) proof fn lemma_zeros_quiet(self, image: Seq<u8>, j: Journal, number: u64)
        requires
            self.fits(image.len() as int),
            zero_in(image, self.first(j), self.end(j)),
        ensures
            self.quiet(image, j, number),
    {
        assert forall|a: int| self.first(j) <= a < self.end(j) && a % 64 == 0 implies quiet_word(
            #[trigger] u64_at(image, a),
            number,
        ) by {
            lemma_zero_word(image, self.first(j), self.end(j), a);
        }
    }
}

/// Writes zeros over a range. It flushes nothing.
pub(super) fn write_zeros<R: Region, P: CrashPermission>(
    region: &mut Guarded<R, P>,
    from: u64,
    to: u64,
    Tracked(permission): Tracked<&P>,
) -> (r: Result<(), IoError>)
    requires
        old(region).inv(),
        !old(region)@.failed,
        from <= to <= old(region)@.volatile.len(),
        forall|image: Seq<u8>|
            same_outside(image, old(region)@.durable, from as int, to as int)
                ==> #[trigger] permission.permits(image),
    ensures
        final(region).inv(),
        final(region)@.medium == old(region)@.medium,
        final(region)@.failed == (r is Err),
        same_outside(final(region)@.durable, old(region)@.durable, from as int, to as int),
        same_outside(final(region)@.volatile, old(region)@.volatile, from as int, to as int),
        r is Ok ==> zero_in(final(region)@.volatile, from as int, to as int),
{
    let ghost before = region@;
    let zeros = [0u8;CHUNK];
    let mut at = from;
    proof {
        region.lemma_inv();
    }
    while at < to
        invariant
            region.inv(),
            !region@.failed,
            before == old(region)@,
            region@.medium == before.medium,
            before.volatile.len() == before.durable.len(),
            from <= at <= to <= before.volatile.len(),
            zeros@ == Seq::new(CHUNK as nat, |i: int| 0u8),
            same_outside(region@.durable, before.durable, from as int, to as int),
            same_outside(region@.volatile, before.volatile, from as int, to as int),
            forall|image: Seq<u8>|
                same_outside(image, before.durable, from as int, to as int)
                    ==> #[trigger] permission.permits(image),
            zero_in(region@.volatile, from as int, at as int),
        decreases to - at,
    {
        let len = if to - at < CHUNK as u64 {
            (to - at) as usize
        } else {
            CHUNK
        };
        let chunk = vstd::slice::slice_subrange(&zeros, 0, len);
        let ghost here = region@;
        proof {
            assert forall|image: Seq<u8>|
                torn(image, here.durable, at as int, chunk@) implies #[trigger] permission.permits(
                image,
            ) by {
                lemma_torn_same_outside(image, here.durable, at as int, chunk@);
                assert(same_outside(image, before.durable, from as int, to as int));
            }
        }
        let r = region.write(at, chunk, Tracked(permission));
        proof {
            lemma_torn_same_outside(region@.durable, here.durable, at as int, chunk@);
            if r is Err {
                lemma_torn_same_outside(region@.volatile, here.volatile, at as int, chunk@);
            }
        }
        r?;
        at += len as u64;
    }
    Ok(())
}

} // verus!
