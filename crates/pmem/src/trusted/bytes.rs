//! Integers in bytes.
//!
//! TRUSTED: contracts that speak of a region's first word, or of a CRC's bytes, are made of this. A reader must agree that it is
//! how an integer is read from bytes and written to them, the least significant first.

use vstd::prelude::*;

verus! {

/// The eight bytes of `x`, the least significant first.
pub open spec fn u64_le(x: u64) -> Seq<u8> {
    seq![
        x as u8,
        (x >> 8) as u8,
        (x >> 16) as u8,
        (x >> 24) as u8,
        (x >> 32) as u8,
        (x >> 40) as u8,
        (x >> 48) as u8,
        (x >> 56) as u8,
    ]
}

/// The integer whose bytes are the first eight of `s`.
pub open spec fn u64_from_le(s: Seq<u8>) -> u64 {
    (s[0] as u64) | (s[1] as u64) << 8 | (s[2] as u64) << 16 | (s[3] as u64) << 24 | (s[4] as u64)
        << 32 | (s[5] as u64) << 40 | (s[6] as u64) << 48 | (s[7] as u64) << 56
}

/// The integer at `addr`.
pub open spec fn u64_at(image: Seq<u8>, addr: int) -> u64 {
    u64_from_le(image.subrange(addr, addr + 8))
}

} // verus!
