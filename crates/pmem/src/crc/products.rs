//! The CRC of words, by products of polynomials: verified against the specification, bit by bit.
//!
//! The words of a block are multiplied independently, each by the power of x that is as far from the block's end as it is.
//! What stands for the register before the block is 128 bits that reduce to it, and so is what stands for the one behind
//! it: only the last is reduced.
#[cfg(verus_only)]
use super::{linear::*, residue::*};
use super::{reduction::*, words::*};
use crate::bytes::*;
#[cfg(verus_only)]
use crate::trusted::crc::*;
use crate::trusted::multiply::*;
use vstd::prelude::*;
use vstd::slice::slice_subrange;

verus! {

/// How many words' products are added at a time.
const BLOCK: usize = 8;

/// What a bit leaves when so many words have been shifted out.
const fn powers() -> (t: [u64; BLOCK + 1])
    ensures
        forall|i: int| 0 <= i <= BLOCK ==> #[trigger] t@[i] == shift_bits(1, (64 * i) as nat),
{
    let mut t = [0u64;BLOCK + 1];
    let mut i: usize = 0;
    while i <= BLOCK
        invariant
            i <= BLOCK + 1,
            forall|j: int| 0 <= j < i ==> #[trigger] t@[j] == shift_bits(1, (64 * j) as nat),
        decreases BLOCK + 1 - i,
    {
        t[i] = shifted(1, 64 * i as u64);
        i += 1;
    }
    t
}

exec static POWERS: [u64; BLOCK + 1]
    ensures
        forall|i: int| 0 <= i <= BLOCK ==> #[trigger] POWERS@[i] == shift_bits(1, (64 * i) as nat),
{
    powers()
}

/// The halves of 128 bits.
#[inline(always)]
fn halves(p: u128) -> (r: (u64, u64))
    ensures
        r.0 == lower_half(p) == p as u64,
        r.1 == (p >> 64) as u64,
{
    assert(p & 0xffff_ffff_ffff_ffff <= 0xffff_ffff_ffff_ffff && p >> 64 <= 0xffff_ffff_ffff_ffff
        && (p & 0xffff_ffff_ffff_ffff) as u64 == p as u64) by (bit_vector);
    ((p & 0xffff_ffff_ffff_ffff) as u64, (p >> 64) as u64)
}

/// 128 bits that reduce to a word.
#[inline(always)]
fn upper_half(word: u64) -> (r: u128)
    ensures
        value(r) == word,
{
    let r = (word as u128) << 64;
    proof {
        assert(r as u64 == 0 && (r >> 64) as u64 == word && 0 ^ word == word) by (bit_vector)
            requires
                r == (word as u128) << 64,
        ;
        lemma_shift_zero(64);
    }
    r
}

/// What 128 bits reduce to. The multiple of g(x) that has the same lower half is added, and leaves zeros there.
#[inline(always)]
fn reduce(by: Multiplier, p: u128) -> (r: u64)
    ensures
        r == value(p),
{
    let (low, high) = halves(p);
    let (times, _) = halves(by.product(low, INVERSE));
    let multiple = by.product(times, MODULUS);
    let (_, rest) = halves(multiple);
    proof {
        theorem_back(low);
        assert(shift_bits(MODULUS, 64) == shift_bits(1, 0)) by (compute_only);
        theorem_product(times, MODULUS, 0);
        let left = shift_bits(low, 64);
        assert((left ^ rest) ^ rest == left) by (bit_vector);
    }
    times ^ rest ^ high
}

/// What shifts a word and `n` more out, when multiplied by it.
#[inline(always)]
fn shift_out(by: Multiplier, word: u64, n: usize) -> (r: u128)
    requires
        n <= BLOCK,
    ensures
        value(r) == shift_bits(word, (64 * (n + 1)) as nat),
{
    proof {
        let bits = (64 * n) as nat;
        lemma_shift_add(1, bits, 64);
        theorem_product(word, shift_bits(1, bits), bits + 64);
    }
    by.product(word, POWERS[n])
}

/// What reduces to the register after two words of message.
#[inline(always)]
fn add_two_words(by: Multiplier, register: u64, first: u64, second: u64) -> (r: u128)
    ensures
        value(r) == shift_bytes(register, u64_le(first) + u64_le(second)),
{
    // The second is multiplied by 1, which puts it where the products are: it takes less than to put it there as it is.
    let (a, b) = (shift_out(by, register ^ first, 1), shift_out(by, second, 0));
    proof {
        lemma_value_linear(a, b);
        lemma_two_words(register, first, second);
    }
    a ^ b
}

/// What reduces to the register after `words`, a block or less, if `sum` reduces to the one before them.
#[inline(always)]
fn add_words(by: Multiplier, sum: u128, words: &[u8]) -> (r: u128)
    requires
        0 < words@.len() <= 8 * BLOCK,
        words@.len() % 8 == 0,
    ensures
        value(r) == shift_bytes(value(sum), words@),
{
    // How many words are to be shifted out.
    let mut left: usize = words.len() / 8;
    let (low, high) = halves(sum);
    let (a, b) = (shift_out(by, low, left), shift_out(by, high, left - 1));
    let mut r = a ^ b;
    let mut i: usize = 0;
    proof {
        let n = (64 * left) as nat;
        lemma_value_linear(a, b);
        lemma_shift_add(low, 64, n);
        lemma_shift_linear(shift_bits(low, 64), high, n);
        assert(words@.take(0) =~= Seq::empty());
    }
    while words.len() - i >= 8
        invariant
            i <= words@.len() <= 8 * BLOCK,
            8 * left == words@.len() - i,
            value(r) == shift_bits(
                shift_bytes(value(sum), words@.take(i as int)),
                (64 * left) as nat,
            ),
        decreases left,
    {
        let word = get_u64(words, i);
        let product = if left > 1 {
            shift_out(by, word, left - 1)
        } else {
            word as u128
        };
        proof {
            let n = (64 * left) as nat;
            let before = shift_bytes(value(sum), words@.take(i as int));
            lemma_u64_le_of_from_le(words@.subrange(i as int, i + 8));
            assert(words@.take(i + 8) =~= words@.take(i as int) + u64_le(word));
            lemma_shift_concat(value(sum), words@.take(i as int), u64_le(word));
            lemma_shift_word(before, word);
            lemma_shift_add(before ^ word, 64, (n - 64) as nat);
            lemma_shift_linear(before, word, n);
            lemma_value_word(word);
            lemma_value_linear(r, product);
        }
        r ^= product;
        i += 8;
        left -= 1;
    }
    assert(words@.take(i as int) =~= words@);
    r
}

/// The register after `bytes`, if `sum` reduces to the one before them. A block alone needs no loop.
#[inline(always)]
fn multiply_behind(by: Multiplier, sum: u128, bytes: &[u8]) -> (r: u64)
    ensures
        r == shift_bytes(value(sum), bytes@),
{
    if bytes.len() == 8 * BLOCK {
        reduce(by, add_words(by, sum, bytes))
    } else {
        multiply_blocks(by, sum, bytes)
    }
}

/// The same, block by block. Not inlined, so that the other way is short.
#[inline(never)]
fn multiply_blocks(by: Multiplier, sum: u128, bytes: &[u8]) -> (r: u64)
    ensures
        r == shift_bytes(value(sum), bytes@),
{
    let ghost register = value(sum);
    let mut sum = sum;
    let mut i: usize = 0;
    assert(bytes@.take(0) =~= Seq::empty());
    while bytes.len() - i >= 8 * BLOCK
        invariant
            i <= bytes@.len(),
            value(sum) == shift_bytes(register, bytes@.take(i as int)),
        decreases bytes@.len() - i,
    {
        let block = slice_subrange(bytes, i, i + 8 * BLOCK);
        proof {
            assert(bytes@.take(i + 8 * BLOCK) =~= bytes@.take(i as int) + block@);
            lemma_shift_concat(register, bytes@.take(i as int), block@);
        }
        sum = add_words(by, sum, block);
        i += 8 * BLOCK;
    }
    let len = (bytes.len() - i) / 8 * 8;
    if len > 0 {
        let words = slice_subrange(bytes, i, i + len);
        proof {
            assert(bytes@.take(i + len) =~= bytes@.take(i as int) + words@);
            lemma_shift_concat(register, bytes@.take(i as int), words@);
        }
        sum = add_words(by, sum, words);
        i += len;
    }
    proof {
        assert(bytes@ =~= bytes@.take(i as int) + bytes@.skip(i as int));
        lemma_shift_concat(register, bytes@.take(i as int), bytes@.skip(i as int));
    }
    take_rest(reduce(by, sum), bytes, i)
}

/// The register after two words of message.
#[inline(always)]
pub(super) fn multiply_two_words(by: Multiplier, register: u64, first: u64, second: u64) -> (r: u64)
    ensures
        r == shift_bytes(register, u64_le(first) + u64_le(second)),
{
    reduce(by, add_two_words(by, register, first, second))
}

/// The register after `bytes`.
pub(super) fn multiply_bytes(by: Multiplier, register: u64, bytes: &[u8]) -> (r: u64)
    ensures
        r == shift_bytes(register, bytes@),
{
    multiply_behind(by, upper_half(register), bytes)
}

/// The register after two words of message, and the one after `bytes` behind them, which does not wait for the first to
/// be reduced.
#[inline(always)]
pub(super) fn multiply_words_and_bytes(
    by: Multiplier,
    register: u64,
    first: u64,
    second: u64,
    bytes: &[u8],
) -> (r: (u64, u64))
    ensures
        r.0 == shift_bytes(register, u64_le(first) + u64_le(second)),
        r.1 == shift_bytes(r.0, bytes@),
{
    let sum = add_two_words(by, register, first, second);
    (reduce(by, sum), multiply_behind(by, sum, bytes))
}

} // verus!
