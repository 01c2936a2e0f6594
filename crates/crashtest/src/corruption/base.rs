//! Images of regions that the production code has written: what is damaged.

use super::oracle::{self, Collection, Contents};
use super::shared::Shared;
use multilog::placement::required_len_with_journal;
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

/// The capacities of collections, and the lines that their journals have for records.
const SHAPES: [(&[u64], u64); 3] = [(&[13], 3), (&[24, 9], 5), (&[9, 1, 40, 16, 23], 9)];

/// More rounds than it takes to come to any state.
const MOST_ROUNDS: u64 = 100;

/// All that is damaged: collections of 1, 2 and 5 logs and single logs, fresh, after commits, with staged data, with
/// logs that go round their rings' ends, with full journals, and after a crash in a commit.
pub fn bases() -> &'static [Base] {
    static BASES: LazyLock<Vec<Base>> = LazyLock::new(|| {
        let mut bases = Vec::new();
        for (capacities, lines) in SHAPES {
            for state in State::ALL {
                let name = format!("{} logs, {state:?}", capacities.len());
                bases.push(base(name, |id| collection(id, capacities, lines, state)));
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
    /// The last record is at the end of the live journal.
    Full,
    /// A commit was ended by a crash: its record is there, and bytes that it appended are not.
    Dropped,
    /// The same, and a word of its record did not get there.
    Torn,
    /// The same, before the selector was written.
    Interrupted,
}

impl State {
    const ALL: [State; 8] = [
        State::Fresh,
        State::Committed,
        State::Staged,
        State::Wrapped,
        State::Full,
        State::Dropped,
        State::Torn,
        State::Interrupted,
    ];

    /// Whether no more commits are needed.
    fn is_reached(self, images: &[Vec<u8>]) -> bool {
        let [.., before, image] = images else {
            return self == State::Fresh;
        };
        let contents = oracle::open(image).expect("an image of logs");
        let differs = |&at: &usize| before[at] != image[at];
        match self {
            State::Fresh => true,
            State::Committed | State::Staged | State::Torn => contents.records.len() >= 3,
            State::Dropped => {
                contents.records.len() >= 2 && contents.appended().iter().any(differs)
            }
            State::Wrapped => {
                let ends = contents.entries.iter().enumerate();
                let mut ends = ends.map(|(log, ends)| ends.map(|at| contents.address(log, at)));
                images.len() > 12 && ends.any(|[head, tail]| tail < head)
            }
            State::Full => contents.next() == contents.shape.end(contents.live_b),
            State::Interrupted => {
                let selector = |image| oracle::word(image, oracle::SELECTOR);
                images.len() > 3 && selector(before) != selector(image)
            }
        }
    }
}

/// Makes of the image after a commit, the last one, what a crash may have left instead.
fn crash(images: &mut [Vec<u8>], state: State) {
    let [.., before, left] = images else {
        return;
    };
    let contents = oracle::open(left).expect("an image of logs");
    let last = contents.records.last().map_or(0, |last| last.address);
    let lost: Vec<usize> = match state {
        State::Dropped => contents.appended(),
        // The length of its payload.
        State::Torn => (last + 8..last + 16).collect(),
        State::Interrupted => (oracle::SELECTOR..oracle::SELECTOR + 8).collect(),
        _ => Vec::new(),
    };
    lost.into_iter().for_each(|at| left[at] = before[at]);
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

fn collection(id: RegionId, capacities: &[u64], lines: u64, state: State) -> Vec<Vec<u8>> {
    let len = required_len_with_journal(capacities, lines).expect("a length");
    let region = Shared::new(vec![0; len as usize + 7]);
    let mut logs = MultiLog::create_with_journal(region.clone(), capacities, lines, id, false)
        .expect("new logs");
    let mut images = vec![region.bytes()];
    for round in 0.. {
        if state.is_reached(&images) {
            break;
        }
        assert!(round < MOST_ROUNDS, "{state:?} is not reached");
        for (log, &capacity) in (0..).zip(capacities) {
            // Records of one line fill a journal exactly.
            if state == State::Full && round % logs.log_count() != log {
                continue;
            }
            let info = logs.info(log).expect("a log");
            let wanted = 1 + capacity / 4;
            if state == State::Wrapped || info.free < wanted {
                let head = info.tail - (info.tail - info.head).min(capacity / 2);
                logs.stage_advance_head(log, head).expect("within the log");
            }
            // Not every commit changes every log.
            if (round + log) % 3 != 2 {
                let appended = bytes(log, round, info.free.min(wanted));
                logs.stage_append(log, &appended).expect("room");
            }
            // What is appended and cut off again has no CRC in the record.
            if (round + log) % 5 == 4 && info.free > 1 {
                let tail = logs.info(log).expect("a log").staged_tail;
                logs.stage_truncate(log, tail.max(info.tail + 1) - 1)
                    .expect("within the log");
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
    crash(&mut images, state);
    images
}

fn single(id: RegionId, state: State) -> Vec<Vec<u8>> {
    let region = Shared::new(vec![0; 788]);
    let mut log = PmemLog::create_with_journal(region.clone(), None, 3, id, false)
        .map_err(|refused| refused.error)
        .expect("a new log");
    let mut images = vec![region.bytes()];
    for round in 0.. {
        if state.is_reached(&images) {
            break;
        }
        assert!(round < MOST_ROUNDS, "{state:?} is not reached");
        if log.free() < 5 || state == State::Wrapped && round % 2 == 0 && log.tail() > 3 {
            log.advance_head(log.tail() - 3).expect("within the log");
        } else {
            log.append(&bytes(0, round, 5)).expect("room");
        }
        images.push(region.bytes());
    }
    crash(&mut images, state);
    images
}
