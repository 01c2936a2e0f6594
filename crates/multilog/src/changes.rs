//! What a commit's record says: for each log that it changes, its new head and tail, and the CRC of what was appended to it.
//!
//! A change is 32 bytes. The first word has its top bit set, which tells it from padding, and from a record's first word.
#[cfg(verus_only)]
use pmem::bytes::*;
#[cfg(verus_only)]
use pmem::journal::{payload_ok, MARK};
#[cfg(verus_only)]
use pmem::ring::Ring;
#[cfg(verus_only)]
use pmem::trusted::{bytes::u64_at, collision::mixed_crc};
use vstd::prelude::*;

verus! {

/// The bit of a change's first word that says that the change has a CRC of what was appended.
pub const CHECKED: u64 = 0x4000_0000_0000_0000;

/// The most bytes of one log whose CRC may be in a commit's record. A commit that appends more waits for them first.
pub const CHECK_LIMIT: u64 = 65_536;

/// The same for mapped devices. There a fence costs as much as a CRC of some hundred bytes, where a file's sync costs more
/// than one of a mebibyte.
pub const MAPPED_CHECK_LIMIT: u64 = 512;

/// A log's head and tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The first position that can be read.
    pub head: u64,
    /// The position behind the last byte.
    pub tail: u64,
}

/// What a commit makes of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The log.
    pub log: u64,
    /// Whether `crc` is that of the bytes from its last tail on. If not, they were durable before the record.
    pub checked: bool,
    /// Its head and tail.
    pub entry: Entry,
    /// The CRC of what was appended.
    pub crc: u64,
}

/// A change's first word.
pub open spec fn change_word(log: u64, checked: bool) -> u64 {
    (MARK + if checked {
        CHECKED as int
    } else {
        0
    } + log) as u64
}

/// The bytes of a change.
pub open spec fn change_bytes(c: Change) -> Seq<u8> {
    u64_le(change_word(c.log, c.checked)) + u64_le(c.entry.head) + u64_le(c.entry.tail) + u64_le(
        c.crc,
    )
}

/// Change `k` of a record's payload. None for padding.
pub open spec fn change_at(payload: Seq<u8>, k: int) -> Option<Change> {
    let word = u64_at(payload, 32 * k);
    if word < MARK {
        None
    } else {
        Some(
            Change {
                log: word % CHECKED,
                checked: word >= MARK + CHECKED,
                entry: Entry {
                    head: u64_at(payload, 32 * k + 8),
                    tail: u64_at(payload, 32 * k + 16),
                },
                crc: u64_at(payload, 32 * k + 24),
            },
        )
    }
}

/// The entries after the first `k` changes of a record. None if one of them is of no log.
pub open spec fn apply_first(entries: Seq<Entry>, payload: Seq<u8>, k: int) -> Option<Seq<Entry>>
    decreases k,
{
    if k <= 0 {
        Some(entries)
    } else {
        match (apply_first(entries, payload, k - 1), change_at(payload, k - 1)) {
            (Some(before), Some(c)) => if c.log < before.len() {
                Some(before.update(c.log as int, c.entry))
            } else {
                None
            },
            (before, _) => before,
        }
    }
}

/// The entries after a record.
pub open spec fn apply(entries: Seq<Entry>, payload: Seq<u8>) -> Option<Seq<Entry>> {
    apply_first(entries, payload, payload.len() as int / 32)
}

/// The entries after several records.
pub open spec fn replay(entries: Seq<Entry>, records: Seq<Seq<u8>>) -> Option<Seq<Entry>>
    decreases records.len(),
{
    if records.len() == 0 {
        Some(entries)
    } else {
        match replay(entries, records.drop_last()) {
            Some(before) => apply(before, records.last()),
            None => None,
        }
    }
}

/// Whether the bytes that a change appended, to a log that was like `before`, are there.
pub open spec fn change_whole(image: Seq<u8>, ring: Ring, before: Entry, c: Change) -> bool {
    &&& c.entry.head <= before.tail <= c.entry.tail
    &&& c.entry.tail - before.tail <= CHECK_LIMIT
    &&& c.entry.tail - before.tail <= ring.capacity
    &&& mixed_crc(ring.bytes(image, before.tail as int, c.entry.tail as int)) == c.crc
}

/// Whether all the bytes that a record's changes appended are there. `before` are the entries before it.
pub open spec fn record_whole(
    image: Seq<u8>,
    rings: Seq<Ring>,
    before: Seq<Entry>,
    payload: Seq<u8>,
) -> bool {
    forall|k: int|
        0 <= k < payload.len() / 32 ==> (#[trigger] change_at(payload, k) matches Some(c)
            ==> c.checked ==> change_in(image, rings, before, c))
}

/// Whether a change is of a log, and the bytes that it appended are there.
pub open spec fn change_in(
    image: Seq<u8>,
    rings: Seq<Ring>,
    before: Seq<Entry>,
    c: Change,
) -> bool {
    c.log < before.len() && change_whole(image, rings[c.log as int], before[c.log as int], c)
}

} // verus!
