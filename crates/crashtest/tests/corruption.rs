//! Damage to regions: all kinds, with less effort than a run of the program has.

use crashtest::corruption::base::{bases, Base};
use crashtest::corruption::trial::Trial;
use crashtest::corruption::{enumerate, everything_once, fuzz, Effort};
use crashtest::totals::Totals;
use proptest::prelude::*;

const QUICK: Effort = Effort {
    burst_step: 20,
    random_bursts: 1,
    randoms: 12,
    file_step: 7,
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
    assert!(totals.corruptions > 500_000, "{}", totals.corruptions);
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

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 5_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_the_fuzzers_try(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(fuzz::open(&data), Ok(()));
        prop_assert_eq!(fuzz::check(&data), Ok(()));
    }
}
