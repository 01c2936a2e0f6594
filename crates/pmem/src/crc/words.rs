//! The CRC of words, by tables: verified against the specification, bit by bit.
//!
//! A codeword's CRC covers six words, which need no buffer.
#[cfg(verus_only)]
use super::{linear::*, residue::*};
use crate::bytes::*;
use crate::load::*;
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

/// What entry `i` of the table for `n` bits is: byte `i % 256`, at place `i / 256` of a word, when they have been shifted
/// out of it.
spec fn entry(i: int, n: nat) -> u64 {
    shift_bits((i % 256) as u64, (n - 8 * (i / 256)) as nat)
}

/// `register` after `n` bits have been shifted out of it.
pub(super) const fn shifted(register: u64, n: u64) -> (r: u64)
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

/// For each place of a byte in a word and each value of that byte, what it leaves when `n` bits have been shifted out.
const fn table(n: u64) -> (t: [u64; 2048])
    requires
        64 <= n <= 128,
    ensures
        forall|i: int| 0 <= i < 2048 ==> #[trigger] t@[i] == entry(i, n as nat),
{
    let mut t = [0u64;2048];
    let mut i: usize = 0;
    while i < 2048
        invariant
            i <= 2048,
            64 <= n <= 128,
            forall|j: int| 0 <= j < i ==> #[trigger] t@[j] == entry(j, n as nat),
        decreases 2048 - i,
    {
        t[i] = shifted((i % 256) as u64, n - 8 * (i / 256) as u64);
        i += 1;
    }
    t
}

exec static ONE_WORD: [u64; 2048]
    ensures
        forall|i: int| 0 <= i < 2048 ==> #[trigger] ONE_WORD@[i] == entry(i, 64),
{
    table(64)
}

exec static TWO_WORDS: [u64; 2048]
    ensures
        forall|i: int| 0 <= i < 2048 ==> #[trigger] TWO_WORDS@[i] == entry(i, 128),
{
    table(128)
}

/// A byte at place `k` of a word is the lowest when those below it have been shifted out.
proof fn lemma_entry(byte: u64, k: nat, n: nat)
    requires
        k < 8,
        byte < 256,
        n >= 64,
    ensures
        shift_bits(byte << (8 * k) as u64, n) == entry(256 * k + byte, n),
{
    let below = 8 * k;
    if k == 0 {
        assert(byte << 0 == byte) by (bit_vector);
    } else {
        let m = below as u64;
        assert(byte >> (64 - m) as u64 == 0) by (bit_vector)
            requires
                byte < 256,
                0 < m <= 56,
        ;
        lemma_shift_down(byte, below);
        lemma_shift_add(byte << m, below, (n - below) as nat);
    }
    assert((256 * k + byte) % 256 == byte && (256 * k + byte) / 256 == k);
}

/// The lower half of a word.
pub const LOWER: u64 = 0xffff_ffff;

/// The upper half of a word.
pub const UPPER: u64 = !LOWER;

/// What the lower half of a word leaves, by the table for `n` bits.
#[inline(always)]
fn lower(table: &[u64; 2048], word: u64, Ghost(n): Ghost<nat>) -> (r: u64)
    requires
        n >= 64,
        forall|i: int| 0 <= i < 2048 ==> #[trigger] table@[i] == entry(i, n),
    ensures
        r == shift_bits(word & LOWER, n),
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
        lemma_shift_linear(p0 ^ p1, p2 ^ p3, n);
        lemma_shift_linear(p0, p1, n);
        lemma_shift_linear(p2, p3, n);
        lemma_entry(b0, 0, n);
        lemma_entry(b1, 1, n);
        lemma_entry(b2, 2, n);
        lemma_entry(b3, 3, n);
    }
    (table[b0 as usize] ^ table[256 + b1 as usize]) ^ (table[512 + b2 as usize] ^ table[768
        + b3 as usize])
}

/// What the upper half of a word leaves, by the table for `n` bits.
#[inline(always)]
fn upper(table: &[u64; 2048], word: u64, Ghost(n): Ghost<nat>) -> (r: u64)
    requires
        n >= 64,
        forall|i: int| 0 <= i < 2048 ==> #[trigger] table@[i] == entry(i, n),
    ensures
        r == shift_bits(word & UPPER, n),
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
        lemma_shift_linear(p4 ^ p5, p6 ^ p7, n);
        lemma_shift_linear(p4, p5, n);
        lemma_shift_linear(p6, p7, n);
        lemma_entry(b4, 4, n);
        lemma_entry(b5, 5, n);
        lemma_entry(b6, 6, n);
        lemma_entry(b7, 7, n);
    }
    (table[1024 + b4 as usize] ^ table[1280 + b5 as usize]) ^ (table[1536 + b6 as usize]
        ^ table[1792 + b7 as usize])
}

