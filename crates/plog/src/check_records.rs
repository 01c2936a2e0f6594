//! The part of `plog check` that is about records.

use crate::logs::Logs;
use crate::progress::Progress;
use multilog::RecordError;
use serde::Serialize;

/// What was found.
#[derive(Default, Serialize)]
pub struct Records {
    /// The logs that hold records.
    pub logs: u64,
    /// The records in them whose CRCs are right.
    pub sound: u64,
    /// Where something else is.
    pub damaged: Vec<Damaged>,
}

/// A place where a record should be.
#[derive(Serialize)]
pub struct Damaged {
    pub log: u64,
    pub position: u64,
    pub message: String,
}

/// Reads all records of the logs that begin with one; of all logs, if they are said to hold records.
pub fn check(logs: &Logs, all_hold_records: bool) -> Records {
    let holds_records = |log: &u64| all_hold_records || begins_with_record(logs, *log);
    let chosen: Vec<u64> = (0..logs.log_count()).filter(holds_records).collect();
    let extent = |log: &u64| logs.info(*log).map_or(0, |info| info.tail - info.head);
    let total = chosen.iter().map(extent).sum();
    let mut progress = Progress::new(total, "reading records", "reading records");
    let (mut found, mut done) = (Records::default(), 0);
    for log in &chosen {
        let head = logs.info(*log).map_or(0, |info| info.head);
        let mut records = logs.records(*log);
        loop {
            let position = records.position();
            match records.next() {
                None => break,
                Some(Ok(_)) => found.sound += 1,
                Some(Err(error)) => found.damaged.push(Damaged {
                    log: *log,
                    position,
                    message: error.to_string(),
                }),
            }
            progress.at(done + records.position() - head);
        }
        done += extent(log);
        found.logs += 1;
    }
    progress.finish();
    found
}

/// Whether the header of a record is at a log's head: bytes that are none look like one once in 2^64 times.
fn begins_with_record(logs: &Logs, log: u64) -> bool {
    let Some(info) = logs.info(log) else {
        return false;
    };
    match logs.get_record(log, info.head) {
        Ok(_) | Err(RecordError::Damaged { .. } | RecordError::Cut { .. }) => true,
        Err(error) => matches!(error, RecordError::Io { known_next, .. } if known_next.is_some()),
    }
}
