//! How much a log takes: exactly its capacity, and again what a committed head advance or truncation gives back.

mod common;

use common::{contents, in_memory, pattern};
use multilog::{AppendError, MemRegion, MultiLog};

const CAPACITY: u64 = 10;

fn full() -> MultiLog<MemRegion> {
    let mut logs = in_memory(&[CAPACITY, 100]);
    logs.stage_append(0, &pattern(1, 10)).unwrap();
    logs.commit().unwrap();
    logs
}

fn free(logs: &MultiLog<MemRegion>) -> u64 {
    logs.info(0).unwrap().free
}

fn refused(requested: u64, available: u64) -> Result<u64, AppendError> {
    Err(AppendError::Full {
        requested,
        available,
    })
}

#[test]
fn a_log_takes_exactly_its_capacity() {
    for capacity in 1..=70 {
        let mut logs = in_memory(&[capacity]);
        let bytes = pattern(capacity, capacity as usize + 1);
        assert_eq!(
            logs.stage_append(0, &bytes),
            refused(capacity + 1, capacity)
        );
        assert_eq!(logs.stage_append(0, &bytes[1..]), Ok(0));
        assert_eq!(free(&logs), 0);
        assert_eq!(logs.stage_append(0, &[7]), refused(1, 0));
        assert_eq!(logs.stage_append(0, &[]), Ok(capacity));
        logs.commit().unwrap();
        assert_eq!(contents(&logs, 0), bytes[1..]);
        assert_eq!(logs.stage_append(0, &[7]), refused(1, 0));
    }
}

#[test]
fn what_is_staged_counts() {
    let mut logs = in_memory(&[CAPACITY]);
    logs.stage_append(0, &[1; 6]).unwrap();
    assert_eq!(free(&logs), 4);
    assert_eq!(logs.stage_append(0, &[2; 5]), refused(5, 4));
    assert_eq!(logs.stage_append(0, &[2; 4]), Ok(6));
    logs.abort();
    assert_eq!(logs.stage_append(0, &[3; 10]), Ok(0));
}

#[test]
fn gathered_parts_are_refused_together() {
    let mut logs = in_memory(&[CAPACITY]);
    let parts: [&[u8]; 3] = [&[1; 4], &[2; 4], &[3; 3]];
    assert_eq!(logs.stage_append_gathered(0, &parts), refused(11, 10));
    assert_eq!(free(&logs), CAPACITY);
    assert_eq!(logs.stage_append_gathered(0, &parts[..2]), Ok(0));
    assert_eq!(free(&logs), 2);
}

#[test]
fn a_head_advance_gives_room_once_it_is_committed() {
    let mut logs = full();
    logs.stage_advance_head(0, 4).unwrap();
    assert_eq!(logs.stage_append(0, &[9; 4]), refused(4, 0));
    logs.commit().unwrap();
    assert_eq!(free(&logs), 4);
    assert_eq!(logs.stage_append(0, &[9; 5]), refused(5, 4));
    assert_eq!(logs.stage_append(0, &[9; 4]), Ok(10));
    logs.commit().unwrap();
    assert_eq!(contents(&logs, 0), [&pattern(1, 10)[4..], &[9; 4]].concat());
}

#[test]
fn an_aborted_head_advance_gives_no_room() {
    let mut logs = full();
    logs.stage_advance_head(0, 10).unwrap();
    logs.abort();
    logs.commit().unwrap();
    assert_eq!(logs.stage_append(0, &[9]), refused(1, 0));
}

#[test]
fn a_truncation_gives_room_once_it_is_committed() {
    let mut logs = full();
    logs.stage_truncate(0, 3).unwrap();
    let staged = AppendError::TruncationStaged {
        committed_tail: 10,
        staged_tail: 3,
    };
    assert_eq!(logs.stage_append(0, &[9]), Err(staged));
    assert_eq!(logs.stage_append(0, &[]), Err(staged));
    assert_eq!(logs.stage_append(1, &[9]), Ok(0), "another log may go on");
    logs.commit().unwrap();
    assert_eq!(free(&logs), 7);
    assert_eq!(logs.stage_append(0, &[9; 8]), refused(8, 7));
    assert_eq!(logs.stage_append(0, &[9; 7]), Ok(3));
    logs.commit().unwrap();
    assert_eq!(contents(&logs, 0), [&pattern(1, 10)[..3], &[9; 7]].concat());
}

#[test]
fn truncating_what_is_only_staged_gives_room_at_once() {
    let mut logs = in_memory(&[CAPACITY]);
    logs.stage_append(0, &[1; 3]).unwrap();
    logs.commit().unwrap();
    logs.stage_append(0, &[2; 7]).unwrap();
    logs.stage_truncate(0, 4).unwrap();
    assert_eq!(logs.stage_append(0, &[3; 6]), Ok(4));
    logs.commit().unwrap();
    assert_eq!(contents(&logs, 0), [1, 1, 1, 2, 3, 3, 3, 3, 3, 3]);
}

#[test]
fn an_append_and_a_head_advance_over_all_of_it_are_one_commit() {
    let mut logs = full();
    logs.stage_advance_head(0, 10).unwrap();
    logs.commit().unwrap();
    assert_eq!(logs.stage_append(0, &pattern(2, 10)), Ok(10));
    logs.stage_advance_head(0, 20).unwrap();
    logs.commit().unwrap();
    let info = logs.info(0).unwrap();
    assert_eq!((info.head, info.tail, info.free), (20, 20, CAPACITY));
}
