//! A region in ordinary memory, for tests, examples and measurements. Its bytes end with the process.
//!
//! A write happens at once and entirely, a flush has nothing to do, neither fails, and memory reads as written.
#[cfg(verus_only)]
use crate::image::lemma_read_as_written;
use crate::trusted::region::*;
use vstd::prelude::*;

verus! {

/// A region in ordinary memory.
pub struct MemRegion {
    bytes: Vec<u8>,
}

impl MemRegion {
    /// A region of `len` zero bytes.
    pub fn new(len: usize) -> (r: Self)
        ensures
            r.inv(),
            !r@.failed,
            r@.durable == r@.volatile,
            r@.volatile == Seq::new(len as nat, |i: int| 0u8),
    {
        let bytes = vec![0u8; len];
        assert(bytes@ =~= Seq::new(len as nat, |i: int| 0u8));
        MemRegion { bytes }
    }

    /// A region with these bytes.
    pub fn from_vec(bytes: Vec<u8>) -> (r: Self)
        ensures
            r.inv(),
            !r@.failed,
            r@.durable == r@.volatile,
            r@.volatile == bytes@,
    {
        assert(bytes.len() <= u64::MAX);
        MemRegion { bytes }
    }

    /// The bytes of the region.
    pub fn into_vec(self) -> (r: Vec<u8>)
        ensures
            r@ == self@.volatile,
    {
        self.bytes
    }
}

/// Copies `bytes` into `buf`. The compiler makes a `memcpy` of the loop.
#[inline(always)]
fn copy(buf: &mut [u8], bytes: &[u8])
    requires
        old(buf)@.len() == bytes@.len(),
    ensures
        final(buf)@ == bytes@,
{
    let len = buf.len();
    let mut i: usize = 0;
    while i < len
        invariant
            i <= len == buf@.len() == bytes@.len(),
            forall|k: int| 0 <= k < i ==> #[trigger] buf@[k] == bytes@[k],
        decreases len - i,
    {
        buf[i] = bytes[i];
        i += 1;
    }
    assert(buf@ =~= bytes@);
}

impl Region for MemRegion {
    closed spec fn view(&self) -> RegionView {
        RegionView {
            volatile: self.bytes@,
            durable: self.bytes@,
            failed: false,
            medium: Medium { damaged: Set::empty(), tolerable: Set::full(), mapped: true },
        }
    }

    closed spec fn inv(&self) -> bool {
        self.bytes@.len() <= u64::MAX
    }

    proof fn lemma_inv(&self) {
    }

    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> (r: Result<(), IoError>) {
        let bytes = vstd::slice::slice_subrange(
            self.bytes.as_slice(),
            addr as usize,
            addr as usize + buf.len(),
        );
        copy(buf, bytes);
        proof {
            lemma_read_as_written(self@.medium, self@.volatile, addr as int, buf@);
        }
        Ok(())
    }

    fn borrow(&self, addr: u64, len: usize) -> (r: Option<&[u8]>) {
        let bytes = vstd::slice::slice_subrange(
            self.bytes.as_slice(),
            addr as usize,
            addr as usize + len,
        );
        proof {
            lemma_read_as_written(self@.medium, self@.volatile, addr as int, bytes@);
        }
        Some(bytes)
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> (r: Result<(), IoError>) {
        let (_, from) = self.bytes.as_mut_slice().split_at_mut(addr as usize);
        let (at, _) = from.split_at_mut(bytes.len());
        copy(at, bytes);
        assert(self.bytes@ =~= update_bytes(old(self).bytes@, addr as int, bytes@));
        Ok(())
    }

    fn flush(&mut self) -> (r: Result<(), IoError>) {
        Ok(())
    }
}

} // verus!
