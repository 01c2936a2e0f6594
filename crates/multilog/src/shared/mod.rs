//! Logs that many threads or tasks share: their appends are committed together.
//!
//! A [`Shared`] is a handle, to be cloned. Whoever commits while nobody else does becomes the leader: it stages all groups
//! that are waiting, its own among them, and commits them at once. Those that come meanwhile wait, and one of them leads
//! the next commit. So the cost of a commit is divided among all that wait, and no thread runs in the background.
//!
//! Readers of a file do not wait for the medium: what is committed stays where it is until the head is advanced past it.
//! Where there is no medium to wait for, they take turns with commits.
//!
//! Ordinary Rust on the verified logs: `docs/sharing.md` says what is tested, and how.
//!
//! ```
//! use multilog::{shared::Shared, MemRegion, MultiLog};
//! use std::thread;
//!
//! let len = multilog::required_len(&[4096]).unwrap();
//! let logs = Shared::new(MultiLog::create(MemRegion::new(len as usize), &[4096])?)?;
//! thread::scope(|threads| {
//!     for number in 0..4 {
//!         let logs = logs.clone();
//!         threads.spawn(move || {
//!             let payload = format!("order {number}");
//!             let position = logs.append_record(0, payload.as_bytes()).unwrap(); // durable now
//!             assert_eq!(logs.get_record(0, position).unwrap().payload, payload.as_bytes());
//!         });
//!     }
//! });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod committer;
mod errors;
mod group;
mod pending;
mod queue;
mod reader;
mod run;

/// What the queue waits with: in its model check, another library's.
mod sync {
    pub(super) use std::sync::Mutex;
    pub(super) use std::thread;
}

pub use errors::{Refusal, SharedError};
pub use group::Group;
pub use pending::Pending;
pub use reader::{OwnedRecord, Shareable};

use crate::{FileError, LogInfo, MultiLog, ReadError, RecordError, RegionId};
use committer::Committer;
use queue::Queue;
use reader::{Reader, NOT_POISONED};
use std::sync::{Arc, RwLock};

/// A handle on logs that many threads or tasks share.
pub struct Shared<R: Shareable> {
    inner: Arc<Inner<R>>,
}

struct Inner<R: Shareable> {
    queue: Queue<Group, committer::Outcome>,
    committer: RwLock<Committer<R>>,
    reader: Reader,
}

impl<R: Shareable> Clone for Shared<R> {
    fn clone(&self) -> Self {
        let inner = self.inner.clone();
        Shared { inner }
    }
}

impl<R: Shareable> Shared<R> {
    /// Shares logs. What is staged in them is dropped.
    ///
    /// # Errors
    /// The region's file cannot be opened a second time, to read it.
    pub fn new(mut logs: MultiLog<R>) -> Result<Shared<R>, FileError> {
        logs.abort();
        let inner = Inner {
            queue: Queue::default(),
            reader: Reader::of(&logs)?,
            committer: RwLock::new(Committer::new(logs)),
        };
        let inner = Arc::new(inner);
        Ok(Shared { inner })
    }

    /// Appends `bytes` to a log, and returns the position of the first of them. They are durable when it returns.
    ///
    /// # Errors
    /// See [`SharedError`].
    pub fn append(&self, log: u64, bytes: &[u8]) -> Result<u64, SharedError> {
        let mut group = Group::new();
        group.append(log, bytes);
        self.commit(group).map(|positions| positions[0])
    }

    /// Appends a record with this payload to a log, and returns its position. It is durable when it returns.
    ///
    /// # Errors
    /// See [`SharedError`].
    pub fn append_record(&self, log: u64, payload: &[u8]) -> Result<u64, SharedError> {
        let mut group = Group::new();
        group.append_record(log, payload);
        self.commit(group).map(|positions| positions[0])
    }

    /// Appends to several logs, all or nothing, and returns the positions. All are durable when it returns.
    ///
    /// # Errors
    /// See [`SharedError`].
    pub fn append_many(&self, appends: &[(u64, &[u8])]) -> Result<Vec<u64>, SharedError> {
        let mut group = Group::new();
        for (log, bytes) in appends {
            group.append(*log, bytes);
        }
        self.commit(group)
    }

    /// Commits a group, all of it or nothing, and returns the positions of its appends and records. It is durable when
    /// it returns.
    ///
    /// # Errors
    /// See [`SharedError`].
    pub fn commit(&self, group: Group) -> Result<Vec<u64>, SharedError> {
        self.submit(group).wait()
    }

    /// Puts a group behind those that wait to be committed. What is returned is a future, and can be waited for without
    /// an executor too.
    ///
    /// Groups are committed in the order in which they were submitted.
    pub fn submit(&self, group: Group) -> Pending<R> {
        Pending::new(self.inner.clone(), group)
    }

    /// Reads `buf.len()` committed bytes of a log at `position`.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read(&self, log: u64, position: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        self.inner.read(log, position, buf)
    }

    /// The committed record at a position of a log.
    ///
    /// # Errors
    /// See [`RecordError`].
    pub fn get_record(&self, log: u64, position: u64) -> Result<OwnedRecord, RecordError> {
        self.inner.get_record(log, position)
    }

    /// Where a log stands, as committed; or None if there is no such log.
    pub fn info(&self, log: u64) -> Option<LogInfo> {
        self.inner.reader.info(log)
    }

    /// The number of logs.
    pub fn log_count(&self) -> u64 {
        self.inner.reader.log_count()
    }

    /// The number that the region got when it was created.
    pub fn region_id(&self) -> RegionId {
        self.inner.reader.region_id()
    }

    /// Takes the logs back, if this is the last handle on them and nothing waits; else gives back the handle.
    ///
    /// After [`SharedError::Panicked`] they may be in the middle of a commit, and are good for nothing but
    /// [`MultiLog::into_region`], which can be opened anew.
    ///
    /// # Errors
    /// The handle, if it is not the last one.
    pub fn try_into_inner(self) -> Result<MultiLog<R>, Shared<R>> {
        match Arc::try_unwrap(self.inner) {
            Ok(inner) => {
                let committer = inner.committer.into_inner();
                Ok(committer.expect(NOT_POISONED).into_logs())
            }
            Err(inner) => Err(Shared { inner }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Group, Shared};
    use crate::{MemRegion, MultiLog};

    #[test]
    fn nothing_is_kept_of_what_is_done() {
        let len = crate::required_len(&[64]).unwrap();
        let logs = MultiLog::create(MemRegion::new(len as usize), &[64]).unwrap();
        let logs = Shared::new(logs).unwrap();
        drop(logs.submit(Group::new()));
        logs.append(0, b"x").unwrap();
        logs.append(1, b"there is no such log").unwrap_err();
        assert!(logs.inner.queue.is_empty());
    }
}
