//! Reading the metadata of a region that may hold anything.
use super::replay::replay;
use super::*;
use crate::layout::{
    journal_lines, HEADER_TAG, ID_ADDR, ID_TAG, JOURNAL_ADDR, MAX_LOGS, NO_ID, SELECTOR_ADDR,
    VERSION,
};
use pmem::bytes::get_u64;
use pmem::codeword::{decode, Payload};
use pmem::crc::extend::extend_crc64;
use pmem::journal::{HEADER, LINE, MARK, RECORD_TAG};
use pmem::{IoError, Region};
use std::ops::Range;

/// A codeword's length in bytes.
const CODEWORD: usize = 32;

/// A line's length in bytes.
const WIDTH: usize = LINE as usize;

/// Reads the metadata of a region that may hold anything. Bytes that the region is too short for read as zeros.
///
/// # Errors
/// The device could not read.
pub fn inspect<R: Region>(region: &R) -> Result<Inspection, IoError> {
    let superblock = read(region, 0, JOURNAL_ADDR as usize)?;
    let id = id_item(&superblock);
    let mut found = Inspection {
        region_len: region.len(),
        header: header_item(&superblock, id.value.id, region.len()),
        id,
        selector: selector_item(&superblock),
        journals: None,
        logs: Vec::new(),
        last_commit: None,
    };
    let Some(shape) = Shape::of(found.header.value.logs, id.value.lines, region.len()) else {
        // Both CRCs may match, and yet there be no such region.
        found.header.sound &= !id.sound;
        return Ok(found);
    };
    let (a, entries_a) = journal(region, &found, &shape, Journal::A)?;
    let (b, entries_b) = journal(region, &found, &shape, Journal::B)?;
    let both = entries_a.into_iter().zip(entries_b);
    found.logs = both
        .map(|(a, b)| LogMetadata { a, b, last: None })
        .collect();
    found.journals = Some([a, b]);
    replay(region, &mut found)?;
    Ok(found)
}

/// `len` bytes at `address`, those behind the region's end being zero.
pub(super) fn read<R: Region>(region: &R, address: u64, len: usize) -> Result<Vec<u8>, IoError> {
    let mut bytes = vec![0; len];
    let there = region.len().saturating_sub(address).min(len as u64);
    region.read(address, &mut bytes[..there as usize])?;
    Ok(bytes)
}

/// The codeword at `at` in `bytes`, and whether its CRC matches.
fn codeword(bytes: &[u8], at: usize, id: RegionId, tag: u64) -> (Payload, bool) {
    let payload = Payload {
        a: get_u64(bytes, at),
        b: get_u64(bytes, at + 8),
        c: get_u64(bytes, at + 16),
    };
    let sound = decode(id, tag, &bytes[at..at + CODEWORD]).is_some();
    (payload, sound)
}

fn id_item(superblock: &[u8]) -> Item<Identity> {
    let (payload, sound) = codeword(superblock, ID_ADDR as usize, NO_ID, ID_TAG);
    let id = RegionId {
        lo: payload.a,
        hi: payload.b,
    };
    let value = Identity {
        id,
        lines: payload.c,
    };
    Item {
        address: ID_ADDR,
        value,
        sound,
    }
}

fn header_item(superblock: &[u8], id: RegionId, len: u64) -> Item<Header> {
    let (payload, sound) = codeword(superblock, 0, id, HEADER_TAG);
    let value = Header {
        magic: payload.a,
        version: payload.b & 0xffff_ffff,
        logs: payload.b >> 32,
        region_len: payload.c,
    };
    Item {
        address: 0,
        value,
        sound: sound
            && value.magic == MAGIC
            && value.version == VERSION
            && value.region_len == len
            && (1..=MAX_LOGS).contains(&value.logs),
    }
}

fn selector_item(superblock: &[u8]) -> Item<u64> {
    let word = get_u64(superblock, SELECTOR_ADDR as usize);
    Item {
        address: SELECTOR_ADDR,
        value: word,
        sound: word == SELECTOR_A || word == SELECTOR_B,
    }
}

/// How large the journals are.
struct Shape {
    logs: usize,
    records: usize,
}

impl Shape {
    /// None if the journals of so many logs, with so many lines for records, leave a region no room for a ring.
    fn of(logs: u64, lines: u64, len: u64) -> Option<Shape> {
        let end = u128::from(JOURNAL_ADDR) + 2 * 64 * (1 + u128::from(logs) + u128::from(lines));
        let possible = (1..=MAX_LOGS).contains(&logs) && lines >= journal_lines(logs, 0);
        (possible && end < u128::from(len)).then(|| Shape {
            logs: logs as usize,
            records: WIDTH * lines as usize,
        })
    }

    /// The length of the header and the snapshot.
    fn snapshot(&self) -> usize {
        WIDTH * (1 + self.logs)
    }

