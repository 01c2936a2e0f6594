//! Codewords in each other's places.
//!
//! No crash does that, but a device that stores where it should not does. Their CRCs tell which place they belong to.

use super::found::{look, Logs};
use super::left::Left;
use super::system::System;
use crate::workload::Fault;

const LINE: usize = 32;

/// Exchanges any two codewords of a run: of the directory, or of one of the two copies of the table. That is refused, or
/// it is in the copy that is not live.
pub fn judge<S: System>(left: &mut Left, image: &[u8], logs: &Logs) -> Result<(), String> {
    let count = logs.state.len();
    let run = (LINE * count).next_multiple_of(64);
    for start in (0..3).map(|number| 128 + number * run) {
        for (one, other) in pairs(count) {
            let mut exchanged = image.to_vec();
            let (one, other) = (start + LINE * one, start + LINE * other);
            let (front, back) = exchanged.split_at_mut(other);
            front[one..one + LINE].swap_with_slice(&mut back[..LINE]);
            left.become_image(&exchanged, true);
            match look::<S::Recovered>(left) {
                Err(Fault::Unexpected(_)) => {}
                Ok(Some(found)) if found == *logs => {}
                wrong => {
                    return Err(format!(
                        "with the lines at {one} and {other} exchanged, found {wrong:?}"
                    ))
                }
            }
        }
    }
    Ok(())
}

fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |other| (0..other).map(move |one| (one, other)))
}
