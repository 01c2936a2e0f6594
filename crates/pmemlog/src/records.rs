//! Records: appends with a length and a CRC. `multilog` has the format and the contracts of reading.
use crate::change::ChangeError;
use crate::log::PmemLog;
use crate::log_errors::AppendRecordError;
#[cfg(verus_only)]
use crate::trusted::contract::*;
#[cfg(verus_only)]
use multilog::{
    records::format::record,
    trusted::record_contract,
    trusted::record_contract::{record_post, viewed, RecordsView},
};
use multilog::{Record, RecordError, Records};
use pmem::trusted::region::*;
use vstd::prelude::*;

verus! {

impl<R: Region> PmemLog<R> {
    /// Appends a record with this payload and returns its position, with which [`PmemLog::get_record`] gives it back.
    /// It is durable when this returns Ok.
    ///
    /// It takes [`RECORD_OVERHEAD`](crate::RECORD_OVERHEAD) bytes more than the payload has.
    ///
    /// # Errors
    /// See [`AppendRecordError`]; nothing is appended then.
    pub fn append_record(&mut self, payload: &[u8]) -> (r: Result<u64, AppendRecordError>)
        requires
            old(self).valid(),
        ensures
            final(self).valid(),
            append_record_post(
                old(self)@,
                final(self)@,
                final(self).region_view().durable,
                payload@,
                r,
            ),
    {
        let ghost before = self@;
        proof {
            self.lemma_collection();
        }
        let staged = self.logs.stage_append_record(0, payload);
        proof {
            self.logs.theorem_recovers_to();
        }
        match staged {
            Ok(position) => {
                let ghost changed = before.log.append(record(before.id, 0, position, payload@));
                match self.commit(Ghost(changed)) {
                    Ok(()) => Ok(position),
                    Err(ChangeError::Exhausted) => Err(AppendRecordError::Exhausted),
                    Err(ChangeError::Io(e)) => Err(AppendRecordError::Io(e)),
                }
            },
            Err(multilog::AppendRecordError::Failed) => Err(AppendRecordError::Failed),
            Err(multilog::AppendRecordError::TooLong { len, capacity }) => Err(
                AppendRecordError::TooLong { len, capacity },
            ),
            Err(multilog::AppendRecordError::PositionOverflow) => Err(
                AppendRecordError::PositionOverflow,
            ),
            Err(multilog::AppendRecordError::Full { requested, available }) => Err(
                AppendRecordError::Full { requested, available },
            ),
            Err(multilog::AppendRecordError::Io(e)) => Err(AppendRecordError::Io(e)),
            Err(_) => {
                assert(false);
                Err(AppendRecordError::Failed)
            },
        }
    }

    /// The record at a position. If the device is mapped into memory and the payload does not go round the end of the
    /// log's ring, it is not copied.
    ///
    /// What is returned is what was appended there by [`PmemLog::append_record`], unless damage has changed it into
    /// another record beyond what CRC-64 detects, or somebody appended, as bytes, what is a record of this log at just
    /// this position.
    ///
    /// # Errors
    /// See [`RecordError`]; `NoSuchLog` is not among them.
    pub fn get_record(&self, position: u64) -> (r: Result<Record<'_>, RecordError>)
        requires
            self.valid(),
        ensures
            record_post(record_log(self@), position, viewed(r)),
    {
        self.logs.get_record(0, position)
    }

    /// The records from the one at `position` on.
    ///
    /// If no record starts at `position`, or it is not in the log, the first item says so, and is the last. With the
    /// log's tail there is no item.
    pub fn records_from(&self, position: u64) -> (r: Records<'_, R>)
        requires
            self.valid(),
        ensures
            r.valid(),
            r.logs()@.committed.logs.len() == 1,
            record_contract::record_log(r.logs()@, 0) == record_log(self@),
            r@ == (RecordsView { log: 0, position, finished: false }),
    {
        self.logs.records_from(0, position)
    }

    /// The records from the head on.
    pub fn records(&self) -> (r: Records<'_, R>)
        requires
            self.valid(),
        ensures
            r.valid(),
            r.logs()@.committed.logs.len() == 1,
            record_contract::record_log(r.logs()@, 0) == record_log(self@),
            r@.position == self@.log.head,
            r@ == (RecordsView { log: 0, position: r@.position, finished: false }),
    {
        self.logs.records(0)
    }
}

} // verus!
