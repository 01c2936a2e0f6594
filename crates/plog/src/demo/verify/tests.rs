//! The verifier finds what is wrong: logs that somebody has tampered with are reported.

use super::super::model::CAPACITIES;
use super::*;
use multilog::MemRegion;

/// Enough for all logs to have wrapped around.
const COMMITS: u64 = 200;

fn all(_log: usize) -> bool {
    true
}

/// Logs after so many commits.
fn logs_after(commits: u64) -> (MultiLog<MemRegion>, Model) {
    let len = multilog::required_len(&CAPACITIES).unwrap();
    let mut logs = MultiLog::create(MemRegion::new(len as usize), &CAPACITIES).unwrap();
    let mut model = Model::default();
    for _ in 0..commits {
        let next = model.next();
        model.stage(&next, &mut logs, all).unwrap();
        logs.commit().unwrap();
        model = next;
    }
    (logs, model)
}

#[test]
fn what_was_acknowledged_is_found() {
    for commits in [0, 1, 2, COMMITS] {
        let (logs, model) = logs_after(commits);
        let bytes = model.extents.iter().map(|e| e.tail - e.head).sum();
        assert_eq!(verify(&logs, &model), Ok(Found { model, bytes }));
    }
}

#[test]
fn all_logs_have_wrapped_around() {
    let (_, model) = logs_after(COMMITS);
    for (extent, capacity) in model.extents.iter().zip(CAPACITIES) {
        assert!(extent.tail > 2 * capacity && extent.head > 0);
        assert!(extent.tail - extent.head <= capacity);
    }
}

#[test]
fn every_commit_changes_two_logs_at_least() {
    let mut model = Model::default();
    for _ in 0..10_000 {
        let next = model.next();
        assert!(model.changed(&next).len() >= 2, "commit {}", next.commit);
        model = next;
    }
}

#[test]
fn a_whole_commit_behind_the_acknowledged_ones_is_fine() {
    let (logs, _) = logs_after(COMMITS + 1);
    let (_, acknowledged) = logs_after(COMMITS);
    let found = verify(&logs, &acknowledged).unwrap();
    assert_eq!(found.model, acknowledged.next());
}

#[test]
fn staged_bytes_are_no_finding() {
    let (mut logs, model) = logs_after(COMMITS);
    model.stage(&model.next(), &mut logs, all).unwrap();
    let logs = MultiLog::open(logs.into_region()).unwrap();
    assert_eq!(verify(&logs, &model).unwrap().model, model);
}

#[test]
fn a_lost_commit_is_found() {
    for lost in 1..=3 {
        let (logs, _) = logs_after(COMMITS - lost);
        let (_, acknowledged) = logs_after(COMMITS);
        let finding = verify(&logs, &acknowledged);
        assert!(matches!(finding, Err(Finding::Lost(_))), "{finding:?}");
    }
}

#[test]
fn a_commit_on_some_logs_only_is_torn() {
    let (_, acknowledged) = logs_after(COMMITS);
    let next = acknowledged.next();
    let changed = acknowledged.changed(&next);
    for left_out in &changed {
        let (mut logs, model) = logs_after(COMMITS);
        model
            .stage(&next, &mut logs, |log| log != *left_out)
            .unwrap();
        logs.commit().unwrap();
        let finding = verify(&logs, &acknowledged);
        assert!(matches!(finding, Err(Finding::Torn(_))), "{finding:?}");
    }
}

#[test]
fn two_commits_behind_the_acknowledged_ones_are_too_many() {
    let (logs, _) = logs_after(COMMITS + 2);
    let (_, acknowledged) = logs_after(COMMITS);
    let finding = verify(&logs, &acknowledged);
    assert!(matches!(finding, Err(Finding::Torn(_))), "{finding:?}");
}

#[test]
fn an_acknowledged_head_that_was_not_advanced_is_found() {
    let (mut logs, mut acknowledged) = logs_after(COMMITS);
    acknowledged.extents[3].head += 1;
    let finding = verify(&logs, &acknowledged);
    assert!(matches!(finding, Err(Finding::Torn(_))), "{finding:?}");

    acknowledged.extents[3].head -= 1;
    let too_far = acknowledged.extents[3].head + 1;
    logs.stage_advance_head(3, too_far).unwrap();
    logs.commit().unwrap();
    let finding = verify(&logs, &acknowledged);
    assert!(matches!(finding, Err(Finding::Lost(_))), "{finding:?}");
}

#[test]
fn every_changed_byte_of_a_log_is_found() {
    let (logs, model) = logs_after(COMMITS);
    let extent = model.extents[0];
    let mut first = [0; 16];
    logs.read(0, extent.head, &mut first).unwrap();
    let bytes = logs.into_region().into_vec();
    let ring = bytes.len()
        - bytes.windows(16).rev().position(|w| w == first).unwrap()
        - 16
        - (extent.head % CAPACITIES[0]) as usize;
    // Damage to what the last commit has appended looks like its interruption.
    let durable = logs_after(COMMITS - 1).1.extents[0].tail;
    for position in extent.head..extent.tail {
        let mut tampered = bytes.clone();
        tampered[ring + (position % CAPACITIES[0]) as usize] ^= 1;
        let logs = MultiLog::open(MemRegion::from_vec(tampered)).unwrap();
        let Err(Finding::Lost(words)) = verify(&logs, &model) else {
            panic!("position {position}");
        };
        let right = match position < durable {
            true => {
                format!("the byte at position {position} of log 0 is not what was committed there")
            }
            false => format!("it goes from {} to {durable}", extent.head),
        };
        assert!(words.ends_with(&right), "{words}");
    }
}

#[test]
fn a_last_commit_with_wrong_bytes_is_torn() {
    let (mut logs, acknowledged) = logs_after(COMMITS);
    let next = acknowledged.next();
    for log in acknowledged.changed(&next) {
        let (from, to) = (acknowledged.extents[log], next.extents[log]);
        let zeros = vec![0; (to.tail - from.tail) as usize];
        logs.stage_append(log as u64, &zeros).unwrap();
        logs.stage_advance_head(log as u64, to.head).unwrap();
    }
    logs.commit().unwrap();
    let finding = verify(&logs, &acknowledged);
    assert!(matches!(finding, Err(Finding::Torn(_))), "{finding:?}");
}

#[test]
fn logs_of_another_number_are_found() {
    let capacities = &CAPACITIES[..LOGS - 1];
    let len = multilog::required_len(capacities).unwrap();
    let logs = MultiLog::create(MemRegion::new(len as usize), capacities).unwrap();
    let finding = verify(&logs, &Model::default());
    assert!(matches!(finding, Err(Finding::Lost(_))), "{finding:?}");
}
