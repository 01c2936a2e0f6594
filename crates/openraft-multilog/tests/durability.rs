//! What a store holds after it is reopened, and after a crash at every store and flush: the state before the operation in
//! progress or the one after it, so that no vote and no entry that was acknowledged ever goes back.

#[path = "../examples/kv/types.rs"]
#[allow(dead_code)]
mod types;

mod recording;

use multilog::layout::required_len_with_journal;
use multilog::{MemRegion, MultiLog, Region, RegionId};
use openraft::storage::{RaftLogStorage, RaftLogStorageExt};
use openraft::{CommittedLeaderId, Entry, EntryPayload, LogId, RaftLogReader, Vote};
use openraft_multilog::{capacities, LogStore};
use recording::Recording;
use tokio::runtime::{Builder, Runtime};
use types::{Set, TypeConfig};

const GROUPS: usize = 2;

/// Small, so that entries go round the ring's end, and do not always fit.
const CAPACITY: u64 = 600;

type Store = LogStore<TypeConfig, Recording>;

/// What can be read of a group.
#[derive(Debug, Clone, Default, PartialEq)]
struct Group {
    vote: Option<Vote<u64>>,
    committed: Option<LogId<u64>>,
    purged: Option<LogId<u64>>,
    entries: Vec<Entry<TypeConfig>>,
}

impl Group {
    fn last(&self) -> Option<LogId<u64>> {
        self.entries
            .last()
            .map(|entry| entry.log_id)
            .or(self.purged)
    }

    fn next_index(&self) -> u64 {
        self.last().map_or(0, |last| last.index + 1)
    }
}

/// A generator of numbers (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

async fn read<R: multilog::shared::Shareable + 'static>(
    store: &mut LogStore<TypeConfig, R>,
) -> Group {
    let state = store.get_log_state().await.unwrap();
    let group = Group {
        vote: store.read_vote().await.unwrap(),
        committed: store.read_committed().await.unwrap(),
        purged: state.last_purged_log_id,
        entries: store.try_get_log_entries(..).await.unwrap(),
    };
    assert_eq!(state.last_log_id, group.last());
    group
}

/// What the groups in an image are.
fn recovered(runtime: &Runtime, image: Vec<u8>) -> Vec<Group> {
    let logs = MultiLog::open(MemRegion::from_vec(image)).unwrap();
    let stores = LogStore::<TypeConfig, _>::open_all(logs).unwrap();
    let read_all = async {
        let mut groups = Vec::new();
        for mut store in stores {
            groups.push(read(&mut store).await);
        }
        groups
    };
    runtime.block_on(read_all)
}

/// Something that is done to one group.
#[derive(Debug, Clone)]
enum Step {
    Vote(Vote<u64>),
    Committed(Option<LogId<u64>>),
    Append(Vec<Entry<TypeConfig>>),
    Truncate(LogId<u64>),
    Purge(LogId<u64>),
}

impl Step {
    fn choose(numbers: &mut Numbers, group: &Group) -> Step {
        let some = |numbers: &mut Numbers| {
            let count = group.entries.len() as u64;
            let chosen = numbers.below(count.max(1)) as usize;
            group.entries.get(chosen).map(|entry| entry.log_id)
        };
        let term = group.vote.map_or(1, |vote| vote.leader_id().term).max(1);
        match (numbers.below(9), some(numbers)) {
            (0, _) => Step::Vote(Vote::new(term + numbers.below(3) - 1, 3)),
            (1, id) => Step::Committed(id),
            (2, Some(id)) => Step::Truncate(id),
            (3 | 4, Some(id)) => Step::Purge(id),
            (5, _) => Step::Purge(below(numbers, group.purged.or(group.last()))),
            _ => Step::Append(entries(numbers, term, group.next_index())),
        }
    }

    fn apply(&self, group: &mut Group) {
        match self {
            Step::Vote(vote) => group.vote = Some(*vote),
            Step::Committed(id) => group.committed = *id,
            Step::Append(entries) => group.entries.extend(entries.iter().cloned()),
            Step::Truncate(id) => group.entries.retain(|entry| entry.log_id.index < id.index),
            Step::Purge(id) => {
                group.entries.retain(|entry| entry.log_id.index > id.index);
                group.purged = group.purged.max(Some(*id));
            }
        }
    }

    /// Does it; whether it could be done.
    async fn run(&self, store: &mut Store) -> bool {
        let (outcome, refusal) = match self {
            Step::Vote(vote) => (store.save_vote(vote).await, "votes are never taken back"),
            Step::Committed(id) => (store.save_committed(*id).await, ""),
            Step::Append(entries) => {
                let outcome = store.blocking_append(entries.clone()).await;
                (outcome, "the log is full")
            }
            Step::Truncate(id) => (store.truncate(*id).await, ""),
            Step::Purge(id) => (store.purge(*id).await, ""),
        };
        if let Err(error) = &outcome {
            let expected = !refusal.is_empty() && error.to_string().contains(refusal);
            assert!(expected, "{self:?}: {error}");
        }
        outcome.is_ok()
    }
}

