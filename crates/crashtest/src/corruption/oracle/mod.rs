//! What is right, from `docs/format.md` alone: a decoder of the format that shares no code with the one under test.

mod check;
pub mod crc;

pub use check::check;
use crc::crc64;

pub const MAGIC: u64 = u64::from_le_bytes(*b"multilog");
pub const SELECTOR: usize = 64;
pub const SELECTOR_A: u64 = 0x6e1f_93a5_c478_2bd1;
pub const SELECTOR_B: u64 = 0x91e0_6c5a_3b87_d42e;
pub const DIRECTORY: usize = 128;
pub const DIRECTORY_TAG: u64 = 1 << 32;
pub const TABLE_TAG: u64 = 2 << 32;
const SMALLEST: u64 = 321;
const MOST_LOGS: u64 = 65_536;

/// A region's id: its low half and its high half.
pub type Id = [u64; 2];

/// The id under which the codeword is written that holds the id.
pub const NO_ID: Id = [0, 0];

/// A part of the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Superblock,
    Selector,
    Directory(u64),
    Entry(u64),
}

/// Why a region is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    TooSmall { len: u64, required: u64 },
    Unformatted,
    UnsupportedVersion { version: u64 },
    WrongLength { recorded: u64, actual: u64 },
    Corrupt { part: Part, address: u64 },
}

/// What the metadata says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    pub id: Id,
    /// Start and capacity of each log's ring.
    pub rings: Vec<[u64; 2]>,
    pub live_b: bool,
    /// Commit number, head and tail of each log.
    pub entries: Vec<[u64; 3]>,
}

/// A log, as a user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    pub head: u64,
    pub capacity: u64,
    pub bytes: Vec<u8>,
}

impl Log {
    pub fn tail(&self) -> u64 {
        self.head + self.bytes.len() as u64
    }
}

/// A collection of logs, as a user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    pub id: Id,
    pub logs: Vec<Log>,
}

fn corrupt<T>(part: Part, address: usize) -> Result<T, Fault> {
    let address = address as u64;
    Err(Fault::Corrupt { part, address })
}

pub fn word(image: &[u8], address: usize) -> u64 {
    u64::from_le_bytes(image[address..address + 8].try_into().expect("eight bytes"))
}

/// The bytes of the directory, and of each copy of the table.
pub fn run_len(logs: usize) -> usize {
    (32 * logs).next_multiple_of(64)
}

/// Where the entries of copy A or copy B begin.
pub fn copy_at(logs: usize, b: bool) -> usize {
    DIRECTORY + (1 + usize::from(b)) * run_len(logs)
}

/// The address behind the metadata.
pub fn metadata_end(logs: usize) -> usize {
    DIRECTORY + 3 * run_len(logs)
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
fn payload(image: &[u8], address: usize, id: Id, tag: u64) -> Option<[u64; 3]> {
    let payload = [0, 8, 16].map(|at| word(image, address + at));
    (image[address..address + 32] == codeword(id, tag, payload)).then_some(payload)
}

/// Step 2 of opening: the id, and the number of logs.
fn superblock(image: &[u8]) -> Result<(Id, usize), Fault> {
    let first = word(image, 0);
    let second = payload(image, 32, NO_ID, 1);
    if first == 0 || first != MAGIC && second.is_none() {
        return Err(Fault::Unformatted);
    }
    let Some([low, high, 0]) = second else {
        return corrupt(Part::Superblock, 32);
    };
    let Some([MAGIC, numbers, recorded]) = payload(image, 0, [low, high], 0) else {
        return corrupt(Part::Superblock, 0);
    };
    let (version, logs) = (numbers & 0xffff_ffff, numbers >> 32);
    if version != 1 {
        return Err(Fault::UnsupportedVersion { version });
    }
    let actual = image.len() as u64;
    if recorded != actual {
        return Err(Fault::WrongLength { recorded, actual });
    }
    if logs == 0 || logs > MOST_LOGS || metadata_end(logs as usize) >= image.len() {
        return corrupt(Part::Superblock, 0);
    }
    Ok(([low, high], logs as usize))
}

/// Step 3: the rings.
fn directory(image: &[u8], id: Id, logs: usize) -> Result<Vec<[u64; 2]>, Fault> {
    let address = |log: usize| DIRECTORY + 32 * log;
    let mut found = Vec::new();
    for log in 0..logs {
        match payload(image, address(log), id, DIRECTORY_TAG + log as u64) {
            Some(ring) => found.push(ring),
            None => return corrupt(Part::Directory(log as u64), address(log)),
        }
    }
    let mut floor = metadata_end(logs) as u128;
    let mut rings = Vec::new();
    for (log, [start, capacity, reserved]) in found.into_iter().enumerate() {
        let end = u128::from(start) + u128::from(capacity);
        let sensible = floor <= start.into() && capacity > 0 && end <= image.len() as u128;
        if !sensible || reserved != 0 {
            return corrupt(Part::Directory(log as u64), address(log));
        }
        floor = end;
        rings.push([start, capacity]);
    }
    Ok(rings)
}

/// Step 4: whether copy B is live.
fn selector(image: &[u8]) -> Result<bool, Fault> {
    match word(image, SELECTOR) {
        SELECTOR_A => Ok(false),
        SELECTOR_B => Ok(true),
        _ => corrupt(Part::Selector, SELECTOR),
    }
}

/// The codewords of step 5.
fn entries(image: &[u8], id: Id, logs: usize, live_b: bool) -> Result<Vec<[u64; 3]>, Fault> {
    let address = |log: usize| copy_at(logs, live_b) + 32 * log;
    let entry = |log: usize| match payload(image, address(log), id, TABLE_TAG + log as u64) {
        Some(entry) => Ok(entry),
        None => corrupt(Part::Entry(log as u64), address(log)),
    };
    (0..logs).map(entry).collect()
}

/// What opening finds.
pub fn open(image: &[u8]) -> Result<Contents, Fault> {
    let len = image.len() as u64;
    if len < SMALLEST {
        let required = SMALLEST;
        return Err(Fault::TooSmall { len, required });
    }
    let (id, logs) = superblock(image)?;
    let rings = directory(image, id, logs)?;
    let live_b = selector(image)?;
    let entries = entries(image, id, logs, live_b)?;
    for (log, ([_, head, tail], [_, capacity])) in entries.iter().zip(&rings).enumerate() {
        if head > tail || tail - head > *capacity {
            let address = copy_at(logs, live_b) + 32 * log;
            return corrupt(Part::Entry(log as u64), address);
        }
    }
    Ok(Contents {
        id,
        rings,
        live_b,
        entries,
    })
}

impl Contents {
    /// The logs, with the bytes that the image has for them.
    pub fn collection(&self, image: &[u8]) -> Collection {
        let log = |(&[start, capacity], &[_, head, tail]): (&[u64; 2], &[u64; 3])| {
            let at = |position: u64| image[(start + position % capacity) as usize];
            Log {
                head,
                capacity,
                bytes: (head..tail).map(at).collect(),
            }
        };
        Collection {
            id: self.id,
            logs: self.rings.iter().zip(&self.entries).map(log).collect(),
        }
    }

    /// The address of a position's byte.
    pub fn address(&self, log: usize, position: u64) -> usize {
        let [start, capacity] = self.rings[log];
        (start + position % capacity) as usize
    }
}

/// What a user sees of an image, or why not.
pub fn collection(image: &[u8]) -> Result<Collection, Fault> {
    Ok(open(image)?.collection(image))
}
