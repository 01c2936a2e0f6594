//! As many logs as a region holds, and one more.

mod common;

use common::{contents, open, ID};
use multilog::{required_len, CreateError, MemRegion, MultiLog, Refused, MAX_LOGS};

const LAST: u64 = MAX_LOGS - 1;

/// Capacities that differ: 1 to 16 bytes.
fn capacities() -> Vec<u64> {
    (0..MAX_LOGS).map(|log| 1 + log % 16).collect()
}

#[test]
fn as_many_logs_as_possible_are_created_changed_and_found_again() {
    assert_eq!(MAX_LOGS, 65_536);
    let region = MemRegion::new(common::len_for(&capacities()));
    let mut logs = MultiLog::create_with_id(region, &capacities(), ID, false).unwrap();
    assert_eq!(logs.log_count(), MAX_LOGS);
    for log in 0..MAX_LOGS {
        logs.stage_append(log, &[log as u8; 16][..(1 + log % 16) as usize])
            .unwrap();
    }
    logs.commit().unwrap();
    logs.stage_advance_head(0, 1).unwrap();
    logs.stage_truncate(LAST, 3).unwrap();
    logs.commit().unwrap();

    let mut logs = open(&logs.into_region().into_vec()).unwrap();
    assert_eq!(logs.check().map(drop), Ok(()));
    assert_eq!(contents(&logs, 0), []);
    assert_eq!(contents(&logs, LAST), [0xff; 3]);
    for log in 1..LAST {
        assert_eq!(
            contents(&logs, log),
            vec![log as u8; (1 + log % 16) as usize]
        );
    }
    assert_eq!(logs.info(MAX_LOGS), None);

    // The first commit after opening writes a whole snapshot, the next ones what has changed: both must be found.
    for round in 0..3 {
        assert_eq!(logs.stage_append(LAST, &[round]), Ok(3 + u64::from(round)));
        logs.commit().unwrap();
        logs = open(&logs.into_region().into_vec()).unwrap();
        logs.stage_append(0, &[round]).unwrap();
        logs.commit().unwrap();
        logs.stage_advance_head(0, 2 + u64::from(round)).unwrap();
        logs.commit().unwrap();
    }
    let logs = open(&logs.into_region().into_vec()).unwrap();
    assert_eq!(contents(&logs, LAST), [0xff, 0xff, 0xff, 0, 1, 2]);
    assert_eq!(logs.info(0).unwrap().head, 4);
}

#[test]
fn one_log_more_is_refused() {
    let capacities = vec![1; MAX_LOGS as usize + 1];
    assert_eq!(required_len(&capacities), None);
    let refused = MultiLog::create(MemRegion::new(1 << 20), &capacities).err();
    let expected = CreateError::TooManyLogs {
        logs: MAX_LOGS + 1,
        max: MAX_LOGS,
    };
    assert_eq!(refused.map(Refused::into_error), Some(expected));
}

#[test]
fn odd_and_even_numbers_of_logs() {
    for count in 1..=9 {
        let capacities: Vec<u64> = (1..=count).collect();
        let mut logs = common::in_memory(&capacities);
        for round in 1..=4 {
            for log in 0..count {
                logs.stage_append(log, &[(10 * round + log) as u8]).unwrap();
                logs.stage_advance_head(log, round - 1).unwrap();
                logs.commit().unwrap();
                logs.stage_advance_head(log, round).unwrap();
                logs.commit().unwrap();
            }
            logs = open(&logs.into_region().into_vec()).unwrap();
            for log in 0..count {
                assert_eq!(logs.info(log).unwrap().tail, round);
            }
        }
    }
}
