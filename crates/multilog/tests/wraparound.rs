//! Logs go round their rings: at every offset of every small ring, what is appended is what is read, and the
//! neighbours keep their bytes.

mod common;

use common::{contents, in_memory, pattern};
use multilog::{MemRegion, MultiLog};

const LARGEST: u64 = 40;

/// A log between two full ones, empty and with its head at `offset`.
fn between_neighbours(capacity: u64, offset: u64) -> MultiLog<MemRegion> {
    let mut logs = in_memory(&[24, capacity, 24]);
    logs.stage_append(0, &[0xaa; 24]).unwrap();
    logs.stage_append(2, &[0xbb; 24]).unwrap();
    let mut head = 0;
    while head < offset {
        let step = capacity.min(offset - head);
        logs.stage_append(1, &pattern(head, step as usize)).unwrap();
        head += step;
        logs.stage_advance_head(1, head).unwrap();
        logs.commit().unwrap();
    }
    logs.commit().unwrap();
    logs
}

/// Reads `bytes` back at `position` in both ways.
fn assert_reads(logs: &MultiLog<MemRegion>, position: u64, bytes: &[u8]) {
    let mut copied = vec![0; bytes.len()];
    logs.read(1, position, &mut copied).unwrap();
    assert_eq!(copied, bytes);
    let len = bytes.len() as u64;
    let (first, second) = logs.read_in_place(1, position, len).unwrap();
    assert_eq!([first, second].concat(), bytes);
    let capacity = logs.info(1).unwrap().capacity;
    let before_the_end = capacity - position % capacity;
    let in_first = len.min(before_the_end);
    assert_eq!(first.len() as u64, in_first, "at {position} of {capacity}");
}

fn assert_neighbours_intact(logs: &MultiLog<MemRegion>) {
    assert_eq!(contents(logs, 0), [0xaa; 24]);
    assert_eq!(contents(logs, 2), [0xbb; 24]);
}

#[test]
fn every_length_from_every_offset_of_every_small_ring() {
    for capacity in 1..=LARGEST {
        for offset in 0..capacity {
            let mut logs = between_neighbours(capacity, offset);
            for len in 0..=capacity {
                let bytes = pattern(len, len as usize);
                assert_eq!(logs.stage_append(1, &bytes), Ok(offset));
                logs.commit().unwrap();
                assert_reads(&logs, offset, &bytes);
                logs.stage_truncate(1, offset).unwrap();
                logs.commit().unwrap();
            }
            assert_neighbours_intact(&logs);
        }
    }
}

#[test]
fn every_part_of_a_full_ring() {
    for capacity in [1, 2, 7, 16, 33] {
        for offset in 0..2 * capacity {
            let mut logs = between_neighbours(capacity, offset);
            let bytes = pattern(offset, capacity as usize);
            logs.stage_append(1, &bytes).unwrap();
            logs.commit().unwrap();
            for from in 0..=bytes.len() {
                for to in from..=bytes.len() {
                    assert_reads(&logs, offset + from as u64, &bytes[from..to]);
                }
            }
        }
    }
}

#[test]
fn gathered_parts_that_meet_anywhere_around_the_end() {
    // All of the ring; and three words, the least that is written as whole ones.
    for (capacity, len) in [(16, 16), (64, 24)] {
        for offset in 0..capacity {
            let mut logs = between_neighbours(capacity, offset);
            let bytes = pattern(offset, len);
            for first in 0..=len {
                for second in first..=len {
                    let parts = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                    assert_eq!(logs.stage_append_gathered(1, &parts), Ok(offset));
                    logs.commit().unwrap();
                    assert_reads(&logs, offset, &bytes);
                    logs.stage_truncate(1, offset).unwrap();
                    logs.commit().unwrap();
                }
            }
            assert_neighbours_intact(&logs);
        }
    }
}

#[test]
fn many_rounds_in_appends_of_every_length() {
    for capacity in [1, 13, 32] {
        let mut logs = between_neighbours(capacity, 0);
        let mut position = 0;
        for round in 0..200 {
            let bytes = pattern(round, (round % capacity + 1) as usize);
            assert_eq!(logs.stage_append(1, &bytes), Ok(position));
            logs.commit().unwrap();
            assert_reads(&logs, position, &bytes);
            position += bytes.len() as u64;
            logs.stage_advance_head(1, position).unwrap();
            logs.commit().unwrap();
        }
        assert_neighbours_intact(&logs);
    }
}
