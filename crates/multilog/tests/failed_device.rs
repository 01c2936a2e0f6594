//! A device fails, at each write and each flush of a workload in turn: that call says so, the logs refuse to go on but
//! can be read, and what survives is the state before or after.

mod common;

use common::devices::{io_error, Crashing};
use common::{committed_state, contents, in_memory, len_for, open, pattern, with_lines, State, ID};
use multilog::*;

const CAPACITIES: [u64; 3] = [40, 9, 64];

/// A call of the workload.
type Step = fn(&mut MultiLog<Crashing>) -> Result<(), Failure>;

#[derive(Debug, PartialEq)]
enum Failure {
    Io(IoError),
    Refused,
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Failure {
        match error {
            AppendError::Io(error) => Failure::Io(error),
            AppendError::Failed => Failure::Refused,
            other => panic!("{other}"),
        }
    }
}

impl From<MoveError> for Failure {
    fn from(error: MoveError) -> Failure {
        assert_eq!(error, MoveError::Failed);
        Failure::Refused
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Failure {
        match error {
            CommitError::Io(error) => Failure::Io(error),
            CommitError::Failed => Failure::Refused,
            other => panic!("{other}"),
        }
    }
}

/// Appends that go round the ring and are gathered, also of whole words, commits of one, two and all logs.
const WORKLOAD: [Step; 16] = [
    |logs| Ok(logs.stage_append(0, &pattern(1, 30)).map(|_| ())?),
    |logs| Ok(logs.stage_append(1, &pattern(2, 9)).map(|_| ())?),
    |logs| Ok(logs.commit()?),
    |logs| Ok(logs.stage_advance_head(0, 25)?),
    |logs| Ok(logs.stage_truncate(1, 2)?),
    |logs| Ok(logs.commit()?),
    |logs| Ok(logs.stage_append(0, &pattern(3, 20)).map(|_| ())?),
    |logs| {
        let parts: [&[u8]; 3] = [&pattern(4, 7), &[], &pattern(5, 8)];
        Ok(logs.stage_append_gathered(2, &parts).map(|_| ())?)
    },
    |logs| Ok(logs.stage_append(1, &pattern(6, 3)).map(|_| ())?),
    |logs| Ok(logs.commit()?),
    |logs| Ok(logs.commit()?),
    |logs| Ok(logs.stage_append(2, &pattern(7, 49)).map(|_| ())?),
    |logs| Ok(logs.stage_advance_head(2, 64)?),
    |logs| Ok(logs.commit()?),
    |logs| {
        let parts: [&[u8]; 3] = [&pattern(8, 16), &pattern(9, 24), &pattern(10, 8)];
        Ok(logs.stage_append_gathered(2, &parts).map(|_| ())?)
    },
    |logs| Ok(logs.commit()?),
];

/// Its journals are short, so that the workload switches.
fn image() -> Vec<u8> {
    with_lines(&CAPACITIES, 2).into_region().into_vec()
}

/// The committed states of the workload, that before each step and the last one.
fn expected_states() -> Vec<State> {
    let mut logs = MultiLog::open(Crashing::new(image(), 0)).unwrap();
    let mut states = vec![committed_state(&logs)];
    for step in WORKLOAD {
        step(&mut logs).unwrap();
        states.push(committed_state(&logs));
    }
    states
}

fn assert_refuses_to_go_on(logs: &mut MultiLog<Crashing>, committed: &State) {
    for _ in 0..2 {
        assert!(logs.is_failed());
        assert_eq!(logs.stage_append(0, b"x"), Err(AppendError::Failed));
        assert_eq!(logs.stage_append(99, b"x"), Err(AppendError::Failed));
        let gathered = logs.stage_append_gathered(0, &[]);
        assert_eq!(gathered, Err(AppendError::Failed));
        assert_eq!(logs.stage_advance_head(0, 0), Err(MoveError::Failed));
        assert_eq!(logs.stage_truncate(99, 0), Err(MoveError::Failed));
        assert_eq!(logs.commit(), Err(CommitError::Failed));
        assert_eq!(committed_state(logs), *committed, "what can be read");
        logs.abort();
    }
    assert_eq!(common::state(logs), *committed, "nothing remains staged");
}

/// Runs the workload on a device that fails after so many writes and flushes; false if it did not come to that.
fn fails_closed_after(lives: u64, expected: &[State]) -> bool {
    let region = Crashing::new(image(), lives).fail_after(lives);
    let mut logs = match MultiLog::open(region.clone()) {
        Ok(logs) => logs,
        Err(Refused { error, .. }) => {
            assert_eq!(error, OpenError::Io(io_error(IoOperation::Flush)));
            return true;
        }
    };
    for (number, step) in WORKLOAD.iter().enumerate() {
        let (before, after) = (&expected[number], &expected[number + 1]);
        let outcome = step(&mut logs);
        if !region.has_failed() {
            assert_eq!(outcome, Ok(()));
            assert_eq!(committed_state(&logs), *after);
            continue;
        }
        let write = Failure::Io(io_error(IoOperation::Write));
        let flush = Failure::Io(io_error(IoOperation::Flush));
        assert!(outcome == Err(write) || outcome == Err(flush));
        assert_refuses_to_go_on(&mut logs, before);
        for _ in 0..50 {
            let survivor = open(&region.crash()).unwrap();
            let found = committed_state(&survivor);
            assert!(found == *before || found == *after, "step {number}");
        }
        return true;
    }
    false
}

#[test]
fn each_write_and_flush_of_a_workload() {
    let expected = expected_states();
    let mut lives = 0;
    while fails_closed_after(lives, &expected) {
        lives += 1;
    }
    assert!(lives > 20, "only {lives} writes and flushes");
}

#[test]
fn each_write_and_flush_of_creation() {
    let old = in_memory(&CAPACITIES).into_region().into_vec();
    for (overwrite, bytes) in [(false, vec![0; old.len()]), (true, old)] {
        let mut lives = 0;
        loop {
            let region = Crashing::new(bytes.clone(), lives).fail_after(lives);
            let created = MultiLog::create_with_id(region.clone(), &[7, 7], ID, overwrite);
            if !region.has_failed() {
                assert!(created.is_ok());
                break;
            }
            let refused = created.err().map(Refused::into_error);
            assert!(matches!(refused, Some(CreateError::Io(_))));
            for _ in 0..50 {
                match open(&region.crash()) {
                    Ok(logs) if logs.log_count() == 2 => {}
                    Ok(logs) => assert!(overwrite && logs.log_count() == 3),
                    Err(error) => assert_eq!(error, OpenError::Unformatted),
                }
            }
            lives += 1;
        }
        assert!(lives > 5, "only {lives} writes and flushes");
    }
}

#[test]
fn after_reopening_the_logs_go_on() {
    let bytes = vec![0; len_for(&CAPACITIES)];
    let logs = MultiLog::create(Crashing::new(bytes, 1), &CAPACITIES).unwrap();
    let region = logs.into_region().fail_after(1);
    let mut logs = MultiLog::open(region.clone()).unwrap();
    let error = AppendError::Io(io_error(IoOperation::Write));
    assert_eq!(logs.stage_append(0, b"lost"), Err(error));
    let mut logs = open(&region.crash()).unwrap();
    assert!(!logs.is_failed());
    assert_eq!(logs.stage_append(0, b"kept"), Ok(0));
    logs.commit().unwrap();
    assert_eq!(contents(&logs, 0), b"kept");
}

#[test]
fn nothing_staged_needs_no_device() {
    let region = Crashing::new(image(), 1).fail_after(1);
    let mut logs = MultiLog::open(region.clone()).unwrap();
    assert_eq!(logs.commit(), Ok(()));
    assert_eq!(logs.stage_append(0, b""), Ok(0));
    assert_eq!(logs.stage_advance_head(0, 0), Ok(()));
    assert_eq!(logs.commit(), Ok(()));
    assert!(!region.has_failed());
}
