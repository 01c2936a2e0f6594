//! Records with right CRCs that no commit has written, as a faulty or hostile program may: they count where the format says so, and
//! nothing that lies in wait comes to count later.

mod common;

use common::image::*;
use common::tape::Tape;
use common::{committed_state, open, pattern, with_lines, State};
use multilog::*;

const CAPACITIES: [u64; 2] = [10, 70_000];
const LINES: usize = 6;
const LAST_NUMBER: u64 = (1 << 63) - 1;

/// Logs with `ab` and `cd` in them, and two records in journal A, behind which there is room.
fn image() -> Vec<u8> {
    let mut logs = with_lines(&CAPACITIES, LINES as u64);
    for (log, bytes) in [(0, b"ab"), (1, b"cd")] {
        logs.stage_append(log, bytes).unwrap();
        logs.commit().unwrap();
    }
    let image = logs.into_region().into_vec();
    assert_eq!((live(&image), records(&image, 0).len()), (0, 2));
    image
}

/// The image with these records behind those that are there, and their addresses.
fn with(list: &[&[[u64; 4]]]) -> (Vec<u8>, Vec<usize>) {
    let mut image = image();
    let at = list.iter().map(|changes| push_record(&mut image, changes));
    let at = at.collect();
    (image, at)
}

fn found(image: &[u8]) -> State {
    let logs = open(image).unwrap();
    assert_eq!(logs.check().map(drop), Ok(()));
    committed_state(&logs)
}

/// The heads and tails.
fn extents(image: &[u8]) -> [(u64, u64); 2] {
    let state = found(image);
    [0, 1].map(|log: usize| (state[log].0.head, state[log].0.tail))
}

const BEFORE: [(u64, u64); 2] = [(0, 2), (0, 2)];

fn bad_records(image: &[u8], address: usize, len: usize) {
    let corruption = Corruption {
        part: Part::Records { len: len as u64 },
        address: address as u64,
    };
    assert_eq!(open(image).err(), Some(OpenError::Corrupt(corruption)));
}

#[test]
fn changes_of_no_such_log() {
    for log in [2, 3, (1 << 62) - 1] {
        let unchecked = [change(log, 0, 0, None)];
        let checked = [change(log, 0, 0, Some(b""))];
        let good = [change(0, 1, 2, None)];
        let first = records_at(&image(), 0);
        for bad in [unchecked, checked] {
            let (image, _) = with(&[&bad, &good]);
            bad_records(&image, first, 64 * LINES);
        }
        let (image, _) = with(&[&unchecked]);
        bad_records(&image, first, 64 * LINES);
        // As its bytes are not there, the last one does not count.
        let (image, _) = with(&[&checked]);
        assert_eq!(extents(&image), BEFORE);
        // Nor does what comes before it in the same record.
        let (image, _) = with(&[&[good[0], checked[0], good[0]]]);
        assert_eq!(extents(&image), BEFORE);
    }
}

#[test]
fn a_last_record_whose_bytes_are_not_there() {
    let zeros = [0; 69_998];
    let there = [
        change(1, 0, 65_538, Some(&zeros[..65_536])),
        change(1, 2, 2, Some(b"")),
        change(0, 0, 10, Some(&zeros[..8])),
    ];
    for good in there {
        let (image, _) = with(&[&[good]]);
        let log = (good[0] % (1 << 62)) as usize;
        assert_eq!(extents(&image)[log], (good[1], good[2]));
    }
    let missing = [
        // Other bytes are there.
        change(0, 0, 4, Some(b"xy")),
        // More than are looked at.
        change(1, 0, 65_539, Some(&zeros[..65_537])),
        change(1, 0, 70_000, Some(&zeros)),
        // More than the ring has.
        change(0, 0, 13, Some(&zeros[..11])),
        change(0, 0, u64::MAX, Some(&zeros[..8])),
        // Cut off, or freed, while they were appended.
        change(0, 0, 1, Some(b"")),
        change(0, 3, 4, Some(&zeros[..2])),
        change(0, u64::MAX, u64::MAX, Some(b"")),
    ];
    for bad in missing {
        let (image, _) = with(&[&[bad]]);
        assert_eq!(extents(&image), BEFORE, "{bad:?}");
        // Whatever else the commit has changed did not happen either.
        let (image, _) = with(&[&[change(1, 1, 2, None), bad]]);
        assert_eq!(extents(&image), BEFORE, "{bad:?}");
        // Nobody looks for the bytes of earlier ones, and only what all of them make must make sense.
        let log = bad[0] % (1 << 62);
        let (mut image, _) = with(&[&[bad], &[change(log, 1, 2, None)]]);
        let mut expected = BEFORE;
        expected[log as usize] = (1, 2);
        assert_eq!(extents(&image), expected, "{bad:?}");
        push_record(&mut image, &[change(log, 3, 2, None)]);
        let corruption = Corruption {
            part: Part::Entry { log },
            address: entry_at(&image, 0, log as usize) as u64,
        };
        assert_eq!(open(&image).err(), Some(OpenError::Corrupt(corruption)));
    }
}

