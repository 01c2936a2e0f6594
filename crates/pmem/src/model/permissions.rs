//! A permission for each write makes every crash permitted.
//!
//! `Guarded` demands, at each write, a permission for every image that `torn` allows, whatever the prophecy says. It
//! demands nothing at a flush, and nothing between operations. This file proves that this is enough.
//!
//! The theorem rests on one assumption about programs, which its statement has: the events are the same under all
//! prophecies. A compiled program has them so, for the prophecy is ghost code: it is erased, and what is left
//! sees the device only. All prophecies of an execution look like that device (`foretells`), so reads return the
//! same under all of them.
#[cfg(verus_only)]
use super::crashes::*;
#[cfg(verus_only)]
use super::device::*;
#[cfg(verus_only)]
use super::device_lemmas::*;
#[cfg(verus_only)]
use super::prophecy::*;
#[cfg(verus_only)]
use crate::trusted::guarded::*;
#[cfg(verus_only)]
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// What a program has begun: the operations that have returned, and the one that is under way.
pub open spec fn begun(events: Seq<Event>, under_way: Option<Operation>, k: int) -> Option<
    Operation,
> {
    if 0 <= k < events.len() {
        Some(events[k].operation)
    } else if k == events.len() {
        under_way
    } else {
        None
    }
}

/// Whether each write that was begun had the permission that `Guarded` demands, whatever the prophecy. The permission of
/// a write may itself depend on the prophecy up to it, for it is ghost code too.
pub open spec fn all_writes_permitted<P: CrashPermission>(
    devices: Seq<Device>,
    events: Seq<Event>,
    under_way: Option<Operation>,
    permission: spec_fn(Seq<RegionView>) -> P,
) -> bool {
    forall|k: int, views: Seq<RegionView>|
        0 <= k <= events.len() && #[trigger] foretells(views, devices.take(k + 1), events.take(k))
            ==> (begun(events, under_way, k) matches Some(Operation::Write(write))
            ==> permits_write(permission(views), views.last(), write.addr, write.bytes))
}

/// Whether operation `k` that was begun is a write.
pub open spec fn is_write(events: Seq<Event>, under_way: Option<Operation>, k: int) -> bool {
    begun(events, under_way, k) matches Some(Operation::Write(_))
}

/// Whether operation `k` is the last write that was begun.
pub open spec fn last_write(events: Seq<Event>, under_way: Option<Operation>, k: int) -> bool {
    &&& is_write(events, under_way, k)
    &&& forall|j: int| k < j ==> !#[trigger] is_write(events, under_way, j)
}

/// Whether a permission permits this image, or excuses it as left of a write.
pub open spec fn allows<P: CrashPermission>(
    permission: P,
    view: RegionView,
    begun: Option<Operation>,
    image: Seq<u8>,
) -> bool {
    ||| permission.permits(image)
    ||| begun matches Some(Operation::Write(write)) && permission.excuses(
        image,
        update_bytes(view.volatile, write.addr, write.bytes),
        write.addr,
        write.bytes.len() as int,
    )
}

/// Whether the permission of write `k` permits or excuses this image, under a prophecy of the execution up to it.
pub open spec fn permitted_by<P: CrashPermission>(
    devices: Seq<Device>,
    events: Seq<Event>,
    begun: Option<Operation>,
    permission: spec_fn(Seq<RegionView>) -> P,
    k: int,
    image: Seq<u8>,
) -> bool {
    exists|views: Seq<RegionView>| #[trigger]
        foretells(views, devices.take(k + 1), events.take(k)) && allows(
            permission(views),
            views.last(),
            begun,
            image,
        )
}

/// Whether this image is permitted by the last write that was begun or, if there was none, is one that a crash could
/// leave before all events.
pub open spec fn permitted<P: CrashPermission>(
    devices: Seq<Device>,
    events: Seq<Event>,
    under_way: Option<Operation>,
    permission: spec_fn(Seq<RegionView>) -> P,
    image: Seq<u8>,
) -> bool {
    ||| exists|k: int| #[trigger]
        last_write(events, under_way, k) && permitted_by(
            devices,
            events,
            begun(events, under_way, k),
            permission,
            k,
            image,
        )
    ||| {
        &&& forall|k: int| !#[trigger] is_write(events, under_way, k)
        &&& crash_may_leave(devices[0], None, image)
    }
}

/// An operation that has returned leaves no image that it could not leave while it was under way.
pub proof fn lemma_returned_as_under_way(
    before: Device,
    after: Device,
    event: Event,
    image: Seq<u8>,
)
    requires
        coherent(before),
        step(before, after, event),
        crash_may_leave(after, None, image),
    ensures
        crash_may_leave(before, Some(event.operation), image),
{
    if event.operation is Flush && event.ok {
        lemma_may_keep_all(before);
        lemma_nothing_pending(after.stored, image);
    }
}

