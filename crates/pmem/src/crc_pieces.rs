//! The CRC of bytes that come in several pieces.

#[cfg(verus_only)]
use crate::{crc::residue::*, trusted::crc::*};
use vstd::prelude::*;

verus! {

/// The CRC of two pieces, from that of the first one.
pub proof fn lemma_crc64_extended(a: Seq<u8>, b: Seq<u8>)
    ensures
        spec_crc64_extended(spec_crc64(a), b) == spec_crc64(a + b),
{
    let register = shift_bytes(0xffff_ffff_ffff_ffff, a);
    assert(!!register == register) by (bit_vector);
    lemma_shift_concat(0xffff_ffff_ffff_ffff, a, b);
}

} // verus!
