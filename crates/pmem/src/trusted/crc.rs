//! CRC-64/XZ: its specification, bit by bit.
//!
//! TRUSTED: that this is what is published under that name. An executable transcription of it is compared with the
//! published check value, and with what the verified code returns (`tests/crc.rs`).

use vstd::prelude::*;

verus! {

/// The polynomial 0x42F0E1EBA9EA3693 (ECMA-182), reflected: the coefficient of x^63 is the lowest bit.
pub const POLYNOMIAL: u64 = 0xC96C5795D7870F42;

/// The register after shifting `n` bits out of it.
pub open spec fn shift_bits(register: u64, n: nat) -> u64
    decreases n,
{
    if n == 0 {
        register
    } else {
        let r = shift_bits(register, (n - 1) as nat);
        if r & 1 == 1 {
            (r >> 1) ^ POLYNOMIAL
        } else {
            r >> 1
        }
    }
}

/// The register after all of `s`, having been `register` before.
pub open spec fn shift_bytes(register: u64, s: Seq<u8>) -> u64
    decreases s.len(),
{
    if s.len() == 0 {
        register
    } else {
        shift_bits(shift_bytes(register, s.drop_last()) ^ (s.last() as u64), 8)
    }
}

/// The CRC-64/XZ of `s`: the register starts and ends inverted.
pub open spec fn spec_crc64(s: Seq<u8>) -> u64 {
    !shift_bytes(0xffff_ffff_ffff_ffff, s)
}

} // verus!
