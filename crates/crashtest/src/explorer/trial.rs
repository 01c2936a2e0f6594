//! One workload, with a crash at every store and flush.

use super::images::{self, Image};
use super::recording::{get, Left, Moment, Recording};
use super::seen::Seen;
use crate::totals::{Budget, Violation};
use crate::workload::model::empty_logs;
use crate::workload::{Fault, Model, State, Step, Subject};
use fastrand::Rng;
use multilog::{MultiLog, Region, RegionId};
use pmem::{Concat, CONCAT_ALIGNMENT};
use pmemlog::PmemLog;
use std::hash::{DefaultHasher, Hash, Hasher};

/// One image in so many is worked on, to crash again.
const SECOND: u64 = 61;

/// How many steps are done after the first crash.
const SECOND_STEPS: usize = 4;

/// What may be found: logs, or a region that holds none.
type Found = Option<State>;

/// Logs that are created with the same id each time, so that the same images come again.
pub trait Explored<R: Region>: Subject<R> {
    fn create_as(region: R, capacities: &[u64], id: u64, overwrite: bool) -> Result<Self, String>;
}

impl<R: Region> Explored<R> for MultiLog<R> {
    fn create_as(region: R, capacities: &[u64], id: u64, overwrite: bool) -> Result<Self, String> {
        let id = RegionId { lo: id, hi: !id };
        MultiLog::create_with_id(region, capacities, id, overwrite).map_err(|e| e.to_string())
    }
}

impl<R: Region> Explored<R> for PmemLog<R> {
    fn create_as(region: R, capacities: &[u64], id: u64, overwrite: bool) -> Result<Self, String> {
        let id = RegionId { lo: id, hi: !id };
        let capacity = capacities.first().copied();
        PmemLog::create_with_id(region, capacity, id, overwrite).map_err(|e| e.to_string())
    }
}

/// Both systems, on a device that records and on one that a crash left.
pub trait System {
    type Device: Region;
    type Working: Explored<Self::Device>;
    type Recovered: Subject<Left>;

    /// The device, which records to `region`. If there are two as one, `second` chooses the line in which the second
    /// begins.
    fn device(region: &Recording, second: usize) -> Result<Self::Device, Fault>;
}

/// `multilog`.
pub struct Many;

/// `pmemlog`.
pub struct Single;

/// `multilog` on two devices as one.
pub struct OnTwo;

impl System for Many {
    type Device = Recording;
    type Working = MultiLog<Recording>;
    type Recovered = MultiLog<Left>;

    fn device(region: &Recording, _second: usize) -> Result<Recording, Fault> {
        Ok(region.clone())
    }
}

impl System for Single {
    type Device = Recording;
    type Working = PmemLog<Recording>;
    type Recovered = PmemLog<Left>;

    fn device(region: &Recording, _second: usize) -> Result<Recording, Fault> {
        Ok(region.clone())
    }
}

impl System for OnTwo {
    type Device = Concat<Recording, Recording>;
    type Working = MultiLog<Self::Device>;
    type Recovered = MultiLog<Left>;

    fn device(region: &Recording, second: usize) -> Result<Self::Device, Fault> {
        let lines = region.len() / CONCAT_ALIGNMENT;
        let line = 1 + second as u64 % (lines - 1);
        let [first, second] = region.split((line * CONCAT_ALIGNMENT) as usize);
        Concat::new(first, second).map_err(|error| Fault::Unexpected(error.to_string()))
    }
}

/// What all trials of a thread share.
pub struct Explorer<'a> {
    pub seen: &'a Seen,
    pub budget: &'a Budget,
    pub violations: Vec<Violation>,
    pub rng: Rng,
    /// Where the second of two devices begins.
    pub second_device: usize,
    left: Left,
}

/// How a workload came to where it is.
struct Trial {
    /// For people, to see it again.
    story: Vec<String>,
    depth: u32,
    /// Images that are worked on afterwards.
    second: Vec<(Vec<u8>, State)>,
}

