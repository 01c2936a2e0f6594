//! What a leader does: stages the groups and commits them.

use super::group::Positions;
use super::reader::{Reader, NOT_POISONED};
use super::run::Run;
use super::{Group, Inner, Refusal, Shareable, SharedError};
use crate::{CommitError, MultiLog, Region};
use std::panic::{catch_unwind, AssertUnwindSafe};

pub(super) type Outcome = Result<Positions, SharedError>;

/// The logs, for the one that leads.
pub(super) struct Committer<R: Region> {
    logs: MultiLog<R>,
    run: Run,
    /// Why nothing can be committed any more.
    failed: Option<SharedError>,
}

/// Commits `groups`, in their order, and returns what has become of each.
pub(super) fn commit<R: Shareable>(inner: &Inner<R>, groups: &[Group]) -> Vec<Outcome> {
    let mut committer = inner.committer.write().expect(NOT_POISONED);
    let mut outcomes = Vec::with_capacity(groups.len());
    let committing = || committer.commit(groups, &inner.reader, &mut outcomes);
    if catch_unwind(AssertUnwindSafe(committing)).is_err() {
        committer.failed = Some(SharedError::Panicked);
        outcomes.resize(groups.len(), Err(SharedError::Panicked));
    }
    outcomes
}

impl<R: Region> Committer<R> {
    pub(super) fn new(logs: MultiLog<R>) -> Committer<R> {
        Committer {
            logs,
            run: Run::default(),
            failed: None,
        }
    }

    pub(super) fn logs(&self) -> &MultiLog<R> {
        &self.logs
    }

    pub(super) fn into_logs(self) -> MultiLog<R> {
        self.logs
    }

    /// Commits all of them, and adds what has become of each to `outcomes` as soon as that is known.
    fn commit(&mut self, groups: &[Group], reader: &Reader, outcomes: &mut Vec<Outcome>) {
        while outcomes.len() < groups.len() {
            let left = &groups[outcomes.len()..];
            let some = self.commit_some(left);
            // After a failure what was staged still is: that is nobody's business.
            if self.failed.is_none() {
                // Before anybody hears of it, so that whoever does can read it; and before anything is written to what it
                // has freed, which readers may be reading.
                let changed = left[..some.len()].iter().flat_map(Group::logs);
                reader.publish(&self.logs, changed);
            }
            outcomes.extend(some);
        }
    }

    /// Commits as many as go into one commit, at least one; returns their outcomes.
    ///
    /// A group that is refused behind others gets another chance in a commit of its own: they may have staged what it
    /// has to wait for, a truncation or a head advance that makes room.
    fn commit_some(&mut self, groups: &[Group]) -> Vec<Outcome> {
        if let Some(error) = self.failed {
            return vec![Err(error); groups.len()];
        }
        let (mut staged, refused) = self.stage(groups);
        if let Some((operation, refusal)) = refused {
            if let Some(error) = refusal.failure() {
                return self.fail(error, groups.len());
            }
            // What it has staged goes, and with it what the others have.
            self.logs.abort();
            if staged.is_empty() {
                return vec![Err(SharedError::Refused { operation, refusal })];
            }
            let (again, refused) = self.stage(&groups[..staged.len()]);
            if let Some((_, refusal)) = refused {
                // Only the device can fail where they could be staged before.
                let error = refusal.failure().unwrap_or(CommitError::Failed);
                return self.fail(error, groups.len());
            }
            staged = again;
        }
        match self.logs.commit() {
            Ok(()) => staged.into_iter().map(Ok).collect(),
            Err(error) => self.fail(error, groups.len()),
        }
    }

    /// Stages groups up to the first that is refused; returns the positions of each, and why that one was.
    fn stage(&mut self, groups: &[Group]) -> (Vec<Positions>, Option<(usize, Refusal)>) {
        let mut staged = Vec::with_capacity(groups.len());
        for group in groups {
            if let Some(position) = self.run.add(&self.logs, group) {
                staged.push(Positions::One(position));
                continue;
            }
            let written = self.run.stage(&mut self.logs);
            match written.and_then(|()| group.stage(&mut self.logs)) {
                Ok(positions) => staged.push(positions),
                Err(refused) => return (staged, Some(refused)),
            }
        }
        let refused = self.run.stage(&mut self.logs).err();
        (staged, refused)
    }

    /// Shuts the logs, and fails so many groups.
    fn fail(&mut self, error: CommitError, groups: usize) -> Vec<Outcome> {
        let error = SharedError::Failed(error);
        self.failed = Some(error);
        vec![Err(error); groups]
    }
}
