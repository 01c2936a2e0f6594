//! The heap that open logs take, counted by the allocator.

use crate::logs;
use crate::measure::Failure;
use multilog::{MultiLog, MAX_LOGS};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The bytes that are allocated and not freed.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counting.
struct Counting;

// SAFETY: every call is passed on to the system's allocator as it is; a counter beside it changes nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Relaxed);
        System.alloc(layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Relaxed);
        System.alloc_zeroed(layout)
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        System.dealloc(at, layout);
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What each of 65,536 open logs in memory takes, without the region itself.
pub fn bytes_per_log() -> Result<f64, Failure> {
    let capacities = vec![1; MAX_LOGS as usize];
    let logs = MultiLog::create(logs::memory(&capacities)?, &capacities)?;
    let region = logs.into_region();
    let before = LIVE.load(Relaxed);
    let logs = MultiLog::open(region)?;
    let taken = LIVE.load(Relaxed) - before;
    Ok(taken as f64 / logs.log_count() as f64)
}
