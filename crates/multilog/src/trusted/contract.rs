//! What each operation does, and exactly when it refuses.
//!
//! TRUSTED: these predicates are the contracts of the gate's methods. Each says what the operation returns and what
//! becomes of the collection, for every outcome; errors other than a device's are determined by the state alone.

#[cfg(verus_only)]
use crate::errors::{
    AppendError, CheckError, CommitError, CreateError, LogInfo, MoveError, OpenError, Part,
    ReadError,
};
#[cfg(verus_only)]
use crate::layout::recover;
#[cfg(verus_only)]
use crate::trusted::{image::*, state::*};
#[cfg(verus_only)]
use pmem::region_id::RegionId;
#[cfg(verus_only)]
use pmem::trusted::{bytes::u64_at, guarded::*, region::*, ring::Ring};
use vstd::prelude::*;

verus! {

/// The collection after a device failed.
pub open spec fn failed(v: MultiLogView) -> MultiLogView {
    MultiLogView { failed: true, ..v }
}

/// The collection with another staged log. If that changes anything, the next commit has a number of its own.
pub open spec fn with_staged(v: MultiLogView, i: int, log: LogState) -> MultiLogView {
    if log == v.staged.logs[i] {
        v
    } else {
        let commit = next_commit(v.committed.commit);
        MultiLogView { staged: State { commit, ..v.staged.update(i, log) }, ..v }
    }
}

/// The room for appending to log `i`. What a staged head advance frees counts only once it is committed.
pub open spec fn available(v: MultiLogView, i: int) -> int {
    v.staged.logs[i].capacity - (v.staged.logs[i].tail() - v.committed.logs[i].head)
}

/// Why an append is refused, if it is.
pub open spec fn append_refusal(v: MultiLogView, log: u64, len: int) -> Option<AppendError> {
    let logs = v.committed.logs.len() as u64;
    let committed_tail = v.committed.logs[log as int].tail() as u64;
    let staged_tail = v.staged.logs[log as int].tail() as u64;
    let available = available(v, log as int);
    if v.failed {
        Some(AppendError::Failed)
    } else if log >= logs {
        Some(AppendError::NoSuchLog { log, logs })
    } else if staged_tail < committed_tail {
        Some(AppendError::TruncationStaged { committed_tail, staged_tail })
    } else if v.staged.logs[log as int].tail() + len > u64::MAX {
        Some(AppendError::PositionOverflow)
    } else if len > available {
        Some(AppendError::Full { requested: len as u64, available: available as u64 })
    } else {
        None
    }
}

/// `stage_append`: the bytes are staged at the tail, whose position it returns, or nothing is.
pub open spec fn append_post(
    old: MultiLogView,
    new: MultiLogView,
    log: u64,
    bytes: Seq<u8>,
    r: Result<u64, AppendError>,
) -> bool {
    match append_refusal(old, log, bytes.len() as int) {
        Some(e) => r == Err::<u64, _>(e) && new == old,
        None => match r {
            Ok(position) => {
                &&& position == old.staged.logs[log as int].tail()
                &&& new == with_staged(old, log as int, old.staged.logs[log as int].append(bytes))
            },
            Err(e) => e is Io && new == failed(old),
        },
    }
}

/// The bytes of several slices, one behind the other.
pub open spec fn gathered(parts: Seq<&[u8]>) -> Seq<u8>
    decreases parts.len(),
{
    if parts.len() == 0 {
        Seq::empty()
    } else {
        gathered(parts.drop_last()) + parts.last()@
    }
}

/// Why moving an end of a log is refused, if it is.
pub open spec fn move_refusal(v: MultiLogView, log: u64, position: u64) -> Option<MoveError> {
    let logs = v.committed.logs.len() as u64;
    let staged = v.staged.logs[log as int];
    let (head, tail) = (staged.head as u64, staged.tail() as u64);
    if v.failed {
        Some(MoveError::Failed)
    } else if log >= logs {
        Some(MoveError::NoSuchLog { log, logs })
    } else if !(head <= position <= tail) {
        Some(MoveError::OutOfRange { position, head, tail })
    } else {
        None
    }
}

/// `stage_advance_head` and `stage_truncate`: the log is staged as `moved`, or nothing changes.
pub open spec fn move_post(
    old: MultiLogView,
    new: MultiLogView,
    log: u64,
    position: u64,
    moved: LogState,
    r: Result<(), MoveError>,
) -> bool {
    match move_refusal(old, log, position) {
        Some(e) => r == Err::<(), _>(e) && new == old,
        None => r is Ok && new == with_staged(old, log as int, moved),
    }
}

/// `commit`: what is staged is committed, all of it, or the device has failed. `durable` is what a crash right
/// after would leave.
pub open spec fn commit_post(
    old: MultiLogView,
    new: MultiLogView,
    durable: Option<State>,
    r: Result<(), CommitError>,
) -> bool {
    if old.failed {
        r == Err::<(), _>(CommitError::Failed) && new == old
    } else {
        match r {
            Ok(()) => {
                &&& new == MultiLogView { committed: old.staged, ..old }
                &&& old.sound ==> durable == Some(old.staged)
            },
            Err(e) => {
                &&& e is Io
                &&& new == failed(old)
                &&& old.sound ==> durable == Some(old.committed) || durable == Some(old.staged)
            },
        }
    }
}

/// Why a read is refused, if it is.
pub open spec fn read_refusal(v: MultiLogView, log: u64, position: u64, len: int) -> Option<
    ReadError,
> {
    let logs = v.committed.logs.len() as u64;
    let committed = v.committed.logs[log as int];
    let (head, tail) = (committed.head as u64, committed.tail() as u64);
    if log >= logs {
        Some(ReadError::NoSuchLog { log, logs })
    } else if !(head <= position && position + len <= tail) {
        Some(ReadError::OutOfRange { position, len: len as u64, head, tail })
    } else {
        None
    }
}

/// What is read at a position of a log is what it holds there, but for bits that the medium has damaged.
pub open spec fn reads(log: LogState, ring: Ring, medium: Medium, at: u64, read: Seq<u8>) -> bool {
    forall|i: int|
        0 <= i < 8 * read.len() && !medium.damaged.contains(ring.bit_addr(at as int, i))
            ==> #[trigger] bit(read, i) == bit(log.data, 8 * (at - log.head) + i)
}

/// What is read is what was committed, but for bits that the medium has damaged.
pub open spec fn read_right(v: MultiLogView, log: u64, position: u64, bytes: Seq<u8>) -> bool {
    reads(v.committed.logs[log as int], v.rings[log as int], v.medium, position, bytes)
}

/// `read`: all the bytes, or an error.
pub open spec fn read_post(
    v: MultiLogView,
    log: u64,
    position: u64,
    bytes: Seq<u8>,
    r: Result<(), ReadError>,
) -> bool {
    match read_refusal(v, log, position, bytes.len() as int) {
        Some(e) => r == Err::<(), _>(e),
        None => match r {
            Ok(()) => read_right(v, log, position, bytes),
            Err(e) => e is Io && v.rings[log as int].damaged_at(
                v.medium,
                position as int,
                position + bytes.len(),
            ),
        },
    }
}

/// `read_in_place`: the bytes where they lie, in up to two pieces.
pub open spec fn read_in_place_post(
    v: MultiLogView,
    log: u64,
    position: u64,
    len: u64,
    r: Result<(&[u8], &[u8]), ReadError>,
) -> bool {
    match read_refusal(v, log, position, len as int) {
        Some(e) => r == Err::<(&[u8], &[u8]), _>(e),
        None => match r {
            Ok((head, tail)) => {
                &&& head@.len() + tail@.len() == len
                &&& read_right(v, log, position, head@ + tail@)
            },
            Err(e) => e is NotMapped && !v.medium.mapped,
        },
    }
}

/// `info`: where a log stands.
pub open spec fn info_post(v: MultiLogView, log: u64, r: Option<LogInfo>) -> bool {
    let (committed, staged) = (v.committed.logs[log as int], v.staged.logs[log as int]);
    if log >= v.committed.logs.len() {
        r is None
    } else {
        r matches Some(info) && {
            &&& info.head == committed.head && info.tail == committed.tail()
            &&& info.staged_head == staged.head && info.staged_tail == staged.tail()
            &&& info.tail - info.head <= info.capacity == committed.capacity
            &&& info.free == available(v, log as int)
        }
    }
}

/// When `create` may return an error. A device's error is the device's.
pub open spec fn create_refused(
    region: RegionView,
    capacities: Seq<u64>,
    overwrite: bool,
    e: CreateError,
) -> bool {
    let required = spec_required_len(capacities);
    match e {
        CreateError::NoLogs => capacities.len() == 0,
        CreateError::TooManyLogs { logs, max } => logs == capacities.len() > max == MAX_LOGS,
        CreateError::ZeroCapacity { log } => log < capacities.len() && capacities[log as int] == 0,
        CreateError::TooLarge => required > u64::MAX,
        CreateError::TooSmall { len, required: r } => len == region.volatile.len() && r == required
            && len < required,
        CreateError::NotEmpty => !overwrite && (u64_at(region.volatile, 0) != 0 || damaged_in(
            region.medium,
            0,
            8,
        )),
        CreateError::Io(_) => true,
    }
}

/// Creating is refused, or fails: what became of the region. What a crash would leave is what was there, unless
/// creating is allowed and a write or flush failed.
pub open spec fn create_refused_post(
    before: RegionView,
    after: RegionView,
    capacities: Seq<u64>,
    id: RegionId,
    overwrite: bool,
    e: CreateError,
) -> bool {
    let left = found(after.durable);
    &&& create_refused(before, capacities, overwrite, e)
    &&& {
        ||| after == before && (e is Io ==> !overwrite && damaged_in(before.medium, 0, 8))
        ||| {
            &&& e is Io && after.failed && after.medium == before.medium
            &&& after.durable.len() == before.durable.len()
            &&& after.durable == before.durable || {
                &&& create_allowed(before, capacities, overwrite)
                &&& left is Unformatted || left == Found::Logs(State::new(id, capacities))
            }
        }
    }
}

/// `create`: the collection is new, and `durable`.
pub open spec fn create_post(
    region: RegionView,
    capacities: Seq<u64>,
    overwrite: bool,
    new: MultiLogView,
    durable: Option<State>,
) -> bool {
    let state = State::new(new.committed.id, capacities);
    &&& create_allowed(region, capacities, overwrite)
    &&& new == MultiLogView::fresh(state, true, new.rings, region.medium)
    &&& durable == Some(state)
}

/// Creating with a random id is refused, or fails. If there was no id, the region is as it was.
pub open spec fn create_random_refused_post(
    before: RegionView,
    after: RegionView,
    capacities: Seq<u64>,
    overwrite: bool,
    e: CreateError,
) -> bool {
    ||| e is Io && after == before
    ||| exists|id: RegionId| #[trigger]
        create_refused_post(before, after, capacities, id, overwrite, e)
}

/// When `create` may succeed: the logs fit, and it destroys nothing unless told to.
pub open spec fn create_allowed(region: RegionView, capacities: Seq<u64>, overwrite: bool) -> bool {
    &&& 0 < capacities.len() <= MAX_LOGS
    &&& forall|i: int| 0 <= i < capacities.len() ==> 0 < #[trigger] capacities[i]
    &&& spec_required_len(capacities) <= region.volatile.len()
    &&& overwrite || u64_at(region.volatile, 0) == 0 || damaged_in(region.medium, 0, 8)
}

/// How many bytes a part of the metadata has. An error that names it says that one of them is damaged.
pub open spec fn part_len(part: Part) -> int {
    match part {
        Part::Selector => 8,
        _ => 32,
    }
}

/// Whether the metadata of this many logs is undamaged, or damaged within the fault model: the superblock's two codewords,
/// the selector, and all codewords from the directory on. What is elsewhere does not matter.
pub open spec fn metadata_tolerable(medium: Medium, logs: int) -> bool {
    &&& tolerable_at(medium, 0, 32)
    &&& tolerable_at(medium, 32, 32)
    &&& tolerable_at(medium, SELECTOR_ADDR as int, 8)
    &&& forall|addr: int|
        DIRECTORY_ADDR <= addr && addr + 32 <= spec_data_start(logs) && addr % 32 == 0
            ==> #[trigger] tolerable_at(medium, addr, 32)
}

/// Whether the medium is damaged where the metadata is: before the logs' bytes, if there are logs, and among the superblock's
/// bytes, if the region is unformatted. In other regions there is no telling, and any damage counts.
pub open spec fn metadata_damaged(region: RegionView) -> bool {
    match found(region.volatile) {
        Found::Logs(state) => damaged_in(
            region.medium,
            0,
            spec_data_start(state.logs.len() as int),
        ),
        Found::Unformatted => damaged_in(region.medium, 0, 64),
        Found::Other => region.medium.damaged != Set::<int>::empty(),
    }
}

/// Whether what `open` returns can be relied on: the region holds logs, and their metadata is damaged within the fault model
/// at most, or it holds none, and is undamaged.
pub open spec fn open_sound(region: RegionView) -> bool {
    match found(region.volatile) {
        Found::Logs(state) => metadata_tolerable(region.medium, state.logs.len() as int),
        _ => !metadata_damaged(region),
    }
}

/// When `open` may return an error, as far as the medium goes.
///
/// A region that holds logs with undamaged metadata is opened, and one that was never used, or of which the creation did not
/// finish, is called unformatted. One that holds logs with metadata that is damaged within the fault model may be refused,
/// and then the error names what is damaged.
pub open spec fn open_refused(region: RegionView, e: OpenError) -> bool {
    match found(region.volatile) {
        Found::Logs(_) => match e {
            OpenError::Io(_) => true,
            OpenError::Corrupt(c) => open_sound(region) ==> damaged_in(
                region.medium,
                c.address as int,
                part_len(c.part),
            ),
            _ => damaged_in(region.medium, 0, 64),
        },
        Found::Unformatted => damaged_in(region.medium, 0, 64) || e is Unformatted || e is Io,
        Found::Other => true,
    }
}

/// Opening is refused: the region is as it was, but that the device may have failed. A read fails only
/// where the metadata is damaged.
pub open spec fn open_refused_post(before: RegionView, after: RegionView, e: OpenError) -> bool {
    &&& open_refused(before, e)
    &&& if e is Io {
        &&& after == RegionView { failed: after.failed, ..before }
        &&& after.failed || metadata_damaged(before)
    } else {
        after == before
    }
}

/// The committed collection, with the bytes that `image` has where the positions of the logs lie.
pub open spec fn committed_in(v: MultiLogView, image: Seq<u8>) -> State {
    State {
        logs: Seq::new(
            v.committed.logs.len(),
            |i: int|
                {
                    let log = v.committed.logs[i];
                    let data = Seq::new(
                        log.data.len(),
                        |k: int| image[v.rings[i].addr(log.head + k)],
                    );
                    LogState { data, ..log }
                },
        ),
        ..v.committed
    }
}

/// Whether what was read of a region of `len` bytes alone determines what recovery finds: whatever else there is, that is the
/// committed collection, each log in its place. So all of the metadata that counts was read, and is right.
pub open spec fn read_enough(v: MultiLogView, len: int, readings: Seq<Reading>) -> bool {
    forall|image: Seq<u8>|
        image.len() == len ==> recover(#[trigger] as_read(image, readings)) == Some(
            committed_in(v, as_read(image, readings)),
        )
}

/// `check` of a region of `len` bytes: it read enough, also after the device has failed. It has no errors where the metadata
/// is undamaged, whatever the damage elsewhere.
pub open spec fn check_post(v: MultiLogView, len: int, r: Result<Readings, CheckError>) -> bool {
    let metadata = spec_data_start(v.committed.logs.len() as int);
    &&& r matches Ok(readings) ==> read_enough(v, len, readings@)
    &&& r is Err && v.sound && !v.failed ==> damaged_in(v.medium, 0, metadata)
}

} // verus!
