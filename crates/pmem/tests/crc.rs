//! CRC-64/XZ: the function against its specification, and what the code detects.

use pmem::crc::extend::{extend_crc64, extend_register_twice};
use pmem::crc::words::crc64_words;
use pmem::trusted::crc::POLYNOMIAL;

/// A codeword and the prefix that its CRC covers, in bits.
const BITS: usize = 448;
/// Those of them that lie on the medium, at the end. The last 64 are the CRC.
const STORED: usize = 256;

/// `spec_crc64`'s `shift_bits(register, 8)`.
fn shift_byte(polynomial: u64, mut register: u64) -> u64 {
    for _ in 0..8 {
        register = if register & 1 == 1 {
            (register >> 1) ^ polynomial
        } else {
            register >> 1
        };
    }
    register
}

/// `spec_crc64`'s `shift_bytes`.
fn shift_bytes(polynomial: u64, register: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(register, |register, &byte| {
        shift_byte(polynomial, register ^ u64::from(byte))
    })
}

fn spec_crc64(bytes: &[u8]) -> u64 {
    !shift_bytes(POLYNOMIAL, u64::MAX, bytes)
}

fn crc64(bytes: &[u8]) -> u64 {
    extend_crc64(0, bytes)
}

/// Marsaglia's xorshift64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next() as u8).collect()
    }
}

#[test]
fn the_check_value_is_the_published_one() {
    assert_eq!(crc64(b"123456789"), 0x995D_C9BB_DF19_39FA);
    assert_eq!(spec_crc64(b"123456789"), 0x995D_C9BB_DF19_39FA);
}

#[test]
fn agrees_with_the_specification_on_every_length_to_4096() {
    let bytes = Random(1).bytes(4096);
    let mut register = u64::MAX;
    for len in 0..=bytes.len() {
        assert_eq!(crc64(&bytes[..len]), !register, "at length {len}");
        register = shift_bytes(
            POLYNOMIAL,
            register,
            &bytes[len..(len + 1).min(bytes.len())],
        );
    }
}

#[test]
fn agrees_with_the_specification_on_long_input() {
    let mut random = Random(2);
    for _ in 0..8 {
        let len = 4096 + random.below(200_000);
        let bytes = random.bytes(len);
        assert_eq!(crc64(&bytes), spec_crc64(&bytes), "at length {len}");
    }
}

#[test]
fn pieces_give_the_crc_of_the_whole() {
    let bytes = Random(3).bytes(200);
    assert_eq!(extend_crc64(0, &[]), 0);
    for first in 0..=bytes.len() {
        for second in (first..=bytes.len()).step_by(7) {
            let right = spec_crc64(&bytes[..second]);
            let crc = extend_crc64(spec_crc64(&bytes[..first]), &bytes[first..second]);
            assert_eq!(crc, right, "{first}, {second}");
        }
    }
}

#[test]
fn two_words_and_what_is_behind_them_at_once() {
    let bytes = Random(4).bytes(216);
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    for len in 0..=200 {
        let (words, all) = extend_register_twice(!0, word(0), word(8), &bytes[16..16 + len]);
        assert_eq!(!words, spec_crc64(&bytes[..16]), "{len}");
        assert_eq!(!all, spec_crc64(&bytes[..16 + len]), "{len}");
    }
}

/// By which value each bit of prefix, payload and CRC, when wrong, changes the difference of the CRC that is read and
/// the CRC of what is read. A pattern of wrong bits goes undetected if these add up (by exclusive or) to zero: the
/// code is linear.
fn syndromes(polynomial: u64) -> Vec<u64> {
    let covered = BITS - 64;
    let of_covered = (0..covered).map(|i| {
        let mut bytes = vec![0; covered / 8];
        bytes[i / 8] = 1 << (i % 8);
        shift_bytes(polynomial, 0, &bytes)
    });
    of_covered.chain((0..64).map(|i| 1 << i)).collect()
}

/// Whether a pattern of one, two or three wrong bits goes undetected.
fn misses_up_to_3_bits(syndromes: &[u64]) -> bool {
    let n = syndromes.len();
    (0..n).any(|i| {
        let one = syndromes[i];
        one == 0
            || (i + 1..n).any(|j| {
                let two = one ^ syndromes[j];
                two == 0 || syndromes[j + 1..].contains(&two)
            })
    })
}

/// Whether a pattern of two, four or six wrong bits goes undetected: then, and only then, two different triples
/// have the same sum.
fn misses_an_even_pattern_up_to_6_bits(syndromes: &[u64]) -> bool {
    let n = syndromes.len();
    let mut triples = Vec::with_capacity(n * (n - 1) * (n - 2) / 6);
    for i in 0..n {
        for j in i + 1..n {
            triples.extend((j + 1..n).map(|k| syndromes[i] ^ syndromes[j] ^ syndromes[k]));
        }
    }
    triples.sort_unstable();
    triples.windows(2).any(|pair| pair[0] == pair[1])
}

