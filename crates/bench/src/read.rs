//! Reads of 64 bytes and more at positions all over a log: copied into a buffer, and borrowed where they are mapped.

use crate::logs::{self, Dax};
use crate::measure::{in_turn, time, Contender, Effort, Failure, Measurement, Times, What};
use multilog::{Refused, Region};
use pmemlog::PmemLog;
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Fits into a processor's cache: what is measured is the way to the bytes.
const LEN: usize = 256 << 10;
const SIZES: [usize; 3] = [64, 4 << 10, 64 << 10];
const BATCH: u32 = 256;
const SAMPLES: u32 = 1_000;

pub fn all(dax: Dax<'_>, file_dir: &Path, effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let capacities = [LEN as u64];
    let mut results = Vec::new();
    for size in SIZES {
        results.extend(mapped("mem", logs::memory(&capacities)?, size, effort)?);
        let dir = tempfile::tempdir_in(dax.dir)?;
        let region = dax.create(&dir.path().join("log"), &capacities)?;
        results.extend(mapped("dax", region, size, effort)?);
        results.push(in_file(file_dir, size, effort)?);
    }
    Ok(results)
}

fn mapped<R: Region>(
    path: &'static str,
    region: R,
    size: usize,
    effort: Effort,
) -> Result<Vec<Measurement>, Failure> {
    let log = full(region)?;
    let plain = contents();
    let [copied, borrowed, copies, loads] = in_turn(
        effort.samples(SAMPLES),
        BATCH,
        [
            copy_from_log(&log, size),
            borrow_from_log(&log, size),
            copy_from(&plain, size),
            load_from(&plain, size),
        ],
    )?;
    let beside = |ours: &Times, versus: &str, theirs| {
        what(path, size).beside(ours, [(versus.to_string(), theirs)])
    };
    let mut results = beside(&copied, "plain copy", &copies);
    results.extend(beside(&borrowed, "plain loads", &loads));
    Ok(results)
}

fn in_file(dir: &Path, size: usize, effort: Effort) -> Result<Measurement, Failure> {
    let dir = tempfile::tempdir_in(dir)?;
    let log = full(logs::file(&dir.path().join("log"), &[LEN as u64])?)?;
    let plain = dir.path().join("plain");
    std::fs::write(&plain, contents())?;
    let plain = File::open(plain)?;
    let mut positions = positions(size);
    let mut buf = vec![0; size];
    let [ours, preads] = in_turn(
        effort.samples(SAMPLES),
        BATCH,
        [
            copy_from_log(&log, size),
            Box::new(move |batch| {
                time(batch, || {
                    let read = plain.read_exact_at(&mut buf, positions.step() as u64);
                    black_box(&buf);
                    read
                })
            }),
        ],
    )?;
    let mut rows = what("file", size).beside(&ours, [("pread".to_string(), &preads)]);
    rows.pop().ok_or_else(|| "nothing was measured".into())
}

fn what(path: &'static str, size: usize) -> What {
    What {
        bench: "read",
        path,
        bytes: size as u64,
        logs: 1,
        changed: 0,
        threads: 1,
    }
}

fn contents() -> Vec<u8> {
    (0..LEN).map(|at| (at / 8) as u8).collect()
}

/// A log that holds `contents`.
fn full<R: Region>(region: R) -> Result<PmemLog<R>, Failure> {
    let mut log = PmemLog::create(region, Some(LEN as u64)).map_err(Refused::into_error)?;
    log.append(&contents())?;
    Ok(log)
}

/// Positions all over the log, each a multiple of 64, in an order that is no pattern to a processor.
struct Positions {
    at: usize,
    count: usize,
}

fn positions(size: usize) -> Positions {
    let count = (LEN - size) / 64 + 1;
    Positions { at: 0, count }
}

impl Positions {
    #[inline]
    fn step(&mut self) -> usize {
        // Odd, so that all positions are met.
        self.at = (self.at + 1_237) % self.count;
        self.at * 64
    }
}

fn copy_from_log<R: Region>(log: &PmemLog<R>, size: usize) -> Contender<'_> {
    let mut positions = positions(size);
    let mut buf = vec![0; size];
    Box::new(move |batch| {
        time(batch, || {
            let read = log.read(positions.step() as u64, &mut buf);
            black_box(&buf);
            read
        })
    })
}

fn borrow_from_log<R: Region>(log: &PmemLog<R>, size: usize) -> Contender<'_> {
    let mut positions = positions(size);
    Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            let (first, second) = log.read_in_place(positions.step() as u64, size as u64)?;
            black_box(sum(first).wrapping_add(sum(second)));
            Ok(())
        })
    })
}

fn copy_from(bytes: &[u8], size: usize) -> Contender<'_> {
    let mut positions = positions(size);
    let mut buf = vec![0; size];
    Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            let at = positions.step();
            buf.copy_from_slice(&bytes[at..at + size]);
            black_box(&buf);
            Ok(())
        })
    })
}

fn load_from(bytes: &[u8], size: usize) -> Contender<'_> {
    let mut positions = positions(size);
    Box::new(move |batch| {
        time(batch, || -> Result<(), Failure> {
            let at = positions.step();
            black_box(sum(&bytes[at..at + size]));
            Ok(())
        })
    })
}

/// The sum of the words.
#[inline]
fn sum(bytes: &[u8]) -> u64 {
    let words = bytes.chunks_exact(8);
    words.fold(0, |sum: u64, word| {
        let word: [u8; 8] = word.try_into().unwrap_or_default();
        sum.wrapping_add(u64::from_le_bytes(word))
    })
}
