//! Creating collections with an id of their own.
use crate::layout::JOURNAL_LINES;
#[cfg(verus_only)]
use crate::trusted::contract::*;
use crate::{CreateError, MultiLog, Refused, Region, RegionId};
use vstd::prelude::*;

verus! {

impl<R: Region> MultiLog<R> {
    /// Creates a collection of empty logs in a region that was never used: its first word must be zero.
    ///
    /// `capacities` has the bytes that each log can hold; [`required_len`](crate::required_len) says how long the
    /// region must be. The collection is durable when this returns. A crash before that leaves a region that
    /// [`MultiLog::open`] calls unformatted, and that can be created anew.
    ///
    /// # Errors
    /// See [`CreateError`]. They give the region back: as it was, but after [`CreateError::Io`].
    pub fn create(region: R, capacities: &[u64]) -> (r: Result<
        MultiLog<R>,
        Refused<R, CreateError>,
    >)
        requires
            region.inv(),
        ensures
            match r {
                Ok(m) => m.valid() && create_post(
                    region@,
                    capacities@,
                    JOURNAL_LINES as int,
                    false,
                    m@,
                    m.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_random_refused_post(
                    region@,
                    e.region@,
                    capacities@,
                    JOURNAL_LINES as int,
                    false,
                    e.error,
                ),
            },
    {
        MultiLog::create_random(region, capacities, false)
    }

    /// Like [`MultiLog::create`], but destroys what the region holds. A crash meanwhile leaves what was there, or an
    /// unformatted region, or the new logs.
    ///
    /// # Errors
    /// See [`CreateError`]. They give the region back: as it was, but after [`CreateError::Io`].
    pub fn create_overwriting(region: R, capacities: &[u64]) -> (r: Result<
        MultiLog<R>,
        Refused<R, CreateError>,
    >)
        requires
            region.inv(),
        ensures
            match r {
                Ok(m) => m.valid() && create_post(
                    region@,
                    capacities@,
                    JOURNAL_LINES as int,
                    true,
                    m@,
                    m.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_random_refused_post(
                    region@,
                    e.region@,
                    capacities@,
                    JOURNAL_LINES as int,
                    true,
                    e.error,
                ),
            },
    {
        MultiLog::create_random(region, capacities, true)
    }

    /// Creates a collection with this id, in a region that was never used unless `overwrite`, with journals of the usual length.
    ///
    /// # Errors
    /// See [`CreateError`]. They give the region back: as it was, but after [`CreateError::Io`].
    pub fn create_with_id(region: R, capacities: &[u64], id: RegionId, overwrite: bool) -> (r:
        Result<MultiLog<R>, Refused<R, CreateError>>)
        requires
            region.inv(),
        ensures
            match r {
                Ok(m) => m.valid() && m@.committed.id == id && create_post(
                    region@,
                    capacities@,
                    JOURNAL_LINES as int,
                    overwrite,
                    m@,
                    m.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_refused_post(
                    region@,
                    e.region@,
                    capacities@,
                    JOURNAL_LINES as int,
                    id,
                    overwrite,
                    e.error,
                ),
            },
    {
        MultiLog::create_with_journal(region, capacities, JOURNAL_LINES, id, overwrite)
    }

    /// Creates a collection with a random id.
    fn create_random(region: R, capacities: &[u64], overwrite: bool) -> (r: Result<
        MultiLog<R>,
        Refused<R, CreateError>,
    >)
        requires
            region.inv(),
        ensures
            match r {
                Ok(m) => m.valid() && create_post(
                    region@,
                    capacities@,
                    JOURNAL_LINES as int,
                    overwrite,
                    m@,
                    m.recovers_to(),
                ),
                Err(e) => e.region.inv() && create_random_refused_post(
                    region@,
                    e.region@,
                    capacities@,
                    JOURNAL_LINES as int,
                    overwrite,
                    e.error,
                ),
            },
    {
        match RegionId::random() {
            Ok(id) => MultiLog::create_with_id(region, capacities, id, overwrite),
            Err(e) => Err(Refused { error: CreateError::Io(e), region }),
        }
    }
}

} // verus!
