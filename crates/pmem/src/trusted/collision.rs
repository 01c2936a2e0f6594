//! The one exception to crash atomicity: a torn write that passes its check.
//!
//! TRUSTED: that this is what may happen, and nothing more. A record of a journal is made durable by one flush, together
//! with the bytes that it says were appended. A crash before that leaves some of the 8-byte words, and what was there
//! before in the place of the others. CRCs tell that from what was to be written. They have 64 bits, so there are mixtures
//! that they do not tell. A crash that leaves one of them, by a chance of about 1 in 2^64 for a torn write, may lead to
//! any state; docs/crc.md says where the chance is larger. No log that waits only once for a commit can do better. The permissions and theorems that allow for it name it
//! by `write_collides` and `same_mixed`.
#[cfg(verus_only)]
use super::crc::*;
use vstd::prelude::*;

verus! {

/// Whether a torn write of `len` bytes at `addr` left bytes with the CRC of what was to be there: in the first 32 of them,
/// where a record has its header, or in the others.
pub open spec fn write_collides(left: Seq<u8>, written: Seq<u8>, addr: int, len: int) -> bool {
    let (behind, end) = (addr + 32, addr + len);
    behind <= end && {
        ||| same_crc(left.subrange(addr, behind), written.subrange(addr, behind))
        ||| same_crc(left.subrange(behind, end), written.subrange(behind, end))
    }
}

/// A byte that was appended, as the CRC of what a commit appended takes it.
///
/// Bytes that end in a CRC-64 of their own, as the records of a log do, all have the same CRC-64, whatever they are: it would
/// not tell one record from another. This is no linear function, so that does not hold of the bytes that it makes.
pub open spec fn mixed_byte(b: u8) -> u8 {
    b ^ ((b << 1u8) & (b << 2u8))
}

/// Bytes that were appended, as their CRC takes them.
pub open spec fn mixed(s: Seq<u8>) -> Seq<u8> {
    Seq::new(s.len(), |i: int| mixed_byte(s[i]))
}

/// The CRC of what a commit appended to a log.
pub open spec fn mixed_crc(s: Seq<u8>) -> u64 {
    spec_crc64(mixed(s))
}

/// Whether two strings of one length differ, and have the same CRC.
pub open spec fn same_crc(left: Seq<u8>, written: Seq<u8>) -> bool {
    &&& left != written
    &&& left.len() == written.len()
    &&& spec_crc64(left) == spec_crc64(written)
}

/// The same, of what a commit appended to a log.
pub open spec fn same_mixed(left: Seq<u8>, written: Seq<u8>) -> bool {
    &&& left != written
    &&& left.len() == written.len()
    &&& mixed_crc(left) == mixed_crc(written)
}

} // verus!
