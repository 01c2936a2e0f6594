//! A crash at any point of a commit, with every subset of the words that were in flight: the logs are those before or those after,
//! and those after only if all words are there. What was dropped is never there again.

mod common;

use common::image::{crc_of, live, records};
use common::tape::{InFlight, Tape};
use common::{committed_state, open, pattern, with_lines, State};
use multilog::MultiLog;

type Logs = MultiLog<Tape>;

/// What is staged for the commit.
type Stage = fn(&mut Logs);

/// As many pieces in flight are tried in all subsets.
const FEW: usize = 13;
const SAMPLE: usize = 1_500;

const CAPACITIES: [u64; 2] = [24, 24];

/// Logs with something in them, whose journals have so many lines for records, on a device that writes down what comes.
fn logs(lines: u64) -> (Logs, Tape) {
    let mut logs = with_lines(&CAPACITIES, lines);
    for log in 0..2 {
        logs.stage_append(log, &pattern(log, 20)).unwrap();
        logs.commit().unwrap();
        logs.stage_advance_head(log, 14).unwrap();
        logs.commit().unwrap();
    }
    opened(logs.into_region().into_vec())
}

fn opened(image: Vec<u8>) -> (Logs, Tape) {
    let tape = Tape::new(image);
    (MultiLog::open(tape.clone()).unwrap(), tape)
}

fn found(image: &[u8]) -> State {
    let logs = open(image).unwrap();
    assert_eq!(logs.check().map(drop), Ok(()));
    committed_state(&logs)
}

/// Whether all pieces of a set are there.
fn all(set: &[bool]) -> bool {
    set.iter().all(|is_there| *is_there)
}

fn images(in_flight: &InFlight) -> impl Iterator<Item = (Vec<bool>, Vec<u8>)> + '_ {
    let sets = in_flight.subsets(FEW, SAMPLE, 1).into_iter();
    sets.map(|set| {
        let image = in_flight.left(|i| set[i]);
        (set, image)
    })
}

/// Stages this. The commit flushes so often. Each subset at its last flush leaves the state before or after, all others before.
/// Returns the images that lost the commit, or that got it without its last flush.
fn commit_everywhere(logs: &mut Logs, tape: &Tape, stage: Stage, flushes: usize) -> Vec<Vec<u8>> {
    let before = committed_state(logs);
    tape.take();
    stage(logs);
    logs.commit().unwrap();
    let after = committed_state(logs);
    let recorded = tape.take();
    assert_eq!(recorded.flushes(), flushes);
    let in_flight = recorded.in_flight();
    let (last, others) = in_flight[..flushes].split_last().unwrap();
    let mut left = Vec::new();
    for (set, image) in others.iter().flat_map(images) {
        assert_eq!(found(&image), before, "{set:?}");
        left.push(image);
    }
    for (set, image) in images(last) {
        let expected = if all(&set) { &after } else { &before };
        assert_eq!(&found(&image), expected, "{set:?}");
        left.push(image);
    }
    assert_eq!(found(&tape.bytes()), after);
    left
}

/// Each kind of commit, and how often it flushes where the record has room.
const COMMITS: [(Stage, usize); 8] = [
    (|logs| append(logs, 0, 3), 1),
    // Around the ring's end, in two pieces.
    (|logs| append(logs, 0, 9), 1),
    (
        |logs| {
            append(logs, 0, 4);
            append(logs, 1, 4);
        },
        1,
    ),
    (
        |logs| {
            append(logs, 0, 6);
            logs.stage_advance_head(0, 20).unwrap();
            logs.stage_truncate(1, 18).unwrap();
        },
        1,
    ),
    (|logs| logs.stage_advance_head(0, 17).unwrap(), 1),
    (|logs| logs.stage_truncate(1, 17).unwrap(), 1),
    // The head is behind what was committed, so there is nothing to compare the bytes with.
    (
        |logs| {
            append(logs, 0, 6);
            logs.stage_advance_head(0, 22).unwrap();
        },
        2,
    ),
    // A part of what was staged is cut off again.
    (
        |logs| {
            append(logs, 0, 6);
            logs.stage_truncate(0, 23).unwrap();
        },
        2,
    ),
];

