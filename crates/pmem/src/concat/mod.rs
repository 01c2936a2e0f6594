//! Two regions as one address space, so that a store can span devices.

mod lemmas;

use crate::trusted::region::*;
use core::fmt;
#[cfg(verus_only)]
use lemmas::*;
use vstd::prelude::*;

verus! {

/// The length of the first of two concatenated regions is a multiple of this many bytes: a cache line, so that
/// no codeword, word or line lies in both.
pub const CONCAT_ALIGNMENT: u64 = 64;

/// Two regions as one address space: the second begins where the first one ends. For more, concatenate again.
///
/// A write or flush that fails in either part fails the whole, for good. A flush flushes both.
pub struct Concat<A: Region, B: Region> {
    first: A,
    second: B,
    /// The length of the first.
    split: u64,
    /// The `errno` of the failure that shut the whole.
    failed: Option<i32>,
}

/// Why two regions could not be concatenated.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConcatError {
    /// The first region's length is not a multiple of [`CONCAT_ALIGNMENT`].
    Misaligned {
        /// The first region's length in bytes.
        len: u64,
    },
    /// The sum of the lengths does not fit 64 bits.
    TooLong,
    /// One of the regions could not be flushed. One that has failed before never can.
    Io(IoError),
}

impl<A: Region, B: Region> Concat<A, B> {
    /// Concatenates two regions. It flushes both, which shows that neither has failed.
    ///
    /// # Errors
    /// - [`ConcatError::Misaligned`]: the length of `first` is not a multiple of [`CONCAT_ALIGNMENT`].
    /// - [`ConcatError::TooLong`]: together they are 2^64 bytes or more.
    /// - [`ConcatError::Io`]: a flush failed.
    #[allow(clippy::manual_is_multiple_of)]
    pub fn new(first: A, second: B) -> (r: Result<Self, ConcatError>)
        requires
            first.inv(),
            second.inv(),
        ensures
            r matches Ok(whole) ==> {
                &&& whole.inv()
                &&& whole@.volatile == first@.volatile + second@.volatile
                &&& whole@.durable == whole@.volatile
                &&& !first@.failed && !second@.failed && !whole@.failed
            },
            r is Err && r->Err_0 is Misaligned <==> first@.volatile.len() % CONCAT_ALIGNMENT as nat
                != 0,
            r is Err && r->Err_0 is TooLong ==> first@.volatile.len() + second@.volatile.len()
                > u64::MAX,
    {
        let mut first = first;
        let mut second = second;
        let split = first.len();
        if split % CONCAT_ALIGNMENT != 0 {
            return Err(ConcatError::Misaligned { len: split });
        }
        if second.len() > u64::MAX - split {
            return Err(ConcatError::TooLong);
        }
        if let Err(error) = first.flush() {
            return Err(ConcatError::Io(error));
        }
        if let Err(error) = second.flush() {
            return Err(ConcatError::Io(error));
        }
        Ok(Concat { first, second, split, failed: None })
    }

    /// The two regions. What was written since the last flush is still in flight in them.
    pub fn into_parts(self) -> (r: (A, B))
        requires
            self.inv(),
        ensures
            r.0.inv(),
            r.1.inv(),
            r.0@.volatile + r.1@.volatile == self@.volatile,
            r.0@.durable + r.1@.durable == self@.durable,
            r.0@.failed || r.1@.failed ==> self@.failed,
    {
        (self.first, self.second)
    }

    /// What holds between the parts, whether or not the whole has failed.
    spec fn parts_inv(&self) -> bool {
        &&& self.first.inv()
        &&& self.second.inv()
        &&& self.first@.volatile.len() == self.split
        &&& self.split % CONCAT_ALIGNMENT == 0
        &&& self.split + self.second@.volatile.len() <= u64::MAX
    }

    /// Ok, or the failure that shut the whole, as one of `operation`.
    fn result(&self, operation: IoOperation) -> (r: Result<(), IoError>)
        ensures
            r is Ok <==> self.failed is None,
    {
        match self.failed {
            None => Ok(()),
            Some(errno) => Err(IoError { operation, errno }),
        }
    }

    /// How many of the `len` bytes at `addr` lie in the first region.
    fn len_in_first(&self, addr: u64, len: usize) -> (n: usize)
        ensures
            split_at(addr as int, len as int, n as int, self.split as int),
    {
        if addr >= self.split {
            0
        } else if self.split - addr < len as u64 {
            (self.split - addr) as usize
        } else {
            len
        }
    }

