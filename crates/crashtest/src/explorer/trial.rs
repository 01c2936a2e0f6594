//! One workload, with a crash at every store and flush.

use super::found::{attempt, Found, Logs};
use super::left::Left;
use super::misplaced;
use super::recording::{get, Recording};
use super::seen::Seen;
use super::system::{Explored, Shape, System};
use crate::totals::{Budget, Violation};
use crate::workload::model::empty_logs;
use crate::workload::{Fault, Model, Step, Subject};
use fastrand::Rng;
use multilog::placement::required_len_with_journal;
use multilog::RegionId;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// How many steps are done after the first crash.
const SECOND_STEPS: usize = 4;

/// When so much is wrong, more tells nothing new.
const MOST_VIOLATIONS: usize = 5;

/// The logs that a workload is about.
const NEW: RegionId = RegionId { lo: 1, hi: !1 };

/// Those that were there before them.
const OLD: RegionId = RegionId { lo: 2, hi: !2 };

/// Those that are created after a crash had left none.
const NEWER: RegionId = RegionId { lo: 3, hi: !3 };

/// What all threads share.
pub struct Shared<'a> {
    pub seen: Seen,
    pub budget: &'a Budget,
    pub violations: AtomicUsize,
}

/// What all trials of a thread share.
pub struct Explorer<'a> {
    pub shared: &'a Shared<'a>,
    pub violations: Vec<Violation>,
    pub rng: Rng,
    pub shape: Shape,
    pub left: Left,
}

/// What a region holds before logs are created in it.
#[derive(Debug)]
pub enum Before {
    Zeros,
    /// No logs, and perhaps a zero where those have a word that makes them some.
    RandomBytes,
    /// Logs of these capacities, after so many random steps.
    Logs {
        capacities: Vec<u64>,
        steps: usize,
    },
}

/// How a workload begins.
#[derive(Debug)]
pub struct Start<'a> {
    pub capacities: &'a [u64],
    pub before: Before,
    /// How many of its steps, of which the creation is the first, are those of another workload, in which they were
    /// explored.
    pub explored: u32,
}

/// How a workload came to where it is.
#[derive(Default)]
pub struct Trial {
    /// For people, to see it again.
    pub story: Vec<String>,
    /// How many crashes are behind it.
    pub crashes: u32,
    capacities: Vec<u64>,
    /// How many of the next steps need not be explored.
    pub explored: u32,
    /// What was staged since the last commit.
    pub staged: Vec<Step>,
    /// Images that are worked on afterwards.
    pub second: Vec<Second>,
    /// How many images there were to choose these from.
    pub candidates: usize,
}

/// An image that a crash has left, and is worked on.
pub struct Second {
    pub image: Vec<u8>,
    /// What is in it.
    pub found: Found,
    /// What was staged when it was left, a part of a commit under way included.
    pub staged: Vec<Step>,
}

/// Logs that are being worked on.
struct Work<S: System> {
    /// None if they could not be opened again.
    logs: Option<S::Working>,
    model: Model,
    /// What an image of them holds.
    found: Logs,
}

impl<S: System> Work<S> {
    fn of(logs: S::Working, found: Logs) -> Work<S> {
        let model = Model::opened(found.state.clone(), S::Working::DURABLE_AT_ONCE);
        Work {
            logs: Some(logs),
            model: model.with_records(found.id()),
            found,
        }
    }
}

