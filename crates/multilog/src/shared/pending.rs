//! A group that waits to be committed.

use super::committer::commit;
use super::{Group, Inner, Shareable, SharedError};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A group that waits to be committed. It is a future of the positions of its appends.
///
/// It needs no runtime. Somebody has to lead, though: the thread that polls or waits when nobody else does commits what
/// waits, which blocks it for as long as the device takes. Where that is a thread of an executor that must not be blocked,
/// [`Pending::wait`] on another one.
///
/// Dropping it takes nothing back: the group is committed with the next one that somebody waits for. If nobody ever does, it
/// is not committed.
#[must_use = "nothing is committed until somebody waits"]
pub struct Pending<R: Shareable> {
    inner: Arc<Inner<R>>,
    number: u64,
}

impl<R: Shareable> Pending<R> {
    pub(super) fn new(inner: Arc<Inner<R>>, group: Group) -> Pending<R> {
        let number = inner.queue.submit(group);
        Pending { inner, number }
    }

    /// Waits until the group is durable, and returns the positions of its appends and records.
    ///
    /// # Errors
    /// See [`SharedError`].
    pub fn wait(self) -> Result<Vec<u64>, SharedError> {
        let inner = &self.inner;
        inner
            .queue
            .wait(self.number, |groups| commit(inner, groups))
    }
}

impl<R: Shareable> Future for Pending<R> {
    type Output = Result<Vec<u64>, SharedError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let inner = &self.inner;
        let lead = |groups| commit(inner, groups);
        inner.queue.poll(self.number, context.waker(), false, lead)
    }
}

impl<R: Shareable> Drop for Pending<R> {
    fn drop(&mut self) {
        self.inner.queue.forget(self.number);
    }
}
