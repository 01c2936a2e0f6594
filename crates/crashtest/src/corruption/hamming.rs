//! Which patterns of wrong bits a CRC misses in a codeword, by search.
//!
//! The code is linear: a pattern of wrong bits goes undetected if the *syndromes* of these bits, by which each of them
//! changes the difference between the CRC that is stored and that of what is stored, add up (by exclusive or) to zero.
//! So two different patterns with the same sum are what is searched for: the bits that only one of them has are missed.
//! The 24 bytes that a codeword's CRC covers besides, and that are not stored, are never wrong and have no syndromes.

use std::ops::ControlFlow;

/// The bits of a codeword: 24 bytes and their CRC.
pub const BITS: usize = 256;

/// The numbers of wrong bits, ascending: in the order of the bytes, the least significant bit of each first.
pub type Pattern = Vec<u16>;

/// The syndrome of each bit of a codeword. The CRC's initial value and its final exclusive or cancel out.
pub fn syndromes(crc64: impl Fn(&[u8]) -> u64) -> Vec<u64> {
    let covered = BITS / 8 - 8;
    let of_zeros = crc64(&vec![0; covered]);
    let of_covered = (0..8 * covered).map(|bit| {
        let mut bytes = vec![0; covered];
        bytes[bit / 8] = 1 << (bit % 8);
        crc64(&bytes) ^ of_zeros
    });
    of_covered.chain((0..64).map(|bit| 1 << bit)).collect()
}

/// A missed pattern of at most `2 * half` bits, if there is one: then two different patterns of at most `half` bits,
/// the empty one among them, have the same sum.
pub fn missed_up_to_twice(half: usize, syndromes: &[u64]) -> Option<Pattern> {
    let sums = Sums::up_to(half, syndromes);
    let mut neighbours = sums.0.windows(2);
    let equal = neighbours.find(|pair| pair[0].0 == pair[1].0)?;
    Some(difference(&equal[0].1, &equal[1].1))
}

/// A missed pattern of 7 bits, if there is one and none of fewer: then one of three bits and one of four have the same
/// sum. The fours are 174,792,640.
pub fn missed_7(syndromes: &[u64]) -> Option<Pattern> {
    let threes = Sums::up_to(3, syndromes);
    let filter = Filter::of(&threes);
    let found = each_pattern(4, syndromes, &mut |four, sum| match four.len() == 4
        && filter.may_have(sum)
    {
        true => threes.find(sum).map_or(ControlFlow::Continue(()), |three| {
            ControlFlow::Break(difference(three, four))
        }),
        false => ControlFlow::Continue(()),
    });
    found.break_value()
}

/// Where 64 bits in a row start among which a pattern is missed: where their syndromes are linearly dependent.
pub fn missed_burst(syndromes: &[u64]) -> Option<usize> {
    syndromes.windows(64).position(|burst| {
        // For each highest bit, the vector of the basis that has it.
        let mut basis = [0u64; 64];
        burst.iter().any(|&syndrome| {
            let mut rest = syndrome;
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

/// The bits that one of two patterns has and the other has not.
fn difference(one: &[u16], other: &[u16]) -> Pattern {
    let only = |of: &[u16], not: &[u16]| -> Pattern {
        of.iter()
            .filter(|bit| !not.contains(bit))
            .copied()
            .collect()
    };
    let mut bits = [only(one, other), only(other, one)].concat();
    bits.sort_unstable();
    bits
}

/// Calls `visit` with each pattern of at most `most` bits, and with the sum of its syndromes, until that breaks.
fn each_pattern<B>(
    most: usize,
    syndromes: &[u64],
    visit: &mut impl FnMut(&[u16], u64) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut bits = Vec::with_capacity(most);
    visit(&bits, 0)?;
    extend(most, syndromes, &mut bits, 0, visit)
}

/// Visits what `bits`, whose sum is this, can be extended to with bits behind its last.
fn extend<B>(
    most: usize,
    syndromes: &[u64],
    bits: &mut Vec<u16>,
    sum: u64,
    visit: &mut impl FnMut(&[u16], u64) -> ControlFlow<B>,
) -> ControlFlow<B> {
    if bits.len() == most {
        return ControlFlow::Continue(());
    }
    let from = bits.last().map_or(0, |&last| usize::from(last) + 1);
    for bit in from..syndromes.len() {
        bits.push(bit as u16);
        let sum = sum ^ syndromes[bit];
        visit(bits, sum)?;
        extend(most, syndromes, bits, sum, visit)?;
        bits.pop();
    }
    ControlFlow::Continue(())
}

/// Sums of syndromes, ascending, and the patterns that have them.
struct Sums(Vec<(u64, Box<[u16]>)>);

impl Sums {
    fn up_to(most: usize, syndromes: &[u64]) -> Sums {
        let mut sums = Vec::new();
        let _: ControlFlow<()> = each_pattern(most, syndromes, &mut |bits, sum| {
            sums.push((sum, bits.into()));
            ControlFlow::Continue(())
        });
        sums.sort_unstable();
        Sums(sums)
    }

    fn find(&self, sum: u64) -> Option<&[u16]> {
        let at = self.0.binary_search_by_key(&sum, |(sum, _)| *sum).ok()?;
        Some(&self.0[at].1)
    }
}

/// A bit for each of 2^27 hashes, which says of most sums that they are not there, at the cost of one read.
struct Filter(Vec<u64>);

impl Filter {
    fn of(sums: &Sums) -> Filter {
        let mut filter = Filter(vec![0; 1 << 21]);
        for (sum, _) in &sums.0 {
            let (word, bit) = Filter::place(*sum);
            filter.0[word] |= bit;
        }
        filter
    }

    fn place(sum: u64) -> (usize, u64) {
        // Multiplicative hashing: the highest bits are mixed best.
        let hash = sum.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 37;
        ((hash / 64) as usize, 1 << (hash % 64))
    }

    fn may_have(&self, sum: u64) -> bool {
        let (word, bit) = Filter::place(sum);
        self.0[word] & bit != 0
    }
}