#[test]
fn several_changes_of_a_log_and_padding_between_changes() {
    let nothing = [0; 4];
    let (image, _) = with(&[&[change(0, 1, 2, None), nothing, change(0, 2, 2, None)]]);
    assert_eq!(extents(&image), BEFORE, "the second line is not marked");
    let (image, _) = with(&[&[
        change(0, 1, 2, None),
        change(1, 1, 1, None),
        change(0, 2, 2, None),
    ]]);
    assert_eq!(extents(&image), [(2, 2), (1, 1)]);
    let (image, _) = with(&[&[nothing]]);
    assert_eq!(extents(&image), BEFORE);
    let (image, _) = with(&[&[nothing, change(0, 1, 2, None), nothing]]);
    assert_eq!(extents(&image), [(1, 2), (0, 2)]);
}

/// New logs whose snapshot is as of this number.
fn numbered(number: u64) -> Vec<u8> {
    let mut image = new_logs(&CAPACITIES, LINES);
    let rings = [0, 1].map(|log| ring(&image, log));
    set_number(&mut image, 0, number);
    for (log, (start, capacity)) in rings.into_iter().enumerate() {
        set_entry(&mut image, 0, log, [start as u64, capacity as u64, 3, 3]);
    }
    image
}

#[test]
fn numbers_are_used_up() {
    for left in 0..4 {
        let mut logs = open(&numbered(LAST_NUMBER - left)).unwrap();
        let mut expected = Vec::new();
        for commit in 0..left {
            logs.stage_append(0, &[commit as u8]).unwrap();
            assert_eq!(logs.commit(), Ok(()));
            expected.push(commit as u8);
            if left == 3 {
                logs = open(&logs.into_region().into_vec()).unwrap();
            }
        }
        for _ in 0..2 {
            assert_eq!(logs.stage_append(0, b"x"), Ok(3 + left));
            logs.stage_advance_head(1, 3).unwrap();
            for _ in 0..2 {
                assert_eq!(logs.commit(), Err(CommitError::Exhausted));
                assert!(!logs.is_failed());
                assert_eq!(logs.info(0).unwrap().staged_tail, 4 + left);
            }
            assert_eq!(common::contents(&logs, 0), expected);
            assert_eq!(logs.check().map(drop), Ok(()));
            logs.abort();
            assert_eq!(logs.commit(), Ok(()), "nothing is staged");
            logs = open(&logs.into_region().into_vec()).unwrap();
        }
        assert_eq!(common::contents(&logs, 0), expected);
        assert!(CommitError::Exhausted.to_string().contains("commit"));
    }
}

#[test]
fn no_record_has_a_number_behind_the_last_one() {
    for line in 0..LINES {
        let mut image = numbered(LAST_NUMBER);
        let at = records_at(&image, 0) + 64 * line;
        let bytes = record(LAST_NUMBER + 1, &[change(0, 3, 4, None)]);
        image[at..at + bytes.len()].copy_from_slice(&bytes);
        assert_eq!(extents(&image), [(3, 3), (3, 3)]);
    }
}

#[test]
fn lengths_that_cannot_be() {
    let lengths = [
        0,
        1,
        31,
        33,
        64,
        // As far as the journal's end is right, a line more is not.
        32 + 64 * 4,
        1 << 32 | 32,
        1 << 63 | 32,
        u64::MAX - 31,
        u64::MAX,
    ];
    for len in lengths {
        let mut image = image();
        let at = tail(&image, 0);
        assert_eq!(journal_at(&image, 1) - at, 64 * 4);
        let end = image.len().min((at + 32).saturating_add(len as usize));
        let crc = crc_of(&[], &image[at + 32..end]);
        set_codeword(&mut image, at, RECORD_TAG, [3, len, crc]);
        assert_eq!(extents(&image), BEFORE, "{len}");
        let next = record(4, &[change(0, 1, 2, None)]);
        image[at + 128..at + 192].copy_from_slice(&next);
        bad_records(&image, at, 128 + 32);
    }
    // Just to the end.
    let changes = [change(0, 1, 2, None); 7];
    let (image, at) = with(&[&changes]);
    assert_eq!(at[0] + record(3, &changes).len(), journal_at(&image, 1));
    assert_eq!(extents(&image), [(1, 2), (0, 2)]);
}

