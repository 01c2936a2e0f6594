//! Creating collections with an id of their own.

use crate::{CreateError, IoError, MultiLog, Refused, Region, RegionId};

impl<R: Region> MultiLog<R> {
    /// Creates a collection of empty logs in a region that was never used: its first word must be zero.
    ///
    /// `capacities` has the bytes that each log can hold; [`required_len`](crate::required_len) says how long the
    /// region must be. The collection is durable when this returns. A crash before that leaves a region that
    /// [`MultiLog::open`] calls unformatted, and that can be created anew.
    ///
    /// # Errors
    /// See [`CreateError`]. They give the region back: as it was, but after [`CreateError::Io`].
    pub fn create(region: R, capacities: &[u64]) -> Result<MultiLog<R>, Refused<R, CreateError>> {
        match RegionId::random() {
            Ok(id) => MultiLog::create_with_id(region, capacities, id, false),
            Err(error) => Err(no_id(region, error)),
        }
    }

    /// Like [`MultiLog::create`], but destroys what the region holds. A crash meanwhile leaves what was there, or an
    /// unformatted region, or the new logs.
    ///
    /// # Errors
    /// See [`CreateError`]. They give the region back: as it was, but after [`CreateError::Io`].
    pub fn create_overwriting(
        region: R,
        capacities: &[u64],
    ) -> Result<MultiLog<R>, Refused<R, CreateError>> {
        match RegionId::random() {
            Ok(id) => MultiLog::create_with_id(region, capacities, id, true),
            Err(error) => Err(no_id(region, error)),
        }
    }
}

fn no_id<R>(region: R, error: IoError) -> Refused<R, CreateError> {
    let error = CreateError::Io(error);
    Refused { error, region }
}
