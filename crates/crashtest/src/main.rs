//! `cargo run --release -p crashtest -- --minutes 5`

use clap::builder::PossibleValuesParser;
use clap::Parser;
use crashtest::totals::{tell, Budget, Totals};
use crashtest::{corruption, explorer, io_failure, kills, mutants, worker};
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

/// Tries every crash, corruption and I/O failure that the model allows on the production code.
#[derive(Parser)]
struct Arguments {
    /// How long to try, in minutes, from 0 to 1000000; what has to be tried once may take longer.
    #[arg(long, default_value_t = 1.0, value_parser = minutes, allow_hyphen_values = true)]
    minutes: f64,
    /// What the random choices are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this phase. It gets all the time.
    #[arg(long, value_parser = PossibleValuesParser::new(names()))]
    only: Option<String>,
    /// Prints the totals as JSON.
    #[arg(long)]
    json: bool,
}

/// The longest time that can be asked for: some two years.
const MOST_MINUTES: f64 = 1e6;

fn minutes(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(minutes) if (0.0..=MOST_MINUTES).contains(&minutes) => Ok(minutes),
        _ => Err(format!("a number from 0 to {MOST_MINUTES} is accepted")),
    }
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

/// What is run only where it is asked for: a part of corruption, which is quick enough to be run on each mutant, and the lies
/// that the verifier must reject, which need it and take long.
const ALONE: [Phase; 2] = [
    ("codewords", 0.0, mutants::brief::codewords),
    ("proof-mutants", 0.0, mutants::proofs::run),
];

fn names() -> impl Iterator<Item = &'static str> {
    PHASES.iter().chain(&ALONE).map(|phase| phase.0)
}

fn main() -> ExitCode {
    if let Some(worked) = worker::run_if_asked() {
        return worked;
    }
    let arguments = Arguments::parse();
    let totals = run(&arguments);
    for violation in &totals.violations {
        tell(format_args!(
            "VIOLATION: {}\n  {}",
            violation.what, violation.how
        ));
    }
    if let Err(error) = print(&totals, arguments.json) {
        tell(format_args!(
            "crashtest: the totals cannot be printed: {error}"
        ));
        return ExitCode::FAILURE;
    }
    match totals.violations.is_empty() && totals.mutants_caught == totals.mutants {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Runs the phases that were asked for.
fn run(arguments: &Arguments) -> Totals {
    let mut totals = Totals::default();
    let chosen: Vec<Phase> = match &arguments.only {
        None => PHASES.to_vec(),
        Some(only) => {
            let all = PHASES.iter().chain(&ALONE);
            let chosen = all.filter(|phase| phase.0 == only);
            chosen.map(|&(name, _, run)| (name, 1.0, run)).collect()
        }
    };
    for (name, share, run) in chosen {
        tell(format_args!("{name} ..."));
        let time = Duration::from_secs_f64(60.0 * arguments.minutes * share);
        run(&Budget::of(time, arguments.seed), &mut totals);
    }
    totals
}

fn print(totals: &Totals, json: bool) -> io::Result<()> {
    let mut out = io::stdout();
    match json {
        true => writeln!(out, "{}", serde_json::json!(totals))?,
        false => writeln!(out, "{totals:#?}")?,
    }
    out.flush()
}
