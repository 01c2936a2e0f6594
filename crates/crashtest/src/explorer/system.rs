//! What is explored: `multilog`, `pmemlog`, and `multilog` on two devices as one.

use super::left::Left;
use super::recording::Recording;
use crate::workload::{Fault, Subject};
use multilog::{MultiLog, Region, RegionId};
use pmem::{Concat, CONCAT_ALIGNMENT};
use pmemlog::PmemLog;

/// Logs that are created with an id of one's choice, so that the same images come again.
pub trait Explored<R: Region>: Subject<R> {
    fn create_as(
        region: R,
        capacities: &[u64],
        id: RegionId,
        overwrite: bool,
    ) -> Result<Self, Fault>;
}

impl<R: Region> Explored<R> for MultiLog<R> {
    fn create_as(
        region: R,
        capacities: &[u64],
        id: RegionId,
        overwrite: bool,
    ) -> Result<Self, Fault> {
        let created = MultiLog::create_with_id(region, capacities, id, overwrite);
        created.map_err(|error| Fault::Unexpected(error.to_string()))
    }
}

impl<R: Region> Explored<R> for PmemLog<R> {
    fn create_as(
        region: R,
        capacities: &[u64],
        id: RegionId,
        overwrite: bool,
    ) -> Result<Self, Fault> {
        let capacity = capacities.first().copied();
        let created = PmemLog::create_with_id(region, capacity, id, overwrite);
        created.map_err(|error| Fault::Unexpected(error.to_string()))
    }
}

/// Logs on a device that records and on one that a crash left.
pub trait System {
    /// Distinguishes the systems where they leave the same image.
    const NAME: &'static str;

    type Device: Region;
    type Working: Explored<Self::Device>;
    type Recovered: Subject<Left>;

    /// The device, which records to `region`. If there are two as one, `second` chooses the line in which the second
    /// begins.
    fn device(region: &Recording, second: usize) -> Result<Self::Device, Fault>;
}

/// `multilog`.
pub struct Many;

/// `pmemlog`.
pub struct Single;

/// `multilog` on two devices as one.
pub struct OnTwo;

impl System for Many {
    const NAME: &'static str = "multilog";

    type Device = Recording;
    type Working = MultiLog<Recording>;
    type Recovered = MultiLog<Left>;

    fn device(region: &Recording, _second: usize) -> Result<Recording, Fault> {
        Ok(region.clone())
    }
}

impl System for Single {
    const NAME: &'static str = "pmemlog";

    type Device = Recording;
    type Working = PmemLog<Recording>;
    type Recovered = PmemLog<Left>;

    fn device(region: &Recording, _second: usize) -> Result<Recording, Fault> {
        Ok(region.clone())
    }
}

impl System for OnTwo {
    const NAME: &'static str = "multilog on two devices";

    type Device = Concat<Recording, Recording>;
    type Working = MultiLog<Self::Device>;
    type Recovered = MultiLog<Left>;

    fn device(region: &Recording, second: usize) -> Result<Self::Device, Fault> {
        let lines = region.len() / CONCAT_ALIGNMENT;
        let line = 1 + second as u64 % (lines - 1);
        let [first, second] = region.split((line * CONCAT_ALIGNMENT) as usize);
        Concat::new(first, second).map_err(|error| Fault::Unexpected(error.to_string()))
    }
}
