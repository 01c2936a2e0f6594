//! The right to leave certain images on the medium, which the gate mints for each operation.
//!
//! TRUSTED. A permission's fields are private to this folder, so nobody else can make one.

#[cfg(verus_only)]
use crate::layout::recover;
use crate::trusted::state::State;
use pmem::trusted::guarded::CrashPermission;
use vstd::prelude::*;

verus! {

/// A right to leave images that recover to one of certain states.
pub struct Permission {
    #[allow(dead_code)] // Read by proofs only, like the next.
    ghost_sound: Ghost<bool>,
    #[allow(dead_code)]
    ghost_allowed: Ghost<Set<Option<State>>>,
}

impl Permission {
    /// Whether the medium kept to the fault model. If not, nothing can be promised about it and anything is permitted.
    pub closed spec fn sound(&self) -> bool {
        self.ghost_sound@
    }

    /// What an image may recover to.
    pub closed spec fn allowed(&self) -> Set<Option<State>> {
        self.ghost_allowed@
    }

    /// Makes a permission.
    pub(in crate::trusted) proof fn mint(sound: bool, allowed: Set<Option<State>>) -> (tracked r: Permission)
        ensures
            r.sound() == sound,
            r.allowed() == allowed,
    {
        Permission { ghost_sound: Ghost(sound), ghost_allowed: Ghost(allowed) }
    }
}

impl CrashPermission for Permission {
    open spec fn permits(&self, image: Seq<u8>) -> bool {
        self.sound() ==> self.allowed().contains(recover(image))
    }
}

} // verus!
