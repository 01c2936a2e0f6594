//! Whether the contracts are strong enough: copies of the workspace are verified with each of a list of lies, which keep every
//! test of the types but break what the contract is for, and the verifier must reject each.
//!
//! Needs `cargo verus`. It takes most of a minute a lie, so it is run by hand, and for a few lies by `.ci/run`.

use super::copy::{changed, lock, said, Copy};
use super::lies::{lies, Lie};
use crate::totals::{tell, Budget, Totals, Violation};
use std::process::{Command, Stdio};

/// Tries lies until the time is up, at least one, beginning with the one that the seed names. In the code as it is, the
/// verifier must find nothing.
pub fn run(budget: &Budget, totals: &mut Totals) {
    if !is_installed() {
        tell("*** PROOF MUTANTS WERE SKIPPED: there is no `cargo verus` on this machine. ***");
        return;
    }
    let copied = lock().and_then(|lock| Ok((lock, Copy::make("proofs")?)));
    let (_lock, copy) = match copied {
        Ok(copied) => copied,
        Err(error) => return missed(totals, "the workspace cannot be copied", error.to_string()),
    };
    let lies = lies();
    let first = (budget.seed.saturating_sub(1) % lies.len() as u64) as usize;
    let mut sound = Vec::new();
    for lie in lies.iter().cycle().skip(first).take(lies.len()) {
        if totals.mutants > 0 && budget.is_spent() {
            break;
        }
        let part = (&lie.package, &lie.modules);
        if !sound.contains(&part) {
            match errors(&copy, lie) {
                Ok(0) => sound.push(part),
                Ok(count) => {
                    let how = format!("{count} errors in {part:?}");
                    return missed(totals, "without a lie the verifier finds errors", how);
                }
                Err(why) => return missed(totals, "the verifier does not run", why),
            }
        }
        totals.mutants += 1;
        match copy.with(&[lie.edit()], || errors(&copy, lie)) {
            Ok(0) => missed(totals, "a lie is accepted", lie.name.clone()),
            Ok(count) => {
                totals.mutants_caught += 1;
                tell(format_args!("rejected ({count} errors): {}", lie.name));
            }
            Err(why) => missed(
                totals,
                &format!("a lie does not compile: {}", lie.name),
                why,
            ),
        }
    }
}

fn is_installed() -> bool {
    let mut cargo = Command::new("cargo");
    let asked = cargo.args(["verus", "--help"]).stdin(Stdio::null());
    asked.output().is_ok_and(|answer| answer.status.success())
}

/// How many errors the verifier finds in the part of the copy that a lie is about.
fn errors(copy: &Copy, lie: &Lie) -> Result<u64, String> {
    let output = copy
        .verify(&lie.package, &lie.modules)
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    // `verification results:: 12 verified, 1 errors (partial verification ..)`
    let results = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("verification results:: "));
    let counts = results.and_then(|results| {
        let (verified, rest) = results.split_once(" verified, ")?;
        let errors = rest.split_once(" errors")?.0;
        Some((verified.parse::<u64>().ok()?, errors.parse::<u64>().ok()?))
    });
    match counts {
        None | Some((0, 0)) => Err(format!("nothing was verified: {}", said(&output))),
        Some((_, errors)) if (errors > 0) == output.status.success() => Err(format!(
            "{errors} errors, {}: {}",
            output.status,
            said(&output)
        )),
        Some((_, errors)) => Ok(errors),
    }
}

fn missed(totals: &mut Totals, what: &str, how: String) {
    let what = what.to_string();
    totals.violations.push(Violation { what, how });
}

/// The lies whose text is not in its file, or is there twice.
pub fn out_of_place() -> Vec<String> {
    let wrong = |lie: &Lie| {
        let why = changed(&[lie.edit()]).err()?;
        Some(format!("{}: {why}", lie.name))
    };
    lies().iter().filter_map(wrong).collect()
}
