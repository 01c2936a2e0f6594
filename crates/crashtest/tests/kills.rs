//! Processes that are killed, a share of what a long run does.

use crashtest::kills::{self, Kind, Programs};
use crashtest::totals::{Budget, Totals};
use std::path::PathBuf;
use std::time::Duration;

/// What must be found of a kind at least: kills, steps or records that were acknowledged before them, kills that left a
/// whole commit which was not acknowledged, and kills that left none.
type Least = (Kind, u64, u64, u64, u64);

/// Less than half of what is found where a thousand are killed and nothing else has work to do.
const LEAST: [Least; 3] = [
    (Kind::Tool, 60, 40, 3, 30),
    (Kind::Library, 300, 3_000, 5, 200),
    (Kind::Sharers, 150, 1_500, 20, 60),
];

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_torn() {
    let mut totals = Totals::default();
    let programs = Programs {
        crashtest: PathBuf::from(env!("CARGO_BIN_EXE_crashtest")),
        ..Programs::find().unwrap()
    };
    // Not before: `plog` may have had to be built.
    let budget = Budget::of(Duration::from_secs(100), 1);
    let found = kills::kill_until(&budget, &mut totals, &programs, 2_000);
    assert!(totals.violations.is_empty(), "{:#?}", totals.violations);
    assert!(totals.kills >= 1_000, "{totals:?}");
    for (kind, kills, acknowledged, whole, absent) in LEAST {
        let found = found.of(kind);
        let enough = found.kills >= kills
            && found.acknowledged >= acknowledged
            && found.whole >= whole
            && found.kills - found.whole >= absent;
        assert!(enough, "{kind:?}: {found:?}");
    }
}