/// A line of a payload that looks like the header of a later record.
#[test]
fn a_record_within_a_record() {
    // The first word of the second line is a number: this is no record, and evidence that there was one.
    let inner = record(4, &[change(0, 1, 2, None)]);
    let words: Vec<u64> = (0..4).map(|i| word(&inner, 8 * i)).collect();
    let first = change(1, 0, 2, None);
    let (image, at) = with(&[&[first, [words[0], words[1], words[2], words[3]], first]]);
    bad_records(&image, at[0], 96);

    // It is a change, and a header but for its number, which is too large: nothing is found even if the first line is damaged.
    let number = change(0, 1, 2, None)[0];
    let header = codeword(common::ID, RECORD_TAG, [number, 1, 2]);
    let change = [number, 1, 2, word(&header, 24)];
    let (mut image, at) = with(&[&[first, change, first]]);
    assert_eq!(extents(&image), [(1, 2), (0, 2)]);
    image[at[0] + 3] ^= 1;
    assert_eq!(extents(&image), BEFORE);
}

/// What is behind the last record: earlier records are left over, later ones are evidence of damage, but for the next line.
#[test]
fn records_behind_the_last_one() {
    let sound = image();
    let end = journal_at(&sound, 1);
    let tail = tail(&sound, 0);
    for number in [1, 2, 3, 4, 1_000, LAST_NUMBER] {
        for at in (tail..end).step_by(64) {
            let mut image = sound.clone();
            let bytes = record(number, &[change(0, 1, 2, None)]);
            image[at..at + 64].copy_from_slice(&bytes);
            if number <= 2 || at == tail && number > 3 {
                assert_eq!(extents(&image), BEFORE, "{number} at {at}");
            } else if at == tail {
                assert_eq!(extents(&image), [(1, 2), (0, 2)]);
            } else {
                bad_records(&image, tail, at + 32 - tail);
            }
        }
    }
}

/// Records that lie in wait, in the other journal or behind the last record, for their number to come: wherever commits and crashes
/// lead, they never count.
#[test]
fn records_that_lie_in_wait() {
    for lines in [2, 3, LINES as u64] {
        for first in [1, 2, 3, 4, 5] {
            for step in [0, 1, 2] {
                commits_and_crashes(waiting(lines, first, step, 1));
                // In the live one they may be evidence of damage.
                let image = waiting(lines, first, step, 0);
                if open(&image).is_ok() {
                    commits_and_crashes(image);
                }
            }
        }
    }
}

/// Logs after two commits, and whole records on all lines of a journal behind its last record: with this number, and growing so.
fn waiting(lines: u64, first: u64, step: u64, journal: usize) -> Vec<u8> {
    let mut logs = with_lines(&[40, 40], lines);
    for log in 0..2 {
        logs.stage_append(log, &pattern(log, 4)).unwrap();
        logs.commit().unwrap();
    }
    let mut image = logs.into_region().into_vec();
    let from = if journal == 0 {
        tail(&image, 0)
    } else {
        records_at(&image, 1)
    };
    let to = journal_at(&image, journal + 1);
    for (at, i) in (from..to).step_by(64).zip(0..) {
        // It would make log 1 look different.
        let bytes = record(first + step * i, &[change(1, 3, 3, None)]);
        image[at..at + 64].copy_from_slice(&bytes);
    }
    image
}

fn commits_and_crashes(image: Vec<u8>) {
    let tape = Tape::new(image);
    let mut logs = MultiLog::open(tape.clone()).unwrap();
    let mut before = committed_state(&logs);
    for commit in 0..12 {
        logs.stage_append(0, &pattern(commit, 3)).unwrap();
        logs.stage_advance_head(0, 1 + 3 * commit).unwrap();
        logs.commit().unwrap();
        let after = committed_state(&logs);
        assert_eq!(after[1], before[1]);
        for in_flight in tape.take().in_flight() {
            for set in in_flight.subsets(0, 10, commit) {
                let found = found(&in_flight.left(|i| set[i]));
                assert!(found == before || found == after, "commit {commit}");
            }
        }
        before = after;
        if commit % 4 == 3 {
            drop(logs);
            logs = MultiLog::open(tape.clone()).unwrap();
            assert_eq!(committed_state(&logs), before);
        }
    }
}

/// Images of records, of all numbers that may come, as the bytes of a log.
#[test]
fn records_that_users_append() {
    let tape = Tape::new(with_lines(&[1_000, 40], 3).into_region().into_vec());
    let mut logs = MultiLog::open(tape.clone()).unwrap();
    let mut before = committed_state(&logs);
    for number in 1..8 {
        let bytes = record(number + 1, &[change(1, 0, 0, None)]);
        logs.stage_append(0, &bytes).unwrap();
        logs.stage_append(1, b"kept").unwrap();
        logs.commit().unwrap();
        let after = committed_state(&logs);
        for in_flight in tape.take().in_flight() {
            for set in in_flight.subsets(0, 20, number) {
                let found = found(&in_flight.left(|i| set[i]));
                assert!(found == before || found == after);
            }
        }
        before = after;
    }
}
