//! The pieces that metadata is made of, each with its CRC.

use super::{crc64, Id, CHECKED, MARK, RECORD_TAG};

pub fn word(image: &[u8], address: usize) -> u64 {
    u64::from_le_bytes(image[address..address + 8].try_into().expect("eight bytes"))
}

fn bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The 32 bytes of a codeword.
pub fn codeword(id: Id, tag: u64, payload: [u64; 3]) -> [u8; 32] {
    let mut covered = [0; 48];
    let words = [id[0], id[1], tag, payload[0], payload[1], payload[2]];
    for (bytes, word) in covered.chunks_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    let mut line = [0; 32];
    line[..24].copy_from_slice(&covered[24..]);
    line[24..].copy_from_slice(&crc64(&covered).to_le_bytes());
    line
}

/// What the codeword at an address says, if it is one.
pub fn payload(image: &[u8], address: usize, id: Id, tag: u64) -> Option<[u64; 3]> {
    let payload = [0, 8, 16].map(|at| word(image, address + at));
    (image[address..address + 32] == codeword(id, tag, payload)).then_some(payload)
}

/// The 64 bytes of a log's entry in a snapshot.
pub fn entry(id: Id, number: u64, log: u64, words: [u64; 7]) -> Vec<u8> {
    let covered = bytes(&[&[id[0], id[1], number, log][..], &words].concat());
    [bytes(&words), bytes(&[crc64(&covered)])].concat()
}

/// The words of the entry at an address, if it is one of this number and this log.
pub fn entry_at(image: &[u8], address: usize, id: Id, number: u64, log: u64) -> Option<[u64; 7]> {
    let words = std::array::from_fn(|at| word(image, address + 8 * at));
    (image[address..address + 64] == entry(id, number, log, words)).then_some(words)
}

/// The CRC of what was appended: that of as many other bytes, so that it tells those apart that end in a CRC of their own.
pub fn mixed_crc(appended: &[u8]) -> u64 {
    let mixed = appended.iter().map(|byte| byte ^ (byte << 1 & byte << 2));
    crc64(&mixed.collect::<Vec<_>>())
}

/// The four words of a change.
pub fn change(log: u64, checked: bool, ends: [u64; 2], crc: u64) -> [u64; 4] {
    let first = MARK + if checked { CHECKED } else { 0 } + log;
    [first, ends[0], ends[1], crc]
}

/// The whole lines of a record.
pub fn record(id: Id, number: u64, changes: &[[u64; 4]]) -> Vec<u8> {
    let mut payload = bytes(&changes.concat());
    if changes.len().is_multiple_of(2) {
        payload.extend([0; 32]);
    }
    let said = [number, payload.len() as u64, crc64(&payload)];
    [&codeword(id, RECORD_TAG, said)[..], &payload].concat()
}
