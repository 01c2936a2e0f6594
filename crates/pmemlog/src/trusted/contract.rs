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
use multilog::trusted::state::State;
#[cfg(verus_only)]
use multilog::trusted::{
    contract,
    contract::reads,
    image::{spec_data_start, spec_lines, LAST_COMMIT},
    record_contract::{RecordLog, RECORD_OVERHEAD},
};
#[cfg(verus_only)]
use multilog::CheckError;
use pmem::region_id::RegionId;
#[cfg(verus_only)]
use pmem::trusted::region::RegionView;
#[cfg(verus_only)]
use pmem::trusted::{collision::*, guarded::*};
use pmem::trusted::{region::Medium, ring::Ring};
use vstd::prelude::*;

verus! {

/// A log while it is open.
#[verifier::ext_equal]
pub struct PmemLogView {
    /// The number that the region got when it was created.
    pub id: RegionId,
    /// How many lines of 64 bytes each journal has for records of changes.
    pub lines: int,
    /// The number of the last commit: of the last change to the log.
    pub commit: int,
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
    State { id: v.id, lines: v.lines, commit: v.commit, logs: seq![v.log] }
}

/// The log after a change. If that changes anything, it is a commit with a number of its own.
pub open spec fn with_log(v: PmemLogView, log: LogState) -> PmemLogView {
    if log == v.log {
        v
    } else {
        PmemLogView { log, commit: v.commit + 1, ..v }
    }
}

/// The capacities of a new log's collection, if so many lines were asked for in each journal: the capacity that was asked
/// for, or else what the region has room for. If it has none, a byte is asked for, which does not fit.
pub open spec fn capacities(region: RegionView, capacity: Option<u64>, asked: int) -> Seq<u64> {
    let room = region.volatile.len() - spec_data_start(1, spec_lines(1, asked));
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
    asked: int,
    id: RegionId,
    overwrite: bool,
    new: PmemLogView,
    durable: Option<State>,
) -> bool {
    let log = LogState { head: 0, data: Seq::empty(), capacity: capacities[0] as int };
    &&& contract::create_allowed(region, capacities, asked, overwrite)
    &&& new.id == id && new.lines == spec_lines(1, asked) && new.commit == 0
    &&& new.log == log && new.medium == region.medium
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

/// Whether the log cannot be changed to `changed` because the numbers of commits are used up.
pub open spec fn exhausted(v: PmemLogView, changed: LogState) -> bool {
    with_log(v, changed).commit > LAST_COMMIT
}

/// The one exception to atomicity: a crash during the change to `changed` left `left`, where `written` was to be, and a CRC
/// does not tell them apart. It is the CRC of the bytes that were appended, or one of those of the record of the change, of
/// `len` bytes at `addr`.
pub open spec fn change_collides(
    v: PmemLogView,
    changed: LogState,
    left: Seq<u8>,
    written: Seq<u8>,
    addr: int,
    len: int,
) -> bool {
    let (from, to) = (v.log.tail(), changed.tail());
    ||| write_collides(left, written, addr, len)
    ||| from < to && same_mixed(v.ring.bytes(left, from, to), v.ring.bytes(written, from, to))
}

/// A change that was made: it is durable. `durable` is the image that a crash right after would leave.
pub open spec fn change_post(
    old: PmemLogView,
    new: PmemLogView,
    durable: Seq<u8>,
    changed: LogState,
) -> bool {
    &&& !exhausted(old, changed)
    &&& new == with_log(old, changed)
    &&& old.sound ==> recover(durable) == Some(collection(new))
}

/// A change during which the device failed: a crash leaves the log as it was or as it would be, but for a collision.
pub open spec fn change_failed_post(
    old: PmemLogView,
    new: PmemLogView,
    durable: Seq<u8>,
    changed: LogState,
) -> bool {
    &&& new == PmemLogView { failed: true, ..old }
    &&& old.sound ==> {
        ||| recover(durable) == Some(collection(old))
        ||| !exhausted(old, changed) && {
            ||| recover(durable) == Some(collection(with_log(old, changed)))
            ||| exists|written: Seq<u8>, addr: int, len: int| #[trigger]
                change_collides(old, changed, durable, written, addr, len)
        }
    }
}

/// `append`: the bytes are at the old tail, whose position it returns.
pub open spec fn append_post(
    old: PmemLogView,
    new: PmemLogView,
    durable: Seq<u8>,
    bytes: Seq<u8>,
    r: Result<u64, AppendError>,
) -> bool {
    let changed = old.log.append(bytes);
    match append_refusal(old, bytes.len() as int) {
        Some(e) => r == Err::<u64, _>(e) && new == old,
        None => match r {
            Ok(position) => { position == old.log.tail() && change_post(old, new, durable, changed)
            },
            Err(AppendError::Exhausted) => exhausted(old, changed) && new == old,
            Err(e) => e is Io && change_failed_post(old, new, durable, changed),
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
    durable: Seq<u8>,
    payload: Seq<u8>,
    r: Result<u64, AppendRecordError>,
) -> bool {
    let changed = old.log.append(record(old.id, 0, old.log.tail() as u64, payload));
    match append_record_refusal(old, payload.len() as int) {
        Some(e) => r == Err::<u64, _>(e) && new == old,
        None => match r {
            Ok(position) => { position == old.log.tail() && change_post(old, new, durable, changed)
            },
            Err(AppendRecordError::Exhausted) => exhausted(old, changed) && new == old,
            Err(e) => e is Io && change_failed_post(old, new, durable, changed),
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
    durable: Seq<u8>,
    position: u64,
    moved: LogState,
    r: Result<(), MoveError>,
) -> bool {
    match move_refusal(old, position) {
        Some(e) => r == Err::<(), _>(e) && new == old,
        None => match r {
            Ok(()) => change_post(old, new, durable, moved),
            Err(MoveError::Exhausted) => exhausted(old, moved) && new == old,
            Err(e) => e is Io && change_failed_post(old, new, durable, moved),
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

/// `check` of a region: what it read alone determines what recovery finds, also after the device has failed. It has no errors
/// where the metadata is undamaged, whatever the damage elsewhere.
pub open spec fn check_post(
    v: PmemLogView,
    region: RegionView,
    r: Result<Readings, CheckError>,
) -> bool {
    &&& r matches Ok(readings) ==> forall|image: Seq<u8>|
        image.len() == region.volatile.len() ==> recover(#[trigger] as_read(image, readings@))
            == Some(log_in(v, as_read(image, readings@)))
    &&& r is Err && v.sound && !v.failed ==> contract::metadata_damaged(region)
}

} // verus!
