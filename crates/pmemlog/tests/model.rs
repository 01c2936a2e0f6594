//! Random sequences of operations on one log, failing ones included, do what a plain model says: to memory, to a file,
//! and near the end of the positions as well. Each change is there after reopening.

#[path = "../../multilog/tests/common/mod.rs"]
mod common;

use common::{image, pattern};
use pmemlog::*;
use proptest::prelude::*;

/// A log as anybody would write it down.
struct Model {
    head: u64,
    data: Vec<u8>,
    capacity: u64,
    /// Whether the bytes can be borrowed.
    mapped: bool,
}

impl Model {
    fn tail(&self) -> u64 {
        self.head + self.data.len() as u64
    }

    fn free(&self) -> u64 {
        self.capacity - self.data.len() as u64
    }

    fn append(&mut self, bytes: &[u8]) -> Result<u64, AppendError> {
        let (position, requested, available) = (self.tail(), bytes.len() as u64, self.free());
        if position.checked_add(requested).is_none() {
            return Err(AppendError::PositionOverflow);
        }
        if requested > available {
            return Err(AppendError::Full {
                requested,
                available,
            });
        }
        self.data.extend(bytes);
        Ok(position)
    }

    /// How many bytes are before `position`.
    fn before(&self, position: u64) -> Result<usize, MoveError> {
        let (head, tail) = (self.head, self.tail());
        if position < head || position > tail {
            return Err(MoveError::OutOfRange {
                position,
                head,
                tail,
            });
        }
        Ok((position - head) as usize)
    }

    fn advance_head(&mut self, position: u64) -> Result<(), MoveError> {
        self.data.drain(..self.before(position)?);
        self.head = position;
        Ok(())
    }

    fn truncate(&mut self, position: u64) -> Result<(), MoveError> {
        self.data.truncate(self.before(position)?);
        Ok(())
    }

    fn read(&self, position: u64, len: u64) -> Result<Vec<u8>, ReadError> {
        let (head, tail) = (self.head, self.tail());
        match position.checked_add(len) {
            Some(end) if head <= position && end <= tail => {
                let bytes = &self.data[(position - head) as usize..];
                Ok(bytes[..len as usize].to_vec())
            }
            _ => Err(ReadError::OutOfRange {
                position,
                len,
                head,
                tail,
            }),
        }
    }
}

/// Where an operation aims, so that it often just succeeds and often just fails.
#[derive(Debug, Clone, Copy)]
enum Place {
    Head(i8),
    Tail(i8),
    Anywhere(u64),
}

impl Place {
    fn position(self, model: &Model) -> u64 {
        match self {
            Place::Head(by) => model.head.wrapping_add_signed(by.into()),
            Place::Tail(by) => model.tail().wrapping_add_signed(by.into()),
            Place::Anywhere(position) => position,
        }
    }
}

#[derive(Debug, Clone)]
enum Operation {
    Append(usize),
    AppendGathered(Vec<usize>),
    /// So many bytes more than there is room for, or fewer.
    Fill(i8),
    AdvanceHead(Place),
    Truncate(Place),
    Read(Place, u64),
    Reopen,
}

fn any_place() -> impl Strategy<Value = Place> {
    prop_oneof![
        4 => (-2..20i8).prop_map(Place::Head),
        4 => (-20..2i8).prop_map(Place::Tail),
        1 => any::<u64>().prop_map(Place::Anywhere),
    ]
}

fn any_operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        4 => (0..40usize).prop_map(Operation::Append),
        2 => prop::collection::vec(0..12usize, 0..5).prop_map(Operation::AppendGathered),
        2 => (-3..2i8).prop_map(Operation::Fill),
        5 => any_place().prop_map(Operation::AdvanceHead),
        2 => any_place().prop_map(Operation::Truncate),
        3 => (any_place(), 0..30u64).prop_map(|(p, n)| Operation::Read(p, n)),
        2 => Just(Operation::Reopen),
    ]
}

