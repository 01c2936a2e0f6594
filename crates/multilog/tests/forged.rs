//! Metadata with right CRCs and wrong contents, which no damage leaves but a faulty or hostile program may: `open`
//! returns logs that make sense, or says what does not.

mod common;

use common::image::*;
use common::{in_memory, open};
use multilog::*;
use proptest::prelude::*;

const MAGIC: u64 = u64::from_le_bytes(*b"multilog");
const CAPACITIES: [u64; 2] = [10, 20];
const LOGS: usize = CAPACITIES.len();

fn image() -> Vec<u8> {
    in_memory(&CAPACITIES).into_region().into_vec()
}

fn corrupt(part: Part, address: usize) -> Option<OpenError> {
    Some(OpenError::Corrupt(Corruption {
        part,
        address: address as u64,
    }))
}

#[test]
fn superblocks() {
    let len = image().len() as u64;
    let with_header = |magic, version, logs, len| {
        let mut image = image();
        set_header(&mut image, magic, version, logs, len);
        open(&image).err()
    };
    assert_eq!(with_header(MAGIC, 1, 2, len), None);
    for version in [0, 2, u64::from(u32::MAX)] {
        let expected = OpenError::UnsupportedVersion { version };
        assert_eq!(with_header(MAGIC, version, 2, len), Some(expected));
        // Nothing else is known of another version.
        assert_eq!(with_header(MAGIC, version, 0, 0), Some(expected));
    }
    for recorded in [0, len - 1, len + 1, u64::MAX] {
        let expected = OpenError::WrongLength {
            recorded,
            actual: len,
        };
        assert_eq!(with_header(MAGIC, 1, 2, recorded), Some(expected));
    }
    // Not a number of logs, or more than have room here.
    for logs in [0, 3, 65_536, 65_537, u64::from(u32::MAX)] {
        let expected = corrupt(Part::Superblock, 0);
        assert_eq!(with_header(MAGIC, 1, logs, len), expected);
    }
    for magic in [1, !MAGIC, MAGIC.swap_bytes()] {
        let expected = corrupt(Part::Superblock, 0);
        assert_eq!(with_header(magic, 1, 2, len), expected);
    }
    let mut image = image();
    let zero = RegionId { lo: 0, hi: 0 };
    let line = codeword(zero, 1, [common::ID.lo, common::ID.hi, 1]);
    image[32..64].copy_from_slice(&line);
    assert_eq!(open(&image).err(), corrupt(Part::Superblock, 32));
}

/// Whether a log lies there, with nothing before `floor`.
fn ring_makes_sense(floor: u64, [start, capacity, zero]: [u64; 3], len: u64) -> Option<u64> {
    let end = start.checked_add(capacity)?;
    (start >= floor && capacity > 0 && end <= len && zero == 0).then_some(end)
}

fn entry_makes_sense([_, head, tail]: [u64; 3], capacity: u64) -> bool {
    head <= tail && tail - head <= capacity
}

/// The first thing in an image that makes no sense.
fn first_problem(
    rings: [[u64; 3]; LOGS],
    entries: [[u64; 3]; LOGS],
    len: u64,
) -> Option<OpenError> {
    let mut floor = metadata_end(LOGS) as u64;
    for (log, ring) in rings.into_iter().enumerate() {
        match ring_makes_sense(floor, ring, len) {
            Some(end) => floor = end,
            None => {
                let part = Part::Directory { log: log as u64 };
                return corrupt(part, DIRECTORY + 32 * log);
            }
        }
    }
    let senseless = (0..LOGS).find(|&log| !entry_makes_sense(entries[log], rings[log][1]));
    senseless.and_then(|log| corrupt(Part::Entry { log: log as u64 }, entry_at(LOGS, 0, log)))
}

/// Small numbers, large ones, and those around the ends of the rings.
fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..40u64,
        4 => 310..440u64,
        1 => any::<u64>(),
        1 => (0..400u64).prop_map(|back| u64::MAX - back),
    ]
}

fn any_ring() -> impl Strategy<Value = [u64; 3]> {
    let zero = prop_oneof![12 => Just(0), 1 => any::<u64>()];
    (any_number(), any_number(), zero).prop_map(|(start, capacity, zero)| [start, capacity, zero])
}

fn any_entry() -> impl Strategy<Value = [u64; 3]> {
    let near = (any_number(), -5..25i64)
        .prop_map(|(head, len)| [1, head, head.saturating_add_signed(len)]);
    prop_oneof![4 => near, 1 => any::<[u64; 3]>()]
}

/// As `create` places them, or anywhere.
fn any_rings() -> impl Strategy<Value = [[u64; 3]; LOGS]> {
    let rings = || [[320, 10, 0], [384, 20, 0]];
    prop_oneof![
        2 => Just(rings()),
        1 => any_ring().prop_map(move |ring| [ring, rings()[1]]),
        1 => any_ring().prop_map(move |ring| [rings()[0], ring]),
        1 => [any_ring(), any_ring()],
    ]
}

/// Logs that were opened can be used, whatever they say.
fn use_logs(mut logs: MultiLog<MemRegion>) {
    for log in 0..LOGS as u64 {
        let before = common::contents(&logs, log);
        let info = logs.info(log).unwrap();
        match logs.stage_append(log, b"abcd") {
            Ok(position) => assert_eq!(position, info.tail),
            Err(AppendError::Full { available, .. }) => assert_eq!(available, info.free),
            Err(error) => assert_eq!(error, AppendError::PositionOverflow),
        }
        logs.commit().unwrap();
        assert_eq!(common::contents(&logs, log)[..before.len()], before);
        let tail = logs.info(log).unwrap().tail;
        logs.stage_advance_head(log, tail).unwrap();
    }
    logs.commit().unwrap();
    assert_eq!(logs.check().map(drop), Ok(()));
    assert!(open(&logs.into_region().into_vec()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn directories_and_entries(
        rings in any_rings(),
        entries in [any_entry(), any_entry()],
    ) {
        let mut image = image();
        for log in 0..LOGS {
            let tag = DIRECTORY_TAG + log as u64;
            set_codeword(&mut image, DIRECTORY + 32 * log, tag, rings[log]);
            set_entry(&mut image, LOGS, log, entries[log]);
        }
        let problem = first_problem(rings, entries, image.len() as u64);
        match open(&image) {
            Ok(logs) => {
                prop_assert_eq!(problem, None);
                use_logs(logs);
            }
            Err(error) => prop_assert_eq!(problem, Some(error)),
        }
    }
}
