//! A part of the corruption phase that is quick enough to be run on each mutant.

use crate::corruption::base::bases;
use crate::corruption::enumerate;
use crate::corruption::trial::Trial;
use crate::totals::{Budget, Totals};
use fastrand::Rng;

/// How many of what is forged of each kind.
const FORGED: usize = 30;

/// Tries each codeword in the place of each other one, those of another region and of older commits, and some that are forged.
pub fn codewords(budget: &Budget, totals: &mut Totals) {
    let random = &mut Rng::with_seed(budget.seed);
    for base in bases() {
        let trial = &mut Trial::new(base, totals);
        enumerate::codewords(trial);
        enumerate::forged(trial, FORGED, random);
    }
}
