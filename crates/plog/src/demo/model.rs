//! What the demonstration commits: the same for the process that writes and the one that verifies.
//!
//! Commit n appends to some of the logs, to two at least. Which, and how much, follows from n; what a byte is
//! follows from its log and its position. So one number, that of the last commit, says all that the logs must hold.

use multilog::{MultiLog, Region};
use std::fmt::Display;

/// How many logs there are.
pub const LOGS: usize = 5;

/// What each log can hold, in bytes. Small, so that all of them wrap around often, and mostly not at round numbers.
pub const CAPACITIES: [u64; LOGS] = [4_096, 9_973, 16_384, 40_001, 65_536];

/// Where a log begins and ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Its first position.
    pub head: u64,
    /// The position behind its last byte.
    pub tail: u64,
}

/// The logs after a commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Model {
    /// The number of the last commit; the first one is 1.
    pub commit: u64,
    /// The logs.
    pub extents: [Extent; LOGS],
}

impl Model {
    /// The logs after one more commit.
    pub fn next(&self) -> Model {
        let commit = self.commit + 1;
        let chosen = match mix(commit) as u8 & 0b11111 {
            few if few.count_ones() < 2 => 0b11111,
            chosen => chosen,
        };
        let mut next = Model { commit, ..*self };
        for (log, extent) in next.extents.iter_mut().enumerate() {
            if (chosen >> log) & 1 == 1 {
                let most = CAPACITIES[log] / 16;
                extent.tail += 1 + mix(commit ^ ((log as u64 + 1) << 56)) % most;
                // Space that a commit frees is for the ones after it, hence not only when the log is full.
                if extent.tail - extent.head > CAPACITIES[log] / 4 * 3 {
                    extent.head = extent.tail - CAPACITIES[log] / 4;
                }
            }
        }
        next
    }

    /// Stages on `logs`, which stand as in `self`, what leads to `next`. Only the logs that `with` allows.
    pub fn stage<R: Region>(
        &self,
        next: &Model,
        logs: &mut MultiLog<R>,
        with: impl Fn(usize) -> bool,
    ) -> Result<(), String> {
        for log in (0..LOGS).filter(|&log| with(log)) {
            let (from, to) = (self.extents[log], next.extents[log]);
            let failed = |error: &dyn Display| format!("log {log}: {error}");
            if from.tail != to.tail {
                let mut bytes = vec![0; (to.tail - from.tail) as usize];
                fill(log, from.tail, &mut bytes);
                logs.stage_append(log as u64, &bytes)
                    .map_err(|e| failed(&e))?;
            }
            if from.head != to.head {
                logs.stage_advance_head(log as u64, to.head)
                    .map_err(|e| failed(&e))?;
            }
        }
        Ok(())
    }

    /// The logs that a commit changed which led to `next`.
    pub fn changed(&self, next: &Model) -> Vec<usize> {
        (0..LOGS)
            .filter(|&log| self.extents[log] != next.extents[log])
            .collect()
    }
}

/// Fills `buf` with the bytes of a log from `position` on.
pub fn fill(log: usize, position: u64, buf: &mut [u8]) {
    for (at, byte) in (position..).zip(buf) {
        let word = mix(((log as u64 + 1) << 56) ^ (at / 8));
        *byte = word.to_le_bytes()[(at % 8) as usize];
    }
}

/// Scatters the bits of a number (the output function of SplitMix64).
pub fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