/// An id that is at most this one.
fn below(numbers: &mut Numbers, id: Option<LogId<u64>>) -> LogId<u64> {
    let id = id.unwrap_or_default();
    LogId::new(id.leader_id, numbers.below(id.index + 1))
}

fn entries(numbers: &mut Numbers, term: u64, from: u64) -> Vec<Entry<TypeConfig>> {
    let entry = |index| {
        let payload = match numbers.below(4) {
            0 => EntryPayload::Blank,
            _ => EntryPayload::Normal(Set {
                key: format!("key {index}"),
                value: "v".repeat(numbers.below(60) as usize),
            }),
        };
        Entry {
            log_id: LogId::new(CommittedLeaderId::new(term, 3), index),
            payload,
        }
    };
    let count = 1 + term % 3;
    (from..from + count).map(entry).collect()
}

/// With the shortest journals, so that images are small, and the store switches often.
fn new_device() -> Recording {
    let (capacities, lines) = (capacities(GROUPS, CAPACITY), 0);
    let len = required_len_with_journal(&capacities, lines).unwrap();
    let device = Recording::of(vec![0; len as usize]);
    let id = RegionId { lo: 1, hi: 2 };
    MultiLog::create_with_journal(device.clone(), &capacities, lines, id, false).unwrap();
    device.take_history();
    device
}

fn open(device: &Recording) -> Vec<Store> {
    Store::open_all(MultiLog::open(device.clone()).unwrap()).unwrap()
}

/// Random operations on two groups, each followed by all crashes that could have happened meanwhile.
#[test]
fn a_crash_leaves_the_state_before_an_operation_or_after_it() {
    let runtime = runtime();
    let (mut images, mut full, mut old) = (0, 0, 0);
    for seed in 0..16 {
        let mut numbers = Numbers(seed);
        let device = new_device();
        let mut stores = open(&device);
        let mut groups = vec![Group::default(); GROUPS];
        // What is there after a crash: only `save_committed` does not wait until there is but one.
        let mut possible = vec![groups.clone()];
        for _ in 0..25 {
            let chosen = numbers.below(GROUPS as u64) as usize;
            let step = Step::choose(&mut numbers, &groups[chosen]);
            let ran = runtime.block_on(step.run(&mut stores[chosen]));
            if ran {
                step.apply(&mut groups[chosen]);
                possible.push(groups.clone());
            } else {
                full += u64::from(matches!(step, Step::Append(_)));
                old += u64::from(matches!(step, Step::Vote(_)));
            }
            assert_eq!(runtime.block_on(read(&mut stores[chosen])), groups[chosen]);
            device.take_history().images(|image| {
                images += 1;
                let found = recovered(&runtime, image);
                assert!(possible.contains(&found), "{step:?}: {found:#?}");
            });
            if ran && !matches!(step, Step::Committed(_)) {
                assert_eq!(recovered(&runtime, device.durable()), groups, "{step:?}");
                possible = vec![groups.clone()];
            }
            if numbers.below(4) == 0 {
                // It waits for all that was begun.
                stores.clear();
                assert_eq!(recovered(&runtime, device.durable()), groups, "{step:?}");
                possible = vec![groups.clone()];
                stores = open(&device);
                device.take_history();
            }
        }
    }
    assert!(
        images > 25_000 && full > 0 && old > 0,
        "{images} images, {full} times full, {old} old votes"
    );
    println!("{images} images, {full} times full, {old} old votes");
}

/// That the suite above sees what it says.
#[test]
fn images_are_those_of_a_crash_at_every_store() {
    let mut device = Recording::of(vec![0; 24]);
    device.write(0, &[1; 16]).unwrap();
    device.write(20, &[2; 4]).unwrap();
    device.flush().unwrap();
    device.write(3, &[3]).unwrap();
    let image =
        |first: u64, second: u64, third: u64| [first, second, third].map(u64::to_le_bytes).concat();
    let (a, b, c) = (u64::MAX / 255, u64::MAX / 255, 0x0202_0202_0000_0000);
    let d = 0x0101_0101_0301_0101;
    let expected = [
        image(0, 0, 0),
        image(a, 0, 0),
        image(a, b, 0),
        image(0, b, 0),
        image(a, b, c),
        image(0, b, c),
        image(a, 0, c),
        image(0, 0, c),
        image(a, b, c),
        image(d, b, c),
    ];
    let mut found = Vec::new();
    device.take_history().images(|image| found.push(image));
    assert_eq!(found, expected);
    // From where it was left.
    device.flush().unwrap();
    let mut found = Vec::new();
    device.take_history().images(|image| found.push(image));
    assert_eq!(found, [image(a, b, c), image(d, b, c), image(d, b, c)]);
}
