//! What a region's metadata say, sound or not: for tools that show a region to people.
//!
//! Ordinary Rust, and nothing relies on it. [`MultiLog::open`](crate::MultiLog::open) says what a region holds. It refuses a
//! damaged one, and never reads the journal that is not live. This reads on, and reads both.
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
//! assert_eq!(inspection.live_journal().unwrap().records.len(), 1); // the commit
//! assert_eq!(inspection.logs[0].last.unwrap().tail, 5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
mod read;
mod replay;

pub use crate::changes::Change;
pub use pmem::journal::Journal;
pub use read::inspect;

use crate::changes;
use crate::layout::MAGIC;
use pmem::journal::{SELECTOR_A, SELECTOR_B};
use pmem::RegionId;

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

/// What the superblock's second codeword says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The region's id.
    pub id: RegionId,
    /// How many lines of 64 bytes each journal has for records.
    pub lines: u64,
}

/// Where a log's ring lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingPlace {
    /// The address of its first byte.
    pub start: u64,
    /// Its length in bytes.
    pub capacity: u64,
}

/// What an entry of a journal's snapshot says of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Where the log's ring lies.
    pub ring: RingPlace,
    /// The log's head and tail when the snapshot was made.
    pub extent: changes::Entry,
}

/// The metadata of one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogMetadata {
    /// Its entry in journal A.
    pub a: Item<Entry>,
    /// Its entry in journal B.
    pub b: Item<Entry>,
    /// Its head and tail as the last commit left them, as far as the live journal says so.
    pub last: Option<changes::Entry>,
}

impl LogMetadata {
    /// Its entry in a journal.
    pub fn entry(&self, journal: Journal) -> &Item<Entry> {
        match journal {
            Journal::A => &self.a,
            Journal::B => &self.b,
        }
    }
}

/// A record of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The commit's number.
    pub number: u64,
    /// The record's address in the region, in bytes.
    pub address: u64,
    /// Its length in bytes, whole lines of 64.
    pub len: u64,
    /// What it changes.
    pub changes: Vec<Change>,
}

/// What lies behind a journal's last whole record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Nothing that could be a record to come.
    Nothing,
    /// At this address a line begins like a later record: a commit was interrupted, or its record is damaged.
    Torn {
        /// The line's address.
        address: u64,
    },
    /// At this address there is the whole header of a later record. A crash leaves none, so what lies before it is damaged.
    Later {
        /// The header's address.
        address: u64,
    },
}

/// What a journal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalMetadata {
    /// Its header: the number of the last commit that the snapshot holds.
    pub header: Item<u64>,
    /// The address of the first record.
    pub first: u64,
    /// The address behind the last whole record.
    pub tail: u64,
    /// The address behind the journal.
    pub end: u64,
    /// The records that are whole, in order. None are known if the header is not sound.
    pub records: Vec<Record>,
    /// What lies behind them.
    pub behind: Behind,
}

/// What an interrupted commit has left in the live journal. It does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    /// Nothing.
    Nothing,
    /// A record that is not whole.
    Torn,
    /// A whole record, without all the bytes that it appended.
    Incomplete {
        /// The record's number.
        number: u64,
    },
}

/// What the journal that is not live holds. It does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// Zeros: it was never live.
    Blank,
    /// A snapshot that is not later than the live journal's.
    Older,
    /// A later snapshot: a switch to this journal was interrupted.
    Later,
    /// No whole snapshot: a switch to this journal was interrupted, or it is damaged.
    Torn,
}

/// What does not count, and is no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InFlight {
    /// What an interrupted commit has left.
    pub commit: Interrupted,
    /// What the journal that is not live holds.
    pub idle: Idle,
}

/// The metadata of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The region's length in bytes.
    pub region_len: u64,
    /// The superblock's first codeword.
    pub header: Item<Header>,
    /// The superblock's second codeword.
    pub id: Item<Identity>,
    /// The word that names the live journal.
    pub selector: Item<u64>,
    /// Journal A and journal B. None if the superblock does not say where they lie.
    pub journals: Option<[JournalMetadata; 2]>,
    /// The logs, as many as the header says; none if it is not known where the journals lie.
    pub logs: Vec<LogMetadata>,
    /// The number of the last commit that counts, if the live journal says so.
    pub last_commit: Option<u64>,
}

impl Inspection {
    /// The journal that is live, if the selector names one.
    pub fn live(&self) -> Option<Journal> {
        match self.selector.value {
            SELECTOR_A => Some(Journal::A),
            SELECTOR_B => Some(Journal::B),
            _ => None,
        }
    }

    /// What a journal says, if it is known where it lies.
    pub fn journal(&self, journal: Journal) -> Option<&JournalMetadata> {
        let [a, b] = self.journals.as_ref()?;
        Some(match journal {
            Journal::A => a,
            Journal::B => b,
        })
    }

    /// What the live journal says, if it is known which one that is, and where it lies.
    pub fn live_journal(&self) -> Option<&JournalMetadata> {
        self.journal(self.live()?)
    }

    /// Whether nothing was ever created here, or its creation did not come to an end.
    pub fn is_unformatted(&self) -> bool {
        let magic = self.header.value.magic;
        magic == 0 || magic != MAGIC && !self.id.sound
    }

    /// Whether a journal's header is sound, and all entries of its snapshot are.
    pub fn has_snapshot(&self, journal: Journal) -> bool {
        self.journal(journal).is_some_and(|j| j.header.sound)
            && self.logs.iter().all(|log| log.entry(journal).sound)
    }

    /// Whether all is sound that counts.
    pub fn is_sound(&self) -> bool {
        let Some(live) = self.live() else {
            return false;
        };
        self.header.sound
            && self.id.sound
            && self.has_snapshot(live)
            && self.last_commit.is_some()
            && self.logs.iter().all(|log| log.last.is_some())
    }

    /// What does not count; None if it is not known, since what counts is not sound.
    pub fn in_flight(&self) -> Option<InFlight> {
        let (live, last) = (self.live()?, self.last_commit?);
        let (journal, idle) = (self.journal(live)?, self.journal(live.other())?);
        let commit = match (journal.records.last(), journal.behind) {
            (Some(record), _) if record.number > last => Interrupted::Incomplete {
                number: record.number,
            },
            (_, Behind::Nothing) => Interrupted::Nothing,
            _ => Interrupted::Torn,
        };
        let idle = if self.is_blank(live.other()) {
            Idle::Blank
        } else if !self.has_snapshot(live.other()) {
            Idle::Torn
        } else if idle.header.value > journal.header.value {
            Idle::Later
        } else {
            Idle::Older
        };
        Some(InFlight { commit, idle })
    }

    /// Whether a journal's header and snapshot have no numbers but zeros.
    fn is_blank(&self, journal: Journal) -> bool {
        let is_zero = |log: &LogMetadata| {
            let Entry { ring, extent } = log.entry(journal).value;
            [ring.start, ring.capacity, extent.head, extent.tail] == [0; 4]
        };
        self.journal(journal).is_some_and(|j| j.header.value == 0) && self.logs.iter().all(is_zero)
    }
}
