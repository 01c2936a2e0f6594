//! Where the two journals and the selector lie.
use crate::region_id::RegionId;
#[cfg(verus_only)]
use crate::trusted::bytes::u64_at;
use vstd::prelude::*;

verus! {

/// The length of a line in bytes: records are whole lines, and begin on one.
pub const LINE: u64 = 64;

/// The selector's value when journal A is live.
pub const SELECTOR_A: u64 = 0x6e1f_93a5_c478_2bd1;

/// The selector's value when journal B is live: the complement, so that no damage but the inversion of all 64 bits
/// makes one of the other.
pub const SELECTOR_B: u64 = 0x91e0_6c5a_3b87_d42e;

/// One of the two journals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journal {
    /// The one that is live in a new region.
    A,
    /// The other one.
    B,
}

impl Journal {
    /// The other journal.
    pub open spec fn spec_other(self) -> Journal {
        match self {
            Journal::A => Journal::B,
            Journal::B => Journal::A,
        }
    }

    /// The other journal.
    #[verifier::when_used_as_spec(spec_other)]
    pub fn other(self) -> (r: Journal)
        ensures
            r == self.spec_other(),
    {
        match self {
            Journal::A => Journal::B,
            Journal::B => Journal::A,
        }
    }

    /// The tag of the journal's header.
    pub open spec fn spec_tag(self) -> u64 {
        match self {
            Journal::A => 0x3_0000_0000,
            Journal::B => 0x3_0000_0001,
        }
    }

    /// The selector's value when this journal is live.
    pub open spec fn spec_selector(self) -> u64 {
        match self {
            Journal::A => SELECTOR_A,
            Journal::B => SELECTOR_B,
        }
    }

    /// The selector's value when this journal is live.
    #[verifier::when_used_as_spec(spec_selector)]
    pub fn selector(self) -> (r: u64)
        ensures
            r == self.spec_selector(),
    {
        match self {
            Journal::A => SELECTOR_A,
            Journal::B => SELECTOR_B,
        }
    }

    /// The tag of the journal's header.
    #[verifier::when_used_as_spec(spec_tag)]
    pub fn tag(self) -> (r: u64)
        ensures
            r == self.spec_tag(),
    {
        match self {
            Journal::A => 0x3_0000_0000,
            Journal::B => 0x3_0000_0001,
        }
    }
}

/// Where the journals lie, and how large they are. Lengths are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalLayout {
    /// The address of the selector: the word that says which journal is live.
    pub selector: u64,
    /// The address of journal A.
    pub a: u64,
    /// The address of journal B.
    pub b: u64,
    /// The length of each.
    pub len: u64,
    /// How many entries a snapshot has.
    pub entries: u64,
    /// How far behind a journal's start its records begin: behind the header and the snapshot. On a device that writes
    /// whole blocks they begin on one.
    pub records: u64,
    /// The region's id, which all CRCs cover.
    pub id: RegionId,
}

impl JournalLayout {
    /// Whether the journals lie in an address space of `len` bytes, apart, with room for a record of one line in each.
    pub open spec fn fits(self, len: int) -> bool {
        &&& self.selector % 8 == 0
        &&& self.selector + 8 <= self.a
        &&& self.selector + 8 <= self.b
        &&& self.a % LINE == 0
        &&& self.b % LINE == 0
        &&& self.len % LINE == 0
        &&& self.records % LINE == 0
        &&& LINE + LINE * self.entries <= self.records
        &&& self.records + LINE <= self.len
        &&& self.a + self.len <= self.b || self.b + self.len <= self.a
        &&& self.a + self.len <= len
        &&& self.b + self.len <= len
        &&& len <= u64::MAX
    }

    /// The address of a journal: of its header.
    pub open spec fn start(self, j: Journal) -> int {
        match j {
            Journal::A => self.a as int,
            Journal::B => self.b as int,
        }
    }

    /// The address of entry `i` of a journal's snapshot.
    pub open spec fn entry(self, j: Journal, i: int) -> int {
        self.start(j) + LINE + LINE * i
    }

    /// The address behind a journal's snapshot.
    pub open spec fn snapshot_end(self, j: Journal) -> int {
        self.start(j) + LINE + LINE * self.entries
    }

    /// The address of a journal's first record.
    pub open spec fn first(self, j: Journal) -> int {
        self.start(j) + self.records
    }

    /// The address behind a journal.
    pub open spec fn end(self, j: Journal) -> int {
        self.start(j) + self.len
    }

    /// Which journal is live, if the selector says so.
    pub open spec fn live(self, image: Seq<u8>) -> Option<Journal> {
        if u64_at(image, self.selector as int) == SELECTOR_A {
            Some(Journal::A)
        } else if u64_at(image, self.selector as int) == SELECTOR_B {
            Some(Journal::B)
        } else {
            None
        }
    }

    /// Whether an address is the selector's or a journal's.
    pub open spec fn covers(self, a: int) -> bool {
        ||| self.selector <= a < self.selector + 8
        ||| self.start(Journal::A) <= a < self.end(Journal::A)
        ||| self.start(Journal::B) <= a < self.end(Journal::B)
    }

    /// The address of a journal.
    #[inline(always)]
    pub(super) fn start_of(&self, j: Journal) -> (r: u64)
        ensures
            r == self.start(j),
    {
        match j {
            Journal::A => self.a,
            Journal::B => self.b,
        }
    }
}

} // verus!
