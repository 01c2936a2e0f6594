//! The second step of opening.

use super::codeword::payload;
use super::{corrupt, word, Fault, Id, Part, Shape, MAGIC, MOST_LOGS, NO_ID, VERSION};

/// The id, and where the journals lie.
pub fn superblock(image: &[u8]) -> Result<(Id, Shape), Fault> {
    let first = word(image, 0);
    let second = payload(image, 32, NO_ID, 1);
    if first == 0 || first != MAGIC && second.is_none() {
        return Err(Fault::Unformatted);
    }
    let Some([low, high, lines]) = second else {
        return corrupt(Part::Superblock, 32);
    };
    let Some([MAGIC, numbers, recorded]) = payload(image, 0, [low, high], 0) else {
        return corrupt(Part::Superblock, 0);
    };
    let (version, logs) = (numbers & 0xffff_ffff, numbers >> 32);
    if version != VERSION {
        return Err(Fault::UnsupportedVersion { version });
    }
    let actual = image.len() as u64;
    if recorded != actual {
        return Err(Fault::WrongLength { recorded, actual });
    }
    let least = (logs + 1).div_ceil(2);
    if logs == 0 || logs > MOST_LOGS || lines < least || !has_room(logs, lines, actual) {
        return corrupt(Part::Superblock, 0);
    }
    let (logs, lines) = (logs as usize, lines as usize);
    Ok(([low, high], Shape { logs, lines }))
}

/// Whether the metadata leaves a byte for a ring.
fn has_room(logs: u64, lines: u64, len: u64) -> bool {
    let journal = 64 * (1 + u128::from(logs) + u128::from(lines));
    128 + 2 * journal < len.into()
}
