//! CRC-64/XZ: its specification, bit by bit, and the one function that computes it.
//!
//! TRUSTED: that [`crc64_extended`] returns what `spec_crc64_extended` says. The function is the `crc-fast` crate's, which
//! multiplies polynomials where the processor can. It is compared with an executable transcription of the specification on
//! all short lengths and on random input, in one piece and in several (`tests/crc.rs`), and with the published check value.
//! What is short is not computed here, but by verified code (`crate::crc::words`).

use crc_fast::{CrcAlgorithm, Digest};
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

/// The CRC-64/XZ of something whose CRC is `crc` and of `s` behind it. The CRC of nothing is zero.
pub open spec fn spec_crc64_extended(crc: u64, s: Seq<u8>) -> u64 {
    !shift_bytes(!crc, s)
}

/// The CRC-64/XZ of something whose CRC is `crc` and of `bytes` behind it.
#[verifier::external_body]
#[inline]
pub fn crc64_extended(crc: u64, bytes: &[u8]) -> (r: u64)
    ensures
        r == spec_crc64_extended(crc, bytes@),
{
    let mut digest = Digest::new_with_init_state(CrcAlgorithm::Crc64Xz, !crc);
    digest.update(bytes);
    digest.finalize()
}

} // verus!
