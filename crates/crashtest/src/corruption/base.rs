//! Images of regions that the production code has written: what is damaged.

use super::oracle::{self, Collection, Contents};
use super::shared::Shared;
use multilog::{MultiLog, RegionId};
use pmemlog::PmemLog;
use std::sync::LazyLock;

/// The image of a region, and others of the same shape to take parts from.
#[derive(Clone)]
pub struct Base {
    pub name: String,
    pub image: Vec<u8>,
    pub contents: Contents,
    pub collection: Collection,
    /// The region as it was before some of its commits, the oldest first.
    pub older: Vec<Vec<u8>>,
    /// A region that went through the same, with another id.
    pub foreign: Vec<u8>,
}

/// All that is damaged: collections of 1, 2 and 5 logs and single logs, fresh, after commits, with staged data, with
/// logs that go round their rings' ends, and after a crash in a commit.
pub fn bases() -> &'static [Base] {
    static BASES: LazyLock<Vec<Base>> = LazyLock::new(|| {
        let mut bases = Vec::new();
        for capacities in [&[13][..], &[24, 9], &[9, 1, 40, 16, 23]] {
            for state in State::ALL {
                let name = format!("{} logs, {state:?}", capacities.len());
                bases.push(base(name, |id| collection(id, capacities, state)));
            }
        }
        for state in State::ALL.into_iter().filter(|s| *s != State::Staged) {
            bases.push(base(format!("a pmemlog, {state:?}"), |id| {
                single(id, state)
            }));
        }
        bases
    });
    &BASES
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fresh,
    Committed,
    Staged,
    Wrapped,
    /// A commit was ended by a crash before its last store, that of the selector. The idle copy is one that could be live.
    Crashed,
    /// The same, and a word of the idle copy did not get there.
    Torn,
}

impl State {
    const ALL: [State; 6] = [
        State::Fresh,
        State::Committed,
        State::Staged,
        State::Wrapped,
        State::Crashed,
        State::Torn,
    ];

    /// The commits of a collection.
    ///
    /// Not the same for all: in some of the images copy A is live, in others copy B.
    fn rounds(self) -> u64 {
        match self {
            State::Fresh => 0,
            State::Committed => 3,
            State::Staged | State::Crashed => 4,
            State::Torn => 5,
            State::Wrapped => 13,
        }
    }
}

/// Makes of the image after a commit, the last one, what a crash may have left instead.
fn crash(images: &mut Vec<Vec<u8>>, logs: usize, state: State) {
    if !matches!(state, State::Crashed | State::Torn) {
        return;
    }
    let mut left = images.pop().expect("an image after a commit");
    let before = images.last().expect("an image before the commit");
    let mut lose = |word: usize| left[word..word + 8].copy_from_slice(&before[word..word + 8]);
    lose(oracle::SELECTOR);
    if state == State::Torn {
        let live_b = oracle::word(before, oracle::SELECTOR) == oracle::SELECTOR_B;
        // The commit number of the first entry.
        lose(oracle::copy_at(logs, !live_b));
    }
    images.push(left);
}

/// Makes a base of what `images` makes for an id: an image after each commit.
fn base(name: String, images: impl Fn(RegionId) -> Vec<Vec<u8>>) -> Base {
    let id = RegionId {
        lo: 0x0123_4567_89ab_cdef,
        hi: 0xfedc_ba98_7654_3210,
    };
    let other = RegionId {
        lo: id.lo ^ 1,
        ..id
    };
    let mut older = images(id);
    let image = older.pop().expect("an image after creating");
    let contents = oracle::open(&image).expect("an image of logs");
    let collection = contents.collection(&image);
    let foreign = images(other).pop().expect("an image after creating");
    Base {
        name,
        image,
        contents,
        collection,
        older,
        foreign,
    }
}

/// Bytes that differ from append to append.
fn bytes(log: u64, round: u64, len: u64) -> Vec<u8> {
    (0..len)
        .map(|i| (100 * log + 10 * round + i) as u8)
        .collect()
}

fn collection(id: RegionId, capacities: &[u64], state: State) -> Vec<Vec<u8>> {
    let len = multilog::required_len(capacities).expect("a length");
    let region = Shared::new(vec![0; len as usize + 7]);
    let mut logs =
        MultiLog::create_with_id(region.clone(), capacities, id, false).expect("new logs");
    let mut images = vec![region.bytes()];
    for round in 0..state.rounds() {
        for (log, &capacity) in (0..).zip(capacities) {
            let info = logs.info(log).expect("a log");
            if state == State::Wrapped {
                let head = info.tail - (info.tail - info.head).min(capacity / 2);
                logs.stage_advance_head(log, head).expect("within the log");
            }
            // Not every commit changes every log.
            if (round + log) % 3 != 2 {
                let appended = bytes(log, round, info.free.min(1 + capacity / 4));
                logs.stage_append(log, &appended).expect("room");
            }
        }
        logs.commit().expect("a commit");
        images.push(region.bytes());
    }
    if state == State::Staged {
        for log in 0..logs.log_count() {
            let free = logs.info(log).expect("a log").free;
            logs.stage_append(log, &bytes(log, 9, free)).expect("room");
        }
        images.push(region.bytes());
    }
    crash(&mut images, capacities.len(), state);
    images
}

fn single(id: RegionId, state: State) -> Vec<Vec<u8>> {
    let region = Shared::new(vec![0; 340]);
    let mut log = PmemLog::create_with_id(region.clone(), None, id, false).expect("a new log");
    let mut images = vec![region.bytes()];
    let rounds = match state {
        State::Fresh => 0,
        State::Wrapped => 7,
        _ => 2,
    };
    for round in 0..rounds {
        if log.free() < 5 {
            log.advance_head(log.tail() - 3).expect("within the log");
            images.push(region.bytes());
        }
        log.append(&bytes(0, round, 5)).expect("room");
        images.push(region.bytes());
    }
    crash(&mut images, 1, state);
    images
}
