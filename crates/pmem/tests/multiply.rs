//! The processor's products of polynomials against their specification.

use pmem::trusted::multiply::Multiplier;

mod skipping;

/// `spec_product`.
fn spec_product(a: u64, b: u64, n: u32) -> u128 {
    (0..n).fold(0, |product, k| match (a >> k) & 1 {
        1 => product ^ (u128::from(b) << k),
        _ => product,
    })
}

fn multiplier() -> Option<Multiplier> {
    let multiplier = Multiplier::of_this_processor();
    if multiplier.is_none() {
        skipping::skip("this processor does not multiply polynomials");
    }
    multiplier
}

#[test]
fn products_of_lone_bits_are_lone_bits() {
    let Some(by) = multiplier() else { return };
    for i in 0..64 {
        for j in 0..64 {
            assert_eq!(by.product(1 << i, 1 << j), 1 << (i + j), "{i}, {j}");
        }
    }
}

#[test]
fn products_are_as_specified() {
    let Some(by) = multiplier() else { return };
    // Marsaglia's xorshift64.
    let mut x = 1u64;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x
    };
    let some = [0, 1, u64::MAX, 1 << 63, u64::MAX >> 1];
    for a in some {
        for b in some {
            assert_eq!(by.product(a, b), spec_product(a, b, 64), "{a:#x}, {b:#x}");
        }
    }
    for _ in 0..100_000 {
        let (a, b) = (next(), next());
        assert_eq!(by.product(a, b), spec_product(a, b, 64), "{a:#x}, {b:#x}");
    }
}
