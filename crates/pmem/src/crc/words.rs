//! The CRC of whole words, by table: verified against the specification, bit by bit.
//!
//! A codeword's CRC covers six words. Taken as words and not as bytes, they need no buffer, and that makes this faster
//! than the `crc` crate, which bulk data go through (`crate::trusted::crc::crc64`).
#[cfg(verus_only)]
use super::{linear::*, residue::*};
#[cfg(verus_only)]
use crate::bytes::*;
#[cfg(verus_only)]
use crate::trusted::crc::shift_bits;
use crate::trusted::crc::*;
use vstd::prelude::*;

verus! {

/// The bytes of words, each with its least significant first.
pub open spec fn words_le(words: Seq<u64>) -> Seq<u8>
    decreases words.len(),
{
    if words.len() == 0 {
        Seq::empty()
    } else {
        words_le(words.drop_last()) + u64_le(words.last())
    }
}

/// What entry `i` of the table is: byte `i % 256`, from the top of `8 - i / 256` bytes, shifted out with those below it.
spec fn entry(i: int) -> u64 {
    shift_bits((i % 256) as u64, (64 - 8 * (i / 256)) as nat)
}

/// `register` after `n` bits have been shifted out of it.
const fn shifted(register: u64, n: u64) -> (r: u64)
    ensures
        r == shift_bits(register, n as nat),
{
    let mut r = register;
    let mut done: u64 = 0;
    while done < n
        invariant
            done <= n,
            r == shift_bits(register, done as nat),
        decreases n - done,
    {
        r =
        if r & 1 == 1 {
            (r >> 1) ^ POLYNOMIAL
        } else {
            r >> 1
        };
        done += 1;
    }
    r
}

/// For each place of a byte in a word and each value of that byte, what it leaves when the word has been shifted out.
const fn table() -> (t: [u64; 2048])
    ensures
        forall|i: int| 0 <= i < 2048 ==> #[trigger] t@[i] == entry(i),
{
    let mut t = [0u64;2048];
    let mut i: usize = 0;
    while i < 2048
        invariant
            i <= 2048,
            forall|j: int| 0 <= j < i ==> #[trigger] t@[j] == entry(j),
        decreases 2048 - i,
    {
        t[i] = shifted((i % 256) as u64, (64 - 8 * (i / 256)) as u64);
        i += 1;
    }
    t
}

exec static TABLE: [u64; 2048]
    ensures
        forall|i: int| 0 <= i < 2048 ==> #[trigger] TABLE@[i] == entry(i),
{
    table()
}

/// What each value of a byte leaves when three words have been shifted out.
const fn three_words_table() -> (t: [u64; 256])
    ensures
        forall|i: int| 0 <= i < 256 ==> #[trigger] t@[i] == shift_bits(i as u64, 192),
{
    let mut t = [0u64;256];
    let mut i: usize = 0;
    while i < 256
        invariant
            i <= 256,
            forall|j: int| 0 <= j < i ==> #[trigger] t@[j] == shift_bits(j as u64, 192),
        decreases 256 - i,
    {
        t[i] = shifted(i as u64, 192);
        i += 1;
    }
    t
}

exec static THREE_WORDS: [u64; 256]
    ensures
        forall|i: int| 0 <= i < 256 ==> #[trigger] THREE_WORDS@[i] == shift_bits(i as u64, 192),
{
    three_words_table()
}

/// The register after three words, of which all but the lowest byte of the first are zero.
#[inline(always)]
pub fn shift_byte_three_words(byte: u64) -> (r: u64)
    requires
        byte < 256,
    ensures
        r == shift_bits(byte, 192),
{
    THREE_WORDS[byte as usize]
}

/// A byte at place `k` of a word is the lowest when those below it have been shifted out.
proof fn lemma_entry(byte: u64, k: nat)
    requires
        k < 8,
        byte < 256,
    ensures
        shift_bits(byte << (8 * k) as u64, 64) == entry(256 * k + byte),
{
    let n = 8 * k;
    if k == 0 {
        assert(byte << 0 == byte) by (bit_vector);
    } else {
        let m = n as u64;
        assert(byte >> (64 - m) as u64 == 0) by (bit_vector)
            requires
                byte < 256,
                0 < m <= 56,
        ;
        lemma_shift_past(0, byte, n);
        lemma_shift_zero(n);
        let moved = byte << m;
        assert(0u64 ^ byte == byte && 0u64 ^ moved == moved) by (bit_vector);
        lemma_shift_add(moved, n, (64 - n) as nat);
    }
    assert((256 * k + byte) % 256 == byte && (256 * k + byte) / 256 == k);
}

/// The lower half of a word.
pub const LOWER: u64 = 0xffff_ffff;

/// The upper half of a word.
pub const UPPER: u64 = !LOWER;

/// The register after a whole word has been shifted out of it.
#[inline(always)]
pub fn shift_word(word: u64) -> (r: u64)
    ensures
        r == shift_bits(word, 64),
{
    proof {
        lemma_shift_halves(word);
    }
    shift_upper(word) ^ shift_lower(word)
}

/// A word's halves are shifted out independently.
pub proof fn lemma_shift_halves(word: u64)
    ensures
        shift_bits(word, 64) == shift_bits(word & UPPER, 64) ^ shift_bits(word & LOWER, 64),
{
    let (upper, lower) = (word & 0xffff_ffff_0000_0000, word & 0xffff_ffff);
    assert(UPPER == 0xffff_ffff_0000_0000u64) by (compute);
    assert(word == upper ^ lower) by (bit_vector)
        requires
            upper == word & 0xffff_ffff_0000_0000,
            lower == word & 0xffff_ffff,
    ;
    lemma_shift_linear(upper, lower, 64);
}

/// The register after a word has been shifted out of it of which only the lower half counts.
#[inline(always)]
pub fn shift_lower(word: u64) -> (r: u64)
    ensures
        r == shift_bits(word & LOWER, 64),
{
    let (b0, b1, b2, b3) = (
        word & 0xff,
        (word >> 8) & 0xff,
        (word >> 16) & 0xff,
        (word >> 24) & 0xff,
    );
    proof {
        let lower = word & LOWER;
        assert(b0 < 256 && b1 < 256 && b2 < 256 && b3 < 256 && lower == ((b0 << 0) ^ (b1 << 8)) ^ ((
        b2 << 16) ^ (b3 << 24))) by (bit_vector)
            requires
                lower == word & 0xffff_ffff,
                b0 == word & 0xff,
                b1 == (word >> 8) & 0xff,
                b2 == (word >> 16) & 0xff,
                b3 == (word >> 24) & 0xff,
        ;
        let (p0, p1, p2, p3) = (b0 << 0, b1 << 8, b2 << 16, b3 << 24);
        lemma_shift_linear(p0 ^ p1, p2 ^ p3, 64);
        lemma_shift_linear(p0, p1, 64);
        lemma_shift_linear(p2, p3, 64);
        lemma_entry(b0, 0);
        lemma_entry(b1, 1);
        lemma_entry(b2, 2);
        lemma_entry(b3, 3);
    }
    (TABLE[b0 as usize] ^ TABLE[256 + b1 as usize]) ^ (TABLE[512 + b2 as usize] ^ TABLE[768
        + b3 as usize])
}

/// The register after a word has been shifted out of it of which only the upper half counts.
#[inline(always)]
pub fn shift_upper(word: u64) -> (r: u64)
    ensures
        r == shift_bits(word & UPPER, 64),
{
    let (b4, b5, b6, b7) = (
        (word >> 32) & 0xff,
        (word >> 40) & 0xff,
        (word >> 48) & 0xff,
        word >> 56,
    );
    proof {
        let upper = word & 0xffff_ffff_0000_0000;
        assert(UPPER == 0xffff_ffff_0000_0000u64) by (compute);
        assert(b4 < 256 && b5 < 256 && b6 < 256 && b7 < 256 && upper == ((b4 << 32) ^ (b5 << 40))
            ^ ((b6 << 48) ^ (b7 << 56))) by (bit_vector)
            requires
                upper == word & 0xffff_ffff_0000_0000,
                b4 == (word >> 32) & 0xff,
                b5 == (word >> 40) & 0xff,
                b6 == (word >> 48) & 0xff,
                b7 == word >> 56,
        ;
        let (p4, p5, p6, p7) = (b4 << 32, b5 << 40, b6 << 48, b7 << 56);
        lemma_shift_linear(p4 ^ p5, p6 ^ p7, 64);
        lemma_shift_linear(p4, p5, 64);
        lemma_shift_linear(p6, p7, 64);
        lemma_entry(b4, 4);
        lemma_entry(b5, 5);
        lemma_entry(b6, 6);
        lemma_entry(b7, 7);
    }
    (TABLE[1024 + b4 as usize] ^ TABLE[1280 + b5 as usize]) ^ (TABLE[1536 + b6 as usize]
        ^ TABLE[1792 + b7 as usize])
}

/// The register after two words.
#[inline(always)]
pub fn shift_two_words(word: u64) -> (r: u64)
    ensures
        r == shift_bits(word, 128),
{
    proof {
        lemma_shift_add(word, 64, 64);
    }
    shift_word(shift_word(word))
}

/// The CRC-64/XZ of the bytes of `words`.
#[inline(always)]
pub fn crc64_words<const N: usize>(words: &[u64; N]) -> (r: u64)
    ensures
        r == spec_crc64(words_le(words@)),
{
    let mut register = 0xffff_ffff_ffff_ffffu64;
    let mut i: usize = 0;
    assert(words@.take(0) =~= Seq::empty());
    while i < N
        invariant
            i <= N,
            register == shift_bytes(0xffff_ffff_ffff_ffff, words_le(words@.take(i as int))),
        decreases N - i,
    {
        proof {
            let before = words_le(words@.take(i as int));
            assert(words@.take(i + 1).drop_last() =~= words@.take(i as int));
            lemma_shift_concat(0xffff_ffff_ffff_ffff, before, u64_le(words@[i as int]));
            lemma_shift_word(register, words@[i as int]);
        }
        register = shift_word(register ^ words[i]);
        i += 1;
    }
    assert(words@.take(N as int) =~= words@);
    !register
}

} // verus!
