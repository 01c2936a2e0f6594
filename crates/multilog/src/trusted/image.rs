//! How much room logs need, and what opening finds in an image.
//!
//! TRUSTED: the contracts of `create` and `open` are made of this. A reader must agree that
//! - a region holds up to [`MAX_LOGS`] logs, and needs `spec_required_len` bytes for them: `create` refuses a shorter one for
//!   lack of room, and no other. `docs/format.md` draws what takes the room;
//! - an image in which recovery finds no logs is unformatted if its first word is zero and it is long enough for a log.
//!
//! `recover` need not be believed: `docs/verification.md` says why.
#[cfg(verus_only)]
use crate::layout::recover;
use crate::trusted::state::State;
#[cfg(verus_only)]
use pmem::trusted::bytes::u64_at;
use vstd::prelude::*;

verus! {

/// The most logs in a region.
pub const MAX_LOGS: u64 = 65_536;

/// The address of the selector.
pub const SELECTOR_ADDR: u64 = 64;

/// The address of the first journal.
pub const JOURNAL_ADDR: u64 = 128;

/// The least length of a region: the metadata of one log, with room for one record in each journal, and one byte.
pub const MIN_LEN: u64 = 513;

/// The last number that a commit can have.
pub const LAST_COMMIT: u64 = 0x7fff_ffff_ffff_ffff;

/// How many lines of 64 bytes each journal has for records: as many as were asked for, but enough for a commit that changes
/// all logs.
pub open spec fn spec_lines(logs: int, asked: int) -> int {
    let least = (logs + 2) / 2;
    if asked < least {
        least
    } else {
        asked
    }
}

/// The length of a journal: a header, an entry for each log, and its records.
pub open spec fn spec_journal_len(logs: int, lines: int) -> int {
    64 + 64 * logs + 64 * lines
}

/// The first address that a ring may have.
pub open spec fn spec_data_start(logs: int, lines: int) -> int {
    JOURNAL_ADDR + 2 * spec_journal_len(logs, lines)
}

/// The next address on a cache line's boundary.
pub open spec fn spec_align(addr: int) -> int {
    (addr + 63) / 64 * 64
}

/// Where `create` puts ring `i`, if each journal has `lines` lines for records.
pub open spec fn spec_placement(capacities: Seq<u64>, lines: int, i: int) -> int
    decreases i,
{
    if i <= 0 {
        spec_data_start(capacities.len() as int, lines)
    } else {
        spec_align(spec_placement(capacities, lines, i - 1) + capacities[i - 1])
    }
}

/// The bytes that a region needs for logs of these capacities, and for journals with room for at least so many lines of
/// records.
pub open spec fn spec_required_len(capacities: Seq<u64>, asked: int) -> int {
    let last = capacities.len() - 1;
    let lines = spec_lines(capacities.len() as int, asked);
    spec_placement(capacities, lines, last) + capacities[last]
}

/// What opening finds in an image.
pub enum Found {
    /// Logs.
    Logs(State),
    /// A region that was never used, or of which the creation did not finish.
    Unformatted,
    /// Anything else.
    Other,
}

/// What opening finds in an image.
pub open spec fn found(image: Seq<u8>) -> Found {
    match recover(image) {
        Some(state) => Found::Logs(state),
        None => if image.len() >= MIN_LEN && u64_at(image, 0) == 0 {
            Found::Unformatted
        } else {
            Found::Other
        },
    }
}

} // verus!
