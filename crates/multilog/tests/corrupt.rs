//! Damage to the metadata: every bit, and what looks right but is not. `open` names what is damaged and where. Damage that it
//! cannot see matters to nobody, but for damage to the last record, which looks like an interrupted commit.

mod common;

use common::image::*;
use common::{committed_state, image_of, open, pattern, with_lines, Generator, State};
use multilog::*;

const CAPACITIES: [u64; 3] = [14, 20, 30];
const LOGS: usize = CAPACITIES.len();

/// Each journal has room for two commits of all logs.
const LINES: u64 = 4;

/// An image, what it holds, and what it would hold without its last commit.
struct Base {
    image: Vec<u8>,
    state: State,
    before: State,
}

/// Images whose logs are neither empty nor alike: with journal A live and two records in it, with B live and as many, and with A
/// live again and one.
fn bases() -> Vec<Base> {
    let mut logs = with_lines(&CAPACITIES, LINES);
    let mut bases = Vec::new();
    for round in 0..5 {
        let before = committed_state(&logs);
        for log in 0..LOGS as u64 {
            logs.stage_append(log, &pattern(round, 2)).unwrap();
        }
        logs.commit().unwrap();
        bases.push(Base {
            image: image_of(&logs),
            state: committed_state(&logs),
            before,
        });
    }
    let bases: Vec<Base> = bases
        .into_iter()
        .zip(1..)
        .filter_map(|(base, commits)| [2, 4, 5].contains(&commits).then_some(base))
        .collect();
    let found = |base: &Base| {
        let live = live(&base.image);
        (live, records(&base.image, live).len())
    };
    assert_eq!(
        bases.iter().map(found).collect::<Vec<_>>(),
        [(0, 2), (1, 2), (0, 1)]
    );
    bases
}

fn corrupt(part: Part, address: usize) -> Option<OpenError> {
    Some(OpenError::Corrupt(Corruption {
        part,
        address: address as u64,
    }))
}

/// What `open` says of damage at `addr`; None if it opens.
fn expected(image: &[u8], addr: usize) -> Option<OpenError> {
    let live = live(image);
    let (journal, first, records) = (
        journal_at(image, live),
        records_at(image, live),
        records(image, live),
    );
    if addr < 64 {
        corrupt(Part::Superblock, addr / 32 * 32)
    } else if addr < SELECTOR + 8 {
        corrupt(Part::Selector, SELECTOR)
    } else if (journal..journal + 32).contains(&addr) {
        corrupt(Part::Header, journal)
    } else if (journal + 64..first).contains(&addr) {
        let log = (addr - journal) / 64 - 1;
        corrupt(Part::Entry { log: log as u64 }, journal + 64 + 64 * log)
    } else {
        let (_last, others) = records.split_last()?;
        let hit = others
            .iter()
            .find(|(_, at, len)| (*at..at + len).contains(&addr));
        // What follows a record is the header of the next one.
        hit.and_then(|(_, at, len)| {
            corrupt(
                Part::Records {
                    len: *len as u64 + 32,
                },
                *at,
            )
        })
    }
}

/// Where the last record lies.
fn last_record(image: &[u8]) -> std::ops::Range<usize> {
    let (_, at, len) = *records(image, live(image)).last().unwrap();
    at..at + len
}

/// The logs open as `state`, and the first commits make their metadata whole again.
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
    for Base {
        image,
        state,
        before,
    } in bases()
    {
        let (mut refused, mut rolled_back) = (0, 0);
        for bit in 0..8 * metadata_end(&image) {
            let mut damaged = image.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let expected = expected(&image, bit / 8);
            assert_eq!(open(&damaged).err(), expected, "bit {bit}");
            if expected.is_some() {
                refused += 1;
            } else if last_record(&image).contains(&(bit / 8)) {
                rolled_back += 1;
                assert_harmless(&damaged, &before);
            } else {
                assert_harmless(&damaged, &state);
            }
        }
        // The superblock, the selector, the header, the entries, and the records.
        let others = records(&image, live(&image)).len() - 1;
        assert_eq!(refused, 8 * (64 + 8 + 32 + 64 * LOGS + 128 * others));
        assert_eq!(rolled_back, 8 * 128);
    }
}

#[test]
fn every_bit_that_the_last_commit_has_appended() {
    for Base {
        image,
        state,
        before,
    } in bases()
    {
        for (log, (info, _)) in state.iter().enumerate() {
            let (start, capacity) = ring(&image, log);
            for position in info.tail as usize - 2..info.tail as usize {
                for bit in 0..8 {
                    let mut damaged = image.clone();
                    damaged[start + position % capacity] ^= 1 << bit;
                    assert_harmless(&damaged, &before);
                }
            }
        }
    }
}

