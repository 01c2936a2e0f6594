//! What open logs take of the heap, and that staging and committing take nothing.

mod common;

use common::{len_for, pattern, ID};
use multilog::{MemRegion, MultiLog, MAX_LOGS};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The most bytes that a log may take where a commit has changed all logs: its record and the snapshot are kept as buffers.
const LIMIT: i64 = 256;

/// The most bytes that a log may take where logs were just opened.
const OPENED_LIMIT: i64 = 100;

thread_local! {
    /// The bytes that this thread has allocated and not freed.
    static LIVE: Cell<i64> = const { Cell::new(0) };
    /// How often this thread has allocated.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting per thread: the tests run side by side.
struct Counting;

fn count(bytes: i64, allocations: u64) {
    LIVE.set(LIVE.get() + bytes);
    ALLOCATIONS.set(ALLOCATIONS.get() + allocations);
}

// SAFETY: every call is passed on to the system's allocator as it is. The counters are thread-local cells without
// destructors and constant at first, so that touching them neither allocates nor fails.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64, 1);
        System.alloc(layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64, 1);
        System.alloc_zeroed(layout)
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as i64 - layout.size() as i64, 1);
        System.realloc(at, layout, size)
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as i64), 0);
        System.dealloc(at, layout);
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn assert_small(logs: &MultiLog<MemRegion>, taken: i64, limit: i64) {
    let per_log = taken / logs.log_count() as i64;
    assert!(per_log > 0, "the allocator does not count");
    assert!(per_log <= limit, "{per_log} bytes per log");
}

#[test]
fn a_log_takes_at_most_256_bytes() {
    let capacities = vec![1; MAX_LOGS as usize];
    let region = MemRegion::new(len_for(&capacities));
    let before = LIVE.get();
    let mut logs = MultiLog::create_with_id(region, &capacities, ID, false).unwrap();
    assert_small(&logs, LIVE.get() - before, LIMIT);

    // All logs at once, so that every list is as long as it gets.
    for _ in 0..2 {
        for log in 0..MAX_LOGS {
            logs.stage_append(log, b"x").unwrap();
            logs.stage_advance_head(log, logs.info(log).unwrap().staged_tail)
                .unwrap();
        }
        logs.commit().unwrap();
        assert_small(&logs, LIVE.get() - before, LIMIT);
    }

    let region = logs.into_region();
    let before = LIVE.get();
    let logs = MultiLog::open(region).unwrap();
    assert_small(&logs, LIVE.get() - before, OPENED_LIMIT);
}

#[test]
fn staging_committing_and_reading_allocate_nothing() {
    let before_opening = ALLOCATIONS.get();
    // Room for all records: a switch of journals collects a snapshot.
    let new = common::with_lines(&[1_000; 50], 30_000);
    let mut logs = common::open(&new.into_region().into_vec()).unwrap();
    assert!(ALLOCATIONS.get() > before_opening);
    let bytes = pattern(1, 100);
    let parts: [&[u8]; 2] = [&bytes[..30], &bytes[30..]];
    let mut buf = [0; 100];
    // The first append after opening switches; the first record takes room for small ones; the first commit of all logs takes room
    // for the longest record of a journal.
    for log in 0..50 {
        logs.stage_append_record(log, b"first").unwrap();
    }
    logs.commit().unwrap();
    for log in 0..50 {
        logs.stage_advance_head(log, logs.info(log).unwrap().tail)
            .unwrap();
    }
    logs.commit().unwrap();

    let before = ALLOCATIONS.get();
    for round in 0..100 {
        for log in 0..50 {
            let position = logs.stage_append(log, &bytes).unwrap();
            logs.stage_append_gathered(log, &parts).unwrap();
            logs.stage_truncate(log, position + 150).unwrap();
            logs.stage_append_record(log, &bytes[..50]).unwrap();
            if log % 10 == round % 10 {
                logs.commit().unwrap();
                logs.read(log, position, &mut buf).unwrap();
                logs.read_in_place(log, position, 100).unwrap();
            }
            let tail = logs.info(log).unwrap().staged_tail;
            logs.stage_advance_head(log, tail).unwrap();
        }
        logs.commit().unwrap();
        assert!(logs.stage_append(0, &[0; 1_001]).is_err());
        logs.stage_append(1, &bytes).unwrap();
        logs.abort();
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert_eq!(buf[..], bytes);
}
