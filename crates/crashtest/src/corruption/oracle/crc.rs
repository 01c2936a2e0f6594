//! CRC-64/XZ by long division, as its parameters in `docs/format.md` have it: the polynomial unreflected, the bits of
//! the message one by one, the least significant of each byte first.

const POLYNOMIAL: u64 = 0x42f0_e1eb_a9ea_3693;

/// The CRC of `bytes`.
pub fn crc64(bytes: &[u8]) -> u64 {
    let remainder = bytes.iter().fold(u64::MAX, |remainder, byte| {
        let mut remainder = remainder ^ u64::from(byte.reverse_bits()) << 56;
        for _ in 0..8 {
            let divides = remainder >> 63 == 1;
            remainder <<= 1;
            if divides {
                remainder ^= POLYNOMIAL;
            }
        }
        remainder
    });
    !remainder.reverse_bits()
}
