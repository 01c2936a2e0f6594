//! Damage to regions: all kinds, with less effort than a run of the program has.

use crashtest::corruption::base::{bases, Base};
use crashtest::corruption::shared::Shared;
use crashtest::corruption::trial::{tried, Trial};
use crashtest::corruption::{enumerate, everything_once, fuzz, oracle, Effort};
use crashtest::totals::Totals;
use multilog::{CheckError, Corruption, MemRegion, MultiLog, OpenError, Part, Refused};
use proptest::prelude::*;

const QUICK: Effort = Effort {
    burst_step: 31,
    random_bursts: 1,
    randoms: 12,
    file_step: 1,
};

fn assert_sound(totals: &Totals) {
    let violations = &totals.violations;
    let lines = violations
        .iter()
        .map(|v| format!("{}\n  {}\n", v.what, v.how));
    assert!(violations.is_empty(), "{}", lines.collect::<String>());
}

fn base(name: &str) -> &'static Base {
    let base = bases().iter().find(|base| base.name == name);
    base.expect("a base of this name")
}

#[test]
fn damage_of_every_kind() {
    let mut totals = Totals::default();
    everything_once(QUICK, 1, &mut totals);
    assert_sound(&totals);
    // An enumeration that yields nothing would be seen.
    assert!(totals.corruptions > 750_000, "{}", totals.corruptions);
}

#[test]
fn every_burst() {
    let mut totals = Totals::default();
    let mut trial = Trial::new(base("2 logs, Committed"), &mut totals);
    let mut random = fastrand::Rng::with_seed(1);
    // Each third length where nothing is optimized.
    let step = if cfg!(debug_assertions) { 3 } else { 1 };
    enumerate::bursts(&mut trial, (2..=64).step_by(step), 1, &mut random);
    assert_sound(&totals);
    // 1,080 bits of a superblock, a selector and a snapshot, and those of records; 63 lengths of which one has no inside to choose.
    assert!(
        totals.corruptions > 2_000 * (63 + 62) / step as u64,
        "{}",
        totals.corruptions
    );
}

/// While logs are open, nothing reads their journal. If a record was damaged that others are behind, `check` says so, and so
/// does the next `open`; and a switch makes up for it.
#[test]
fn a_record_that_is_damaged_while_the_logs_are_open() {
    let base = base("2 logs, Committed");
    let medium = Shared::new(base.image.clone());
    let mut logs = MultiLog::open(medium.clone()).unwrap();
    let mut commit = || {
        let head = logs.info(0).unwrap().head;
        logs.stage_advance_head(0, head + 1).unwrap();
        logs.commit().unwrap();
        logs.check().map(drop)
    };
    assert_eq!(commit(), Ok(()));
    let contents = oracle::open(&medium.bytes()).unwrap();
    let address = contents.records[0].address;
    let mut damaged = medium.bytes();
    damaged[address + 9] ^= 1;
    medium.set_bytes(&damaged);
    let found = commit();
    let corruption = Corruption {
        part: Part::Records { len: 64 + 32 },
        address: address as u64,
    };
    assert_eq!(found, Err(CheckError::Corrupt(corruption)));
    let reopened = MultiLog::open(MemRegion::from_vec(medium.bytes()));
    let refused = reopened.err().map(Refused::into_error);
    assert_eq!(refused, Some(OpenError::Corrupt(corruption)));
    while oracle::open(&medium.bytes()).is_err() {
        let _ = commit();
    }
    assert_eq!(commit(), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 5_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_the_fuzzers_try(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(tried("fuzz::open", &data, || fuzz::open(&data)), Ok(()));
        prop_assert_eq!(tried("fuzz::check", &data, || fuzz::check(&data)), Ok(()));
    }
}
