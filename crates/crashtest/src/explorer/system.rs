//! What is explored: `multilog`, `pmemlog`, and `multilog` on two devices as one.

use super::left::Left;
use super::recording::Recording;
use crate::workload::{Fault, Subject};
use multilog::{MultiLog, Region, RegionId};
use pmem::{Concat, CONCAT_ALIGNMENT};
use pmemlog::PmemLog;

/// Logs that are created with an id of one's choice, so that the same images come again, and with journals that have so many
/// lines for records, or as many as a commit of all logs needs.
pub trait Explored<R: Region>: Subject<R> {
    fn create_as(
        region: R,
        capacities: &[u64],
        lines: u64,
        id: RegionId,
        overwrite: bool,
    ) -> Result<Self, Fault>;
}

impl<R: Region> Explored<R> for MultiLog<R> {
    fn create_as(
        region: R,
        capacities: &[u64],
        lines: u64,
        id: RegionId,
        overwrite: bool,
    ) -> Result<Self, Fault> {
        let created = MultiLog::create_with_journal(region, capacities, lines, id, overwrite);
        created.map_err(|error| Fault::Unexpected(error.to_string()))
    }
}

impl<R: Region> Explored<R> for PmemLog<R> {
    fn create_as(
        region: R,
        capacities: &[u64],
        lines: u64,
        id: RegionId,
        overwrite: bool,
    ) -> Result<Self, Fault> {
        let capacity = capacities.first().copied();
        let created = PmemLog::create_with_journal(region, capacity, lines, id, overwrite);
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

    /// The device, which records to `region`.
    fn device(region: &Recording, shape: Shape) -> Result<Self::Device, Fault>;
}

/// What a device is like.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shape {
    /// Whether it is mapped into memory, and the second of two.
    pub mapped: [bool; 2],
    /// If there are two as one, this chooses the line in which the second begins.
    pub second: usize,
    /// How many lines each journal has for records, at least.
    pub lines: u64,
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

    fn device(region: &Recording, shape: Shape) -> Result<Recording, Fault> {
        Ok(region.attached(shape.mapped[0]))
    }
}

impl System for Single {
    const NAME: &'static str = "pmemlog";

    type Device = Recording;
    type Working = PmemLog<Recording>;
    type Recovered = PmemLog<Left>;

    fn device(region: &Recording, shape: Shape) -> Result<Recording, Fault> {
        Ok(region.attached(shape.mapped[0]))
    }
}

impl System for OnTwo {
    const NAME: &'static str = "multilog on two devices";

    type Device = Concat<Recording, Recording>;
    type Working = MultiLog<Self::Device>;
    type Recovered = MultiLog<Left>;

    fn device(region: &Recording, shape: Shape) -> Result<Self::Device, Fault> {
        let lines = region.len() / CONCAT_ALIGNMENT;
        let line = 1 + shape.second as u64 % (lines - 1);
        let [first, second] = region.split((line * CONCAT_ALIGNMENT) as usize);
        let [first, second] = [(first, shape.mapped[0]), (second, shape.mapped[1])]
            .map(|(part, mapped)| part.attached(mapped));
        Concat::new(first, second).map_err(|error| Fault::Unexpected(error.to_string()))
    }
}
