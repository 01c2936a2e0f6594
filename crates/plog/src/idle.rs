//! What the idle copy of the table holds, for people and as JSON.

use multilog::inspect::InFlight;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// How many logs have what in the idle copy of the table.
#[derive(Serialize)]
pub struct Idle {
    /// The same as in the live one.
    settled: u64,
    /// What was committed before.
    behind: u64,
    /// What a commit wrote that did not come to an end.
    uncommitted: u64,
    /// Nothing valid.
    torn: u64,
}

impl From<InFlight> for Idle {
    fn from(counts: InFlight) -> Idle {
        Idle {
            settled: counts.settled,
            behind: counts.behind,
            uncommitted: counts.uncommitted,
            torn: counts.torn,
        }
    }
}

impl Display for Idle {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.settled, "as committed"),
            (self.behind, "as committed before"),
            (self.uncommitted, "of a commit that did not happen"),
            (self.torn, "torn"),
        ];
        let mut gap = "";
        for (count, what) in parts.iter().filter(|(count, _)| *count > 0) {
            let entries = if *count == 1 { "entry" } else { "entries" };
            write!(f, "{gap}{count} {entries} {what}")?;
            gap = ", ";
        }
        Ok(())
    }
}
