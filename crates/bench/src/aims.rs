//! What the measurements are to reach, and whether they do.

use crate::measure::{Measurement, What};
use crate::record::PLAIN;
use crate::report::human;
use crate::threads::ALONE;

/// Prints a line for each aim, and returns how many were missed.
pub fn print(results: &[Measurement], heap: f64) {
    println!();
    for result in results {
        let Some(most) = most(result) else { continue };
        let (measured, at_most, reached) = match most {
            Most::Ratio(most) => (
                format!("{:.2}", result.ratio),
                format!("{most:.2}"),
                result.ratio <= most,
            ),
            Most::Above(most) => {
                let above = result.ns - result.theirs_ns();
                (
                    format!("+{}", human(above)),
                    format!("+{}", human(most)),
                    above <= most,
                )
            }
        };
        let What {
            bench,
            path,
            bytes,
            logs,
            changed,
            threads,
        } = result.what;
        let mut what = format!("{bench} {path}, {bytes} bytes, {changed} of {logs} logs");
        if bench == "record" {
            what += &format!(", threads: {threads}");
        }
        print_aim(
            reached,
            &format!("{what} / {}", result.versus),
            &measured,
            &at_most,
        );
    }
    let heap_line = format!("{heap:.0} bytes");
    print_aim(
        heap <= 128.0,
        "heap per log, 65536 open logs",
        &heap_line,
        "128 bytes",
    );
}

fn print_aim(reached: bool, what: &str, measured: &str, most: &str) {
    let verdict = if reached { "reached" } else { "MISSED" };
    println!("{verdict:<8} {what}: {measured} (at most {most})");
}

/// The most that is aimed at.
enum Most {
    /// Times the other's.
    Ratio(f64),
    /// Nanoseconds above the other's.
    Above(f64),
}

fn most(result: &Measurement) -> Option<Most> {
    let What {
        bench,
        path,
        bytes,
        logs,
        changed,
        ..
    } = result.what;
    let ratio = |most| Some(Most::Ratio(most));
    match (bench, path, result.versus.as_str()) {
        ("append" | "commit", "dax", "two-fence floor") => ratio(match bytes {
            0..=64 => 1.30,
            65..=0xffff => 1.20,
            _ => 1.05,
        }),
        ("append", "dax", "libpmemlog") => ratio(if bytes <= 4096 { 0.80 } else { 1.00 }),
        ("commit", "dax", "the same with 1 log") if logs == 4_096 => ratio(1.15),
        ("commit", "dax", "two-fence floor of as many lines") if logs == 256 && changed == 256 => {
            ratio(1.50)
        }
        ("append", "file", "two-sync floor") => ratio(1.10),
        ("read", "dax", "plain loads") if bytes == 64 => Some(Most::Above(10.0)),
        ("record", "dax", PLAIN) if bytes == 64 => Some(Most::Above(60.0)),
        ("record", "file", ALONE) if result.what.threads == 64 => ratio(1.0 / 20.0),
        ("record", "file", "raft-engine") => ratio(2.0),
        ("open", "dax", "the same with 1 MiB") => ratio(1.10),
        ("append", "mem", "plain copy") if bytes == 64 => Some(Most::Above(150.0)),
        _ => None,
    }
}
