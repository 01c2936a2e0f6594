//! What a region's metadata say, sound or not: for tools that show a region to people.
//!
//! Ordinary Rust, and nothing relies on it. What a region holds is for [`MultiLog::open`](crate::MultiLog::open) to say, which
//! refuses a damaged one and never reads the idle copy of the table; this reads on, and reads all of it.
//!
//! ```
//! use multilog::{inspect::inspect, MemRegion, MultiLog};
//!
//! let len = multilog::required_len(&[16]).unwrap();
//! let mut logs = MultiLog::create(MemRegion::new(len as usize), &[16])?;
//! logs.stage_append(0, b"hello")?;
//! logs.commit()?;
//!
//! let inspection = inspect(logs.region())?;
//! assert!(inspection.is_sound());
//! assert_eq!(inspection.in_flight().behind, 1); // the copy that the next commit will write
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::layout::{
    data_start, table_layout, DIRECTORY_ADDR, DIRECTORY_TAG, HEADER_TAG, ID_ADDR, ID_TAG, MAGIC,
    MAX_LOGS, NO_ID, SELECTOR_ADDR, VERSION,
};
use pmem::bytes::get_u64;
use pmem::codeword::{decode, Payload};
use pmem::table::{SELECTOR_A, SELECTOR_B};
use pmem::{IoError, Region, RegionId};

/// A codeword's length in bytes.
const CODEWORD: usize = 32;

/// A piece of metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<T> {
    /// Its address in the region, in bytes.
    pub address: u64,
    /// What it says.
    pub value: T,
    /// Whether its CRC matches, and it says what it may say.
    pub sound: bool,
}

/// What the superblock says of the region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// `multilog` in ASCII, if there are logs.
    pub magic: u64,
    /// The format's version.
    pub version: u64,
    /// The number of logs.
    pub logs: u64,
    /// The region's length in bytes when it was created.
    pub region_len: u64,
}

/// A copy of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableCopy {
    /// The first one.
    A,
    /// The second one.
    B,
}

impl TableCopy {
    /// The other one.
    pub fn other(self) -> TableCopy {
        match self {
            TableCopy::A => TableCopy::B,
            TableCopy::B => TableCopy::A,
        }
    }
}

/// Where a log's ring lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingPlace {
    /// The address of its first byte.
    pub start: u64,
    /// Its length in bytes.
    pub capacity: u64,
}

/// What an entry of the table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The number of the commit that changed it.
    pub commit: u64,
    /// The first position that can be read.
    pub head: u64,
    /// The position behind the last byte.
    pub tail: u64,
}

/// The metadata of one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogMetadata {
    /// Its codeword in the directory.
    pub directory: Item<RingPlace>,
    /// Its entry in copy A of the table.
    pub a: Item<Entry>,
    /// Its entry in copy B of the table.
    pub b: Item<Entry>,
}

impl LogMetadata {
    /// Its entry in a copy of the table.
    pub fn entry(&self, copy: TableCopy) -> &Item<Entry> {
        match copy {
            TableCopy::A => &self.a,
            TableCopy::B => &self.b,
        }
    }

    /// What the idle copy has for it, given which one is live.
    pub fn idle(&self, live: TableCopy) -> Idle {
        let (live, idle) = (self.entry(live), self.entry(live.other()));
        if !idle.sound {
            Idle::Torn
        } else if idle.value == live.value {
            Idle::Settled
        } else if idle.value.commit > live.value.commit {
            Idle::Uncommitted
        } else {
            Idle::Behind
        }
    }
}

/// What the idle copy of the table has for a log. None of it counts, and none of it is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// The same as the live copy.
    Settled,
    /// What was committed before. The next commit writes it anew.
    Behind,
    /// What a commit wrote that did not come to an end.
    Uncommitted,
    /// No codeword: a crash has torn it, or it is damaged.
    Torn,
}

/// How many logs have what in the idle copy of the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InFlight {
    /// See [`Idle::Settled`].
    pub settled: u64,
    /// See [`Idle::Behind`].
    pub behind: u64,
    /// See [`Idle::Uncommitted`].
    pub uncommitted: u64,
    /// See [`Idle::Torn`].
    pub torn: u64,
}

/// The metadata of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The region's length in bytes.
    pub region_len: u64,
    /// The superblock's first codeword.
    pub header: Item<Header>,
    /// The superblock's second codeword.
    pub id: Item<RegionId>,
    /// The word that names the live copy of the table.
    pub selector: Item<u64>,
    /// The logs, as many as the header says; none if that is no possible number.
    pub logs: Vec<LogMetadata>,
}

impl Inspection {
    /// The live copy of the table, if the selector names one.
    pub fn live(&self) -> Option<TableCopy> {
        match self.selector.value {
            SELECTOR_A => Some(TableCopy::A),
            SELECTOR_B => Some(TableCopy::B),
            _ => None,
        }
    }

