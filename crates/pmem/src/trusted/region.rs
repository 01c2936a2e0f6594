//! The device model: what every storage device in this project promises, and what it may do.
//!
//! TRUSTED. A [`Region`] is a linear address space of bytes. Its view has two images of them: `volatile`, which is
//! what was written, and `durable`, which is what a crash now would leave. Nobody can look at the second one while
//! the program runs; it is a prophecy, and the proofs have to hold for every value that it may take.
//!
//! Why it may be believed:
//! - Writes reach the medium in any order, and an aligned 8-byte word of a write reaches it entirely or not at
//!   all. That is what persistent memory guarantees; on a disk the unit is larger, so the model is the weaker
//!   promise of the two.
//! - A durable write that returns Ok leaves nothing of its own words in flight. It consists of whole words, since what is
//!   in flight in the rest of a word would reach the medium with it.
//! - A flush that returns Ok leaves nothing in flight. One that fails promises nothing, and neither does a failed
//!   write; a device refuses to go on after either, so that no later success can hide the loss.
//! - What is read is what was written, but for damage to the medium. Damage is a set of bits that the model leaves
//!   open, and each proof says what it needs of it.
//!
//! The devices are tested against this model in `tests/`.
pub use crate::io_error::{IoError, IoOperation};
use vstd::prelude::*;

verus! {

global size_of usize == 8;

/// The length of a codeword in bytes: 24 of payload and their CRC right behind. Codewords are aligned to it.
pub const CODEWORD: u64 = 32;

/// What a medium is like, over the whole of its life.
#[verifier::ext_equal]
pub struct Medium {
    /// The bits that may read wrong, or whose bytes may not be read at all. Empty for a sound medium. Bit `k` of the
    /// byte at address `a` is `8 * a + k`.
    pub damaged: Set<int>,
    /// Where the damage is within the fault model: ranges of bytes, each as its address and its length, that never read
    /// but as `tolerable` allows.
    pub tolerable: Set<(int, int)>,
    /// Whether the bytes can be borrowed where they lie.
    pub mapped: bool,
}

/// The state of a device.
#[verifier::ext_equal]
pub struct RegionView {
    /// What was written.
    pub volatile: Seq<u8>,
    /// What a crash now would leave.
    pub durable: Seq<u8>,
    /// Whether a write or flush has failed.
    pub failed: bool,
    /// What the medium is like.
    pub medium: Medium,
}

/// `s` with `bytes` written at `addr`.
pub open spec fn update_bytes(s: Seq<u8>, addr: int, bytes: Seq<u8>) -> Seq<u8> {
    Seq::new(
        s.len(),
        |i: int|
            if addr <= i < addr + bytes.len() {
                bytes[i - addr]
            } else {
                s[i]
            },
    )
}

/// Whether `s` and `t` have the same bytes in word `w`.
pub open spec fn word_eq(s: Seq<u8>, t: Seq<u8>, w: int) -> bool {
    forall|i: int| 0 <= i < s.len() && i / 8 == w ==> #[trigger] s[i] == t[i]
}

/// The trigger for facts about each word.
pub open spec fn word(w: int) -> bool {
    true
}

/// Whether `post` may be left of `pre` by a write of `bytes` at `addr`: each aligned 8-byte word takes the new
/// bytes or keeps the old ones.
pub open spec fn torn(post: Seq<u8>, pre: Seq<u8>, addr: int, bytes: Seq<u8>) -> bool {
    &&& post.len() == pre.len()
    &&& forall|w: int| #[trigger]
        word(w) ==> word_eq(post, pre, w) || word_eq(post, update_bytes(pre, addr, bytes), w)
}

/// Bit `i` of `s`, in CRC bit order: bytes in sequence, the least significant bit of each first.
pub open spec fn bit(s: Seq<u8>, i: int) -> bool {
    (s[i / 8] >> ((i % 8) as u8)) & 1u8 == 1u8
}

/// The bits in which `s` and `t` differ.
pub open spec fn wrong_bits(s: Seq<u8>, t: Seq<u8>) -> Set<int> {
    Set::new(|i: int| 0 <= i < 8 * s.len() && bit(s, i) != bit(t, i))
}

/// Whether all bits in which `s` and `t` differ are in `from..to`.
pub open spec fn wrong_only_within(s: Seq<u8>, t: Seq<u8>, from: int, to: int) -> bool {
    forall|i: int| #[trigger] wrong_bits(s, t).contains(i) ==> from <= i < to
}

/// The most bytes of which the fault model allows 7 wrong bits wherever they are. Together with their CRC, which may lie
/// elsewhere, they have no more than 32,767 bits: up to there the CRC detects 7 wrong bits.
pub const LONGEST_SCATTERED: u64 = 4087;

/// The fault model of long bytes: wrong bits within 64 consecutive ones.
pub open spec fn tolerable_burst(read: Seq<u8>, written: Seq<u8>) -> bool {
    exists|start: int| #[trigger] wrong_only_within(read, written, start, start + 64)
}

/// The fault model of a codeword: at most 7 wrong bits, or wrong bits within 64 consecutive ones.
pub open spec fn tolerable_codeword(read: Seq<u8>, written: Seq<u8>) -> bool {
    ||| wrong_bits(read, written).len() <= 7
    ||| tolerable_burst(read, written)
}

/// The fault model of a word outside codewords: anything but the inversion of all its 64 bits.
pub open spec fn tolerable_word(read: Seq<u8>, written: Seq<u8>) -> bool {
    exists|i: int| 0 <= i < 8 && #[trigger] read[i] != !written[i]
}

/// The fault model of bytes that a CRC covers: a word; a codeword, or bytes whose CRC lies elsewhere; or long ones.
pub open spec fn tolerable(read: Seq<u8>, written: Seq<u8>) -> bool {
    if read.len() == 8 {
        tolerable_word(read, written)
    } else if read.len() <= LONGEST_SCATTERED {
        tolerable_codeword(read, written)
    } else {
        tolerable_burst(read, written)
    }
}

/// Whether the `len` bytes at `addr` are undamaged or damaged within the fault model.
pub open spec fn tolerable_at(medium: Medium, addr: int, len: int) -> bool {
    medium.tolerable.contains((addr, len)) || !damaged_in(medium, addr, len)
}

/// Whether reading a medium with bytes `written`, at `addr`, may return `read`: its bits are those that were written,
/// but for damaged ones, and damage is tolerable where the medium says so.
pub open spec fn read_as(medium: Medium, written: Seq<u8>, addr: int, read: Seq<u8>) -> bool {
    &&& forall|i: int|
        0 <= i < 8 * read.len() && !medium.damaged.contains(8 * addr + i) ==> #[trigger] bit(
            read,
            i,
        ) == bit(written, 8 * addr + i)
    &&& forall|a: int, len: int|
        addr <= a && 0 < len && a + len <= addr + read.len()
            && #[trigger] medium.tolerable.contains((a, len)) ==> tolerable(
            read.subrange(a - addr, a - addr + len),
            written.subrange(a, a + len),
        )
}

