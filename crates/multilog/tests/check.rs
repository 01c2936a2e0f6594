//! `check` finds damage done to the metadata while the logs are open, and nothing else.

mod common;

use common::devices::Shared;
use common::image::*;
use common::{in_memory, pattern, ID};
use multilog::*;

const CAPACITIES: [u64; 3] = [10, 20, 30];
const LOGS: usize = CAPACITIES.len();

/// Open logs, neither of whose copies says that they are empty, and the medium under them.
fn logs() -> (MultiLog<Shared>, Shared) {
    let region = Shared::new(in_memory(&CAPACITIES).into_region().into_vec());
    let mut logs = MultiLog::open(region.clone()).unwrap();
    for round in 0..3 {
        for log in 0..LOGS as u64 {
            logs.stage_append(log, &pattern(round, 2)).unwrap();
        }
        logs.commit().unwrap();
    }
    (logs, region)
}

fn corrupt(part: Part, address: usize) -> Result<(), CheckError> {
    Err(CheckError::Corrupt(Corruption {
        part,
        address: address as u64,
    }))
}

#[test]
fn every_bit_of_the_metadata() {
    let (logs, region) = logs();
    let live = entry_at(LOGS, live_copy(&region.bytes()), 0);
    for bit in 0..8 * region.bytes().len() {
        region.flip_bit(bit);
        let addr = bit / 8;
        let expected = if addr < 64 {
            corrupt(Part::Superblock, addr / 32 * 32)
        } else if addr < SELECTOR + 8 {
            corrupt(Part::Selector, SELECTOR)
        } else if (DIRECTORY..DIRECTORY + 32 * LOGS).contains(&addr) {
            let log = (addr - DIRECTORY) / 32;
            corrupt(Part::Directory { log: log as u64 }, DIRECTORY + 32 * log)
        } else if (live..live + 32 * LOGS).contains(&addr) {
            let log = (addr - live) / 32;
            corrupt(Part::Entry { log: log as u64 }, live + 32 * log)
        } else {
            Ok(())
        };
        assert_eq!(logs.check().map(drop), expected, "bit {bit}");
        region.flip_bit(bit);
    }
    assert_eq!(logs.check().map(drop), Ok(()));
}

#[test]
fn metadata_that_is_whole_but_not_what_the_logs_rely_on() {
    let (logs, region) = logs();
    let sound = region.bytes();
    let live = entry_at(LOGS, live_copy(&sound), 0);
    let idle = entry_at(LOGS, 1 - live_copy(&sound), 0);
    let damaged = |damage: &dyn Fn(&mut Vec<u8>)| {
        let mut image = sound.clone();
        damage(&mut image);
        region.set_bytes(&image);
        let found = logs.check().map(drop);
        region.set_bytes(&sound);
        found
    };
    let inverted = damaged(&|image| set_word(image, SELECTOR, !word(&sound, SELECTOR)));
    assert_eq!(inverted, corrupt(Part::Selector, SELECTOR));
    let older = damaged(&|image| image.copy_within(idle + 32..idle + 64, live + 32));
    assert_eq!(older, corrupt(Part::Entry { log: 1 }, live + 32));
    let moved = damaged(&|image| set_ring(image, 2, word(&sound, DIRECTORY + 64), 29));
    assert_eq!(moved, corrupt(Part::Directory { log: 2 }, DIRECTORY + 64));
    let blank = damaged(&|image| image.fill(0));
    assert_eq!(blank, corrupt(Part::Superblock, 0));
    let shorter = damaged(&|image| {
        let magic = word(image, 0);
        set_header(image, magic, 1, LOGS as u64, 400);
    });
    assert_eq!(shorter, corrupt(Part::Superblock, 0));
    let fewer = damaged(&|image| {
        let (magic, len) = (word(image, 0), image.len() as u64);
        set_header(image, magic, 1, LOGS as u64 - 1, len);
    });
    assert_eq!(fewer, corrupt(Part::Superblock, 0));
    assert_eq!(logs.check().map(drop), Ok(()));
}

#[test]
fn another_region_underneath() {
    let (logs, region) = logs();
    assert_eq!(logs.region_id(), ID);
    let other = MemRegion::new(region.bytes().len());
    let other = MultiLog::create(other, &CAPACITIES).unwrap();
    region.set_bytes(&other.into_region().into_vec());
    assert_eq!(logs.check().map(drop), corrupt(Part::Superblock, 32));
}

#[test]
fn staged_changes_are_no_damage() {
    let (mut logs, _) = logs();
    logs.stage_append(0, b"more").unwrap();
    logs.stage_truncate(1, 1).unwrap();
    assert_eq!(logs.check().map(drop), Ok(()));
    logs.abort();
    assert_eq!(logs.check().map(drop), Ok(()));
}
