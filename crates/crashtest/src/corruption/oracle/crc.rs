//! CRC-64/XZ by long division, as its parameters in `docs/format.md` have it: the polynomial unreflected, the bits of
//! the message one by one, the least significant of each byte first.

use std::sync::LazyLock;

const POLYNOMIAL: u64 = 0x42f0_e1eb_a9ea_3693;

/// What eight steps of the division make of a remainder that has only these eight bits in front.
static EIGHT_STEPS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let divided = |front: u64| {
        (0..8).fold(front << 56, |remainder, _| {
            let divides = remainder >> 63 == 1;
            remainder << 1 ^ if divides { POLYNOMIAL } else { 0 }
        })
    };
    (0..256).map(divided).collect()
});

/// The CRC of `bytes`.
pub fn crc64(bytes: &[u8]) -> u64 {
    let table = &*EIGHT_STEPS;
    let remainder = bytes.iter().fold(u64::MAX, |remainder, byte| {
        let front = remainder >> 56 ^ u64::from(byte.reverse_bits());
        remainder << 8 ^ table[front as usize]
    });
    !remainder.reverse_bits()
}