    /// Writes to the parts, of which neither has failed.
    fn write_parts(&mut self, addr: u64, bytes: &[u8], durably: bool) -> (r: Result<(), IoError>)
        requires
            old(self).inv(),
            old(self).failed is None,
            addr + bytes@.len() <= old(self)@.volatile.len(),
            durably ==> whole_words(addr as int, bytes@.len() as int),
        ensures
            final(self).parts_inv(),
            final(self).failed is None,
            final(self)@.medium == old(self)@.medium,
            torn(final(self)@.durable, old(self)@.durable, addr as int, bytes@),
            torn(final(self)@.volatile, old(self)@.volatile, addr as int, bytes@),
            r is Ok ==> {
                &&& final(self).inv()
                &&& final(self)@.volatile == update_bytes(old(self)@.volatile, addr as int, bytes@)
                &&& durably ==> final(self)@.durable == update_bytes(
                    old(self)@.durable,
                    addr as int,
                    bytes@,
                )
            },
    {
        let n = self.len_in_first(addr, bytes.len());
        let (head, tail) = bytes.split_at(n);
        let ghost (first, second) = (self.first@, self.second@);
        let ghost (addr1, addr2) = (addr as int, addr + n - self.split);
        proof {
            self.first.lemma_inv();
            self.second.lemma_inv();
            lemma_part_unwritten(second, addr2, tail@, durably, false);
            if n == 0 {
                lemma_part_unwritten(first, addr1, head@, durably, true);
            }
            if n == bytes.len() {
                lemma_part_unwritten(second, addr2, tail@, durably, true);
            }
        }
        let mut r = Ok(());
        if n > 0 {
            r = write_part(&mut self.first, addr, head, durably);
        }
        let ghost (ok1, wrote2) = (r is Ok, r is Ok && n < bytes.len());
        if n < bytes.len() && r.is_ok() {
            r = write_part(&mut self.second, addr + n as u64 - self.split, tail, durably);
        }
        proof {
            let ok2 = if wrote2 {
                r is Ok
            } else {
                n == bytes.len()
            };
            lemma_parts_written(
                (first, second),
                (self.first@, self.second@),
                addr1,
                bytes@,
                n as int,
                durably,
                (ok1, ok2),
            );
            self.first.lemma_inv();
            self.second.lemma_inv();
        }
        r
    }

    /// Writes to the parts, unless one has failed.
    fn write_whole(&mut self, addr: u64, bytes: &[u8], durably: bool) -> (r: Result<(), IoError>)
        requires
            old(self).inv(),
            addr + bytes@.len() <= old(self)@.volatile.len(),
            durably ==> whole_words(addr as int, bytes@.len() as int),
        ensures
            final(self).inv(),
            region_write_post(old(self)@, final(self)@, addr as int, bytes@, r is Ok),
            durably ==> region_write_durably_post(
                old(self)@,
                final(self)@,
                addr as int,
                bytes@,
                r is Ok,
            ),
    {
        let ghost before = self@;
        if self.failed.is_none() {
            if let Err(error) = self.write_parts(addr, bytes, durably) {
                self.failed = Some(error.errno);
            }
        } else {
            proof {
                self.lemma_inv();
                lemma_torn_unchanged(before.volatile, addr as int, bytes@);
                lemma_torn_unchanged(before.durable, addr as int, bytes@);
            }
        }
        self.result(IoOperation::Write)
    }

    /// Flushes the parts, of which neither has failed.
    fn flush_parts(&mut self) -> (r: Result<(), IoError>)
        requires
            old(self).inv(),
            old(self).failed is None,
        ensures
            final(self).parts_inv(),
            final(self)@ == old(self)@,
            r is Ok ==> final(self).inv() && final(self)@.durable == final(self)@.volatile,
    {
        self.first.flush()?;
        self.second.flush()
    }
}

/// Writes to a part that has not failed, durably or not.
fn write_part<R: Region>(region: &mut R, addr: u64, bytes: &[u8], durably: bool) -> (r: Result<
    (),
    IoError,
>)
    requires
        old(region).inv(),
        addr + bytes@.len() <= old(region)@.volatile.len(),
        durably ==> whole_words(addr as int, bytes@.len() as int),
    ensures
        final(region).inv(),
        part_written(old(region)@, final(region)@, addr as int, bytes@, durably, r is Ok),
{
    proof {
        reveal(part_written);
    }
    if durably {
        region.write_durably(addr, bytes)
    } else {
        region.write(addr, bytes)
    }
}

