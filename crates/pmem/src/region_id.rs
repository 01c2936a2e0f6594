//! The identity of a region, which tells its metadata from that of every other.
use core::fmt;
use vstd::prelude::*;

verus! {

/// A 128-bit number that a region gets at random when it is created. It enters every CRC on the medium, so metadata
/// found in another region than its own is recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionId {
    /// The low 64 bits.
    pub lo: u64,
    /// The high 64 bits.
    pub hi: u64,
}

} // verus!
/// 32 lowercase hexadecimal digits, the most significant first.
impl fmt::Display for RegionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.hi, self.lo)
    }
}

#[cfg(test)]
mod tests {
    use super::RegionId;

    #[test]
    fn displays_as_32_hexadecimal_digits_with_the_high_half_first() {
        let id = RegionId {
            lo: 0xA,
            hi: 0x0123_4567_89AB_CDEF,
        };
        assert_eq!(id.to_string(), "0123456789abcdef000000000000000a");
    }

    #[test]
    fn random_ids_differ_in_both_halves() {
        let (a, b) = (RegionId::random().unwrap(), RegionId::random().unwrap());
        assert!(a.lo != b.lo && a.hi != b.hi, "{a} {b}");
    }
}
