//! Wakers are others' code: whatever they do when they are cloned, woken or dropped, the queue of shared logs goes on.

mod common;

use common::gate::{in_time, Gate, Gated};
use multilog::shared::{Group, Pending, SharedError};
use std::future::Future;
use std::mem::ManuallyDrop;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};
use std::thread::{self, JoinHandle};

type Outcome = Result<Vec<u64>, SharedError>;

/// Logs of which somebody holds a commit up, and who that is.
fn held_up() -> (Gated, JoinHandle<Result<u64, SharedError>>) {
    let gated = Gated::new();
    gated.close();
    let leading = leads(&gated);
    (gated, leading)
}

/// A thread that leads the next commit, which is held up.
fn leads(gated: &Gated) -> JoinHandle<Result<u64, SharedError>> {
    let logs = gated.logs.clone();
    let leading = thread::spawn(move || logs.append(0, b"lead"));
    gated.wait_for_flush();
    leading
}

fn submit(gated: &Gated) -> Pending<Gate> {
    gated.logs.submit(Group::new().append(0, b"x").clone())
}

fn poll(pending: &mut Pending<Gate>, waker: &Waker) -> Poll<Outcome> {
    Pin::new(pending).poll(&mut Context::from_waker(waker))
}

/// That the commit that is held up can end, and others after it.
fn goes_on(gated: &Gated, leading: JoinHandle<Result<u64, SharedError>>) {
    gated.open();
    assert_eq!(leading.join().unwrap(), Ok(0));
    let tail = gated.logs.info(0).unwrap().tail;
    assert!(gated.logs.append(0, b"more").unwrap() >= tail);
}

/// A task that waits for something else in the queue too.
struct Owner {
    _other: Mutex<Pending<Gate>>,
    dropped: Arc<AtomicUsize>,
}

impl Wake for Owner {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

/// Polls with a waker that is the last owner of another wait in this queue; returns how often it was dropped.
fn poll_with_last_owner(gated: &Gated, pending: &mut Pending<Gate>) -> Arc<AtomicUsize> {
    let dropped = Arc::new(AtomicUsize::new(0));
    let owner = Owner {
        _other: Mutex::new(submit(gated)),
        dropped: dropped.clone(),
    };
    let waker = Waker::from(Arc::new(owner));
    assert_eq!(poll(pending, &waker), Poll::Pending);
    dropped
}

#[test]
fn a_waker_that_owns_another_wait_can_be_replaced() {
    in_time(|| {
        let (gated, leading) = held_up();
        let mut pending = submit(&gated);
        let dropped = poll_with_last_owner(&gated, &mut pending);
        assert_eq!(poll(&mut pending, Waker::noop()), Poll::Pending);
        assert_eq!(dropped.load(Ordering::SeqCst), 1);
        goes_on(&gated, leading);
    });
}

#[test]
fn a_waker_that_owns_another_wait_can_be_given_up() {
    in_time(|| {
        let (gated, leading) = held_up();
        let mut pending = submit(&gated);
        let dropped = poll_with_last_owner(&gated, &mut pending);
        drop(pending);
        assert_eq!(dropped.load(Ordering::SeqCst), 1);
        goes_on(&gated, leading);
    });
}

/// Panics when it is dropped.
struct PanicsInDrop;

impl Wake for PanicsInDrop {
    fn wake(self: Arc<Self>) {}
}

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("it is dropped");
    }
}

#[test]
fn a_waker_that_panics_when_it_is_dropped_stops_nobody_else() {
    in_time(|| {
        let (gated, leading) = held_up();
        let mut pending = [submit(&gated), submit(&gated)];
        for pending in &mut pending {
            let waker = Waker::from(Arc::new(PanicsInDrop));
            assert_eq!(poll(pending, &waker), Poll::Pending);
        }
        let [mut replaced, given_up] = pending;
        let replace = AssertUnwindSafe(|| poll(&mut replaced, Waker::noop()));
        assert!(catch_unwind(replace).is_err(), "it was not dropped");
        let give_up = AssertUnwindSafe(|| drop(given_up));
        assert!(catch_unwind(give_up).is_err(), "it was not dropped");
        goes_on(&gated, leading);
        // The other waker was registered all the same.
        assert!(matches!(
            poll(&mut replaced, Waker::noop()),
            Poll::Ready(Ok(_))
        ));
    });
}

