//! The table.

use crate::measure::Measurement;

pub fn print_table(results: &[Measurement]) {
    println!(
        "{:<7} {:<5} {:>10} {:>6} {:>8} {:>7} {:>9} {:>9} {:>9} {:>6} {:>11}  versus",
        "bench",
        "path",
        "bytes",
        "logs",
        "changed",
        "threads",
        "p50",
        "p99",
        "theirs",
        "ratio",
        "spread",
    );
    for result in results {
        let what = result.what;
        let (low, high) = result.spread;
        println!(
            "{:<7} {:<5} {:>10} {:>6} {:>8} {:>7} {:>9} {:>9} {:>9} {:>6.2} {:>11}  {}",
            what.bench,
            what.path,
            what.bytes,
            what.logs,
            what.changed,
            what.threads,
            human(result.ns),
            human(result.p99_ns),
            human(result.theirs_ns()),
            result.ratio,
            format!("{low:.2}-{high:.2}"),
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
