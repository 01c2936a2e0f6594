//! Creating logs.
#[cfg(verus_only)]
use crate::trusted::contract::*;
use crate::{CreateError, PmemLog, Refused, Region, RegionId};
use multilog::layout::{required_len_with_journal, JOURNAL_LINES};
#[cfg(verus_only)]
use multilog::trusted::contract::{create_random_refused_post, create_refused_post};
use multilog::MultiLog;
use vstd::prelude::*;

verus! {

impl<R: Region> PmemLog<R> {
    /// Creates an empty log of `capacity` bytes, or of as many as the region has room for, in a region that was never
    /// used: its first word must be zero, unless `overwrite`. It is durable when this returns. In each journal there are
    /// `lines` lines of 64 bytes for records of changes, or one. A change takes one.
    pub fn create_with_journal(
        region: R,
        capacity: Option<u64>,
        lines: u64,
        id: RegionId,
        overwrite: bool,
    ) -> (r: Result<PmemLog<R>, Refused<R, CreateError>>)
        requires
            region.inv(),
        ensures
            match r {
                Ok(log) => log.valid() && create_post(
                    region@,
                    capacities(region@, capacity, lines as int),
                    lines as int,
                    id,
                    overwrite,
                    log@,
                    log.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_refused_post(
                    region@,
                    e.region@,
                    capacities(region@, capacity, lines as int),
                    lines as int,
                    id,
                    overwrite,
                    e.error,
                ),
            },
    {
        let capacity = match capacity {
            Some(capacity) => capacity,
            None => Self::room(&region, lines),
        };
        let capacities = [capacity];
        proof {
            assert(capacities@ =~= seq![capacity]);
        }
        match MultiLog::create_with_journal(region, &capacities, lines, id, overwrite) {
            Ok(logs) => {
                let log = PmemLog { logs };
                proof {
                    log.lemma_collection();
                }
                Ok(log)
            },
            Err(e) => Err(e),
        }
    }

    /// The capacity of a log that fills the region, or a byte if there is no room.
    fn room(region: &R, lines: u64) -> (r: u64)
        requires
            region.inv(),
        ensures
            seq![r] == capacities(region@, None, lines as int),
    {
        proof {
            region.lemma_inv();
        }
        let len = region.len();
        let least = [1];
        match required_len_with_journal(&least, lines) {
            Some(required) if required <= len => len - (required - 1),
            _ => 1,
        }
    }

    /// Creates an empty log of `capacity` bytes, or of as many as the region has room for, in a region that was never
    /// used: its first word must be zero. It is durable when this returns. A crash before that leaves a region that
    /// [`PmemLog::open`] calls unformatted, and that can be created anew.
    ///
    /// # Errors
    /// See [`CreateError`]. They give the region back: as it was, but after [`CreateError::Io`].
    pub fn create(region: R, capacity: Option<u64>) -> (r: Result<
        PmemLog<R>,
        Refused<R, CreateError>,
    >)
        requires
            region.inv(),
        ensures
            match r {
                Ok(log) => log.valid() && create_post(
                    region@,
                    capacities(region@, capacity, JOURNAL_LINES as int),
                    JOURNAL_LINES as int,
                    log@.id,
                    false,
                    log@,
                    log.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_random_refused_post(
                    region@,
                    e.region@,
                    capacities(region@, capacity, JOURNAL_LINES as int),
                    JOURNAL_LINES as int,
                    false,
                    e.error,
                ),
            },
    {
        PmemLog::create_random(region, capacity, false)
    }

    /// Like [`PmemLog::create`], but destroys what the region holds.
    ///
    /// # Errors
    /// See [`CreateError`]. They give the region back: as it was, but after [`CreateError::Io`].
    pub fn create_overwriting(region: R, capacity: Option<u64>) -> (r: Result<
        PmemLog<R>,
        Refused<R, CreateError>,
    >)
        requires
            region.inv(),
        ensures
            match r {
                Ok(log) => log.valid() && create_post(
                    region@,
                    capacities(region@, capacity, JOURNAL_LINES as int),
                    JOURNAL_LINES as int,
                    log@.id,
                    true,
                    log@,
                    log.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_random_refused_post(
                    region@,
                    e.region@,
                    capacities(region@, capacity, JOURNAL_LINES as int),
                    JOURNAL_LINES as int,
                    true,
                    e.error,
                ),
            },
    {
        PmemLog::create_random(region, capacity, true)
    }

    /// Creates a log with this id, in a region that was never used unless `overwrite`, with journals of the usual length.
    ///
    /// # Errors
    /// See [`CreateError`]. They give the region back: as it was, but after [`CreateError::Io`].
    pub fn create_with_id(region: R, capacity: Option<u64>, id: RegionId, overwrite: bool) -> (r:
        Result<PmemLog<R>, Refused<R, CreateError>>)
        requires
            region.inv(),
        ensures
            match r {
                Ok(log) => log.valid() && create_post(
                    region@,
                    capacities(region@, capacity, JOURNAL_LINES as int),
                    JOURNAL_LINES as int,
                    id,
                    overwrite,
                    log@,
                    log.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_refused_post(
                    region@,
                    e.region@,
                    capacities(region@, capacity, JOURNAL_LINES as int),
                    JOURNAL_LINES as int,
                    id,
                    overwrite,
                    e.error,
                ),
            },
    {
        PmemLog::create_with_journal(region, capacity, JOURNAL_LINES, id, overwrite)
    }

    /// Creates a log with a random id.
    fn create_random(region: R, capacity: Option<u64>, overwrite: bool) -> (r: Result<
        PmemLog<R>,
        Refused<R, CreateError>,
    >)
        requires
            region.inv(),
        ensures
            match r {
                Ok(log) => log.valid() && create_post(
                    region@,
                    capacities(region@, capacity, JOURNAL_LINES as int),
                    JOURNAL_LINES as int,
                    log@.id,
                    overwrite,
                    log@,
                    log.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_random_refused_post(
                    region@,
                    e.region@,
                    capacities(region@, capacity, JOURNAL_LINES as int),
                    JOURNAL_LINES as int,
                    overwrite,
                    e.error,
                ),
            },
    {
        match RegionId::random() {
            Ok(id) => PmemLog::create_with_id(region, capacity, id, overwrite),
            Err(e) => Err(Refused { error: CreateError::Io(e), region }),
        }
    }
}

} // verus!
