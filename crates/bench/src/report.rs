//! The table, and what is said beside it.

use crate::measure::Measurement;
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// What the columns mean, also for those of the JSON.
pub const COLUMNS: &str = "\
bench: append is pmemlog's, durable when it returns; commit is multilog's staging and commit; record is the same with
checksums; open and check are of a region. Durability and checksums are said above the table, or on standard error.
bytes: of one append, record or read; of the region, where it is opened or checked.
changed: the appends that one commit makes durable, each to another log, or all to the one log that there is.
p50: the median of samples. A sample is the mean of a batch of operations where one takes about as long as the clock;
of many threads, the time that all took over the number of their records.
p99: what one operation in a hundred exceeds, timed one by one in a pass of its own, less what the clock takes; of few
operations the longest. Of many threads, from call to return. p99.9: what one in a thousand exceeds.
theirs, ratio: their median, and ours over it. spread: the ratio's quartiles, sample by sample.
versus: a floor, which is what the same bytes take without a log, or another log. On dax the one-fence floor stores the
bytes and a record, one line of 64 bytes where one log changes, and fences. In a file the one-sync floor writes as much
at one place, and syncs. Switches of journals are in all figures of ours;
latency says besides how long they take.
";

/// The table of all measurements.
pub fn table(results: &[Measurement]) -> String {
    let mut table = row([
        "bench", "path", "bytes", "logs", "changed", "threads", "p50", "p99", "p99.9", "theirs",
        "ratio", "spread", "versus",
    ]
    .map(String::from));
    for result in results {
        let what = result.what;
        let (low, high) = result.spread;
        table += &row([
            what.bench.to_string(),
            what.path.to_string(),
            what.bytes.to_string(),
            what.logs.to_string(),
            what.changed.to_string(),
            what.threads.to_string(),
            human(result.ns),
            human(result.p99_ns),
            human(result.p999_ns),
            human(result.theirs_ns()),
            format!("{:.2}", result.ratio),
            format!("{low:.2}-{high:.2}"),
            result.versus.clone(),
        ]);
    }
    table
}

fn row(columns: [String; 13]) -> String {
    let mut row = String::new();
    let widths: [i32; 13] = [-7, -5, 10, 6, 8, 7, 9, 9, 9, 9, 6, 11, 0];
    for (column, width) in columns.iter().zip(widths) {
        let to = width.unsigned_abs() as usize;
        // Writing to a string does not fail.
        let _ = match width {
            0 => write!(row, " {column}"),
            ..0 => write!(row, "{column:<to$} "),
            _ => write!(row, "{column:>to$} "),
        };
    }
    row + "\n"
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

/// Prints a line on standard error; nobody is left to hear it if that is closed.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
