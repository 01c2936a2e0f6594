//! Every mistake on the list is found, in a copy of the workspace.

use crashtest::mutants;
use crashtest::totals::{Budget, Totals};
use std::time::Duration;

#[test]
fn every_mutant_is_caught() {
    let mut totals = Totals::default();
    mutants::run(&Budget::of(Duration::ZERO, 1), &mut totals);
    assert!(totals.violations.is_empty(), "{:#?}", totals.violations);
    assert!(totals.mutants >= 20 && totals.mutants_caught == totals.mutants);
}
