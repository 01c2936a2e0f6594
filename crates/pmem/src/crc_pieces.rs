//! The CRC of bytes that come in several pieces.

#[cfg(verus_only)]
use crate::trusted::crc::*;
use vstd::prelude::*;

verus! {

/// Shifting in two pieces, one behind the other, is shifting in both as one.
proof fn lemma_shift_bytes_concat(register: u64, a: Seq<u8>, b: Seq<u8>)
    ensures
        shift_bytes(register, a + b) == shift_bytes(shift_bytes(register, a), b),
    decreases b.len(),
{
    if b.len() == 0 {
        assert(a + b =~= a);
    } else {
        lemma_shift_bytes_concat(register, a, b.drop_last());
        assert((a + b).drop_last() =~= a + b.drop_last());
    }
}

/// The CRC of two pieces, from that of the first one.
pub proof fn lemma_crc64_extended(a: Seq<u8>, b: Seq<u8>)
    ensures
        spec_crc64_extended(spec_crc64(a), b) == spec_crc64(a + b),
{
    let register = shift_bytes(0xffff_ffff_ffff_ffff, a);
    assert(!!register == register) by (bit_vector);
    lemma_shift_bytes_concat(0xffff_ffff_ffff_ffff, a, b);
}

} // verus!
