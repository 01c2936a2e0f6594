//! Devices that fail, crash, or are damaged on demand.

use super::Generator;
use multilog::{IoError, IoOperation, Region};
use std::sync::{Arc, Mutex, MutexGuard};

/// The error of every failure here: `EIO`.
pub fn io_error(operation: IoOperation) -> IoError {
    IoError {
        operation,
        errno: 5,
    }
}

/// A region whose bytes others can see and change, as damage to the medium does.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<SharedState>>);

#[derive(Default)]
struct SharedState {
    bytes: Vec<u8>,
    reads_fail: bool,
}

impl Shared {
    pub fn new(bytes: Vec<u8>) -> Shared {
        let reads_fail = false;
        Shared(Arc::new(Mutex::new(SharedState { bytes, reads_fail })))
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    pub fn set_bytes(&self, bytes: &[u8]) {
        self.lock().bytes.copy_from_slice(bytes);
    }

    pub fn flip_bit(&self, bit: usize) {
        self.lock().bytes[bit / 8] ^= 1 << (bit % 8);
    }

    /// Whether reads fail from now on.
    pub fn set_reads_fail(&self, fail: bool) {
        self.lock().reads_fail = fail;
    }

    fn lock(&self) -> MutexGuard<'_, SharedState> {
        self.0.lock().unwrap()
    }
}

impl Region for Shared {
    fn len(&self) -> u64 {
        self.lock().bytes.len() as u64
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        let state = self.lock();
        if state.reads_fail {
            return Err(io_error(IoOperation::Read));
        }
        buf.copy_from_slice(&state.bytes[addr as usize..][..buf.len()]);
        Ok(())
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        self.lock().bytes[addr as usize..][..bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IoError> {
        Ok(())
    }
}

/// A region that keeps what a crash may leave: its flushed bytes, and the writes since, of which each aligned
/// 8-byte word may have reached the medium or not. One of its writes or flushes can be made to fail.
#[derive(Clone)]
pub struct Crashing(Arc<Mutex<CrashState>>);

struct CrashState {
    volatile: Vec<u8>,
    flushed: Vec<u8>,
    in_flight: Vec<(usize, Vec<u8>)>,
    generator: Generator,
    /// How many images to keep of what a crash at each write would leave.
    images_per_write: usize,
    images: Vec<Vec<u8>>,
    /// How many more writes and flushes succeed.
    lives: Option<u64>,
    failed: bool,
    flushes: u64,
    written: u64,
}

impl Crashing {
    pub fn new(bytes: Vec<u8>, seed: u64) -> Crashing {
        Crashing(Arc::new(Mutex::new(CrashState {
            volatile: bytes.clone(),
            flushed: bytes,
            in_flight: Vec::new(),
            generator: Generator(seed),
            images_per_write: 0,
            images: Vec::new(),
            lives: None,
            failed: false,
            flushes: 0,
            written: 0,
        })))
    }

    /// Makes the write or flush fail that comes after `lives` others.
    pub fn fail_after(self, lives: u64) -> Crashing {
        self.lock().lives = Some(lives);
        self
    }

    /// Keeps `images` possible outcomes of a crash at each write.
    pub fn keep_images(self, images: usize) -> Crashing {
        self.lock().images_per_write = images;
        self
    }

    /// The outcomes of crashes since this was called last.
    pub fn take_images(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.lock().images)
    }

    /// One possible outcome of a crash now.
    pub fn crash(&self) -> Vec<u8> {
        self.lock().crash()
    }

    pub fn has_failed(&self) -> bool {
        self.lock().failed
    }

    /// The number of flushes, and of bytes written, so far.
    pub fn effort(&self) -> (u64, u64) {
        let state = self.lock();
        (state.flushes, state.written)
    }

    fn lock(&self) -> MutexGuard<'_, CrashState> {
        self.0.lock().unwrap()
    }
}

impl CrashState {
    fn crash(&mut self) -> Vec<u8> {
        let mut image = self.flushed.clone();
        // From none of the words, over few, to all of them.
        let odds = self.generator.below(9);
        for (addr, bytes) in &self.in_flight {
            copy_some_words(&mut image, *addr, bytes, odds, &mut self.generator);
        }
        image
    }

    /// Whether the next write or flush fails.
    fn fails(&mut self) -> bool {
        if self.lives == Some(0) {
            self.failed = true;
        }
        self.lives = self.lives.map(|lives| lives.saturating_sub(1));
        self.failed
    }
}

/// Writes each aligned word of `bytes` with `odds` in 8.
fn copy_some_words(
    image: &mut [u8],
    addr: usize,
    bytes: &[u8],
    odds: u64,
    generator: &mut Generator,
) {
    let mut from = addr;
    while from < addr + bytes.len() {
        let to = ((from / 8 + 1) * 8).min(addr + bytes.len());
        if generator.below(8) < odds {
            image[from..to].copy_from_slice(&bytes[from - addr..to - addr]);
        }
        from = to;
    }
}

impl Region for Crashing {
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
        let state = &mut *self.lock();
        assert!(!state.failed, "a write after a failure");
        state.in_flight.push((addr as usize, bytes.to_vec()));
        state.written += bytes.len() as u64;
        let failed = state.fails();
        let odds = if failed { state.generator.below(9) } else { 8 };
        copy_some_words(
            &mut state.volatile,
            addr as usize,
            bytes,
            odds,
            &mut state.generator,
        );
        for _ in 0..state.images_per_write {
            let image = state.crash();
            state.images.push(image);
        }
        if failed {
            return Err(io_error(IoOperation::Write));
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IoError> {
        let state = &mut *self.lock();
        assert!(!state.failed, "a flush after a failure");
        if state.fails() {
            return Err(io_error(IoOperation::Flush));
        }
        state.flushes += 1;
        state.in_flight.clear();
        state.flushed = state.volatile.clone();
        if state.images_per_write > 0 {
            let image = state.flushed.clone();
            state.images.push(image);
        }
        Ok(())
    }
}
