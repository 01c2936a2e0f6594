//! Products of polynomials over GF(2), by the processor.
//!
//! TRUSTED: that [`Multiplier::product`] returns what `spec_product` says. It is one instruction, which a `Multiplier`
//! proves the processor to have. It is compared with an executable transcription of the specification, on all pairs of
//! single bits and on random factors (`tests/multiply.rs`).

#[cfg(target_arch = "x86_64")]
use std::arch::{asm, is_x86_feature_detected, x86_64::*};
use vstd::prelude::*;

verus! {

/// The sum of `b << k` for each of the `n` lowest bits `k` that are set in `a`.
pub open spec fn spec_product(a: u64, b: u64, n: nat) -> u128
    decreases n,
{
    if n == 0 {
        0
    } else {
        let k = (n - 1) as nat;
        spec_product(a, b, k) ^ if (a >> k as u64) & 1 == 1 {
            (b as u128) << (k as u128)
        } else {
            0
        }
    }
}

/// A processor that multiplies polynomials. Only this file can make one.
#[derive(Clone, Copy)]
pub struct Multiplier(());

impl Multiplier {
    /// None if this processor does not.
    #[verifier::external_body]
    #[inline(always)]
    pub fn of_this_processor() -> Option<Multiplier> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("pclmulqdq") {
            return Some(Multiplier(()));
        }
        None
    }

    /// The product of two polynomials whose coefficients are the bits.
    #[verifier::external_body]
    #[inline(always)]
    pub fn product(self, a: u64, b: u64) -> (r: u128)
        ensures
            r == spec_product(a, b, 64),
    {
        multiply(a, b)
    }
}

} // verus!

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn multiply(a: u64, b: u64) -> u128 {
    // SAFETY: whoever calls this has a `Multiplier`, so the processor has the instruction, which reads and writes
    // registers only. Moving a word into a register and 128 bits out of one is in every x86-64 processor.
    unsafe {
        let mut r = _mm_cvtsi64_si128(a as i64);
        asm!("pclmulqdq {}, {}, 0", inout(xmm_reg) r, in(xmm_reg) _mm_cvtsi64_si128(b as i64),
            options(pure, nomem, nostack, preserves_flags));
        core::mem::transmute(r)
    }
}

/// Elsewhere there is no `Multiplier`.
#[cfg(not(target_arch = "x86_64"))]
fn multiply(_: u64, _: u64) -> u128 {
    unreachable!()
}