/// Whether the medium is damaged somewhere in the `len` bytes at `addr`.
pub open spec fn damaged_in(medium: Medium, addr: int, len: int) -> bool {
    exists|b: int| 8 * addr <= b < 8 * (addr + len) && #[trigger] medium.damaged.contains(b)
}

/// What a read does, whether it is `ok` or an error.
pub open spec fn region_read_post(
    view: RegionView,
    addr: int,
    len: nat,
    buf: Seq<u8>,
    ok: bool,
) -> bool {
    &&& buf.len() == len
    &&& if ok {
        read_as(view.medium, view.volatile, addr, buf)
    } else {
        damaged_in(view.medium, addr, buf.len() as int)
    }
}

/// What borrowing bytes does.
pub open spec fn region_borrow_post(
    view: RegionView,
    addr: int,
    len: int,
    r: Option<&[u8]>,
) -> bool {
    match r {
        Some(bytes) => bytes@.len() == len && read_as(view.medium, view.volatile, addr, bytes@),
        None => !view.medium.mapped,
    }
}

/// What a write does, whether it is `ok` or an error.
pub open spec fn region_write_post(
    old: RegionView,
    new: RegionView,
    addr: int,
    bytes: Seq<u8>,
    ok: bool,
) -> bool {
    &&& new.medium == old.medium
    &&& torn(new.durable, old.durable, addr, bytes)
    &&& if ok {
        !old.failed && !new.failed && new.volatile == update_bytes(old.volatile, addr, bytes)
    } else {
        new.failed && torn(new.volatile, old.volatile, addr, bytes)
    }
}

