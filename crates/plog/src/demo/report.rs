//! What the demonstration says to its user.

use super::model::LOGS;
use super::round::Round;
use super::verify::Finding;
use crate::escape;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use std::path::Path;

/// What has come of the kills so far.
#[derive(Default)]
pub struct Tally {
    /// The kills.
    pub kills: u64,
    /// The commits that writers had acknowledged.
    pub commits: u64,
    /// The bytes that were compared, after all kills.
    pub bytes: u64,
    /// The kills after which one more commit was there than had been acknowledged.
    pub whole: u64,
    /// The kills after which exactly those were there.
    pub absent: u64,
    /// The kills after which something was lost.
    pub lost: u64,
    /// The kills after which something was torn.
    pub torn: u64,
}

impl Tally {
    /// Adds a round that began with commit `start`.
    pub fn add(&mut self, start: u64, round: &Round) {
        self.kills += 1;
        self.commits += round.acknowledged;
        match &round.result {
            Ok(found) => {
                self.bytes += found.bytes;
                if found.model.commit == start + round.acknowledged {
                    self.absent += 1;
                } else {
                    self.whole += 1;
                }
            }
            Err(Finding::Lost(_)) => self.lost += 1,
            Err(Finding::Torn(_)) => self.torn += 1,
            Err(Finding::Unread(_)) => {}
        }
    }
}

/// What is about to happen.
pub fn introduction(path: &Path, rounds: u64) -> String {
    format!(
        "\
A process commits to {LOGS} logs again and again, and reports each commit that is durable.
It is killed {rounds} times, at random moments (with SIGKILL: it cannot prepare). After each
kill the logs are opened again and compared with what it had reported. They are in
{}

",
        escape::name(path)
    )
}

/// What has come of it.
pub fn summary(tally: &Tally) -> String {
    let rows = [
        ("kills", Some(tally.kills)),
        ("commits that were reported durable", Some(tally.commits)),
        ("bytes compared, after all kills", Some(tally.bytes)),
        ("kills after which the commit in progress was", None),
        ("  there, whole, on all of its logs", Some(tally.whole)),
        ("  not there, on none of its logs", Some(tally.absent)),
        (
            "kills after which something reported was lost",
            Some(tally.lost),
        ),
        ("kills after which a commit was torn", Some(tally.torn)),
    ];
    let mut text = String::new();
    for (label, count) in rows {
        let count = count.map_or(String::new(), |n| HumanCount(n).to_string());
        text.push_str(format!("{label:<46}{count:>12}").trim_end());
        text.push('\n');
    }
    text
}

/// A bar on standard error, if that is a terminal.
pub fn new_bar(rounds: u64) -> ProgressBar {
    let bar = ProgressBar::new(rounds);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos} of {len} kills, {msg}") {
        bar.set_style(style);
    }
    bar
}
