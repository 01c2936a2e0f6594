//! Ends this process when something does not return, and says what it was.
//!
//! Of a panic a violation can be made; of a hang only this.

use crate::totals::tell;
use std::process;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// Thousands of times as long as anything takes that is watched.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a thread is doing.
struct Doing {
    /// None: nothing that is watched.
    since: Option<Instant>,
    what: String,
    image: Vec<u8>,
}

/// Watches threads.
pub struct Watchdog {
    threads: Mutex<Vec<Arc<Mutex<Doing>>>>,
}

static WATCHDOG: LazyLock<Watchdog> = LazyLock::new(|| {
    thread::spawn(|| loop {
        thread::sleep(Duration::from_secs(1));
        if let Some(hang) = WATCHDOG.hang(PATIENCE) {
            tell(format_args!("VIOLATION: {hang}"));
            process::abort();
        }
    });
    Watchdog::new()
});

thread_local! {
    static DOING: Arc<Mutex<Doing>> = WATCHDOG.enter();
}

/// Does what is watched; `what` and `image` are what is said if it does not return.
pub fn watched<T>(what: &str, image: &[u8], does: impl FnOnce() -> T) -> T {
    DOING.with(|doing| {
        begin(doing, what, image);
        let done = does();
        lock(doing).since = None;
        done
    })
}

fn begin(doing: &Mutex<Doing>, what: &str, image: &[u8]) {
    let mut doing = lock(doing);
    doing.since = Some(Instant::now());
    // In place: it is done millions of times.
    doing.what.clear();
    doing.what.push_str(what);
    doing.image.clear();
    doing.image.extend_from_slice(image);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Watchdog {
    fn new() -> Watchdog {
        let threads = Mutex::default();
        Watchdog { threads }
    }

    /// Has one more thread to watch.
    fn enter(&self) -> Arc<Mutex<Doing>> {
        let doing = Arc::new(Mutex::new(Doing {
            since: None,
            what: String::new(),
            image: Vec::new(),
        }));
        lock(&self.threads).push(Arc::clone(&doing));
        doing
    }

    /// What has not returned for so long.
    fn hang(&self, patience: Duration) -> Option<String> {
        lock(&self.threads).iter().find_map(|doing| {
            let doing = lock(doing);
            let taken = doing.since?.elapsed();
            (taken > patience).then(|| {
                let hex: String = doing
                    .image
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                format!(
                    "{} has not returned for {taken:.0?}: image {hex}",
                    doing.what
                )
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_is_named_and_what_has_returned_is_not() {
        let watchdog = Watchdog::new();
        let doing = watchdog.enter();
        assert_eq!(watchdog.hang(Duration::ZERO), None);
        begin(&doing, "opening a base", &[0x2a, 7]);
        assert_eq!(watchdog.hang(PATIENCE), None);
        thread::sleep(Duration::from_millis(2));
        let hang = watchdog.hang(Duration::from_millis(1)).unwrap();
        assert!(
            hang.starts_with("opening a base has not returned for "),
            "{hang}"
        );
        assert!(hang.ends_with(": image 2a07"), "{hang}");
        lock(&doing).since = None;
        assert_eq!(watchdog.hang(Duration::ZERO), None);
    }
}