/// A word's halves are shifted out independently.
pub proof fn lemma_shift_halves(word: u64, n: nat)
    ensures
        shift_bits(word, n) == shift_bits(word & UPPER, n) ^ shift_bits(word & LOWER, n),
{
    let (upper, lower) = (word & 0xffff_ffff_0000_0000, word & 0xffff_ffff);
    assert(UPPER == 0xffff_ffff_0000_0000u64) by (compute);
    assert(word == upper ^ lower) by (bit_vector)
        requires
            upper == word & 0xffff_ffff_0000_0000,
            lower == word & 0xffff_ffff,
    ;
    lemma_shift_linear(upper, lower, n);
}

/// The register after a whole word has been shifted out of it.
#[inline(always)]
pub fn shift_word(word: u64) -> (r: u64)
    ensures
        r == shift_bits(word, 64),
{
    proof {
        lemma_shift_halves(word, 64);
    }
    shift_upper(word) ^ shift_lower(word)
}

/// The register after a word has been shifted out of it of which only the lower half counts.
#[inline(always)]
pub fn shift_lower(word: u64) -> (r: u64)
    ensures
        r == shift_bits(word & LOWER, 64),
{
    lower(&ONE_WORD, word, Ghost(64))
}

/// The register after a word has been shifted out of it of which only the upper half counts.
#[inline(always)]
pub fn shift_upper(word: u64) -> (r: u64)
    ensures
        r == shift_bits(word & UPPER, 64),
{
    upper(&ONE_WORD, word, Ghost(64))
}

/// The register after two words.
#[inline(always)]
pub fn shift_two_words(word: u64) -> (r: u64)
    ensures
        r == shift_bits(word, 128),
{
    proof {
        lemma_shift_halves(word, 128);
    }
    upper(&TWO_WORDS, word, Ghost(128)) ^ lower(&TWO_WORDS, word, Ghost(128))
}

/// Two words of message are shifted out independently.
pub(super) proof fn lemma_two_words(register: u64, first: u64, second: u64)
    ensures
        shift_bytes(register, u64_le(first) + u64_le(second)) == shift_bits(register ^ first, 128)
            ^ shift_bits(second, 64),
{
    let both = register ^ first;
    lemma_shift_concat(register, u64_le(first), u64_le(second));
    lemma_shift_word(register, first);
    lemma_shift_word(shift_bits(both, 64), second);
    lemma_shift_linear(shift_bits(both, 64), second, 64);
    lemma_shift_add(both, 64, 64);
}

/// The register after two words of message. The second does not wait for the first.
#[inline(always)]
pub fn take_two_words(register: u64, first: u64, second: u64) -> (r: u64)
    ensures
        r == shift_bytes(register, u64_le(first) + u64_le(second)),
{
    proof {
        lemma_two_words(register, first, second);
    }
    shift_two_words(register ^ first) ^ shift_word(second)
}

/// The register after the lowest `len` bytes of a word of which the others are zero.
#[inline(always)]
fn take_part(register: u64, word: u64, len: usize) -> (r: u64)
    requires
        0 < len < 8,
        forall|k: int| len <= k < 8 ==> #[trigger] u64_le(word)[k] == 0,
    ensures
        r == shift_bytes(register, u64_le(word).take(len as int)),
{
    let n = 8 * len as u64;
    let x = register ^ word;
    proof {
        let (bytes, rest) = (u64_le(word).take(len as int), zeros((8 - len) as nat));
        assert(u64_le(word) =~= bytes + rest);
        lemma_shift_concat(register, bytes, rest);
        lemma_shift_word(register, word);
        theorem_zero_bytes(shift_bytes(register, bytes), (8 - len) as nat);
        lemma_shift_add(x, n as nat, (64 - n) as nat);
        lemma_shift_injective(
            shift_bytes(register, bytes),
            shift_bits(x, n as nat),
            (64 - n) as nat,
        );
        lemma_shift_some(x, n);
    }
    (x >> n) ^ shift_word(x << (64 - n))
}

