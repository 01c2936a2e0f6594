//! Damage to the metadata: every bit, and what looks right but is not. `open` names what is damaged and where; damage
//! that it cannot see matters to nobody.

mod common;

use common::image::*;
use common::{committed_state, in_memory, open, pattern, Generator, State};
use multilog::*;

const CAPACITIES: [u64; 3] = [10, 20, 30];
const LOGS: usize = CAPACITIES.len();

/// Images with copy A live and with copy B live, whose logs are neither empty nor alike.
fn images() -> [Vec<u8>; 2] {
    let mut logs = in_memory(&CAPACITIES);
    let mut images = Vec::new();
    for round in 0..4 {
        for log in 0..LOGS as u64 {
            logs.stage_append(log, &pattern(round, 2)).unwrap();
        }
        logs.commit().unwrap();
        let bytes = logs.into_region().into_vec();
        logs = open(&bytes).unwrap();
        images.push(bytes);
    }
    let [a, b] = [images[3].clone(), images[2].clone()];
    assert_eq!([live_copy(&a), live_copy(&b)], [0, 1]);
    [a, b]
}

fn corrupt(part: Part, address: usize) -> Option<OpenError> {
    Some(OpenError::Corrupt(Corruption {
        part,
        address: address as u64,
    }))
}

/// What `open` says of damage at `addr`; None if it is to no use.
fn expected(image: &[u8], addr: usize) -> Option<OpenError> {
    let log = |from: usize| (addr - from) / 32;
    let live = entry_at(LOGS, live_copy(image), 0);
    if addr < 64 {
        corrupt(Part::Superblock, addr / 32 * 32)
    } else if addr < SELECTOR + 8 {
        corrupt(Part::Selector, SELECTOR)
    } else if (DIRECTORY..DIRECTORY + 32 * LOGS).contains(&addr) {
        let log = log(DIRECTORY);
        corrupt(Part::Directory { log: log as u64 }, DIRECTORY + 32 * log)
    } else if (live..live + 32 * LOGS).contains(&addr) {
        let log = log(live);
        corrupt(Part::Entry { log: log as u64 }, live + 32 * log)
    } else {
        None
    }
}

/// The logs open as `state`, and the first commit makes their metadata whole again.
fn assert_harmless(image: &[u8], state: &State) {
    let mut logs = open(image).unwrap();
    assert_eq!(committed_state(&logs), *state);
    assert_eq!(logs.check().map(drop), Ok(()));
    for round in 0..2 {
        logs.stage_append(0, &[round]).unwrap();
        logs.commit().unwrap();
        assert_eq!(logs.check().map(drop), Ok(()));
        let reopened = open(&logs.into_region().into_vec()).unwrap();
        assert_eq!(
            reopened.info(0).unwrap().tail,
            state[0].0.tail + u64::from(round) + 1
        );
        assert_eq!(committed_state(&reopened)[1..], state[1..]);
        logs = reopened;
    }
}

#[test]
fn every_bit_of_the_metadata() {
    for image in images() {
        let state = committed_state(&open(&image).unwrap());
        let mut harmless = 0;
        for bit in 0..8 * metadata_end(LOGS) {
            let mut damaged = image.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let expected = expected(&image, bit / 8);
            assert_eq!(open(&damaged).err(), expected, "bit {bit}");
            if expected.is_none() {
                harmless += 1;
                assert_harmless(&damaged, &state);
            }
        }
        // The idle copy, the padding behind the selector, and an entry of padding in each of the other two.
        assert_eq!(harmless, 8 * (stride(LOGS) + 56 + 32 + 32));
    }
}

#[test]
fn up_to_seven_bits_of_a_codeword_or_64_in_a_row() {
    let mut choices = Generator(1);
    for image in images() {
        let live = entry_at(LOGS, live_copy(&image), 1);
        for addr in [0, 32, DIRECTORY + 64, live] {
            for case in 0..2_000 {
                let mut damaged = image.clone();
                let line = &mut damaged[addr..addr + 32];
                if case % 2 == 0 {
                    for _ in 0..1 + choices.below(7) {
                        let bit = choices.below(256) as usize;
                        line[bit / 8] ^= 1 << (bit % 8);
                    }
                } else {
                    let first = choices.below(193) as usize;
                    let wrong = choices.next();
                    for bit in (0..64).filter(|bit| wrong >> bit & 1 == 1) {
                        line[(first + bit) / 8] ^= 1 << ((first + bit) % 8);
                    }
                }
                if damaged == image {
                    continue;
                }
                match open(&damaged).err() {
                    Some(OpenError::Unformatted) => assert_eq!(word(&damaged, 0), 0),
                    error => assert_eq!(error, expected(&image, addr)),
                }
            }
        }
    }
}

