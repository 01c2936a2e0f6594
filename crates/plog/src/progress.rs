//! A bar on standard error, if that is a terminal, as soon as it is worth one.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{channel, RecvTimeoutError, Sender};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// What takes less long needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far something is, in bytes.
pub struct Progress {
    len: u64,
    /// What is said when all bytes are done.
    last_message: &'static str,
    bar: ProgressBar,
    /// Shows the bar, however long a single step takes.
    patient: Option<Patient>,
}

/// A thread that waits, and what ends it.
struct Patient {
    end: Sender<()>,
    thread: JoinHandle<()>,
}

impl Progress {
    pub fn new(len: u64, message: &'static str, last_message: &'static str) -> Progress {
        Progress::on(ProgressDrawTarget::stderr(), len, message, last_message)
    }

    fn on(
        terminal: ProgressDrawTarget,
        len: u64,
        message: &'static str,
        last_message: &'static str,
    ) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(len), ProgressDrawTarget::hidden())
            .with_message(message);
        if let Ok(style) =
            ProgressStyle::with_template("{wide_bar} {binary_bytes} of {binary_total_bytes}, {msg}")
        {
            bar.set_style(style);
        }
        Progress {
            len,
            last_message,
            patient: show_in_time(bar.clone(), terminal),
            bar,
        }
    }

    pub fn at(&mut self, done: u64) {
        self.bar.set_position(done);
        if done == self.len {
            self.bar.set_message(self.last_message);
        }
    }

    pub fn finish(&mut self) {
        if let Some(Patient { end, thread }) = self.patient.take() {
            drop(end);
            // It cannot have panicked, and it would be no reason to fail.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

/// None if there can be no thread: then there is no bar either.
fn show_in_time(bar: ProgressBar, terminal: ProgressDrawTarget) -> Option<Patient> {
    let (end, ended) = channel();
    let wait = move || {
        if let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(PATIENCE) {
            bar.set_draw_target(terminal);
            // Drawn by a thread, it shows the last state while the disk catches up.
            bar.enable_steady_tick(Duration::from_millis(100));
        }
    };
    let thread = Builder::new().spawn(wait).ok()?;
    Some(Patient { end, thread })
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::TermLike;
    use std::io;
    use std::sync::{Arc, Mutex};
    use std::thread::sleep;
    use std::time::Instant;

    /// A terminal that keeps all that was written to it.
    #[derive(Debug, Clone, Default)]
    struct Terminal(Arc<Mutex<String>>);

    impl Terminal {
        fn shown(&self) -> String {
            self.0.lock().unwrap().clone()
        }
    }

    impl TermLike for Terminal {
        fn width(&self) -> u16 {
            80
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn it_is_shown_however_long_a_step_takes() {
        let (terminal, start) = (Terminal::default(), Instant::now());
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let mut progress = Progress::on(target, 100, "reading", "waiting");
        while !terminal.shown().contains("0 B of 100 B, reading") {
            assert!(start.elapsed() < Duration::from_secs(60));
            sleep(Duration::from_millis(10));
        }
        assert!(start.elapsed() >= Duration::from_secs(1));
        progress.at(100);
        while !terminal.shown().contains("100 B of 100 B, waiting") {
            assert!(start.elapsed() < Duration::from_secs(60));
            sleep(Duration::from_millis(10));
        }
        progress.finish();
        let shown = terminal.shown();
        sleep(Duration::from_millis(300));
        assert_eq!(terminal.shown(), shown);
    }
}