#[test]
fn up_to_seven_bits_of_a_codeword_or_64_in_a_row() {
    let mut choices = Generator(1);
    for Base { image, .. } in bases() {
        let live = live(&image);
        let mut words = vec![(0, 32), (32, 32), (journal_at(&image, live), 32)];
        words.push((entry_at(&image, live, 1), 64));
        if let [(_, at, len), _] = records(&image, live)[..] {
            words.extend([(at, 32), (at + 32, len - 32)]);
        }
        for (addr, len) in words {
            for case in 0..2_000 {
                let mut damaged = image.clone();
                let line = &mut damaged[addr..addr + len];
                if case % 2 == 0 {
                    for _ in 0..1 + choices.below(7) {
                        let bit = choices.below(8 * len as u64) as usize;
                        line[bit / 8] ^= 1 << (bit % 8);
                    }
                } else {
                    let first = choices.below(8 * len as u64 - 63) as usize;
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
    for Base { image, .. } in bases() {
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

/// Exchanges two lines.
fn swap_lines(image: &mut [u8], one: usize, other: usize) {
    for k in 0..64 {
        image.swap(one + k, other + k);
    }
}

#[test]
fn lines_in_each_others_place() {
    for Base { image, .. } in bases() {
        let live = live(&image);
        let entry = |log| entry_at(&image, live, log);
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            let mut damaged = image.clone();
            swap_lines(&mut damaged, entry(i), entry(j));
            assert_eq!(open(&damaged).err(), expected(&image, entry(i)));
        }
        let mut damaged = image.clone();
        damaged.copy_within(entry(1)..entry(1) + 64, entry(0));
        assert_eq!(open(&damaged).err(), expected(&image, entry(0)));
        // The other journal's header, and its entries.
        for (at, len) in [(journal_at(&image, 0), 32), (entry_at(&image, 0, 0), 64)] {
            let mut damaged = image.clone();
            let distance = journal_at(&image, 1) - journal_at(&image, 0);
            let (from, to) = match live {
                0 => (at + distance, at),
                _ => (at, at + distance),
            };
            damaged.copy_within(from..from + len, to);
            assert_eq!(open(&damaged).err(), expected(&image, to));
        }
    }
}

#[test]
fn records_in_each_others_place() {
    let bases = bases();
    let image = &bases[0].image;
    let [(_, first, len), (_, second, _)] = records(image, 0)[..] else {
        panic!("two records");
    };
    // The second one in both places: what is behind the place of the first is a later one.
    let mut damaged = image.clone();
    damaged.copy_within(second..second + len, first);
    let refused = corrupt(Part::Records { len: 160 }, first);
    assert_eq!(open(&damaged).err(), refused);
    // The first one in both places: a record of an earlier time, behind which there is nothing.
    let mut damaged = image.clone();
    damaged.copy_within(first..first + len, second);
    assert_harmless(&damaged, &bases[0].before);
}

#[test]
fn parts_of_another_region() {
    let image = with_lines(&CAPACITIES, LINES).into_region().into_vec();
    let len = image.len();
    let other = RegionId { lo: 1, hi: 2 };
    let region = MemRegion::new(len);
    let other = MultiLog::create_with_journal(region, &CAPACITIES, LINES, other, false).unwrap();
    let other = other.into_region().into_vec();
    for (addr, len) in [
        (JOURNAL_A, 32),
        (entry_at(&image, 0, 0), 64),
        (entry_at(&image, 0, 2), 64),
    ] {
        let mut damaged = image.clone();
        damaged[addr..addr + len].copy_from_slice(&other[addr..addr + len]);
        let journal = match addr {
            JOURNAL_A => corrupt(Part::Header, addr),
            _ => corrupt(
                Part::Entry {
                    log: (addr as u64 - 192) / 64,
                },
                addr,
            ),
        };
        assert_eq!(open(&damaged).err(), journal);
    }
    // The other id makes the first codeword one of another region.
    let mut damaged = image.clone();
    damaged[32..64].copy_from_slice(&other[32..64]);
    assert_eq!(open(&damaged).err(), corrupt(Part::Superblock, 0));
    // The other superblock is whole; then nothing fits it.
    let mut damaged = image.clone();
    damaged[..64].copy_from_slice(&other[..64]);
    assert_eq!(open(&damaged).err(), corrupt(Part::Header, JOURNAL_A));
}

#[test]
fn another_length() {
    for Base { image, .. } in bases() {
        for actual in [513, 600, image.len() - 1, image.len() + 1, 2 * image.len()] {
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
    let image = with_lines(&CAPACITIES, LINES).into_region().into_vec();
    for len in 0..513 {
        let expected = OpenError::TooSmall { len, required: 513 };
        assert_eq!(open(&image[..len as usize]).err(), Some(expected));
    }
    let smallest = with_lines(&[1], 0).into_region().into_vec();
    assert_eq!(smallest.len(), 513);
    assert!(open(&smallest).is_ok());
}

#[test]
fn no_logs_at_all() {
    for len in [513, 4_096] {
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
    let mut image = with_lines(&[1], 0).into_region().into_vec();
    assert_eq!(word(&image, 0), word(b"multilog", 0));
    set_word(&mut image, 0, 0);
    assert_eq!(open(&image).err(), Some(OpenError::Unformatted));
}
