//! A crash, and what is found after it.

use super::found::{look, Found};
use super::images::{self, Image};
use super::recording::{get, Moment, Recording};
use super::system::System;
use super::trial::{Explorer, Second, Trial};
use crate::corruption::oracle;
use std::hash::{DefaultHasher, Hash, Hasher};

/// One image in so many is worked on, to crash again.
const SECOND: u64 = 61;

/// One image in so many is worked on if its last record does not count, because bytes are missing.
const DROPPED: u64 = 7;

/// So many of a workload's images at most are worked on, so that there is time for other workloads; and of what is left
/// of those, after each number of crashes.
const MOST_SECOND: [usize; 2] = [8, 1];

impl Explorer<'_> {
    /// Tries what a crash could leave during a step, which must be one of these, and after it, which must be the last.
    pub fn crashes<S: System>(
        &mut self,
        trial: &mut Trial,
        region: &Recording,
        ends: &[Found],
    ) -> Option<()> {
        let moments = region.take_moments();
        if trial.explored > 0 {
            trial.explored -= 1;
            return Some(());
        }
        let (now, earlier) = moments.split_last()?;
        for moment in earlier {
            self.crash::<S>(trial, moment, ends);
        }
        self.crash::<S>(trial, now, &ends[ends.len() - 1..]);
        (!self.is_done()).then_some(())
    }

    /// Tries what a crash could leave at a moment: it must be one of these.
    fn crash<S: System>(&mut self, trial: &mut Trial, moment: &Moment, allowed: &[Found]) {
        let mut hasher = DefaultHasher::new();
        (S::NAME, allowed).hash(&mut hasher);
        let expected = hasher.finish();
        let mut rng = self.rng.fork();
        images::each(moment, &mut rng, &mut |image| {
            if self.shared.seen.is_new(image.hash ^ expected) {
                self.recover::<S>(trial, moment, image, allowed);
            }
            !self.is_done()
        });
    }

    fn recover<S: System>(
        &mut self,
        trial: &mut Trial,
        moment: &Moment,
        image: &Image,
        allowed: &[Found],
    ) {
        let lends = image.hash >> 63 == 1;
        self.left.become_image(&image.bytes, lends);
        let found = look::<S::Recovered>(&self.left);
        let wrong = match &found {
            Err(fault) => format!("found {fault:?}"),
            Ok(found) if !allowed.contains(found) => {
                format!("found {found:?}, expected one of {allowed:?}")
            }
            Ok(_) if self.left.was_stored_to() => "opening has stored".to_string(),
            Ok(_) => {
                if image.hash.is_multiple_of(SECOND)
                    || image.hash.is_multiple_of(DROPPED) && has_dropped(&image.bytes)
                {
                    self.keep(trial, image, found.ok().flatten());
                }
                return;
            }
        };
        let crash = survivors(moment, image);
        self.report(wrong, format!("{crash}; {}", trial.story.join("; ")));
    }

    /// Keeps an image to work on it, perhaps in place of another: each candidate is as likely to be kept.
    fn keep(&mut self, trial: &mut Trial, image: &Image, found: Found) {
        let Some(&most) = MOST_SECOND.get(trial.crashes as usize) else {
            return;
        };
        trial.candidates += 1;
        let kept = Second {
            image: image.bytes.clone(),
            found,
            staged: trial.staged.clone(),
        };
        if trial.second.len() < most {
            trial.second.push(kept);
            return;
        }
        let place = self.rng.usize(..trial.candidates);
        if let Some(place) = trial.second.get_mut(place) {
            *place = kept;
        }
    }
}

/// Whether bytes are missing that the last record of an image appended.
fn has_dropped(image: &[u8]) -> bool {
    oracle::open(image).is_ok_and(|found| found.counted < found.records.len())
}

/// The words that a crash has left of those that were stored.
fn survivors(moment: &Moment, image: &Image) -> String {
    let words = moment.pending.iter().map(|pending| pending.word);
    let survived = words.filter(|&word| get(&image.bytes, word) != get(&moment.durable, word));
    let survived: Vec<String> = survived
        .map(|word| format!("{}: {:#x}", 8 * word, get(&image.bytes, word)))
        .collect();
    let stored = moment.pending.len();
    format!(
        "the last crash left, of {stored} words, [{}]",
        survived.join(", ")
    )
}
