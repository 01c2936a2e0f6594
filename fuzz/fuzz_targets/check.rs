//! `cargo +nightly fuzz run check`: checks open logs while their medium is damaged.

#![no_main]

use crashtest::corruption::fuzz;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(what) = fuzz::check(data) {
        panic!("{what}");
    }
});
