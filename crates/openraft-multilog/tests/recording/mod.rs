//! A device that remembers what a crash could leave. `crashtest` has one that makes all images; this one is for threads,
//! and makes those in which mistakes of whoever uses the logs show.

use multilog::shared::Shareable;
use multilog::{IoError, Region};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

/// A moment at which there could be a crash.
pub struct Moment {
    durable: Vec<u8>,
    volatile: Vec<u8>,
    /// The words in which these may differ.
    unflushed: Vec<usize>,
}

impl Moment {
    /// The images with none and with all of the unflushed words, and those that differ from these in one.
    pub fn images(&self) -> Vec<Vec<u8>> {
        let mut images = vec![self.durable.clone(), self.volatile.clone()];
        for word in &self.unflushed {
            let bytes = 8 * word..8 * word + 8;
            for (from, to) in [
                (&self.durable, &self.volatile),
                (&self.volatile, &self.durable),
            ] {
                let mut image = from.clone();
                image[bytes.clone()].copy_from_slice(&to[bytes.clone()]);
                images.push(image);
            }
        }
        images
    }
}

struct Medium {
    durable: Vec<u8>,
    volatile: Vec<u8>,
    unflushed: BTreeSet<usize>,
    moments: Vec<Moment>,
}

/// A handle on the device.
#[derive(Clone)]
pub struct Recording(Arc<Mutex<Medium>>);

impl Recording {
    /// A device that holds these bytes, a multiple of 8.
    pub fn of(mut bytes: Vec<u8>) -> Recording {
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        Recording(Arc::new(Mutex::new(Medium {
            durable: bytes.clone(),
            volatile: bytes,
            unflushed: BTreeSet::new(),
            moments: Vec::new(),
        })))
    }

    /// The moments before each flush since the last call, and now.
    pub fn take_moments(&self) -> Vec<Moment> {
        let mut medium = self.lock();
        medium.remember();
        std::mem::take(&mut medium.moments)
    }

    /// What is there for certain.
    pub fn durable(&self) -> Vec<u8> {
        self.lock().durable.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Medium> {
        self.0.lock().unwrap()
    }
}

impl Medium {
    fn remember(&mut self) {
        self.moments.push(Moment {
            durable: self.durable.clone(),
            volatile: self.volatile.clone(),
            unflushed: self.unflushed.iter().copied().collect(),
        });
    }
}

impl Region for Recording {
    fn len(&self) -> u64 {
        self.lock().volatile.len() as u64
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        buf.copy_from_slice(&self.lock().volatile[addr as usize..][..buf.len()]);
        Ok(())
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        let mut medium = self.lock();
        let range = addr as usize..addr as usize + bytes.len();
        medium.volatile[range.clone()].copy_from_slice(bytes);
        medium
            .unflushed
            .extend(range.start / 8..range.end.div_ceil(8));
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IoError> {
        let mut medium = self.lock();
        medium.remember();
        medium.durable = medium.volatile.clone();
        medium.unflushed.clear();
        Ok(())
    }
}

impl Shareable for Recording {}
