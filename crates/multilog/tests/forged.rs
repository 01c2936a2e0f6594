//! Metadata with right CRCs and wrong contents, which no damage leaves but a faulty or hostile program may: `open`
//! returns logs that make sense, or says what does not.

mod common;

use common::image::*;
use common::{open, with_lines};
use multilog::*;
use proptest::prelude::*;

const MAGIC: u64 = u64::from_le_bytes(*b"multilog");
const CAPACITIES: [u64; 2] = [10, 20];
const LOGS: usize = CAPACITIES.len();

fn image() -> Vec<u8> {
    with_lines(&CAPACITIES, 2).into_region().into_vec()
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
    assert_eq!(with_header(MAGIC, 2, 2, len), None);
    for version in [0, 1, 3, u64::from(u32::MAX)] {
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
        assert_eq!(with_header(MAGIC, 2, 2, recorded), Some(expected));
    }
    // Not a number of logs, or more than have room here.
    for logs in [0, 3, 65_536, 65_537, u64::from(u32::MAX)] {
        let expected = corrupt(Part::Superblock, 0);
        assert_eq!(with_header(MAGIC, 2, logs, len), expected);
    }
    for magic in [1, !MAGIC, MAGIC.swap_bytes()] {
        let expected = corrupt(Part::Superblock, 0);
        assert_eq!(with_header(magic, 2, 2, len), expected);
    }
    // Not so many lines for records that a commit of both logs has room, or more than there is room for here.
    for (lines, possible) in [
        (0, false),
        (1, false),
        (2, true),
        (3, false),
        (u64::MAX, false),
    ] {
        let mut image = image();
        set_id(&mut image, lines);
        let expected = corrupt(Part::Superblock, 0);
        assert_eq!(
            open(&image).err(),
            expected.filter(|_| !possible),
            "{lines}"
        );
    }
}

#[test]
fn headers_of_journals() {
    let with_header = |payload| {
        let mut image = image();
        set_codeword(&mut image, JOURNAL_A, 3 << 32, payload);
        open(&image).err()
    };
    assert_eq!(with_header([0, 0, 0]), None);
    for payload in [[1 << 63, 0, 0], [0, 1, 0], [0, 0, 1]] {
        assert_eq!(with_header(payload), corrupt(Part::Header, JOURNAL_A));
    }
    // Right, but then the entries are of another number.
    let entry = corrupt(Part::Entry { log: 0 }, JOURNAL_A + 64);
    assert_eq!(with_header([1, 0, 0]), entry);
}

/// Whether a log lies there, with nothing before `floor`.
fn ring_makes_sense(floor: u64, [start, capacity]: [u64; 2], len: u64) -> Option<u64> {
    let end = start.checked_add(capacity)?;
    (start >= floor && capacity > 0 && end <= len).then_some(end)
}

fn extent_makes_sense([head, tail]: [u64; 2], capacity: u64) -> bool {
    head <= tail && tail - head <= capacity
}

/// A snapshot, and a record behind it.
#[derive(Debug, Clone)]
struct Forged {
    rings: [[u64; 2]; LOGS],
    extents: [[u64; 2]; LOGS],
    change: Option<(u64, [u64; 2])>,
}

/// The first thing in an image that makes no sense.
fn first_problem(image: &[u8], forged: &Forged) -> Option<OpenError> {
    let entry = |log| corrupt(Part::Entry { log: log as u64 }, entry_at(image, 0, log));
    let mut floor = metadata_end(image) as u64;
    for (log, ring) in forged.rings.into_iter().enumerate() {
        match ring_makes_sense(floor, ring, image.len() as u64) {
            Some(end) => floor = end,
            None => return entry(log),
        }
    }
    let mut extents = forged.extents;
    if let Some((log, extent)) = forged.change {
        match extents.get_mut(log as usize) {
            Some(old) => *old = extent,
            None => return corrupt(Part::Records { len: 128 }, records_at(image, 0)),
        }
    }
    let capacity = |log: usize| forged.rings[log][1];
    let senseless = (0..LOGS).find(|&log| !extent_makes_sense(extents[log], capacity(log)));
    senseless.and_then(entry)
}

/// Small numbers, large ones, and those around the ends of the rings.
fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..40u64,
        4 => 760..900u64,
        1 => any::<u64>(),
        1 => (0..400u64).prop_map(|back| u64::MAX - back),
    ]
}

fn any_ring() -> impl Strategy<Value = [u64; 2]> {
    [any_number(), any_number()]
}

fn any_extent() -> impl Strategy<Value = [u64; 2]> {
    let near =
        (any_number(), -5..25i64).prop_map(|(head, len)| [head, head.saturating_add_signed(len)]);
    prop_oneof![4 => near, 1 => any::<[u64; 2]>()]
}

/// As `create` places them, or anywhere.
fn any_rings() -> impl Strategy<Value = [[u64; 2]; LOGS]> {
    let rings = || [[768, 10], [832, 20]];
    prop_oneof![
        2 => Just(rings()),
        1 => any_ring().prop_map(move |ring| [ring, rings()[1]]),
        1 => any_ring().prop_map(move |ring| [rings()[0], ring]),
        1 => [any_ring(), any_ring()],
    ]
}

fn any_forged() -> impl Strategy<Value = Forged> {
    let log = prop_oneof![8 => 0..LOGS as u64, 1 => 0..1u64 << 62];
    let change = prop::option::of((log, any_extent()));
    (any_rings(), [any_extent(), any_extent()], change).prop_map(|(rings, extents, change)| {
        Forged {
            rings,
            extents,
            change,
        }
    })
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
    fn entries_and_records(forged in any_forged()) {
        let mut image = image();
        for log in 0..LOGS {
            let ([start, capacity], [head, tail]) = (forged.rings[log], forged.extents[log]);
            set_entry(&mut image, 0, log, [start, capacity, head, tail]);
        }
        if let Some((log, [head, tail])) = forged.change {
            push_record(&mut image, &[change(log, head, tail, None)]);
        }
        let problem = first_problem(&image, &forged);
        match open(&image) {
            Ok(logs) => {
                prop_assert_eq!(problem, None);
                use_logs(logs);
            }
            Err(error) => prop_assert_eq!(problem, Some(error)),
        }
    }
}