/// Whether some pattern with an odd number of wrong bits may go undetected.
fn misses_odd_patterns(syndromes: &[u64]) -> bool {
    // Every syndrome is a power of x modulo the polynomial. If x + 1 divides that, each has an odd number of terms,
    // and so has the sum of an odd number of them: it is not zero.
    syndromes.iter().any(|s| s.count_ones() % 2 == 0)
}

/// Whether a pattern of wrong bits within 64 consecutive ones goes undetected: then their syndromes are linearly
/// dependent.
fn misses_a_burst(syndromes: &[u64]) -> bool {
    syndromes.windows(64).any(|burst| {
        // For each highest bit, the vector of the basis that has it.
        let mut basis = [0u64; 64];
        burst.iter().any(|&s| {
            let mut rest = s;
            while rest != 0 {
                let highest = rest.ilog2() as usize;
                if basis[highest] == 0 {
                    basis[highest] = rest;
                    return false;
                }
                rest ^= basis[highest];
            }
            true
        })
    })
}

#[test]
fn no_pattern_of_up_to_3_bits_is_missed() {
    assert!(!misses_up_to_3_bits(&syndromes(POLYNOMIAL)));
}

#[test]
fn no_pattern_of_up_to_7_bits_on_the_medium_is_missed() {
    let stored = &syndromes(POLYNOMIAL)[BITS - STORED..];
    assert!(!misses_odd_patterns(stored));
    assert!(!misses_an_even_pattern_up_to_6_bits(stored));
}

#[test]
fn no_burst_within_64_bits_is_missed() {
    assert!(!misses_a_burst(&syndromes(POLYNOMIAL)));
}

#[test]
fn the_searches_find_what_bad_codes_miss() {
    // x^64 + 1, of period 64: two wrong bits at that distance cancel.
    let periodic = syndromes(1 << 63);
    assert!(misses_up_to_3_bits(&periodic));
    assert!(misses_an_even_pattern_up_to_6_bits(
        &periodic[BITS - STORED..]
    ));
    // Without its constant term, a polynomial of degree 64 is one of degree 63 times x.
    assert!(misses_a_burst(&syndromes(POLYNOMIAL & !(1 << 63))));
    // One term fewer, and x + 1 no longer divides it.
    assert!(misses_odd_patterns(&syndromes(POLYNOMIAL & !2)));
    // A CRC of 16 bits in place of 64 misses patterns of six bits or fewer by mere counting.
    let short: Vec<u64> = syndromes(POLYNOMIAL).iter().map(|s| s & 0xFFFF).collect();
    assert!(misses_an_even_pattern_up_to_6_bits(&short[BITS - STORED..]));
}

/// Whether `stored` ends in the CRC of `prefix` and what comes before it.
fn matches(prefix: &[u8], stored: &[u8]) -> bool {
    let (payload, crc) = stored.split_at(stored.len() - 8);
    crc64(&[prefix, payload].concat()).to_le_bytes() == crc
}

#[test]
fn damage_to_a_codeword_is_detected_by_the_function_itself() {
    let mut random = Random(3);
    for round in 0..100_000 {
        let prefix = random.bytes(24);
        let mut stored = random.bytes(24);
        let crc = crc64(&[&prefix[..], &stored].concat());
        stored.extend_from_slice(&crc.to_le_bytes());
        assert!(matches(&prefix, &stored));

        let mut damaged = stored.clone();
        if round % 2 == 0 {
            for _ in 0..1 + random.below(7) {
                let bit = random.below(STORED);
                damaged[bit / 8] ^= 1 << (bit % 8);
            }
        } else {
            let (start, wrong) = (random.below(STORED - 63), random.next());
            for i in (0..64).filter(|i| wrong >> i & 1 == 1) {
                damaged[(start + i) / 8] ^= 1 << ((start + i) % 8);
            }
        }
        assert_eq!(matches(&prefix, &damaged), damaged == stored);
    }
}

#[test]
fn words_have_the_crc_of_their_bytes() {
    let mut state = 1u64;
    for _ in 0..1_000 {
        let words: [u64; 6] = std::array::from_fn(|_| {
            state = state
                .wrapping_mul(0x5851_f42d_4c95_7f2d)
                .wrapping_add(0x1405_7b7e_f767_814f);
            state ^ (state >> 33)
        });
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(crc64_words(&words), spec_crc64(&bytes));
    }
    assert_eq!(crc64_words(&[]), spec_crc64(&[]));
    assert_eq!(crc64_words(&[u64::MAX]), spec_crc64(&[0xff; 8]));
}
