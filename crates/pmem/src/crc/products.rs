//! The CRC of words, by products of polynomials: verified against the specification, bit by bit.
//!
//! The words are multiplied independently, each by the power of x that is as far from the end as it is, and the sum of
//! the products is reduced once.
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

/// The register after two words of message.
#[inline(always)]
pub(super) fn multiply_two_words(by: Multiplier, register: u64, first: u64, second: u64) -> (r: u64)
    ensures
        r == shift_bytes(register, u64_le(first) + u64_le(second)),
{
    let both = register ^ first;
    let product = shift_out(by, both, 1);
    proof {
        lemma_value_word(second);
        lemma_value_linear(product, second as u128);
        lemma_shift_concat(register, u64_le(first), u64_le(second));
        lemma_shift_word(register, first);
        lemma_shift_word(shift_bits(both, 64), second);
        lemma_shift_linear(shift_bits(both, 64), second, 64);
        lemma_shift_add(both, 64, 64);
    }
    reduce(by, product ^ second as u128)
}

/// Adds `words`, a block or less, to what reduces to the register before its last word is shifted out: with `next`, which
/// is added to the next word, that is `register`. Returns the same for all words or, if they are the `last`, what reduces
/// to the register after them.
#[inline(always)]
fn add_words(
    by: Multiplier,
    sum: u128,
    next: u64,
    words: &[u8],
    last: bool,
    Ghost(register): Ghost<u64>,
) -> (r: u128)
    requires
        shift_bits(value(sum), 64) ^ next == register,
        words@.len() == 0 ==> next == 0,
        words@.len() % 8 == 0,
        if last {
            words@.len() < 8 * BLOCK
        } else {
            words@.len() == 8 * BLOCK
        },
    ensures
        shift_bits(
            value(r),
            if last {
                0
            } else {
                64
            },
        ) == shift_bytes(register, words@),
{
    // How many bits less than the register's are shifted out.
    let ghost less: nat = if last {
        0
    } else {
        64
    };
    // How many words are to be shifted out.
    let mut behind: usize = words.len() / 8 + if last {
        1
    } else {
        0
    };
    let (low, high) = halves(sum);
    let (a, b) = (shift_out(by, low, behind), shift_out(by, high, behind - 1));
    let mut r = a ^ b;
    let mut next = next;
    let mut i: usize = 0;
    proof {
        lemma_value_linear(a, b);
        let n = (64 * behind) as nat;
        lemma_shift_add(low, 64, n);
        lemma_shift_linear(shift_bits(low, 64), high, n);
        lemma_shift_add(value(sum), n, less);
        let len = (8 * words@.len()) as nat;
        lemma_shift_add(value(sum), 64, len);
        lemma_shift_linear(shift_bits(value(sum), 64), next, len);
        assert(words@.take(0) =~= Seq::empty());
    }
    while words.len() - i >= 8
        invariant
            i <= words@.len() <= 8 * BLOCK,
            i % 8 == 0,
            words@.len() % 8 == 0,
            last ==> less == 0 && words@.len() < 8 * BLOCK,
            !last ==> less == 64,
            8 * behind == words@.len() - i + if last {
                8int
            } else {
                0
            },
            i == words@.len() ==> next == 0,
            shift_bits(value(r), less) ^ shift_bits(next, (8 * (words@.len() - i)) as nat)
                == shift_bits(
                shift_bytes(register, words@.take(i as int)),
                (8 * (words@.len() - i)) as nat,
            ),
        decreases words@.len() - i,
    {
        let word = get_u64(words, i);
        let added = word ^ next;
        let product = if behind >= 2 {
            shift_out(by, added, behind - 2)
        } else {
            upper_half(added)
        };
        proof {
            let left = (8 * (words@.len() - i)) as nat;
            let before = shift_bytes(register, words@.take(i as int));
            assert(shift_bits(value(product), less) == shift_bits(added, left)) by {
                lemma_shift_add(added, (64 * (behind - 1)) as nat, less);
            }
            lemma_u64_le_of_from_le(words@.subrange(i as int, i + 8));
            assert(words@.take(i + 8) =~= words@.take(i as int) + u64_le(word));
            lemma_shift_concat(register, words@.take(i as int), u64_le(word));
            lemma_shift_word(before, word);
            lemma_shift_add(before ^ word, 64, (left - 64) as nat);
            lemma_shift_linear(before, word, left);
            lemma_shift_linear(word, next, left);
            lemma_value_linear(r, product);
            lemma_shift_linear(value(r), value(product), less);
            lemma_shift_zero((left - 64) as nat);
            let (p, q, s) = (
                shift_bits(value(r), less),
                shift_bits(next, left),
                shift_bits(word, left),
            );
            assert((p ^ (s ^ q)) ^ 0 == (p ^ q) ^ s) by (bit_vector);
        }
        r ^= product;
        next = 0;
        i += 8;
        behind -= 1;
    }
    proof {
        assert(words@.take(i as int) =~= words@);
        lemma_shift_zero(0);
        let p = shift_bits(value(r), less);
        assert(p ^ 0 == p) by (bit_vector);
    }
    r
}

/// The register after `bytes`.
pub(super) fn multiply_bytes(by: Multiplier, register: u64, bytes: &[u8]) -> (r: u64)
    ensures
        r == shift_bytes(register, bytes@),
{
    if bytes.len() < 8 {
        assert(bytes@.skip(0) =~= bytes@);
        return take_rest(register, bytes, 0);
    }
    let (mut sum, mut next) = (0u128, register);
    let mut i: usize = 0;
    proof {
        lemma_value_word(0);
        lemma_shift_zero(64);
        assert(0 ^ register == register) by (bit_vector);
        assert(bytes@.take(0) =~= Seq::empty());
    }
    while bytes.len() - i >= 8 * BLOCK
        invariant
            i <= bytes@.len(),
            next == 0 || bytes@.len() - i >= 8,
            shift_bits(value(sum), 64) ^ next == shift_bytes(register, bytes@.take(i as int)),
        decreases bytes@.len() - i,
    {
        let block = slice_subrange(bytes, i, i + 8 * BLOCK);
        let ghost before = shift_bytes(register, bytes@.take(i as int));
        sum = add_words(by, sum, next, block, false, Ghost(before));
        next = 0;
        proof {
            assert(bytes@.take(i + 8 * BLOCK) =~= bytes@.take(i as int) + block@);
            lemma_shift_concat(register, bytes@.take(i as int), block@);
            let after = shift_bits(value(sum), 64);
            assert(after ^ 0 == after) by (bit_vector);
        }
        i += 8 * BLOCK;
    }
    let len = (bytes.len() - i) / 8 * 8;
    let words = slice_subrange(bytes, i, i + len);
    let ghost before = shift_bytes(register, bytes@.take(i as int));
    let after = reduce(by, add_words(by, sum, next, words, true, Ghost(before)));
    proof {
        let rest = bytes@.skip(i + len);
        assert(bytes@.take(i + len) =~= bytes@.take(i as int) + words@);
        lemma_shift_concat(register, bytes@.take(i as int), words@);
        assert(bytes@ =~= bytes@.take(i + len) + rest);
        lemma_shift_concat(register, bytes@.take(i + len), rest);
    }
    take_rest(after, bytes, i + len)
}

} // verus!
