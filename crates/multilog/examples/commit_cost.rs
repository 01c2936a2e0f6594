//! What an append and its commit ask of a mapped device: `cargo run --release -p multilog --example commit_cost`.
//!
//! With numbers of bytes, of logs and of commits, in this order, it does no more than that many commits of an append of
//! so many bytes to each log, so that `valgrind --tool=callgrind` can count instructions; with `records` behind them, of a
//! record.

use multilog::{
    DaxOptions, DaxRegion, IoError, MemRegion, MultiLog, Refused, Region, Stores, RECORD_OVERHEAD,
};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hint::black_box;
use std::rc::Rc;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The bytes of a cache line.
const LINE: u64 = 64;

/// What was asked of a device.
#[derive(Default)]
struct Counts {
    writes: u64,
    bytes: u64,
    /// The lines that were written since the last flush.
    dirty: BTreeSet<u64>,
    lines: u64,
    fences: u64,
}

/// A region in memory that counts.
struct Counting {
    region: MemRegion,
    counts: Rc<RefCell<Counts>>,
}

impl Region for Counting {
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
        let mut counts = self.counts.borrow_mut();
        counts.writes += 1;
        counts.bytes += bytes.len() as u64;
        let end = addr + bytes.len() as u64;
        counts.dirty.extend(addr / LINE..end.div_ceil(LINE));
        self.region.write(addr, bytes)
    }

    fn flush(&mut self) -> Result<(), IoError> {
        let mut counts = self.counts.borrow_mut();
        counts.fences += 1;
        counts.lines += counts.dirty.len() as u64;
        counts.dirty.clear();
        self.region.flush()
    }
}

/// How many bytes are appended to each of so many logs, and whether they are a record.
#[derive(Clone, Copy)]
struct Appends {
    bytes: u64,
    logs: u64,
    records: bool,
}

fn main() -> Outcome<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let records = arguments.pop_if(|last| last == "records").is_some();
    let numbers: Result<Vec<u64>, _> = arguments.iter().map(|n| n.parse()).collect();
    match numbers?[..] {
        [] if !records => table(),
        [bytes, logs, commits] => {
            let appends = Appends {
                bytes,
                logs,
                records,
            };
            on_mapped_file(appends, commits)
        }
        _ => Err("usage: commit_cost [BYTES LOGS COMMITS [records]]".into()),
    }
}

/// Counts over many commits, so that appends begin at all places of a line. Switches of journals count.
fn table() -> Outcome<()> {
    const COMMITS: u64 = 6_400;
    println!("bytes   logs   writes     bytes   lines  fences   (of a commit, on average)");
    for (bytes, logs, records) in [
        (8, 1, false),
        (12, 1, false),
        (64, 1, false),
        (64, 1, true),
        (100, 1, false),
        (4_096, 1, false),
        (64, 8, false),
        (64, 256, false),
    ] {
        let appends = Appends {
            bytes,
            logs,
            records,
        };
        let counts = Rc::new(RefCell::new(Counts::default()));
        commits(
            appends,
            COMMITS,
            |len| {
                let region = MemRegion::new(len as usize);
                let counts = counts.clone();
                Ok(Counting { region, counts })
            },
            || *counts.borrow_mut() = Counts::default(),
        )?;
        let counts = counts.borrow();
        let mean = |count: u64| count as f64 / COMMITS as f64;
        println!(
            "{bytes:5} {logs:6} {:8.1} {:9.1} {:7.1} {:7.1}   {}",
            mean(counts.writes),
            mean(counts.bytes),
            mean(counts.lines),
            mean(counts.fences),
            if records { "records" } else { "" },
        );
    }
    Ok(())
}

fn on_mapped_file(appends: Appends, count: u64) -> Outcome<()> {
    let dir = tempfile::tempdir()?;
    let options = DaxOptions {
        survive_process_crash_only: true,
        prefault: true,
        stores: Stores::NonTemporal
            .is_available()
            .then_some(Stores::NonTemporal),
        ..DaxOptions::default()
    };
    let create = |len| Ok(DaxRegion::create(&dir.path().join("logs"), len, &options)?);
    commits(appends, count, create, || ())
}

/// Commits, after a first one, which takes room in memory, and `begin`.
fn commits<R: Region>(
    appends: Appends,
    count: u64,
    create: impl FnOnce(u64) -> Outcome<R>,
    begin: impl FnOnce(),
) -> Outcome<()> {
    // Room for all, so that nothing but appends is committed.
    let capacities = vec![(appends.bytes + RECORD_OVERHEAD) * (count + 1); appends.logs as usize];
    let len = multilog::required_len(&capacities).ok_or("no region has room for that")?;
    let mut logs = MultiLog::create(create(len)?, &capacities).map_err(Refused::into_error)?;
    let payload = vec![0xa5; appends.bytes as usize];
    let mut commit = || -> Outcome<()> {
        for log in 0..logs.log_count() {
            match appends.records {
                true => logs.stage_append_record(log, black_box(&payload))?,
                false => logs.stage_append(log, black_box(&payload))?,
            };
        }
        Ok(logs.commit()?)
    };
    commit()?;
    begin();
    (0..count).try_for_each(|_| commit())
}