impl<A: Region, B: Region> Region for Concat<A, B> {
    closed spec fn view(&self) -> RegionView {
        let (first, second) = (self.first@, self.second@);
        RegionView {
            volatile: first.volatile + second.volatile,
            durable: first.durable + second.durable,
            failed: self.failed is Some,
            medium: Medium {
                damaged: concat_damage(first.medium, second.medium, self.split as int),
                tolerable: concat_tolerable(first.medium, second.medium, self.split as int),
                mapped: false,
            },
        }
    }

    closed spec fn inv(&self) -> bool {
        &&& self.parts_inv()
        &&& self.failed is None ==> !self.first@.failed && !self.second@.failed
    }

    proof fn lemma_inv(&self) {
        self.first.lemma_inv();
        self.second.lemma_inv();
    }

    fn len(&self) -> u64 {
        self.split + self.second.len()
    }

    fn read(&self, addr: u64, buf: &mut [u8]) -> (r: Result<(), IoError>) {
        let len = buf.len();
        let n = self.len_in_first(addr, len);
        let ghost damaged = self@.medium.damaged;
        let (head, tail) = buf.split_at_mut(n);
        if n > 0 {
            if let Err(error) = self.first.read(addr, head) {
                proof {
                    let b = choose|b: int|
                        8 * addr <= b < 8 * (addr + n)
                            && #[trigger] self.first@.medium.damaged.contains(b);
                    assert(damaged.contains(b));
                }
                return Err(error);
            }
        }
        if n < len {
            let start = addr + n as u64 - self.split;
            if let Err(error) = self.second.read(start, tail) {
                proof {
                    let b = choose|b: int|
                        8 * start <= b < 8 * (start + tail@.len())
                            && #[trigger] self.second@.medium.damaged.contains(b);
                    assert(damaged.contains(b + 8 * self.split));
                }
                return Err(error);
            }
        }
        proof {
            let read = head@ + tail@;
            assert(read.take(n as int) =~= head@);
            assert(read.skip(n as int) =~= tail@);
            lemma_read_concat(self.first@, self.second@, self@.medium, addr as int, read, n as int);
        }
        Ok(())
    }

    /// The bytes where they lie, if they lie in one part and that part is mapped.
    fn borrow(&self, addr: u64, len: usize) -> (r: Option<&[u8]>) {
        let n = self.len_in_first(addr, len);
        let r = if addr >= self.split {
            self.second.borrow(addr - self.split, len)
        } else if n == len {
            self.first.borrow(addr, len)
        } else {
            None
        };
        proof {
            if let Some(bytes) = r {
                let bytes = bytes@;
                assert(bytes.take(n as int) =~= if n == 0 {
                    seq![]
                } else {
                    bytes
                });
                assert(bytes.skip(n as int) =~= if n == 0 {
                    bytes
                } else {
                    seq![]
                });
                lemma_read_concat(
                    self.first@,
                    self.second@,
                    self@.medium,
                    addr as int,
                    bytes,
                    n as int,
                );
            }
        }
        r
    }

    fn write(&mut self, addr: u64, bytes: &[u8]) -> (r: Result<(), IoError>) {
        self.write_whole(addr, bytes, false)
    }

    /// Where the bytes lie in both parts, those in the first are durable before those in the second are written.
    fn write_durably(&mut self, addr: u64, bytes: &[u8]) -> (r: Result<(), IoError>) {
        self.write_whole(addr, bytes, true)
    }

    fn flush(&mut self) -> (r: Result<(), IoError>) {
        if self.failed.is_none() {
            if let Err(error) = self.flush_parts() {
                self.failed = Some(error.errno);
            }
        }
        self.result(IoOperation::Flush)
    }
}

} // verus!

impl fmt::Display for ConcatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConcatError::Misaligned { len } => write!(
                f,
                "the first region is {len} bytes long, which is not a multiple of {CONCAT_ALIGNMENT}"
            ),
            ConcatError::TooLong => f.write_str("together the regions are 2^64 bytes or more"),
            ConcatError::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ConcatError {}
