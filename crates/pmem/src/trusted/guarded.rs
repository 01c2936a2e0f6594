//! The write-permission wrapper: no store without a proof that every crash in it is survivable.
//!
//! TRUSTED. A [`Guarded`] region is written only with a permission for every image that a crash during the write
//! could leave. A permission's type is chosen by whoever wraps the region, and only they can make one, so code that
//! is handed a guarded region and a permission can do no more to the durable image than the permission allows. A
//! store that failed is covered too: what it leaves is one of the same images.
//!
//! Wrapping and unwrapping is for trusted code: a test (`verification_list`) checks that [`Guarded::new`] and
//! [`Guarded::unguarded`] are called nowhere else.
//!
//! A guarded region also writes down what was read, for contracts that say how much of it was. Only [`Guarded::read`]
//! adds to [`Readings`], and only the gate makes new ones, which the same test checks. So nobody can say that something was
//! read that was not: who is lent the readings of an operation has no others to put in their place.
use crate::trusted::region::*;
use core::marker::PhantomData;
use vstd::prelude::*;

verus! {

/// A right to leave certain images on the medium.
pub trait CrashPermission: Sized {
    /// Whether a crash may leave this image.
    spec fn permits(&self, image: Seq<u8>) -> bool;

    /// Whether a crash may leave `left` although it may not otherwise: a collision, by which a torn write looks whole.
    /// `written` is the image that was to be there after the write, which was of `len` bytes at `addr`.
    spec fn excuses(&self, left: Seq<u8>, written: Seq<u8>, addr: int, len: int) -> bool;
}

/// Whether a permission is for every image that a crash during a write could leave.
pub open spec fn permits_write<P: CrashPermission>(
    permission: P,
    view: RegionView,
    addr: int,
    bytes: Seq<u8>,
) -> bool {
    let written = update_bytes(view.volatile, addr, bytes);
    forall|image: Seq<u8>|
        torn(image, view.durable, addr, bytes) ==> #[trigger] permission.permits(image)
            || permission.excuses(image, written, addr, bytes.len() as int)
}

/// What one read returned.
pub struct Reading {
    /// Where it began.
    pub addr: int,
    /// The bytes.
    pub bytes: Seq<u8>,
}

/// What was read, one reading behind the other. At run time there is nothing in it.
pub struct Readings {
    #[allow(dead_code)]  // Read by proofs only.
    ghost_readings: Ghost<Seq<Reading>>,
}

impl Readings {
    /// The readings.
    pub closed spec fn view(&self) -> Seq<Reading> {
        self.ghost_readings@
    }

    /// No readings.
    #[allow(clippy::new_without_default)]  // Whoever makes some is looked for by this name.
    pub fn new() -> (r: Self)
        ensures
            r@ == Seq::<Reading>::empty(),
    {
        Readings { ghost_readings: Ghost(Seq::empty()) }
    }
}

/// `image` with what was read in its place. Where something was read twice, the last reading counts.
pub open spec fn as_read(image: Seq<u8>, readings: Seq<Reading>) -> Seq<u8>
    decreases readings.len(),
{
    if readings.len() == 0 {
        image
    } else {
        let last = readings.last();
        update_bytes(as_read(image, readings.drop_last()), last.addr, last.bytes)
    }
}

/// A region that is written only with a permission of type `P`.
pub struct Guarded<R: Region, P: CrashPermission> {
    region: R,
    permission: PhantomData<P>,
}

impl<R: Region, P: CrashPermission> Guarded<R, P> {
    /// The state of the region.
    pub closed spec fn view(&self) -> RegionView {
        self.region@
    }

    /// What the region relies on.
    pub closed spec fn inv(&self) -> bool {
        self.region.inv()
    }

    /// See [`Region::lemma_inv`].
    pub proof fn lemma_inv(&self)
        requires
            self.inv(),
        ensures
            self@.volatile.len() == self@.durable.len(),
            self@.volatile.len() <= u64::MAX,
    {
        self.region.lemma_inv()
    }

    /// Wraps a region.
    pub fn new(region: R) -> (r: Self)
        requires
            region.inv(),
        ensures
            r.inv(),
            r@ == region@,
    {
        Guarded { region, permission: PhantomData }
    }

    /// Unwraps the region.
    pub fn unguarded(self) -> (r: R)
        requires
            self.inv(),
        ensures
            r.inv(),
            r@ == self@,
    {
        self.region
    }

    /// The region, to read.
    pub fn get(&self) -> (r: &R)
        requires
            self.inv(),
        ensures
            r.inv(),
            r@ == self@,
    {
        &self.region
    }

    /// Reads `buf.len()` bytes at `addr`, and adds them to the readings.
    pub fn read(&self, addr: u64, buf: &mut [u8], readings: &mut Readings) -> (r: Result<
        (),
        IoError,
    >)
        requires
            self.inv(),
            addr + old(buf)@.len() <= self@.volatile.len(),
        ensures
            region_read_post(self@, addr as int, old(buf)@.len(), final(buf)@, r is Ok),
            final(readings)@ == if r is Ok {
                old(readings)@.push(Reading { addr: addr as int, bytes: final(buf)@ })
            } else {
                old(readings)@
            },
    {
        let r = self.region.read(addr, buf);
        if r.is_ok() {
            let ghost reading = Reading { addr: addr as int, bytes: buf@ };
            readings.ghost_readings = Ghost(readings@.push(reading));
        }
        r
    }

    /// Writes `bytes` at `addr`, given a permission for every image that a crash meanwhile could leave.
    pub fn write(&mut self, addr: u64, bytes: &[u8], Tracked(permission): Tracked<&P>) -> (r:
        Result<(), IoError>)
        requires
            old(self).inv(),
            addr + bytes@.len() <= old(self)@.volatile.len(),
            permits_write(*permission, old(self)@, addr as int, bytes@),
        ensures
            final(self).inv(),
            region_write_post(old(self)@, final(self)@, addr as int, bytes@, r is Ok),
    {
        self.region.write(addr, bytes)
    }

    /// Writes `bytes` at `addr` durably, given a permission for every image that a crash meanwhile could leave. They are
    /// those that a crash during a [`Guarded::write`] could leave, and the image afterwards is one of them.
    pub fn write_durably(
        &mut self,
        addr: u64,
        bytes: &[u8],
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(self).inv(),
            addr + bytes@.len() <= old(self)@.volatile.len(),
            whole_words(addr as int, bytes@.len() as int),
            permits_write(*permission, old(self)@, addr as int, bytes@),
        ensures
            final(self).inv(),
            region_write_durably_post(old(self)@, final(self)@, addr as int, bytes@, r is Ok),
    {
        self.region.write_durably(addr, bytes)
    }

    /// See [`Region::flush`]. It leaves the durable image as the prophecy has it, so it needs no permission.
    pub fn flush(&mut self) -> (r: Result<(), IoError>)
        requires
            old(self).inv(),
        ensures
            final(self).inv(),
            region_flush_post(old(self)@, final(self)@, r is Ok),
    {
        self.region.flush()
    }
}

} // verus!
