//! A part of the corruption phase that is quick enough to be run on each mutant.

use crate::corruption::base::bases;
use crate::corruption::enumerate;
use crate::corruption::trial::Trial;
use crate::totals::{Budget, Totals};

/// Tries each codeword in the place of each other one, and those of another region and of older commits.
pub fn codewords(_budget: &Budget, totals: &mut Totals) {
    for base in bases() {
        enumerate::codewords(&mut Trial::new(base, totals));
    }
}
