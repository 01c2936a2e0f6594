//! Records: what was appended is found again, from any record on, also around the end of the ring and after reopening.

mod common;

use common::{image, in_memory};
use multilog::{
    AppendRecordError, MemRegion, MultiLog, Payload, RecordError, Region, RECORD_OVERHEAD,
};

const CAPACITY: u64 = 200;

fn new_logs() -> MultiLog<MemRegion> {
    let capacities = [CAPACITY, CAPACITY];
    let len = multilog::required_len(&capacities).unwrap();
    MultiLog::create(MemRegion::new(len as usize), &capacities).unwrap()
}

fn payload(number: u64) -> Vec<u8> {
    let len = number * 7 % 60;
    (0..len).map(|at| (number + at) as u8).collect()
}

#[test]
fn records_around_the_end_of_the_ring_are_found_again() {
    let mut logs = new_logs();
    for number in 0..100 {
        let tail = logs.info(1).unwrap().tail;
        let payload = payload(number);
        // Whatever the position is, the record is at it, and the only one.
        let position = logs.stage_append_record(1, &payload).unwrap();
        assert_eq!(position, tail);
        logs.commit().unwrap();
        let record = logs.get_record(1, position).unwrap();
        assert_eq!(record.payload(), payload);
        assert_eq!(logs.records(1).count(), 1);
        let end = logs.info(1).unwrap().tail;
        logs.stage_advance_head(1, end).unwrap();
        logs.commit().unwrap();
        assert_eq!(logs.records(1).count(), 0);
    }
}

#[test]
fn records_are_there_after_reopening_and_from_any_of_them_on() {
    let mut logs = new_logs();
    let positions: Vec<u64> = (0..4)
        .map(|number| logs.stage_append_record(0, &payload(number)).unwrap())
        .collect();
    logs.commit().unwrap();
    let logs = MultiLog::open(logs.into_region()).unwrap();
    for (first, position) in positions.iter().enumerate() {
        let found: Vec<Vec<u8>> = logs
            .records_from(0, *position)
            .map(|record| record.unwrap().payload().to_vec())
            .collect();
        let expected: Vec<Vec<u8>> = (first as u64..4).map(payload).collect();
        assert_eq!(found, expected);
    }
    for position in (0..logs.info(0).unwrap().tail).filter(|p| !positions.contains(p)) {
        assert!(logs.get_record(0, position).is_err(), "{position}");
    }
}

#[test]
fn every_wrong_bit_of_a_record_is_detected() {
    let mut logs = new_logs();
    let before = logs.info(0).unwrap().tail;
    let position = logs.stage_append_record(0, b"a payload").unwrap();
    logs.stage_append_record(0, b"the next one").unwrap();
    logs.commit().unwrap();
    let len = logs.get_record(0, position).unwrap().next_position() - before;
    let sound = logs.into_region().into_vec();
    // The ring of log 0 is the first, behind two lines, the directory and two copies of the table of two logs.
    let ring = (128usize + 3 * 2 * 32).next_multiple_of(64);
    for bit in 0..8 * len as usize {
        let mut damaged = sound.clone();
        damaged[ring + bit / 8] ^= 1 << (bit % 8);
        let logs = MultiLog::open(MemRegion::from_vec(damaged)).unwrap();
        let error: RecordError = logs.get_record(0, position).err().unwrap();
        assert!(!error.to_string().is_empty());
    }
}

/// An empty log of this capacity, whose next record starts at this offset of its ring, the second time round.
fn at_offset(capacity: u64, offset: u64) -> MultiLog<MemRegion> {
    let image = image::with_heads(&[capacity], capacity + offset);
    MultiLog::open(MemRegion::from_vec(image)).unwrap()
}

#[test]
fn a_record_of_no_bytes_and_the_longest_one_fit_at_every_offset() {
    for capacity in [RECORD_OVERHEAD, RECORD_OVERHEAD + 1, 41, 64] {
        let longest = capacity - RECORD_OVERHEAD;
        for offset in 0..capacity {
            for len in [0, longest] {
                let payload: Vec<u8> = (1..=len as u8).collect();
                let mut logs = at_offset(capacity, offset);
                let position = logs.stage_append_record(0, &payload).unwrap();
                assert_eq!(position, capacity + offset);
                logs.commit().unwrap();
                let logs = MultiLog::open(logs.into_region()).unwrap();
                let record = logs.get_record(0, position).unwrap();
                assert_eq!(record.payload(), payload);
                let info = logs.info(0).unwrap();
                assert_eq!(record.next_position(), info.tail);
                assert_eq!(info.free, longest - len);
                assert_eq!(logs.records(0).count(), 1);
            }
        }
    }
}

#[test]
fn a_byte_more_than_the_longest_payload_is_refused_at_every_offset() {
    for capacity in [RECORD_OVERHEAD, RECORD_OVERHEAD + 1, 41, 64] {
        let len = capacity - RECORD_OVERHEAD + 1;
        for offset in 0..capacity {
            let mut logs = at_offset(capacity, offset);
            let before = logs.info(0);
            let error = AppendRecordError::TooLong { len, capacity };
            let staged = logs.stage_append_record(0, &vec![7; len as usize]);
            assert_eq!(staged, Err(error));
            assert_eq!(logs.info(0), before);
        }
    }
}

#[test]
fn a_log_smaller_than_a_record_takes_none() {
    for capacity in [1, 8, 16, RECORD_OVERHEAD - 1] {
        let mut logs = in_memory(&[capacity]);
        for len in [0, 1, capacity] {
            let error = AppendRecordError::TooLong { len, capacity };
            let staged = logs.stage_append_record(0, &vec![7; len as usize]);
            assert_eq!(staged, Err(error));
        }
        assert_eq!(logs.info(0).unwrap().staged_tail, 0);
        // What is too small for records takes bytes.
        assert_eq!(logs.stage_append(0, &vec![7; capacity as usize]), Ok(0));
    }
}

#[test]
fn a_payload_is_copied_only_if_it_goes_round_the_end() {
    const CAPACITY: u64 = 64;
    let (mut in_place, mut copied) = (0, 0);
    for offset in 0..CAPACITY {
        for len in 0..=CAPACITY - RECORD_OVERHEAD {
            let payload: Vec<u8> = (0..len).map(|at| (offset + at) as u8).collect();
            let mut logs = at_offset(CAPACITY, offset);
            let position = logs.stage_append_record(0, &payload).unwrap();
            logs.commit().unwrap();
            // Its header is of 16 bytes. That and the CRC behind it may go round as they like.
            let start = (offset + 16) % CAPACITY;
            let whole = start + len <= CAPACITY;
            match logs.get_record(0, position).unwrap().into_payload() {
                Payload::InPlace(bytes) => {
                    assert!(whole, "{len} bytes at offset {start}");
                    assert_eq!(bytes, payload);
                    let region = logs.region().borrow(0, logs.region().len() as usize);
                    let region = region.unwrap().as_ptr_range();
                    let bytes = bytes.as_ptr_range();
                    assert!(region.start <= bytes.start && bytes.end <= region.end);
                    in_place += 1;
                }
                Payload::Copied(bytes) => {
                    assert!(!whole, "{len} bytes at offset {start}");
                    assert_eq!(bytes, payload);
                    copied += 1;
                }
            }
        }
    }
    assert!(in_place > 1000 && copied > 500, "{in_place}, {copied}");
}
