//! What the public contracts promise of damage within the fault model, whatever the format: it is detected, and the
//! error names a damaged place, or the logs are those that were committed, but for damaged data bytes.

use super::base::Base;
use super::oracle::{self, Collection, Fault, Part};

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
    let damaged_in = |address: u64, len: u64| {
        let range = address as usize..(address + len) as usize;
        sound[range.clone()] != damaged[range]
    };
    match found {
        Ok(collection) => same_but_for_damaged_data(base, damaged, collection),
        Err(Fault::Corrupt { part, address }) => {
            let len = if *part == Part::Selector { 8 } else { 32 };
            match damaged_in(*address, len) {
                true => Ok(()),
                false => Err(format!(
                    "{part:?} at {address} is called damaged, and is not"
                )),
            }
        }
        Err(fault) => match damaged_in(0, 64) {
            true => Ok(()),
            false => Err(format!("{fault:?}, though the superblock is not damaged")),
        },
    }
}

/// Whether at most 7 bits of each codeword are wrong, or they lie within 64 in a row, and the selector is not inverted.
/// Of regions of two lengths the shorter one counts.
fn within_fault_model(base: &Base, damaged: &[u8]) -> bool {
    let metadata = &base.image[..oracle::metadata_end(base.contents.rings.len())];
    let len = metadata.len().min(damaged.len());
    let mut lines = metadata[..len]
        .chunks(32)
        .zip(damaged[..len].chunks(32))
        .enumerate()
        .filter(|(_, (sound, damaged))| sound != damaged);
    lines.all(|(number, (sound, damaged))| {
        let wrong: Vec<u8> = sound.iter().zip(damaged).map(|(s, d)| s ^ d).collect();
        let bytes = wrong.iter().enumerate().filter(|(_, byte)| **byte != 0);
        let bits = bytes.flat_map(|(at, byte)| {
            let bits = (0..8).filter(move |bit| byte >> bit & 1 == 1);
            bits.map(move |bit| 8 * at + bit)
        });
        let bits: Vec<usize> = bits.collect();
        let few = bits.len() <= 7 || bits[bits.len() - 1] - bits[0] < 64;
        few && !(32 * number == oracle::SELECTOR && wrong.starts_with(&[0xff; 8]))
    })
}

fn same_but_for_damaged_data(
    base: &Base,
    damaged: &[u8],
    found: &Collection,
) -> Result<(), String> {
    let sound = &base.collection;
    if found.id != sound.id || found.logs.len() != sound.logs.len() {
        return Err("damage made another collection of it".to_string());
    }
    for (i, (found, sound)) in found.logs.iter().zip(&sound.logs).enumerate() {
        let ends = |log: &oracle::Log| (log.head, log.tail(), log.capacity);
        if ends(found) != ends(sound) {
            return Err(format!("damage moved log {i}"));
        }
        for (position, (byte, was)) in (sound.head..).zip(found.bytes.iter().zip(&sound.bytes)) {
            let address = base.contents.address(i, position);
            if byte != was && damaged[address] == base.image[address] {
                return Err(format!(
                    "log {i} reads wrong at {position}, where nothing is damaged"
                ));
            }
        }
    }
    Ok(())
}
