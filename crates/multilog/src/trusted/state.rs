//! What a collection of logs is, for those who use it.
//!
//! TRUSTED: that this is what the reader wants from logs. Nothing here runs.
use pmem::region_id::RegionId;
use pmem::trusted::{region::Medium, ring::Ring};
use vstd::prelude::*;

verus! {

/// One log: the bytes at positions `head..tail`.
#[verifier::ext_equal]
pub struct LogState {
    /// The first position that can be read.
    pub head: int,
    /// The bytes from the head on.
    pub data: Seq<u8>,
    /// The most bytes that the log can hold.
    pub capacity: int,
}

impl LogState {
    /// The position behind the last byte.
    pub open spec fn tail(self) -> int {
        self.head + self.data.len()
    }

    /// The log with `bytes` at its end.
    pub open spec fn append(self, bytes: Seq<u8>) -> LogState {
        LogState { data: self.data + bytes, ..self }
    }

    /// The log without what is before `position`.
    pub open spec fn advance_head(self, position: int) -> LogState {
        LogState { head: position, data: self.data.skip(position - self.head), ..self }
    }

    /// The log without what is at `position` or behind it.
    pub open spec fn truncate(self, position: int) -> LogState {
        LogState { data: self.data.take(position - self.head), ..self }
    }
}

/// A collection of logs: what a crash leaves and recovery finds.
#[verifier::ext_equal]
pub struct State {
    /// The number that the region got when it was created.
    pub id: RegionId,
    /// How many lines of 64 bytes each journal has for records.
    pub lines: int,
    /// The number of the last commit.
    pub commit: int,
    /// The logs.
    pub logs: Seq<LogState>,
}

impl State {
    /// The collection with another log `i`.
    pub open spec fn update(self, i: int, log: LogState) -> State {
        State { logs: self.logs.update(i, log), ..self }
    }

    /// A new collection: empty logs of these capacities.
    pub open spec fn new(id: RegionId, lines: int, capacities: Seq<u64>) -> State {
        State {
            id,
            lines,
            commit: 0,
            logs: Seq::new(
                capacities.len(),
                |i: int| LogState { head: 0, data: Seq::empty(), capacity: capacities[i] as int },
            ),
        }
    }
}

/// A collection of logs while it is open.
#[verifier::ext_equal]
pub struct MultiLogView {
    /// What is durable, and what can be read.
    pub committed: State,
    /// What the next commit makes of it.
    pub staged: State,
    /// Whether a write or flush has failed. Then nothing can be changed any more.
    pub failed: bool,
    /// Whether the damage of the metadata was within the fault model when the collection was opened. If not, all bets are off.
    pub sound: bool,
    /// Where the logs' positions lie in the region.
    pub rings: Seq<Ring>,
    /// What the medium is like.
    pub medium: Medium,
}

impl MultiLogView {
    /// A collection that was just created or opened: nothing is staged, nothing has failed.
    pub open spec fn fresh(
        committed: State,
        sound: bool,
        rings: Seq<Ring>,
        medium: Medium,
    ) -> MultiLogView {
        MultiLogView { committed, staged: committed, failed: false, sound, rings, medium }
    }
}

} // verus!
