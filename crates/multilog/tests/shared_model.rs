//! The queue of `multilog::Shared` under many interleavings of threads and tasks, chosen by shuttle.
//!
//! It is compiled once more here, with shuttle's mutex and threads in place of the standard library's.

mod sync {
    pub(super) use shuttle::sync::Mutex;
    pub(super) use shuttle::thread;
}

#[path = "../src/shared/queue.rs"]
mod queue;

use queue::Queue;
use shuttle::sync::atomic::{AtomicBool, Ordering};
use shuttle::sync::Arc;
use shuttle::{future, thread};
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

/// How many schedules are tried of each scenario. Some are deadlocks, if there is a lost wake-up.
const SCHEDULES: usize = 4_000;

/// Requests are numbers, and the outcome of one is its place among all.
#[derive(Clone)]
struct Log {
    queue: Arc<Queue<u32, usize>>,
    committed: Arc<Mutex<Vec<u32>>>,
    busy: Arc<AtomicBool>,
}

impl Log {
    fn new() -> Log {
        Log {
            queue: Arc::new(Queue::default()),
            committed: Arc::default(),
            busy: Arc::new(AtomicBool::new(false)),
        }
    }

    fn lead(&self, requests: &[u32]) -> Vec<usize> {
        assert!(!self.busy.swap(true, Ordering::SeqCst), "two lead at once");
        // The commit, during which others come.
        thread::yield_now();
        let mut committed = self.committed.lock().unwrap();
        let places = requests.iter().map(|request| {
            committed.push(*request);
            committed.len() - 1
        });
        let places = places.collect();
        self.busy.store(false, Ordering::SeqCst);
        places
    }

    fn wait(&self, request: u32) -> usize {
        let number = self.queue.submit(request);
        self.queue.wait(number, |requests| self.lead(requests))
    }

    fn submit(&self, request: u32) -> Pending {
        let number = self.queue.submit(request);
        let log = self.clone();
        Pending { log, number }
    }

    /// That each of these was committed once, where its outcome says, and all of one thread in order.
    fn check(&self, outcomes: &[(u32, usize)]) {
        let committed = self.committed.lock().unwrap();
        for (request, place) in outcomes {
            assert_eq!(committed[*place], *request);
        }
        let mut sorted = committed.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), committed.len(), "committed twice");
    }
}

/// As `multilog::shared::Pending`.
struct Pending {
    log: Log,
    number: u64,
}

impl Future for Pending {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        let log = &self.log;
        log.queue
            .poll(self.number, context.waker(), false, |r| log.lead(r))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.log.queue.forget(self.number);
    }
}

#[test]
fn threads_are_all_served() {
    let scenario = || {
        let log = Log::new();
        let threads: Vec<_> = (0..3)
            .map(|number| {
                let log = log.clone();
                thread::spawn(move || {
                    [2 * number, 2 * number + 1].map(|request| (request, log.wait(request)))
                })
            })
            .collect();
        let mut outcomes = Vec::new();
        for thread in threads {
            let [first, second] = thread.join().unwrap();
            assert!(first.1 < second.1, "out of order");
            outcomes.extend([first, second]);
        }
        log.check(&outcomes);
        assert_eq!(log.committed.lock().unwrap().len(), 6);
        assert!(log.queue.is_empty(), "something is kept for nobody");
    };
    shuttle::check_pct(scenario, SCHEDULES, 4);
    shuttle::check_random(scenario, SCHEDULES);
}

#[test]
fn tasks_and_threads_are_all_served() {
    let scenario = || {
        let log = Log::new();
        let tasks: Vec<_> = (0..2)
            .map(|number| {
                let log = log.clone();
                thread::spawn(move || future::block_on(log.submit(number)))
            })
            .collect();
        let place = log.wait(2);
        let mut outcomes = vec![(2, place)];
        for (number, task) in (0..).zip(tasks) {
            outcomes.push((number, task.join().unwrap()));
        }
        log.check(&outcomes);
        assert!(log.queue.is_empty(), "something is kept for nobody");
    };
    shuttle::check_pct(scenario, SCHEDULES, 4);
    shuttle::check_random(scenario, SCHEDULES);
}

/// Polls once, and is not there when it is woken.
fn poll_once(pending: &mut Pending) {
    let mut context = Context::from_waker(Waker::noop());
    let _ = Pin::new(pending).poll(&mut context);
}

/// Two that poll once, of which one gives up, and two tasks that go on.
fn beside_others_that_do_not_go_on() {
    let log = Log::new();
    let poll_once = |number| {
        let log = log.clone();
        thread::spawn(move || {
            let mut pending = log.submit(number);
            poll_once(&mut pending);
            pending
        })
    };
    let (gives_up, stays) = (poll_once(0), poll_once(1));
    let tasks: Vec<_> = (2..4)
        .map(|number| {
            let log = log.clone();
            thread::spawn(move || future::block_on(log.submit(number)))
        })
        .collect();
    drop(gives_up.join().unwrap());
    let stays = stays.join().unwrap();
    let mut outcomes = Vec::new();
    for (number, task) in (2..).zip(tasks) {
        outcomes.push((number, task.join().unwrap()));
    }
    log.check(&outcomes);
    drop(stays);
}

#[test]
fn whoever_does_not_go_on_strands_nobody() {
    shuttle::check_pct(beside_others_that_do_not_go_on, SCHEDULES, 4);
    shuttle::check_random(beside_others_that_do_not_go_on, SCHEDULES);
}

#[test]
fn what_was_given_up_is_committed_before_what_comes_after() {
    let log = Log::new();
    shuttle::check_random(
        move || {
            let log = Log {
                queue: Arc::new(Queue::default()),
                ..log.clone()
            };
            log.committed.lock().unwrap().clear();
            drop(log.submit(7));
            assert_eq!(log.wait(8), 1);
            assert_eq!(*log.committed.lock().unwrap(), [7, 8]);
        },
        10,
    );
}
