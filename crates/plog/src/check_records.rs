//! The part of `plog check` that is about records.

use crate::logs::{self, Logs};
use crate::progress::Progress;
use multilog::RecordError;
use serde::Serialize;

/// How many logs that were not checked have a line of their own.
const MOST_NAMED: usize = 8;

/// What was found.
#[derive(Default, Serialize)]
pub struct Records {
    /// The logs that hold records.
    pub logs: u64,
    /// The records in them whose CRCs are right.
    pub sound: u64,
    /// Where something else is.
    pub damaged: Vec<Damaged>,
    /// The logs that hold bytes, and no record where they begin.
    pub unchecked: Vec<Unchecked>,
}

/// A place where a record should be.
#[derive(Serialize)]
pub struct Damaged {
    pub log: u64,
    pub position: u64,
    pub message: String,
}

/// A log whose bytes were not read: they have no checksums, or the header of the first record is damaged.
#[derive(Serialize)]
pub struct Unchecked {
    pub log: u64,
    pub bytes: u64,
}

/// Reads all records of the logs that begin with one; of all logs, if they are said to hold records.
pub fn check(logs: &Logs, all_hold_records: bool) -> Records {
    let holds_records = |log: &u64| all_hold_records || begins_with_record(logs, *log);
    let (chosen, others): (Vec<u64>, Vec<u64>) = (0..logs.log_count()).partition(holds_records);
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
    let unchecked = others.iter().map(|log| Unchecked {
        log: *log,
        bytes: extent(log),
    });
    found.unchecked = unchecked.filter(|log| log.bytes > 0).collect();
    found
}

/// Whether the header of a record is at a log's head, or what cannot be read: bytes that are none look like one once in 2^64
/// times.
fn begins_with_record(logs: &Logs, log: u64) -> bool {
    let Some(info) = logs.info(log) else {
        return false;
    };
    match logs.get_record(log, info.head) {
        Ok(_) => true,
        Err(RecordError::Damaged { .. } | RecordError::Cut { .. } | RecordError::Io { .. }) => true,
        Err(_) => false,
    }
}

impl Records {
    /// What there is to say of them, line by line: nothing of empty logs.
    pub fn in_words(&self) -> String {
        let mut text = String::new();
        if self.logs > 0 {
            let (sound, damaged) = (self.sound, self.damaged.len());
            let logs = logs::counted(self.logs);
            text += &format!("records: {sound} sound, {damaged} damaged, in {logs}\n");
        }
        for damaged in &self.damaged {
            text += &format!("log {}: {}\n", damaged.log, damaged.message);
        }
        let (named, others) = self
            .unchecked
            .split_at(self.unchecked.len().min(MOST_NAMED));
        for Unchecked { log, bytes } in named {
            text += &format!(
                "log {log} does not begin with a record: {} not checked (--records checks them as records)\n",
                in_bytes(*bytes)
            );
        }
        if !others.is_empty() {
            let bytes = in_bytes(others.iter().map(|log| log.bytes).sum());
            let logs = logs::counted(others.len() as u64);
            text += &format!("not checked either: {bytes} of {logs}\n");
        }
        text
    }
}

fn in_bytes(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_string(),
        n => format!("{n} bytes"),
    }
}
