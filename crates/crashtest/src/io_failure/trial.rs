//! One workload on a device with one failure, and all that must hold afterwards.

use super::device::{Device, Mixture, Part, Plan};
use crate::worker::reading::read_all;
use crate::workload::model::empty_logs;
use crate::workload::{Fault, Model, State, Step, Subject};
use fastrand::Rng;
use multilog::placement::required_len_with_journal;
use pmem::{Concat, ConcatError, IoOperation, Region, CONCAT_ALIGNMENT};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

type Shared = Rc<RefCell<Device>>;

/// A region that can be made of the failing device.
pub trait Attach: Region {
    fn attach(device: &Shared) -> Result<Self, Fault>;
}

impl Attach for Part {
    fn attach(device: &Shared) -> Result<Self, Fault> {
        let len = device.borrow().len();
        Ok(Part::of(device, 0..len))
    }
}

impl Attach for Concat<Part, Part> {
    fn attach(device: &Shared) -> Result<Self, Fault> {
        let len = device.borrow().len();
        let alignment = CONCAT_ALIGNMENT as usize;
        let split = len / 2 / alignment * alignment;
        let (first, second) = (Part::of(device, 0..split), Part::of(device, split..len));
        Concat::new(first, second).map_err(|error| match error {
            ConcatError::Io(error) => Fault::Io(error),
            other => Fault::Unexpected(other.to_string()),
        })
    }
}

/// What a workload begins with.
pub struct Start {
    capacities: Vec<u64>,
    /// How many lines the journals have for records, if that is enough.
    lines: u64,
    image: Vec<u8>,
    /// The logs that are in the image.
    old: Option<State>,
    overwrite: bool,
}

impl Start {
    /// An empty region, one with logs in it, or one with something else in it.
    fn random<R: Attach, S: Subject<R>>(rng: &mut Rng) -> Result<Start, Fault> {
        let logs = if S::DURABLE_AT_ONCE {
            1
        } else {
            rng.usize(1..5)
        };
        // Some can take more at once than a record has the CRC of.
        let most = if rng.u8(..64) == 0 { 80_000 } else { 100 };
        let capacities: Vec<u64> = (0..logs).map(|_| rng.u64(1..most)).collect();
        let lines = rng.u64(..7);
        let required = required_len_with_journal(&capacities, lines).unwrap_or(0) as usize;
        let mut image = vec![0; required + rng.usize(..100)];
        let (mut old, mut overwrite) = (None, false);
        match rng.u8(..4) {
            0 => {}
            1 => rng.fill(&mut image[8..]),
            2 => {
                overwrite = true;
                rng.fill(&mut image);
            }
            _ => {
                overwrite = true;
                let device = Device::new(image, 0);
                let mut subject = S::create(R::attach(&device)?, &capacities[..1], lines, false)?;
                let parts = vec![b"old".to_vec()[..capacities[0].min(3) as usize].to_vec()];
                subject.apply(&Step::Append { log: 0, parts })?;
                subject.apply(&Step::Commit)?;
                old = Some(subject.committed()?);
                drop(subject);
                image = device.borrow().crash(Mixture::None);
            }
        }
        Ok(Start {
            capacities,
            lines,
            image,
            old,
            overwrite,
        })
    }
}

/// How the trial went.
#[derive(Debug, Default, Clone, Copy)]
pub struct Outcome {
    /// How many reads, writes and flushes there were.
    pub counts: [u64; 3],
    /// How many of them failed.
    pub failures: u64,
}

/// A workload on one system and one kind of region.
pub struct Trial<R, S> {
    pub seed: u64,
    pub steps: usize,
    subject: PhantomData<(R, S)>,
}

impl<R: Attach, S: Subject<R>> Trial<R, S> {
    pub fn new(seed: u64, steps: usize) -> Self {
        let subject = PhantomData;
        Trial {
            seed,
            steps,
            subject,
        }
    }

    /// Does the workload, with this failure; the error says what went wrong that must not.
    pub fn run(&self, plan: Option<Plan>) -> Result<Outcome, String> {
        let mut rng = Rng::with_seed(self.seed);
        let start = Start::random::<R, S>(&mut rng).map_err(|fault| format!("start: {fault:?}"))?;
        let device = Device::new(start.image.clone(), rng.u64(..));
        device.borrow_mut().set_plan(plan);
        let work = Work { device, rng };
        let mut outcome = Outcome::default();
        self.create(work, &start, &mut outcome)?;
        Ok(outcome)
    }

