//! What is right, from `docs/format.md` alone: a decoder of the format that shares no code with the one under test.

mod check;
mod codeword;
pub mod crc;
mod journal;
mod superblock;

pub use check::check;
pub use codeword::{change, codeword, entry, mixed_crc, record, word};
pub use journal::{Contents, Record};
pub use superblock::superblock;

use crc::crc64;

pub const MAGIC: u64 = u64::from_le_bytes(*b"multilog");
pub const VERSION: u64 = 2;
pub const SELECTOR: usize = 64;
pub const SELECTOR_A: u64 = 0x6e1f_93a5_c478_2bd1;
pub const SELECTOR_B: u64 = 0x91e0_6c5a_3b87_d42e;
pub const JOURNALS: usize = 128;
pub const LINE: usize = 64;
pub const JOURNAL_TAG: u64 = 3 << 32;
pub const RECORD_TAG: u64 = 5 << 32;

/// In the first word of each change, and of no record.
pub const MARK: u64 = 1 << 63;

/// In the first word of a change that has a CRC of what was appended.
pub const CHECKED: u64 = 1 << 62;

/// The most bytes that such a CRC is of.
pub const CHECK_LIMIT: u64 = 65_536;
const SMALLEST: u64 = 513;
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
    Header,
    Entry(u64),
    Records { len: u64 },
}

impl Part {
    /// How many bytes it has.
    pub fn byte_count(self) -> u64 {
        match self {
            Part::Selector => 8,
            Part::Superblock | Part::Header => 32,
            Part::Entry(_) => 64,
            Part::Records { len } => len,
        }
    }
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

/// Where the journals lie, and how long they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub logs: usize,
    /// The lines that each journal has for records.
    pub lines: usize,
}

impl Shape {
    /// The length of a journal.
    pub fn journal_len(self) -> usize {
        LINE * (1 + self.logs + self.lines)
    }

    /// Where journal A or B begins.
    pub fn journal(self, b: bool) -> usize {
        JOURNALS + usize::from(b) * self.journal_len()
    }

    /// Where the entry of a log is in a journal.
    pub fn entry(self, b: bool, log: usize) -> usize {
        self.journal(b) + LINE * (1 + log)
    }

    /// Where the records of a journal begin.
    pub fn records(self, b: bool) -> usize {
        self.entry(b, self.logs)
    }

    /// The address behind a journal.
    pub fn end(self, b: bool) -> usize {
        self.journal(b) + self.journal_len()
    }

    /// The address behind the metadata.
    pub fn metadata_end(self) -> usize {
        self.end(true)
    }
}

/// What opening finds.
pub fn open(image: &[u8]) -> Result<Contents, Fault> {
    let (len, required) = (image.len() as u64, SMALLEST);
    if len < required {
        return Err(Fault::TooSmall { len, required });
    }
    let (id, shape) = superblock(image)?;
    let live_b = match word(image, SELECTOR) {
        SELECTOR_A => false,
        SELECTOR_B => true,
        _ => return corrupt(Part::Selector, SELECTOR),
    };
    journal::read(image, id, shape, live_b)
}

/// What a user sees of an image, or why not.
pub fn collection(image: &[u8]) -> Result<Collection, Fault> {
    Ok(open(image)?.collection(image))
}