/// The functions that explore return None if there is no going on: something is wrong, or the time is up.
impl<'a> Explorer<'a> {
    pub fn new(shared: &'a Shared<'a>, rng: Rng) -> Explorer<'a> {
        Explorer {
            shared,
            violations: Vec::new(),
            rng,
            shape: Shape::default(),
            left: Left::default(),
        }
    }

    pub fn is_done(&self) -> bool {
        self.shared.budget.is_spent()
            || self.shared.seen.is_full()
            || self.shared.violations.load(Relaxed) >= MOST_VIOLATIONS
    }

    /// Creates logs, and does the steps that `choose` chooses until it chooses none. Whether it came to its end.
    pub fn workload<S: System>(
        &mut self,
        start: &Start<'_>,
        mut choose: impl FnMut(&mut Rng, &Model) -> Option<Step>,
    ) -> bool {
        let mut trial = Trial {
            story: vec![format!("{}, {:?}, {:?}", S::NAME, self.shape, start.before)],
            capacities: start.capacities.to_vec(),
            explored: start.explored,
            ..Trial::default()
        };
        let finished = self.first_life::<S>(&mut trial, start, &mut choose);
        let finished = finished.and_then(|()| self.second_lives::<S>(trial));
        finished.is_some() && !self.is_done()
    }

    fn first_life<S: System>(
        &mut self,
        trial: &mut Trial,
        start: &Start<'_>,
        choose: &mut dyn FnMut(&mut Rng, &Model) -> Option<Step>,
    ) -> Option<()> {
        let lines = self.shape.lines;
        let required = |capacities| required_len_with_journal(capacities, lines).unwrap_or(0);
        let mut len = required(start.capacities);
        if let Before::Logs { capacities, .. } = &start.before {
            len = len.max(required(capacities));
        }
        let mut bytes = vec![0; len.next_multiple_of(64) as usize];
        if let Before::RandomBytes = start.before {
            let from = if self.rng.bool() { 8 } else { 0 };
            self.rng.fill(&mut bytes[from..]);
        }
        let region = Recording::of(bytes);
        let mut before = None;
        if let Before::Logs { capacities, steps } = &start.before {
            let old = self.create::<S>(trial, &region, capacities, OLD, None)?;
            let mut steps = 0..*steps;
            let choose =
                &mut |rng: &mut Rng, model: &Model| steps.next().map(|_| Step::choose(rng, model));
            before = Some(self.steps(trial, &region, old, choose)?);
        }
        let work = self.create::<S>(trial, &region, start.capacities, NEW, before)?;
        let logs = self.steps(trial, &region, work, choose)?;
        let judged = misplaced::judge::<S>(&mut self.left, &region.bytes(), &logs);
        self.expect(trial, judged)
    }

    /// Images that a crash has left, worked on, and crashing again.
    fn second_lives<S: System>(&mut self, trial: Trial) -> Option<()> {
        for second in trial.second {
            let mut again = Trial {
                story: trial.story.clone(),
                crashes: trial.crashes + 1,
                capacities: trial.capacities.clone(),
                ..Trial::default()
            };
            let Second { image, found, .. } = second;
            again.story.push(format!("crash, leaving {image:?}"));
            let region = Recording::of(image);
            let work = match found {
                Some(logs) => self.open::<S>(&again, &region, logs)?,
                None => {
                    // Others, or the same once more, over what is left of those that were not finished.
                    let smaller = self.rng.bool().then_some(vec![1]);
                    let capacities = smaller.unwrap_or_else(|| trial.capacities.clone());
                    let id = if self.rng.bool() { NEW } else { NEWER };
                    self.create::<S>(&mut again, &region, &capacities, id, None)?
                }
            };
            // What the crash has undone is often done once more.
            let mut first = second.staged;
            if self.rng.u8(..4) == 0 {
                first.clear();
            }
            let mut first = first.into_iter();
            let mut left = SECOND_STEPS;
            self.steps(&mut again, &region, work, &mut |rng, model| {
                if let Some(step) = first.next() {
                    return Some(step);
                }
                left = left.checked_sub(1)?;
                Some(match left {
                    0 => Step::Commit,
                    _ => Step::choose(rng, model),
                })
            })?;
            self.second_lives::<S>(again)?;
        }
        Some(())
    }

    fn open<S: System>(
        &mut self,
        trial: &Trial,
        region: &Recording,
        found: Logs,
    ) -> Option<Work<S>> {
        let shape = self.shape;
        let logs = attempt(|| S::device(region, shape).and_then(S::Working::open));
        let logs = self.expect(trial, logs.map_err(|fault| format!("opening: {fault:?}")))?;
        Some(Work::of(logs, found))
    }

    /// Creates logs in a region that holds `before`.
    fn create<S: System>(
        &mut self,
        trial: &mut Trial,
        region: &Recording,
        capacities: &[u64],
        id: RegionId,
        before: Found,
    ) -> Option<Work<S>> {
        let overwrite = get(&region.bytes(), 0) != 0;
        trial
            .story
            .push(format!("create {capacities:?}, overwrite: {overwrite}"));
        let shape = self.shape;
        let created = attempt(|| {
            let device = S::device(region, shape)?;
            S::Working::create_as(device, capacities, shape.lines, id, overwrite)
        });
        let created = created.map_err(|fault| format!("creating: {fault:?}"));
        let logs = self.expect(trial, created)?;
        let after = Logs::expected(id, &empty_logs(capacities));
        self.crashes::<S>(trial, region, &[before, None, Some(after.clone())])?;
        Some(Work::of(logs, after))
    }

    /// Returns what an image holds in the end.
    fn steps<S: System>(
        &mut self,
        trial: &mut Trial,
        region: &Recording,
        mut work: Work<S>,
        choose: &mut dyn FnMut(&mut Rng, &Model) -> Option<Step>,
    ) -> Option<Logs> {
        while let Some(step) = choose(&mut self.rng, &work.model) {
            trial.story.push(format!("{step:?}"));
            let expected = work.model.apply(&step);
            let shape = self.shape;
            let done = attempt(|| perform(&mut work, region, shape, &step));
            let done = match done == expected {
                true => Ok(()),
                false => Err(format!("returned {done:?}, expected {expected:?}")),
            };
            self.expect(trial, done)?;
            let before = work.found;
            work.found = Logs::expected(before.id(), &work.model.committed);
            let ends = [Some(before), Some(work.found.clone())];
            let ended = matches!(step, Step::Commit | Step::Abort | Step::Reopen);
            trial.staged.extend((!ended).then_some(step));
            self.crashes::<S>(trial, region, &ends)?;
            if ended || work.model.durable_at_once {
                trial.staged.clear();
            }
        }
        Some(work.found)
    }

    /// Reports what is wrong.
    fn expect<T>(&mut self, trial: &Trial, done: Result<T, String>) -> Option<T> {
        done.map_err(|what| self.report(what, trial.story.join("; ")))
            .ok()
    }

    pub fn report(&mut self, what: String, how: String) {
        self.violations.push(Violation { what, how });
        self.shared.violations.fetch_add(1, Relaxed);
    }
}

/// Does a step with the production code.
fn perform<S: System>(
    work: &mut Work<S>,
    region: &Recording,
    shape: Shape,
    step: &Step,
) -> Result<Option<u64>, Fault> {
    if *step == Step::Reopen {
        work.logs = None;
        work.logs = Some(S::Working::open(S::device(region, shape)?)?);
        return Ok(None);
    }
    work.logs.as_mut().ok_or(Fault::Unformatted)?.apply(step)
}
