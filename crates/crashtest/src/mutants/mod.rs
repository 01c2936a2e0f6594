//! Whether the phases find mistakes: copies of the workspace are built with each of a list of mistakes in the production
//! code, and a phase must notice.
//!
//! Needs cargo and the workspace's source.

pub mod brief;
mod copy;
mod lies;
mod list;
pub mod proofs;

use crate::totals::{tell, Budget, Totals, Violation};
use copy::{changed, said, Copy};
use list::{Mutant, MUTANTS};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Mutex;
use std::thread;

/// The phases that must notice, and what each has at most, in minutes, for the code as it is and for a mutant. Most
/// mistakes are found in less than a second.
const PHASES: [(&str, &str, &str); 3] = [
    ("explorer", "0.05", "3"),
    ("codewords", "0", "0"),
    ("io-failures", "0.05", "0.3"),
];

/// A copy of the workspace for each processor, but no more than are of use.
const MOST_COPIES: usize = 4;

/// What a phase has to do: to notice a mistake, or to notice nothing in the code as it is.
#[derive(Clone, Copy)]
enum Task {
    Nothing(&'static str),
    Mutant(&'static Mutant),
}

/// Tries every mutant, and the code as it is, in which nothing must be found.
pub fn run(_budget: &Budget, totals: &mut Totals) {
    let copied = copy::lock().and_then(|lock| Ok((lock, Copy::make(0)?)));
    let copied = copied.map_err(|error| error.to_string());
    let (_lock, first) = match copied.and_then(|copied| copied.1.build().map(|()| copied)) {
        Ok(copied) => copied,
        Err(why) => return missed(totals, "the workspace cannot be copied", why),
    };
    let unchanged = PHASES.map(|(phase, ..)| Task::Nothing(phase));
    let tasks: Vec<Task> = unchanged
        .into_iter()
        .chain(MUTANTS.iter().map(Task::Mutant))
        .collect();
    let (next, shared) = (AtomicUsize::new(0), Mutex::new(totals));
    let work = |copy: &Copy| {
        while let Some(&task) = tasks.get(next.fetch_add(1, Relaxed)) {
            let done = perform(copy, task);
            let mut totals = shared.lock().unwrap_or_else(|broken| broken.into_inner());
            count(task, done, &mut totals);
        }
    };
    let copies = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for number in 1..copies.min(MOST_COPIES) {
            let (work, first) = (&work, &first);
            // Without another copy the others do its part.
            scope.spawn(move || match another(number, first) {
                Ok(copy) => work(&copy),
                Err(why) => tell(format_args!("copy {number} of the workspace: {why}")),
            });
        }
        work(&first);
    });
}

fn another(number: usize, first: &Copy) -> io::Result<Copy> {
    let copy = Copy::make(number)?;
    copy.take_dependencies_of(first)?;
    Ok(copy)
}

/// Returns what was found.
fn perform(copy: &Copy, task: Task) -> Result<String, String> {
    match task {
        Task::Nothing(phase) => {
            copy.build()?;
            notice(copy, phase, false)
        }
        Task::Mutant(mutant) => copy.with(mutant.edits(), || {
            copy.build()?;
            notice(copy, mutant.phase, true)
        }),
    }
}

/// Runs a phase, which is to find something or nothing. Its program may also end because it does not bear the mistake
/// itself: that is no find.
fn notice(copy: &Copy, phase: &str, something: bool) -> Result<String, String> {
    let of_phase = PHASES.iter().find(|(name, ..)| *name == phase);
    let &(_, unchanged, changed) = of_phase.ok_or_else(|| format!("no phase {phase}"))?;
    let minutes = if something { changed } else { unchanged };
    let output = copy
        .run(phase, minutes)
        .map_err(|error| error.to_string())?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let lines = errors
        .lines()
        .skip_while(|line| !line.starts_with("VIOLATION: "));
    let found: Vec<&str> = lines.take(2).map(str::trim).map(beginning).collect();
    match (found.is_empty(), output.status.success()) {
        (false, false) if something => Ok(found.join(" ")),
        (true, true) if !something => Ok(String::new()),
        (false, _) => Err(found.join(" ")),
        (true, _) => Err(format!("nothing was found: {}", said(&output))),
    }
}

/// So much of a line as people read.
fn beginning(line: &str) -> &str {
    line.get(..400).unwrap_or(line)
}

fn count(task: Task, done: Result<String, String>, totals: &mut Totals) {
    match (task, done) {
        (Task::Nothing(_), Ok(_)) => {}
        (Task::Nothing(phase), Err(why)) => {
            missed(totals, &format!("without a mutant, {phase}"), why);
        }
        (Task::Mutant(mutant), Ok(found)) => {
            totals.mutants += 1;
            totals.mutants_caught += 1;
            tell(format_args!("caught: {}: {found}", mutant.name));
        }
        (Task::Mutant(mutant), Err(why)) => {
            totals.mutants += 1;
            missed(totals, &format!("a mutant survived: {}", mutant.name), why);
        }
    }
}

fn missed(totals: &mut Totals, what: &str, how: String) {
    let what = what.to_string();
    totals.violations.push(Violation { what, how });
}

/// The mutants whose text is not in its file, or is there twice.
pub fn out_of_place() -> Vec<String> {
    let wrong = MUTANTS.iter().filter_map(|mutant| {
        let why = changed(mutant.edits()).err()?;
        Some(format!("{}: {why}", mutant.name))
    });
    wrong.collect()
}
