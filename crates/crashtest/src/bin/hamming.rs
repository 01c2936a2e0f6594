//! `cargo run --release -p crashtest --bin hamming`: searches the patterns of wrong bits of a codeword that are claimed to
//! be detected for one that is not.

use crashtest::corruption::hamming::{missed_7, missed_burst, missed_up_to_twice, syndromes, BITS};
use crashtest::corruption::oracle::crc::crc64;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let syndromes = syndromes(crc64);
    let report = |what: &str, search: &dyn Fn() -> Option<String>| {
        let start = Instant::now();
        let missed = search();
        let found = missed.as_deref().unwrap_or("none is missed");
        println!("{what}: {found} ({:.1} s)", start.elapsed().as_secs_f64());
        missed.is_none()
    };
    println!("CRC-64/XZ, codewords of {BITS} bits, all patterns of wrong bits:");
    let six = report("1 to 6 bits", &|| {
        missed_up_to_twice(3, &syndromes).map(|bits| format!("{bits:?} are missed"))
    });
    let seven = report("7 bits", &|| {
        missed_7(&syndromes).map(|bits| format!("{bits:?} are missed"))
    });
    let bursts = report("within 64 in a row", &|| {
        missed_burst(&syndromes).map(|bit| format!("some from {bit} on are missed"))
    });
    match six && seven && bursts {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
