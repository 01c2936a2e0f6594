//! A log store for [openraft] on [`multilog`].
//!
//! Each Raft group has two logs of a multilog: one of its entries, as records, and one of its state: vote, committed and
//! purged log id. What must be atomic is one commit, and the commits of all groups are combined. Entries can be read when
//! `append` returns, and are acknowledged when they are durable.
//!
//! ```
//! use multilog::{MemRegion, MultiLog};
//! use openraft::storage::RaftLogStorage;
//! use openraft::Vote;
//! use openraft_multilog::{capacities, LogStore};
//!
//! # use std::io::Cursor;
//! openraft::declare_raft_types!(pub TypeConfig: D = String, R = ());
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_multi_thread().build()?.block_on(async {
//! // Room for a mebibyte of entries of one group. A program would use an AnyRegion in place of the MemRegion.
//! let capacities = capacities(1, 1 << 20);
//! let len = multilog::required_len(&capacities).unwrap();
//! let logs = MultiLog::create(MemRegion::new(len as usize), &capacities)?;
//!
//! let mut stores = LogStore::<TypeConfig, _>::open_all(logs)?;
//! let mut store = stores.remove(0);
//! store.save_vote(&Vote::new(1, 7)).await?; // durable
//! assert_eq!(store.read_vote().await?, Some(Vote::new(1, 7)));
//! # Ok(()) })
//! # }
//! ```
//!
//! `docs/raft.md` says what is tested, and has an example of a replicated service.
//!
//! [openraft]: https://docs.rs/openraft/0.9

#![deny(missing_docs)]
// The error that openraft asks for is large.
#![allow(clippy::result_large_err)]

/// The examples in the documents are tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/raft.md")]
struct Documents;

mod error;
mod format;
mod memory;
mod open;
mod snapshots;
mod store;
mod traits;
mod waiter;

pub use error::OpenError;
pub use open::capacities;
pub use snapshots::Snapshots;
pub use store::LogStore;
