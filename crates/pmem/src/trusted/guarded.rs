//! The write-permission wrapper: no store without a proof that every crash in it is survivable.
//!
//! TRUSTED. A [`Guarded`] region is written only with a permission for every image that a crash during the write
//! could leave. A permission's type is chosen by whoever wraps the region, and only they can make one, so code that
//! is handed a guarded region and a permission can do no more to the durable image than the permission allows. A
//! store that failed is covered too: what it leaves is one of the same images.
//!
//! Wrapping and unwrapping is for trusted code: a test (`verification_list`) checks that [`Guarded::new`] and
//! [`Guarded::unguarded`] are called nowhere else.
use crate::trusted::region::*;
use core::marker::PhantomData;
use vstd::prelude::*;

verus! {

/// A right to leave certain images on the medium.
pub trait CrashPermission: Sized {
    /// Whether a crash may leave this image.
    spec fn permits(&self, image: Seq<u8>) -> bool;
}

/// Whether a permission is for every image that a crash during a write could leave.
pub open spec fn permits_write<P: CrashPermission>(
    permission: P,
    view: RegionView,
    addr: int,
    bytes: Seq<u8>,
) -> bool {
    forall|image: Seq<u8>|
        torn(image, view.durable, addr, bytes) ==> #[trigger] permission.permits(image)
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
