//! Reading records one after the other.

use crate::records::errors::*;
use crate::records::read::*;
use crate::trusted::gate::MultiLog;
#[cfg(verus_only)]
use crate::trusted::record_contract::*;
use pmem::trusted::region::*;
use std::iter::FusedIterator;
use vstd::prelude::*;

verus! {

/// The committed records of a log, from a position on.
///
/// It ends at the log's tail. A damaged record is an `Err` in its place, and the records behind it follow as long as
/// its header is sound. Where it is not known how to go on, an `Err` says so and is the last item.
pub struct Records<'a, R: Region> {
    logs: &'a MultiLog<R>,
    log: u64,
    position: u64,
    finished: bool,
}

impl<'a, R: Region> Records<'a, R> {
    /// What holds between calls.
    pub closed spec fn valid(&self) -> bool {
        self.logs.valid()
    }

    /// The collection.
    pub closed spec fn logs(&self) -> MultiLog<R> {
        *self.logs
    }

    /// Where it stands.
    pub closed spec fn view(&self) -> RecordsView {
        RecordsView { log: self.log, position: self.position, finished: self.finished }
    }

    /// The position of the next item: behind the records so far.
    pub fn position(&self) -> (r: u64)
        ensures
            r == self@.position,
    {
        self.position
    }

    /// The next record, or why there is none where one should be; None at the tail.
    pub fn next_record(&mut self) -> (r: Option<Result<Record<'a>, RecordError>>)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            final(self).logs() == old(self).logs(),
            next_record_post(old(self).logs()@, old(self)@, final(self)@, r),
    {
        if self.finished {
            return None;
        }
        if let Some(info) = self.logs.info(self.log) {
            if self.position == info.tail {
                return None;
            }
        }
        let r = self.logs.get_record(self.log, self.position);
        match &r {
            Ok(record) => self.position = record.next_position(),
            Err(RecordError::Damaged { next, .. }) => self.position = *next,
            Err(RecordError::Io { known_next: Some(next), .. }) => self.position = *next,
            Err(_) => self.finished = true,
        }
        Some(r)
    }
}

impl<R: Region> MultiLog<R> {
    /// The committed records of a log, from the one at `position` on.
    ///
    /// If no record starts at `position`, or it is not in the log, the first item says so, and is the last. With the
    /// log's tail there is no item.
    pub fn records_from(&self, log: u64, position: u64) -> (r: Records<'_, R>)
        requires
            self.valid(),
        ensures
            r.valid(),
            r.logs() == *self,
            r@ == (RecordsView { log, position, finished: false }),
    {
        Records { logs: self, log, position, finished: false }
    }

    /// The committed records of a log, from its head on.
    ///
    /// If there is no such log, the first item says so, and is the last.
    pub fn records(&self, log: u64) -> (r: Records<'_, R>)
        requires
            self.valid(),
        ensures
            r.valid(),
            r.logs() == *self,
            log < self@.committed.logs.len() ==> r@.position
                == self@.committed.logs[log as int].head,
            r@ == (RecordsView { log, position: r@.position, finished: false }),
    {
        let position = match self.info(log) {
            Some(info) => info.head,
            None => 0,
        };
        self.records_from(log, position)
    }
}

} // verus!

impl<'a, R: Region> Iterator for Records<'a, R> {
    type Item = Result<Record<'a>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_record()
    }
}

impl<R: Region> FusedIterator for Records<'_, R> {}
