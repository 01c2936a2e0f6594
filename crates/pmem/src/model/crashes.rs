//! The prophecy model and the ordinary one leave the same images.
//!
//! What is proved for every prophecy therefore holds after every crash.
#[cfg(verus_only)]
use super::device::*;
#[cfg(verus_only)]
use super::device_lemmas::*;
#[cfg(verus_only)]
use super::prophecy::*;
#[cfg(verus_only)]
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// Each image that a crash may leave between two operations is foretold: there is a prophecy whose last `durable` it is.
pub proof fn lemma_crash_is_foretold(
    devices: Seq<Device>,
    events: Seq<Event>,
    image: Seq<u8>,
) -> (views: Seq<RegionView>)
    requires
        run(devices, events),
        crash_may_leave(devices.last(), None, image),
    ensures
        foretells(views, devices, events),
        views.last().durable == image,
    decreases events.len(),
{
    let now = devices.last();
    let view = RegionView {
        volatile: now.content,
        durable: image,
        failed: now.failed,
        medium: now.medium,
    };
    if events.len() == 0 {
        seq![view]
    } else {
        let n = events.len() - 1;
        let old = devices[n];
        let earlier = lemma_image_before(devices, events, image);
        lemma_run_prefix(devices, events, n);
        let (d, e) = (devices.take(n + 1), events.take(n));
        assert(d.last() == old);
        let before = lemma_crash_is_foretold(d, e, earlier);
        let views = before.push(view);
        lemma_foretells_one_more(before, devices, events, view);
        views
    }
}

/// The image that a crash would have left before the last event, if one after it leaves `image`.
proof fn lemma_image_before(devices: Seq<Device>, events: Seq<Event>, image: Seq<u8>) -> (earlier:
    Seq<u8>)
    requires
        run(devices, events),
        events.len() > 0,
        crash_may_leave(devices.last(), None, image),
    ensures
        crash_may_leave(devices[events.len() - 1], None, earlier),
        match events.last().operation {
            Operation::Write(write) => torn(image, earlier, write.addr, write.bytes),
            Operation::Flush => image == earlier,
        },
        events.last().operation is Flush && events.last().ok ==> image == devices.last().content,
{
    let n = events.len() - 1;
    let (old, now) = (devices[n], devices.last());
    assert(step(old, now, events[n]));
    match events.last().operation {
        Operation::Write(write) => lemma_keep_last(old.stored, old.pending, write, image),
        Operation::Flush => {
            if events.last().ok {
                lemma_run_is_coherent(devices, events, n);
                lemma_may_keep_all(old);
                lemma_nothing_pending(now.stored, image);
            }
            image
        },
    }
}

/// A prophecy of all but the last event, and a view behind it, are a prophecy.
proof fn lemma_foretells_one_more(
    before: Seq<RegionView>,
    devices: Seq<Device>,
    events: Seq<Event>,
    view: RegionView,
)
    requires
        run(devices, events),
        events.len() > 0,
        foretells(before, devices.drop_last(), events.drop_last()),
        looks_like(view, devices.last()),
        match events.last().operation {
            Operation::Write(write) => torn(
                view.durable,
                before.last().durable,
                write.addr,
                write.bytes,
            ),
            Operation::Flush => view.durable == before.last().durable,
        },
        events.last().operation is Flush && events.last().ok ==> view.durable == view.volatile,
    ensures
        foretells(before.push(view), devices, events),
{
    let n = events.len() - 1;
    let (d, e) = (devices.drop_last(), events.drop_last());
    let views = before.push(view);
    assert(step(devices[n], devices[n + 1], events[n]));
    assert(looks_like(before[n], d[n]));
    if let Operation::Write(write) = events[n].operation {
        lemma_torn_is_some_words(view.volatile, before[n].volatile, write);
    }
    assert(region_post(views[n], views[n + 1], events[n]));
    assert forall|k: int| 0 <= k < events.len() implies region_post(
        views[k],
        views[k + 1],
        #[trigger] events[k],
    ) by {
        if k < n {
            assert(region_post(before[k], before[k + 1], e[k]));
        }
    }
    assert forall|k: int| 0 <= k < views.len() implies looks_like(
        #[trigger] views[k],
        devices[k],
    ) by {
        if k <= n {
            assert(looks_like(before[k], d[k]));
        }
    }
}

/// **Each crash is foretold.** For each execution of the ordinary device, and each image that a crash may leave at its
/// end, in the middle of one more operation or not, there is a prophecy of that execution which allows the image.
pub proof fn theorem_each_crash_is_foretold(
    devices: Seq<Device>,
    events: Seq<Event>,
    under_way: Option<Operation>,
    image: Seq<u8>,
) -> (views: Seq<RegionView>)
    requires
        run(devices, events),
        crash_may_leave(devices.last(), under_way, image),
    ensures
        foretells(views, devices, events),
        view_allows(views.last(), under_way, image),
{
    let now = devices.last();
    let before = match under_way {
        Some(Operation::Write(write)) => lemma_keep_last(now.stored, now.pending, write, image),
        _ => image,
    };
    lemma_crash_is_foretold(devices, events, before)
}

/// **What is proved of `durable` holds after a crash.** If a claim holds of the last `durable` under every prophecy of an
/// execution, it holds of each image that a crash may leave.
pub proof fn theorem_claims_hold_after_a_crash(
    devices: Seq<Device>,
    events: Seq<Event>,
    claim: spec_fn(Seq<u8>) -> bool,
    image: Seq<u8>,
)
    requires
        run(devices, events),
        forall|views: Seq<RegionView>| #[trigger]
            foretells(views, devices, events) ==> claim(views.last().durable),
        crash_may_leave(devices.last(), None, image),
    ensures
        claim(image),
{
    let views = theorem_each_crash_is_foretold(devices, events, None, image);
    assert(foretells(views, devices, events));
}

