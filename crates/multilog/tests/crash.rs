//! A crash at any store: whichever of the unflushed 8-byte words survive, the logs are those before the operation or,
//! in a commit, those after it. A sample of the outcomes; the exhaustive explorer is a crate of its own.

mod common;

use common::devices::Crashing;
use common::{committed_state, open, pattern, with_lines, Generator, State, ID};
use multilog::{MemRegion, MultiLog, OpenError};

const IMAGES_PER_WRITE: usize = 6;

/// Does something that is likely to succeed; returns whether it was a commit.
fn do_anything(logs: &mut MultiLog<Crashing>, choices: &mut Generator) -> bool {
    let log = choices.below(logs.log_count());
    let info = logs.info(log).unwrap();
    let in_staged = info.staged_head + choices.below(info.staged_tail - info.staged_head + 1);
    match choices.below(8) {
        0..=3 => {
            let bytes = pattern(choices.next(), choices.below(info.free + 1) as usize);
            // Refused while a truncation is staged.
            let _ = logs.stage_append(log, &bytes);
        }
        4 => logs.stage_advance_head(log, in_staged).unwrap(),
        5 => logs.stage_truncate(log, in_staged).unwrap(),
        _ => {
            logs.commit().unwrap();
            return true;
        }
    }
    false
}

fn assert_each_is_one_of(images: &[Vec<u8>], states: [&State; 2]) {
    for image in images {
        let logs = open(image).unwrap();
        let found = committed_state(&logs);
        assert!(states.contains(&&found), "{found:?} is none of {states:?}");
    }
}

#[test]
fn in_random_workloads() {
    for seed in 0..150 {
        let mut choices = Generator(seed);
        let capacities: Vec<u64> = (0..1 + seed % 4).map(|_| 1 + choices.below(64)).collect();
        // Journals that switch at each commit, or at each few.
        let image = with_lines(&capacities, seed % 5).into_region().into_vec();
        let mut region = Crashing::new(image, seed).keep_images(IMAGES_PER_WRITE);
        let mut logs = MultiLog::open(region.clone()).unwrap();
        for step in 0..60 {
            let before = committed_state(&logs);
            let committing = do_anything(&mut logs, &mut choices);
            let after = committed_state(&logs);
            assert!(committing || before == after);
            assert_each_is_one_of(&region.take_images(), [&before, &after]);
            assert_each_is_one_of(&[region.crash()], [&after, &after]);
            if step % 10 == 9 {
                // Go on from what a crash leaves: its last record may be torn now.
                region = Crashing::new(region.crash(), step).keep_images(IMAGES_PER_WRITE);
                logs = MultiLog::open(region.clone()).unwrap();
            }
        }
    }
}

/// Enough for three small logs and short journals.
const LEN: usize = 1_100;

/// Creates logs in a region with these bytes, with the id that the old ones have: theirs must not be taken for the new.
fn create_over(bytes: Vec<u8>, overwrite: bool, old: Option<&State>) {
    let capacities = [10, 20, 30];
    let mut seen = [0; 3];
    for seed in 0..100 {
        let region = Crashing::new(bytes.clone(), seed).keep_images(20);
        let logs =
            MultiLog::create_with_journal(region.clone(), &capacities, 2, ID, overwrite).unwrap();
        let new = committed_state(&logs);
        for image in region.take_images() {
            match open(&image).map(|logs| committed_state(&logs)) {
                Ok(found) if found == new => seen[0] += 1,
                Ok(found) => {
                    assert_eq!(Some(&found), old);
                    seen[1] += 1;
                }
                Err(error) => {
                    assert_eq!(error, OpenError::Unformatted);
                    seen[2] += 1;
                }
            }
        }
        assert_each_is_one_of(&[region.crash()], [&new, &new]);
    }
    assert!(seen[0] > 0 && seen[2] > 0);
    assert_eq!(seen[1] > 0, old.is_some());
}

#[test]
fn while_creating() {
    create_over(vec![0; LEN], false, None);
    let mut rubbish = pattern(1, LEN);
    rubbish[..8].fill(0);
    create_over(rubbish, false, None);
}

#[test]
fn while_overwriting() {
    let region = MemRegion::new(LEN);
    let mut logs = MultiLog::create_with_journal(region, &[30, 20, 10], 2, ID, false).unwrap();
    for log in 0..3 {
        logs.stage_append(log, &pattern(log, 10)).unwrap();
    }
    logs.commit().unwrap();
    let old = committed_state(&logs);
    create_over(logs.into_region().into_vec(), true, Some(&old));
}
