//! A region whose bytes can be seen and exchanged while logs are open on it, as damage to the medium does.

use multilog::{IoError, Region};
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Clone)]
pub struct Shared(Rc<RefCell<Vec<u8>>>);

impl Shared {
    pub fn new(bytes: Vec<u8>) -> Shared {
        Shared(Rc::new(RefCell::new(bytes)))
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.0.borrow().clone()
    }

    /// Puts as many other bytes in place of those that are there.
    pub fn set_bytes(&self, bytes: &[u8]) {
        self.0.borrow_mut().copy_from_slice(bytes);
    }
}

impl Region for Shared {
    fn len(&self) -> u64 {
        self.0.borrow().len() as u64
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> Result<(), IoError> {
        buf.copy_from_slice(&self.0.borrow()[addr as usize..][..buf.len()]);
        Ok(())
    }

    fn borrow(&self, _addr: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> Result<(), IoError> {
        self.0.borrow_mut()[addr as usize..][..bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), IoError> {
        Ok(())
    }
}
