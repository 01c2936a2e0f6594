//! Who commits for whom: leader and followers.
//!
//! Nothing here knows of logs. It is also compiled into `tests/shared_model.rs`, which tries the interleavings of threads.
//!
//! Wakers are others' code, which may panic or come back here: none is cloned, woken or dropped while the queue is locked.

use super::sync::{thread, Mutex};
use std::collections::BTreeMap;
use std::mem;
use std::ops::DerefMut;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};

/// How often a leader lets others come, at most.
const MOST_YIELDS: u32 = 32;

/// Requests in the order in which they came, of which a leader takes all at once; `O` is what becomes of one.
pub(super) struct Queue<G, O> {
    state: Mutex<State<G, O>>,
}

struct State<G, O> {
    /// The number of the next request.
    next: u64,
    /// Those that no leader has taken yet, with their numbers.
    waiting: Vec<(u64, G)>,
    /// What is known of each request whose outcome was not taken.
    requests: BTreeMap<u64, Request<G, O>>,
    /// Whether somebody commits.
    led: bool,
    /// How many the last commit has served or left waiting.
    regulars: usize,
}

enum Request<G, O> {
    /// Nobody has asked for the outcome yet, or somebody waits for it.
    Open(Option<Waiter>),
    /// Nobody ever will.
    Forgotten,
    /// With what was requested: its memory is best freed by the thread that took it, and not by a leader for all.
    Done(O, G),
}

/// Whom to wake.
struct Waiter {
    waker: Waker,
    /// A thread, and not a task: it comes for sure when it is woken.
    is_thread: bool,
}

impl<G, O> Default for Queue<G, O> {
    fn default() -> Self {
        let state = State {
            next: 0,
            waiting: Vec::new(),
            requests: BTreeMap::new(),
            led: false,
            regulars: 0,
        };
        let state = Mutex::new(state);
        Queue { state }
    }
}

impl<G, O> Queue<G, O> {
    /// Adds a request, and returns its number.
    pub(super) fn submit(&self, request: G) -> u64 {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.waiting.push((number, request));
        state.requests.insert(number, Request::Open(None));
        number
    }

    /// What has become of a request, told once. If nobody leads, the caller does: `lead` is given all that wait, in order,
    /// and returns the outcome of each; it must not panic. Else the caller will be woken.
    pub(super) fn poll(
        &self,
        number: u64,
        waker: &Waker,
        is_thread: bool,
        lead: impl FnOnce(&[G]) -> Vec<O>,
    ) -> Poll<O> {
        let waker = waker.clone();
        let mut state = self.lock();
        if let Some((outcome, request)) = state.take(number) {
            drop(state);
            drop(request);
            return Poll::Ready(outcome);
        }
        if state.led {
            let waiter = Waiter { waker, is_thread };
            let before = state.requests.insert(number, Request::Open(Some(waiter)));
            drop(state);
            drop(before);
            return Poll::Pending;
        }
        state.led = true;
        // Those whom the commit before has served may be about to come again. As long as they do it pays to let them; who
        // is alone waits for nobody.
        let mut waiting = 0;
        for _ in 0..MOST_YIELDS {
            if state.waiting.len() <= waiting || state.waiting.len() >= state.regulars {
                break;
            }
            waiting = state.waiting.len();
            drop(state);
            thread::yield_now();
            state = self.lock();
        }
        let (numbers, requests): (Vec<u64>, Vec<G>) = state.waiting.drain(..).unzip();
        drop(state);
        let outcomes = lead(&requests);
        let mut state = self.lock();
        state.led = false;
        state.regulars = state.waiting.len() + numbers.len();
        // First, so that the next commit is under way while the others are being woken.
        let mut woken = state.successors();
        woken.extend(state.finish(numbers, outcomes, requests));
        let outcome = state.take(number);
        drop(state);
        wake(woken);
        match outcome {
            Some((outcome, _)) => Poll::Ready(outcome),
            // It was waiting when the leader took all that was.
            None => Poll::Pending,
        }
    }

    /// Waits until a request is done.
    pub(super) fn wait(&self, number: u64, lead: impl Fn(&[G]) -> Vec<O>) -> O {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        loop {
            match self.poll(number, &waker, true, &lead) {
                Poll::Ready(outcome) => return outcome,
                Poll::Pending => thread::park(),
            }
        }
    }

    /// Nobody will ask what becomes of a request. It remains in the queue. If it was to lead, so are the others.
    pub(super) fn forget(&self, number: u64) {
        let mut state = self.lock();
        let before = state.requests.remove(&number);
        if let Some(Request::Open(_)) = before {
            state.requests.insert(number, Request::Forgotten);
        }
        drop(state);
        drop(before);
    }

    /// Whether nothing is kept.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        let state = self.lock();
        state.waiting.is_empty() && state.requests.is_empty()
    }

    fn lock(&self) -> impl DerefMut<Target = State<G, O>> + '_ {
        self.state
            .lock()
            .unwrap_or_else(|_| unreachable!("nothing panics while it is locked"))
    }
}

impl<G, O> State<G, O> {
    /// The outcome of a request, if it is there, and the request.
    fn take(&mut self, number: u64) -> Option<(O, G)> {
        let Some(Request::Done(..)) = self.requests.get(&number) else {
            return None;
        };
        match self.requests.remove(&number) {
            Some(Request::Done(outcome, request)) => Some((outcome, request)),
            _ => None,
        }
    }

    /// Keeps the outcomes for those that want them, who are returned.
    fn finish(&mut self, numbers: Vec<u64>, outcomes: Vec<O>, requests: Vec<G>) -> Vec<Waker> {
        let mut woken = Vec::with_capacity(numbers.len());
        for (number, done) in numbers.into_iter().zip(outcomes.into_iter().zip(requests)) {
            match self.requests.get_mut(&number) {
                Some(request @ Request::Open(_)) => {
                    let before = mem::replace(request, Request::Done(done.0, done.1));
                    if let Request::Open(Some(waiter)) = before {
                        woken.push(waiter.waker);
                    }
                }
                Some(Request::Forgotten) => {
                    self.requests.remove(&number);
                }
                Some(Request::Done(..)) | None => {}
            }
        }
        woken
    }

    /// Who may lead now: the first thread that waits or, since a task may not come when it is woken, all tasks. They
    /// still count as waiting: whoever finds another one leading waits on.
    fn successors(&mut self) -> Vec<Waker> {
        let State {
            waiting, requests, ..
        } = self;
        let numbers = || waiting.iter().map(|(number, _)| number);
        let mut take = |number, wanted: fn(&mut Waiter) -> bool| match requests.get_mut(number) {
            Some(Request::Open(waiter)) => waiter.take_if(wanted).map(|waiter| waiter.waker),
            _ => None,
        };
        if let Some(thread) = numbers().find_map(|number| take(number, |waiter| waiter.is_thread)) {
            return vec![thread];
        }
        let tasks = numbers().filter_map(|number| take(number, |_| true));
        tasks.collect()
    }
}

/// Wakes all of them, whatever one does; then the first panic goes on.
fn wake(wakers: Vec<Waker>) {
    let panics = wakers
        .into_iter()
        .filter_map(|waker| catch_unwind(AssertUnwindSafe(|| waker.wake())).err());
    let panics: Vec<_> = panics.collect();
    if let Some(panic) = panics.into_iter().next() {
        resume_unwind(panic);
    }
}

/// Wakes a thread.
struct Unpark(thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
