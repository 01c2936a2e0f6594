//! Random sequences of operations, failing ones included, do what a plain model says: to memory, to a file, with
//! reopening in between, and near the end of the positions as well.

mod common;

use common::model::Model;
use common::{image, open, pattern};
use multilog::*;
use proptest::prelude::*;

/// Where an operation aims, so that it often just succeeds and often just fails.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// So many bytes from the staged head.
    Head(i8),
    /// So many bytes from the staged tail.
    Tail(i8),
    Anywhere(u64),
}

impl Place {
    fn position(self, model: &Model, log: u64) -> u64 {
        let staged = model.staged.get(log as usize).unwrap_or(&model.staged[0]);
        match self {
            Place::Head(by) => staged.head.wrapping_add_signed(by.into()),
            Place::Tail(by) => staged.tail().wrapping_add_signed(by.into()),
            Place::Anywhere(position) => position,
        }
    }
}

#[derive(Debug, Clone)]
enum Operation {
    Append(u64, usize),
    AppendGathered(u64, Vec<usize>),
    /// So many bytes more than there is room for, or fewer.
    Fill(u64, i8),
    AdvanceHead(u64, Place),
    Truncate(u64, Place),
    Commit,
    Abort,
    Read(u64, Place, u64),
    ReadInPlace(u64, Place, u64),
    Check,
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
    let log = || 0..5u64;
    prop_oneof![
        6 => (log(), 0..40usize).prop_map(|(l, n)| Operation::Append(l, n)),
        3 => (log(), prop::collection::vec(0..12usize, 0..5))
            .prop_map(|(l, parts)| Operation::AppendGathered(l, parts)),
        3 => (log(), -3..2i8).prop_map(|(l, by)| Operation::Fill(l, by)),
        5 => (log(), any_place()).prop_map(|(l, p)| Operation::AdvanceHead(l, p)),
        3 => (log(), any_place()).prop_map(|(l, p)| Operation::Truncate(l, p)),
        8 => Just(Operation::Commit),
        1 => Just(Operation::Abort),
        2 => (log(), any_place(), 0..30u64).prop_map(|(l, p, n)| Operation::Read(l, p, n)),
        2 => (log(), any_place(), prop_oneof![9 => 0..30u64, 1 => any::<u64>()])
            .prop_map(|(l, p, n)| Operation::ReadInPlace(l, p, n)),
        1 => Just(Operation::Check),
        2 => Just(Operation::Reopen),
    ]
}

/// Does the operation to both, and compares what they return.
fn apply<R: Region>(logs: &mut MultiLog<R>, model: &mut Model, operation: &Operation, seed: u64) {
    match *operation {
        Operation::Append(log, len) => {
            let bytes = pattern(seed, len);
            assert_eq!(logs.stage_append(log, &bytes), model.append(log, &bytes));
        }
        Operation::AppendGathered(log, ref lens) => {
            let bytes = pattern(seed, lens.iter().sum());
            let mut rest = &bytes[..];
            let mut parts = Vec::new();
            for &len in lens {
                let (part, behind) = rest.split_at(len);
                parts.push(part);
                rest = behind;
            }
            let returned = logs.stage_append_gathered(log, &parts);
            assert_eq!(returned, model.append(log, &bytes));
        }
        Operation::Fill(log, by) => {
            let free = model.info(log).map_or(0, |info| info.free);
            let bytes = pattern(seed, free.saturating_add_signed(by.into()) as usize);
            assert_eq!(logs.stage_append(log, &bytes), model.append(log, &bytes));
        }
        Operation::AdvanceHead(log, place) => {
            let position = place.position(model, log);
            let returned = logs.stage_advance_head(log, position);
            assert_eq!(returned, model.advance_head(log, position));
        }
        Operation::Truncate(log, place) => {
            let position = place.position(model, log);
            let returned = logs.stage_truncate(log, position);
            assert_eq!(returned, model.truncate(log, position));
        }
        Operation::Commit => {
            assert_eq!(logs.commit(), Ok(()));
            model.committed = model.staged.clone();
        }
        Operation::Abort => {
            logs.abort();
            model.staged = model.committed.clone();
        }
        Operation::Read(log, place, len) => {
            let position = place.position(model, log);
            let mut bytes = vec![0; len as usize];
            let returned = logs.read(log, position, &mut bytes).map(|()| bytes);
            assert_eq!(returned, model.read(log, position, len));
        }
        Operation::ReadInPlace(log, place, len) => {
            let position = place.position(model, log);
            let returned = logs.read_in_place(log, position, len);
            let returned = returned.map(|(first, second)| [first, second].concat());
            let expected = model.read(log, position, len);
            let expected = if model.mapped {
                expected
            } else {
                expected.and(Err(ReadError::NotMapped))
            };
            assert_eq!(returned, expected);
        }
        Operation::Check => assert_eq!(logs.check().map(drop), Ok(())),
        Operation::Reopen => model.staged = model.committed.clone(),
    }
}

/// What can be asked of the logs is what the model answers.
fn compare<R: Region>(logs: &MultiLog<R>, model: &Model) {
    assert_eq!(logs.log_count(), model.count());
    assert!(!logs.is_failed());
    for log in 0..=model.count() {
        assert_eq!(logs.info(log), model.info(log));
    }
    for (log, committed) in model.committed.iter().enumerate() {
        assert_eq!(common::contents(logs, log as u64), committed.data);
    }
}

fn run<R: Region>(
    mut logs: MultiLog<R>,
    mut model: Model,
    operations: &[Operation],
    reopen: impl Fn(R) -> R,
) {
    compare(&logs, &model);
    for (seed, operation) in operations.iter().enumerate() {
        if let Operation::Reopen = operation {
            let id = logs.region_id();
            logs = MultiLog::open(reopen(logs.into_region())).unwrap();
            assert_eq!(logs.region_id(), id);
        }
        apply(&mut logs, &mut model, operation, seed as u64);
        compare(&logs, &model);
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn any_capacities() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(1..=64u64, 1..=4)
}

/// Mostly the beginning; sometimes within reach of a position of more than 32 bits, or of the last one.
fn any_head() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => Just(0),
        1 => any::<u64>(),
        1 => (0..200u64).prop_map(|back| (1 << 32) - back),
        1 => (0..200u64).prop_map(|back| u64::MAX - back),
    ]
}

proptest! {
    #![proptest_config(config(4_000))]

    #[test]
    fn logs_in_memory_are_like_the_model(
        capacities in any_capacities(),
        head in any_head(),
        operations in prop::collection::vec(any_operation(), 0..80),
    ) {
        let logs = open(&image::with_heads(&capacities, head)).unwrap();
        let model = Model::new(&capacities, head, true);
        run(logs, model, &operations, |region| MemRegion::from_vec(region.into_vec()));
    }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn logs_in_a_file_are_like_the_model(
        capacities in any_capacities(),
        operations in prop::collection::vec(any_operation(), 0..40),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("logs");
        let len = common::len_for(&capacities) as u64;
        let region = FileRegion::create(&path, len, &FileOptions::default()).unwrap();
        let logs = MultiLog::create(region, &capacities).unwrap();
        let model = Model::new(&capacities, 0, false);
        run(logs, model, &operations, |region| {
            drop(region);
            FileRegion::open(&path, &FileOptions::default()).unwrap()
        });
    }
}
