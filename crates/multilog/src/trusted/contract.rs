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
use crate::layout::{contents_of, last_commit_damaged, recover};
#[cfg(verus_only)]
use crate::trusted::{image::*, state::*};
#[cfg(verus_only)]
use pmem::region_id::RegionId;
#[cfg(verus_only)]
use pmem::trusted::{bytes::u64_at, collision::*, guarded::*, region::*, ring::Ring};
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
        let commit = v.committed.commit + 1;
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

/// Why a commit is refused, if it is.
pub open spec fn commit_refusal(v: MultiLogView) -> Option<CommitError> {
    if v.failed {
        Some(CommitError::Failed)
    } else if v.staged.commit > LAST_COMMIT {
        Some(CommitError::Exhausted)
    } else {
        None
    }
}

/// The one exception to atomicity: a crash during the commit of what is staged left `left`, where `written` was to be, and a
/// CRC does not tell them apart. It is the CRC of the bytes that the commit appended to a log, or one of those of the
/// record that was written, of `len` bytes at `addr`.
pub open spec fn commit_collides(
    v: MultiLogView,
    left: Seq<u8>,
    written: Seq<u8>,
    addr: int,
    len: int,
) -> bool {
    ||| write_collides(left, written, addr, len)
    ||| exists|i: int| 0 <= i < v.rings.len() && #[trigger] append_collides(v, left, written, i)
}

/// Whether the bytes that were to be appended to log `i` are not there, and those that are have the same CRC.
pub open spec fn append_collides(v: MultiLogView, left: Seq<u8>, written: Seq<u8>, i: int) -> bool {
    let (from, to) = (v.committed.logs[i].tail(), v.staged.logs[i].tail());
    from < to && same_mixed(v.rings[i].bytes(left, from, to), v.rings[i].bytes(written, from, to))
}

