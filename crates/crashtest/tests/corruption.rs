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
    enumerate::bursts(&mut trial, 2..=64, 1, &mut random);
    assert_sound(&totals);
    // 2,560 bits of metadata; 63 lengths of which one has no inside to choose.
    assert_eq!(totals.corruptions, 2_560 * (63 + 62));
}

/// A commit relies on the idle copy for the entries that it does not write. If they were damaged while the logs were open,
/// `check` says so once the commit has made them live, and so does the next `open`.
#[test]
fn an_idle_entry_that_is_damaged_and_goes_live() {
    let base = base("2 logs, Committed");
    let medium = Shared::new(base.image.clone());
    let mut logs = MultiLog::open(medium.clone()).unwrap();
    let mut commit = |medium: &Shared| {
        let head = logs.info(0).unwrap().head;
        logs.stage_advance_head(0, head + 1).unwrap();
        logs.commit().unwrap();
        let live_b = oracle::word(&medium.bytes(), oracle::SELECTOR) == oracle::SELECTOR_B;
        (logs.check().map(drop), oracle::copy_at(2, live_b) + 32)
    };
    // The first commit after opening writes all of the idle copy.
    let (found, address) = commit(&medium);
    assert_eq!(found, Ok(()));
    let copies = [false, true].map(|b| oracle::copy_at(2, b) + 32);
    let idle = if address == copies[0] {
        copies[1]
    } else {
        copies[0]
    };
    let mut damaged = medium.bytes();
    damaged[idle + 9] ^= 1;
    medium.set_bytes(&damaged);
    let (found, address) = commit(&medium);
    let corruption = Corruption {
        part: Part::Entry { log: 1 },
        address: idle as u64,
    };
    assert_eq!(address, idle);
    assert_eq!(found, Err(CheckError::Corrupt(corruption)));
    let reopened = MultiLog::open(MemRegion::from_vec(medium.bytes()));
    let refused = reopened.err().map(Refused::into_error);
    assert_eq!(refused, Some(OpenError::Corrupt(corruption)));
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
