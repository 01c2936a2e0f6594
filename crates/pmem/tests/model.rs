//! Every region against an executable model of the device: the same random operations, the same bytes.

use pmem::{Concat, FileOptions, FileRegion, MemRegion, Region};
use proptest::prelude::*;
use std::ops::Range;
use tempfile::TempDir;

/// Where the concatenated regions meet.
const SPLIT: u64 = 128;
const LEN: u64 = SPLIT + 75;

#[derive(Debug, Clone)]
enum Op {
    Write(Range<u64>, u8),
    /// Of words: these are their numbers.
    WriteDurably(Range<u64>, u8),
    Read(Range<u64>),
    Borrow(Range<u64>),
    Flush,
}

/// Ranges with a liking for the edges, and empty ones among them.
fn range() -> impl Strategy<Value = Range<u64>> {
    let address = || {
        let edges = [0, 1, 8, SPLIT - 1, SPLIT, SPLIT + 1, LEN - 1, LEN];
        prop_oneof![0..=LEN, proptest::sample::select(edges.to_vec())]
    };
    (address(), address()).prop_map(|(a, b)| a.min(b)..a.max(b))
}

fn words() -> impl Strategy<Value = Range<u64>> {
    range().prop_map(|range| range.start / 8..range.end / 8)
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        4 => (range(), any::<u8>()).prop_map(|(range, seed)| Op::Write(range, seed)),
        2 => (words(), any::<u8>()).prop_map(|(words, seed)| Op::WriteDurably(words, seed)),
        2 => range().prop_map(Op::Read),
        1 => range().prop_map(Op::Borrow),
        1 => Just(Op::Flush),
    ];
    proptest::collection::vec(op, 1..60)
}

/// Does `ops` on a region of zeros and on the model, which is just an array; returns the model.
fn run<R: Region>(region: &mut R, ops: &[Op]) -> Vec<u8> {
    assert_eq!(region.len(), LEN);
    let mut model = vec![0u8; LEN as usize];
    let slice = |range: &Range<u64>| range.start as usize..range.end as usize;
    for op in ops {
        match op {
            Op::Write(range, seed) => {
                let bytes = bytes(range, *seed);
                model[slice(range)].copy_from_slice(&bytes);
                region.write(range.start, &bytes).unwrap();
            }
            Op::WriteDurably(words, seed) => {
                let range = 8 * words.start..8 * words.end;
                let bytes = bytes(&range, *seed);
                model[slice(&range)].copy_from_slice(&bytes);
                region.write_durably(range.start, &bytes).unwrap();
            }
            Op::Read(range) => assert_eq!(read(region, range), model[slice(range)]),
            Op::Borrow(range) => {
                let len = (range.end - range.start) as usize;
                if let Some(bytes) = region.borrow(range.start, len) {
                    assert_eq!(bytes, &model[slice(range)]);
                }
            }
            Op::Flush => region.flush().unwrap(),
        }
    }
    assert_eq!(region.len(), LEN);
    assert_eq!(read(region, &(0..LEN)), model);
    model
}

fn bytes(range: &Range<u64>, seed: u8) -> Vec<u8> {
    (range.clone())
        .map(|a| seed.wrapping_add(a as u8))
        .collect()
}

/// Reads into a buffer with other bytes in it.
fn read<R: Region>(region: &R, range: &Range<u64>) -> Vec<u8> {
    let mut buf = vec![0xA5; (range.end - range.start) as usize];
    region.read(range.start, &mut buf).unwrap();
    buf
}

fn file(dir: &TempDir, len: u64) -> FileRegion {
    FileRegion::create(&dir.path().join("region"), len, &FileOptions::default()).unwrap()
}

fn mem(len: u64) -> MemRegion {
    MemRegion::new(len as usize)
}

proptest! {
    #[test]
    fn memory_is_the_model(ops in ops()) {
        let mut region = mem(LEN);
        let model = run(&mut region, &ops);
        prop_assert_eq!(region.borrow(0, LEN as usize), Some(&model[..]));
        prop_assert_eq!(region.into_vec(), model);
    }

    #[test]
    fn two_memories_are_the_model(ops in ops()) {
        let mut region = Concat::new(mem(SPLIT), mem(LEN - SPLIT)).unwrap();
        let model = run(&mut region, &ops);
        let (first, second) = region.into_parts();
        prop_assert_eq!([first.into_vec(), second.into_vec()].concat(), model);
    }

    #[test]
    fn three_memories_are_the_model(ops in ops()) {
        let pair = Concat::new(mem(64), mem(SPLIT - 64)).unwrap();
        run(&mut Concat::new(pair, mem(LEN - SPLIT)).unwrap(), &ops);
    }
}

proptest! {
    // Each case syncs files.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_file_is_the_model(ops in ops()) {
        let dir = tempfile::tempdir().unwrap();
        let mut region = file(&dir, LEN);
        let model = run(&mut region, &ops);
        drop(region);
        let path = dir.path().join("region");
        prop_assert_eq!(&std::fs::read(&path).unwrap(), &model);
        let region = FileRegion::open(&path, &FileOptions::default()).unwrap();
        prop_assert_eq!(read(&region, &(0..LEN)), model);
    }

    #[test]
    fn memory_and_a_file_are_the_model(ops in ops()) {
        let dir = tempfile::tempdir().unwrap();
        run(&mut Concat::new(mem(SPLIT), file(&dir, LEN - SPLIT)).unwrap(), &ops);
    }

    #[test]
    fn a_file_and_memory_are_the_model(ops in ops()) {
        let dir = tempfile::tempdir().unwrap();
        run(&mut Concat::new(file(&dir, SPLIT), mem(LEN - SPLIT)).unwrap(), &ops);
    }
}

#[test]
fn the_edges_of_every_region_work() {
    let edges = [
        Op::Write(LEN - 1..LEN, 1),
        Op::Write(0..1, 2),
        Op::Write(SPLIT - 1..SPLIT + 1, 3),
        Op::Write(0..0, 4),
        Op::Write(SPLIT..SPLIT, 5),
        Op::Write(LEN..LEN, 6),
        Op::Read(LEN..LEN),
        Op::Borrow(LEN..LEN),
        Op::Flush,
        Op::Flush,
        Op::Write(0..LEN, 7),
        Op::WriteDurably(SPLIT / 8 - 1..SPLIT / 8 + 1, 8),
        Op::WriteDurably(0..LEN / 8, 9),
        Op::WriteDurably(0..0, 10),
    ];
    let dir = tempfile::tempdir().unwrap();
    run(&mut mem(LEN), &edges);
    run(&mut file(&dir, LEN), &edges);
    run(
        &mut Concat::new(mem(SPLIT), mem(LEN - SPLIT)).unwrap(),
        &edges,
    );
}
