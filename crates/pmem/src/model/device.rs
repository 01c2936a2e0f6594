//! The ordinary model of a device: a medium, writes that are pending, and a crash that keeps any of them.
//!
//! Nothing here is about proofs or prophecy. An auditor compares this file with the hardware, and with the operating
//! system.
#[cfg(verus_only)]
use crate::trusted::region::update_bytes;
use crate::trusted::region::Medium;
use vstd::prelude::*;

verus! {

/// Bytes that are written at an address.
#[verifier::ext_equal]
pub struct Write {
    /// The address of the first byte.
    pub addr: int,
    /// The bytes.
    pub bytes: Seq<u8>,
}

/// The state of a device.
#[verifier::ext_equal]
pub struct Device {
    /// What was on the medium at the last successful flush.
    pub stored: Seq<u8>,
    /// The writes since then, in order, those that failed among them.
    pub pending: Seq<Write>,
    /// What a read of an undamaged medium returns.
    pub content: Seq<u8>,
    /// Whether a write or flush has failed.
    pub failed: bool,
    /// What the medium is like. Nothing here depends on it.
    pub medium: Medium,
}

/// What a program asks of a device.
pub enum Operation {
    /// Write these bytes.
    Write(Write),
    /// Wait until all that was written is on the medium.
    Flush,
}

/// An operation that has returned.
pub struct Event {
    /// What was asked.
    pub operation: Operation,
    /// Whether it returned Ok.
    pub ok: bool,
}

/// `s` after a write that reaches only these aligned 8-byte words. Word `w` has the bytes at `8 * w` and the seven behind.
pub open spec fn write_words(s: Seq<u8>, write: Write, words: Set<int>) -> Seq<u8> {
    Seq::new(
        s.len(),
        |i: int|
            if words.contains(i / 8) && write.addr <= i < write.addr + write.bytes.len() {
                write.bytes[i - write.addr]
            } else {
                s[i]
            },
    )
}

/// What is on the medium if, of each pending write `k`, the words `kept[k]` reach it, one write after the other.
pub open spec fn keep(stored: Seq<u8>, pending: Seq<Write>, kept: Seq<Set<int>>) -> Seq<u8>
    decreases pending.len(),
{
    if pending.len() == 0 {
        stored
    } else {
        write_words(
            keep(stored, pending.drop_last(), kept.drop_last()),
            pending.last(),
            kept.last(),
        )
    }
}

/// Whether a crash may leave this image: it keeps any set of words of each pending write.
pub open spec fn may_keep(stored: Seq<u8>, pending: Seq<Write>, image: Seq<u8>) -> bool {
    exists|kept: Seq<Set<int>>|
        kept.len() == pending.len() && image == #[trigger] keep(stored, pending, kept)
}

/// Whether a crash may leave this image, between two operations or in the middle of one. A write that is under way is
/// as good as pending. A flush that is under way has promised nothing yet.
pub open spec fn crash_may_leave(
    device: Device,
    under_way: Option<Operation>,
    image: Seq<u8>,
) -> bool {
    match under_way {
        Some(Operation::Write(write)) => may_keep(device.stored, device.pending.push(write), image),
        _ => may_keep(device.stored, device.pending, image),
    }
}

/// `len` times all words.
pub open spec fn all_words(len: nat) -> Seq<Set<int>> {
    Seq::new(len, |k: int| Set::full())
}

/// What every device is like: unless something has failed, reads return what is on the medium and all that is pending.
pub open spec fn coherent(device: Device) -> bool {
    &&& device.content.len() == device.stored.len()
    &&& !device.failed ==> device.content == keep(
        device.stored,
        device.pending,
        all_words(device.pending.len()),
    )
}

/// What a write does. If it fails, any of its words can be read, any of them may reach the medium later, and the device
/// has failed. A device that has failed may still store what it is given, but it says that it failed.
pub open spec fn write_step(before: Device, after: Device, write: Write, ok: bool) -> bool {
    &&& after.medium == before.medium
    &&& after.stored == before.stored
    &&& after.pending == before.pending.push(write)
    &&& if ok {
        &&& !before.failed && !after.failed
        &&& after.content == update_bytes(before.content, write.addr, write.bytes)
    } else {
        &&& after.failed
        &&& exists|words: Set<int>|
            after.content == #[trigger] write_words(before.content, write, words)
    }
}

/// What a flush does. If it succeeds, what was written is on the medium and nothing is pending. If it fails, it promises
/// nothing, and the device has failed.
pub open spec fn flush_step(before: Device, after: Device, ok: bool) -> bool {
    &&& after.medium == before.medium
    &&& after.content == before.content
    &&& if ok {
        &&& !before.failed && !after.failed
        &&& after.stored == before.content
        &&& after.pending == Seq::<Write>::empty()
    } else {
        &&& after.failed
        &&& after.stored == before.stored
        &&& after.pending == before.pending
    }
}

/// What an operation does.
pub open spec fn step(before: Device, after: Device, event: Event) -> bool {
    match event.operation {
        Operation::Write(write) => write_step(before, after, write, event.ok),
        Operation::Flush => flush_step(before, after, event.ok),
    }
}

/// Whether a device goes through these states: one before each event, and one after the last.
pub open spec fn run(devices: Seq<Device>, events: Seq<Event>) -> bool {
    &&& devices.len() == events.len() + 1
    &&& coherent(devices[0])
    &&& forall|k: int|
        0 <= k < events.len() ==> step(devices[k], devices[k + 1], #[trigger] events[k])
}

} // verus!
