//! Facts about the ordinary device.
#[cfg(verus_only)]
use super::device::*;
#[cfg(verus_only)]
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// `torn` is a write of some words.
pub proof fn lemma_torn_is_some_words(post: Seq<u8>, pre: Seq<u8>, write: Write)
    ensures
        torn(post, pre, write.addr, write.bytes) <==> exists|words: Set<int>|
            post == #[trigger] write_words(pre, write, words),
{
    let full = update_bytes(pre, write.addr, write.bytes);
    if torn(post, pre, write.addr, write.bytes) {
        let words = Set::new(|w: int| !word_eq(post, pre, w));
        let mixed = write_words(pre, write, words);
        assert forall|i: int| 0 <= i < post.len() implies post[i] == mixed[i] by {
            assert(word(i / 8));
            assert(full[i] == if write.addr <= i < write.addr + write.bytes.len() {
                write.bytes[i - write.addr]
            } else {
                pre[i]
            });
        }
        assert(post =~= mixed);
    }
    if exists|words: Set<int>| post == #[trigger] write_words(pre, write, words) {
        let words = choose|words: Set<int>| post == #[trigger] write_words(pre, write, words);
        lemma_some_words_are_torn(pre, write, words);
    }
}

/// A write of some words is `torn`.
pub proof fn lemma_some_words_are_torn(pre: Seq<u8>, write: Write, words: Set<int>)
    ensures
        torn(write_words(pre, write, words), pre, write.addr, write.bytes),
{
    let full = update_bytes(pre, write.addr, write.bytes);
    let post = write_words(pre, write, words);
    assert forall|w: int| #[trigger] word(w) implies word_eq(post, pre, w) || word_eq(
        post,
        full,
        w,
    ) by {
        if words.contains(w) {
            assert(word_eq(post, full, w));
        } else {
            assert(word_eq(post, pre, w));
        }
    }
}

/// A write of all words is one of all bytes.
pub proof fn lemma_all_words(s: Seq<u8>, write: Write)
    ensures
        write_words(s, write, Set::full()) == update_bytes(s, write.addr, write.bytes),
{
    assert(write_words(s, write, Set::full()) =~= update_bytes(s, write.addr, write.bytes));
}

/// A crash after a write keeps some words of it, and what a crash before it may keep.
pub proof fn lemma_keep_last(
    stored: Seq<u8>,
    pending: Seq<Write>,
    write: Write,
    image: Seq<u8>,
) -> (before: Seq<u8>)
    requires
        may_keep(stored, pending.push(write), image),
    ensures
        may_keep(stored, pending, before),
        torn(image, before, write.addr, write.bytes),
{
    let more = pending.push(write);
    let kept = choose|kept: Seq<Set<int>>|
        kept.len() == more.len() && image == #[trigger] keep(stored, more, kept);
    assert(more.drop_last() =~= pending);
    let before = keep(stored, pending, kept.drop_last());
    lemma_some_words_are_torn(before, write, kept.last());
    before
}

/// What a crash keeps before a write, and any words of the write, may be kept after it.
pub proof fn lemma_keep_more(
    stored: Seq<u8>,
    pending: Seq<Write>,
    write: Write,
    before: Seq<u8>,
    image: Seq<u8>,
)
    requires
        may_keep(stored, pending, before),
        torn(image, before, write.addr, write.bytes),
    ensures
        may_keep(stored, pending.push(write), image),
{
    let more = pending.push(write);
    let kept = choose|kept: Seq<Set<int>>|
        kept.len() == pending.len() && before == #[trigger] keep(stored, pending, kept);
    lemma_torn_is_some_words(image, before, write);
    let words = choose|words: Set<int>| image == #[trigger] write_words(before, write, words);
    assert(more.drop_last() =~= pending);
    assert(kept.push(words).drop_last() =~= kept);
    assert(image == keep(stored, more, kept.push(words)));
}

/// If nothing is pending, a crash leaves what is stored.
pub proof fn lemma_nothing_pending(stored: Seq<u8>, image: Seq<u8>)
    ensures
        may_keep(stored, Seq::empty(), image) <==> image == stored,
{
    let none = Seq::<Set<int>>::empty();
    assert(keep(stored, Seq::empty(), none) == stored);
}

/// A crash may keep everything.
pub proof fn lemma_may_keep_all(device: Device)
    requires
        coherent(device),
        !device.failed,
    ensures
        may_keep(device.stored, device.pending, device.content),
{
    let all = all_words(device.pending.len());
    assert(device.content == keep(device.stored, device.pending, all));
}

/// A device stays coherent.
pub proof fn lemma_step_is_coherent(before: Device, after: Device, event: Event)
    requires
        coherent(before),
        step(before, after, event),
    ensures
        coherent(after),
{
    match event.operation {
        Operation::Write(write) => {
            let all = all_words(after.pending.len());
            assert(after.pending.drop_last() =~= before.pending);
            assert(all.drop_last() =~= all_words(before.pending.len()));
            let kept = keep(before.stored, before.pending, all_words(before.pending.len()));
            lemma_all_words(kept, write);
        },
        Operation::Flush => {},
    }
}

/// A device is coherent in each state that it goes through.
pub proof fn lemma_run_is_coherent(devices: Seq<Device>, events: Seq<Event>, k: int)
    requires
        run(devices, events),
        0 <= k < devices.len(),
    ensures
        coherent(devices[k]),
    decreases k,
{
    if k > 0 {
        lemma_run_is_coherent(devices, events, k - 1);
        lemma_step_is_coherent(devices[k - 1], devices[k], events[k - 1]);
    }
}

/// A part of a run from the start on is a run.
pub proof fn lemma_run_prefix(devices: Seq<Device>, events: Seq<Event>, n: int)
    requires
        run(devices, events),
        0 <= n <= events.len(),
    ensures
        run(devices.take(n + 1), events.take(n)),
{
    let (d, e) = (devices.take(n + 1), events.take(n));
    assert forall|k: int| 0 <= k < e.len() implies step(d[k], d[k + 1], #[trigger] e[k]) by {
        assert(e[k] == events[k]);
    }
}

/// After a crash the medium holds the image and nothing is pending. Such a device is coherent, and only a new write
/// changes what a crash may leave.
pub proof fn lemma_after_a_crash(image: Seq<u8>, medium: Medium, next: Seq<u8>)
    ensures
        ({
            let device = Device {
                stored: image,
                pending: Seq::empty(),
                content: image,
                failed: false,
                medium,
            };
            &&& coherent(device)
            &&& crash_may_leave(device, None, next) <==> next == image
        }),
{
    lemma_nothing_pending(image, next);
}

} // verus!
