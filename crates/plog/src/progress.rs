//! A bar on standard error, if that is a terminal, as soon as it is worth one.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// What takes less long needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far something is, in bytes.
pub struct Progress {
    len: u64,
    message: &'static str,
    /// What is said when all bytes are done.
    last_message: &'static str,
    start: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub fn new(len: u64, message: &'static str, last_message: &'static str) -> Progress {
        Progress {
            len,
            message,
            last_message,
            start: Instant::now(),
            bar: None,
        }
    }

    pub fn at(&mut self, done: u64) {
        if self.bar.is_none() && self.start.elapsed() < PATIENCE {
            return;
        }
        let (len, message) = (self.len, self.message);
        let bar = self.bar.get_or_insert_with(|| new_bar(len, message));
        bar.set_position(done);
        if done == len {
            bar.set_message(self.last_message);
        }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn new_bar(len: u64, message: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(len).with_message(message);
    if let Ok(style) =
        ProgressStyle::with_template("{wide_bar} {binary_bytes} of {binary_total_bytes}, {msg}")
    {
        bar.set_style(style);
    }
    // Drawn by a thread, it shows the last state while the disk catches up.
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
