//! What is inspected agrees with what `open` and `check` say, for every bit of the metadata.

use multilog::inspect::{inspect, Idle, TableCopy};
use multilog::layout::{DIRECTORY_ADDR, DIRECTORY_TAG, HEADER_TAG, MAGIC, TABLE_TAG};
use multilog::{MemRegion, MultiLog};
use pmem::codeword::{encode, Payload};

/// Three logs, of which the last commit has changed log 1.
fn image() -> Vec<u8> {
    let capacities = [40, 50, 60];
    let len = multilog::required_len(&capacities).unwrap();
    let mut logs = MultiLog::create(MemRegion::new(len as usize), &capacities).unwrap();
    for log in [0, 1, 2, 1] {
        logs.stage_append(log, b"some bytes").unwrap();
        logs.commit().unwrap();
    }
    logs.stage_advance_head(1, 7).unwrap();
    logs.commit().unwrap();
    logs.into_region().into_vec()
}

fn opens(image: &[u8]) -> bool {
    match MultiLog::open(MemRegion::from_vec(image.to_vec())) {
        Ok(logs) => logs.check().is_ok(),
        Err(_) => false,
    }
}

#[test]
fn shows_what_the_logs_say_of_themselves() {
    let image = image();
    let found = inspect(&MemRegion::from_vec(image.clone())).unwrap();
    let logs = MultiLog::open(MemRegion::from_vec(image)).unwrap();
    assert!(found.is_sound());
    assert_eq!(found.id.value, logs.region_id());
    assert_eq!(found.header.value.region_len, logs.region_len());
    assert_eq!(found.logs.len() as u64, logs.log_count());
    let live = found.live().unwrap();
    for (log, metadata) in (0..).zip(&found.logs) {
        let (entry, info) = (metadata.entry(live).value, logs.info(log).unwrap());
        assert_eq!((entry.head, entry.tail), (info.head, info.tail));
        assert_eq!(metadata.directory.value.capacity, info.capacity);
    }
    let idle: Vec<Idle> = found.logs.iter().map(|log| log.idle(live)).collect();
    assert_eq!(idle, [Idle::Settled, Idle::Behind, Idle::Settled]);
}

#[test]
fn is_sound_where_it_opens_whatever_bit_is_wrong() {
    let image = image();
    let rings = inspect(&MemRegion::from_vec(image.clone())).unwrap().logs[0]
        .directory
        .value
        .start as usize;
    let mut unsound = 0;
    for bit in 0..8 * rings {
        let mut image = image.clone();
        image[bit / 8] ^= 1 << (bit % 8);
        let found = inspect(&MemRegion::from_vec(image.clone())).unwrap();
        assert_eq!(found.is_sound(), opens(&image), "bit {bit}");
        unsound += u32::from(!found.is_sound());
    }
    // 64 bytes of superblock, the selector, three codewords in the directory and three live entries.
    assert_eq!(unsound, 8 * (64 + 8 + 3 * 32 + 3 * 32));
}

#[test]
fn is_sound_where_it_opens_wherever_it_is_cut_or_extended() {
    let image = image();
    for len in 0..image.len() + 100 {
        let mut image = image.clone();
        image.resize(len, 0);
        let found = inspect(&MemRegion::from_vec(image.clone())).unwrap();
        assert_eq!(found.is_sound(), opens(&image), "{len} bytes");
    }
}

#[test]
fn a_wrong_bit_in_the_idle_copy_tears_that_entry_only() {
    let mut image = image();
    let found = inspect(&MemRegion::from_vec(image.clone())).unwrap();
    let live: TableCopy = found.live().unwrap();
    let idle = found.logs[2].entry(live.other()).address as usize;
    image[idle + 20] ^= 1;
    let found = inspect(&MemRegion::from_vec(image)).unwrap();
    assert!(found.is_sound());
    assert_eq!(found.in_flight().torn, 1);
    assert_eq!(found.logs[2].idle(live), Idle::Torn);
}

#[test]
fn is_sound_where_it_opens_if_codewords_say_what_they_may_not() {
    let image = image();
    let found = inspect(&MemRegion::from_vec(image.clone())).unwrap();
    let (id, live) = (found.id.value, found.live().unwrap());
    let entry = found.logs[1].entry(live).address;
    let (second, third) = (found.logs[1].directory.value, found.logs[2].directory.value);
    let (len, table) = (image.len() as u64, TABLE_TAG + 1);
    let directory = (DIRECTORY_ADDR + 32, DIRECTORY_TAG + 1);
    let logs = |n: u64| 1 | n << 32;
    // Address, tag and integers of a codeword; whether that may be.
    let cases = [
        (0, HEADER_TAG, [MAGIC, logs(3), len], true),
        (0, HEADER_TAG, [MAGIC + 1, logs(3), len], false),
        (0, HEADER_TAG, [MAGIC, logs(3) + 1, len], false),
        (0, HEADER_TAG, [MAGIC, logs(3), len - 1], false),
        (0, HEADER_TAG, [MAGIC, logs(0), len], false),
        (0, HEADER_TAG, [MAGIC, logs(65_537), len], false),
        (
            directory.0,
            directory.1,
            [second.start, second.capacity, 0],
            true,
        ),
        (
            directory.0,
            directory.1,
            [second.start, second.capacity, 1],
            false,
        ),
        (directory.0, directory.1, [second.start, 0, 0], false),
        (
            directory.0,
            directory.1,
            [DIRECTORY_ADDR, second.capacity, 0],
            false,
        ),
        (
            directory.0,
            directory.1,
            [second.start, third.start - second.start + 1, 0],
            false,
        ),
        (
            directory.0,
            directory.1,
            [u64::MAX - 1, second.capacity, 0],
            false,
        ),
        (entry, table, [9, 7, 57], true),
        (entry, table, [9, 7, 58], false),
        (entry, table, [9, 8, 7], false),
    ];
    for (address, tag, [a, b, c], possible) in cases {
        let mut image = image.clone();
        let at = address as usize;
        image[at..at + 32].copy_from_slice(&encode(id, tag, Payload { a, b, c }));
        let found = inspect(&MemRegion::from_vec(image.clone())).unwrap();
        assert_eq!(
            found.is_sound(),
            possible,
            "{a:#x} {b:#x} {c:#x} at {address}"
        );
        assert_eq!(opens(&image), possible, "{a:#x} {b:#x} {c:#x} at {address}");
    }
}
