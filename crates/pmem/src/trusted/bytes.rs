//! Integers in bytes.
//!
//! TRUSTED: contracts that speak of a region's first word are made of this. A reader must agree that it is how an integer is
//! read from bytes, the least significant first.

use vstd::prelude::*;

verus! {

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
