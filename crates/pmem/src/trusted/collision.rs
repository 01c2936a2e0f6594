//! The one exception to crash atomicity: a torn record that passes its check.
//!
//! TRUSTED: that this is what may happen, and nothing more. A record of a journal is made durable by one flush, so a crash
//! before that leaves some of its 8-byte words, and what was there before in the place of the others. The record's CRC tells
//! that from the record. It has 64 bits, so there are mixtures that it does not tell: a crash that leaves one of
//! them, by a chance of 1 in 2^64 for a torn record, may lead to any state. Nobody who writes to a medium without waiting
//! twice can do better. The permissions and theorems that allow for it name it by `collides`.
#[cfg(verus_only)]
use super::{bytes::*, crc::*, region::*};
use vstd::prelude::*;

verus! {

/// Whether an image holds, at `addr`, neither what was there before nor what was written, but a mixture of the two by
/// words that ends in the CRC of `prefix` and of what comes before it.
pub open spec fn collides(
    image: Seq<u8>,
    prefix: Seq<u8>,
    addr: int,
    before: Seq<u8>,
    written: Seq<u8>,
) -> bool {
    let left = image.subrange(addr, addr + written.len());
    let end = written.len() - 8;
    &&& left != before
    &&& left != written
    &&& before.len() == written.len()
    &&& torn(left, before, 0, written)
    &&& left.skip(end) == u64_le(spec_crc64(prefix + left.take(end)))
}

} // verus!
