//! Records that many threads append to one file, each durable when its append returns: by `multilog::Shared`, by a bare
//! loop that commits for all who wait with one write and one sync, and by raft-engine.

use crate::logs;
use crate::measure::{means_in_turn, Contender, Effort, Failure, Measurement, Times, What};
use crate::peers;
use crate::processors;
use crate::report;
use multilog::{FileRegion, MultiLog, Shared, RECORD_OVERHEAD};
use std::cell::RefCell;
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

/// The threads run on all processors that there are.
pub fn in_file(files: &Path, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    processors::on_all(|| {
        let mut results = Vec::new();
        for size in SIZES {
            let mut alone = None;
            for count in THREADS {
                let (rows, ours) = by_threads(files, effort, size, count, alone.as_ref())?;
                results.extend(rows);
                alone.get_or_insert(ours);
            }
        }
        Ok(results)
    })
}

/// What so many threads took, beside the others, and beside one thread where that was measured.
fn by_threads(
    files: &Path,
    effort: Effort,
    size: usize,
    count: usize,
    alone: Option<&Times>,
) -> Result<(Vec<Measurement>, Times), Failure> {
    let bytes = vec![0xa5; size];
    let dir = tempfile::tempdir_in(files)?;
    let path = |name| dir.path().join(name);
    let singles: [Singles; 3] = Default::default();
    let [of_ours, of_bare, of_peer] = &singles;
    let mut names = vec![BARE.to_string()];
    let mut contenders = vec![
        together(Ours::create(&path("ours"))?, count, &bytes, of_ours),
        together(Bare::create(&path("bare"))?, count, &bytes, of_bare),
    ];
    // One thread does not share, and is measured without that.
    if count > 1 {
        match peers::together(dir.path(), CAPACITY, count) {
            Ok(peer) => {
                names.push(peers::TOGETHER.to_string());
                contenders.push(together(peer, count, &bytes, of_peer));
            }
            Err(skipped) if cfg!(feature = "peers") => report::say(&skipped.to_string()),
            // That it was not built in was said where the classes are.
            Err(_) => {}
        }
    }
    let mut times = means_in_turn(effort.samples(SAMPLES), EACH, &mut contenders)?;
    let theirs = times.split_off(1);
    let ours = times.remove(0).with_singles(of_ours.take());
    let mut versus: Vec<(String, &Times)> = names.into_iter().zip(&theirs).collect();
    if let Some(alone) = alone {
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
    Ok((what.beside(&ours, versus), ours))
}

/// What any number of threads is compared with: a loop that writes and syncs once for all that wait.
pub const BARE: &str = "bare group commit, one sync";

/// What many threads are compared with.
pub const ALONE: &str = "the same by 1 thread";

/// What single appends took from call to return, in nanoseconds.
type Singles = RefCell<Vec<f64>>;

/// So many threads, each of which appends; the time is that of all, for each record of one of them.
fn together<'a>(
    mut log: impl Together + 'a,
    count: usize,
    bytes: &'a [u8],
    singles: &'a Singles,
) -> Contender<'a> {
    Box::new(move |each| {
        log.make_room(u64::from(each) * count as u64 * (bytes.len() as u64 + RECORD_OVERHEAD))?;
        let log = &log;
        let start = Instant::now();
        let appended = thread::scope(|threads| {
            let started: Vec<_> = (0..count)
                .map(|thread| threads.spawn(move || append_each(log, thread, each, bytes)))
                .collect();
            let joined = started.into_iter().map(|thread| thread.join());
            joined.collect::<Vec<_>>()
        });
        // Of the threads' records, one takes this long.
        let mean = start.elapsed() / count as u32;
        for of_thread in appended {
            let of_thread =
                of_thread.unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))?;
            singles.borrow_mut().extend(of_thread);
        }
        Ok(mean)
    })
}

/// Appends by one of the threads, and returns what each took.
fn append_each(
    log: &impl Together,
    thread: usize,
    each: u32,
    bytes: &[u8],
) -> io::Result<Vec<f64>> {
    let append = |_| {
        let start = Instant::now();
        log.append(thread, black_box(bytes))?;
        Ok(start.elapsed().as_nanos() as f64)
    };
    (0..each).map(append).collect()
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
