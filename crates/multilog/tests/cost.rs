//! What a commit asks of the device: two flushes, none when nothing is staged, and writes for the logs that changed,
//! however many there are.

mod common;

use common::devices::Crashing;
use common::{in_memory, pattern};
use multilog::MultiLog;

const ENTRY: u64 = 32;
const SELECTOR: u64 = 8;

fn logs(count: usize) -> (MultiLog<Crashing>, Crashing) {
    let region = Crashing::new(in_memory(&vec![100; count]).into_region().into_vec(), 0);
    let logs = MultiLog::open(region.clone()).unwrap();
    (logs, region)
}

/// The flushes and bytes written that `operation` costs.
fn cost(region: &Crashing, operation: impl FnOnce()) -> (u64, u64) {
    let before = region.effort();
    operation();
    let after = region.effort();
    (after.0 - before.0, after.1 - before.1)
}

/// Appends to so many logs and commits: the cost of the commit.
fn commit_of(logs: &mut MultiLog<Crashing>, region: &Crashing, changed: u64) -> (u64, u64) {
    let appending = cost(region, || {
        for log in 0..changed {
            logs.stage_append(log, &pattern(log, 10)).unwrap();
        }
    });
    assert_eq!(appending, (0, 10 * changed), "appending writes the bytes");
    cost(region, || logs.commit().unwrap())
}

#[test]
fn a_commit_writes_what_changed_in_it_and_in_the_one_before() {
    for count in [1, 2, 1_000] {
        let (mut logs, region) = logs(count as usize);
        let first = commit_of(&mut logs, &region, 1);
        assert_eq!(first, (2, ENTRY * count + SELECTOR), "the whole idle copy");
        for (changed, before) in [(1, 1), (2, 1), (500, 2), (1, 500), (1, 1)] {
            let (changed, before): (u64, u64) = (changed.min(count), before.min(count));
            let written = ENTRY * changed.max(before) + SELECTOR;
            assert_eq!(commit_of(&mut logs, &region, changed), (2, written));
        }
    }
}

#[test]
fn a_commit_of_nothing_costs_nothing() {
    let (mut logs, region) = logs(10);
    let nothing = (0, 0);
    assert_eq!(cost(&region, || logs.commit().unwrap()), nothing);
    logs.stage_append(0, b"x").unwrap();
    logs.abort();
    assert_eq!(cost(&region, || logs.commit().unwrap()), nothing);
    logs.stage_append(0, b"").unwrap();
    logs.stage_truncate(0, 0).unwrap();
    logs.stage_advance_head(0, 0).unwrap();
    assert_eq!(cost(&region, || logs.commit().unwrap()), nothing);
}

#[test]
fn moving_the_ends_of_a_log_writes_nothing_before_the_commit() {
    let (mut logs, region) = logs(10);
    commit_of(&mut logs, &region, 1);
    commit_of(&mut logs, &region, 1);
    let staging = cost(&region, || {
        logs.stage_truncate(0, 9).unwrap();
        logs.stage_advance_head(0, 4).unwrap();
        logs.abort();
        logs.stage_advance_head(0, 5).unwrap();
    });
    assert_eq!(staging, (0, 0));
    let committing = cost(&region, || logs.commit().unwrap());
    assert_eq!(committing, (2, ENTRY + SELECTOR));
}