/// Less than a word is shifted out as a word is, from further up.
proof fn lemma_shift_some(x: u64, n: u64)
    requires
        0 < n < 64,
    ensures
        shift_bits(x, n as nat) == (x >> n) ^ shift_bits(x << (64 - n) as u64, 64),
{
    let m = (64 - n) as u64;
    let (high, low) = (x >> n, (x << m) >> m);
    assert(high >> m == 0 && low >> n == 0 && x == (high << n) ^ low && low << m == x << m)
        by (bit_vector)
        requires
            0 < n < 64,
            m == 64 - n,
            high == x >> n,
            low == (x << m) >> m,
    ;
    lemma_shift_linear(high << n, low, n as nat);
    lemma_shift_down(high, n as nat);
    lemma_shift_down(low, m as nat);
    lemma_shift_add(low << m, m as nat, n as nat);
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
    while N - i >= 2
        invariant
            i <= N,
            register == shift_bytes(0xffff_ffff_ffff_ffff, words_le(words@.take(i as int))),
        decreases N - i,
    {
        proof {
            let (first, second) = (u64_le(words@[i as int]), u64_le(words@[i + 1]));
            let before = words_le(words@.take(i as int));
            lemma_words_le_next(words@, i as int);
            lemma_words_le_next(words@, i + 1);
            assert(words_le(words@.take(i + 2)) =~= before + (first + second));
            lemma_shift_concat(0xffff_ffff_ffff_ffff, before, first + second);
        }
        register = take_two_words(register, words[i], words[i + 1]);
        i += 2;
    }
    if i < N {
        proof {
            lemma_words_le_next(words@, i as int);
            lemma_shift_concat(
                0xffff_ffff_ffff_ffff,
                words_le(words@.take(i as int)),
                u64_le(words@[i as int]),
            );
            lemma_shift_word(register, words@[i as int]);
        }
        register = shift_word(register ^ words[i]);
    }
    assert(words@.take(N as int) =~= words@);
    !register
}

/// The bytes of one more word.
proof fn lemma_words_le_next(words: Seq<u64>, i: int)
    requires
        0 <= i < words.len(),
    ensures
        words_le(words.take(i + 1)) == words_le(words.take(i)) + u64_le(words[i]),
{
    assert(words.take(i + 1).drop_last() =~= words.take(i));
}

/// The register after the bytes from `i` on, less than a word of them.
#[inline(always)]
pub(super) fn take_rest(register: u64, bytes: &[u8], i: usize) -> (r: u64)
    requires
        i <= bytes@.len() < i + 8,
    ensures
        r == shift_bytes(register, bytes@.skip(i as int)),
{
    let left = bytes.len() - i;
    let ghost rest = bytes@.skip(i as int);
    if left == 0 {
        assert(rest =~= Seq::empty());
        return register;
    }
    let word = load_last(bytes, left);
    assert(u64_le(word).take(left as int) =~= rest);
    take_part(register, word, left)
}

/// The register after `bytes`.
pub(super) fn take_bytes(register: u64, bytes: &[u8]) -> (r: u64)
    ensures
        r == shift_bytes(register, bytes@),
{
    let ghost first = register;
    let mut register = register;
    let mut i: usize = 0;
    assert(bytes@.take(0) =~= Seq::empty());
    while bytes.len() - i >= 16
        invariant
            i <= bytes@.len(),
            register == shift_bytes(first, bytes@.take(i as int)),
        decreases bytes@.len() - i,
    {
        let (a, b) = (get_u64(bytes, i), get_u64(bytes, i + 8));
        proof {
            lemma_u64_le_of_from_le(bytes@.subrange(i as int, i + 8));
            lemma_u64_le_of_from_le(bytes@.subrange(i + 8, i + 16));
            assert(bytes@.take(i + 16) =~= bytes@.take(i as int) + (u64_le(a) + u64_le(b)));
            lemma_shift_concat(first, bytes@.take(i as int), u64_le(a) + u64_le(b));
        }
        register = take_two_words(register, a, b);
        i += 16;
    }
    if bytes.len() - i >= 8 {
        let word = get_u64(bytes, i);
        proof {
            lemma_u64_le_of_from_le(bytes@.subrange(i as int, i + 8));
            assert(bytes@.take(i + 8) =~= bytes@.take(i as int) + u64_le(word));
            lemma_shift_concat(first, bytes@.take(i as int), u64_le(word));
            lemma_shift_word(register, word);
        }
        register = shift_word(register ^ word);
        i += 8;
    }
    proof {
        let rest = bytes@.skip(i as int);
        assert(bytes@ =~= bytes@.take(i as int) + rest);
        lemma_shift_concat(first, bytes@.take(i as int), rest);
    }
    take_rest(register, bytes, i)
}

} // verus!
