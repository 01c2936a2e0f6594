//! Reading one record.

use crate::errors::ReadError;
use crate::records::errors::*;
use crate::records::format::*;
#[cfg(verus_only)]
use crate::records::get_lemmas::*;
use crate::records::read::*;
use crate::trusted::gate::MultiLog;
#[cfg(verus_only)]
use crate::trusted::{contract::*, record_contract::*};
use pmem::bytes::*;
use pmem::crc::extend::*;
#[cfg(verus_only)]
use pmem::trusted::crc::*;
use pmem::trusted::region::*;
use vstd::prelude::*;

verus! {

impl<R: Region> MultiLog<R> {
    /// Whether the committed bytes of a log go from `position` or before to `end` or behind.
    spec fn holds(&self, log: u64, position: int, end: int) -> bool {
        let committed = self@.committed.logs[log as int];
        &&& log < self@.committed.logs.len() <= u64::MAX
        &&& 0 <= committed.head <= position <= end <= committed.tail() <= u64::MAX
    }

    /// Reads bytes that are in the log.
    #[inline(always)]
    fn read_held(&self, log: u64, position: u64, buf: &mut [u8]) -> (r: Result<(), IoError>)
        requires
            self.valid(),
            self.holds(log, position as int, position + old(buf)@.len()),
        ensures
            final(buf)@.len() == old(buf)@.len(),
            match r {
                Ok(()) => read_right(self@, log, position, final(buf)@),
                Err(_) => self@.rings[log as int].damaged_at(
                    self@.medium,
                    position as int,
                    position + old(buf)@.len(),
                ),
            },
    {
        match self.read(log, position, buf) {
            Ok(()) => Ok(()),
            Err(ReadError::Io(error)) => Err(error),
            Err(_) => {
                assert(false);
                Ok(())
            },
        }
    }

    /// Reads the header of the record at `position`: the payload's length, and the header's CRC.
    fn read_header(&self, log: u64, position: u64, tail: u64) -> (r: Result<
        (u64, u64),
        RecordError,
    >)
        requires
            self.valid(),
            position < tail,
            self.holds(log, position as int, tail as int),
            tail == self@.committed.logs[log as int].tail(),
        ensures
            match r {
                Ok((len, crc)) => {
                    let id = self@.committed.id;
                    &&& position + RECORD_OVERHEAD + len <= tail
                    &&& crc == spec_crc64(record_start(id, log, position, len))
                    &&& read_right(self@, log, position, record_header(id, log, position, len))
                },
                Err(e) => record_post(record_log(self@, log), position, Err(e)),
            },
    {
        let ghost (id, at) = (self@.committed.id, record_log(self@, log));
        let ghost unread = Seq::empty() + committed_from(self@, log, position as int);
        let room = tail - position;
        if room < RECORD_HEADER {
            proof {
                lemma_may_read(self@, log, position, Seq::empty());
                assert(read_as_record(
                    at,
                    position,
                    unread,
                    Err(RecordError::NoRecord { position }),
                ));
            }
            return Err(RecordError::NoRecord { position });
        }
        let mut header = [0u8;16];
        if let Err(error) = self.read_held(log, position, &mut header) {
            proof {
                lemma_may_read(self@, log, position, Seq::empty());
                let r = Err(RecordError::Io { position, known_next: None, error });
                assert(read_as_record(at, position, unread, r));
            }
            return Err(RecordError::Io { position, known_next: None, error });
        }
        let len = get_u64(&header, 0);
        let crc = Prefix::of(self.region_id(), log).start_crc(position, len);
        let ghost bytes = header@ + committed_from(self@, log, position + RECORD_HEADER);
        proof {
            lemma_may_read(self@, log, position, header@);
            assert(header@.subrange(0, 8) =~= bytes.take(8));
            assert(u64_from_le(bytes) == u64_from_le(header@.subrange(0, 8)));
            assert(bytes.take(RECORD_HEADER as int) =~= header@);
            lemma_u64_le_of_from_le(header@.subrange(0, 8));
            lemma_u64_le_of_from_le(header@.subrange(8, 16));
            broadcast use lemma_u64_from_le_of_le;

            assert(header@ =~= header@.subrange(0, 8) + header@.subrange(8, 16));
            assert(record_header(id, log, position, len).subrange(8, 16) =~= u64_le(crc));
        }
        if crc != get_u64(&header, 8) {
            assert(read_as_record(at, position, bytes, Err(RecordError::NoRecord { position })));
            return Err(RecordError::NoRecord { position });
        }
        if room < RECORD_OVERHEAD || len > room - RECORD_OVERHEAD {
            assert(read_as_record(
                at,
                position,
                bytes,
                Err(RecordError::Cut { position, len, tail }),
            ));
            return Err(RecordError::Cut { position, len, tail });
        }
        Ok((len, crc))
    }

    /// Reads a payload of `len` bytes at `position`, in place if it can be had so, and the CRC behind it.
    fn read_body(&self, log: u64, position: u64, len: u64) -> (r: Result<
        (Payload<'_>, u64),
        IoError,
    >)
        requires
            self.valid(),
            self.holds(log, position as int, position + len + 8),
        ensures
            match r {
                Ok((payload, crc)) => {
                    &&& payload@.len() == len
                    &&& read_right(self@, log, position, payload@ + u64_le(crc))
                },
                Err(_) => self@.rings[log as int].damaged_at(
                    self@.medium,
                    position as int,
                    position + len + 8,
                ),
            },
    {
        if let Ok((bytes, round)) = self.read_in_place(log, position, len) {
            if round.is_empty() {
                let mut crc = [0u8;8];
                if let Err(error) = self.read_held(log, position + len, &mut crc) {
                    proof {
                        let ring = self@.rings[log as int];
                        let (from, mid) = (position as int, position + len);
                        lemma_damaged_end(ring, self@.medium, from, mid, mid + 8);
                    }
                    return Err(error);
                }
                let stored = get_u64(&crc, 0);
                proof {
                    assert(bytes@ + round@ =~= bytes@);
                    assert(crc@.subrange(0, 8) =~= crc@);
                    lemma_u64_le_of_from_le(crc@);
                    lemma_read_right_concat(self@, log, position, bytes@, crc@);
                }
                return Ok((Payload::InPlace(bytes), stored));
            }
        }
        let mut bytes = vec![0u8;len as usize + 8];
        self.read_held(log, position, bytes.as_mut_slice())?;
        let stored = get_u64(bytes.as_slice(), len as usize);
        let ghost read = bytes@;
        bytes.truncate(len as usize);
        proof {
            lemma_u64_le_of_from_le(read.subrange(len as int, len + 8));
            assert(bytes@ + read.subrange(len as int, len + 8) =~= read);
        }
        Ok((Payload::Copied(bytes), stored))
    }

    /// The committed record at a position of a log. If the device is mapped into memory and the payload does not go
    /// round the end of the log's ring, it is not copied.
    ///
    /// What is returned is what was appended there by [`MultiLog::stage_append_record`], unless damage has changed it
    /// into another record beyond what CRC-64 detects, or somebody appended, as bytes, what is a record of this region at
    /// just this position.
    ///
    /// # Errors
    /// See [`RecordError`].
    pub fn get_record(&self, log: u64, position: u64) -> (r: Result<Record<'_>, RecordError>)
        requires
            self.valid(),
        ensures
            get_record_post(self@, log, position, viewed(r)),
    {
        let logs = self.log_count();
        let info = match self.info(log) {
            Some(info) => info,
            None => return Err(RecordError::NoSuchLog { log, logs }),
        };
        let (head, tail) = (info.head, info.tail);
        if position < head || position >= tail {
            return Err(RecordError::OutOfRange { position, head, tail });
        }
        let (len, crc) = self.read_header(log, position, tail)?;
        let next = position + RECORD_OVERHEAD + len;
        match self.read_body(log, position + RECORD_HEADER, len) {
            Ok((payload, stored)) => {
                proof {
                    let start = record_start(self@.committed.id, log, position, len);
                    lemma_crc64_extended(start, payload@);
                    lemma_whole_read(self@, log, position, payload@, stored);
                }
                if extend_crc64(crc, payload.as_slice()) == stored {
                    Ok(Record::new(position, next, payload))
                } else {
                    Err(RecordError::Damaged { position, next })
                }
            },
            Err(error) => {
                proof {
                    lemma_only_header_read(self@, log, position, len, error);
                }
                Err(RecordError::Io { position, known_next: Some(next), error })
            },
        }
    }
}

} // verus!