#[test]
fn every_kind_of_selector() {
    for image in images() {
        let mut values = vec![0, 1, u64::MAX, SELECTOR_A.swap_bytes(), SELECTOR_A ^ 0xff];
        let mut choices = Generator(2);
        values.extend((0..10_000).map(|_| choices.next()));
        for value in values {
            let mut damaged = image.clone();
            set_word(&mut damaged, SELECTOR, value);
            assert_eq!(open(&damaged).err(), corrupt(Part::Selector, SELECTOR));
        }
    }
}

#[test]
fn entries_in_each_others_place() {
    for image in images() {
        for base in [DIRECTORY, entry_at(LOGS, live_copy(&image), 0)] {
            for (i, j) in [(0, 1), (0, 2), (1, 2)] {
                let mut damaged = image.clone();
                for k in 0..32 {
                    damaged.swap(base + 32 * i + k, base + 32 * j + k);
                }
                let expected = expected(&image, base + 32 * i);
                assert_eq!(open(&damaged).err(), expected);
            }
        }
        let mut damaged = image.clone();
        damaged.copy_within(
            DIRECTORY..DIRECTORY + 32,
            entry_at(LOGS, live_copy(&image), 0),
        );
        let live = entry_at(LOGS, live_copy(&image), 0);
        assert_eq!(open(&damaged).err(), expected(&image, live));
    }
}

#[test]
fn entries_of_another_region() {
    let [image, _] = images();
    let len = image.len();
    let other = MultiLog::create(MemRegion::new(len), &CAPACITIES).unwrap();
    let other = other.into_region().into_vec();
    let live = entry_at(LOGS, 0, 0);
    for addr in [DIRECTORY, DIRECTORY + 64, live, live + 32] {
        let mut damaged = image.clone();
        damaged[addr..addr + 32].copy_from_slice(&other[addr..addr + 32]);
        assert_eq!(open(&damaged).err(), expected(&image, addr));
    }
    // The other id makes the first codeword one of another region.
    let mut damaged = image.clone();
    damaged[32..64].copy_from_slice(&other[32..64]);
    assert_eq!(open(&damaged).err(), corrupt(Part::Superblock, 0));
    // The other superblock is whole; then nothing fits it.
    let mut damaged = image.clone();
    damaged[..64].copy_from_slice(&other[..64]);
    assert_eq!(open(&damaged).err(), expected(&image, DIRECTORY));
}

#[test]
fn another_length() {
    for image in images() {
        for actual in [321, 400, image.len() - 1, image.len() + 1, 2 * image.len()] {
            let mut resized = image.clone();
            resized.resize(actual, 0);
            let expected = OpenError::WrongLength {
                recorded: image.len() as u64,
                actual: actual as u64,
            };
            assert_eq!(open(&resized).err(), Some(expected));
        }
    }
}

#[test]
fn too_small_for_logs() {
    for len in 0..321 {
        let expected = OpenError::TooSmall { len, required: 321 };
        assert_eq!(open(&images()[0][..len as usize]).err(), Some(expected));
    }
    let smallest = in_memory(&[1]).into_region().into_vec();
    assert_eq!(smallest.len(), 321);
    assert!(open(&smallest).is_ok());
}

#[test]
fn no_logs_at_all() {
    for len in [321, 4_096] {
        assert_eq!(open(&vec![0; len]).err(), Some(OpenError::Unformatted));
        for seed in 0..2_000 {
            let error = open(&pattern(seed, len)).err();
            assert_eq!(error, Some(OpenError::Unformatted));
        }
    }
    // With a magic word it is a collection whose superblock is damaged.
    let mut bytes = pattern(1, 4_096);
    bytes[..8].copy_from_slice(b"multilog");
    assert_eq!(open(&bytes).err(), corrupt(Part::Superblock, 32));
    // Without one, it is logs whose creation did not finish.
    let [mut image, _] = images();
    set_word(&mut image, 0, 0);
    assert_eq!(open(&image).err(), Some(OpenError::Unformatted));
    assert_eq!(
        word(&in_memory(&[1]).into_region().into_vec(), 0),
        word(b"multilog", 0)
    );
}
