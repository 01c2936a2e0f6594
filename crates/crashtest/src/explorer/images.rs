//! The images that a crash could leave at one moment.

use super::recording::{get, set, Moment, Pending, ALL};
use fastrand::Rng;

/// Where more words were stored, not all pairs of them are tried.
const PAIRS: usize = 100;

/// How many are chosen at random where there are too many to try them all.
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

/// Makes all images of a moment or, if there are too many: all prefixes of the stores, all with one or two words unlike
/// none or all of the stores (with one, if there are very many), and some at random. Stops when `visit` says so.
pub fn each(moment: &Moment, rng: &mut Rng, visit: &mut impl FnMut(&Image) -> bool) {
    let mut image = Image::of(&moment.durable);
    if moment.images() <= ALL {
        all(&moment.pending, &mut image, visit);
    } else {
        some(moment, &mut image, rng, visit);
    }
}

/// Each function returns whether to go on.
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
    moment: &Moment,
    image: &mut Image,
    rng: &mut Rng,
    visit: &mut impl FnMut(&Image) -> bool,
) -> bool {
    let pending = &moment.pending;
    let mut go_on = visit(image);
    go_on = go_on
        && moment.stores.iter().all(|&(word, value)| {
            image.set(word, value);
            visit(image)
        });
    // All of the stores are there now.
    go_on = go_on && deviations(pending, |pending| pending.last, image, visit);
    for word in pending {
        image.set_to(word, 0);
    }
    go_on = go_on && deviations(pending, |_| 0, image, visit);
    go_on
        && (0..RANDOM).all(|_| {
            for word in pending {
                image.set_to(word, rng.usize(..word.values.len()));
            }
            visit(image)
        })
}

/// Makes all images in which one or two words have other values than `usual` chooses, which the image has before and after.
fn deviations(
    pending: &[Pending],
    usual: fn(&Pending) -> usize,
    image: &mut Image,
    visit: &mut impl FnMut(&Image) -> bool,
) -> bool {
    let others = |pending: &Pending| {
        let usual = usual(pending);
        (0..pending.values.len()).filter(move |&choice| choice != usual)
    };
    pending.iter().enumerate().all(|(number, one)| {
        let go_on = others(one).all(|choice| {
            image.set_to(one, choice);
            let others_of = match pending.len() <= PAIRS {
                true => &pending[number + 1..],
                false => &[],
            };
            visit(image)
                && others_of.iter().all(|other| {
                    let go_on = others(other).all(|choice| {
                        image.set_to(other, choice);
                        visit(image)
                    });
                    image.set_to(other, usual(other));
                    go_on
                })
        });
        image.set_to(one, usual(one));
        go_on
    })
}