    fn create(&self, work: Work, start: &Start, outcome: &mut Outcome) -> Result<(), String> {
        let attached = R::attach(&work.device);
        let created = attached
            .and_then(|region| S::create(region, &start.capacities, start.lines, start.overwrite));
        let new = empty_logs(&start.capacities);
        let Some(error) = work.failure() else {
            let subject = created.map_err(|fault| format!("create: {fault:?}"))?;
            let model = Model::opened(new, S::DURABLE_AT_ONCE);
            return self.go_on(work, subject, model, self.steps, outcome);
        };
        outcome.failures += 1;
        expect(
            "create on a failing device",
            created.err(),
            Some(Fault::Io(error)),
        )?;
        work.expect_left_alone()?;
        for image in work.survivors() {
            let survivor = work.reopened(image.clone());
            match open::<R, S>(&survivor.device).and_then(|subject| subject.committed()) {
                Ok(found) if found == new => {}
                Ok(found) if Some(&found) == start.old.as_ref() => {}
                Err(Fault::Unformatted) => {
                    let overwrite = start.overwrite && start.old.is_none();
                    let region = R::attach(&survivor.device);
                    let again = region.and_then(|region| {
                        S::create(region, &start.capacities, start.lines, overwrite)
                    });
                    let found = again.and_then(|subject| subject.committed());
                    expect("creating anew", found, Ok(new.clone()))?;
                }
                other => return Err(format!("a failed create left {other:?}")),
            }
        }
        Ok(())
    }

    /// Does so many steps on logs that stand as in `model`.
    fn go_on(
        &self,
        mut work: Work,
        mut subject: S,
        mut model: Model,
        steps: usize,
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        model = model.with_records(subject.region_id());
        for number in 0..steps {
            let step = Step::choose(&mut work.rng, &model);
            let before = model.clone();
            let expected = model.apply(&step);
            let about = |what: String| format!("step {number}, {step:?}: {what}");
            let done = self.apply(&work, subject, &step);
            let Some(error) = work.failure() else {
                expect("the result", &done.1, &expected).map_err(about)?;
                subject = done.0.ok_or_else(|| about("no logs".to_string()))?;
                work.expect_durable::<R, S>(&model.committed)
                    .map_err(about)?;
                subject = self.read(&work, subject, &model, outcome).map_err(about)?;
                continue;
            };
            outcome.failures += 1;
            expect("the result", &done.1, &Err(Fault::Io(error))).map_err(about)?;
            if error.operation == IoOperation::Read {
                model = before;
                if done.0.is_none() {
                    model.staged.clone_from(&model.committed);
                }
                subject = self.mend(&work, done.0, &model).map_err(about)?;
                continue;
            }
            if let Some(mut closed) = done.0 {
                self.expect_closed(&work, &mut closed, &before.committed)
                    .map_err(about)?;
            }
            work.expect_left_alone().map_err(about)?;
            let states = [before.committed, model.committed];
            return self
                .survive(&work, &states, steps - number, outcome)
                .map_err(about);
        }
        if outcome.failures == 0 {
            outcome.counts = work.counts();
        }
        Ok(())
    }

    /// Reads all logs, which a failure does no harm.
    fn read(
        &self,
        work: &Work,
        subject: S,
        model: &Model,
        outcome: &mut Outcome,
    ) -> Result<S, String> {
        let read = read_all(&subject, &model.committed);
        let Some(error) = work.failure() else {
            return expect("reading", read, Ok(())).map(|()| subject);
        };
        outcome.failures += 1;
        expect("reading", read, Err(Fault::Io(error)))?;
        self.mend(work, Some(subject), model)
    }

    /// Does a step. Reopening may leave no logs.
    fn apply(
        &self,
        work: &Work,
        mut subject: S,
        step: &Step,
    ) -> (Option<S>, Result<Option<u64>, Fault>) {
        if *step != Step::Reopen {
            let result = subject.apply(step);
            return (Some(subject), result);
        }
        drop(subject);
        match open::<R, S>(&work.device) {
            Ok(subject) => (Some(subject), Ok(None)),
            Err(fault) => (None, Err(fault)),
        }
    }

