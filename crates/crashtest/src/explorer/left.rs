//! What a crash left, as a region.

use multilog::{IoError, Region};
use std::cell::Cell;
use std::rc::Rc;

/// A handle on what a crash left. It must be opened without a store.
#[derive(Clone, Debug, Default)]
pub struct Left {
    bytes: Rc<Vec<u8>>,
    /// Whether its bytes can be borrowed where they lie, as those of a mapped device.
    lends: bool,
    stored: Rc<Cell<bool>>,
}

impl Left {
    /// Becomes another image.
    pub fn become_image(&mut self, bytes: &[u8], lends: bool) {
        let own = Rc::make_mut(&mut self.bytes);
        own.clear();
        own.extend_from_slice(bytes);
        self.lends = lends;
        self.stored.set(false);
    }

    pub fn lends(&self) -> bool {
        self.lends
    }

    pub fn was_stored_to(&self) -> bool {
        self.stored.get()
    }
}

impl Region for Left {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        buf.copy_from_slice(&self.bytes[addr as usize..][..buf.len()]);
        Ok(())
    }

    fn borrow(&self, addr: u64, len: usize) -> Option<&[u8]> {
        self.lends.then(|| &self.bytes[addr as usize..][..len])
    }

    fn write(&mut self, _addr: u64, _bytes: &[u8]) -> Result<(), IoError> {
        self.stored.set(true);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IoError> {
        Ok(())
    }
}
