//! Reading what is committed, while something else is being committed.

use super::Inner;
use crate::records::format::{Prefix, RECORD_HEADER};
use crate::{
    AnyRegion, DaxRegion, FileError, FileRegion, LogInfo, MemRegion, MultiLog, ReadError,
    RecordError, Region, RegionId, RECORD_OVERHEAD,
};
use pmem::bytes::get_u64;
use pmem::crc::extend::extend_crc64;
use pmem::ring::Ring;
use pmem::{FileReader, IoError};
use std::sync::{RwLock, RwLockReadGuard};

/// A panic while committing is caught.
pub(super) const NOT_POISONED: &str = "nothing panics while it is locked";

/// A region whose logs can be shared.
pub trait Shareable: Region + Send + Sync {
    /// Another handle on the region, to read what is in it while it is written to and flushed.
    ///
    /// Where there is none, readers take turns with commits, which is right for a region that is flushed in no time.
    ///
    /// # Errors
    /// The file cannot be opened a second time.
    fn reader(&self) -> Result<Option<FileReader>, FileError> {
        Ok(None)
    }
}

impl Shareable for MemRegion {}

impl Shareable for DaxRegion {}

impl Shareable for FileRegion {
    fn reader(&self) -> Result<Option<FileReader>, FileError> {
        FileReader::of(self).map(Some)
    }
}

impl Shareable for AnyRegion {
    fn reader(&self) -> Result<Option<FileReader>, FileError> {
        match self {
            AnyRegion::File(region) => region.reader(),
            AnyRegion::Dax(region) => region.reader(),
        }
    }
}

/// A record that was read, and whose CRCs are right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedRecord {
    /// The position where it starts.
    pub position: u64,
    /// The position behind it, where the next record starts.
    pub next_position: u64,
    /// Its payload.
    pub payload: Vec<u8>,
}

/// Where the committed bytes are, and a way to read them.
pub(super) struct Reader {
    id: RegionId,
    rings: Vec<Ring>,
    /// Where each log stands. While it is locked to read, no head moves, so what is between head and tail is not
    /// written to: a commit that frees it comes before an append that takes it.
    published: RwLock<Vec<LogInfo>>,
    file: Option<FileReader>,
}

impl Reader {
    pub(super) fn of<R: Shareable>(logs: &MultiLog<R>) -> Result<Reader, FileError> {
        let published = (0..logs.log_count()).filter_map(|log| logs.info(log));
        Ok(Reader {
            id: logs.region_id(),
            rings: logs.rings().to_vec(),
            published: RwLock::new(published.collect()),
            file: logs.region().reader()?,
        })
    }

    /// Tells the readers where these logs stand.
    pub(super) fn publish<R: Region>(
        &self,
        logs: &MultiLog<R>,
        changed: impl Iterator<Item = u64>,
    ) {
        let mut published = self.published.write().expect(NOT_POISONED);
        for log in changed {
            if let Some(info) = logs.info(log) {
                published[log as usize] = info;
            }
        }
    }

    pub(super) fn info(&self, log: u64) -> Option<LogInfo> {
        self.published().get(usize::try_from(log).ok()?).copied()
    }

    pub(super) fn log_count(&self) -> u64 {
        self.rings.len() as u64
    }

    pub(super) fn region_id(&self) -> RegionId {
        self.id
    }

    fn published(&self) -> RwLockReadGuard<'_, Vec<LogInfo>> {
        self.published.read().expect(NOT_POISONED)
    }

    /// Where a log stands; it stays there for as long as the guard lives.
    fn hold(&self, log: u64) -> Option<(RwLockReadGuard<'_, Vec<LogInfo>>, LogInfo)> {
        let published = self.published();
        let info = *published.get(usize::try_from(log).ok()?)?;
        Some((published, info))
    }

    /// Reads bytes of a ring that has them, at most as many as it holds.
    fn read_ring(
        &self,
        file: &FileReader,
        log: u64,
        position: u64,
        buf: &mut [u8],
    ) -> Result<(), IoError> {
        let ring = self.rings[log as usize];
        let offset = position % ring.capacity;
        let before_end = (ring.capacity - offset).min(buf.len() as u64) as usize;
        let (first, second) = buf.split_at_mut(before_end);
        file.read(ring.start + offset, first)?;
        match second.is_empty() {
            true => Ok(()),
            false => file.read(ring.start, second),
        }
    }
}

impl<R: Shareable> Inner<R> {
    pub(super) fn read(&self, log: u64, position: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        let Some(file) = &self.reader.file else {
            return self.committer().logs().read(log, position, buf);
        };
        let logs = self.reader.log_count();
        let (_held, info) = self
            .reader
            .hold(log)
            .ok_or(ReadError::NoSuchLog { log, logs })?;
        let (head, tail, len) = (info.head, info.tail, buf.len() as u64);
        if position < head || position > tail || len > tail - position {
            return Err(ReadError::OutOfRange {
                position,
                len,
                head,
                tail,
            });
        }
        self.reader
            .read_ring(file, log, position, buf)
            .map_err(ReadError::Io)
    }

    /// As [`MultiLog::get_record`], of which this is a transcription.
    pub(super) fn get_record(&self, log: u64, position: u64) -> Result<OwnedRecord, RecordError> {
        let Some(file) = &self.reader.file else {
            let committer = self.committer();
            let record = committer.logs().get_record(log, position)?;
            return Ok(OwnedRecord {
                position,
                next_position: record.next_position(),
                payload: record.to_vec(),
            });
        };
        let logs = self.reader.log_count();
        let (_held, info) = self
            .reader
            .hold(log)
            .ok_or(RecordError::NoSuchLog { log, logs })?;
        let (head, tail) = (info.head, info.tail);
        if position < head || position >= tail {
            return Err(RecordError::OutOfRange {
                position,
                head,
                tail,
            });
        }
        let room = tail - position;
        if room < RECORD_HEADER {
            return Err(RecordError::NoRecord { position });
        }
        let failed = |known_next| {
            move |error| RecordError::Io {
                position,
                known_next,
                error,
            }
        };
        let mut header = [0; RECORD_HEADER as usize];
        self.reader
            .read_ring(file, log, position, &mut header)
            .map_err(failed(None))?;
        let len = get_u64(&header, 0);
        let crc = Prefix::of(self.reader.id, log).start_crc(position, len);
        if crc != get_u64(&header, 8) {
            return Err(RecordError::NoRecord { position });
        }
        if room < RECORD_OVERHEAD || len > room - RECORD_OVERHEAD {
            return Err(RecordError::Cut {
                position,
                len,
                tail,
            });
        }
        let next_position = position + RECORD_OVERHEAD + len;
        let mut payload = vec![0; len as usize + 8];
        self.reader
            .read_ring(file, log, position + RECORD_HEADER, &mut payload)
            .map_err(failed(Some(next_position)))?;
        let stored = get_u64(&payload, len as usize);
        payload.truncate(len as usize);
        match extend_crc64(crc, &payload) == stored {
            true => Ok(OwnedRecord {
                position,
                next_position,
                payload,
            }),
            false => Err(RecordError::Damaged {
                position,
                next: next_position,
            }),
        }
    }

    fn committer(&self) -> RwLockReadGuard<'_, super::Committer<R>> {
        self.committer.read().expect(NOT_POISONED)
    }
}
