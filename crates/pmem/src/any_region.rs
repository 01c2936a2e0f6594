//! A region in a file, by whichever way suits the medium.
use crate::dax_options::Durability;
use crate::trusted::dax::DaxRegion;
use crate::trusted::file::FileRegion;
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// A region in a file: mapped, if it is on persistent memory that is mounted for direct access, else written and synced.
#[derive(Debug)]
pub enum AnyRegion {
    /// In a file that is written and synced.
    File(FileRegion),
    /// In a file that is mapped.
    Dax(DaxRegion),
}

impl Region for AnyRegion {
    open spec fn view(&self) -> RegionView {
        match self {
            AnyRegion::File(region) => region@,
            AnyRegion::Dax(region) => region@,
        }
    }

    open spec fn inv(&self) -> bool {
        match self {
            AnyRegion::File(region) => region.inv(),
            AnyRegion::Dax(region) => region.inv(),
        }
    }

    proof fn lemma_inv(&self) {
        match self {
            AnyRegion::File(region) => region.lemma_inv(),
            AnyRegion::Dax(region) => region.lemma_inv(),
        }
    }

    fn len(&self) -> u64 {
        match self {
            AnyRegion::File(region) => region.len(),
            AnyRegion::Dax(region) => region.len(),
        }
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> (r: Result<(), IoError>) {
        match self {
            AnyRegion::File(region) => region.read(addr, buf),
            AnyRegion::Dax(region) => region.read(addr, buf),
        }
    }

    fn borrow(&self, addr: u64, len: usize) -> (r: Option<&[u8]>) {
        match self {
            AnyRegion::File(region) => region.borrow(addr, len),
            AnyRegion::Dax(region) => region.borrow(addr, len),
        }
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> (r: Result<(), IoError>) {
        match self {
            AnyRegion::File(region) => region.write(addr, bytes),
            AnyRegion::Dax(region) => region.write(addr, bytes),
        }
    }

    fn write_durably(&mut self, addr: u64, bytes: &[u8]) -> (r: Result<(), IoError>) {
        match self {
            AnyRegion::File(region) => region.write_durably(addr, bytes),
            AnyRegion::Dax(region) => region.write_durably(addr, bytes),
        }
    }

    fn flush(&mut self) -> (r: Result<(), IoError>) {
        match self {
            AnyRegion::File(region) => region.flush(),
            AnyRegion::Dax(region) => region.flush(),
        }
    }
}

} // verus!
impl AnyRegion {
    /// What the data survive.
    pub fn durability(&self) -> Durability {
        match self {
            AnyRegion::File(region) => region.durability(),
            AnyRegion::Dax(region) => region.durability(),
        }
    }
}