/// Does the operation to both, and compares what they return.
fn apply<R: Region>(log: &mut PmemLog<R>, model: &mut Model, operation: &Operation, seed: u64) {
    match *operation {
        Operation::Append(len) => {
            let bytes = pattern(seed, len);
            assert_eq!(log.append(&bytes), model.append(&bytes));
        }
        Operation::AppendGathered(ref lens) => {
            let bytes = pattern(seed, lens.iter().sum());
            let mut rest = &bytes[..];
            let mut parts = Vec::new();
            for &len in lens {
                let (part, behind) = rest.split_at(len);
                parts.push(part);
                rest = behind;
            }
            assert_eq!(log.append_gathered(&parts), model.append(&bytes));
        }
        Operation::Fill(by) => {
            let bytes = pattern(seed, model.free().saturating_add_signed(by.into()) as usize);
            assert_eq!(log.append(&bytes), model.append(&bytes));
        }
        Operation::AdvanceHead(place) => {
            let position = place.position(model);
            assert_eq!(log.advance_head(position), model.advance_head(position));
        }
        Operation::Truncate(place) => {
            let position = place.position(model);
            assert_eq!(log.truncate(position), model.truncate(position));
        }
        Operation::Read(place, len) => {
            let position = place.position(model);
            let expected = model.read(position, len);
            let mut bytes = vec![0; len as usize];
            let copied = log.read(position, &mut bytes).map(|()| bytes);
            assert_eq!(copied, expected);
            let borrowed = log.read_in_place(position, len);
            let borrowed = borrowed.map(|(first, second)| [first, second].concat());
            if model.mapped {
                assert_eq!(borrowed, expected);
            } else {
                assert_eq!(borrowed, expected.and(Err(ReadError::NotMapped)));
            }
        }
        Operation::Reopen => {}
    }
}

/// What can be asked of the log is what the model answers.
fn compare<R: Region>(log: &PmemLog<R>, model: &Model) {
    assert_eq!((log.head(), log.tail()), (model.head, model.tail()));
    assert_eq!((log.capacity(), log.free()), (model.capacity, model.free()));
    let mut bytes = vec![0; model.data.len()];
    log.read(model.head, &mut bytes).unwrap();
    assert_eq!(bytes, model.data);
    assert_eq!(log.check().map(drop), Ok(()));
    assert!(!log.is_failed());
}

fn run<R: Region>(
    mut log: PmemLog<R>,
    mut model: Model,
    operations: &[Operation],
    reopen: impl Fn(R) -> R,
) {
    compare(&log, &model);
    for (seed, operation) in operations.iter().enumerate() {
        if let Operation::Reopen = operation {
            let id = log.region_id();
            log = PmemLog::open(reopen(log.into_region())).unwrap();
            assert_eq!(log.region_id(), id);
        }
        apply(&mut log, &mut model, operation, seed as u64);
        compare(&log, &model);
    }
}

fn model(capacity: u64, head: u64, mapped: bool) -> Model {
    Model {
        head,
        data: Vec::new(),
        capacity,
        mapped,
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn a_log_in_memory_is_like_the_model(
        capacity in 1..=64u64,
        head in prop_oneof![
            3 => Just(0),
            1 => any::<u64>(),
            1 => (1 << 32) - 200..1u64 << 32,
            1 => u64::MAX - 200..=u64::MAX,
        ],
        operations in prop::collection::vec(any_operation(), 0..80),
    ) {
        let region = MemRegion::from_vec(image::with_heads(&[capacity], head));
        let log = PmemLog::open(region).unwrap();
        run(log, model(capacity, head, true), &operations, |region| {
            MemRegion::from_vec(region.into_vec())
        });
    }
}

proptest! {
    #![proptest_config(config(32))]

    #[test]
    fn a_log_in_a_file_is_like_the_model(
        capacity in 1..=64u64,
        operations in prop::collection::vec(any_operation(), 0..30),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let len = common::len_for(&[capacity]) as u64;
        let region = FileRegion::create(&path, len, &FileOptions::default()).unwrap();
        let log = PmemLog::create(region, None).unwrap();
        run(log, model(capacity, 0, false), &operations, |region| {
            drop(region);
            FileRegion::open(&path, &FileOptions::default()).unwrap()
        });
    }
}
