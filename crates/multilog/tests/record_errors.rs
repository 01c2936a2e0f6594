//! Every error of appending and of reading a record, by value; and that reading goes on where the next record is known.

mod common;

use common::devices::{io_error, Crashing};
use common::{image, in_memory, open, state};
use multilog::*;
use std::ops::Range;

/// Two logs of 100 bytes; in the first one are two records.
fn logs() -> MultiLog<MemRegion> {
    let mut logs = in_memory(&[100, 100]);
    assert_eq!(logs.stage_append_record(0, b"first"), Ok(0));
    assert_eq!(logs.stage_append_record(0, b"second"), Ok(29));
    logs.commit().unwrap();
    logs
}

/// The append is refused like this, twice, and stages nothing; what it says has all these words.
fn refuses(
    logs: &mut MultiLog<MemRegion>,
    log: u64,
    payload: &[u8],
    error: AppendRecordError,
    words: &[&str],
) {
    let before = state(logs);
    for _ in 0..2 {
        assert_eq!(logs.stage_append_record(log, payload), Err(error));
        assert_eq!(state(logs), before);
    }
    says(&error.to_string(), words);
}

fn says(said: &str, words: &[&str]) {
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
}

#[test]
fn every_error_of_an_append() {
    let no_such_log = AppendRecordError::NoSuchLog { log: 2, logs: 2 };
    refuses(&mut logs(), 2, b"x", no_such_log, &["2"]);

    let too_long = AppendRecordError::TooLong {
        len: 77,
        capacity: 100,
    };
    refuses(&mut logs(), 1, &[7; 77], too_long, &["77", "24", "100"]);

    let full = AppendRecordError::Full {
        requested: 42,
        available: 41,
    };
    refuses(&mut logs(), 0, &[7; 18], full, &["42", "41"]);

    let mut truncated = logs();
    truncated.stage_truncate(0, 29).unwrap();
    let truncation_staged = AppendRecordError::TruncationStaged {
        committed_tail: 59,
        staged_tail: 29,
    };
    refuses(&mut truncated, 0, b"x", truncation_staged, &["59", "29"]);
    truncated.commit().unwrap();
    assert_eq!(truncated.stage_append_record(0, b"x"), Ok(29));

    let mut at_the_end = open(&image::with_heads(&[100], u64::MAX - 24)).unwrap();
    let overflow = AppendRecordError::PositionOverflow;
    refuses(&mut at_the_end, 0, b"x", overflow, &["64 bits"]);
    assert_eq!(at_the_end.stage_append_record(0, b""), Ok(u64::MAX - 24));
}

#[test]
fn every_error_of_an_append_to_a_device_that_fails() {
    let image = logs().into_region().into_vec();
    // Opening flushes once.
    let region = Crashing::new(image, 0).fail_after(1);
    let mut logs = MultiLog::open(region).unwrap();
    let io = AppendRecordError::Io(io_error(IoOperation::Write));
    assert_eq!(logs.stage_append_record(0, b"x"), Err(io));
    says(&io.to_string(), &["write", "Input/output error"]);
    // Failed, whatever else would be wrong.
    let failed = AppendRecordError::Failed;
    assert_eq!(logs.stage_append_record(0, b"x"), Err(failed));
    assert_eq!(logs.stage_append_record(2, &[7; 101]), Err(failed));
    says(&failed.to_string(), &["open the logs anew"]);
    let records: Vec<_> = logs
        .records(0)
        .map(|record| record.unwrap().to_vec())
        .collect();
    assert_eq!(records, [&b"first"[..], b"second"]);
}

/// There is no record there, and the iterator's first item says so too.
fn is_none<R: Region>(logs: &MultiLog<R>, log: u64, position: u64, error: RecordError) {
    assert_eq!(logs.get_record(log, position).unwrap_err(), error);
    let mut records = logs.records_from(log, position);
    assert_eq!(records.next().unwrap().unwrap_err(), error);
}

/// The same, and it is the last item.
fn is_none_and_ends<R: Region>(logs: &MultiLog<R>, log: u64, position: u64, error: RecordError) {
    is_none(logs, log, position, error);
    let mut records = logs.records_from(log, position).skip(1);
    assert!(records.next().is_none() && records.next().is_none());
}

