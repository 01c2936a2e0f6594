//! What the public contracts promise of damage within the fault model, whatever the format: it is detected, and the
//! error names a damaged place, or the logs are those that were committed, but for damaged data bytes. One thing is not
//! promised: damage to the last record, or to the bytes that it appended, may look like a commit that was interrupted. If the
//! damage reaches into the record before, or that commit freed room that was used since, the one before may look so too.

use super::base::Base;
use super::oracle::{self, Collection, Contents, Fault, Record};
use std::iter;
use std::ops::Range;

/// Whether what was found in a damaged image is what may be. Damage beyond the fault model is promised nothing of.
pub fn keeps_promise(
    base: &Base,
    damaged: &[u8],
    found: &Result<Collection, Fault>,
) -> Result<(), String> {
    let sound = &base.image;
    if !within_fault_model(base, damaged) {
        return Ok(());
    }
    if damaged.len() != sound.len() {
        return match found {
            Ok(_) => Err("a region of another length was opened".to_string()),
            Err(_) => Ok(()),
        };
    }
    let Some(counts) = may_count(base, damaged) else {
        return Ok(());
    };
    let damaged_in = |range: Range<usize>| sound[range.clone()] != damaged[range];
    match found {
        Ok(collection) => committed_or_last_dropped(base, damaged, &counts, collection),
        Err(Fault::Corrupt { part, address }) => {
            match damaged_in(*address as usize..(address + part.byte_count()) as usize) {
                true => Ok(()),
                false => Err(format!(
                    "{part:?} at {address} is called damaged, and is not"
                )),
            }
        }
        Err(fault) => match damaged_in(0..64) {
            true => Ok(()),
            false => Err(format!("{fault:?}, though the superblock is not damaged")),
        },
    }
}

/// The parts of the metadata that have a CRC each, and the selector.
fn parts(contents: &Contents) -> Vec<Range<usize>> {
    let (shape, live_b) = (contents.shape, contents.live_b);
    let header = shape.journal(live_b);
    let entries = (0..shape.logs).map(|log| shape.entry(live_b, log));
    let records = contents.records.iter();
    [0..32, 32..64, oracle::SELECTOR..oracle::SELECTOR + 8]
        .into_iter()
        .chain(iter::once(header..header + 32))
        .chain(entries.map(|at| at..at + oracle::LINE))
        .chain(records.flat_map(|record| {
            let payload = record.address + 32;
            [record.address..payload, payload..record.end()]
        }))
        .collect()
}

/// Whether at most 7 bits of each part are wrong, or they lie within 64 in a row, and the selector is not inverted. Of
/// regions of two lengths the shorter one counts.
fn within_fault_model(base: &Base, damaged: &[u8]) -> bool {
    let len = base.image.len().min(damaged.len());
    parts(&base.contents).into_iter().all(|part| {
        let (from, to) = (part.start.min(len), part.end.min(len));
        let wrong: Vec<u8> = base.image[from..to]
            .iter()
            .zip(&damaged[from..to])
            .map(|(sound, damaged)| sound ^ damaged)
            .collect();
        if part.start == oracle::SELECTOR {
            return wrong != [0xff; 8];
        }
        let bytes = wrong.iter().enumerate().filter(|(_, byte)| **byte != 0);
        let bits = bytes.flat_map(|(at, byte)| {
            let bits = (0..8).filter(move |bit| byte >> bit & 1 == 1);
            bits.map(move |bit| 8 * at + bit)
        });
        let bits: Vec<usize> = bits.collect();
        bits.len() <= 7 || bits[bits.len() - 1] - bits[0] < 64
    })
}

/// How many records may be found to count. None: nothing is promised.
fn may_count(base: &Base, damaged: &[u8]) -> Option<Vec<usize>> {
    let contents = &base.contents;
    let is_damaged = |&at: &usize| base.image[at] != damaged[at];
    // A torn record may be there, and what was missing of it may be what the damage has made.
    if contents.next_place(&base.image).any(|at| is_damaged(&at)) {
        return None;
    }
    let records = &contents.records;
    let is_record_damaged =
        |record: &Record| (record.address..record.end()).any(|at| is_damaged(&at));
    let is_last_damaged = records.last().is_some_and(is_record_damaged);
    if !is_last_damaged && !contents.appended().iter().any(is_damaged) {
        return Some(vec![contents.counted]);
    }
    // A burst may reach from one record into the last, whose header then does not tell that the other was whole. And what a
    // commit freed may hold bytes that were staged since, where the record before it has the CRC of others.
    let first = records.iter().position(is_record_damaged);
    let first = first.unwrap_or(records.len().saturating_sub(1));
    Some((first.saturating_sub(1)..=records.len()).collect())
}

fn committed_or_last_dropped(
    base: &Base,
    damaged: &[u8],
    counts: &[usize],
    found: &Collection,
) -> Result<(), String> {
    let sound = &base.contents;
    if found.id != sound.id || found.logs.len() != sound.rings.len() {
        return Err("damage made another collection of it".to_string());
    }
    let capacities = found.logs.iter().map(|log| log.capacity);
    if !capacities.eq(sound.rings.iter().map(|ring| ring[1])) {
        return Err("damage made the logs larger or smaller".to_string());
    }
    let ends: Vec<_> = found
        .logs
        .iter()
        .map(|log| [log.head, log.tail()])
        .collect();
    let mut right = counts.iter().map(|&count| sound.after(count));
    if !right.any(|right| right.as_ref() == Some(&ends)) {
        return Err(format!(
            "damage moved the logs to {ends:?}, which is not after {counts:?} records"
        ));
    }
    for (i, log) in found.logs.iter().enumerate() {
        for (position, byte) in (log.head..).zip(&log.bytes) {
            let address = sound.address(i, position);
            if *byte != base.image[address] && damaged[address] == base.image[address] {
                return Err(format!(
                    "log {i} reads wrong at {position}, where nothing is damaged"
                ));
            }
        }
    }
    Ok(())
}
