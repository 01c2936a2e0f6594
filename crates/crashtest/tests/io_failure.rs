//! Devices that fail, a share of what a long run tries.

use crashtest::io_failure;
use crashtest::totals::{Budget, Totals};
use std::time::Duration;

#[test]
fn each_operation_of_a_workload_fails_in_memory() {
    let mut totals = Totals::default();
    let budget = Budget::of(Duration::from_secs(600), 1);
    io_failure::in_memory(&budget, &mut totals, 40);
    assert!(totals.violations.is_empty(), "{:#?}", totals.violations);
    assert!(totals.io_failures > 2_000, "{totals:?}");
}
