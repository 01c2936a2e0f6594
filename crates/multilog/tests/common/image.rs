//! The format of a region as `docs/format.md` has it, written independently of the code under test.

use super::ID;
use crc::{Crc, CRC_64_XZ};
use multilog::RegionId;

pub const SELECTOR: usize = 64;
pub const DIRECTORY: usize = 128;
pub const SELECTOR_A: u64 = 0x6e1f_93a5_c478_2bd1;
pub const SELECTOR_B: u64 = !SELECTOR_A;
pub const DIRECTORY_TAG: u64 = 1 << 32;
pub const TABLE_TAG: u64 = 2 << 32;

/// The bytes of the directory, and of each copy of the table.
pub fn stride(logs: usize) -> usize {
    32 * logs.next_multiple_of(2)
}

/// The address of an entry of copy 0 (A) or 1 (B).
pub fn entry_at(logs: usize, copy: usize, log: usize) -> usize {
    DIRECTORY + (1 + copy) * stride(logs) + 32 * log
}

/// The address behind the metadata.
pub fn metadata_end(logs: usize) -> usize {
    DIRECTORY + 3 * stride(logs)
}

/// The integer at `addr`.
pub fn word(image: &[u8], addr: usize) -> u64 {
    u64::from_le_bytes(image[addr..addr + 8].try_into().unwrap())
}

/// Changes the integer at `addr`.
pub fn set_word(image: &mut [u8], addr: usize, value: u64) {
    image[addr..addr + 8].copy_from_slice(&value.to_le_bytes());
}

/// The copy that the selector names: 0 (A) or 1 (B).
pub fn live_copy(image: &[u8]) -> usize {
    match word(image, SELECTOR) {
        SELECTOR_A => 0,
        SELECTOR_B => 1,
        other => panic!("selector {other:#x}"),
    }
}

/// 24 bytes and their CRC, which covers the region's id and a tag as well.
pub fn codeword(id: RegionId, tag: u64, payload: [u64; 3]) -> [u8; 32] {
    let words = [id.lo, id.hi, tag, payload[0], payload[1], payload[2]];
    let covered: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let crc = Crc::<u64>::new(&CRC_64_XZ).checksum(&covered);
    let mut line = [0; 32];
    line[..24].copy_from_slice(&covered[24..]);
    line[24..].copy_from_slice(&crc.to_le_bytes());
    line
}

/// Writes a codeword of the region [`ID`].
pub fn set_codeword(image: &mut [u8], addr: usize, tag: u64, payload: [u64; 3]) {
    image[addr..addr + 32].copy_from_slice(&codeword(ID, tag, payload));
}

/// Writes the superblock's first codeword.
pub fn set_header(image: &mut [u8], magic: u64, version: u64, logs: u64, len: u64) {
    set_codeword(image, 0, 0, [magic, logs << 32 | version, len]);
}

/// Writes a directory entry.
pub fn set_ring(image: &mut [u8], log: usize, start: u64, capacity: u64) {
    let addr = DIRECTORY + 32 * log;
    set_codeword(
        image,
        addr,
        DIRECTORY_TAG + log as u64,
        [start, capacity, 0],
    );
}

/// Writes the live entry of a log.
pub fn set_entry(image: &mut [u8], logs: usize, log: usize, entry: [u64; 3]) {
    let addr = entry_at(logs, live_copy(image), log);
    set_codeword(image, addr, TABLE_TAG + log as u64, entry);
}

/// An image of empty logs of these capacities, all of whose heads are at `head`.
pub fn with_heads(capacities: &[u64], head: u64) -> Vec<u8> {
    let mut image = super::in_memory(capacities).into_region().into_vec();
    for log in 0..capacities.len() {
        set_entry(&mut image, capacities.len(), log, [0, head, head]);
    }
    image
}
