//! What the live journal's records make of the logs.
use super::read::read;
use super::*;
use crate::changes::{CHECKED, CHECK_LIMIT};
use pmem::bytes::get_u64;
use pmem::crc::mixed::extend_mixed_crc;
use pmem::journal::MARK;
use pmem::{IoError, Region};

/// The changes that a record's payload lists.
pub(super) fn changes(payload: &[u8]) -> Vec<Change> {
    let change = |bytes: &[u8]| {
        let word = get_u64(bytes, 0);
        (word >= MARK).then(|| Change {
            log: word % CHECKED,
            checked: word & CHECKED != 0,
            entry: changes::Entry {
                head: get_u64(bytes, 8),
                tail: get_u64(bytes, 16),
            },
            crc: get_u64(bytes, 24),
        })
    };
    payload.chunks_exact(32).filter_map(change).collect()
}

/// A log whose entry in the live journal is sound, after some of the records.
#[derive(Clone, Copy)]
struct Log {
    ring: RingPlace,
    extent: changes::Entry,
}

/// Says of each log where it stands, as far as the live journal is whole.
pub(super) fn replay<R: Region>(region: &R, found: &mut Inspection) -> Result<(), IoError> {
    let (Some(live), Some(journal)) = (found.live(), found.live_journal()) else {
        return Ok(());
    };
    if !journal.header.sound || matches!(journal.behind, Behind::Later { .. }) {
        return Ok(());
    }
    let entries = found.logs.iter().map(|log| log.entry(live));
    let log = |entry: &Item<Entry>| Log {
        ring: entry.value.ring,
        extent: entry.value.extent,
    };
    let mut logs: Vec<Option<Log>> = entries
        .map(|entry| entry.sound.then(|| log(entry)))
        .collect();
    let mut last_commit = Some(journal.header.value);
    for (index, record) in journal.records.iter().enumerate() {
        let mut whole = Some(true);
        if index + 1 == journal.records.len() {
            whole = is_whole(region, &logs, record)?;
        }
        match whole {
            Some(true) => last_commit = Some(record.number),
            Some(false) => break,
            None => last_commit = None,
        }
        for change in &record.changes {
            match (logs.get_mut(change.log as usize), whole) {
                (Some(Some(log)), Some(_)) => log.extent = change.entry,
                (Some(log), _) => *log = None,
                (None, _) => return Ok(()),
            }
        }
    }
    found.last_commit = last_commit;
    for (log, last) in found.logs.iter_mut().zip(logs) {
        log.last = last.and_then(|last| {
            let used = last.extent.tail.checked_sub(last.extent.head);
            let fits = used.is_some_and(|used| used <= last.ring.capacity);
            fits.then_some(last.extent)
        });
    }
    Ok(())
}

/// Whether the logs' rings hold all the bytes that a record appended. None if it is not known where they would be.
fn is_whole<R: Region>(
    region: &R,
    logs: &[Option<Log>],
    record: &Record,
) -> Result<Option<bool>, IoError> {
    let mut whole = Some(true);
    for change in record.changes.iter().filter(|change| change.checked) {
        match logs.get(change.log as usize) {
            None => return Ok(Some(false)),
            Some(None) => whole = None,
            Some(Some(log)) if !has_appended(region, log, change)? => return Ok(Some(false)),
            Some(Some(_)) => {}
        }
    }
    Ok(whole)
}

/// Whether a log's ring holds the bytes that a change appended.
fn has_appended<R: Region>(region: &R, log: &Log, change: &Change) -> Result<bool, IoError> {
    let (from, to) = (log.extent.tail, change.entry.tail);
    let in_order = change.entry.head <= from && from <= to;
    if !in_order || to - from > CHECK_LIMIT.min(log.ring.capacity) {
        return Ok(false);
    }
    Ok(ring_crc(region, &log.ring, from, to - from)? == change.crc)
}

/// The CRC of `len` bytes at a position, which are no more than the ring holds.
fn ring_crc<R: Region>(
    region: &R,
    ring: &RingPlace,
    position: u64,
    len: u64,
) -> Result<u64, IoError> {
    let offset = position % ring.capacity;
    let before_end = len.min(ring.capacity - offset);
    let mut bytes = read(region, ring.start + offset, before_end as usize)?;
    bytes.extend(read(region, ring.start, (len - before_end) as usize)?);
    Ok(extend_mixed_crc(0, &bytes))
}
