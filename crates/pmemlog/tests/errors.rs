//! Every error of every operation on one log, with what it says; and none of them changes anything.

#[path = "../../multilog/tests/common/mod.rs"]
mod common;

use common::devices::{io_error, Crashing, Shared};
use common::{image, in_memory};
use pmemlog::*;

/// The bytes before a log's own.
const METADATA: u64 = 8_576;

/// A log of 8 bytes with three of them at position 2.
fn log() -> PmemLog<MemRegion> {
    let mut log = PmemLog::create(MemRegion::new(METADATA as usize + 8), Some(8)).unwrap();
    assert_eq!(log.append(b"abcde"), Ok(0));
    log.advance_head(2).unwrap();
    log
}

fn contents<R: Region>(log: &PmemLog<R>) -> Vec<u8> {
    let mut bytes = vec![0; (log.tail() - log.head()) as usize];
    log.read(log.head(), &mut bytes).unwrap();
    bytes
}

/// The operation fails like this; nothing changes, and the log goes on.
fn refuses<T, E>(expected: E, operation: impl Fn(&mut PmemLog<MemRegion>) -> Result<T, E>)
where
    E: PartialEq + std::error::Error,
{
    let mut log = log();
    for _ in 0..2 {
        assert_eq!(operation(&mut log).err().as_ref(), Some(&expected));
        assert_eq!((log.head(), log.tail(), log.free()), (2, 5, 5));
        assert_eq!(contents(&log), b"cde");
        assert!(!log.is_failed());
    }
    assert!(!expected.to_string().is_empty());
    assert_eq!(log.append(b"fghij"), Ok(5));
    let log = PmemLog::open(log.into_region()).unwrap();
    assert_eq!(contents(&log), b"cdefghij");
}

#[test]
fn append_to_a_full_log() {
    let error = AppendError::Full {
        requested: 6,
        available: 5,
    };
    refuses(error, |log| log.append(b"fghijk"));
    refuses(error, |log| log.append_gathered(&[b"fgh", b"", b"ijk"]));
}

#[test]
fn append_behind_the_last_position() {
    let image = image::with_heads(&[8], u64::MAX - 2);
    let mut log = PmemLog::open(MemRegion::from_vec(image)).unwrap();
    assert_eq!(log.append(b"xyz"), Err(AppendError::PositionOverflow));
    let gathered = log.append_gathered(&[b"xy", b"z"]);
    assert_eq!(gathered, Err(AppendError::PositionOverflow));
    assert_eq!(log.append(b"xy"), Ok(u64::MAX - 2));
    assert_eq!(log.tail(), u64::MAX);
}

#[test]
fn move_an_end_beyond_the_other() {
    for position in [0, 1, 6, u64::MAX] {
        let error = MoveError::OutOfRange {
            position,
            head: 2,
            tail: 5,
        };
        refuses(error, |log| log.advance_head(position));
        refuses(error, |log| log.truncate(position));
    }
}

#[test]
fn read_what_is_not_there() {
    for (position, len) in [(1, 1), (2, 4), (5, 1), (6, 0), (u64::MAX, 2)] {
        let error = ReadError::OutOfRange {
            position,
            len,
            head: 2,
            tail: 5,
        };
        refuses(error, |log| log.read(position, &mut vec![0; len as usize]));
        refuses(error, |log| log.read_in_place(position, len).map(|_| ()));
    }
}

#[test]
fn read_from_a_device_that_is_not_mapped_or_fails() {
    let region = Shared::new(log().into_region().into_vec());
    let log = PmemLog::open(region.clone()).unwrap();
    assert_eq!(log.read_in_place(2, 3), Err(ReadError::NotMapped));
    region.set_reads_fail(true);
    let error = io_error(IoOperation::Read);
    assert_eq!(log.read(2, &mut [0; 3]), Err(ReadError::Io(error)));
    assert_eq!(log.check().map(drop), Err(CheckError::Io(error)));
    region.set_reads_fail(false);
    assert_eq!(contents(&log), b"cde");
}

#[test]
fn create_what_cannot_be() {
    let why = |created: Result<_, Refused<_, _>>| created.err().map(Refused::into_error);
    let create = |len: u64, capacity| why(PmemLog::create(MemRegion::new(len as usize), capacity));
    let too_small = |len, required| Some(CreateError::TooSmall { len, required });
    assert_eq!(create(0, None), too_small(0, METADATA + 1));
    assert_eq!(create(METADATA, None), too_small(METADATA, METADATA + 1));
    assert_eq!(create(METADATA, Some(1)), too_small(METADATA, METADATA + 1));
    assert_eq!(
        create(10_000, Some(10_001 - METADATA)),
        too_small(10_000, 10_001)
    );
    assert_eq!(
        create(10_000, Some(0)),
        Some(CreateError::ZeroCapacity { log: 0 })
    );
    assert_eq!(create(10_000, Some(u64::MAX)), Some(CreateError::TooLarge));
    let again = why(PmemLog::create(log().into_region(), None));
    assert_eq!(again, Some(CreateError::NotEmpty));
}