/// **Each prophecy is of a crash.** An image that a prophecy of an execution allows may be left by a crash: the model allows
/// nothing that cannot happen.
pub proof fn theorem_each_prophecy_is_of_a_crash(
    views: Seq<RegionView>,
    devices: Seq<Device>,
    events: Seq<Event>,
    under_way: Option<Operation>,
    image: Seq<u8>,
)
    requires
        run(devices, events),
        foretells(views, devices, events),
        view_allows(views.last(), under_way, image),
    ensures
        crash_may_leave(devices.last(), under_way, image),
{
    let now = devices.last();
    lemma_durable_may_be_left(views, devices, events, events.len() as int);
    if let Some(Operation::Write(write)) = under_way {
        lemma_keep_more(now.stored, now.pending, write, views.last().durable, image);
    }
}

/// What a prophecy says after `k` events may be left by a crash then.
proof fn lemma_durable_may_be_left(
    views: Seq<RegionView>,
    devices: Seq<Device>,
    events: Seq<Event>,
    k: int,
)
    requires
        run(devices, events),
        foretells(views, devices, events),
        0 <= k <= events.len(),
    ensures
        crash_may_leave(devices[k], None, views[k].durable),
    decreases k,
{
    if k > 0 {
        lemma_durable_may_be_left(views, devices, events, k - 1);
        let (old, now) = (devices[k - 1], devices[k]);
        assert(step(old, now, events[k - 1]));
        assert(region_post(views[k - 1], views[k], events[k - 1]));
        assert(looks_like(views[k], now));
        match events[k - 1].operation {
            Operation::Write(write) => {
                lemma_keep_more(
                    old.stored,
                    old.pending,
                    write,
                    views[k - 1].durable,
                    views[k].durable,
                );
            },
            Operation::Flush => {
                if events[k - 1].ok {
                    lemma_nothing_pending(now.stored, views[k].durable);
                }
            },
        }
    }
}

/// The state of a device after an event, if it shall look like `view`.
spec fn device_after(old: Device, event: Event, view: RegionView) -> Device {
    let looks = Device { content: view.volatile, failed: view.failed, ..old };
    match event.operation {
        Operation::Write(write) => Device { pending: old.pending.push(write), ..looks },
        Operation::Flush => if event.ok {
            Device { stored: old.content, pending: Seq::empty(), ..looks }
        } else {
            looks
        },
    }
}

/// A device that looks like a view, and may leave its `durable`: that is stored, and what was written is pending.
proof fn lemma_first_device(view: RegionView) -> (device: Device)
    requires
        view.volatile.len() == view.durable.len(),
    ensures
        coherent(device),
        looks_like(view, device),
        crash_may_leave(device, None, view.durable),
{
    let write = Write { addr: 0, bytes: view.volatile };
    let pending = seq![write];
    assert(pending.drop_last() =~= Seq::<Write>::empty());
    assert(pending =~= Seq::empty().push(write));
    lemma_all_words(view.durable, write);
    let all = all_words(1);
    assert(keep(view.durable, pending.drop_last(), all.drop_last()) == view.durable);
    assert(keep(view.durable, pending, all) =~= view.volatile);
    lemma_nothing_pending(view.durable, view.durable);
    lemma_torn_is_some_words(view.durable, view.durable, write);
    lemma_keep_more(view.durable, Seq::empty(), write, view.durable, view.durable);
    Device {
        stored: view.durable,
        pending,
        content: view.volatile,
        failed: view.failed,
        medium: view.medium,
    }
}

/// **Each prophecy is of a device.** For each prophecy there is an execution of an ordinary device that looks the same.
pub proof fn theorem_each_prophecy_has_a_device(
    views: Seq<RegionView>,
    events: Seq<Event>,
) -> (devices: Seq<Device>)
    requires
        prophecy(views, events),
        views[0].volatile.len() == views[0].durable.len(),
    ensures
        run(devices, events),
        foretells(views, devices, events),
    decreases events.len(),
{
    if events.len() == 0 {
        let first = lemma_first_device(views[0]);
        seq![first]
    } else {
        let n = events.len() - 1;
        let (v, e) = (views.drop_last(), events.drop_last());
        assert forall|k: int| 0 <= k < e.len() implies region_post(
            v[k],
            v[k + 1],
            #[trigger] e[k],
        ) by {
            assert(e[k] == events[k]);
        }
        let before = theorem_each_prophecy_has_a_device(v, e);
        let now = device_after(before[n], events[n], views[n + 1]);
        let devices = before.push(now);
        assert(region_post(views[n], views[n + 1], events[n]));
        assert(looks_like(v[n], before[n]));
        if let Operation::Write(write) = events[n].operation {
            lemma_torn_is_some_words(views[n + 1].volatile, views[n].volatile, write);
        }
        assert(step(before[n], now, events[n]));
        assert forall|k: int| 0 <= k < events.len() implies step(
            devices[k],
            devices[k + 1],
            #[trigger] events[k],
        ) by {
            if k < n {
                assert(step(before[k], before[k + 1], e[k]));
            }
        }
        assert forall|k: int| 0 <= k < views.len() implies looks_like(
            #[trigger] views[k],
            devices[k],
        ) by {
            if k <= n {
                assert(looks_like(v[k], before[k]));
            }
        }
        devices
    }
}

} // verus!
