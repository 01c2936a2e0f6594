//! All damage of each kind.

use super::base::Base;
use super::damage::{Change, Damage, Number, Source};
use super::oracle::{self, word, MAGIC, SELECTOR, SELECTOR_A, SELECTOR_B};
use super::trial::Trial;
use fastrand::Rng;

fn metadata(base: &Base) -> u16 {
    base.contents.shape.metadata_end() as u16
}

/// The numbers of the metadata's pieces of 32 bytes. Some are halves of entries, parts of records, or padding.
fn lines(base: &Base) -> std::ops::Range<u8> {
    0..(metadata(base) / 32) as u8
}

/// Each bit of the image.
pub fn bits(trial: &mut Trial) {
    for bit in 0..8 * trial.base.image.len() as u16 {
        let damage = [Damage::Bits(vec![bit])];
        trial.damage(&damage);
        trial.damage_under_open_logs(&damage);
    }
}

/// Whether a bit of the metadata says something, or is in the place of the next record.
fn counts(base: &Base, bit: u16) -> bool {
    let (address, contents) = (usize::from(bit / 8), &base.contents);
    let journal = contents.shape.journal(contents.live_b);
    address < oracle::SELECTOR + 8 || (journal..contents.next() + oracle::LINE).contains(&address)
}

/// Of the bits that say nothing, only each so-manieth is where a burst begins.
const SILENT_STEP: u16 = 61;

/// Bursts at each bit of the metadata that says something, over each number of bits that `lens` has: the first and the last are wrong, and
/// all in between, or, `randoms` times, some.
pub fn bursts(
    trial: &mut Trial,
    lens: impl Iterator<Item = u32> + Clone,
    randoms: u32,
    random: &mut Rng,
) {
    for first in 0..8 * metadata(trial.base) {
        if !counts(trial.base, first) && first % SILENT_STEP != 0 {
            continue;
        }
        for len in lens.clone() {
            let all = u64::MAX >> (64 - len);
            let ends = 1 << (len - 1) | 1;
            trial.damage(&[Damage::Burst { first, wrong: all }]);
            for _ in 0..if len > 2 { randoms } else { 0 } {
                let wrong = random.u64(..) & all | ends;
                trial.damage(&[Damage::Burst { first, wrong }]);
            }
        }
    }
}

/// 2 to 7 bits of each piece, `rounds` times each number, and of each line.
pub fn few_bits(trial: &mut Trial, rounds: usize, random: &mut Rng) {
    for line in lines(trial.base) {
        for count in 2..=7 {
            for _ in 0..rounds {
                let bits = random.choose_multiple(0..256u16, count);
                let bits = bits.into_iter().map(|bit| 256 * u16::from(line) + bit);
                trial.damage(&[Damage::Bits(bits.collect())]);
                let bits = random.choose_multiple(0..512u16, count);
                let bits = bits.into_iter().map(|bit| 512 * u16::from(line / 2) + bit);
                trial.damage(&[Damage::Bits(bits.collect())]);
            }
        }
    }
}

/// Each word of the image zero, all ones, inverted, and replaced by each other one.
pub fn words(trial: &mut Trial) {
    let base = trial.base;
    let addresses = (0..base.image.len() as u16 - 7).step_by(8);
    for address in addresses.clone() {
        let inverted = !word(&base.image, address.into());
        for word in [0, u64::MAX, inverted] {
            trial.damage(&[Damage::Word { address, word }]);
        }
        for from in addresses.clone() {
            trial.damage(&[Damage::WordOf { address, from }]);
        }
    }
}

/// Each piece of 32 bytes of the metadata in each other's place, and each line, from this image, another region's, and the
/// one of an older commit.
pub fn codewords(trial: &mut Trial) {
    let base = trial.base;
    let older = (0..base.older.len() as u8).map(Source::Older);
    let sources: Vec<Source> = [Source::Same, Source::Foreign]
        .into_iter()
        .chain(older)
        .collect();
    for to in lines(base) {
        for from in lines(base) {
            for &of in &sources {
                let piece = Damage::Line { to, of, from };
                if to % 2 == 0 && from % 2 == 0 {
                    let (to, from) = (to + 1, from + 1);
                    trial.damage(&[piece.clone(), Damage::Line { to, of, from }]);
                }
                trial.damage(&[piece]);
            }
            if from < to {
                let (one, other) = (from, to);
                let swap = Damage::Swap { one, other };
                if one % 2 == 0 && other % 2 == 0 {
                    let (one, other) = (one + 1, other + 1);
                    trial.damage(&[swap.clone(), Damage::Swap { one, other }]);
                }
                trial.damage(&[swap]);
            }
        }
    }
    // All of another region or of an older commit, but for some lines.
    for kept in lines(base) {
        for &of in &sources[1..] {
            let all = lines(base).filter(|&line| line != kept);
            let replace = |line| Damage::Line {
                to: line,
                of,
                from: line,
            };
            trial.damage(&all.map(replace).collect::<Vec<_>>());
        }
    }
}

/// The selector's other value, and others.
pub fn selectors(trial: &mut Trial, randoms: usize, random: &mut Rng) {
    let known = [SELECTOR_A, SELECTOR_B];
    let known = known.into_iter().flat_map(|value| {
        let halves = [value >> 32, value << 32, value ^ 0xffff_ffff];
        let turned = [
            value.swap_bytes(),
            value.reverse_bits(),
            value.rotate_left(8),
        ];
        [value, !value, value ^ 1]
            .into_iter()
            .chain(halves)
            .chain(turned)
    });
    let random = std::iter::repeat_with(|| random.u64(..)).take(randoms);
    for word in known.chain([0, u64::MAX]).chain(random) {
        let address = SELECTOR as u16;
        trial.damage(&[Damage::Word { address, word }]);
    }
}

