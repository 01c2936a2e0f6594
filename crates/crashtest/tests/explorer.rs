//! A bounded exploration: all small workloads, and what random ones there is time for.

use crashtest::explorer;
use crashtest::totals::{Budget, Totals};
use std::time::Duration;

#[test]
fn whatever_a_crash_leaves_is_the_state_before_or_after() {
    let mut totals = Totals::default();
    explorer::run(&Budget::of(Duration::from_secs(20), 1), &mut totals);
    assert!(totals.violations.is_empty(), "{:#?}", totals.violations);
    // Far more in a release build; this says that something was tried.
    assert!(totals.workloads > 100, "{}", totals.workloads);
    assert!(totals.images > 10_000, "{}", totals.images);
}
