//! Creating logs with an id of their own.

#[cfg(verus_only)]
use crate::trusted::contract::*;
use crate::{CreateError, PmemLog, Refused, Region, RegionId};
#[cfg(verus_only)]
use multilog::trusted::contract::create_random_refused_post;
use vstd::prelude::*;

verus! {

impl<R: Region> PmemLog<R> {
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
                    capacities(region@, capacity),
                    log@.id,
                    false,
                    log@,
                    log.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_random_refused_post(
                    region@,
                    e.region@,
                    capacities(region@, capacity),
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
                    capacities(region@, capacity),
                    log@.id,
                    true,
                    log@,
                    log.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_random_refused_post(
                    region@,
                    e.region@,
                    capacities(region@, capacity),
                    true,
                    e.error,
                ),
            },
    {
        PmemLog::create_random(region, capacity, true)
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
                    capacities(region@, capacity),
                    log@.id,
                    overwrite,
                    log@,
                    log.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_random_refused_post(
                    region@,
                    e.region@,
                    capacities(region@, capacity),
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
