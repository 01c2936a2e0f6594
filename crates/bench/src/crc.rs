//! The verified CRCs, of a few words and of bytes, against crates that compute the same.

use crate::measure::{in_turn, time, Effort, Failure, Measurement, What};
use crc::{Crc, Table, CRC_64_XZ};
use crc_fast::CrcAlgorithm::Crc64Xz;
use pmem::crc::{extend::extend_crc64, words::crc64_words};
use std::hint::black_box;

/// The fastest of the crate's forms on the 48 bytes that a codeword's CRC covers.
static CRATE: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

/// Those of records' payloads.
const SIZES: [usize; 4] = [8, 64, 1_001, 4 << 10];

const SAMPLES: u32 = 4_000;
const BATCH: u32 = 128;

pub fn of_words(effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let samples = effort.samples(SAMPLES);
    let mut results = of_length::<3>(samples)?;
    results.extend(of_length::<6>(samples)?);
    Ok(results)
}

fn of_length<const WORDS: usize>(samples: usize) -> Result<Vec<Measurement>, Failure> {
    let words: [u64; WORDS] = std::array::from_fn(|i| 0x9e37_79b9_7f4a_7c15 << i);
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    beside(
        samples,
        bytes.len(),
        || crc64_words(black_box(&words)),
        "the crc crate",
        || CRATE.checksum(black_box(&bytes)),
    )
}

pub fn of_bytes(effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let mut results = Vec::new();
    for size in SIZES {
        let bytes = vec![0xa5; size];
        results.extend(beside(
            effort.samples(SAMPLES),
            size,
            || extend_crc64(0, black_box(&bytes)),
            "the crc-fast crate",
            || crc_fast::checksum(Crc64Xz, black_box(&bytes)),
        )?);
    }
    Ok(results)
}

fn beside(
    samples: usize,
    bytes: usize,
    ours: impl Fn() -> u64,
    name: &str,
    theirs: impl Fn() -> u64,
) -> Result<Vec<Measurement>, Failure> {
    if ours() != theirs() {
        return Err(format!("{name} has another CRC of {bytes} bytes").into());
    }
    let repeat = |crc: &dyn Fn() -> u64, batch| {
        time(batch, || -> Result<(), Failure> {
            black_box(crc());
            Ok(())
        })
    };
    let [ours, theirs] = in_turn(
        samples,
        BATCH,
        [
            Box::new(|batch| repeat(&ours, batch)),
            Box::new(|batch| repeat(&theirs, batch)),
        ],
    )?;
    let what = What {
        bench: "crc",
        path: "mem",
        bytes: bytes as u64,
        logs: 0,
        changed: 0,
        threads: 1,
    };
    Ok(what.beside(&ours, [(name.to_string(), &theirs)]))
}
