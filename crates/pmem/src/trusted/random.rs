//! Random ids.
//!
//! TRUSTED. Nothing is claimed of the id, nor of when there is none: no proof rests on either. It is here so that what
//! creates regions with such ids can be verified. That two ids differ is a matter of chance: 1 in 2^128 that they do not.

use crate::region_id::RegionId;
use crate::trusted::region::{IoError, IoOperation};
use rustix::rand::{getrandom, GetRandomFlags};
use vstd::prelude::*;

verus! {

impl RegionId {
    /// An id from the operating system's random number generator.
    ///
    /// # Errors
    /// What the operating system says when it has no random bytes to give, as a failed [`IoOperation::Read`].
    #[verifier::external_body]
    pub fn random() -> Result<RegionId, IoError> {
        let mut bytes = [0u8;16];
        let mut filled = 0;
        while filled < bytes.len() {
            match getrandom(&mut bytes[filled..], GetRandomFlags::empty()) {
                Ok(n) => filled += n,
                Err(rustix::io::Errno::INTR) => (),
                Err(errno) => {
                    let (operation, errno) = (IoOperation::Read, errno.raw_os_error());
                    return Err(IoError { operation, errno });
                },
            }
        }
        let id = u128::from_le_bytes(bytes);
        Ok(RegionId { lo: id as u64, hi: (id >> 64) as u64 })
    }
}

} // verus!
