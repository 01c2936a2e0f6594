//! The CRC that the code computes is CRC-64/XZ as it is specified, and that detects in a codeword what it is claimed to.

use crashtest::corruption::hamming::{missed_7, missed_burst, missed_up_to_twice, syndromes};
use crashtest::corruption::oracle::crc::crc64 as by_division;
use crc::{Crc, NoTable, Table, CRC_64_XZ};
use pmem::crc::extend::extend_crc64;
use pmem::trusted::crc::POLYNOMIAL;

fn crc64(bytes: &[u8]) -> u64 {
    extend_crc64(0, bytes)
}

/// `pmem::trusted::crc::spec_crc64`, bit by bit, as it stands there.
fn spec_crc64(bytes: &[u8]) -> u64 {
    !bytes.iter().fold(u64::MAX, |register, &byte| {
        shift_bits(POLYNOMIAL, register ^ u64::from(byte), 8)
    })
}

/// `pmem::trusted::crc::shift_bits`.
fn shift_bits(polynomial: u64, register: u64, n: u32) -> u64 {
    if n == 0 {
        return register;
    }
    let r = shift_bits(polynomial, register, n - 1);
    if r & 1 == 1 {
        (r >> 1) ^ polynomial
    } else {
        r >> 1
    }
}

fn random_bytes(len: usize, random: &mut fastrand::Rng) -> Vec<u8> {
    std::iter::repeat_with(|| random.u8(..)).take(len).collect()
}

#[test]
fn the_check_value_is_the_published_one() {
    for crc in [crc64, spec_crc64, by_division] {
        assert_eq!(crc(b"123456789"), 0x995d_c9bb_df19_39fa);
    }
    assert_eq!(CRC_64_XZ.check, 0x995d_c9bb_df19_39fa);
    assert_eq!(CRC_64_XZ.poly.reverse_bits(), POLYNOMIAL);
}

#[test]
fn every_length_to_4096() {
    let bytes = random_bytes(4_096 + 16, &mut fastrand::Rng::with_seed(1));
    // From several places: what is not aligned may be treated in a way of its own.
    for from in [0, 1, 7] {
        let bytes = &bytes[from..from + 4_096];
        let mut register = u64::MAX;
        for len in 0..=bytes.len() {
            assert_eq!(
                crc64(&bytes[..len]),
                !register,
                "{len} bytes from {from} on"
            );
            if let Some(&byte) = bytes.get(len) {
                register = shift_bits(POLYNOMIAL, register ^ u64::from(byte), 8);
            }
        }
    }
}

/// The forms of the `crc` crate, and the division by which this crate's oracle computes it.
#[test]
fn all_forms_agree() {
    let slow = Crc::<u64, NoTable>::new(&CRC_64_XZ);
    let one = Crc::<u64, Table<1>>::new(&CRC_64_XZ);
    let random = &mut fastrand::Rng::with_seed(2);
    let long = [10_000, 100_000, 1_000_000, 3_000_000].map(|most| random.usize(most / 2..most));
    for len in (0..=200).chain((201..4_096).step_by(37)).chain(long) {
        let bytes = random_bytes(len, random);
        let right = spec_crc64(&bytes);
        assert_eq!(crc64(&bytes), right, "{len} bytes");
        assert_eq!(by_division(&bytes), right, "{len} bytes");
        assert_eq!(slow.checksum(&bytes), right, "{len} bytes");
        assert_eq!(one.checksum(&bytes), right, "{len} bytes");
    }
}

#[test]
fn no_pattern_of_up_to_4_bits_of_a_codeword_is_missed() {
    assert_eq!(syndromes(crc64), syndromes(by_division));
    assert_eq!(missed_up_to_twice(2, &syndromes(crc64)), None);
}

#[test]
fn no_burst_of_up_to_64_bits_of_a_codeword_is_missed() {
    assert_eq!(missed_burst(&syndromes(crc64)), None);
}

/// The CRC of another polynomial, reflected.
fn other(polynomial: u64) -> impl Fn(&[u8]) -> u64 {
    move |bytes| {
        bytes.iter().fold(0, |register, &byte| {
            shift_bits(polynomial, register ^ u64::from(byte), 8)
        })
    }
}

#[test]
fn the_searches_find_what_bad_codes_miss() {
    // x^64 + 1, of period 64: two wrong bits at that distance cancel.
    assert_eq!(
        missed_up_to_twice(1, &syndromes(other(1 << 63))).map(|bits| bits.len()),
        Some(2)
    );
    // Without its constant term, a polynomial of degree 64 is one of degree 63 times x.
    assert!(missed_burst(&syndromes(other(POLYNOMIAL & !(1 << 63)))).is_some());
    // Linearly independent, but for the sum of 4, 6 or 7 of them.
    for count in [4, 6, 7u16] {
        let mut planted: Vec<u64> = (0..24).map(|bit| 1 << bit).collect();
        planted[23] = (1 << (count - 1)) - 1;
        let found = match count {
            7 => missed_7(&planted),
            _ => missed_up_to_twice(usize::from(count / 2), &planted),
        };
        assert_eq!(found, Some((0..count - 1).chain([23]).collect()));
        let half_of_fewer = usize::from((count - 1) / 2);
        assert_eq!(missed_up_to_twice(half_of_fewer, &planted), None);
    }
}
