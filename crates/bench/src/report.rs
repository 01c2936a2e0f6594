//! The table.

use crate::measure::Measurement;

pub fn print_table(results: &[Measurement]) {
    println!(
        "{:<7} {:<5} {:>6} {:>6} {:>8} {:>9} {:>9} {:>9}  {:>7}  versus",
        "bench", "path", "bytes", "logs", "changed", "p50", "p99", "theirs", "ratio",
    );
    for result in results {
        println!(
            "{:<7} {:<5} {:>6} {:>6} {:>8} {:>9} {:>9} {:>9}  {:>7.2}  {}",
            result.bench,
            result.path,
            result.bytes,
            result.logs,
            result.changed,
            human(result.ns),
            human(result.p99_ns),
            human(result.floor_ns()),
            result.ratio,
            result.versus,
        );
    }
}

/// A time with its unit.
pub fn human(ns: f64) -> String {
    if ns < 1e4 {
        format!("{ns:.1} ns")
    } else if ns < 1e7 {
        format!("{:.1} us", ns / 1e3)
    } else {
        format!("{:.1} ms", ns / 1e6)
    }
}