/// **Every crash is permitted.** If each write of an execution has the permission that `Guarded` demands, each image that
/// a crash may leave, between two operations or in the middle of one, is permitted by the write that is under way or
/// was the last one.
pub proof fn theorem_every_crash_is_permitted<P: CrashPermission>(
    devices: Seq<Device>,
    events: Seq<Event>,
    under_way: Option<Operation>,
    permission: spec_fn(Seq<RegionView>) -> P,
    image: Seq<u8>,
)
    requires
        run(devices, events),
        all_writes_permitted(devices, events, under_way, permission),
        crash_may_leave(devices.last(), under_way, image),
    ensures
        permitted(devices, events, under_way, permission, image),
    decreases events.len(),
{
    let n = events.len() as int;
    if is_write(events, under_way, n) {
        let views = theorem_each_crash_is_foretold(devices, events, under_way, image);
        assert(devices.take(n + 1) =~= devices);
        assert(events.take(n) =~= events);
        assert(foretells(views, devices.take(n + 1), events.take(n)));
        assert(permitted_by(devices, events, begun(events, under_way, n), permission, n, image));
        assert(last_write(events, under_way, n));
    } else if n > 0 {
        let (d, e) = (devices.take(n), events.take(n - 1));
        let last = Some(events[n - 1].operation);
        lemma_run_is_coherent(devices, events, n - 1);
        assert(step(devices[n - 1], devices[n], events[n - 1]));
        lemma_returned_as_under_way(devices[n - 1], devices[n], events[n - 1], image);
        lemma_run_prefix(devices, events, n - 1);
        assert(forall|k: int| #[trigger] is_write(events, under_way, k) == is_write(e, last, k));
        lemma_permitted_before(devices, events, under_way, permission);
        theorem_every_crash_is_permitted(d, e, last, permission, image);
        lemma_permitted_after(devices, events, under_way, permission, image);
    }
}

/// If each write is permitted, each but those from the last event on is.
proof fn lemma_permitted_before<P: CrashPermission>(
    devices: Seq<Device>,
    events: Seq<Event>,
    under_way: Option<Operation>,
    permission: spec_fn(Seq<RegionView>) -> P,
)
    requires
        events.len() > 0,
        devices.len() == events.len() + 1,
        all_writes_permitted(devices, events, under_way, permission),
    ensures
        all_writes_permitted(
            devices.take(events.len() as int),
            events.take(events.len() - 1),
            Some(events.last().operation),
            permission,
        ),
{
    let n = events.len() as int;
    let (d, e) = (devices.take(n), events.take(n - 1));
    let last = Some(events.last().operation);
    assert forall|k: int, views: Seq<RegionView>|
        0 <= k <= e.len() && #[trigger] foretells(views, d.take(k + 1), e.take(k)) implies (begun(
        e,
        last,
        k,
    ) matches Some(Operation::Write(write)) ==> permits_write(
        permission(views),
        views.last(),
        write.addr,
        write.bytes,
    )) by {
        assert(d.take(k + 1) =~= devices.take(k + 1));
        assert(e.take(k) =~= events.take(k));
        assert(foretells(views, devices.take(k + 1), events.take(k)));
        assert(begun(e, last, k) == begun(events, under_way, k));
    }
}

/// What was permitted while the last event was under way is permitted after it, unless a write is under way now.
proof fn lemma_permitted_after<P: CrashPermission>(
    devices: Seq<Device>,
    events: Seq<Event>,
    under_way: Option<Operation>,
    permission: spec_fn(Seq<RegionView>) -> P,
    image: Seq<u8>,
)
    requires
        events.len() > 0,
        devices.len() == events.len() + 1,
        !is_write(events, under_way, events.len() as int),
        permitted(
            devices.take(events.len() as int),
            events.take(events.len() - 1),
            Some(events.last().operation),
            permission,
            image,
        ),
    ensures
        permitted(devices, events, under_way, permission, image),
{
    let n = events.len() as int;
    let (d, e) = (devices.take(n), events.take(n - 1));
    let last = Some(events.last().operation);
    assert(forall|k: int| #[trigger] is_write(events, under_way, k) == is_write(e, last, k));
    if exists|k: int| #[trigger]
        last_write(e, last, k) && permitted_by(d, e, begun(e, last, k), permission, k, image) {
        let k = choose|k: int| #[trigger]
            last_write(e, last, k) && permitted_by(d, e, begun(e, last, k), permission, k, image);
        assert(d.take(k + 1) =~= devices.take(k + 1));
        assert(e.take(k) =~= events.take(k));
        assert(last_write(events, under_way, k));
        assert(begun(e, last, k) == begun(events, under_way, k));
        assert(permitted_by(devices, events, begun(events, under_way, k), permission, k, image));
    }
}

/// **One permission for many writes**, as the gate of the logs makes it: if one permission serves for each write, whatever
/// the prophecy, and permits what a crash could leave before, it permits each image that a crash may leave meanwhile, or
/// excuses it.
pub proof fn theorem_one_permission_for_all<P: CrashPermission>(
    devices: Seq<Device>,
    events: Seq<Event>,
    under_way: Option<Operation>,
    permission: P,
    image: Seq<u8>,
)
    requires
        run(devices, events),
        all_writes_permitted(devices, events, under_way, |views: Seq<RegionView>| permission),
        forall|before: Seq<u8>| #[trigger]
            crash_may_leave(devices[0], None, before) ==> permission.permits(before),
        crash_may_leave(devices.last(), under_way, image),
    ensures
        permission.permits(image) || exists|written: Seq<u8>, addr: int, len: int| #[trigger]
            permission.excuses(image, written, addr, len),
{
    let same = |views: Seq<RegionView>| permission;
    theorem_every_crash_is_permitted(devices, events, under_way, same, image);
}

} // verus!