fn append(logs: &mut Logs, log: u64, len: usize) {
    logs.stage_append(log, &pattern(7 + log, len)).unwrap();
}

/// A commit, so that the next one needs no switch.
fn settle(logs: &mut Logs) {
    logs.stage_advance_head(1, 15).unwrap();
    logs.commit().unwrap();
}

#[test]
fn every_subset_of_the_words_of_a_commit() {
    for (stage, flushes) in COMMITS {
        let (mut logs, tape) = logs(8);
        settle(&mut logs);
        commit_everywhere(&mut logs, &tape, stage, flushes);
    }
}

#[test]
fn every_subset_of_the_words_of_a_commit_that_switches() {
    for (stage, _) in COMMITS {
        // Room for two records of one change: this commit switches, and waits for all bytes meanwhile.
        let (mut logs, tape) = logs(0);
        settle(&mut logs);
        settle_again(&mut logs);
        assert_eq!(records(&tape.bytes(), live(&tape.bytes())).len(), 2);
        commit_everywhere(&mut logs, &tape, stage, 3);
    }
}

fn settle_again(logs: &mut Logs) {
    logs.stage_advance_head(1, 16).unwrap();
    logs.commit().unwrap();
}

/// Images in which the last commit did not happen, although all words of its record are there. It is the first one of its
/// journal, or there is one before it.
fn dropped(lines: u64, is_first: bool, stage: Stage) -> (Vec<Vec<u8>>, State) {
    let (mut logs, tape) = logs(lines);
    if !is_first {
        settle(&mut logs);
    }
    let before = committed_state(&logs);
    let flushes = if is_first { 3 } else { 1 };
    let left = commit_everywhere(&mut logs, &tape, stage, flushes);
    let is_whole = |image: &[u8]| {
        let live = live(image);
        live == self::live(&tape.bytes()) && records(image, live) == records(&tape.bytes(), live)
    };
    let lost = |image: &Vec<u8>| is_whole(image) && found(image) == before;
    let dropped: Vec<Vec<u8>> = left.into_iter().filter(lost).collect();
    (dropped, before)
}

/// What was dropped does not come back when the same bytes are staged again, after one crash or several: neither while they are
/// staged, nor behind that.
#[test]
fn what_was_dropped_stays_dropped() {
    let mut dropped_ones = 0;
    for (lines, is_first) in [(2, true), (3, false), (8, true), (8, false)] {
        for (stage, flushes) in COMMITS {
            if flushes > 1 {
                continue;
            }
            let (images, before) = dropped(lines, is_first, stage);
            dropped_ones += images.len();
            for image in images {
                stays_dropped(&image, stage, &before, 3);
            }
        }
    }
    assert!(dropped_ones > 20, "{dropped_ones}");
}

/// As many crashes one after the other, and commits behind the last one.
fn stays_dropped(image: &[u8], stage: Stage, before: &State, crashes: usize) {
    let (mut logs, tape) = opened(image.to_vec());
    stage(&mut logs);
    for in_flight in tape.recorded().in_flight() {
        for set in in_flight.subsets(4, 30, 2) {
            assert_eq!(&found(&in_flight.left(|i| set[i])), before, "{set:?}");
        }
    }
    if crashes > 1 {
        stays_dropped(&tape.bytes(), stage, before, crashes - 1);
        return;
    }
    logs.abort();
    for round in 0..3 {
        let head = before[0].0.head + round;
        logs.stage_advance_head(0, head + 1).unwrap();
        tape.take();
        logs.commit().unwrap();
        for in_flight in tape.take().in_flight() {
            for set in in_flight.subsets(4, 30, 3) {
                let found = found(&in_flight.left(|i| set[i]));
                assert_eq!(found[0].0.tail, before[0].0.tail);
                assert_eq!(found[1], before[1]);
                let heads = head..=head + 1;
                assert!(heads.contains(&found[0].0.head));
            }
        }
    }
}

