//! Each change is durable when it returns: a crash right after it leaves it, a crash during it leaves the log before
//! or after it.

#[path = "../../multilog/tests/common/mod.rs"]
mod common;

use common::devices::Crashing;
use common::{pattern, with_lines, Generator};
use pmemlog::*;

/// The head and the bytes.
type State = (u64, Vec<u8>);

fn state<R: Region>(log: &PmemLog<R>) -> State {
    let mut bytes = vec![0; (log.tail() - log.head()) as usize];
    log.read(log.head(), &mut bytes).unwrap();
    (log.head(), bytes)
}

fn open(image: &[u8]) -> PmemLog<MemRegion> {
    PmemLog::open(MemRegion::from_vec(image.to_vec())).unwrap()
}

/// One change that succeeds, whatever it is.
fn change_anything(log: &mut PmemLog<Crashing>, choices: &mut Generator) {
    let within = log.head() + choices.below(log.tail() - log.head() + 1);
    let bytes = pattern(choices.next(), choices.below(log.free() + 1) as usize);
    let middle = choices.below(bytes.len() as u64 + 1) as usize;
    match choices.below(6) {
        0..=1 => assert_eq!(log.append(&bytes), Ok(log.tail() - bytes.len() as u64)),
        2 => {
            log.append_gathered(&[&bytes[..middle], &bytes[middle..]])
                .unwrap();
        }
        3..=4 => log.advance_head(within).unwrap(),
        _ => log.truncate(within).unwrap(),
    }
}

#[test]
fn a_crash_during_or_after_each_change() {
    for seed in 0..100 {
        let mut choices = Generator(seed);
        let capacities = [1 + choices.below(64)];
        let image = with_lines(&capacities, seed % 5).into_region().into_vec();
        let region = Crashing::new(image, seed).keep_images(8);
        let mut log = PmemLog::open(region.clone()).unwrap();
        for _ in 0..40 {
            let before = state(&log);
            change_anything(&mut log, &mut choices);
            let after = state(&log);
            for image in region.take_images() {
                let found = state(&open(&image));
                assert!(found == before || found == after);
            }
            assert_eq!(state(&open(&region.crash())), after);
        }
    }
}

#[test]
fn a_log_is_found_again_with_all_that_it_had() {
    let mut log = PmemLog::create(MemRegion::new(8_576 + 80), None).unwrap();
    let id = log.region_id();
    log.append(&pattern(1, 80)).unwrap();
    log.advance_head(70).unwrap();
    log.append(&pattern(2, 60)).unwrap();
    log.truncate(130).unwrap();
    let before = state(&log);
    let log = PmemLog::open(log.into_region()).unwrap();
    assert_eq!(log.region_id(), id);
    assert_eq!(state(&log), before);
    assert_eq!(
        (log.head(), log.tail(), log.capacity(), log.free()),
        (70, 130, 80, 20)
    );
    assert_eq!(log.check().map(drop), Ok(()));
}

#[test]
fn one_log_is_a_collection_of_one() {
    let mut log = PmemLog::create(MemRegion::new(8_576 + 80), None).unwrap();
    log.append(b"shared").unwrap();
    let mut logs = multilog::MultiLog::open(log.into_region()).unwrap();
    assert_eq!(common::contents(&logs, 0), b"shared");
    logs.stage_advance_head(0, 2).unwrap();
    logs.commit().unwrap();
    logs.stage_append(0, b"dropped").unwrap();
    let log = PmemLog::open(logs.into_region()).unwrap();
    assert_eq!(state(&log), (2, b"ared".to_vec()));
}
