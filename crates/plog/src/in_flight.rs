//! What does not count, for people and as JSON: what an interrupted commit has left, and the journal that is not live.

use multilog::inspect::{self, Idle, Interrupted};
use serde::Serialize;

/// What does not count.
#[derive(Serialize)]
pub struct InFlight {
    /// "none", "torn", which is a record that is not whole, or "incomplete", a record without all the bytes that it appended.
    commit: &'static str,
    /// "blank", "older", "later", which a switch leaves that was interrupted, or "torn".
    idle: &'static str,
    #[serde(skip)]
    found: inspect::InFlight,
}

impl From<inspect::InFlight> for InFlight {
    fn from(found: inspect::InFlight) -> InFlight {
        InFlight {
            commit: match found.commit {
                Interrupted::Nothing => "none",
                Interrupted::Torn => "torn",
                Interrupted::Incomplete { .. } => "incomplete",
            },
            idle: match found.idle {
                Idle::Blank => "blank",
                Idle::Older => "older",
                Idle::Later => "later",
                Idle::Torn => "torn",
            },
            found,
        }
    }
}

impl InFlight {
    /// A line on each part that there is.
    pub fn in_words(&self) -> String {
        let commit = match interrupted(self.found.commit) {
            Some(words) => format!("interrupted commit (ignored): {words}\n"),
            None => String::new(),
        };
        format!(
            "{commit}idle journal (ignored): {}\n",
            idle(self.found.idle)
        )
    }
}

/// What an interrupted commit has left, if there is something.
pub fn interrupted(commit: Interrupted) -> Option<String> {
    match commit {
        Interrupted::Nothing => None,
        Interrupted::Torn => Some("its record is not whole".to_string()),
        Interrupted::Incomplete { number } => {
            Some(format!("commit {number} lacks bytes that it appended"))
        }
    }
}

/// What the journal that is not live holds.
pub fn idle(idle: Idle) -> &'static str {
    match idle {
        Idle::Blank => "never used",
        Idle::Older => "an older state",
        Idle::Later => "the state that a switch wrote before it was interrupted",
        Idle::Torn => "no whole state",
    }
}
