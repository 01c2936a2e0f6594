//! The images that a crash could leave at one moment.

use super::recording::{get, set, Moment, Pending};
use fastrand::Rng;

/// So many images of a moment are made, if there are no more.
const ALL: usize = 1 << 14;

/// How many are chosen at random where there are more.
const RANDOM: usize = 512;

/// An image that is being changed word by word, and its hash, which costs the same however long it is.
pub struct Image {
    pub bytes: Vec<u8>,
    pub hash: u64,
}

impl Image {
    fn of(bytes: &[u8]) -> Image {
        let hash = (0..bytes.len() / 8).fold(0, |hash, word| hash ^ mix(word, get(bytes, word)));
        Image {
            bytes: bytes.to_vec(),
            hash,
        }
    }

    fn set(&mut self, word: usize, value: u64) {
        self.hash ^= mix(word, get(&self.bytes, word)) ^ mix(word, value);
        set(&mut self.bytes, word, value);
    }

    fn set_to(&mut self, pending: &Pending, choice: usize) {
        self.set(pending.word, pending.values[choice]);
    }
}

/// Spreads a word at its place over 64 bits (the finalizer of SplitMix64).
fn mix(word: usize, value: u64) -> u64 {
    let mut x = value ^ (word as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Makes all images of a moment or, if there are too many: all prefixes, all with one or two words unlike none or all of
/// the stores, and some at random. Stops when `visit` says so.
pub fn each(moment: &Moment, rng: &mut Rng, visit: &mut impl FnMut(&Image) -> bool) {
    let mut image = Image::of(&moment.durable);
    let choices = moment.pending.iter().map(|p| p.values.len());
    let count = choices.fold(1usize, |count, choices| count.saturating_mul(choices));
    if count <= ALL {
        all(&moment.pending, &mut image, visit);
    } else {
        some(&moment.pending, &mut image, rng, visit);
    }
}

fn all(pending: &[Pending], image: &mut Image, visit: &mut impl FnMut(&Image) -> bool) -> bool {
    let Some((first, others)) = pending.split_first() else {
        return visit(image);
    };
    let go_on = (0..first.values.len()).all(|choice| {
        image.set_to(first, choice);
        all(others, image, visit)
    });
    image.set_to(first, 0);
    go_on
}

fn some(
    pending: &[Pending],
    image: &mut Image,
    rng: &mut Rng,
    visit: &mut impl FnMut(&Image) -> bool,
) {
    for last in pending {
        image.set_to(last, last.values.len() - 1);
        if !visit(image) {
            return;
        }
    }
    // All of the stores are there now.
    for unlike_all in [true, false] {
        for a in pending {
            toggle(image, a, unlike_all);
            for b in pending {
                if b.word > a.word {
                    toggle(image, b, unlike_all);
                }
                if b.word >= a.word && !visit(image) {
                    return;
                }
                if b.word > a.word {
                    toggle(image, b, !unlike_all);
                }
            }
            toggle(image, a, !unlike_all);
        }
        for word in pending {
            image.set_to(word, 0);
        }
    }
    for _ in 0..RANDOM {
        for word in pending {
            image.set_to(word, rng.usize(..word.values.len()));
        }
        if !visit(image) {
            return;
        }
    }
}

/// Takes a store back, or makes it.
fn toggle(image: &mut Image, pending: &Pending, back: bool) {
    let last = pending.values.len() - 1;
    image.set_to(pending, if back { 0 } else { last });
}
