//! What a run may spend, and what it counts.

use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// How long a phase may take, and from which seed it draws.
pub struct Budget {
    pub deadline: Instant,
    pub seed: u64,
}

impl Budget {
    pub fn of(time: Duration, seed: u64) -> Budget {
        Budget {
            deadline: Instant::now() + time,
            seed,
        }
    }

    pub fn is_spent(&self) -> bool {
        Instant::now() >= self.deadline
    }
}

/// The counts of a run.
#[derive(Debug, Default, Serialize)]
pub struct Totals {
    /// Sequences of operations that were run to their ends, with a crash at every store and flush.
    pub workloads: u64,
    /// Distinct crash images that were recovered and compared with the model.
    pub images: u64,
    /// Damaged images that were opened and checked.
    pub corruptions: u64,
    /// Writes, reads and syncs that were made to fail.
    pub io_failures: u64,
    /// Processes that were killed, and their logs compared with what they had acknowledged.
    pub kills: u64,
    pub mutants_caught: u64,
    pub mutants: u64,
    #[serde(serialize_with = "count")]
    pub violations: Vec<Violation>,
}

/// Something that must never happen, and did.
#[derive(Debug, Clone)]
pub struct Violation {
    pub what: String,
    /// What a developer needs to see it again: workload, seed, image.
    pub how: String,
}

fn count<S: serde::Serializer>(violations: &[Violation], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(violations.len() as u64)
}

/// Tells who watches how it goes. If nobody can be told, the run goes on.
pub fn tell(what: impl Display) {
    let _ = writeln!(io::stderr(), "{what}");
}
