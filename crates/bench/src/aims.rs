//! What the measurements are to reach, and whether they do.

use crate::measure::Measurement;
use crate::report::human;
use std::path::Path;

pub fn print(results: &[Measurement], heap: f64, dir: &Path) {
    println!();
    println!("append: stage an append and commit it. mem survives nothing, it is the code alone; p50 and p99 are");
    println!("of the means of batches. file survives a power cut (fdatasync); p50 and p99 are of single operations.");
    println!("The file system is that of {}.", parent(dir));
    println!();
    for aim in aims(results) {
        let verdict = if aim.reached { "reached" } else { "MISSED" };
        println!(
            "{verdict:<8} {}: {} (at most {})",
            aim.what, aim.measured, aim.most
        );
    }
    let verdict = if heap <= 128.0 { "reached" } else { "MISSED" };
    println!("{verdict:<8} heap per log, 65536 open logs: {heap:.0} bytes (at most 128 bytes)");
}

fn parent(dir: &Path) -> String {
    dir.parent().unwrap_or(dir).display().to_string()
}

struct Aim {
    what: String,
    measured: String,
    most: String,
    reached: bool,
}

fn aims(results: &[Measurement]) -> Vec<Aim> {
    results.iter().filter_map(aim).collect()
}

fn aim(result: &Measurement) -> Option<Aim> {
    let above = result.ns - result.floor_ns();
    match (result.bench, result.path, result.bytes, result.versus) {
        ("append", "mem", 64, _) => Some(Aim {
            what: "append of 64 bytes and commit in memory, above the copy".to_string(),
            measured: human(above),
            most: human(150.0),
            reached: above <= 150.0,
        }),
        ("commit", _, _, "the same with 1 log") => {
            Some(ratio(result, "commit of one log of 4096 in memory", 1.15))
        }
        ("append", "file", 64, "two-sync floor") => Some(ratio(
            result,
            "append of 64 bytes and commit in a file",
            1.10,
        )),
        ("open", ..) => Some(Aim {
            what: format!("open of 65536 logs in a file, next to {}", result.versus),
            measured: human(result.ns),
            most: human(50e6),
            reached: result.ns <= 50e6,
        }),
        _ => None,
    }
}

fn ratio(result: &Measurement, what: &str, most: f64) -> Aim {
    Aim {
        what: format!("{what} / {}", result.versus),
        measured: format!("{:.3}", result.ratio),
        most: format!("{most:.2}"),
        reached: result.ratio <= most,
    }
}
