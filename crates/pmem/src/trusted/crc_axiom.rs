//! What CRC-64/XZ detects: the one mathematical fact that this project takes on trust.
//!
//! TRUSTED. It is claimed for codewords of up to 448 bits, the prefix included, which is what the metadata has: 24 bytes
//! that are not stored, 24 of payload and 8 of CRC. The generator polynomial is g(x) = (x+1)^2 m1 m3 m5 p17: a BCH code of
//! designed distance 7 with an even number of bits in every codeword, so two different codewords of up to 32,767 bits
//! differ in at least 8 bits. Being a polynomial code of degree 64 with a constant term, it has no two codewords either
//! that differ only within 64 consecutive bits. Both are textbook facts about cyclic codes (Lin and Costello, Error
//! Control Coding). At the length claimed here, `tests/crc.rs` also checks all patterns of damage to the stored bytes.

#[cfg(verus_only)]
use crate::{bytes::u64_le, trusted::crc::spec_crc64, trusted::region::tolerable_codeword};
use vstd::prelude::*;

verus! {

/// Whether `codeword` ends in the CRC of what comes before it. The CRC covers `prefix` too, which is not stored.
pub open spec fn crc_matches(prefix: Seq<u8>, codeword: Seq<u8>) -> bool {
    &&& codeword.len() >= 8
    &&& codeword.skip(codeword.len() - 8) == u64_le(
        spec_crc64(prefix + codeword.take(codeword.len() - 8)),
    )
}

/// Damage within the fault model never turns one codeword into another.
pub axiom fn axiom_crc64_detects(prefix: Seq<u8>, read: Seq<u8>, written: Seq<u8>)
    requires
        read.len() == written.len(),
        8 * (prefix.len() + read.len()) <= 448,
        crc_matches(prefix, written),
        crc_matches(prefix, read),
        tolerable_codeword(read, written),
    ensures
        read == written,
;

} // verus!
