//! Records: what was appended is found again, from any record on, also around the end of the ring and after reopening.

use multilog::{MemRegion, MultiLog, RecordError};

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
