//! Codewords, entries and records in each other's places.
//!
//! No crash does that, but a device that stores where it should not does. Their CRCs tell which place they belong to.

use super::found::{look, Logs};
use super::left::Left;
use super::system::System;
use crate::corruption::oracle;
use crate::workload::Fault;

/// Exchanges any two entries of a journal's snapshot, the headers of the journals, or the headers of two records that are behind
/// one another. That is refused, or it is in the journal that is not live.
pub fn judge<S: System>(left: &mut Left, image: &[u8], logs: &Logs) -> Result<(), String> {
    let contents = oracle::open(image).map_err(|fault| format!("the oracle: {fault:?}"))?;
    let shape = contents.shape;
    let entries = [false, true].map(|b| {
        let address = |log| shape.entry(b, log);
        pairs((0..shape.logs).map(address).collect(), oracle::LINE)
    });
    let headers = pairs(vec![shape.journal(false), shape.journal(true)], 32);
    let records = contents.records.iter().map(|record| record.address);
    let records = pairs(records.collect(), 32);
    for (one, other, len) in [entries.concat(), headers, records].concat() {
        let mut exchanged = image.to_vec();
        let (front, back) = exchanged.split_at_mut(other);
        front[one..one + len].swap_with_slice(&mut back[..len]);
        left.become_image(&exchanged, true);
        match look::<S::Recovered>(left) {
            Err(Fault::Unexpected(_)) => {}
            Ok(Some(found)) if found == *logs => {}
            wrong => {
                return Err(format!(
                    "with the {len} bytes at {one} and {other} exchanged, found {wrong:?}"
                ))
            }
        }
    }
    Ok(())
}

/// All pairs of places, the first one first, and the length.
fn pairs(places: Vec<usize>, len: usize) -> Vec<(usize, usize, usize)> {
    let others = |number: usize| places[..number].iter().map(move |&one| (one, number));
    let pairs = (0..places.len()).flat_map(others);
    pairs
        .map(|(one, number)| (one, places[number], len))
        .collect()
}
