//! Damage to records of commits: if a later one is there, an error names the bytes up to it. Damage to the last one looks like an
//! interrupted commit.

mod common;

use common::image::*;
use common::{committed_state, image_of, open, pattern, with_lines, Generator, State};
use multilog::*;

/// An image with six records of one to three lines in the live journal, and what it held before each commit, and after the last one.
fn base() -> (Vec<u8>, Vec<State>) {
    let mut logs = with_lines(&[100; 5], 20);
    let mut states = vec![committed_state(&logs)];
    for changed in [1, 3, 5, 2, 1, 4] {
        for log in 0..changed {
            logs.stage_append(log, &pattern(log, 5)).unwrap();
        }
        logs.commit().unwrap();
        states.push(committed_state(&logs));
    }
    let image = image_of(&logs);
    let found = records(&image, 0);
    let lines: Vec<usize> = found.iter().map(|(_, _, len)| len / 64).collect();
    assert_eq!(lines, [1, 2, 3, 2, 1, 3]);
    (image, states)
}

fn bad_records(image: &[u8], from: usize, to: usize) {
    let corruption = Corruption {
        part: Part::Records {
            len: (to - from) as u64,
        },
        address: from as u64,
    };
    let error = open(image).err();
    assert_eq!(error, Some(OpenError::Corrupt(corruption)));
    let said = error.unwrap().to_string();
    assert!(said.contains(&from.to_string()), "{said}");
}

#[test]
fn every_byte_of_records_with_later_ones_behind_them() {
    let (image, states) = base();
    let records = records(&image, 0);
    for pair in records.windows(2) {
        let ((_, at, len), (_, next, _)) = (pair[0], pair[1]);
        for addr in at..at + len {
            for wrong in [1, 0x80, 0xff] {
                let mut damaged = image.clone();
                damaged[addr] ^= wrong;
                bad_records(&damaged, at, next + 32);
            }
        }
    }
    let (number, at, len) = records[5];
    assert_eq!(number, 6);
    for addr in at..at + len {
        let mut damaged = image.clone();
        damaged[addr] ^= 0x10;
        assert_eq!(committed_state(&open(&damaged).unwrap()), states[5]);
    }
}

/// The error reaches to the first record that is left.
#[test]
fn several_records() {
    let (image, _) = base();
    let records = records(&image, 0);
    let mut choices = Generator(1);
    for first in 0..5 {
        for left in first + 1..6 {
            for _ in 0..20 {
                let mut damaged = image.clone();
                // The headers of those between, and anything of the first one.
                for (_, at, _) in &records[first + 1..left] {
                    damaged[at + choices.below(32) as usize] ^= 1 + choices.below(255) as u8;
                }
                let (_, at, len) = records[first];
                damaged[at + choices.below(len as u64) as usize] ^= 1 + choices.below(255) as u8;
                bad_records(&damaged, at, records[left].1 + 32);
            }
        }
    }
    // One of those between may be damaged behind its header as well.
    let mut damaged = image.clone();
    damaged[records[0].1 + 40] ^= 1;
    damaged[records[1].1 + 40] ^= 1;
    bad_records(&damaged, records[0].1, records[1].1 + 32);
}

/// Zeros, ones, or rubbish over whole lines, but not over the last record.
#[test]
fn whole_lines() {
    let (image, _) = base();
    let records = records(&image, 0);
    let lines: Vec<usize> = (records[0].1..records[5].1).step_by(64).collect();
    for &line in &lines {
        let bytes = [vec![0; 64], vec![0xff; 64], pattern(line as u64, 64)];
        for bytes in bytes {
            let mut damaged = image.clone();
            damaged[line..line + 64].copy_from_slice(&bytes);
            let hit = records.iter().rposition(|(_, at, _)| *at <= line).unwrap();
            bad_records(&damaged, records[hit].1, records[hit + 1].1 + 32);
        }
    }
}

/// Rubbish anywhere in what does not count.
#[test]
fn what_does_not_count() {
    let (image, states) = base();
    let ends = [
        (SELECTOR + 8, JOURNAL_A),
        (JOURNAL_A + 32, JOURNAL_A + 64),
        (tail(&image, 0), journal_at(&image, 1)),
        (journal_at(&image, 1), metadata_end(&image)),
    ];
    for (from, to) in ends {
        for seed in 0..50 {
            let mut damaged = image.clone();
            let rubbish = pattern(seed, to - from);
            damaged[from..to].copy_from_slice(&rubbish);
            let mut logs = open(&damaged).unwrap();
            assert_eq!(committed_state(&logs), states[6]);
            assert_eq!(logs.check().map(drop), Ok(()));
            for round in 0..50 {
                logs.stage_append(round % 5, b"x").unwrap();
                logs.commit().unwrap();
            }
            let after = committed_state(&logs);
            let logs = open(&logs.into_region().into_vec()).unwrap();
            assert_eq!(committed_state(&logs), after);
        }
    }
}
