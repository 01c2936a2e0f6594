//! Records that many threads append to one file, each durable when its append returns: by `multilog::Shared`, by a bare
//! loop that commits for all who wait with one write and one sync, and by raft-engine.

use crate::logs;
use crate::measure::{self, all_in_turn, Contender, Effort, Failure, Measurement, Times, What};
use crate::peers;
use multilog::{FileRegion, MultiLog, Shared, RECORD_OVERHEAD};
use std::fs::File;
use std::hint::black_box;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Instant;

const CAPACITY: u64 = 64 << 20;

const SIZES: [usize; 2] = [64, 4 << 10];

const THREADS: [usize; 4] = [1, 2, 8, 64];

/// How many records each thread appends in a sample, so that starting the threads takes little of it.
const EACH: u32 = 200;

const SAMPLES: u32 = 40;

/// A log that threads append to.
pub trait Together: Sync {
    /// Appends bytes, durably when it returns. The threads are numbered from 0 on.
    fn append(&self, thread: usize, bytes: &[u8]) -> io::Result<()>;

    /// Drops what was appended if there is not room for so many bytes more.
    fn make_room(&mut self, needed: u64) -> io::Result<()>;
}

pub fn in_file(files: &Path, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    measure::use_all_processors();
    let mut results = Vec::new();
    for size in SIZES {
        let bytes = vec![0xa5; size];
        let mut alone: Option<Times> = None;
        for count in THREADS {
            let dir = tempfile::tempdir_in(files)?;
            let mut names = vec!["bare group commit, one sync".to_string()];
            let mut contenders = vec![
                together(Ours::create(&dir.path().join("ours"))?, count, &bytes),
                together(Bare::create(&dir.path().join("bare"))?, count, &bytes),
            ];
            match peers::together(dir.path(), CAPACITY, count) {
                Ok(peer) => {
                    names.push(peers::TOGETHER.to_string());
                    contenders.push(together(peer, count, &bytes));
                }
                Err(skipped) => eprintln!("{skipped}"),
            }
            let mut times = all_in_turn(effort.samples(SAMPLES), EACH, contenders)?;
            let theirs = times.split_off(1);
            let ours = times.remove(0);
            let mut versus: Vec<(String, &Times)> = names.into_iter().zip(&theirs).collect();
            if let Some(alone) = &alone {
                versus.push((ALONE.to_string(), alone));
            }
            let what = What {
                bench: "record",
                path: "file",
                bytes: size as u64,
                logs: 1,
                changed: 1,
                threads: count as u64,
            };
            results.extend(what.beside(&ours, versus));
            alone.get_or_insert(ours);
        }
    }
    measure::stay_on_this_processor();
    Ok(results)
}

/// What many threads are compared with.
pub const ALONE: &str = "the same by 1 thread";

/// So many threads, each of which appends; the time is that of all, for each record of one of them.
fn together<'a>(mut log: impl Together + 'a, count: usize, bytes: &'a [u8]) -> Contender<'a> {
    Box::new(move |each| {
        log.make_room(u64::from(each) * count as u64 * (bytes.len() as u64 + RECORD_OVERHEAD))?;
        let log = &log;
        let start = Instant::now();
        thread::scope(|threads| -> io::Result<()> {
            let appending: Vec<_> = (0..count)
                .map(|thread| {
                    threads.spawn(move || {
                        (0..each).try_for_each(|_| log.append(thread, black_box(bytes)))
                    })
                })
                .collect();
            for thread in appending {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))?;
            }
            Ok(())
        })?;
        // Of the threads' records, one takes this long.
        Ok(start.elapsed() / count as u32)
    })
}

/// `multilog::Shared`.
struct Ours(Shared<FileRegion>);

impl Ours {
    fn create(path: &Path) -> Result<Ours, Failure> {
        let logs = MultiLog::create(logs::file(path, &[CAPACITY])?, &[CAPACITY])?;
        Ok(Ours(Shared::new(logs)?))
    }
}

impl Together for Ours {
    fn append(&self, _thread: usize, bytes: &[u8]) -> io::Result<()> {
        let appended = self.0.append_record(0, bytes);
        appended.map(drop).map_err(io::Error::other)
    }

    fn make_room(&mut self, needed: u64) -> io::Result<()> {
        let info = self.0.info(0).ok_or(io::ErrorKind::NotFound)?;
        if info.free < needed {
            let mut group = multilog::shared::Group::new();
            group.advance_head(0, info.tail);
            self.0.commit(group).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// The least that a group commit does: it gathers bytes, writes them, and syncs once. Nothing tells afterwards which of them
/// are there.
struct Bare {
    file: File,
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// Where the next bytes are written.
    at: u64,
    /// The number of the commit that those who wait are in, and of the last one that is done.
    next: u64,
    last: u64,
    led: bool,
}

impl Bare {
    fn create(path: &Path) -> Result<Bare, Failure> {
        let file = File::create_new(path)?;
        file.write_all_at(&vec![0; CAPACITY as usize], 0)?;
        file.sync_all()?;
        let next = 1;
        Ok(Bare {
            file,
            state: Mutex::new(State {
                next,
                ..State::default()
            }),
            done: Condvar::new(),
        })
    }
}

impl Together for Bare {
    fn append(&self, _thread: usize, bytes: &[u8]) -> io::Result<()> {
        let poisoned = || io::Error::other("a thread panicked");
        let mut state = self.state.lock().map_err(|_| poisoned())?;
        state.waiting.extend_from_slice(bytes);
        let mine = state.next;
        while state.last < mine {
            if state.led {
                state = self.done.wait(state).map_err(|_| poisoned())?;
                continue;
            }
            state.led = true;
            let (number, at) = (state.next, state.at);
            let batch = std::mem::take(&mut state.waiting);
            state.next += 1;
            state.at += batch.len() as u64;
            drop(state);
            self.file.write_all_at(&batch, at)?;
            self.file.sync_data()?;
            state = self.state.lock().map_err(|_| poisoned())?;
            state.led = false;
            state.last = number;
            self.done.notify_all();
        }
        Ok(())
    }

    fn make_room(&mut self, needed: u64) -> io::Result<()> {
        let state = self
            .state
            .get_mut()
            .map_err(|_| io::Error::other("a thread panicked"))?;
        if state.at + needed > CAPACITY {
            state.at = 0;
        }
        Ok(())
    }
}
