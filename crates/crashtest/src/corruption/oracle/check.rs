//! What `check` says of logs that are open, when the medium under them has become another one.

use super::*;

/// The first part that is not what it was when the logs were opened or last committed, and its address.
///
/// Only corruption is said of open logs: a superblock that opening would not even take for one is a damaged one.
pub fn check(image: &[u8], kept: &Contents) -> Result<(), Fault> {
    let (id, logs) = match superblock(image) {
        Err(fault) if !matches!(fault, Fault::Corrupt { .. }) => corrupt(Part::Superblock, 0),
        found => found,
    }?;
    if id != kept.id {
        return corrupt(Part::Superblock, 32);
    }
    if logs != kept.rings.len() {
        return corrupt(Part::Superblock, 0);
    }
    let rings = directory(image, id, logs)?;
    if let Some(log) = (0..logs).find(|&log| rings[log] != kept.rings[log]) {
        return corrupt(Part::Directory(log as u64), DIRECTORY + 32 * log);
    }
    if selector(image)? != kept.live_b {
        return corrupt(Part::Selector, SELECTOR);
    }
    let entries = entries(image, id, logs, kept.live_b)?;
    match (0..logs).find(|&log| entries[log] != kept.entries[log]) {
        Some(log) => corrupt(
            Part::Entry(log as u64),
            copy_at(logs, kept.live_b) + 32 * log,
        ),
        None => Ok(()),
    }
}
