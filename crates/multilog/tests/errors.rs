//! Every error of every operation, with what it says; and none of them changes anything. What a device's failure does
//! is in `failed_device.rs`, what damage does in `corrupt.rs`.

mod common;

use common::devices::{io_error, Shared};
use common::{image, in_memory, len_for, open, state, ID};
use multilog::*;

/// Two logs, one with 3 bytes behind position 2, and something staged.
fn logs() -> MultiLog<MemRegion> {
    let mut logs = in_memory(&[8, 4]);
    logs.stage_append(0, b"abcde").unwrap();
    logs.stage_advance_head(0, 2).unwrap();
    logs.commit().unwrap();
    logs.stage_append(0, b"f").unwrap();
    logs.stage_advance_head(0, 3).unwrap();
    logs.stage_append(1, b"xy").unwrap();
    logs
}

/// The operation fails like this, whatever it is tried on and however often; nothing changes, and the logs go on.
fn refuses<T, E>(
    mut logs: MultiLog<MemRegion>,
    expected: E,
    operation: impl Fn(&mut MultiLog<MemRegion>) -> Result<T, E>,
) where
    E: PartialEq + std::fmt::Debug + std::error::Error,
{
    let before = state(&logs);
    for _ in 0..2 {
        assert_eq!(operation(&mut logs).err().as_ref(), Some(&expected));
        assert_eq!(state(&logs), before);
        assert!(!logs.is_failed());
    }
    assert!(!expected.to_string().is_empty());
    let tails: Vec<u64> = before.iter().map(|(info, _)| info.staged_tail).collect();
    logs.commit().unwrap();
    assert_eq!(logs.check().map(drop), Ok(()));
    let logs = open(&logs.into_region().into_vec()).unwrap();
    let committed: Vec<u64> = state(&logs).iter().map(|(info, _)| info.tail).collect();
    assert_eq!(committed, tails);
}

#[test]
fn append_to_a_log_that_is_not_there() {
    let error = |log| AppendError::NoSuchLog { log, logs: 2 };
    refuses(logs(), error(2), |logs| logs.stage_append(2, b"z"));
    refuses(logs(), error(2), |logs| logs.stage_append(2, b""));
    refuses(logs(), error(u64::MAX), |logs| {
        logs.stage_append_gathered(u64::MAX, &[b"z", b""])
    });
}

#[test]
fn append_while_a_truncation_is_staged() {
    let mut logs = logs();
    logs.stage_truncate(0, 4).unwrap();
    let error = AppendError::TruncationStaged {
        committed_tail: 5,
        staged_tail: 4,
    };
    refuses(logs, error, |logs| logs.stage_append(0, b"z"));
}

#[test]
fn append_to_a_full_log() {
    // Of 8 bytes 4 are taken: position 2, although its freeing is staged, to 5.
    let error = AppendError::Full {
        requested: 5,
        available: 4,
    };
    refuses(logs(), error, |logs| logs.stage_append(0, b"56789"));
    refuses(logs(), error, |logs| {
        logs.stage_append_gathered(0, &[b"56", b"", b"789"])
    });
}

#[test]
fn append_behind_the_last_position() {
    let at_the_end = |back: u64| open(&image::with_heads(&[8, 4], u64::MAX - back)).unwrap();
    let error = AppendError::PositionOverflow;
    refuses(at_the_end(0), error, |logs| logs.stage_append(0, b"z"));
    refuses(at_the_end(2), error, |logs| logs.stage_append(0, b"xyz"));
    // More than there is room for as well, but the positions are what no head advance can help.
    refuses(at_the_end(2), error, |logs| logs.stage_append(0, &[0; 9]));
    let mut logs = at_the_end(2);
    assert_eq!(logs.stage_append(0, b"xy"), Ok(u64::MAX - 2));
    assert_eq!(logs.stage_append(0, b""), Ok(u64::MAX));
    logs.commit().unwrap();
    assert_eq!(common::contents(&logs, 0), b"xy");
}

#[test]
fn move_an_end_of_a_log_that_is_not_there() {
    let error = MoveError::NoSuchLog { log: 2, logs: 2 };
    refuses(logs(), error, |logs| logs.stage_advance_head(2, 0));
    refuses(logs(), error, |logs| logs.stage_truncate(2, 0));
}

#[test]
fn move_an_end_beyond_the_other() {
    // Staged are the head at 3 and the tail at 6.
    for position in [0, 2, 7, u64::MAX] {
        let error = MoveError::OutOfRange {
            position,
            head: 3,
            tail: 6,
        };
        refuses(logs(), error, |logs| logs.stage_advance_head(0, position));
        refuses(logs(), error, |logs| logs.stage_truncate(0, position));
    }
}

#[test]
fn read_a_log_that_is_not_there() {
    let error = ReadError::NoSuchLog { log: 2, logs: 2 };
    refuses(logs(), error, |logs| logs.read(2, 0, &mut []));
    refuses(logs(), error, |logs| {
        logs.read_in_place(2, 0, 0).map(|_| ())
    });
}

