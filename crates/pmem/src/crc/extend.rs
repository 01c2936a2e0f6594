//! The CRC of bytes that come in several pieces, by products where the processor has them, and else by tables.
#[cfg(verus_only)]
use super::residue::*;
use super::{products::*, words::*};
#[cfg(verus_only)]
use crate::bytes::*;
#[cfg(verus_only)]
use crate::trusted::crc::*;
use crate::trusted::multiply::*;
use vstd::prelude::*;

verus! {

/// The CRC-64/XZ of something whose CRC is `crc` and of `s` behind it. The CRC of nothing is zero.
pub open spec fn spec_crc64_extended(crc: u64, s: Seq<u8>) -> u64 {
    !shift_bytes(!crc, s)
}

/// The CRC of two pieces, from that of the first one.
pub proof fn lemma_crc64_extended(a: Seq<u8>, b: Seq<u8>)
    ensures
        spec_crc64_extended(spec_crc64(a), b) == spec_crc64(a + b),
{
    let register = shift_bytes(0xffff_ffff_ffff_ffff, a);
    assert(!!register == register) by (bit_vector);
    lemma_shift_concat(0xffff_ffff_ffff_ffff, a, b);
}

/// The CRC-64/XZ of something whose CRC is `crc` and of `bytes` behind it. The CRC of nothing is zero.
#[inline(always)]
pub fn extend_crc64(crc: u64, bytes: &[u8]) -> (r: u64)
    ensures
        r == spec_crc64_extended(crc, bytes@),
{
    !match Multiplier::of_this_processor() {
        Some(by) => multiply_bytes(by, !crc, bytes),
        None => take_bytes(!crc, bytes),
    }
}

/// The register after two words of message.
#[inline(always)]
pub fn extend_register(register: u64, first: u64, second: u64) -> (r: u64)
    ensures
        r == shift_bytes(register, u64_le(first) + u64_le(second)),
{
    match Multiplier::of_this_processor() {
        Some(by) => multiply_two_words(by, register, first, second),
        None => take_two_words(register, first, second),
    }
}

/// The register after two words of message, and the one after `bytes` behind them.
#[inline(always)]
pub fn extend_register_twice(register: u64, first: u64, second: u64, bytes: &[u8]) -> (r: (
    u64,
    u64,
))
    ensures
        r.0 == shift_bytes(register, u64_le(first) + u64_le(second)),
        r.1 == shift_bytes(r.0, bytes@),
{
    match Multiplier::of_this_processor() {
        Some(by) => multiply_words_and_bytes(by, register, first, second, bytes),
        None => {
            let behind = take_two_words(register, first, second);
            (behind, take_bytes(behind, bytes))
        },
    }
}

} // verus!
