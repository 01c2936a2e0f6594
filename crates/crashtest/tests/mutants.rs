//! Every mistake on the list is found, in copies of the workspace.

use crashtest::mutants;
use crashtest::totals::{Budget, Totals};
use std::time::Duration;

#[test]
fn every_mutant_is_caught() {
    let mut totals = Totals::default();
    mutants::run(&Budget::of(Duration::ZERO, 1), &mut totals);
    assert!(totals.violations.is_empty(), "{:#?}", totals.violations);
    assert!(totals.mutants >= 30 && totals.mutants_caught == totals.mutants);
}

/// Fast, so that whoever changes the code knows at once.
#[test]
fn every_mutant_is_in_its_place() {
    assert_eq!(mutants::out_of_place(), Vec::<String>::new());
    assert_eq!(mutants::proofs::out_of_place(), Vec::<String>::new());
}
