//! Where the positions of a log lie in a region, and when the medium is damaged there.
//!
//! TRUSTED: the contracts of reads are made of this. A reader must agree that a position has one address, that a range of
//! positions covers the addresses of its positions and no others, and that it is damaged just if one of their bits is.

#[cfg(verus_only)]
use crate::trusted::region::Medium;
use vstd::prelude::*;

verus! {

/// A range of addresses in which the positions of a log go round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ring {
    /// The address of position 0.
    pub start: u64,
    /// The length in bytes.
    pub capacity: u64,
}

impl Ring {
    /// The address of a position.
    pub open spec fn addr(self, position: int) -> int {
        self.start + position % (self.capacity as int)
    }

    /// Where bit `i` of what is at a position and behind it is, among all bits.
    pub open spec fn bit_addr(self, position: int, i: int) -> int {
        8 * self.addr(position + i / 8) + i % 8
    }

    /// Whether one of the positions `from..to` is at address `a`.
    pub open spec fn covers(self, from: int, to: int, a: int) -> bool {
        &&& self.start <= a < self.start + self.capacity
        &&& (a - self.start - from) % (self.capacity as int) < to - from
    }

    /// Whether the medium is damaged at one of the positions `from..to`.
    pub open spec fn damaged_at(self, medium: Medium, from: int, to: int) -> bool {
        exists|b: int| self.covers(from, to, b / 8) && #[trigger] medium.damaged.contains(b)
    }
}

} // verus!