    fn start(&self, journal: Journal) -> u64 {
        match journal {
            Journal::A => JOURNAL_ADDR,
            Journal::B => JOURNAL_ADDR + (self.snapshot() + self.records) as u64,
        }
    }

    /// Where rings may lie.
    fn rings(&self, len: u64) -> Range<u64> {
        self.start(Journal::B) + (self.snapshot() + self.records) as u64..len
    }
}

/// A journal, and the entries of its snapshot.
fn journal<R: Region>(
    region: &R,
    found: &Inspection,
    shape: &Shape,
    journal: Journal,
) -> Result<(JournalMetadata, Vec<Item<Entry>>), IoError> {
    let (id, start) = (found.id.value.id, shape.start(journal));
    let snapshot = read(region, start, shape.snapshot())?;
    let (payload, sound) = codeword(&snapshot, 0, id, journal.tag());
    let header = Item {
        address: start,
        value: payload.a,
        sound: sound && payload.a < MARK && payload.b == 0 && payload.c == 0,
    };
    let mut free = shape.rings(region.len());
    let mut entries = Vec::with_capacity(shape.logs);
    for (index, line) in snapshot.chunks_exact(WIDTH).skip(1).enumerate() {
        let mut entry = entry_item(line, id, payload.a, index as u64);
        entry.address = start + LINE * (1 + index as u64);
        let ring = entry.value.ring;
        match ring.start.checked_add(ring.capacity) {
            Some(end) if ring.capacity > 0 && ring.start >= free.start && end <= free.end => {
                if entry.sound {
                    free.start = end;
                }
            }
            _ => entry.sound = false,
        }
        entries.push(entry);
    }
    let first = start + shape.snapshot() as u64;
    let mut metadata = JournalMetadata {
        header,
        first,
        tail: first,
        end: first + shape.records as u64,
        records: Vec::new(),
        behind: Behind::Nothing,
    };
    // Without a sound id no CRC can match, and the number of lines may be any.
    if header.sound && found.id.sound {
        let bytes = read(region, first, shape.records)?;
        follow(&mut metadata, id, &bytes);
    }
    Ok((metadata, entries))
}

fn entry_item(line: &[u8], id: RegionId, number: u64, index: u64) -> Item<Entry> {
    let mut crc = 0;
    for word in [id.lo, id.hi, number, index] {
        crc = extend_crc64(crc, &word.to_le_bytes());
    }
    crc = extend_crc64(crc, &line[..56]);
    let value = Entry {
        ring: RingPlace {
            start: get_u64(line, 0),
            capacity: get_u64(line, 8),
        },
        extent: changes::Entry {
            head: get_u64(line, 16),
            tail: get_u64(line, 24),
        },
    };
    Item {
        address: 0,
        value,
        sound: get_u64(line, 56) == crc,
    }
}

/// Finds the records in a journal's lines, and what lies behind them.
fn follow(journal: &mut JournalMetadata, id: RegionId, bytes: &[u8]) {
    let (mut number, mut at) = (journal.header.value, 0);
    while let Some(payload) = record(bytes, at, number + 1, id) {
        number += 1;
        let len = HEADER as usize + payload.len();
        journal.records.push(Record {
            number,
            address: journal.first + at as u64,
            len: len as u64,
            changes: replay::changes(payload),
        });
        at += len;
    }
    journal.tail = journal.first + at as u64;
    let lines = || (at..bytes.len()).step_by(WIDTH);
    let later = |at: &usize| header(bytes, *at, id).is_some_and(|p| p.a > number);
    let begins = |at: &usize| (number + 1..MARK).contains(&get_u64(bytes, *at));
    journal.behind = if let Some(at) = lines().skip(1).find(later) {
        let address = journal.first + at as u64;
        Behind::Later { address }
    } else if let Some(at) = lines().find(begins) {
        let address = journal.first + at as u64;
        Behind::Torn { address }
    } else {
        Behind::Nothing
    };
}

/// The header of a record at `at`, if there is one.
fn header(bytes: &[u8], at: usize, id: RegionId) -> Option<Payload> {
    let header = decode(id, RECORD_TAG, bytes.get(at..at + CODEWORD)?)?;
    (header.a < MARK).then_some(header)
}

/// The payload of the record with this number at `at`, if there is one.
fn record(bytes: &[u8], at: usize, number: u64, id: RegionId) -> Option<&[u8]> {
    let header = header(bytes, at, id)?;
    let behind = &bytes[at + CODEWORD..];
    let payload = behind.get(..usize::try_from(header.b).ok()?)?;
    let marked = payload.iter().skip(39).step_by(WIDTH).all(|b| *b >= 128);
    let whole = header.a == number
        && payload.len() % WIDTH == CODEWORD
        && marked
        && extend_crc64(0, payload) == header.c;
    whole.then_some(payload)
}