/// Opening writes nothing, and the first append after it switches. Crashes during that, again and again, change nothing.
#[test]
fn a_recovery_that_is_interrupted_is_begun_anew() {
    for (stage, flushes) in COMMITS {
        let (mut logs, tape) = logs(3);
        settle(&mut logs);
        let before = committed_state(&logs);
        let left = commit_everywhere(&mut logs, &tape, stage, flushes);
        let after = committed_state(&logs);
        for (seed, mut image) in (0..).zip(left.into_iter().step_by(7)) {
            let state = found(&image);
            assert!(state == before || state == after);
            for crash in 0..6 {
                let (mut logs, tape) = opened(image.clone());
                assert_eq!(tape.recorded().flushes(), 1);
                logs.stage_append(crash % 2, b"x").unwrap();
                let in_flight = tape.recorded().in_flight();
                let at = &in_flight[(crash % 3) as usize + 1];
                let sets = at.subsets(0, 1, seed * 7 + crash);
                image = at.left(|i| sets.last().unwrap()[i]);
                assert_eq!(found(&image), state);
            }
            let (mut logs, _) = opened(image);
            let position = logs.stage_append(0, b"x").unwrap();
            assert_eq!(position, state[0].0.tail);
            logs.commit().unwrap();
        }
    }
}

/// Bytes that end with their own CRC, like a record of a log.
fn with_crc(seed: u64) -> Vec<u8> {
    let mut bytes = pattern(seed, 16);
    let crc = crc_of(&[], &bytes);
    bytes.extend(crc.to_le_bytes());
    bytes
}

/// The CRC of such bytes does not depend on what comes before it. What lies where they are to come is of the same kind and length.
#[test]
fn bytes_that_end_with_their_own_crc() {
    let stages: [(Stage, u64); 2] = [
        (
            |logs| {
                let _ = logs.stage_append(0, &with_crc(logs.info(0).unwrap().tail));
            },
            24,
        ),
        (
            |logs| {
                let payload = pattern(logs.info(0).unwrap().tail, 8);
                let _ = logs.stage_append_record(0, &payload);
            },
            32,
        ),
    ];
    for (stage, len) in stages {
        let logs = with_lines(&[2 * len], 20);
        let (mut logs, tape) = opened(logs.into_region().into_vec());
        for commit in 0..2 {
            stage(&mut logs);
            logs.commit().unwrap();
            assert_eq!(logs.info(0).unwrap().tail, (commit + 1) * len);
        }
        for commit in 0..4 {
            logs.stage_advance_head(0, (commit + 1) * len).unwrap();
            logs.commit().unwrap();
            commit_everywhere(&mut logs, &tape, stage, 1);
        }
    }
}

/// On a device that is not mapped, the record of a commit has the CRC of up to 65,536 bytes. Here such a commit is looked at as on a
/// mapped one, too, which would not write it.
#[test]
fn large_appends() {
    for (len, flushes) in [(513, 1), (5_000, 1), (65_536, 1), (65_537, 2)] {
        let (mut logs, tape) = opened(with_lines(&[70_000], 20).into_region().into_vec());
        logs.stage_append(0, b"x").unwrap();
        logs.commit().unwrap();
        let before = committed_state(&logs);
        tape.take();
        logs.stage_append(0, &pattern(1, len)).unwrap();
        logs.commit().unwrap();
        let after = committed_state(&logs);
        let recorded = tape.take();
        assert_eq!(recorded.flushes(), flushes);
        let in_flight = recorded.in_flight();
        let last = &in_flight[flushes - 1];
        let pieces = last.len();
        for missing in [
            0,
            1,
            pieces / 2,
            pieces.saturating_sub(9),
            pieces - 1,
            pieces,
        ] {
            let image = last.left(|i| i != missing);
            let expected = if missing == pieces { &after } else { &before };
            for found in [found(&image), committed_state(&opened(image).0)] {
                assert!(found == *expected, "{len} bytes, without {missing}");
            }
        }
    }
}
