//! Records of one log: found again around the end of the ring and after reopening; what cannot be appended or read is
//! refused, and a device that fails leaves what was there.

#[path = "../../multilog/tests/common/mod.rs"]
mod common;

use common::devices::{io_error, Crashing};
use common::image;
use pmemlog::*;
use std::collections::VecDeque;

/// Where a record is, and its payload.
type Found = (u64, Vec<u8>);

/// The bytes before a log's own.
const METADATA: usize = 8_576;

fn in_memory(capacity: u64) -> PmemLog<MemRegion> {
    PmemLog::create(MemRegion::new(METADATA + capacity as usize), None).unwrap()
}

fn found<R: Region>(records: Records<'_, R>) -> Vec<Result<Found, RecordError>> {
    let found = |record: Record<'_>| (record.position(), record.to_vec());
    records.map(|record| record.map(found)).collect()
}

/// That the log has just these records, from each of them on, and none in between.
fn has_just<R: Region>(log: &PmemLog<R>, expected: &VecDeque<Found>) {
    let all: Vec<_> = expected.iter().cloned().map(Ok).collect();
    assert_eq!(found(log.records()), all);
    for (first, (position, payload)) in expected.iter().enumerate() {
        assert_eq!(found(log.records_from(*position)), all[first..]);
        let record = log.get_record(*position).unwrap();
        assert_eq!(record.payload(), payload);
        assert_eq!(
            record.next_position(),
            position + payload.len() as u64 + RECORD_OVERHEAD
        );
    }
    for position in log.head()..log.tail() {
        if !expected.iter().any(|(start, _)| *start == position) {
            let error = RecordError::NoRecord { position };
            assert_eq!(log.get_record(position).unwrap_err(), error);
            // An iterator that cannot start says so, and ends.
            assert_eq!(found(log.records_from(position)), [Err(error)]);
        }
    }
    assert_eq!(found(log.records_from(log.tail())), []);
}

#[test]
fn records_go_round_the_ring_and_are_there_after_reopening() {
    const CAPACITY: u64 = 151;
    let mut log = in_memory(CAPACITY);
    let mut expected = VecDeque::new();
    for number in 0..200u64 {
        let payload: Vec<u8> = (0..number * 7 % 60).map(|at| (number + at) as u8).collect();
        let needed = payload.len() as u64 + RECORD_OVERHEAD;
        while log.free() < needed {
            let full = AppendRecordError::Full {
                requested: needed,
                available: log.free(),
            };
            assert_eq!(log.append_record(&payload), Err(full));
            let (position, _) = expected.pop_front().unwrap();
            let next = log.get_record(position).unwrap().next_position();
            log.advance_head(next).unwrap();
        }
        let tail = log.tail();
        assert_eq!(log.append_record(&payload), Ok(tail));
        expected.push_back((tail, payload));
        has_just(&log, &expected);
        log = PmemLog::open(log.into_region()).unwrap();
        has_just(&log, &expected);
    }
    assert!(log.head() > 20 * CAPACITY, "it went round only a few times");
}

#[test]
fn records_are_in_the_file_when_it_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let region = FileRegion::create(&path, 16_384, &FileOptions::default()).unwrap();
    let mut log = PmemLog::create(region, None).unwrap();
    let expected = ["", "one", "another"].map(|text| {
        let payload = text.as_bytes().to_vec();
        (log.append_record(&payload).unwrap(), payload)
    });
    drop(log);
    let region = FileRegion::open(&path, &FileOptions::default()).unwrap();
    has_just(&PmemLog::open(region).unwrap(), &VecDeque::from(expected));
}

#[test]
fn a_record_longer_than_the_log_can_ever_hold() {
    for capacity in [1, 23, 24, 25, 100] {
        let mut log = in_memory(capacity);
        let most = capacity.saturating_sub(RECORD_OVERHEAD);
        if capacity >= RECORD_OVERHEAD {
            assert_eq!(log.append_record(&vec![7; most as usize]), Ok(0));
            assert_eq!(log.free(), 0);
            log.advance_head(log.tail()).unwrap();
        }
        let len = match capacity < RECORD_OVERHEAD {
            true => 0,
            false => most + 1,
        };
        let error = AppendRecordError::TooLong { len, capacity };
        assert_eq!(log.append_record(&vec![7; len as usize]), Err(error));
        let said = error.to_string();
        assert!(said.contains(&format!("{len} bytes")) && said.contains(&capacity.to_string()));
        assert_eq!((log.head(), log.free()), (log.tail(), capacity));
    }
}