impl<'a> Explorer<'a> {
    pub fn new(seen: &'a Seen, budget: &'a Budget, rng: Rng) -> Explorer<'a> {
        Explorer {
            seen,
            budget,
            violations: Vec::new(),
            rng,
            second_device: 0,
            left: Left::new(),
        }
    }

    pub fn is_done(&self) -> bool {
        self.budget.is_spent() || self.seen.is_full() || self.violations.len() >= 10
    }

    /// Creates logs of these capacities in a region that holds `old` logs, or none, and does the steps that `choose`
    /// chooses until it chooses none.
    pub fn workload<S: System>(
        &mut self,
        capacities: &[u64],
        old: Option<&[u64]>,
        mut choose: impl FnMut(&mut Rng, &Model) -> Option<Step>,
    ) {
        let mut trial = Trial {
            story: vec![format!("create {capacities:?} over {old:?}")],
            depth: 1,
            second: Vec::new(),
        };
        let len = |capacities| multilog::required_len(capacities).unwrap_or(0);
        let len = len(capacities).max(old.map_or(0, len)).next_multiple_of(64);
        let region = Recording::of(vec![0; len as usize]);
        let second = self.second_device;
        let create = |capacities: &[u64], id, overwrite| {
            let device = S::device(&region, second).map_err(|fault| format!("{fault:?}"))?;
            S::Working::create_as(device, capacities, id, overwrite)
        };
        let mut before = None;
        if let Some(old) = old {
            if let Err(what) = create(old, 2, false) {
                return self.report(&trial, what, None);
            }
            region.take_flushes();
            before = Some(empty_logs(old));
        }
        let created = create(capacities, 1, old.is_some());
        let after = Some(empty_logs(capacities));
        let logs = match created {
            Ok(logs) => logs,
            Err(what) => return self.report(&trial, what, None),
        };
        let ends = [before, None, after.clone()];
        for moment in region.take_flushes() {
            self.crash::<S>(&mut trial, &moment, &ends);
        }
        self.crash::<S>(&mut trial, &region.now(), &[after]);
        let model = Model::opened(empty_logs(capacities), S::Working::DURABLE_AT_ONCE);
        self.steps::<S>(&mut trial, region, logs, model, &mut choose);
        self.go_on_from_crashes::<S>(trial);
    }

    fn go_on_from_crashes<S: System>(&mut self, trial: Trial) {
        for (image, state) in trial.second {
            if self.is_done() {
                return;
            }
            let mut again = Trial {
                story: trial.story.clone(),
                depth: trial.depth + 1,
                second: Vec::new(),
            };
            again.story.push(format!("crash, leaving {image:?}"));
            let region = Recording::of(image);
            let device = S::device(&region, self.second_device);
            let logs = match device.and_then(S::Working::open) {
                Ok(logs) => logs,
                Err(fault) => {
                    self.report(&again, format!("opening: {fault:?}"), None);
                    continue;
                }
            };
            let model = Model::opened(state, S::Working::DURABLE_AT_ONCE);
            let mut left = SECOND_STEPS;
            self.steps::<S>(&mut again, region, logs, model, &mut |rng, model| {
                left = left.checked_sub(1)?;
                Some(if left == 0 {
                    Step::Commit
                } else {
                    Step::choose(rng, model)
                })
            });
        }
    }

    fn steps<S: System>(
        &mut self,
        trial: &mut Trial,
        region: Recording,
        logs: S::Working,
        mut model: Model,
        choose: &mut impl FnMut(&mut Rng, &Model) -> Option<Step>,
    ) {
        let mut logs = Some(logs);
        while let Some(step) = choose(&mut self.rng, &model) {
            trial.story.push(format!("{step:?}"));
            let before = Some(model.committed.clone());
            let expected = model.apply(&step);
            let done = if step == Step::Reopen {
                drop(logs.take());
                let device = S::device(&region, self.second_device);
                device.and_then(S::Working::open).map(|opened| {
                    logs = Some(opened);
                    None
                })
            } else {
                match &mut logs {
                    Some(logs) => logs.apply(&step),
                    None => Err(Fault::Unformatted),
                }
            };
            if done != expected {
                let what = format!("returned {done:?}, expected {expected:?}");
                return self.report(trial, what, None);
            }
            let after = Some(model.committed.clone());
            let ends = [before, after.clone()];
            for moment in region.take_flushes() {
                self.crash::<S>(trial, &moment, &ends);
            }
            self.crash::<S>(trial, &region.now(), &[after]);
            if self.is_done() {
                return;
            }
        }
    }

    /// Tries what a crash could leave at a moment: it must be one of these.
    fn crash<S: System>(&mut self, trial: &mut Trial, moment: &Moment, allowed: &[Found]) {
        let mut hasher = DefaultHasher::new();
        allowed.hash(&mut hasher);
        let expected = hasher.finish();
        let mut rng = self.rng.fork();
        images::each(moment, &mut rng, &mut |image| {
            if self.seen.is_new(image.hash ^ expected) {
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
        self.left.set_bytes(&image.bytes);
        let found = match S::Recovered::open(self.left.clone()) {
            Ok(logs) => logs.check().and_then(|()| logs.committed()).map(Some),
            Err(Fault::Unformatted) => Ok(None),
            Err(fault) => Err(fault),
        };
        let crash = Some((moment, image));
        match found {
            Err(fault) => self.report(trial, format!("found {fault:?}"), crash),
            Ok(found) if !allowed.contains(&found) => {
                let what = format!("found {found:?}, expected one of {allowed:?}");
                self.report(trial, what, crash);
            }
            Ok(_) if self.left.was_stored_to() => {
                self.report(trial, "opening has stored".to_string(), crash);
            }
            Ok(Some(state)) if trial.depth == 1 && image.hash.is_multiple_of(SECOND) => {
                trial.second.push((image.bytes.clone(), state));
            }
            Ok(_) => {}
        }
    }

    fn report(&mut self, trial: &Trial, what: String, crash: Option<(&Moment, &Image)>) {
        let mut how = trial.story.join("; ");
        if let Some((moment, image)) = crash {
            let survived = moment.pending.iter().map(|p| p.word);
            let survived =
                survived.filter(|&word| get(&image.bytes, word) != get(&moment.durable, word));
            let words: Vec<String> = survived
                .map(|word| format!("{}: {:#x}", 8 * word, get(&image.bytes, word)))
                .collect();
            let stored = moment.pending.len();
            how += &format!(
                "; crash that left, of {stored} words, [{}]",
                words.join(", ")
            );
        }
        self.violations.push(Violation { what, how });
    }
}