#[test]
fn create_with_journals_of_another_length() {
    let id = RegionId { lo: 1, hi: 2 };
    for (lines, metadata) in [(0, 512), (1, 512), (2, 640), (64, METADATA), (100, 13_184)] {
        let region = MemRegion::new(metadata as usize + 5);
        let log = PmemLog::create_with_journal(region, None, lines, id, false).unwrap();
        assert_eq!((log.capacity(), log.region_id()), (5, id));
        let region = MemRegion::new(metadata as usize);
        let refused = PmemLog::create_with_journal(region, None, lines, id, false);
        let error = CreateError::TooSmall {
            len: metadata,
            required: metadata + 1,
        };
        assert_eq!(refused.err().map(Refused::into_error), Some(error));
    }
    for lines in [1 << 60, u64::MAX] {
        let refused = PmemLog::create_with_journal(MemRegion::new(99), None, lines, id, false);
        let error = refused.err().map(Refused::into_error);
        assert_eq!(error, Some(CreateError::TooLarge));
    }
}

#[test]
fn create_as_large_as_the_region() {
    for capacity in [1, 2, 1_000] {
        let len = (METADATA + capacity) as usize;
        let mut log = PmemLog::create(MemRegion::new(len), None).unwrap();
        assert_eq!((log.capacity(), log.free()), (capacity, capacity));
        assert_eq!(log.append(&vec![7; capacity as usize]), Ok(0));
        let log = PmemLog::create_overwriting(log.into_region(), None).unwrap();
        assert_eq!((log.head(), log.tail(), log.capacity()), (0, 0, capacity));
    }
}

#[test]
fn open_what_is_not_one_log() {
    let open = |bytes| {
        let opened = PmemLog::open(MemRegion::from_vec(bytes));
        opened.err().unwrap().into_error()
    };
    for logs in [2, 3, 100] {
        let several = in_memory(&vec![1; logs]).into_region().into_vec();
        let logs = logs as u64;
        assert!(matches!(open(several), OpenError::NotOneLog { logs: found } if found == logs));
    }
    let region = |error| match error {
        OpenError::Region(error) => error,
        other => panic!("{other}"),
    };
    assert_eq!(
        region(open(vec![0; 1_000])),
        multilog::OpenError::Unformatted
    );
    let mut damaged = log().into_region().into_vec();
    damaged[200] ^= 1;
    let corruption = Corruption {
        part: Part::Entry { log: 0 },
        address: 192,
    };
    assert_eq!(
        region(open(damaged)),
        multilog::OpenError::Corrupt(corruption)
    );
}

/// The device fails at each write and flush of each operation in turn.
#[test]
fn change_a_log_whose_device_fails() {
    let image = log().into_region().into_vec();
    type Change = fn(&mut PmemLog<Crashing>) -> Option<IoError>;
    fn append_io(result: Result<u64, AppendError>) -> Option<IoError> {
        match result {
            Err(AppendError::Io(error)) => Some(error),
            other => other.map(|_| None).unwrap(),
        }
    }
    fn move_io(result: Result<(), MoveError>) -> Option<IoError> {
        match result {
            Err(MoveError::Io(error)) => Some(error),
            other => other.map(|()| None).unwrap(),
        }
    }
    let changes: [(Change, &[u8]); 4] = [
        (|log| append_io(log.append(b"fghij")), b"cdefghij"),
        (
            |log| append_io(log.append_gathered(&[b"fg", b"h"])),
            b"cdefgh",
        ),
        (|log| move_io(log.advance_head(4)), b"e"),
        (|log| move_io(log.truncate(3)), b"c"),
    ];
    for (change, changed) in changes {
        for lives in 1.. {
            let region = Crashing::new(image.clone(), lives).fail_after(lives);
            let mut log = PmemLog::open(region.clone()).unwrap();
            let error = change(&mut log);
            assert_eq!(error.is_some(), region.has_failed());
            if error.is_none() {
                assert!(lives > 3, "only {lives} writes and flushes");
                assert_eq!(contents(&log), changed);
                break;
            }
            assert!(log.is_failed());
            assert_eq!(log.append(b""), Err(AppendError::Failed));
            assert_eq!(log.append_gathered(&[]), Err(AppendError::Failed));
            assert_eq!(log.advance_head(2), Err(MoveError::Failed));
            assert_eq!(log.truncate(9), Err(MoveError::Failed));
            assert_eq!(contents(&log), b"cde");
            assert_eq!((log.head(), log.tail(), log.free()), (2, 5, 5));
            for _ in 0..50 {
                let survivor = PmemLog::open(MemRegion::from_vec(region.crash())).unwrap();
                let found = contents(&survivor);
                assert!(found == b"cde" || found == changed);
            }
        }
    }
}
