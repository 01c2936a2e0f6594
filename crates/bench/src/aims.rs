//! What the measurements are to reach, and whether they do.

use crate::commit::ONE;
use crate::floors::ONE_FENCE;
use crate::measure::{Measurement, What};
use crate::open::{READ, SHORT};
use crate::peers::TOGETHER;
use crate::processors::Maker;
use crate::report::human;
use std::ops::RangeInclusive;

/// What some of the measurements are to reach.
struct Aim {
    bench: &'static [&'static str],
    path: &'static str,
    bytes: RangeInclusive<u64>,
    versus: &'static str,
    most: Most,
    /// What else they have in common.
    and: fn(&What) -> bool,
}

/// The most that is aimed at.
enum Most {
    /// Times the other's.
    Ratio(f64),
    /// Nanoseconds in all.
    Total(f64),
}

use Most::{Ratio, Total};

impl Aim {
    fn is_of_bench_of(&self, result: &Measurement) -> bool {
        self.bench.contains(&result.what.bench) && self.path == result.what.path
    }

    fn is_of(&self, result: &Measurement) -> bool {
        let what = &result.what;
        self.is_of_bench_of(result)
            && self.bytes.contains(&what.bytes)
            && self.versus == result.versus
            && (self.and)(what)
    }
}

const ANY: RangeInclusive<u64> = 0..=u64::MAX;

/// Of what is between 64 and 256 bytes, and between 4 and 64 KiB, as much is asked as of what lies between them.
const SMALL: RangeInclusive<u64> = 0..=64;
const MEDIUM: RangeInclusive<u64> = 65..=0xffff;
const LARGE: RangeInclusive<u64> = 0x1_0000..=u64::MAX;

/// The logs of others in a file. Who is at so much of the fastest of them is at no more of each.
const PEERS: [&str; 3] = ["raft-engine", "okaywal", "fjall"];

/// How long a fence takes, and so what one less of them is worth, depends on the processor.
fn aims(maker: Maker) -> Vec<Aim> {
    let aim = |bench, path, bytes, versus, most, and| Aim {
        bench,
        path,
        bytes,
        versus,
        most,
        and,
    };
    let any: fn(&What) -> bool = |_| true;
    let one: fn(&What) -> bool = |what| (what.logs, what.changed) == (1, 1);
    let both: &[&str] = &["append", "commit"];
    let append: &[&str] = &["append"];
    let commit: &[&str] = &["commit"];
    let (record, open): (&[&str], &[&str]) = (&["record"], &["open"]);
    let pmdk = "libpmemlog";
    let small_beside_pmdk = match maker {
        Maker::Amd => Ratio(0.45),
        Maker::Intel | Maker::Other => Ratio(0.75),
    };
    let mut aims = vec![
        aim(both, "dax", SMALL, ONE_FENCE, Ratio(1.25), one),
        aim(append, "dax", SMALL, pmdk, small_beside_pmdk, any),
        aim(both, "dax", MEDIUM, ONE_FENCE, Ratio(1.20), one),
        aim(append, "dax", MEDIUM, pmdk, Ratio(0.85), any),
        aim(both, "dax", LARGE, ONE_FENCE, Ratio(1.05), one),
        aim(append, "dax", LARGE, pmdk, Ratio(1.00), any),
        aim(commit, "dax", ANY, ONE_FENCE, Ratio(1.50), |what| {
            (what.logs, what.changed) == (256, 256)
        }),
        aim(commit, "dax", ANY, ONE, Ratio(1.10), |what| {
            what.logs == 4_096
        }),
        aim(record, "file", ANY, TOGETHER, Ratio(0.60), |what| {
            what.threads == 64
        }),
        aim(open, "dax", 1 << 30..=u64::MAX, SHORT, Ratio(1.10), any),
    ];
    for peer in PEERS {
        aims.push(aim(record, "file", 8..=4_096, peer, Ratio(0.95), |what| {
            what.threads == 1
        }));
    }
    for path in ["dax", "file"] {
        aims.push(aim(open, path, ANY, READ, Total(50e6), |what| {
            what.logs == 65_536
        }));
    }
    aims
}

