//! `check` finds damage done to the metadata while the logs are open, and nothing else.

mod common;

use common::devices::Shared;
use common::image::*;
use common::{pattern, with_lines, ID};
use multilog::*;

const CAPACITIES: [u64; 3] = [10, 20, 30];
const LOGS: usize = CAPACITIES.len();

/// Open logs, with two records in the live journal of which the last one has appended to log 1, and the medium under them. The
/// other journal is as of an earlier commit.
fn logs() -> (MultiLog<Shared>, Shared) {
    let mut logs = with_lines(&CAPACITIES, 4);
    for log in [0, 1, 2, 0, 2] {
        logs.stage_append(log, b"x").unwrap();
        logs.commit().unwrap();
    }
    assert_eq!(live(&common::image_of(&logs)), 1);
    let region = Shared::new(logs.into_region().into_vec());
    let mut logs = MultiLog::open(region.clone()).unwrap();
    for log in 0..LOGS as u64 {
        logs.stage_append(log, &pattern(log, 2)).unwrap();
    }
    logs.commit().unwrap();
    logs.stage_append(1, &pattern(7, 3)).unwrap();
    logs.commit().unwrap();
    assert_eq!(live(&region.bytes()), 0);
    assert_eq!(records(&region.bytes(), 0).len(), 2);
    (logs, region)
}

fn corrupt(part: Part, address: usize) -> Result<(), CheckError> {
    Err(CheckError::Corrupt(Corruption {
        part,
        address: address as u64,
    }))
}

/// The part that a byte belongs to: its name, its address and its length. None if it does not matter what it is.
fn part_at(image: &[u8], addr: usize) -> Option<(Part, usize)> {
    let live = live(image);
    let (journal, first) = (journal_at(image, live), records_at(image, live));
    if addr < 64 {
        Some((Part::Superblock, addr / 32 * 32))
    } else if addr < SELECTOR + 8 {
        Some((Part::Selector, SELECTOR))
    } else if (journal..journal + 32).contains(&addr) {
        Some((Part::Header, journal))
    } else if (journal + 64..first).contains(&addr) {
        let log = (addr - journal) / 64 - 1;
        Some((Part::Entry { log: log as u64 }, journal + 64 + 64 * log))
    } else {
        None
    }
}

/// Whether a byte is one of a record's, or one that the last commit has appended.
fn of_a_record(image: &[u8], addr: usize) -> bool {
    let live = live(image);
    let (start, _) = ring(image, 1);
    (records_at(image, live)..tail(image, live)).contains(&addr)
        || (start + 3..start + 6).contains(&addr)
}

#[test]
fn every_bit_of_the_region() {
    let (logs, region) = logs();
    let sound = region.bytes();
    for bit in 0..8 * sound.len() {
        region.flip_bit(bit);
        let addr = bit / 8;
        let found = logs.check().map(drop);
        match part_at(&sound, addr) {
            Some((part, at)) => assert_eq!(found, corrupt(part, at), "bit {bit}"),
            None if of_a_record(&sound, addr) => {
                let Err(CheckError::Corrupt(corruption)) = found else {
                    panic!("{found:?} for bit {bit}");
                };
                // Damage to the last record looks like one that does not count, and so like another entry.
                let right = matches!(
                    corruption.part,
                    Part::Records { .. } | Part::Entry { log: 1 }
                );
                assert!(right, "{corruption:?} for bit {bit}");
            }
            None => assert_eq!(found, Ok(()), "bit {bit}"),
        }
        region.flip_bit(bit);
    }
    assert_eq!(logs.check().map(drop), Ok(()));
}

#[test]
fn metadata_that_is_whole_but_not_what_the_logs_rely_on() {
    let (logs, region) = logs();
    let sound = region.bytes();
    let live = entry_at(&sound, 0, 1);
    let idle = entry_at(&sound, 1, 1);
    let damaged = |damage: &dyn Fn(&mut Vec<u8>)| {
        let mut image = sound.clone();
        damage(&mut image);
        region.set_bytes(&image);
        let found = logs.check().map(drop);
        region.set_bytes(&sound);
        found
    };
    let inverted = damaged(&|image| set_word(image, SELECTOR, !word(&sound, SELECTOR)));
    // The other journal is whole, and says something else.
    assert_eq!(
        inverted,
        corrupt(Part::Entry { log: 0 }, entry_at(&sound, 1, 0))
    );
    let older = damaged(&|image| image.copy_within(idle..idle + 64, live));
    assert_eq!(older, corrupt(Part::Entry { log: 1 }, live));
    let (start, capacity) = ring(&sound, 2);
    let [start, shorter_ring] = [start as u64, capacity as u64 - 1];
    let moved = damaged(&|image| set_entry(image, 0, 2, [start, shorter_ring, 0, 0]));
    assert_eq!(moved, corrupt(Part::Entry { log: 2 }, live + 64));
    let one_more = damaged(&|image| {
        push_record(image, &[change(0, 0, 1, None)]);
    });
    assert!(one_more.is_err());
    let blank = damaged(&|image| image.fill(0));
    assert_eq!(blank, corrupt(Part::Superblock, 0));
    let shorter = damaged(&|image| {
        let magic = word(image, 0);
        set_header(image, magic, 2, LOGS as u64, 600);
    });
    assert_eq!(shorter, corrupt(Part::Superblock, 0));
    let fewer = damaged(&|image| {
        let (magic, len) = (word(image, 0), image.len() as u64);
        set_header(image, magic, 2, LOGS as u64 - 1, len);
    });
    // With two logs, the records would begin where the third one's entry is.
    let records = corrupt(Part::Records { len: 96 }, entry_at(&sound, 0, 2));
    assert_eq!(fewer, records);
    assert_eq!(logs.check().map(drop), Ok(()));
}

#[test]
fn another_region_underneath() {
    let (logs, region) = logs();
    assert_eq!(logs.region_id(), ID);
    let other = MemRegion::new(region.bytes().len());
    let id = RegionId { lo: 1, hi: 2 };
    let other = MultiLog::create_with_journal(other, &CAPACITIES, 4, id, false).unwrap();
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
