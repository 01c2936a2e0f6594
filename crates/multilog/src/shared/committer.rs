//! What a leader does: stages the groups and commits them.

use super::reader::{Reader, NOT_POISONED};
use super::{Group, Inner, Shareable, SharedError};
use crate::{CommitError, MultiLog, Region};
use std::panic::{catch_unwind, AssertUnwindSafe};

type Outcome = Result<Vec<u64>, SharedError>;

/// The logs, for the one that leads.
pub(super) struct Committer<R: Region> {
    logs: MultiLog<R>,
    /// Why nothing can be committed any more.
    failed: Option<SharedError>,
}

/// Commits `groups`, in their order, and returns what has become of each.
pub(super) fn commit<R: Shareable>(inner: &Inner<R>, groups: Vec<Group>) -> Vec<Outcome> {
    let mut committer = inner.committer.write().expect(NOT_POISONED);
    let committing = AssertUnwindSafe(|| committer.commit(&groups, &inner.reader));
    catch_unwind(committing).unwrap_or_else(|_| {
        committer.failed = Some(SharedError::Panicked);
        vec![Err(SharedError::Panicked); groups.len()]
    })
}

impl<R: Region> Committer<R> {
    pub(super) fn new(logs: MultiLog<R>) -> Committer<R> {
        let failed = None;
        Committer { logs, failed }
    }

    pub(super) fn logs(&self) -> &MultiLog<R> {
        &self.logs
    }

    pub(super) fn into_logs(self) -> MultiLog<R> {
        self.logs
    }

    fn commit(&mut self, groups: &[Group], reader: &Reader) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(groups.len());
        while outcomes.len() < groups.len() {
            let left = &groups[outcomes.len()..];
            let some = self.commit_some(left);
            // Before anybody hears of it, so that whoever does can read it; and before anything is written to what it has
            // freed, which readers may be reading.
            let changed = left[..some.len()].iter().flat_map(Group::logs);
            reader.publish(&self.logs, changed);
            outcomes.extend(some);
        }
        outcomes
    }

    /// Commits as many as go into one commit, at least one; returns their outcomes.
    ///
    /// A group that is refused behind others gets another chance in a commit of its own: they may have staged what it
    /// has to wait for, a truncation or a head advance that makes room.
    fn commit_some(&mut self, groups: &[Group]) -> Vec<Outcome> {
        if let Some(error) = self.failed {
            return vec![Err(error); groups.len()];
        }
        let mut staged = Vec::new();
        for group in groups {
            match group.stage(&mut self.logs) {
                Ok(positions) => staged.push(Ok(positions)),
                Err((operation, refusal)) => {
                    if let Some(error) = refusal.failure() {
                        return self.fail(error, groups.len());
                    }
                    // What it has staged goes, and with it what the others have.
                    self.logs.abort();
                    if staged.is_empty() {
                        return vec![Err(SharedError::Refused { operation, refusal })];
                    }
                    if let Err(error) = self.stage_again(&groups[..staged.len()]) {
                        return self.fail(error, groups.len());
                    }
                    break;
                }
            }
        }
        match self.logs.commit() {
            Ok(()) => staged,
            Err(error) => self.fail(error, groups.len()),
        }
    }

    /// Stages groups that could be staged before, in which only the device can fail.
    fn stage_again(&mut self, groups: &[Group]) -> Result<(), CommitError> {
        for group in groups {
            if let Err((_, refusal)) = group.stage(&mut self.logs) {
                return Err(refusal.failure().unwrap_or(CommitError::Failed));
            }
        }
        Ok(())
    }

    /// Shuts the logs, and fails so many groups.
    fn fail(&mut self, error: CommitError, groups: usize) -> Vec<Outcome> {
        let error = SharedError::Failed(error);
        self.failed = Some(error);
        vec![Err(error); groups]
    }
}