#[test]
fn a_record_behind_the_last_position() {
    // 30 positions are left, of which a record takes 24 more than its payload has bytes.
    let image = image::with_heads(&[64], u64::MAX - 30);
    let mut log = PmemLog::open(MemRegion::from_vec(image)).unwrap();
    assert_eq!(
        log.append_record(b"1234567"),
        Err(AppendRecordError::PositionOverflow)
    );
    assert_eq!(log.append_record(b"123456"), Ok(u64::MAX - 30));
    assert_eq!(log.tail(), u64::MAX);
    has_just(&log, &VecDeque::from([(u64::MAX - 30, b"123456".to_vec())]));
    assert_eq!(
        log.append_record(b""),
        Err(AppendRecordError::PositionOverflow)
    );
}

#[test]
fn a_position_that_is_not_in_the_log() {
    let mut log = in_memory(100);
    log.append_record(b"first").unwrap();
    let head = log.append_record(b"second").unwrap();
    log.advance_head(head).unwrap();
    let tail = log.tail();
    for position in [0, head - 1, tail, tail + 1, u64::MAX] {
        let error = RecordError::OutOfRange {
            position,
            head,
            tail,
        };
        assert_eq!(log.get_record(position).unwrap_err(), error);
        if position != tail {
            assert_eq!(found(log.records_from(position)), [Err(error)]);
        }
    }
}

#[test]
fn a_record_that_is_cut_or_damaged() {
    let mut log = in_memory(100);
    let position = log.append_record(b"first").unwrap();
    let next = log.append_record(b"second").unwrap();
    log.truncate(next + 29).unwrap();
    let cut = RecordError::Cut {
        position: next,
        len: 6,
        tail: next + 29,
    };
    assert_eq!(
        found(log.records()),
        [Ok((position, b"first".to_vec())), Err(cut)]
    );
    log.truncate(next).unwrap();
    log.append_record(b"another").unwrap();
    let mut image = log.into_region().into_vec();
    image[METADATA + 16] ^= 1;
    let log = PmemLog::open(MemRegion::from_vec(image)).unwrap();
    let damaged = RecordError::Damaged { position, next };
    assert_eq!(log.get_record(position).unwrap_err(), damaged);
    assert_eq!(
        found(log.records()),
        [Err(damaged), Ok((next, b"another".to_vec()))]
    );
}

/// The device fails at each write and flush of an append in turn, around the end of the ring.
#[test]
fn a_device_that_fails() {
    let mut log = in_memory(64);
    log.append(&[7; 50]).unwrap();
    log.advance_head(50).unwrap();
    let position = log.append_record(b"kept").unwrap();
    let image = log.into_region().into_vec();
    let before = VecDeque::from([(position, b"kept".to_vec())]);
    let mut after = before.clone();
    after.push_back((position + 28, b"and more".to_vec()));
    for lives in 1.. {
        let region = Crashing::new(image.clone(), lives).fail_after(lives);
        let mut log = PmemLog::open(region.clone()).unwrap();
        let appended = log.append_record(b"and more");
        if !region.has_failed() {
            assert!(lives > 3, "only {lives} writes and flushes");
            assert_eq!(appended, Ok(position + 28));
            has_just(&log, &after);
            break;
        }
        let errors = [IoOperation::Write, IoOperation::Flush]
            .map(|operation| Err(AppendRecordError::Io(io_error(operation))));
        assert!(errors.contains(&appended), "{appended:?}");
        assert!(log.is_failed());
        // Whatever is asked for then: nothing is tried.
        for payload in [&b""[..], b"and more", &[7; 65]] {
            assert_eq!(log.append_record(payload), Err(AppendRecordError::Failed));
        }
        assert!(AppendRecordError::Failed
            .to_string()
            .contains("open the log anew"));
        has_just(&log, &before);
        for _ in 0..50 {
            let survivor = PmemLog::open(MemRegion::from_vec(region.crash())).unwrap();
            let expected = match survivor.tail() == position + 28 {
                true => &before,
                false => &after,
            };
            has_just(&survivor, expected);
        }
    }
}
