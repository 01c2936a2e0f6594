//! What a record costs beside a plain append, in memory: `cargo run --release -p multilog --example record_cost`.

use multilog::{MemRegion, MultiLog, RECORD_OVERHEAD};
use std::hint::black_box;
use std::time::Instant;

const CAPACITY: u64 = 1 << 20;
const ROUNDS: usize = 41;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("median nanoseconds of an append and its commit, in memory");
    println!("payload    plain   record    get");
    for len in [8, 64, 256, 1024, 4096] {
        let payload = vec![0x5a; len];
        let plain = measure(len as u64, |logs| {
            Ok(logs.stage_append(0, black_box(&payload))?)
        })?;
        let record = measure(len as u64 + RECORD_OVERHEAD, |logs| {
            Ok(logs.stage_append_record(0, black_box(&payload))?)
        })?;
        let get = measure_get(&payload)?;
        println!("{len:7} {plain:8.1} {record:8.1} {get:6.1}");
    }
    Ok(())
}

type Logs = MultiLog<MemRegion>;
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn create() -> Outcome<Logs> {
    let len = multilog::required_len(&[CAPACITY]).unwrap_or(0);
    Ok(MultiLog::create(MemRegion::new(len as usize), &[CAPACITY])?)
}

/// The median over rounds of the mean time of an append of `len` bytes in all, committed.
fn measure(len: u64, append: impl Fn(&mut Logs) -> Outcome<u64>) -> Outcome<f64> {
    let mut logs = create()?;
    let batch = CAPACITY / len;
    let mut means = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..batch {
            append(&mut logs)?;
            logs.commit()?;
        }
        means.push(start.elapsed().as_nanos() as f64 / batch as f64);
        logs.stage_advance_head(0, logs.info(0).map_or(0, |info| info.tail))?;
        logs.commit()?;
    }
    Ok(median(means))
}

/// The same for reading a record.
fn measure_get(payload: &[u8]) -> Outcome<f64> {
    let mut logs = create()?;
    let batch = CAPACITY / (payload.len() as u64 + RECORD_OVERHEAD);
    for _ in 0..batch {
        logs.stage_append_record(0, payload)?;
    }
    logs.commit()?;
    let mut means = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for record in logs.records(0) {
            black_box(record?.payload());
        }
        means.push(start.elapsed().as_nanos() as f64 / batch as f64);
    }
    Ok(median(means))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