    /// Whether nothing was ever created here, or its creation did not come to an end.
    pub fn is_unformatted(&self) -> bool {
        let magic = self.header.value.magic;
        magic == 0 || magic != MAGIC && !self.id.sound
    }

    /// Whether all is sound but what the idle copy holds, which does not count.
    pub fn is_sound(&self) -> bool {
        let Some(live) = self.live() else {
            return false;
        };
        self.header.sound
            && self.id.sound
            && !self.logs.is_empty()
            && self
                .logs
                .iter()
                .all(|log| log.directory.sound && log.entry(live).sound)
    }

    /// What the idle copy of the table holds; nothing if it is not known which one that is.
    pub fn in_flight(&self) -> InFlight {
        let mut counts = InFlight::default();
        if let Some(live) = self.live() {
            for log in &self.logs {
                *match log.idle(live) {
                    Idle::Settled => &mut counts.settled,
                    Idle::Behind => &mut counts.behind,
                    Idle::Uncommitted => &mut counts.uncommitted,
                    Idle::Torn => &mut counts.torn,
                } += 1;
            }
        }
        counts
    }
}

/// Reads the metadata of a region that may hold anything. Bytes that the region is too short for read as zeros.
///
/// # Errors
/// The device could not read.
pub fn inspect<R: Region>(region: &R) -> Result<Inspection, IoError> {
    let superblock = read(region, 0, DIRECTORY_ADDR as usize)?;
    let id = id_item(&superblock);
    let header = header_item(&superblock, id.value, region.len());
    let word = get_u64(&superblock, SELECTOR_ADDR as usize);
    Ok(Inspection {
        region_len: region.len(),
        header,
        id,
        selector: Item {
            address: SELECTOR_ADDR,
            value: word,
            sound: word == SELECTOR_A || word == SELECTOR_B,
        },
        logs: logs(region, id.value, header.value.logs)?,
    })
}

/// `len` bytes at `address`, those behind the region's end being zero.
fn read<R: Region>(region: &R, address: u64, len: usize) -> Result<Vec<u8>, IoError> {
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

fn id_item(superblock: &[u8]) -> Item<RegionId> {
    let (payload, sound) = codeword(superblock, ID_ADDR as usize, NO_ID, ID_TAG);
    Item {
        address: ID_ADDR,
        value: RegionId {
            lo: payload.a,
            hi: payload.b,
        },
        sound: sound && payload.c == 0,
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
    let possible = (1..=MAX_LOGS).contains(&value.logs) && data_start(value.logs) < len;
    Item {
        address: 0,
        value,
        sound: sound
            && value.magic == MAGIC
            && value.version == VERSION
            && value.region_len == len
            && possible,
    }
}

/// The metadata of so many logs; of none if a region cannot have so many.
fn logs<R: Region>(region: &R, id: RegionId, count: u64) -> Result<Vec<LogMetadata>, IoError> {
    if !(1..=MAX_LOGS).contains(&count) || data_start(count) >= region.len() {
        return Ok(Vec::new());
    }
    let layout = table_layout(id, count);
    let run = |address| read(region, address, CODEWORD * count as usize);
    let (directory, a, b) = (
        run(DIRECTORY_ADDR)?,
        run(layout.copy_a)?,
        run(layout.copy_b)?,
    );
    let mut free = data_start(count)..region.len();
    let mut logs = Vec::new();
    for log in 0..count {
        let at = CODEWORD * log as usize;
        let mut directory = Item {
            address: DIRECTORY_ADDR + at as u64,
            ..ring_item(codeword(&directory, at, id, DIRECTORY_TAG + log))
        };
        let ring = directory.value;
        match ring.start.checked_add(ring.capacity) {
            Some(end) if directory.sound && ring.start >= free.start && end <= free.end => {
                free.start = end;
            }
            _ => directory.sound = false,
        }
        let capacity = directory.sound.then_some(ring.capacity);
        let entry = |bytes, copy| Item {
            address: copy + at as u64,
            ..entry_item(codeword(bytes, at, id, layout.tag + log), capacity)
        };
        logs.push(LogMetadata {
            directory,
            a: entry(&a, layout.copy_a),
            b: entry(&b, layout.copy_b),
        });
    }
    Ok(logs)
}

fn ring_item((payload, sound): (Payload, bool)) -> Item<RingPlace> {
    Item {
        address: 0,
        value: RingPlace {
            start: payload.a,
            capacity: payload.b,
        },
        sound: sound && payload.b > 0 && payload.c == 0,
    }
}

fn entry_item((payload, sound): (Payload, bool), capacity: Option<u64>) -> Item<Entry> {
    let used = payload.c.checked_sub(payload.b);
    let fits = used.is_some_and(|used| capacity.is_none_or(|capacity| used <= capacity));
    Item {
        address: 0,
        value: Entry {
            commit: payload.a,
            head: payload.b,
            tail: payload.c,
        },
        sound: sound && fits,
    }
}
