//! Logs that threads and tasks share, on real files and on devices that fail or wait.

mod common;

use common::gate::{Gated, Then};
use common::{devices::io_error, Generator};
use multilog::shared::{Group, Refusal, Shareable, Shared, SharedError};
use multilog::{
    AppendError, AppendRecordError, CommitError, FileOptions, FileRegion, IoError, IoOperation,
    MemRegion, MoveError, MultiLog, ReadError, RecordError, Region,
};
use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

fn in_memory(capacities: &[u64]) -> Shared<MemRegion> {
    let len = multilog::required_len(capacities).unwrap();
    let region = MemRegion::new(len as usize);
    Shared::new(MultiLog::create(region, capacities).unwrap()).unwrap()
}

fn in_file(path: &Path, capacities: &[u64]) -> Shared<FileRegion> {
    let len = multilog::required_len(capacities).unwrap();
    let region = FileRegion::create(path, len, &FileOptions::default()).unwrap();
    Shared::new(MultiLog::create(region, capacities).unwrap()).unwrap()
}

fn reopened(path: &Path) -> MultiLog<FileRegion> {
    MultiLog::open(FileRegion::open(path, &FileOptions::default()).unwrap()).unwrap()
}

/// The payload of a thread's record: who wrote it, and when.
fn payload(thread: u64, number: u64) -> Vec<u8> {
    format!("{thread} {number} ")
        .repeat(1 + (thread * 7 + number * 3) as usize % 9)
        .into_bytes()
}

