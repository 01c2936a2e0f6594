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
    #[allow(dead_code)]  // Read by proofs only.
    ghost_allowed: Ghost<Set<Option<State>>>,
}

impl Permission {
    /// What an image may recover to.
    pub closed spec fn allowed(&self) -> Set<Option<State>> {
        self.ghost_allowed@
    }

    /// Makes a permission. If the medium did not keep to the fault model (`sound`), nothing can be promised about it,
    /// and all is permitted.
    pub(in crate::trusted) proof fn mint(sound: bool, allowed: Set<Option<State>>) -> (tracked r:
        Permission)
        ensures
            r.allowed() == if sound {
                allowed
            } else {
                Set::full()
            },
    {
        Permission {
            ghost_allowed: Ghost(
                if sound {
                    allowed
                } else {
                    Set::full()
                },
            ),
        }
    }
}

impl CrashPermission for Permission {
    open spec fn permits(&self, image: Seq<u8>) -> bool {
        self.allowed().contains(recover(image))
    }
}

} // verus!
