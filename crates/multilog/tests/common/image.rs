//! The format of a region as `docs/format.md` has it, written independently of the code under test.

use super::ID;
use crc::{Crc, CRC_64_XZ};
use multilog::RegionId;

pub const SELECTOR: usize = 64;
pub const JOURNAL_A: usize = 128;
pub const SELECTOR_A: u64 = 0x6e1f_93a5_c478_2bd1;
pub const SELECTOR_B: u64 = !SELECTOR_A;
pub const RECORD_TAG: u64 = 5 << 32;

/// The integer at `addr`.
pub fn word(image: &[u8], addr: usize) -> u64 {
    u64::from_le_bytes(image[addr..addr + 8].try_into().unwrap())
}

/// Changes the integer at `addr`.
pub fn set_word(image: &mut [u8], addr: usize, value: u64) {
    image[addr..addr + 8].copy_from_slice(&value.to_le_bytes());
}

/// The CRC of these integers and of the bytes behind them.
pub fn crc_of(words: &[u64], bytes: &[u8]) -> u64 {
    let crc = Crc::<u64>::new(&CRC_64_XZ);
    let mut digest = crc.digest();
    for word in words {
        digest.update(&word.to_le_bytes());
    }
    digest.update(bytes);
    digest.finalize()
}

fn bytes_of(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The lines that each journal has for records, if so many are asked for.
pub fn lines_for(logs: usize, asked: usize) -> usize {
    asked.max((logs + 2) / 2)
}

/// The number of logs.
pub fn logs_in(image: &[u8]) -> usize {
    (word(image, 8) >> 32) as usize
}

/// How many lines each journal has for records.
pub fn lines_in(image: &[u8]) -> usize {
    word(image, 48) as usize
}

/// The journal that the selector names: 0 (A) or 1 (B).
pub fn live(image: &[u8]) -> usize {
    match word(image, SELECTOR) {
        SELECTOR_A => 0,
        SELECTOR_B => 1,
        other => panic!("selector {other:#x}"),
    }
}

/// The length of a journal.
pub fn journal_len(logs: usize, lines: usize) -> usize {
    64 + 64 * logs + 64 * lines
}

/// The address of a journal: 0 (A) or 1 (B).
pub fn journal_at(image: &[u8], journal: usize) -> usize {
    JOURNAL_A + journal * journal_len(logs_in(image), lines_in(image))
}

/// The address of an entry of a journal's snapshot.
pub fn entry_at(image: &[u8], journal: usize, log: usize) -> usize {
    journal_at(image, journal) + 64 + 64 * log
}

/// The address of a journal's first record.
pub fn records_at(image: &[u8], journal: usize) -> usize {
    entry_at(image, journal, logs_in(image))
}

/// The address behind the metadata.
pub fn metadata_end(image: &[u8]) -> usize {
    journal_at(image, 2)
}

/// The address behind the metadata of so many logs, with the journals that nobody has said the length of.
pub fn usual_metadata_end(logs: usize) -> usize {
    JOURNAL_A + 2 * journal_len(logs, lines_for(logs, 64))
}

/// Where a log's ring begins, and how long it is, as the live journal says.
pub fn ring(image: &[u8], log: usize) -> (usize, usize) {
    let entry = entry_at(image, live(image), log);
    (word(image, entry) as usize, word(image, entry + 8) as usize)
}

/// Where the whole records of a journal lie, one behind the other: number, address and length of each.
pub fn records(image: &[u8], journal: usize) -> Vec<(u64, usize, usize)> {
    let mut at = records_at(image, journal);
    let end = journal_at(image, journal + 1);
    let mut number = word(image, journal_at(image, journal));
    let mut found = Vec::new();
    while at < end && word(image, at) == number + 1 {
        let payload = word(image, at + 8) as usize;
        let header = codeword(
            ID,
            RECORD_TAG,
            [number + 1, payload as u64, word(image, at + 16)],
        );
        let there = image.get(at + 32..at + 32 + payload);
        let whole = there.is_some_and(|bytes| crc_of(&[], bytes) == word(image, at + 16));
        if image[at..at + 32] != header || !whole {
            break;
        }
        number += 1;
        found.push((number, at, 32 + payload));
        at += 32 + payload;
    }
    found
}

/// The address behind a journal's last whole record.
pub fn tail(image: &[u8], journal: usize) -> usize {
    let last = records(image, journal).last().copied();
    last.map_or(records_at(image, journal), |(_, at, len)| at + len)
}

/// 24 bytes and their CRC, which covers the region's id and a tag as well.
pub fn codeword(id: RegionId, tag: u64, payload: [u64; 3]) -> [u8; 32] {
    let crc = crc_of(&[id.lo, id.hi, tag], &bytes_of(&payload));
    let mut line = [0; 32];
    line[..24].copy_from_slice(&bytes_of(&payload));
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

/// Writes the superblock's second codeword.
pub fn set_id(image: &mut [u8], lines: u64) {
    let nobody = RegionId { lo: 0, hi: 0 };
    image[32..64].copy_from_slice(&codeword(nobody, 1, [ID.lo, ID.hi, lines]));
}

/// Writes a journal's header.
pub fn set_number(image: &mut [u8], journal: usize, number: u64) {
    let addr = journal_at(image, journal);
    set_codeword(image, addr, (3 << 32) + journal as u64, [number, 0, 0]);
}

/// Writes an entry of a journal's snapshot, as of the number in the header that is there: the ring's start and capacity, head
/// and tail.
pub fn set_entry(image: &mut [u8], journal: usize, log: usize, entry: [u64; 4]) {
    let [start, capacity, head, tail] = entry;
    let number = word(image, journal_at(image, journal));
    let addr = entry_at(image, journal, log);
    let words = [start, capacity, head, tail, 0, 0, 0];
    let crc = crc_of(&[ID.lo, ID.hi, number, log as u64], &bytes_of(&words));
    image[addr..addr + 56].copy_from_slice(&bytes_of(&words));
    set_word(image, addr + 56, crc);
}

/// The CRC of bytes that were appended, each of which is mixed before.
pub fn mixed_crc(bytes: &[u8]) -> u64 {
    let mixed: Vec<u8> = bytes.iter().map(|b| b ^ (b << 1 & b << 2)).collect();
    crc_of(&[], &mixed)
}

/// A change of a log's head and tail, with the bytes that were appended if they are to be looked for.
pub fn change(log: u64, head: u64, tail: u64, appended: Option<&[u8]>) -> [u64; 4] {
    let (flags, crc) = match appended {
        Some(bytes) => (3 << 62, mixed_crc(bytes)),
        None => (1 << 63, 0),
    };
    [flags + log, head, tail, crc]
}

/// The bytes of a record.
pub fn record(number: u64, changes: &[[u64; 4]]) -> Vec<u8> {
    let mut payload = bytes_of(&changes.concat());
    if changes.len().is_multiple_of(2) {
        payload.extend([0; 32]);
    }
    let words = [number, payload.len() as u64, crc_of(&[], &payload)];
    let mut bytes = codeword(ID, RECORD_TAG, words).to_vec();
    bytes.extend(payload);
    bytes
}

/// Writes a record behind the last one of the live journal, with the next number. Returns its address.
pub fn push_record(image: &mut [u8], changes: &[[u64; 4]]) -> usize {
    let (at, journal) = (tail(image, live(image)), live(image));
    let before = word(image, journal_at(image, journal)) + records(image, journal).len() as u64;
    let bytes = record(before + 1, changes);
    image[at..at + bytes.len()].copy_from_slice(&bytes);
    at
}

/// An image of new logs of these capacities, in a region of zeros, whose journals have so many lines for records.
pub fn new_logs(capacities: &[u64], lines: usize) -> Vec<u8> {
    let logs = capacities.len();
    let mut rings = Vec::new();
    let mut start = (JOURNAL_A + 2 * journal_len(logs, lines)) as u64;
    for capacity in capacities {
        rings.push([start.next_multiple_of(64), *capacity, 0, 0]);
        start = start.next_multiple_of(64) + capacity;
    }
    let mut image = vec![0; start as usize];
    set_header(&mut image, word(b"multilog", 0), 2, logs as u64, start);
    set_id(&mut image, lines as u64);
    set_word(&mut image, SELECTOR, SELECTOR_A);
    set_number(&mut image, 0, 0);
    for (log, ring) in rings.into_iter().enumerate() {
        set_entry(&mut image, 0, log, ring);
    }
    image
}

/// An image of empty logs of these capacities, all of whose heads are at `head`. The journals are short, so that they switch often.
pub fn with_heads(capacities: &[u64], head: u64) -> Vec<u8> {
    let mut image = super::with_lines(capacities, 3).into_region().into_vec();
    for log in 0..capacities.len() {
        let (start, capacity) = ring(&image, log);
        let journal = live(&image);
        let entry = [start as u64, capacity as u64, head, head];
        set_entry(&mut image, journal, log, entry);
    }
    image
}