#[test]
fn read_what_is_not_committed() {
    // Committed are the positions from 2 to 5, whatever is staged.
    let ranges = [(1, 1), (1, 0), (2, 4), (5, 1), (6, 0), (u64::MAX, 8)];
    for (position, len) in ranges {
        let error = ReadError::OutOfRange {
            position,
            len,
            head: 2,
            tail: 5,
        };
        refuses(logs(), error, |logs| {
            logs.read(0, position, &mut vec![0; len as usize])
        });
        refuses(logs(), error, |logs| {
            logs.read_in_place(0, position, len).map(|_| ())
        });
    }
    let logs = logs();
    assert_eq!(logs.read(0, 5, &mut []), Ok(()));
    assert_eq!(logs.read(1, 0, &mut []), Ok(()));
    let too_long = logs.read_in_place(0, 2, u64::MAX).unwrap_err();
    assert!(matches!(too_long, ReadError::OutOfRange { len, .. } if len == u64::MAX));
}

#[test]
fn borrow_from_a_device_that_is_not_mapped() {
    let region = Shared::new(logs().into_region().into_vec());
    let logs = MultiLog::open(region).unwrap();
    assert_eq!(logs.read_in_place(0, 2, 3), Err(ReadError::NotMapped));
    let out_of_range = logs.read_in_place(0, 2, 4);
    assert!(matches!(out_of_range, Err(ReadError::OutOfRange { .. })));
}

/// Why a region was refused, which is given back.
fn why<L, E>(made: Result<L, Refused<Shared, E>>) -> Option<E> {
    made.err().map(Refused::into_error)
}

#[test]
fn reads_that_the_device_fails() {
    let region = Shared::new(logs().into_region().into_vec());
    let mut logs = MultiLog::open(region.clone()).unwrap();
    let error = io_error(IoOperation::Read);
    region.set_reads_fail(true);
    assert_eq!(logs.read(0, 2, &mut [0; 3]), Err(ReadError::Io(error)));
    assert_eq!(logs.check().map(drop), Err(CheckError::Io(error)));
    let reopened = MultiLog::open(region.clone());
    assert_eq!(why(reopened), Some(OpenError::Io(error)));
    let created = MultiLog::create(region.clone(), &[1]);
    assert_eq!(why(created), Some(CreateError::Io(error)));
    region.set_reads_fail(false);
    assert!(!logs.is_failed(), "a failed read loses nothing");
    assert_eq!(logs.check().map(drop), Ok(()));
    logs.stage_append(1, b"w").unwrap();
    logs.commit().unwrap();
}

/// Creation fails like this, and the region keeps its bytes.
fn create_refuses(region_len: usize, first: u8, capacities: &[u64], expected: CreateError) {
    let mut bytes = common::pattern(9, region_len);
    if region_len >= 8 {
        bytes[..8].copy_from_slice(&[0, 0, 0, 0, 0, 0, 0, first]);
    }
    let region = Shared::new(bytes.clone());
    let refused = MultiLog::create_with_id(region.clone(), capacities, ID, false);
    assert_eq!(why(refused), Some(expected));
    assert_eq!(region.bytes(), bytes);
}

#[test]
fn create_what_cannot_be() {
    create_refuses(1_000, 0, &[], CreateError::NoLogs);
    create_refuses(1_000, 0, &[1, 0, 0], CreateError::ZeroCapacity { log: 1 });
    create_refuses(1_000, 0, &[u64::MAX], CreateError::TooLarge);
    create_refuses(1_000, 0, &[1 << 63, 1 << 63, 1], CreateError::TooLarge);
    let error = CreateError::TooManyLogs {
        logs: 65_537,
        max: 65_536,
    };
    create_refuses(1_000, 0, &vec![1; 65_537], error);
    assert_eq!(required_len(&[]), None);
    assert_eq!(required_len(&[1, 0]), None);
    assert_eq!(required_len(&[u64::MAX]), None);
}

#[test]
fn create_in_too_small_a_region() {
    let required = len_for(&[100, 50]);
    for len in [0, 1, 7, 8, 512, 513, required - 1] {
        let error = CreateError::TooSmall {
            len: len as u64,
            required: required as u64,
        };
        create_refuses(len, 0, &[100, 50], error);
    }
    MultiLog::create(MemRegion::new(required), &[100, 50]).unwrap();
}

#[test]
fn create_over_something() {
    create_refuses(9_000, 1, &[1], CreateError::NotEmpty);
    let existing = logs().into_region().into_vec();
    let region = Shared::new(existing.clone());
    let refused = MultiLog::create(region.clone(), &[1]);
    assert_eq!(why(refused), Some(CreateError::NotEmpty));
    assert_eq!(region.bytes(), existing);

    let logs = MultiLog::create_overwriting(region.clone(), &[5]).unwrap();
    let id = logs.region_id();
    assert_ne!(id, ID);
    let logs = open(&region.bytes()).unwrap();
    assert_eq!((logs.region_id(), logs.log_count()), (id, 1));
    assert_eq!(logs.region_len(), existing.len() as u64);
    assert_eq!(common::contents(&logs, 0), []);
}

#[test]
fn errors_say_what_would_be_accepted() {
    let full = logs().stage_append(0, b"56789").unwrap_err().to_string();
    assert!(full.contains('5') && full.contains('4'), "{full}");
    let range = logs().read(0, 6, &mut [0]).unwrap_err().to_string();
    assert!(range.contains('2') && range.contains('5'), "{range}");
    let none = logs().stage_truncate(7, 0).unwrap_err().to_string();
    assert!(none.contains('7') && none.contains("0 to 1"), "{none}");
}
