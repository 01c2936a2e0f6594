//! Metadata that changes atomically by one flush: two journals, each a snapshot and records behind it.
//!
//! ```text
//!  header    64 bytes: a codeword (generation, number of the commit that the snapshot holds)
//!  snapshot  entries of 64 bytes: seven words of the user's, CRC
//!  records   whole lines of 64 bytes: generation and length, payload of the user's, CRC
//! ```
//!
//! One journal is live: the one whose header is whole and of the later generation. What it says is its snapshot and its
//! records, in order, as far as they are whole. A commit appends a record and flushes once. A crash before that leaves the
//! record, or what was there, or a mixture. The CRC tells the mixture from the record; where it does not, that is a
//! collision, which the caller's permission has to name
//! (`collides` in `trusted::collision`). Nothing else is an exception.
//!
//! The journal does not know what an entry or a record means. Its user says so, and proves of each store only that the
//! *state*, a function of the image alone (`JournalLayout::state`), is the one before or the one after.
//!
//! # Why it is as it is
//!
//! - *A line says whether a record begins in it.* A record's first word is its generation and its length. In its other
//!   lines the first word has its top bit set; the user sets it (`payload_ok`). Otherwise bytes that a record carries
//!   could be taken for a record: anybody who knows the region's id can append an image of one, of a generation to
//!   come, and wait until the journal's tail gets there. No CRC helps against that, and it is no collision.
//! - *The generation and the length are one word*, so a torn record has both or neither. The collision is thus about just
//!   the bytes that were to be written, and two strings of one length.
//! - *A record's number is covered by its CRC, and not stored.* The journal's user knows it by counting.
//! - *The payload is the user's*, 48 bytes in a record of one line. Up to which commit all was flushed, how many changes there
//!   are, and what they carry, is for the user to say. The user also drops the last records if bytes of theirs are missing.
//! - *The later generation is live*, and not the journal with the higher number. A header is of the later generation only
//!   when its snapshot is durable, so the number has nothing to add.
//! - *A switch has no collision.* The header's first word is written last, by itself, behind the flush that the rings need.
//! - *After opening there is no room before a switch.* A record that was dropped must not count later, so the
//!   next one is of a new generation. The other journal's records are zeroed first, once.
//!
//! # What is left to do
//!
//! Damage: `open` is total, but its contract says what it returns only of an undamaged medium. A header that is damaged
//! falls back to the journal before without a word. The invariant that tells is there (`quiet`: no line of a journal has
//! the other one's next generation before a switch), but it is not used.
//! A settling record is a record with a payload of zeros. It is waited for: `append_record` asks that the last one
//! is durable.
//! Nothing is assumed of a durable write: a record is one write and one flush of everything.
mod append;
mod create;
mod entry;
mod follow;
mod layout;
mod memory;
mod open;
mod record;
mod records;
mod scrub;
mod snapshot;
mod switch;
mod torn;
mod zeros;

pub use follow::*;
pub use layout::*;
pub use memory::Journals;
pub use open::{JournalError, Opened};
pub use record::*;
pub use snapshot::*;
#[cfg(verus_only)]
pub use torn::*;
#[cfg(verus_only)]
pub use {entry::*, open::*, records::*, switch::*, zeros::*};
