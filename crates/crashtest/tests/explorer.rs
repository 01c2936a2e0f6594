//! All small workloads, of fewer steps where nothing is optimized, and what random ones there is time for.

use crashtest::explorer;
use crashtest::totals::{Budget, Totals};
use std::time::Duration;

#[test]
fn whatever_a_crash_leaves_of_small_workloads_is_the_state_before_or_after() {
    let mut totals = Totals::default();
    let steps: u32 = if cfg!(debug_assertions) { 2 } else { 3 };
    explorer::run_small(steps, &mut totals);
    assert!(totals.violations.is_empty(), "{:#?}", totals.violations);
    // Five sets of pairs of logs, with 11 operations to choose from; two of single logs, with 10.
    let all = 5 * 11u64.pow(steps) + 2 * 10u64.pow(steps);
    assert_eq!(totals.workloads, all);
}

#[test]
fn whatever_a_crash_leaves_is_the_state_before_or_after() {
    let mut totals = Totals::default();
    explorer::run(&Budget::of(Duration::from_secs(10), 1), &mut totals);
    assert!(totals.violations.is_empty(), "{:#?}", totals.violations);
    // Far more in a release build; this says that something was tried.
    assert!(totals.workloads > 2, "{}", totals.workloads);
    assert!(totals.images > 10_000, "{}", totals.images);
}
