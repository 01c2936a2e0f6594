//! Copying bytes.
//!
//! TRUSTED: that the standard library's `copy_from_slice` copies.

#[cfg(verus_only)]
use crate::trusted::region::update_bytes;
use vstd::prelude::*;

verus! {

/// Copies `bytes` into `buf`.
#[verifier::external_body]
pub(crate) fn copy(buf: &mut [u8], bytes: &[u8])
    requires
        old(buf)@.len() == bytes@.len(),
    ensures
        final(buf)@ == bytes@,
{
    buf.copy_from_slice(bytes)
}

/// Copies `bytes` into `vec` at `addr`.
#[verifier::external_body]
#[allow(clippy::ptr_arg)]
pub(crate) fn copy_at(vec: &mut Vec<u8>, addr: usize, bytes: &[u8])
    requires
        addr + bytes@.len() <= old(vec)@.len(),
    ensures
        final(vec)@ == update_bytes(old(vec)@, addr as int, bytes@),
{
    vec[addr..addr + bytes.len()].copy_from_slice(bytes)
}

} // verus!
