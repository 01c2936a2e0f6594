//! The explorer makes the images that it says it does.

use super::images;
use super::recording::{get, Moment, Recording, ALL};
use fastrand::Rng;
use multilog::Region;
use std::collections::HashSet;

/// The images of a moment, in their order, as words.
fn images_of(moment: &Moment) -> Vec<Vec<u64>> {
    let mut made = Vec::new();
    let words = moment.durable.len() / 8;
    images::each(moment, &mut Rng::with_seed(1), &mut |image| {
        made.push((0..words).map(|word| get(&image.bytes, word)).collect());
        true
    });
    made
}

fn store(region: &mut Recording, word: u64, value: u64) {
    region.write(8 * word, &value.to_le_bytes()).unwrap();
}

#[test]
fn all_subsets_with_each_value_of_a_word() {
    let mut region = Recording::of(vec![0; 16]);
    for (word, value) in [(0, 5), (1, 7), (0, 6), (0, 5)] {
        store(&mut region, word, value);
    }
    let [moment] = &region.take_moments()[..] else {
        panic!("one moment")
    };
    let images = images_of(moment);
    let distinct: HashSet<_> = images.iter().cloned().collect();
    let right = [[0, 0], [0, 7], [5, 0], [5, 7], [6, 0], [6, 7]];
    assert_eq!(distinct, right.map(Vec::from).into());
    assert_eq!(images.len(), right.len());
}

#[test]
fn a_store_may_share_words_with_others() {
    let mut region = Recording::of(vec![0; 16]);
    region.write(4, &[1; 8]).unwrap();
    region.write(6, &[2; 2]).unwrap();
    let moments = region.take_moments();
    let images: HashSet<_> = images_of(&moments[0]).into_iter().collect();
    let first = [0, 0x0101_0101 << 32, 0x0202_0101 << 32];
    let all = first.map(|first| [[first, 0], [first, 0x0101_0101]].map(Vec::from));
    assert_eq!(images, all.concat().into_iter().collect());
}

#[test]
fn a_moment_is_kept_before_there_are_too_many_images() {
    let mut region = Recording::of(vec![0; 8 * 20]);
    for word in 0..20 {
        store(&mut region, word, 1);
    }
    let moments = region.take_moments();
    assert_eq!(moments.len(), 2);
    assert_eq!(moments[0].images(), ALL);
    assert_eq!(moments[1].images(), 1 << 20);
    assert_eq!(images_of(&moments[0]).len(), ALL);
}

#[test]
fn where_there_are_too_many_each_prefix_and_each_deviation_of_one_or_two() {
    const WORDS: u64 = 16;
    let mut region = Recording::of(vec![0; 8 * WORDS as usize]);
    store(&mut region, 0, 50);
    for word in 1..WORDS {
        store(&mut region, word, 1);
    }
    store(&mut region, 0, 60);
    let moments = region.take_moments();
    let images: Vec<_> = images_of(&moments[1]);
    let none = vec![0; WORDS as usize];
    let mut all = vec![1; WORDS as usize];
    all[0] = 60;

    let mut prefix = none.clone();
    let stores = (0..WORDS).map(|word| (word as usize, if word == 0 { 50 } else { 1 }));
    assert_eq!(images[0], none);
    for ((word, value), image) in stores.chain([(0, 60)]).zip(&images[1..]) {
        prefix[word] = value;
        assert_eq!(*image, prefix);
    }

    let images: HashSet<_> = images.into_iter().collect();
    let but = |usual: &[u64], changes: &[(usize, u64)]| {
        let mut image = usual.to_vec();
        for &(word, value) in changes {
            image[word] = value;
        }
        image
    };
    for first in [0, 50, 60] {
        for (usual, other) in [(&none, 1), (&all, 0)] {
            assert!(images.contains(&but(usual, &[(0, first)])));
            for word in 1..WORDS as usize {
                let changes = [(word, other), (0, first)];
                assert!(images.contains(&but(usual, &changes)), "{changes:?}");
                let changes = [(word, other), (word % 15 + 1, other)];
                assert!(images.contains(&but(usual, &changes)), "{changes:?}");
            }
        }
    }
}

#[test]
fn a_flush_makes_durable_what_is_on_its_device() {
    let region = Recording::of(vec![0; 32]);
    let [mut first, mut second] = region.split(16);
    store(&mut first, 1, 5);
    store(&mut second, 0, 6);
    first.flush().unwrap();
    let moments = region.take_moments();
    assert_eq!(images_of(&moments[0]).len(), 4);
    let left = images_of(&moments[1]);
    assert_eq!(left, [[0, 5, 0, 0], [0, 5, 6, 0]]);
    assert_eq!(moments[1].stores, [(2, 6)]);
}

#[test]
fn a_mapped_device_lends_what_was_written() {
    let region = Recording::of(vec![7; 32]);
    let [_, part] = region.split(16);
    let mut mapped = part.attached(true);
    mapped.write(3, &[1, 2]).unwrap();
    assert_eq!(mapped.borrow(2, 4), Some(&[7, 1, 2, 7][..]));
    assert_eq!(region.bytes()[18..22], [7, 1, 2, 7]);
    assert_eq!(part.attached(true).borrow(3, 2), Some(&[1, 2][..]));
    assert_eq!(part.attached(false).borrow(3, 2), None);
}
