//! A process whose threads share logs, each appending records as fast as it can.
//!
//! Record n of thread t is `t n` and some filling; every eighth goes to both logs, as one group. When it is durable, the
//! thread prints `t n`.

use super::device::DeviceKind;
use super::{from_file, say};
use multilog::shared::{Group, Shareable};
use multilog::{MultiLog, Shared};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// The first argument of such a process.
pub(super) const SHARER: &str = "sharer";

pub const THREADS: u64 = 4;

/// More than a process appends in its short life.
const CAPACITIES: [u64; 2] = [1 << 20, 1 << 20];

/// What it is to do.
#[derive(Debug, Clone)]
pub struct Sharing {
    pub device: DeviceKind,
    /// Where it creates its file.
    pub path: PathBuf,
}

impl Sharing {
    /// The process, to be started. `executable` is this program.
    pub fn command(&self, executable: &Path) -> Command {
        let words: [OsString; 3] = [
            SHARER.into(),
            self.device.to_string().into(),
            self.path.clone().into(),
        ];
        let mut command = Command::new(executable);
        command.args(words);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    pub(super) fn parse(words: &[String]) -> Option<Sharing> {
        let [device, path] = words else {
            return None;
        };
        Some(Sharing {
            device: device.parse().ok()?,
            path: path.into(),
        })
    }
}

/// The logs that a record goes to.
pub fn logs_of(thread: u64, number: u64) -> std::ops::Range<u64> {
    match number % 8 {
        0 => 0..2,
        _ => thread % 2..thread % 2 + 1,
    }
}

pub fn payload(thread: u64, number: u64) -> Vec<u8> {
    let filling = "x".repeat((thread * 5 + number * 3) as usize % 50);
    format!("{thread} {number} {filling}").into_bytes()
}

/// Works until it is killed.
pub(super) fn work(task: &Sharing) -> Result<(), String> {
    let len = multilog::required_len(&CAPACITIES).ok_or("wrong: the logs are too large")?;
    let region = task
        .device
        .create(&task.path, len, true)
        .map_err(from_file)?;
    let logs = MultiLog::create(region, &CAPACITIES).map_err(|e| format!("failed: {e}"))?;
    let logs = Shared::new(logs).map_err(from_file)?;
    say("created");
    thread::scope(|threads| {
        let appending: Vec<_> = (0..THREADS)
            .map(|thread| {
                let logs = logs.clone();
                threads.spawn(move || append(&logs, thread))
            })
            .collect();
        for thread in appending {
            thread.join().map_err(|_| "wrong: a thread panicked")??;
        }
        Ok(())
    })
}

fn append<R: Shareable>(logs: &Shared<R>, thread: u64) -> Result<(), String> {
    for number in 0.. {
        let payload = payload(thread, number);
        let mut group = Group::new();
        for log in logs_of(thread, number) {
            group.append_record(log, &payload);
        }
        let positions = logs.commit(group).map_err(|e| format!("failed: {e}"))?;
        let first = logs_of(thread, number).start;
        let read = logs.get_record(first, positions[0]);
        if read.map(|record| record.payload) != Ok(payload) {
            return Err("wrong: it cannot be read".to_string());
        }
        say(&format!("{thread} {number}"));
    }
    Ok(())
}
