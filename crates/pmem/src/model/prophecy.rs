//! Prophecies of an execution: a `RegionView` before each event, and one after the last.
#[cfg(verus_only)]
use super::device::*;
#[cfg(verus_only)]
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// What the device model of `trusted/region.rs` says of an event.
pub open spec fn region_post(old: RegionView, new: RegionView, event: Event) -> bool {
    match event.operation {
        Operation::Write(write) => region_write_post(old, new, write.addr, write.bytes, event.ok),
        Operation::Flush => region_flush_post(old, new, event.ok),
    }
}

/// Whether these views keep to the device model at each event.
pub open spec fn prophecy(views: Seq<RegionView>, events: Seq<Event>) -> bool {
    &&& views.len() == events.len() + 1
    &&& forall|k: int|
        0 <= k < events.len() ==> region_post(views[k], views[k + 1], #[trigger] events[k])
}

/// Whether a view and a device look the same to a program: all but `durable`.
pub open spec fn looks_like(view: RegionView, device: Device) -> bool {
    &&& view.volatile == device.content
    &&& view.failed == device.failed
    &&& view.medium == device.medium
}

/// Whether these views are a prophecy of an execution of a device: they keep to the device model, and look like the device
/// all the time. The first image is one that a crash could leave before the first event.
pub open spec fn foretells(
    views: Seq<RegionView>,
    devices: Seq<Device>,
    events: Seq<Event>,
) -> bool {
    &&& devices.len() == views.len()
    &&& prophecy(views, events)
    &&& crash_may_leave(devices[0], None, views[0].durable)
    &&& forall|k: int| 0 <= k < views.len() ==> looks_like(#[trigger] views[k], devices[k])
}

/// Whether a view says that this image may be left, if this operation is under way.
pub open spec fn view_allows(
    view: RegionView,
    under_way: Option<Operation>,
    image: Seq<u8>,
) -> bool {
    match under_way {
        Some(Operation::Write(write)) => torn(image, view.durable, write.addr, write.bytes),
        _ => image == view.durable,
    }
}

/// A program cannot tell prophecies apart: what a read may return does not depend on `durable`.
pub proof fn lemma_reads_do_not_depend_on_the_prophecy(
    v: RegionView,
    w: RegionView,
    addr: int,
    len: nat,
    buf: Seq<u8>,
    ok: bool,
)
    requires
        v.volatile == w.volatile,
        v.medium == w.medium,
    ensures
        region_read_post(v, addr, len, buf, ok) == region_read_post(w, addr, len, buf, ok),
{
}

} // verus!
