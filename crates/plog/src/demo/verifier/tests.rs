//! However many commits follow the last acknowledgement that was heard, it is found out what is there.

use super::super::model::CAPACITIES;
use super::*;
use multilog::MemRegion;

fn after(commits: u64) -> Model {
    let mut model = Model::default();
    while model.commit < commits {
        model = model.next();
    }
    model
}

/// Logs after so many commits, and then of one more commit what belongs to the logs that are chosen.
fn logs_after(commits: u64, and_on: impl Fn(usize) -> bool) -> MultiLog<MemRegion> {
    let len = multilog::required_len(&CAPACITIES).unwrap();
    let mut logs = MultiLog::create(MemRegion::new(len as usize), &CAPACITIES).unwrap();
    let mut model = Model::default();
    while model.commit < commits {
        let next = model.next();
        model.stage(&next, &mut logs, |_| true).unwrap();
        logs.commit().unwrap();
        model = next;
    }
    model.stage(&model.next(), &mut logs, and_on).unwrap();
    logs.commit().unwrap();
    logs
}

#[test]
fn commits_that_were_not_heard_of_are_found() {
    let logs = logs_after(100, |_| false);
    for heard in [0, 1, 50, 99, 100] {
        assert_eq!(reached(&logs, after(heard)), Ok(after(100)), "{heard}");
    }
    assert_eq!(verify(&logs, &after(100)).unwrap().model, after(100));
}

#[test]
fn acknowledged_commits_that_are_not_there_are_lost() {
    let logs = logs_after(100, |_| false);
    let reached = reached(&logs, after(101)).unwrap();
    let finding = verify(&logs, &reached);
    assert!(matches!(finding, Err(Finding::Lost(_))), "{finding:?}");
}

#[test]
fn a_part_of_a_commit_that_was_not_heard_of_is_torn() {
    for changed in after(100).changed(&after(101)) {
        let logs = logs_after(100, |log| log == changed);
        let reached = reached(&logs, after(90)).unwrap();
        let finding = verify(&logs, &reached);
        assert!(matches!(finding, Err(Finding::Torn(_))), "{finding:?}");
    }
}
