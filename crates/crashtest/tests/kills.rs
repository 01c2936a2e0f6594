//! Processes that are killed, a share of what a long run does.

use crashtest::kills::{self, Programs};
use crashtest::totals::{Budget, Totals};
use std::path::PathBuf;
use std::time::Duration;

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_torn() {
    let mut totals = Totals::default();
    let budget = Budget::of(Duration::from_secs(15), 1);
    let programs = Programs {
        crashtest: PathBuf::from(env!("CARGO_BIN_EXE_crashtest")),
        ..Programs::find().unwrap()
    };
    let found = kills::kill_until(&budget, &mut totals, &programs, 1_000);
    assert!(totals.violations.is_empty(), "{:#?}", totals.violations);
    assert!(totals.kills > 100, "{totals:?}");
    assert_eq!(found.whole + found.absent, totals.kills);
    // Some were killed between a commit and its acknowledgement.
    assert!(found.whole > 0 && found.absent > 0, "{found:?}");
    eprintln!("{found:?}");
}