/// `commit`: what is staged is committed, all of it, or the device has failed. `durable` is the image that a crash right
/// after would leave.
pub open spec fn commit_post(
    old: MultiLogView,
    new: MultiLogView,
    durable: Seq<u8>,
    r: Result<(), CommitError>,
) -> bool {
    match commit_refusal(old) {
        Some(e) => r == Err::<(), _>(e) && new == old,
        None => match r {
            Ok(()) => {
                &&& new == MultiLogView { committed: old.staged, ..old }
                &&& old.sound ==> recover(durable) == Some(old.staged)
            },
            Err(e) => {
                &&& e is Io
                &&& new == failed(old)
                &&& old.sound ==> {
                    ||| recover(durable) == Some(old.committed)
                    ||| recover(durable) == Some(old.staged)
                    ||| exists|written: Seq<u8>, addr: int, len: int| #[trigger]
                        commit_collides(old, durable, written, addr, len)
                }
            },
        },
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
    asked: int,
    overwrite: bool,
    e: CreateError,
) -> bool {
    let required = spec_required_len(capacities, asked);
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
    asked: int,
    id: RegionId,
    overwrite: bool,
    e: CreateError,
) -> bool {
    let left = found(after.durable);
    &&& create_refused(before, capacities, asked, overwrite, e)
    &&& {
        ||| after == before && (e is Io ==> !overwrite && damaged_in(before.medium, 0, 8))
        ||| {
            &&& e is Io && after.failed && after.medium == before.medium
            &&& after.durable.len() == before.durable.len()
            &&& after.durable == before.durable || {
                &&& create_allowed(before, capacities, asked, overwrite)
                &&& left is Unformatted || left == Found::Logs(new_state(id, capacities, asked))
            }
        }
    }
}

/// A new collection, if so many lines were asked for in each journal.
pub open spec fn new_state(id: RegionId, capacities: Seq<u64>, asked: int) -> State {
    State::new(id, spec_lines(capacities.len() as int, asked), capacities)
}

/// `create`: the collection is new, and `durable`.
pub open spec fn create_post(
    region: RegionView,
    capacities: Seq<u64>,
    asked: int,
    overwrite: bool,
    new: MultiLogView,
    durable: Option<State>,
) -> bool {
    let state = new_state(new.committed.id, capacities, asked);
    &&& create_allowed(region, capacities, asked, overwrite)
    &&& new == MultiLogView::fresh(state, true, new.rings, region.medium)
    &&& durable == Some(state)
}

/// Creating with a random id is refused, or fails. If there was no id, the region is as it was.
pub open spec fn create_random_refused_post(
    before: RegionView,
    after: RegionView,
    capacities: Seq<u64>,
    asked: int,
    overwrite: bool,
    e: CreateError,
) -> bool {
    ||| e is Io && after == before
    ||| exists|id: RegionId| #[trigger]
        create_refused_post(before, after, capacities, asked, id, overwrite, e)
}

/// When `create` may succeed: the logs fit, and it destroys nothing unless told to.
pub open spec fn create_allowed(
    region: RegionView,
    capacities: Seq<u64>,
    asked: int,
    overwrite: bool,
) -> bool {
    &&& 0 < capacities.len() <= MAX_LOGS
    &&& forall|i: int| 0 <= i < capacities.len() ==> 0 < #[trigger] capacities[i]
    &&& spec_required_len(capacities, asked) <= region.volatile.len()
    &&& overwrite || u64_at(region.volatile, 0) == 0 || damaged_in(region.medium, 0, 8)
}

/// How many bytes a part of the metadata has. An error that names it says that one of them is damaged.
pub open spec fn part_len(part: Part) -> int {
    match part {
        Part::Selector => 8,
        Part::Superblock | Part::Header => 32,
        Part::Entry { .. } => 64,
        Part::Records { len } => len as int,
    }
}

/// Whether the metadata of a region that holds logs is undamaged, or damaged within the fault model: the superblock's two
/// codewords, the selector, and in the live journal the header, the entries and all records but the last one. That one, the
/// bytes that it appended, and the place of the next one, where a torn one may be, must be undamaged: a commit
/// whose record is damaged looks like one that a crash has interrupted.
pub open spec fn metadata_tolerable(region: RegionView) -> bool {
    &&& tolerable_at(region.medium, 0, 32)
    &&& tolerable_at(region.medium, 32, 32)
    &&& contents_of(region.volatile).layout().tolerable(region)
    &&& !last_commit_damaged(region)
}

/// Whether the medium is damaged where the metadata is: before the logs' bytes, or in those that the last commit appended, if
/// there are logs, and among the superblock's bytes, if the region is unformatted. In other regions there is no telling, and
/// any damage counts.
pub open spec fn metadata_damaged(region: RegionView) -> bool {
    match found(region.volatile) {
        Found::Logs(state) => damaged_in(
            region.medium,
            0,
            spec_data_start(state.logs.len() as int, state.lines),
        ) || last_commit_damaged(region),
        Found::Unformatted => damaged_in(region.medium, 0, 64),
        Found::Other => region.medium.damaged != Set::<int>::empty(),
    }
}

/// Whether what `open` returns can be relied on: the region holds logs, and their metadata is damaged within the fault model
/// at most, or it holds none, and is undamaged.
pub open spec fn open_sound(region: RegionView) -> bool {
    match found(region.volatile) {
        Found::Logs(_) => metadata_tolerable(region),
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

/// `check` of a region: it read enough, also after the device has failed. It has no errors where the metadata is undamaged,
/// whatever the damage elsewhere.
pub open spec fn check_post(
    v: MultiLogView,
    region: RegionView,
    r: Result<Readings, CheckError>,
) -> bool {
    &&& r matches Ok(readings) ==> read_enough(v, region.volatile.len() as int, readings@)
    &&& r is Err && v.sound && !v.failed ==> metadata_damaged(region)
}

} // verus!
