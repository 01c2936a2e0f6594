//! What a commit asks of the device: one flush and one record of the logs that changed, however many there are; none when nothing
//! is staged. A switch to the other journal takes two flushes more.

mod common;

use common::devices::Crashing;
use common::image::{lines_for, lines_in};
use common::{in_memory, pattern, with_lines};
use multilog::{MemRegion, MultiLog};

/// The bytes of a record of so many changes.
fn record(changes: u64) -> u64 {
    64 * ((changes + 2) / 2)
}

/// The bytes that a switch writes: a header, entries and the selector.
fn switch(logs: u64) -> u64 {
    32 + 64 * logs + 8
}

fn opened(logs: MultiLog<MemRegion>) -> (MultiLog<Crashing>, Crashing) {
    let region = Crashing::new(logs.into_region().into_vec(), 0);
    let logs = MultiLog::open(region.clone()).unwrap();
    (logs, region)
}

fn logs(count: usize) -> (MultiLog<Crashing>, Crashing) {
    let new = in_memory(&vec![100; count]);
    let lines = lines_for(count, 64);
    assert_eq!(lines_in(&common::image_of(&new)), lines);
    let (mut logs, region) = opened(new);
    // The first append after opening switches, and writes zeros over the other journal's records.
    let first = cost(&region, || {
        logs.stage_append(0, b"x").unwrap();
    });
    assert_eq!(first, (2, 64 * lines as u64 + switch(count as u64) + 1));
    assert_eq!(cost(&region, || logs.commit().unwrap()), (1, 64));
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
fn a_commit_writes_a_record_of_what_changed_and_flushes_once() {
    for count in [1, 2, 1_000] {
        let (mut logs, region) = logs(count as usize);
        for changed in [1, 2, 3, 500, 1] {
            let changed = count.min(changed);
            let written = record(changed);
            assert_eq!(commit_of(&mut logs, &region, changed), (1, written));
        }
    }
}

#[test]
fn a_commit_that_has_no_room_switches_first() {
    let (mut logs, region) = opened(with_lines(&[100], 1));
    let mut append = |bytes| {
        let staging = cost(&region, || {
            logs.stage_append(0, bytes).unwrap();
        });
        (staging, cost(&region, || logs.commit().unwrap()))
    };
    let zeros = 64;
    assert_eq!(append(b"x"), ((2, zeros + switch(1) + 1), (1, 64)));
    assert_eq!(append(b"x"), ((0, 1), (3, zeros + switch(1) + 64)));
    for _ in 0..5 {
        assert_eq!(append(b"x"), ((0, 1), (3, switch(1) + 64)));
    }
}

#[test]
fn a_journal_of_so_many_lines_takes_as_many_commits() {
    for lines in [1, 2, 5, 64] {
        for changed in [1, 3] {
            let (mut logs, region) = opened(with_lines(&[5_000; 3], lines));
            let lines = lines_in(&common::image_of(&logs)) as u64;
            logs.stage_append(0, b"x").unwrap();
            logs.commit().unwrap();
            let mut switches = Vec::new();
            for commit in 1..=4 * lines {
                let (flushes, _) = commit_of(&mut logs, &region, changed);
                match flushes {
                    1 => {}
                    3 => switches.push(commit),
                    _ => panic!("{flushes} flushes"),
                }
            }
            let records = lines / (record(changed) / 64);
            // The first one of them has taken a line already.
            let first = 1 + (lines - 1) / (record(changed) / 64);
            let expected: Vec<u64> = (first..=4 * lines).step_by(records as usize).collect();
            assert_eq!(switches, expected, "{lines} lines, {changed} changes");
        }
    }
}

#[test]
fn bytes_that_the_record_has_no_crc_of_take_a_flush_before() {
    let (mut logs, region) = opened(in_memory(&[200_000]));
    logs.stage_append(0, b"x").unwrap();
    logs.commit().unwrap();
    for (len, flushes) in [(65_536, 1), (65_537, 2)] {
        logs.stage_append(0, &pattern(0, len)).unwrap();
        assert_eq!(cost(&region, || logs.commit().unwrap()), (flushes, 64));
    }
}

#[test]
fn a_commit_of_nothing_costs_nothing() {
    let (mut logs, region) = opened(in_memory(&[100; 10]));
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
    assert_eq!(committing, (1, 64));
}
