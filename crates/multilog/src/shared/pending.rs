//! A group that waits to be committed.

use super::committer::commit;
use super::{Group, Inner, Shareable, SharedError};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll};

const NOT_DONE: &str = "what has become of it is told once";

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
    /// Its number in the queue, until it was told what has become of it.
    number: Option<u64>,
}

impl<R: Shareable> Pending<R> {
    pub(super) fn new(inner: Arc<Inner<R>>, group: Group) -> Pending<R> {
        let number = Some(inner.queue.submit(group));
        Pending { inner, number }
    }

    /// Waits until the group is durable, and returns the positions of its appends and records.
    ///
    /// # Errors
    /// See [`SharedError`].
    ///
    /// # Panics
    /// If it was polled before, and was ready.
    pub fn wait(mut self) -> Result<Vec<u64>, SharedError> {
        let (inner, number) = (&self.inner, self.number.expect(NOT_DONE));
        let outcome = inner.queue.wait(number, |groups| commit(inner, groups));
        self.number = None;
        outcome.map(Vec::from)
    }
}

impl<R: Shareable> Future for Pending<R> {
    type Output = Result<Vec<u64>, SharedError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (inner, number) = (&self.inner, self.number.expect(NOT_DONE));
        let lead = |groups: &[Group]| commit(inner, groups);
        let outcome = ready!(inner.queue.poll(number, context.waker(), false, lead));
        self.number = None;
        Poll::Ready(outcome.map(Vec::from))
    }
}

impl<R: Shareable> Drop for Pending<R> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.inner.queue.forget(number);
        }
    }
}
