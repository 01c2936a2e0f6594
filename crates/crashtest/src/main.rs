//! `cargo run --release -p crashtest -- --minutes 5`

use clap::Parser;
use crashtest::totals::{Budget, Totals};
use crashtest::{corruption, explorer, io_failure, kills, mutants, worker};
use std::process::ExitCode;
use std::time::Duration;

/// Tries every crash, corruption and I/O failure that the model allows on the production code.
#[derive(Parser)]
struct Arguments {
    /// How long to try, in minutes; what has to be tried once may take longer.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// What the random choices are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this phase: mutants, corruption, io-failures, kills, explorer. It gets all the time.
    #[arg(long)]
    only: Option<String>,
    /// Prints the totals as JSON.
    #[arg(long)]
    json: bool,
}

/// A phase, and its share of the time.
type Phase = (&'static str, f64, fn(&Budget, &mut Totals));

const PHASES: [Phase; 5] = [
    ("mutants", 0.0, mutants::run),
    ("corruption", 0.1, corruption::run),
    ("io-failures", 0.1, io_failure::run),
    ("kills", 0.1, kills::run),
    ("explorer", 0.7, explorer::run),
];

fn main() -> ExitCode {
    if let Some(worked) = worker::run_if_asked() {
        return worked;
    }
    let arguments = Arguments::parse();
    let mut totals = Totals::default();
    for (name, share, run) in PHASES {
        let share = match &arguments.only {
            None => share,
            Some(only) if only == name => 1.0,
            Some(_) => continue,
        };
        eprintln!("{name} ...");
        let time = Duration::from_secs_f64(60.0 * arguments.minutes * share);
        run(&Budget::of(time, arguments.seed), &mut totals);
    }
    for violation in &totals.violations {
        eprintln!("VIOLATION: {}\n  {}", violation.what, violation.how);
    }
    if arguments.json {
        println!("{}", serde_json::json!(totals));
    } else {
        println!("{totals:#?}");
    }
    match totals.violations.is_empty() && totals.mutants_caught == totals.mutants {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