/// What a durable write does, whether it is `ok` or an error. Bytes elsewhere are not made durable, nor is what was
/// written to them before.
pub open spec fn region_write_durably_post(
    old: RegionView,
    new: RegionView,
    addr: int,
    bytes: Seq<u8>,
    ok: bool,
) -> bool {
    &&& region_write_post(old, new, addr, bytes, ok)
    &&& ok ==> new.durable == update_bytes(old.durable, addr, bytes)
}

/// Whether these bytes are whole words.
pub open spec fn whole_words(addr: int, len: int) -> bool {
    addr % 8 == 0 && len % 8 == 0
}

/// What a flush does, whether it is `ok` or an error.
pub open spec fn region_flush_post(old: RegionView, new: RegionView, ok: bool) -> bool {
    &&& new.volatile == old.volatile
    &&& new.durable == old.durable
    &&& new.medium == old.medium
    &&& if ok {
        !old.failed && !new.failed && new.durable == new.volatile
    } else {
        new.failed
    }
}

/// A device: a linear address space of bytes.
///
/// After a write or flush has failed, a device refuses every further one: a later success would hide what was
/// lost. To go on, open the medium anew.
pub trait Region: Sized {
    /// The state of the device.
    spec fn view(&self) -> RegionView;

    /// What the device itself relies on.
    spec fn inv(&self) -> bool;

    /// The images are equally long, and their length fits an address.
    proof fn lemma_inv(&self)
        requires
            self.inv(),
        ensures
            self@.volatile.len() == self@.durable.len(),
            self@.volatile.len() <= u64::MAX,
    ;

    /// The length of the address space in bytes. It never changes.
    fn len(&self) -> (r: u64)
        requires
            self.inv(),
        ensures
            r == self@.volatile.len(),
    ;

    /// Reads `buf.len()` bytes at `addr`.
    fn read(&self, addr: u64, buf: &mut [u8]) -> (r: Result<(), IoError>)
        requires
            self.inv(),
            addr + old(buf)@.len() <= self@.volatile.len(),
        ensures
            region_read_post(self@, addr as int, old(buf)@.len(), final(buf)@, r is Ok),
    ;

    /// The `len` bytes at `addr` where they lie, if the device is mapped into memory.
    fn borrow(&self, addr: u64, len: usize) -> (r: Option<&[u8]>)
        requires
            self.inv(),
            addr + len <= self@.volatile.len(),
        ensures
            region_borrow_post(self@, addr as int, len as int, r),
    ;

    /// Writes `bytes` at `addr`. They are durable after the next successful flush.
    fn write(&mut self, addr: u64, bytes: &[u8]) -> (r: Result<(), IoError>)
        requires
            old(self).inv(),
            addr + bytes@.len() <= old(self)@.volatile.len(),
        ensures
            final(self).inv(),
            region_write_post(old(self)@, final(self)@, addr as int, bytes@, r is Ok),
    ;

    /// Writes `bytes` at `addr`, whole words, and makes them durable. It promises nothing about what else was written:
    /// that may still be in flight. In these words, `bytes` take the place of what was in flight.
    ///
    /// Without a way of its own, a device writes and flushes.
    fn write_durably(&mut self, addr: u64, bytes: &[u8]) -> (r: Result<(), IoError>)
        requires
            old(self).inv(),
            addr + bytes@.len() <= old(self)@.volatile.len(),
            whole_words(addr as int, bytes@.len() as int),
        ensures
            final(self).inv(),
            region_write_durably_post(old(self)@, final(self)@, addr as int, bytes@, r is Ok),
    {
        self.write(addr, bytes)?;
        let r = self.flush();
        proof {
            old(self).lemma_inv();
            let (pre, post) = (old(self)@, self@);
            assert forall|i: int|
                0 <= i < post.durable.len() && r is Ok implies #[trigger] post.durable[i]
                == update_bytes(pre.durable, addr as int, bytes@)[i] by {
                assert(word(i / 8));
            }
            assert(r is Ok ==> post.durable =~= update_bytes(pre.durable, addr as int, bytes@));
            assert forall|w: int| #[trigger] word(w) implies word_eq(
                post.volatile,
                update_bytes(pre.volatile, addr as int, bytes@),
                w,
            ) by {}
        }
        r
    }

    /// Makes all that was written durable.
    fn flush(&mut self) -> (r: Result<(), IoError>)
        requires
            old(self).inv(),
        ensures
            final(self).inv(),
            region_flush_post(old(self)@, final(self)@, r is Ok),
    ;
}

} // verus!
