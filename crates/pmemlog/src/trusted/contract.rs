//! What each operation of a log does, and exactly when it refuses.
//!
//! TRUSTED: that this is what the reader wants from an append-only log. Nothing here runs.

#[cfg(verus_only)]
use crate::log_errors::{AppendError, AppendRecordError, MoveError, OpenError, ReadError};
#[cfg(verus_only)]
use multilog::layout::recover;
#[cfg(verus_only)]
use multilog::records::format::record;
use multilog::trusted::state::LogState;
#[cfg(verus_only)]
use multilog::trusted::state::{next_commit, State};
#[cfg(verus_only)]
use multilog::trusted::{
    contract,
    contract::reads,
    image::{spec_data_start, MIN_LEN},
    record_contract::{RecordLog, RECORD_OVERHEAD},
};
#[cfg(verus_only)]
use multilog::CheckError;
use pmem::region_id::RegionId;
#[cfg(verus_only)]
use pmem::trusted::guarded::*;
#[cfg(verus_only)]
use pmem::trusted::region::{damaged_in, RegionView};
use pmem::trusted::{region::Medium, ring::Ring};
use vstd::prelude::*;

verus! {

/// A log while it is open.
#[verifier::ext_equal]
pub struct PmemLogView {
    /// The number that the region got when it was created.
    pub id: RegionId,
    /// The number of the last commit: of the last change to the log.
    pub commit: u64,
    /// The log: all of it is durable.
    pub log: LogState,
    /// Whether a write or flush has failed. Then nothing can be changed any more.
    pub failed: bool,
    /// Whether the medium kept to the fault model when the log was opened. If not, all bets are off.
    pub sound: bool,
    /// What the medium is like.
    pub medium: Medium,
    /// Where the positions lie in the region.
    pub ring: Ring,
}

/// The collection that a single log is: what recovery finds.
pub open spec fn collection(v: PmemLogView) -> State {
    State { id: v.id, commit: v.commit, logs: seq![v.log] }
}

/// The log after a change. If that changes anything, it is a commit.
pub open spec fn with_log(v: PmemLogView, log: LogState) -> PmemLogView {
    if log == v.log {
        v
    } else {
        PmemLogView { log, commit: next_commit(v.commit), ..v }
    }
}

/// The capacities of a new log's collection: what was asked for, or else what the region has room for. If it has none, a
/// byte is asked for, which does not fit.
pub open spec fn capacities(region: RegionView, capacity: Option<u64>) -> Seq<u64> {
    let room = region.volatile.len() - (MIN_LEN - 1);
    match capacity {
        Some(capacity) => seq![capacity],
        None => seq![
            if room < 1 {
                1
            } else {
                room as u64
            },
        ],
    }
}

/// `create`: the log is empty, and `durable`.
pub open spec fn create_post(
    region: RegionView,
    capacities: Seq<u64>,
    id: RegionId,
    overwrite: bool,
    new: PmemLogView,
    durable: Option<State>,
) -> bool {
    let log = LogState { head: 0, data: Seq::empty(), capacity: capacities[0] as int };
    &&& contract::create_allowed(region, capacities, overwrite)
    &&& new.id == id && new.commit == 0 && new.log == log && new.medium == region.medium
    &&& new.sound && !new.failed
    &&& durable == Some(collection(new))
}

/// `open`: the log is what recovery finds in the region, which is as it was.
pub open spec fn open_post(before: RegionView, after: RegionView, new: PmemLogView) -> bool {
    &&& after == before
    &&& before.durable == before.volatile
    &&& new.medium == before.medium && !new.failed
    &&& new.sound == contract::open_sound(before)
    &&& new.sound ==> recover(before.durable) == Some(collection(new))
}

/// Opening is refused: the region is as it was, but that the device may have failed. If it is said to hold another number
/// of logs, it does.
pub open spec fn open_refused_post(before: RegionView, after: RegionView, e: OpenError) -> bool {
    match e {
        OpenError::Region(e) => contract::open_refused_post(before, after, e),
        OpenError::NotOneLog { logs } => {
            &&& after == before && logs != 1
            &&& contract::open_sound(before) ==> {
                recover(before.volatile) matches Some(state) && state.logs.len() == logs
            }
        },
    }
}

/// Why an append is refused, if it is.
pub open spec fn append_refusal(v: PmemLogView, len: int) -> Option<AppendError> {
    let available = v.log.capacity - v.log.data.len();
    if v.failed {
        Some(AppendError::Failed)
    } else if v.log.tail() + len > u64::MAX {
        Some(AppendError::PositionOverflow)
    } else if len > available {
        Some(AppendError::Full { requested: len as u64, available: available as u64 })
    } else {
        None
    }
}

/// Why moving an end of the log is refused, if it is.
pub open spec fn move_refusal(v: PmemLogView, position: u64) -> Option<MoveError> {
    let (head, tail) = (v.log.head as u64, v.log.tail() as u64);
    if v.failed {
        Some(MoveError::Failed)
    } else if !(head <= position <= tail) {
        Some(MoveError::OutOfRange { position, head, tail })
    } else {
        None
    }
}

/// Every change: it is durable, or the device failed and then a crash leaves the log as it was or as it would be.
/// `durable` is what a crash right after would leave.
pub open spec fn change_post(
    old: PmemLogView,
    new: PmemLogView,
    durable: Option<State>,
    changed: LogState,
    ok: bool,
) -> bool {
    if ok {
        &&& new == with_log(old, changed)
        &&& old.sound ==> durable == Some(collection(new))
    } else {
        &&& new == PmemLogView { failed: true, ..old }
        &&& old.sound ==> durable == Some(collection(old)) || durable == Some(
            collection(with_log(old, changed)),
        )
    }
}

/// `append`: the bytes are at the old tail, whose position it returns.
pub open spec fn append_post(
    old: PmemLogView,
    new: PmemLogView,
    durable: Option<State>,
    bytes: Seq<u8>,
    r: Result<u64, AppendError>,
) -> bool {
    match append_refusal(old, bytes.len() as int) {
        Some(e) => r == Err::<u64, _>(e) && new == old,
        None => {
            &&& change_post(old, new, durable, old.log.append(bytes), r is Ok)
            &&& r matches Ok(position) ==> position == old.log.tail()
            &&& r matches Err(e) ==> e is Io
        },
    }
}

/// Why appending a record with `len` bytes of payload is refused, if it is.
pub open spec fn append_record_refusal(v: PmemLogView, len: int) -> Option<AppendRecordError> {
    let requested = len + RECORD_OVERHEAD;
    if !v.failed && requested > v.log.capacity {
        Some(AppendRecordError::TooLong { len: len as u64, capacity: v.log.capacity as u64 })
    } else {
        match append_refusal(v, requested) {
            None => None,
            Some(AppendError::Full { requested, available }) => Some(
                AppendRecordError::Full { requested, available },
            ),
            Some(AppendError::PositionOverflow) => Some(AppendRecordError::PositionOverflow),
            Some(_) => Some(AppendRecordError::Failed),
        }
    }
}

/// `append_record`: the record is at the old tail, whose position it returns.
pub open spec fn append_record_post(
    old: PmemLogView,
    new: PmemLogView,
    durable: Option<State>,
    payload: Seq<u8>,
    r: Result<u64, AppendRecordError>,
) -> bool {
    let bytes = record(old.id, 0, old.log.tail() as u64, payload);
    match append_record_refusal(old, payload.len() as int) {
        Some(e) => r == Err::<u64, _>(e) && new == old,
        None => {
            &&& change_post(old, new, durable, old.log.append(bytes), r is Ok)
            &&& r matches Ok(position) ==> position == old.log.tail()
            &&& r matches Err(e) ==> e is Io
        },
    }
}

/// The log, to read records from: their contracts are `multilog`'s.
pub open spec fn record_log(v: PmemLogView) -> RecordLog {
    RecordLog { id: v.id, index: 0, log: v.log, ring: v.ring, medium: v.medium }
}

/// `advance_head` and `truncate`: the log is `moved`.
pub open spec fn move_post(
    old: PmemLogView,
    new: PmemLogView,
    durable: Option<State>,
    position: u64,
    moved: LogState,
    r: Result<(), MoveError>,
) -> bool {
    match move_refusal(old, position) {
        Some(e) => r == Err::<(), _>(e) && new == old,
        None => {
            &&& change_post(old, new, durable, moved, r is Ok)
            &&& r matches Err(e) ==> e is Io
        },
    }
}

/// Why a read is refused, if it is.
pub open spec fn read_refusal(v: PmemLogView, position: u64, len: int) -> Option<ReadError> {
    let (head, tail) = (v.log.head as u64, v.log.tail() as u64);
    if !(head <= position && position + len <= tail) {
        Some(ReadError::OutOfRange { position, len: len as u64, head, tail })
    } else {
        None
    }
}

/// What is read is what was appended, but for bits that the medium has damaged.
pub open spec fn read_right(v: PmemLogView, position: u64, bytes: Seq<u8>) -> bool {
    reads(v.log, v.ring, v.medium, position, bytes)
}

/// What recovery finds if it finds this log, with the bytes that `image` has where its positions lie.
pub open spec fn log_in(v: PmemLogView, image: Seq<u8>) -> State {
    let data = Seq::new(v.log.data.len(), |k: int| image[v.ring.addr(v.log.head + k)]);
    collection(PmemLogView { log: LogState { data, ..v.log }, ..v })
}

/// `check` of a region of `len` bytes: what it read alone determines what recovery finds, also after the device has failed. It
/// has no errors where the metadata is undamaged, whatever the damage elsewhere.
pub open spec fn check_post(v: PmemLogView, len: int, r: Result<Readings, CheckError>) -> bool {
    &&& r matches Ok(readings) ==> forall|image: Seq<u8>|
        image.len() == len ==> recover(#[trigger] as_read(image, readings@)) == Some(
            log_in(v, as_read(image, readings@)),
        )
    &&& r is Err && v.sound && !v.failed ==> damaged_in(v.medium, 0, spec_data_start(1))
}

} // verus!
