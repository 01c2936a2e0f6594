//! Shared logs under executors: the futures are driven by several at once, beside threads, and some are given up.

mod common;

use common::gate::{in_time, Gate, Gated};
use futures_executor::block_on;
use multilog::shared::{Group, Pending, Shared, SharedError};
use multilog::{AnyRegion, FileOptions, FileRegion, MultiLog};
use std::collections::BTreeSet;
use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::sync::mpsc::{channel, Sender};
use std::task::{Context, Poll, Waker};
use std::thread;

/// What a handle must be to go wherever threads and tasks are, and what waits to be moved between them.
const _: () = {
    const fn is_handle<T: Clone + Send + Sync + 'static>() {}
    const fn is_task<T: Future + Send + 'static>() {}
    is_handle::<Shared<AnyRegion>>();
    is_task::<Pending<AnyRegion>>();
};

type Outcome = Result<Vec<u64>, SharedError>;

/// The same future, which says when it was told to wait.
async fn reporting(mut pending: Pending<Gate>, waits: Sender<()>) -> Outcome {
    poll_fn(|context| {
        let polled = Pin::new(&mut pending).poll(context);
        if polled.is_pending() {
            waits.send(()).unwrap();
        }
        polled
    })
    .await
}

fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

#[test]
fn two_executors_complete_though_a_third_future_is_given_up() {
    in_time(two_complete_though_a_third_is_given_up);
}

fn two_complete_though_a_third_is_given_up() {
    let gated = Gated::new();
    let logs = &gated.logs;
    gated.close();
    thread::scope(|threads| {
        let leading = threads.spawn(|| logs.append(0, b"lead"));
        gated.wait_for_flush();
        let submit = |bytes: &[u8]| logs.submit(Group::new().append(0, bytes).clone());
        let (mut given_up, ours, theirs) = (submit(b"c"), submit(b"a"), submit(b"b"));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(Pin::new(&mut given_up).poll(&mut context), Poll::Pending);
        let (says, waits) = channel();
        let also_says = says.clone();
        let ours = threads.spawn(|| block_on(reporting(ours, says)));
        let theirs = threads.spawn(|| {
            let runtime = current_thread();
            // As a task, so that it is the executor's own waker that is woken.
            let task = runtime.spawn(reporting(theirs, also_says));
            runtime.block_on(task).unwrap()
        });
        for _ in 0..2 {
            waits.recv().unwrap();
        }
        drop(given_up);
        gated.open();
        assert_eq!(leading.join().unwrap(), Ok(0));
        assert_eq!(ours.join().unwrap(), Ok(vec![5]));
        assert_eq!(theirs.join().unwrap(), Ok(vec![6]));
    });
    let mut bytes = [0; 7];
    logs.read(0, 0, &mut bytes).unwrap();
    // What was given up is committed all the same.
    assert_eq!(&bytes, b"leadcab");
}

#[test]
fn tasks_of_one_executor_wait_for_each_other_and_for_threads() {
    in_time(tasks_beside_threads);
}

fn tasks_beside_threads() {
    const TASKS: u64 = 20;
    const EACH: u64 = 15;
    let dir = tempfile::tempdir().unwrap();
    let len = multilog::required_len(&[1 << 16]).unwrap();
    let file = FileRegion::create(&dir.path().join("f"), len, &FileOptions::default()).unwrap();
    let logs = Shared::new(MultiLog::create(file, &[1 << 16]).unwrap()).unwrap();
    let payloads = |who: u64| (0..EACH).map(move |number| format!("{who} {number}"));
    thread::scope(|threads| {
        for thread in 0..2 {
            let logs = &logs;
            threads.spawn(move || {
                for payload in payloads(TASKS + thread) {
                    logs.append_record(0, payload.as_bytes()).unwrap();
                }
            });
        }
        let runtime = current_thread();
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let logs = logs.clone();
                runtime.spawn(async move {
                    for payload in payloads(task) {
                        let mut group = Group::new();
                        group.append_record(0, payload.as_bytes());
                        logs.submit(group).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            runtime.block_on(task).unwrap();
        }
    });
    let logs = logs.try_into_inner().ok().unwrap();
    let found: Vec<String> = logs
        .records(0)
        .map(|record| String::from_utf8(record.unwrap().to_vec()).unwrap())
        .collect();
    let expected: BTreeSet<String> = (0..TASKS + 2).flat_map(payloads).collect();
    assert_eq!(found.len(), expected.len());
    assert_eq!(BTreeSet::from_iter(found), expected);
}

#[test]
#[should_panic(expected = "told once")]
fn nobody_waits_for_ever_for_what_was_told() {
    let gated = Gated::new();
    let mut pending = gated.logs.submit(Group::new().append(0, b"x").clone());
    let mut context = Context::from_waker(Waker::noop());
    let told = Pin::new(&mut pending).poll(&mut context);
    assert_eq!(told, Poll::Ready(Ok(vec![0])));
    let _ = pending.wait();
}
