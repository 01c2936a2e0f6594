//! `cargo +nightly fuzz run open`: opens any bytes, and regions with any damage.

#![no_main]

use crashtest::corruption::fuzz;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(what) = fuzz::open(data) {
        panic!("{what}");
    }
});
