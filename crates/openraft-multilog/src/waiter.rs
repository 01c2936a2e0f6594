//! A thread that waits for commits, so that no executor's thread has to.

use multilog::shared::{Pending, Shareable, SharedError};
use std::io;
use std::sync::mpsc::{channel, Sender};
use std::thread::{self, JoinHandle};

/// What is to be done when a commit is durable or has failed.
pub(crate) type Then = Box<dyn FnOnce(Result<(), SharedError>) + Send>;

/// The thread. It ends with this, when all that it was given is done.
pub(crate) struct Waiter<R: Shareable> {
    /// None only while it is dropped.
    commits: Option<Sender<(Pending<R>, Then)>>,
    thread: Option<JoinHandle<()>>,
}

impl<R: Shareable + 'static> Waiter<R> {
    pub(crate) fn start(group: u64) -> io::Result<Waiter<R>> {
        let (commits, received) = channel::<(Pending<R>, Then)>();
        let wait = move || {
            for (pending, then) in received {
                then(pending.wait().map(drop));
            }
        };
        let thread = thread::Builder::new()
            .name(format!("raft-log-{group}"))
            .spawn(wait)?;
        Ok(Waiter {
            commits: Some(commits),
            thread: Some(thread),
        })
    }

    /// Has the thread wait for a commit, behind those that it was given before; or returns false, if it has panicked. If it
    /// has or will, `then` is dropped.
    pub(crate) fn wait_for(&self, pending: Pending<R>, then: Then) -> bool {
        match &self.commits {
            Some(commits) => commits.send((pending, then)).is_ok(),
            None => false,
        }
    }
}

impl<R: Shareable> Drop for Waiter<R> {
    fn drop(&mut self) {
        self.commits.take();
        if let Some(thread) = self.thread.take() {
            // The last handle may be dropped by what the thread itself does last.
            if thread.thread().id() != thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}