/// A line for each measurement that is aimed at something, and for each aim that none is of although others are of its
/// bench; then how many were missed.
/// `heap` is what an open log takes, in bytes, if that was measured.
pub fn lines(results: &[Measurement], heap: Option<f64>, maker: Maker) -> String {
    let mut lines = Vec::new();
    let (mut missed, mut checked) = (0, 0);
    let mut check = |reached: bool, line: String| {
        checked += 1;
        missed += usize::from(!reached);
        let verdict = if reached { "reached" } else { "MISSED" };
        format!("{verdict:<8} {line}")
    };
    for aim in aims(maker) {
        let before = lines.len();
        for result in results.iter().filter(|result| aim.is_of(result)) {
            let (reached, figures) = compare(result, &aim.most);
            lines.push(check(reached, format!("{}: {figures}", name(result))));
        }
        let others = results.iter().any(|result| aim.is_of_bench_of(result));
        if lines.len() == before && others {
            let (bench, path, versus) = (aim.bench.join(", "), aim.path, aim.versus);
            lines.push(format!("{:<8} {bench} {path} / {versus}", "unknown"));
        }
    }
    if let Some(heap) = heap {
        let line = format!("heap per log, 65536 open logs: {heap:.0} bytes (at most 128 bytes)");
        lines.push(check(heap <= 128.0, line));
    }
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "\n{}\n{missed} of {checked} aims missed\n",
        lines.join("\n")
    )
}

/// Whether no more was measured than is aimed at, and both.
fn compare(result: &Measurement, most: &Most) -> (bool, String) {
    match *most {
        Ratio(most) => (
            result.ratio <= most,
            format!("{:.2} (at most {most:.2})", result.ratio),
        ),
        Total(most) => (
            result.ns <= most,
            format!("{} (at most {})", human(result.ns), human(most)),
        ),
    }
}

fn name(result: &Measurement) -> String {
    let What {
        bench,
        path,
        bytes,
        logs,
        changed,
        threads,
    } = result.what;
    let mut name = format!("{bench} {path}, {bytes} bytes, {changed} of {logs} logs");
    if bench == "record" {
        name += &format!(", threads: {threads}");
    }
    format!("{name} / {}", result.versus)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A measurement of one log.
    fn measured(bench: &'static str, bytes: u64, versus: &str, ratio: f64) -> Measurement {
        let what = What {
            bench,
            path: "dax",
            bytes,
            logs: 1,
            changed: 1,
            threads: 1,
        };
        let versus = versus.to_string();
        Measurement {
            what,
            ns: 100.0,
            p99_ns: 100.0,
            p999_ns: 100.0,
            versus,
            ratio,
            spread: (ratio, ratio),
        }
    }

    /// How many aims were reached, missed, and not measured; that the last line says so is checked here.
    fn verdicts(results: &[Measurement], heap: Option<f64>) -> [usize; 3] {
        let text = lines(results, heap, Maker::Intel);
        let of = |verdict: &str| {
            let verdicts = text.lines().filter(|line| line.starts_with(verdict));
            verdicts.count()
        };
        let counts = [of("reached"), of("MISSED"), of("unknown")];
        let last = format!("{} of {} aims missed", counts[1], counts[0] + counts[1]);
        assert!(
            text.is_empty() || text.lines().last() == Some(last.as_str()),
            "{text}"
        );
        counts
    }

    #[test]
    fn the_missed_ones_are_counted() {
        assert_eq!(verdicts(&[], None), [0, 0, 0]);
        let pmdk = "libpmemlog";
        let results = [
            measured("append", 64, ONE_FENCE, 1.25),
            measured("append", 12, ONE_FENCE, 1.26),
            measured("commit", 4_096, ONE_FENCE, 1.21),
            measured("commit", 1 << 20, ONE_FENCE, 1.04),
            measured("append", 64, pmdk, 0.75),
            measured("append", 4_096, pmdk, 0.86),
            measured("append", 65_536, pmdk, 0.99),
        ];
        // Nothing is known of commits of one log of 4,096, and of 256 of 256.
        assert_eq!(verdicts(&results, None), [4, 3, 2]);
        assert_eq!(verdicts(&results, Some(129.0)), [4, 4, 2]);
    }

    #[test]
    fn less_is_allowed_where_fences_take_less() {
        let result = measured("append", 64, "libpmemlog", 0.46);
        let said = |maker| lines(std::slice::from_ref(&result), None, maker);
        assert!(said(Maker::Intel).contains("reached"));
        assert!(said(Maker::Amd).contains("MISSED"));
    }

    #[test]
    fn many_logs_open_within_a_time() {
        let mut result = measured("open", 64 << 20, READ, 20.0);
        result.what.logs = 65_536;
        result.ns = 50e6;
        // Nothing is known of a long region.
        assert_eq!(verdicts(&[result.clone()], None), [1, 0, 1]);
        result.ns += 1.0;
        assert_eq!(verdicts(&[result], None), [0, 1, 1]);
    }

    #[test]
    fn commits_of_many_appends_have_aims_of_their_own() {
        let mut result = measured("commit", 64, ONE_FENCE, 1.40);
        result.what.changed = 256;
        assert_eq!(verdicts(&[result.clone()], None), [0, 0, 5]);
        result.what.logs = 256;
        assert_eq!(verdicts(&[result], None), [1, 0, 4]);
    }
}
