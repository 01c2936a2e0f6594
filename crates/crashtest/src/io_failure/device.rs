//! A device that fails on demand, and remembers what a crash may leave.

use fastrand::Rng;
use pmem::{IoError, IoOperation, Region};
use std::cell::{RefCell, RefMut};
use std::ops::Range;
use std::rc::Rc;

/// Which operation is to fail, and how.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub operation: IoOperation,
    /// How many operations of that kind succeed before.
    pub after: u64,
    /// Whether all operations of that kind fail from then on, or the one only. A device that works again after a
    /// failed flush must not be believed.
    pub for_good: bool,
    /// What a failed write leaves in what is read.
    pub mixture: Mixture,
    pub errno: i32,
}

/// Which of the words that were written get to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mixture {
    None,
    All,
    /// The first ones.
    Prefix,
    Random,
}

impl Mixture {
    pub const ALL: [Mixture; 4] = [
        Mixture::None,
        Mixture::All,
        Mixture::Prefix,
        Mixture::Random,
    ];
}

/// A write that was not flushed.
type InFlight = (usize, Vec<u8>);

/// The medium with all that is on its way there.
pub struct Device {
    volatile: Vec<u8>,
    flushed: Vec<u8>,
    in_flight: Vec<InFlight>,
    plan: Option<Plan>,
    /// How many reads, writes and flushes there have been.
    counts: [u64; 3],
    /// The failure of the plan, once it has happened.
    failure: Option<IoError>,
    /// How many writes and flushes came after a failed one.
    after_failure: u64,
    rng: RefCell<Rng>,
}

impl Device {
    pub fn new(bytes: Vec<u8>, seed: u64) -> Rc<RefCell<Device>> {
        Rc::new(RefCell::new(Device {
            volatile: bytes.clone(),
            flushed: bytes,
            in_flight: Vec::new(),
            plan: None,
            counts: [0; 3],
            failure: None,
            after_failure: 0,
            rng: RefCell::new(Rng::with_seed(seed)),
        }))
    }

    pub fn set_plan(&mut self, plan: Option<Plan>) {
        (self.plan, self.counts, self.failure) = (plan, [0; 3], None);
    }

    pub fn failure(&self) -> Option<IoError> {
        self.failure
    }

    /// Whether the failure of the plan is not the only one.
    pub fn fails_for_good(&self) -> bool {
        self.plan.is_some_and(|plan| plan.for_good)
    }

    pub fn after_failure(&self) -> u64 {
        self.after_failure
    }

    pub fn count(&self, operation: IoOperation) -> u64 {
        self.counts[operation as usize]
    }

    pub fn len(&self) -> usize {
        self.volatile.len()
    }

    /// What a crash now may leave.
    pub fn crash(&self, mixture: Mixture) -> Vec<u8> {
        let mut image = self.flushed.clone();
        mix(
            &mut image,
            &self.in_flight,
            mixture,
            &mut self.rng.borrow_mut(),
        );
        image
    }

    /// Counts an operation, and fails it if that is the plan.
    fn attempt(&mut self, operation: IoOperation) -> Result<(), IoError> {
        let before = self.counts[operation as usize];
        self.counts[operation as usize] += 1;
        let changes = |operation| operation != IoOperation::Read;
        let broken = self.failure.is_some_and(|e| changes(e.operation));
        if broken && changes(operation) {
            self.after_failure += 1;
        }
        match self.plan {
            Some(plan)
                if plan.operation == operation
                    && (before == plan.after || plan.for_good && before > plan.after) =>
            {
                let errno = plan.errno;
                let error = IoError { operation, errno };
                self.failure = Some(error);
                Err(error)
            }
            _ => Ok(()),
        }
    }
}

/// Writes to `image` those words of `writes` that `mixture` chooses.
fn mix(image: &mut [u8], writes: &[InFlight], mixture: Mixture, rng: &mut Rng) {
    let words: Vec<(usize, &[u8])> = writes.iter().flat_map(words).collect();
    let prefix = rng.usize(..=words.len());
    let odds = rng.u8(..=8);
    for (number, (addr, bytes)) in words.into_iter().enumerate() {
        if match mixture {
            Mixture::None => false,
            Mixture::All => true,
            Mixture::Prefix => number < prefix,
            Mixture::Random => rng.u8(..8) < odds,
        } {
            image[addr..addr + bytes.len()].copy_from_slice(bytes);
        }
    }
}

/// A write in parts that are torn by no crash: each is within an aligned word.
fn words((addr, bytes): &InFlight) -> Vec<(usize, &[u8])> {
    let (mut addr, mut rest) = (*addr, bytes.as_slice());
    let mut words = Vec::new();
    while !rest.is_empty() {
        let (word, others) = rest.split_at(rest.len().min(8 - addr % 8));
        words.push((addr, word));
        (addr, rest) = (addr + word.len(), others);
    }
    words
}

/// A region that is a part of the device.
pub struct Part {
    device: Rc<RefCell<Device>>,
    range: Range<usize>,
}

impl Part {
    /// The part of a device that is at `range`, a multiple of a word.
    pub fn of(device: &Rc<RefCell<Device>>, range: Range<usize>) -> Part {
        Part {
            device: Rc::clone(device),
            range,
        }
    }

    fn device(&self) -> RefMut<'_, Device> {
        self.device.borrow_mut()
    }
}

impl Region for Part {
    fn len(&self) -> u64 {
        self.range.len() as u64
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        let mut device = self.device();
        let attempt = device.attempt(IoOperation::Read);
        match attempt {
            Ok(()) => {
                let from = &device.volatile[self.range.clone()][addr as usize..];
                buf.copy_from_slice(&from[..buf.len()]);
            }
            Err(_) => device.rng.borrow_mut().fill(buf),
        }
        attempt
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        let device = &mut *self.device.borrow_mut();
        let attempt = device.attempt(IoOperation::Write);
        let mixture = match (attempt, device.plan) {
            (Err(_), Some(plan)) => plan.mixture,
            _ => Mixture::All,
        };
        let write = (self.range.start + addr as usize, bytes.to_vec());
        let writes = std::slice::from_ref(&write);
        mix(
            &mut device.volatile[..self.range.end],
            writes,
            mixture,
            device.rng.get_mut(),
        );
        device.in_flight.push(write);
        attempt
    }

    fn flush(&mut self) -> Result<(), IoError> {
        let device = &mut *self.device.borrow_mut();
        device.attempt(IoOperation::Flush)?;
        device
            .in_flight
            .retain(|(addr, _)| !self.range.contains(addr));
        let range = self.range.clone();
        device.flushed[range.clone()].copy_from_slice(&device.volatile[range]);
        Ok(())
    }
}
