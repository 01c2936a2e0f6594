//! What `check` says of logs that are open, when the medium under them has become another one.

use super::*;

/// The first part that is not what it was when the logs were opened or last committed, and its address.
///
/// Only corruption is said of open logs: a superblock that opening would not even take for one is a damaged one.
pub fn check(image: &[u8], kept: &Contents) -> Result<(), Fault> {
    match open(image) {
        Err(fault @ Fault::Corrupt { .. }) => Err(fault),
        Err(_) => corrupt(Part::Superblock, 0),
        Ok(found) => same(&found, kept),
    }
}

/// The first part in which two regions differ.
fn same(found: &Contents, kept: &Contents) -> Result<(), Fault> {
    if found.id != kept.id || found.shape.lines != kept.shape.lines {
        return corrupt(Part::Superblock, 32);
    }
    if found.shape != kept.shape {
        return corrupt(Part::Superblock, 0);
    }
    let entry = |log: usize| {
        let address = found.shape.entry(found.live_b, log);
        corrupt(Part::Entry(log as u64), address)
    };
    let logs = 0..found.shape.logs;
    if let Some(log) = logs
        .clone()
        .find(|&log| found.rings[log] != kept.rings[log])
    {
        return entry(log);
    }
    if let Some(log) = logs
        .clone()
        .find(|&log| found.entries[log] != kept.entries[log])
    {
        return entry(log);
    }
    match found.commit() == kept.commit() {
        true => Ok(()),
        false => corrupt(Part::Header, found.shape.journal(found.live_b)),
    }
}