/// What a waker does when it is cloned.
type OnClone = Box<dyn Fn() + Send + Sync>;

/// A waker that does this whenever it is cloned.
fn on_clone(does: OnClone) -> Waker {
    const TABLE: RawWakerVTable = RawWakerVTable::new(clone, release, |_| {}, release);

    // SAFETY: `data` comes from `Arc::into_raw`, and stands for a count that remains the waker's.
    unsafe fn clone(data: *const ()) -> RawWaker {
        let does = ManuallyDrop::new(Arc::<OnClone>::from_raw(data.cast()));
        does();
        RawWaker::new(Arc::into_raw(Arc::clone(&does)).cast(), &TABLE)
    }

    // SAFETY: `data` comes from `Arc::into_raw`, and the waker, which ends, gives its count back.
    unsafe fn release(data: *const ()) {
        drop(Arc::<OnClone>::from_raw(data.cast()));
    }

    let data = Arc::into_raw(Arc::new(does)).cast();
    // SAFETY: the table's functions count references atomically, and what is counted is `Send + Sync`.
    unsafe { Waker::new(data, &TABLE) }
}

#[test]
fn a_waker_that_submits_when_it_is_cloned_finds_the_queue_unlocked() {
    in_time(|| {
        let (gated, leading) = held_up();
        let mut pending = submit(&gated);
        let logs = gated.logs.clone();
        let waker = on_clone(Box::new(move || drop(logs.submit(Group::new()))));
        assert_eq!(poll(&mut pending, &waker), Poll::Pending);
        // Whoever led wakes it, and does so without a lock too.
        goes_on(&gated, leading);
        assert!(matches!(poll(&mut pending, &waker), Poll::Ready(Ok(_))));
    });
}

#[test]
fn a_waker_that_panics_when_it_is_cloned_stops_nobody_else() {
    in_time(|| {
        let (gated, leading) = held_up();
        let mut pending = submit(&gated);
        let waker = on_clone(Box::new(|| panic!("it is cloned")));
        let polling = AssertUnwindSafe(|| poll(&mut pending, &waker));
        assert!(catch_unwind(polling).is_err(), "it was not cloned");
        assert_eq!(poll(&mut pending, Waker::noop()), Poll::Pending);
        goes_on(&gated, leading);
    });
}

/// Counts how often it is woken, and panics then if it is to.
struct Counts {
    woken: AtomicUsize,
    panics: bool,
}

impl Wake for Counts {
    fn wake(self: Arc<Self>) {
        self.woken.fetch_add(1, Ordering::SeqCst);
        assert!(!self.panics, "it is woken");
    }
}

#[test]
fn a_waker_that_panics_when_it_is_woken_strands_nobody() {
    in_time(|| {
        let gated = Gated::new();
        gated.close();
        // Two that the commit serves which is held up, and two that wait for the next one; the first of each panic.
        let served = [submit(&gated), submit(&gated)];
        let leading = leads(&gated);
        let mut pending = Vec::from(served);
        pending.extend([submit(&gated), submit(&gated)]);
        let counts = [true, false, true, false].map(|panics| {
            let woken = AtomicUsize::new(0);
            Arc::new(Counts { woken, panics })
        });
        for (pending, counts) in pending.iter_mut().zip(&counts) {
            let waker = Waker::from(counts.clone());
            assert_eq!(poll(pending, &waker), Poll::Pending);
        }
        gated.open();
        assert!(leading.join().is_err(), "who wakes it gets the panic");
        let woken = counts.map(|counts| counts.woken.load(Ordering::SeqCst));
        assert_eq!(woken, [1; 4]);
        let outcomes = pending
            .iter_mut()
            .map(|pending| poll(pending, Waker::noop()));
        let expected = [0, 1, 6, 7].map(|position| Poll::Ready(Ok(vec![position])));
        assert_eq!(outcomes.collect::<Vec<_>>(), expected);
        assert_eq!(gated.logs.append(0, b"more"), Ok(8));
    });
}
