//! What a store holds after it is reopened, and after a crash at every store and flush: the state before the operation in
//! progress or the one after it, so that no vote and no entry that was acknowledged ever goes back.

#[path = "../examples/kv/types.rs"]
#[allow(dead_code)]
mod types;

mod recording;

use multilog::{MemRegion, MultiLog};
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
        let term = group.vote.map_or(1, |vote| vote.leader_id().term);
        match (numbers.below(8), some(numbers)) {
            (0, _) => Step::Vote(Vote::new(term + numbers.below(2), 3)),
            (1, id) => Step::Committed(id),
            (2, Some(id)) => Step::Truncate(id),
            (3 | 4, Some(id)) => Step::Purge(id),
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
                group.purged = Some(*id);
            }
        }
    }

    /// Does it; whether it could be done.
    async fn run(&self, store: &mut Store) -> bool {
        match self {
            Step::Vote(vote) => store.save_vote(vote).await.unwrap(),
            Step::Committed(id) => store.save_committed(*id).await.unwrap(),
            Step::Append(entries) => match store.blocking_append(entries.clone()).await {
                Ok(()) => {}
                Err(error) => {
                    assert!(error.to_string().contains("the log is full"), "{error}");
                    return false;
                }
            },
            Step::Truncate(id) => store.truncate(*id).await.unwrap(),
            Step::Purge(id) => store.purge(*id).await.unwrap(),
        }
        true
    }
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

fn new_device() -> Recording {
    let capacities = capacities(GROUPS, CAPACITY);
    let len = multilog::required_len(&capacities).unwrap();
    let device = Recording::of(vec![0; len as usize]);
    MultiLog::create(device.clone(), &capacities).unwrap();
    device.take_moments();
    device
}

fn open(device: &Recording) -> Vec<Store> {
    Store::open_all(MultiLog::open(device.clone()).unwrap()).unwrap()
}

/// Random operations on two groups, each followed by all crashes that could have happened meanwhile.
#[test]
fn a_crash_leaves_the_state_before_an_operation_or_after_it() {
    let runtime = runtime();
    let (mut images, mut refused) = (0, 0);
    for seed in 0..10 {
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
                refused += 1;
            }
            assert_eq!(runtime.block_on(read(&mut stores[chosen])), groups[chosen]);
            for image in device
                .take_moments()
                .iter()
                .flat_map(|moment| moment.images())
            {
                images += 1;
                let found = recovered(&runtime, image);
                assert!(possible.contains(&found), "{step:?}: {found:#?}");
            }
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
                device.take_moments();
            }
        }
    }
    assert!(
        images > 10_000 && refused > 0,
        "{images} images, {refused} refused"
    );
}
