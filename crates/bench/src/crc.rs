//! The verified CRC of a few words, against the `crc` crate's of the same bytes, already laid out.

use crate::measure::{in_turn, time, Effort, Failure, Measurement, What};
use crc::{Crc, Table, CRC_64_XZ};
use pmem::crc::words::crc64_words;
use std::hint::black_box;

/// The fastest of the crate's forms on the 48 bytes that a codeword's CRC covers.
static CRATE: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

const SAMPLES: u32 = 4_000;
const BATCH: u32 = 128;

pub fn of_words(effort: Effort) -> Result<Vec<Measurement>, Failure> {
    let samples = effort.samples(SAMPLES);
    let mut results = of_length::<3>(samples)?;
    results.extend(of_length::<6>(samples)?);
    results.extend(of_length::<8>(samples)?);
    Ok(results)
}

fn of_length<const WORDS: usize>(samples: usize) -> Result<Vec<Measurement>, Failure> {
    let words: [u64; WORDS] = std::array::from_fn(|i| 0x9e37_79b9_7f4a_7c15 << i);
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let [ours, theirs] = in_turn(
        samples,
        BATCH,
        [
            Box::new(|batch| {
                time(batch, || -> Result<(), Failure> {
                    black_box(crc64_words(black_box(&words)));
                    Ok(())
                })
            }),
            Box::new(|batch| {
                time(batch, || -> Result<(), Failure> {
                    black_box(CRATE.checksum(black_box(&bytes)));
                    Ok(())
                })
            }),
        ],
    )?;
    let what = What {
        bench: "crc",
        path: "mem",
        bytes: bytes.len() as u64,
        logs: 0,
        changed: 0,
        threads: 1,
    };
    Ok(what.beside(&ours, [("the crc crate".to_string(), &theirs)]))
}
