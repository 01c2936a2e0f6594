//! What the measurements are to reach, and whether they do.

use crate::commit::ONE;
use crate::floors::{Floor, TWO_SYNCS};
use crate::measure::{Measurement, What};
use crate::open::SHORT;
use crate::record::PLAIN;
use crate::report::human;
use crate::threads::ALONE;
use std::ops::RangeInclusive;

/// What some of the measurements are to reach.
struct Aim {
    bench: &'static [&'static str],
    path: &'static str,
    bytes: RangeInclusive<u64>,
    versus: String,
    most: Most,
    /// What else they have in common.
    and: fn(&What) -> bool,
}

/// The most that is aimed at.
enum Most {
    /// Times the other's.
    Ratio(f64),
    /// Nanoseconds above the other's.
    Above(f64),
}

use Most::{Above, Ratio};

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

fn aims() -> Vec<Aim> {
    let aim = |bench, path, bytes, versus: &str, most, and| Aim {
        bench,
        path,
        bytes,
        versus: versus.to_string(),
        most,
        and,
    };
    let any: fn(&What) -> bool = |_| true;
    let one: fn(&What) -> bool = |what| (what.logs, what.changed) == (1, 1);
    let both: &[&str] = &["append", "commit"];
    let floor = &Floor::TwoFences.name();
    let peer = "libpmemlog";
    vec![
        // Of what is between 64 and 256 bytes, and between 4 and 64 KiB, no more is asked than of what is beside it.
        aim(both, "dax", 0..=64, floor, Ratio(1.30), one),
        aim(both, "dax", 65..=0xffff, floor, Ratio(1.20), one),
        aim(both, "dax", 0x1_0000..=u64::MAX, floor, Ratio(1.05), one),
        aim(&["append"], "dax", 0..=4_096, peer, Ratio(0.80), any),
        aim(&["append"], "dax", 4_097..=u64::MAX, peer, Ratio(1.00), any),
        aim(&["commit"], "dax", ANY, ONE, Ratio(1.15), |what| {
            what.logs == 4_096
        }),
        aim(&["commit"], "dax", ANY, floor, Ratio(1.50), |what| {
            (what.logs, what.changed) == (256, 256)
        }),
        aim(&["append"], "file", ANY, TWO_SYNCS, Ratio(1.10), any),
        aim(&["read"], "dax", 64..=64, "plain loads", Above(10.0), any),
        aim(
            &["open"],
            "dax",
            1 << 30..=u64::MAX,
            SHORT,
            Ratio(1.10),
            any,
        ),
        aim(&["record"], "dax", 64..=64, PLAIN, Above(60.0), any),
        aim(&["record"], "file", ANY, ALONE, Ratio(1.0 / 20.0), |what| {
            what.threads == 64
        }),
        aim(
            &["record"],
            "file",
            ANY,
            "raft-engine",
            Ratio(2.0),
            |what| [64, 4_096].contains(&what.bytes),
        ),
        aim(&["append"], "mem", 64..=64, "plain copy", Above(150.0), any),
    ]
}

/// A line for each measurement that is aimed at something, and for each aim that none is of although others are of its
/// bench; then how many were missed.
/// `heap` is what an open log takes, in bytes, if that was measured.
pub fn lines(results: &[Measurement], heap: Option<f64>) -> String {
    let mut lines = Vec::new();
    let (mut missed, mut checked) = (0, 0);
    let mut check = |reached: bool, line: String| {
        checked += 1;
        missed += usize::from(!reached);
        let verdict = if reached { "reached" } else { "MISSED" };
        format!("{verdict:<8} {line}")
    };
    for aim in aims() {
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
        Above(most) => {
            let above = result.ns - result.theirs_ns();
            let figures = format!("+{} (at most +{})", human(above), human(most));
            (above <= most, figures)
        }
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
            versus,
            ratio,
            spread: (ratio, ratio),
        }
    }

    /// How many aims were reached, missed, and not measured; that the last line says so is checked here.
    fn verdicts(results: &[Measurement], heap: Option<f64>) -> [usize; 3] {
        let text = lines(results, heap);
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
        let floor = "two-fence floor";
        let results = [
            measured("append", 64, floor, 1.30),
            measured("append", 12, floor, 1.31),
            measured("commit", 4_096, floor, 1.21),
            measured("commit", 1 << 20, floor, 1.04),
            measured("append", 4_096, "libpmemlog", 0.81),
            measured("append", 65_536, "libpmemlog", 0.99),
            // 100 ns in all, and so 9 above the other.
            measured("read", 64, "plain loads", 100.0 / 91.0),
        ];
        // Nothing is known of commits of one log of 4,096, and of 256 of 256.
        assert_eq!(verdicts(&results, None), [4, 3, 2]);
        assert_eq!(verdicts(&results, Some(129.0)), [4, 4, 2]);
    }

    #[test]
    fn commits_of_many_appends_have_aims_of_their_own() {
        let mut result = measured("commit", 64, "two-fence floor", 1.40);
        result.what.changed = 256;
        assert_eq!(verdicts(&[result.clone()], None), [0, 0, 5]);
        result.what.logs = 256;
        assert_eq!(verdicts(&[result], None), [1, 0, 4]);
    }
}
