//! Metadata that changes atomically by one flush: two journals, each a snapshot and records behind it.
//!
//! ```text
//!  selector  8 bytes: which journal is live
//!  header    64 bytes: a codeword (number of the last record that the snapshot holds), zeros
//!  snapshot  entries of 64 bytes: seven words of the user's, CRC
//!  records   whole lines of 64 bytes: a header (number, length, CRC of the payload), payload of the user's
//! ```
//!
//! What the live journal says is its snapshot and its records, in order, as far as they are whole. A commit appends a
//! record and flushes once. A crash before that leaves the record, or what was there, or a mixture. CRCs tell the mixture
//! from the record; where they do not, that is a collision, which the caller's permission has to name
//! (`trusted::collision`). Nothing else is an exception.
//!
//! The journal does not know what an entry or a record means. Its user says so, and proves of each store only that the
//! *state*, a function of the image alone (`JournalLayout::state`), is the one before or the one after.
//!
//! # Why it is as it is
//!
//! - *A selector says which journal is live*, and is written only when the snapshot is durable. So the live journal is
//!   whole, and damage to it never makes the journal before count: it is an error.
//! - *A switch has no collision*, since the selector is one word.
//! - *A record's header is a codeword of its own*, so damage to the length is detected like all else.
//! - *Numbers only grow*, so nothing that is left of an earlier time is a record here. Behind opening, where that is not
//!   known, there is no room before a switch, and the switch writes zeros over the other journal's records first.
//! - *A line says whether a record begins in it.* In a record's lines but the first one, the first word has its top bit
//!   set; the user sets it (`payload_ok`). Otherwise bytes that a record carries could be taken for a record: anybody who
//!   knows the region's id can append an image of one to come, and wait until the journal's tail gets there. No CRC helps
//!   against that, and it is no collision.
//! - *A whole header behind a record that is not whole is evidence of damage*: an error, that names the bytes between.
mod append;
mod behind;
mod create;
mod damaged;
mod detect;
mod entry;
mod evidence;
mod faults;
mod follow;
mod intolerable;
mod layout;
mod memory;
mod parse;
mod read;
mod record;
mod scan;
mod snapshot;
mod switch;
mod torn;
mod trust;
mod two_readings;
mod write;
mod zeros;

pub use follow::*;
pub use layout::*;
pub use memory::Journals;
pub use read::{JournalContents, JournalError};
pub use record::*;
pub use snapshot::*;
#[cfg(verus_only)]
pub use {append::*, create::*, entry::*, read::*, switch::*, torn::*, trust::*};