#[test]
fn what_threads_append_is_there_each_in_its_order() {
    const THREADS: u64 = 8;
    const EACH: u64 = 60;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logs");
    let logs = in_file(&path, &[1 << 18, 1 << 18]);
    let positions = Mutex::new(Vec::new());
    thread::scope(|threads| {
        for thread in 0..THREADS {
            let (logs, positions) = (logs.clone(), &positions);
            threads.spawn(move || {
                for number in 0..EACH {
                    let payload = payload(thread, number);
                    let position = logs.append_record(thread % 2, &payload).unwrap();
                    let read = logs.get_record(thread % 2, position).unwrap();
                    assert_eq!((read.position, read.payload), (position, payload));
                    positions
                        .lock()
                        .unwrap()
                        .push((thread % 2, position, thread, number));
                }
            });
        }
    });
    drop(logs);
    let mut expected = positions.into_inner().unwrap();
    expected.sort_unstable();
    assert_eq!(expected.len() as u64, THREADS * EACH);
    let logs = reopened(&path);
    let mut last = [None; THREADS as usize];
    let mut found = Vec::new();
    for log in 0..2 {
        for record in logs.records(log) {
            let record = record.unwrap();
            let text = std::str::from_utf8(&record).unwrap();
            let mut words = text.split(' ').map(|word| word.parse().unwrap());
            let (thread, number): (u64, u64) = (words.next().unwrap(), words.next().unwrap());
            assert!(last[thread as usize] < Some(number), "out of order: {text}");
            last[thread as usize] = Some(number);
            found.push((log, record.position(), thread, number));
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn groups_are_there_entirely_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logs");
    let logs = in_file(&path, &[4096, 4096, 4096]);
    thread::scope(|threads| {
        for thread in 0..6u8 {
            let logs = logs.clone();
            threads.spawn(move || {
                for _ in 0..20 {
                    let bytes = [thread; 8];
                    let positions = logs.append_many(&[(0, &bytes), (1, &bytes), (2, &bytes)]);
                    let positions = positions.unwrap();
                    // All groups append as much to each.
                    assert!(positions.iter().all(|position| *position == positions[0]));
                }
            });
        }
    });
    let read = |log| {
        let mut bytes = vec![0; 6 * 20 * 8];
        logs.read(log, 0, &mut bytes).unwrap();
        bytes
    };
    assert_eq!(read(0), read(1));
    assert_eq!(read(0), read(2));
    let (before, info) = (read(0), logs.info(2));
    drop(logs);
    let logs = reopened(&path);
    let mut bytes = vec![0; before.len()];
    logs.read(1, 0, &mut bytes).unwrap();
    assert_eq!((bytes, logs.info(2)), (before, info));
}

#[test]
fn reads_as_the_logs_do_wherever_they_wrap_around() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logs");
    let shared = in_file(&path, &[97, 200]);
    let mut generator = Generator(7);
    let mut records = 0;
    for step in 0..300 {
        let log = generator.below(2);
        let info = shared.info(log).unwrap();
        let within = info.head + generator.below(info.tail - info.head + 1);
        let bytes = vec![generator.below(256) as u8; generator.below(40) as usize];
        let mut group = Group::new();
        match generator.below(8) {
            0 => group.truncate(log, within),
            1..=3 => group.advance_head(log, within),
            4 => group.append(log, &bytes),
            _ => group.append_record(log, &bytes),
        };
        // Some do not fit.
        let _ = shared.commit(group);
        if step % 15 == 0 {
            let image = std::fs::read(&path).unwrap();
            let logs = MultiLog::open(MemRegion::from_vec(image)).unwrap();
            records += reads_as(&shared, &logs);
        }
    }
    assert!(records > 10, "{records} records");
}

/// That these read the same at every position; returns how many records there are.
fn reads_as(shared: &Shared<FileRegion>, logs: &MultiLog<MemRegion>) -> usize {
    let mut records = 0;
    for log in 0..3 {
        assert_eq!(shared.info(log), logs.info(log));
        let info = logs.info(log).or(logs.info(0)).unwrap();
        for position in info.head.saturating_sub(2)..info.tail + 2 {
            let record = logs.get_record(log, position);
            records += usize::from(record.is_ok());
            let record = record.map(|r| (r.next_position(), r.to_vec()));
            let read = shared.get_record(log, position);
            assert_eq!(read.map(|r| (r.next_position, r.payload)), record);
            for len in 0..info.tail + 3 - position {
                let (mut ours, mut theirs) = (vec![0; len as usize], vec![0; len as usize]);
                let ours = (shared.read(log, position, &mut ours), ours);
                let theirs = (logs.read(log, position, &mut theirs), theirs);
                assert_eq!(ours, theirs, "{len} bytes of log {log} at {position}");
            }
        }
    }
    records
}

#[test]
fn records_that_are_damaged_or_cut_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logs");
    let logs = in_file(&path, &[200]);
    let (first, second) = (
        logs.append_record(0, b"first"),
        logs.append_record(0, b"second"),
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes
        .windows(5)
        .position(|bytes| bytes == b"first")
        .unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let damaged = RecordError::Damaged {
        position: first,
        next: second,
    };
    assert_eq!(logs.get_record(0, first), Err(damaged));
    assert_eq!(logs.get_record(0, second).unwrap().payload, b"second");
    let tail = logs.info(0).unwrap().tail - 1;
    logs.commit(Group::new().truncate(0, tail).clone()).unwrap();
    let (position, len) = (second, 6);
    let cut = RecordError::Cut {
        position,
        len,
        tail,
    };
    assert_eq!(logs.get_record(0, second), Err(cut));
}

#[test]
fn a_group_that_is_refused_fails_alone() {
    let logs = in_memory(&[100, 100]);
    let mut too_much = Group::new();
    too_much.append(0, b"not to stay").append(1, &[0; 101]);
    let pending = [
        logs.submit(Group::new().append(0, b"one").clone()),
        logs.submit(too_much),
        logs.submit(Group::new().append(7, b"no such log").clone()),
        logs.submit(Group::new().append_record(1, &[0; 77]).clone()),
        logs.submit(Group::new().advance_head(0, 1000).clone()),
        logs.submit(Group::new().append(0, b"two").clone()),
    ];
    let outcomes = pending.map(|pending| pending.wait());
    let refused = |operation, refusal| Err(SharedError::Refused { operation, refusal });
    let full = AppendError::Full {
        requested: 101,
        available: 100,
    };
    let no_such_log = AppendError::NoSuchLog { log: 7, logs: 2 };
    let too_long = AppendRecordError::TooLong {
        len: 77,
        capacity: 100,
    };
    assert_eq!(outcomes[0], Ok(vec![0]));
    assert_eq!(outcomes[1], refused(1, Refusal::Append(full)));
    assert_eq!(outcomes[2], refused(0, Refusal::Append(no_such_log)));
    assert_eq!(outcomes[3], refused(0, Refusal::Record(too_long)));
    assert!(matches!(
        outcomes[4],
        Err(SharedError::Refused {
            operation: 0,
            refusal: Refusal::Move(MoveError::OutOfRange { .. })
        })
    ));
    assert_eq!(outcomes[5], Ok(vec![3]));
    let mut bytes = [0; 6];
    logs.read(0, 0, &mut bytes).unwrap();
    assert_eq!(&bytes, b"onetwo");
    assert_eq!(logs.info(0).unwrap().tail, 6);
}

#[test]
fn groups_that_wait_for_each_other_go_into_the_next_commit() {
    let logs = in_memory(&[10]);
    assert_eq!(logs.append(0, b"0123456789"), Ok(0));
    let pending = [
        logs.submit(Group::new().advance_head(0, 6).clone()),
        // Room that only the commit of the one before gives.
        logs.submit(Group::new().append(0, b"abcdef").clone()),
        logs.submit(Group::new().truncate(0, 12).clone()),
        // Behind a truncation.
        logs.submit(Group::new().append(0, b"xy").clone()),
    ];
    let outcomes = pending.map(|pending| pending.wait().unwrap());
    assert_eq!(outcomes, [vec![], vec![10], vec![], vec![12]]);
    let mut bytes = [0; 8];
    logs.read(0, 6, &mut bytes).unwrap();
    assert_eq!(&bytes, b"6789abxy");
}

#[test]
fn many_at_once_are_as_one_after_the_other() {
    let mut generator = Generator(3);
    let (mut done, mut refused) = (0, 0);
    for _ in 0..200 {
        let capacities = [150, 1 + generator.below(300)];
        let (together, alone) = (in_memory(&capacities), in_memory(&capacities));
        let groups: Vec<Group> = (0..20)
            .map(|_| {
                let log = generator.below(3).min(generator.below(3));
                let position = generator.below(200);
                let bytes = vec![generator.below(256) as u8; generator.below(30) as usize];
                let mut group = Group::new();
                match generator.below(12) {
                    0 => group.advance_head(log, position),
                    1 => group.truncate(log, position),
                    2 => group.append(log, &bytes),
                    3 => group.append_record(0, &bytes).append_record(1, &bytes),
                    _ => group.append_record(log, &bytes),
                };
                group
            })
            .collect();
        let pending: Vec<_> = groups
            .iter()
            .map(|group| together.submit(group.clone()))
            .collect();
        for (group, pending) in groups.into_iter().zip(pending) {
            let outcome = alone.commit(group.clone());
            (done, refused) = match outcome {
                Ok(_) => (done + 1, refused),
                Err(_) => (done, refused + 1),
            };
            assert_eq!(pending.wait(), outcome, "{group:?}");
        }
        let (together, alone) = (together.try_into_inner(), alone.try_into_inner());
        let (together, alone) = (together.ok().unwrap(), alone.ok().unwrap());
        for log in 0..2 {
            assert_eq!(together.info(log), alone.info(log));
            let read = |logs: &MultiLog<MemRegion>| {
                let info = logs.info(log).unwrap();
                let records = logs
                    .records(log)
                    .map(|record| record.map(|record| record.to_vec()));
                let records: Vec<_> = records.collect();
                let mut bytes = vec![0; (info.tail - info.head) as usize];
                logs.read(log, info.head, &mut bytes).unwrap();
                (records, bytes.len())
            };
            assert_eq!(read(&together), read(&alone));
        }
    }
    assert!(
        done > 500 && refused > 500,
        "{done} done, {refused} refused"
    );
}

#[test]
fn what_is_dropped_is_committed_with_what_comes_after() {
    let logs = in_memory(&[100]);
    drop(logs.submit(Group::new().append(0, b"dropped ").clone()));
    assert_eq!(logs.info(0).unwrap().tail, 0);
    assert_eq!(logs.append(0, b"kept"), Ok(8));
    let mut bytes = [0; 12];
    logs.read(0, 0, &mut bytes).unwrap();
    assert_eq!(&bytes, b"dropped kept");
    // Nothing is left of it that would be counted as a handle.
    assert!(logs.try_into_inner().is_ok());
}

#[test]
fn it_is_a_future() {
    let logs = in_memory(&[100]);
    let mut pending = Box::pin(logs.submit(Group::new().append(0, b"bytes").clone()));
    let mut context = Context::from_waker(Waker::noop());
    // Nobody else leads, so the first poll commits.
    assert_eq!(
        pending.as_mut().poll(&mut context),
        Poll::Ready(Ok(vec![0]))
    );
    assert_eq!(logs.info(0).unwrap().tail, 5);
}

#[test]
fn the_logs_are_given_back_to_the_last_handle() {
    let logs = in_memory(&[100]);
    let other = logs.clone();
    assert_eq!(logs.append(0, b"bytes"), Ok(0));
    let logs = logs.try_into_inner().err().expect("there is another one");
    drop(other);
    let mut logs = logs.try_into_inner().ok().expect("there is no other one");
    assert_eq!(logs.stage_append(0, b"more"), Ok(5));
}

#[test]
fn readers_do_not_wait_for_the_medium() {
    let gated = Gated::new();
    let logs = &gated.logs;
    let record = logs.append_record(0, b"committed").unwrap();
    let before = logs.info(0).unwrap();
    gated.close();
    thread::scope(|threads| {
        let appending = threads.spawn(|| logs.append(0, b"not yet"));
        gated.wait_for_flush();
        // While the flush waits.
        assert_eq!(logs.get_record(0, record).unwrap().payload, b"committed");
        let mut bytes = [0; 9];
        logs.read(0, 16, &mut bytes).unwrap();
        assert_eq!(&bytes, b"committed");
        assert_eq!(logs.info(0), Some(before));
        assert!(matches!(
            logs.read(0, before.tail, &mut bytes),
            Err(ReadError::OutOfRange { .. })
        ));
        gated.open();
        assert_eq!(appending.join().unwrap(), Ok(before.tail));
    });
    assert_eq!(logs.info(0).unwrap().tail, before.tail + 7);
}

#[test]
fn a_failed_flush_reaches_all_that_wait_and_all_that_come() {
    let gated = Gated::new();
    let logs = &gated.logs;
    assert_eq!(logs.append(0, b"committed"), Ok(0));
    let before = logs.info(0);
    gated.close();
    let error = SharedError::Failed(CommitError::Io(io_error(IoOperation::Flush)));
    let failed = Err(error);
    thread::scope(|threads| {
        let leading = threads.spawn(|| logs.append(0, b"first"));
        gated.wait_for_flush();
        let waiting = [(); 4].map(|()| logs.submit(Group::new().append(0, b"x").clone()));
        let waiting = waiting.map(|pending| threads.spawn(|| pending.wait()));
        gated.tell(Then::Fail);
        assert_eq!(leading.join().unwrap(), failed);
        for waiting in waiting {
            assert_eq!(
                waiting.join().unwrap().map(|positions| positions[0]),
                failed
            );
        }
    });
    // No flush is tried again.
    assert_eq!(logs.append(0, b"later"), failed);
    assert!(!gated.has_flushed());
    let said = error.to_string();
    assert!(said.contains("Input/output error"), "{said}");
    let mut bytes = [0; 9];
    logs.read(0, 0, &mut bytes).unwrap();
    assert_eq!((&bytes, logs.info(0)), (b"committed", before));
}

#[test]
fn a_leader_that_panics_fails_all_that_wait_and_all_that_come() {
    let gated = Gated::new();
    let logs = &gated.logs;
    let record = logs.append_record(0, b"committed").unwrap();
    let before = logs.info(0);
    gated.close();
    thread::scope(|threads| {
        let leading = threads.spawn(|| logs.append(0, b"first"));
        gated.wait_for_flush();
        let waiting = [(); 4].map(|()| logs.submit(Group::new().append(0, b"x").clone()));
        let waiting = waiting.map(|pending| threads.spawn(|| pending.wait()));
        gated.tell(Then::Panic);
        assert_eq!(leading.join().unwrap(), Err(SharedError::Panicked));
        for waiting in waiting {
            assert_eq!(waiting.join().unwrap(), Err(SharedError::Panicked));
        }
    });
    assert_eq!(logs.append(0, b"later"), Err(SharedError::Panicked));
    assert!(!gated.has_flushed(), "a flush was tried again");
    let said = SharedError::Panicked.to_string();
    assert!(said.contains("panicked") && said.contains("open the logs anew"));
    // Nothing that was committed is lost to those who read.
    assert_eq!(logs.get_record(0, record).unwrap().payload, b"committed");
    let mut bytes = [0; 9];
    logs.read(0, record + 16, &mut bytes).unwrap();
    assert_eq!((&bytes, logs.info(0)), (b"committed", before));
}

#[test]
fn what_was_committed_before_a_failure_is_told() {
    let failed = SharedError::Failed(CommitError::Io(io_error(IoOperation::Flush)));
    for (then, error) in [(Then::Panic, SharedError::Panicked), (Then::Fail, failed)] {
        let gated = Gated::new();
        let logs = &gated.logs;
        assert_eq!(logs.append(0, &[1; 1000]), Ok(0));
        gated.close();
        // The second has to wait for the room that the first gives, in a commit of its own.
        let first = logs.submit(Group::new().advance_head(0, 6).clone());
        let second = logs.submit(Group::new().append(0, b"abcdef").clone());
        for told in [Then::GoOn, then] {
            gated.tell(told);
        }
        assert_eq!(first.wait(), Ok(vec![]));
        assert_eq!(second.wait(), Err(error));
        let info = logs.info(0).unwrap();
        assert_eq!((info.head, info.tail), (6, 1000));
    }
}

/// Memory whose flushes panic when they are told to. Readers take turns with commits.
struct Panics {
    region: MemRegion,
    panics: Arc<AtomicBool>,
}

impl Region for Panics {
    fn len(&self) -> u64 {
        self.region.len()
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        self.region.read(addr, buf)
    }

    fn borrow(&self, addr: u64, len: usize) -> Option<&[u8]> {
        self.region.borrow(addr, len)
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        self.region.write(addr, bytes)
    }

    fn flush(&mut self) -> Result<(), IoError> {
        assert!(!self.panics.load(Ordering::SeqCst), "the device does");
        self.region.flush()
    }
}

impl Shareable for Panics {}

#[test]
fn after_a_panic_memory_can_be_read_and_opened_anew() {
    let panics = Arc::new(AtomicBool::new(false));
    let region = Panics {
        region: MemRegion::new(multilog::required_len(&[100]).unwrap() as usize),
        panics: panics.clone(),
    };
    let logs = Shared::new(MultiLog::create(region, &[100]).unwrap()).unwrap();
    let record = logs.append_record(0, b"committed").unwrap();
    panics.store(true, Ordering::SeqCst);
    assert_eq!(logs.append(0, b"first"), Err(SharedError::Panicked));
    panics.store(false, Ordering::SeqCst);
    assert_eq!(logs.append(0, b"later"), Err(SharedError::Panicked));
    assert_eq!(logs.get_record(0, record).unwrap().payload, b"committed");
    let logs = logs.try_into_inner().ok().unwrap();
    let logs = MultiLog::open(logs.into_region().region).unwrap();
    assert_eq!(logs.get_record(0, record).unwrap().payload(), b"committed");
}

#[test]
fn a_commit_serves_all_that_wait() {
    let gated = Gated::new();
    let logs = &gated.logs;
    gated.close();
    thread::scope(|threads| {
        let leading = threads.spawn(|| logs.append(0, b"first"));
        gated.wait_for_flush();
        let waiting = [(); 50].map(|()| logs.submit(Group::new().append(0, b"x").clone()));
        let waiting = waiting.map(|pending| threads.spawn(|| pending.wait()));
        // A flush for the first, and one for all others.
        gated.tell(Then::GoOn);
        gated.wait_for_flush();
        gated.tell(Then::GoOn);
        assert_eq!(leading.join().unwrap(), Ok(0));
        for waiting in waiting {
            waiting.join().unwrap().unwrap();
        }
    });
    assert!(!gated.has_flushed());
    assert_eq!(logs.info(0).unwrap().tail, 55);
}