/// Random bytes in place of the image, the superblock, and all behind it; with the magic, and without.
pub fn random_bytes(trial: &mut Trial, rounds: usize, random: &mut Rng) {
    for round in 0..rounds {
        let len = match round % 2 {
            0 => trial.base.image.len(),
            _ => random.usize(..1_000),
        };
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(len).collect();
        let resize = Damage::Resize { len: len as u16 };
        for address in [0, 8, 32, 64, 128, metadata(trial.base)] {
            let bytes = bytes[..len.saturating_sub(address.into())].to_vec();
            trial.damage(&[resize.clone(), Damage::Bytes { address, bytes }]);
        }
        let all = Damage::Bytes { address: 0, bytes };
        let magic = Damage::Word {
            address: 0,
            word: MAGIC,
        };
        trial.damage(&[resize.clone(), all.clone(), magic]);
        trial.damage(&[
            resize,
            all,
            Damage::Word {
                address: 0,
                word: 0,
            },
        ]);
    }
}

/// Each length up to some more than the image's.
pub fn lengths(trial: &mut Trial) {
    for len in 0..trial.base.image.len() as u16 + 80 {
        trial.damage(&[Damage::Resize { len }]);
    }
}

/// Metadata with right CRCs that no damage leaves, but a faulty or hostile program may.
pub fn forged(trial: &mut Trial, rounds: usize, random: &mut Rng) {
    let logs = trial.base.contents.rings.len();
    let len = trial.base.image.len() as u64;
    let counts = [0, 1, 2, 3, 4, 5, 6, 65_536, 65_537, u32::MAX];
    for magic in [MAGIC, MAGIC.swap_bytes(), 0] {
        for version in [0, 1, 2, 3, u32::MAX] {
            for logs in counts {
                for len in [0, len - 1, len, len + 1, u64::MAX] {
                    trial.damage(&[Damage::Header {
                        magic: Some(magic),
                        version: Some(version),
                        logs: Some(logs),
                        len: Some(len),
                    }]);
                }
            }
        }
    }
    let [low, high] = trial.base.contents.id;
    let lines = trial.base.contents.shape.lines as u64;
    let all_lines = [0, lines - 1, lines + 1, 1 << 57, 1 << 58, u64::MAX];
    let payloads = all_lines.map(|lines| [low, high, lines]);
    for payload in payloads.into_iter().chain([[high, low, lines], [0; 3]]) {
        trial.damage(&[Damage::Id { payload }]);
    }
    for _ in 0..rounds {
        let mut number = || match random.u8(..4) {
            0 => Number::Small(random.u8(..60)),
            1 => Number::Address(random.u16(..2 * len as u16)),
            2 => Number::Large(random.u8(..)),
            _ => Number::Any(random.u64(..)),
        };
        let zero = Number::Small(0);
        for b in [false, true] {
            trial.damage(&[Damage::JournalHeader {
                b,
                payload: [number(), zero, zero],
            }]);
            let payload = [number(), number(), number()];
            trial.damage(&[Damage::JournalHeader { b, payload }]);
        }
        for log in 0..logs as u8 {
            let [start, capacity] = trial.base.contents.rings[usize::from(log)].map(Number::Any);
            let [head, tail] = [number(), number()];
            for words in [
                [start, capacity, head, tail],
                [start, capacity, head, head],
                [start, number(), head, tail],
                [number(), number(), head, tail],
            ] {
                trial.damage(&[Damage::Entry { log, words }]);
            }
        }
    }
    for _ in 0..4 * rounds {
        let damages = (0..random.usize(1..4)).map(|_| forged_record(trial.base, random));
        trial.damage(&damages.collect::<Vec<_>>());
    }
}

/// A record of a number that is to come, or has been, mostly with changes of logs that there are.
fn forged_record(base: &Base, random: &mut Rng) -> Damage {
    let logs = base.contents.shape.logs as u8;
    let next = base.contents.records.len() as u8 + 1;
    let behind = base.contents.next() - base.contents.shape.records(base.contents.live_b);
    let line = match random.bool() {
        true => (behind / oracle::LINE) as u8,
        false => random.u8(..=base.contents.shape.lines as u8),
    };
    let number = match random.bool() {
        true => next,
        false => random.u8(..next + 3),
    };
    let mut changes = Vec::new();
    for _ in 0..random.usize(..4) {
        let more = u8::from(random.u8(..10) == 0);
        let log = random.u8(..logs + more);
        let ends = base.contents.entries.get(usize::from(log));
        let &[head, tail] = ends.unwrap_or(&[0, 0]);
        let mut near = |number: u64| match random.u8(..8) {
            0 => Number::Any(random.u64(..)),
            1 => Number::Any(number.wrapping_sub(1)),
            2..5 => Number::Any(number.wrapping_add(random.u64(..5))),
            _ => Number::Any(number),
        };
        let (head, tail) = (near(head), near(tail));
        changes.push(Change {
            log,
            checked: random.bool(),
            right: random.u8(..4) > 0,
            head,
            tail,
        });
    }
    Damage::Record {
        line,
        number,
        changes,
        begins: (random.u8(..8) == 0).then_some(0),
    }
}