#[test]
fn every_error_of_reading() {
    let mut logs = logs();
    let no_such_log = RecordError::NoSuchLog { log: 2, logs: 2 };
    is_none_and_ends(&logs, 2, 0, no_such_log);
    says(&no_such_log.to_string(), &["2"]);

    logs.stage_advance_head(0, 5).unwrap();
    logs.commit().unwrap();
    for position in [0, 4, 59, 60, u64::MAX] {
        let out_of_range = RecordError::OutOfRange {
            position,
            head: 5,
            tail: 59,
        };
        says(
            &out_of_range.to_string(),
            &[&position.to_string(), "5", "59"],
        );
        match position == 59 {
            false => is_none_and_ends(&logs, 0, position, out_of_range),
            // From the tail on there is nothing to iterate over, which is no error.
            true => {
                assert_eq!(logs.get_record(0, 59).unwrap_err(), out_of_range);
                assert!(logs.records_from(0, 59).next().is_none());
            }
        }
    }

    // In a payload, before a record, and with less than a header up to the tail.
    for position in [5, 28, 30, 44, 58] {
        let no_record = RecordError::NoRecord { position };
        is_none_and_ends(&logs, 0, position, no_record);
        says(&no_record.to_string(), &[&position.to_string()]);
    }

    logs.stage_truncate(0, 58).unwrap();
    logs.commit().unwrap();
    let cut = RecordError::Cut {
        position: 29,
        len: 6,
        tail: 58,
    };
    is_none_and_ends(&logs, 0, 29, cut);
    says(&cut.to_string(), &["29", "6", "58"]);
}

#[test]
fn a_damaged_record_hides_none_behind_it() {
    let mut logs = logs();
    // Else the damage would look like an interrupted commit.
    logs.stage_append(1, b"another commit").unwrap();
    logs.commit().unwrap();
    let mut image = logs.into_region().into_vec();
    let start = image::usual_metadata_end(2);
    image[start + 16] ^= 1;
    let logs = open(&image).unwrap();
    let damaged = RecordError::Damaged {
        position: 0,
        next: 29,
    };
    is_none(&logs, 0, 0, damaged);
    says(&damaged.to_string(), &["0", "29"]);
    let second = logs.records(0).nth(1).unwrap().unwrap();
    assert_eq!((second.position(), &second[..]), (29, &b"second"[..]));
}

/// Memory of which these addresses cannot be read.
struct Unreadable {
    region: MemRegion,
    addresses: Range<u64>,
    mapped: bool,
}

impl Region for Unreadable {
    fn len(&self) -> u64 {
        self.region.len()
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        if addr < self.addresses.end && self.addresses.start < addr + buf.len() as u64 {
            return Err(io_error(IoOperation::Read));
        }
        self.region.read(addr, buf)
    }

    fn borrow(&self, addr: u64, len: usize) -> Option<&[u8]> {
        self.region.borrow(addr, len).filter(|_| self.mapped)
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        self.region.write(addr, bytes)
    }

    fn flush(&mut self) -> Result<(), IoError> {
        self.region.flush()
    }
}

/// The logs, with a third record at 59, of which these positions of the first log cannot be read.
fn unreadable(positions: Range<u64>, mapped: bool) -> MultiLog<Unreadable> {
    let mut logs = logs();
    assert_eq!(logs.stage_append_record(0, b"third"), Ok(59));
    logs.commit().unwrap();
    let start = image::usual_metadata_end(2) as u64;
    let addresses = start + positions.start..start + positions.end;
    let region = logs.into_region();
    let logs = MultiLog::open(Unreadable {
        region,
        addresses,
        mapped,
    });
    logs.unwrap()
}

#[test]
fn a_record_that_cannot_be_read_hides_none_behind_it() {
    let io = RecordError::Io {
        position: 29,
        known_next: Some(59),
        error: io_error(IoOperation::Read),
    };
    // In the payload, in the CRC behind it, and in the CRC behind a payload that can be borrowed.
    for (positions, mapped) in [(45..46, false), (58..59, false), (51..52, true)] {
        let logs = unreadable(positions, mapped);
        is_none(&logs, 0, 29, io);
        let found: Vec<_> = logs
            .records(0)
            .map(|record| record.map(|record| record.to_vec()))
            .collect();
        assert_eq!(
            found,
            [Ok(b"first".to_vec()), Err(io), Ok(b"third".to_vec())]
        );
    }
    says(
        &io.to_string(),
        &["29", "Input/output error", "the next one starts at 59"],
    );
}

#[test]
fn a_header_that_cannot_be_read_is_the_end() {
    let io = RecordError::Io {
        position: 29,
        known_next: None,
        error: io_error(IoOperation::Read),
    };
    let logs = unreadable(44..45, true);
    is_none_and_ends(&logs, 0, 29, io);
    let found: Vec<_> = logs
        .records(0)
        .map(|record| record.map(|record| record.to_vec()))
        .collect();
    assert_eq!(found, [Ok(b"first".to_vec()), Err(io)]);
    // Who knows where it starts can read the next one.
    assert_eq!(logs.get_record(0, 59).unwrap().payload(), b"third");
    says(&io.to_string(), &["29", "Input/output error"]);
    assert!(!io.to_string().contains("next"));
}