    /// After a failed read the logs are as they were, and go on once reading works again. Those that could not be
    /// opened are opened then.
    fn mend(&self, work: &Work, subject: Option<S>, model: &Model) -> Result<S, String> {
        if work.device.borrow().fails_for_good() {
            let error = work.failure().map(Fault::Io);
            match &subject {
                None => expect("opening again", open::<R, S>(&work.device).err(), error)?,
                Some(subject) => {
                    expect("a check", subject.check().err(), error.clone())?;
                    if model.committed.iter().any(|log| !log.data.is_empty()) {
                        let again = read_all(subject, &model.committed).err();
                        expect("reading again", again, error)?;
                    }
                }
            }
        }
        work.device.borrow_mut().set_plan(None);
        let subject = match subject {
            Some(subject) => subject,
            None => open::<R, S>(&work.device).map_err(|fault| format!("{fault:?}"))?,
        };
        expect("is_failed", subject.is_failed(), false)?;
        expect("reading", read_all(&subject, &model.committed), Ok(()))?;
        Ok(subject)
    }

    /// After a failed write or flush all changes are refused, and what was committed is read.
    fn expect_closed(&self, work: &Work, subject: &mut S, committed: &State) -> Result<(), String> {
        for _ in 0..2 {
            expect("is_failed", subject.is_failed(), true)?;
            expect("what is tried", subject.attempts(), vec![Fault::Failed; 4])?;
            expect("reading", read_all(subject, committed), Ok(()))?;
            subject
                .apply(&Step::Abort)
                .map_err(|fault| format!("abort: {fault:?}"))?;
        }
        work.expect_left_alone()
    }

    /// Whatever the crash leaves is one of the two states, from which the logs go on.
    fn survive(
        &self,
        work: &Work,
        states: &[State; 2],
        steps: usize,
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        for image in work.survivors() {
            let survivor = work.reopened(image);
            let subject = open::<R, S>(&survivor.device)
                .map_err(|fault| format!("opening what is left: {fault:?}"))?;
            let found = subject.committed();
            match found {
                Ok(found) if states.contains(&found) => {
                    let model = Model::opened(found, S::DURABLE_AT_ONCE);
                    self.go_on(survivor, subject, model, steps.min(12), outcome)?;
                }
                other => return Err(format!("left is {other:?}, not one of {states:?}")),
            }
        }
        Ok(())
    }
}

/// Where a workload is done, and what it draws from.
struct Work {
    device: Shared,
    rng: Rng,
}

impl Work {
    fn failure(&self) -> Option<pmem::IoError> {
        self.device.borrow().failure()
    }

    fn counts(&self) -> [u64; 3] {
        let device = self.device.borrow();
        OPERATIONS.map(|operation| device.count(operation))
    }

    /// Some of the images that a crash now may leave.
    fn survivors(&self) -> Vec<Vec<u8>> {
        let device = self.device.borrow();
        let mixtures = Mixture::ALL.into_iter().chain([Mixture::Random; 4]);
        mixtures.map(|mixture| device.crash(mixture)).collect()
    }

    /// The medium with this image, after a reboot.
    fn reopened(&self, image: Vec<u8>) -> Work {
        let mut rng = self.rng.clone();
        let device = Device::new(image, rng.u64(..));
        Work { device, rng }
    }

    fn expect_left_alone(&self) -> Result<(), String> {
        let after = self.device.borrow().after_failure();
        expect("writes and flushes after the failure", after, 0)
    }

    /// Whatever a crash leaves now is `committed`.
    fn expect_durable<R: Attach, S: Subject<R>>(&self, committed: &State) -> Result<(), String> {
        for mixture in [Mixture::None, Mixture::Random] {
            let image = self.device.borrow().crash(mixture);
            let survivor = Device::new(image, 0);
            let found = open::<R, S>(&survivor).and_then(|subject| subject.committed());
            expect("what a crash leaves", found.as_ref(), Ok(committed))?;
        }
        Ok(())
    }
}

pub const OPERATIONS: [IoOperation; 3] =
    [IoOperation::Read, IoOperation::Write, IoOperation::Flush];

fn open<R: Attach, S: Subject<R>>(device: &Shared) -> Result<S, Fault> {
    S::open(R::attach(device)?)
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what}: {found:?} instead of {expected:?}")),
    }
}
