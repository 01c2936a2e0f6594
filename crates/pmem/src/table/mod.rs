//! Metadata entries that change atomically and whose corruption is detected.
//!
//! There are two copies of all entries, A and B, each entry a codeword, and one word, the selector, that says which
//! copy is live. A commit writes what changes to the idle copy, flushes, stores the selector and flushes again. So
//! that it need not write all entries, the table keeps an invariant: outside the `behind` list, both copies hold the
//! same. A commit writes the changed entries and those in which the idle copy is behind, which are those of the
//! commit before.
//!
//! After opening, nothing is known of the idle copy: a crash may have torn it, and a damaged medium may even
//! make a torn entry look whole. It is not read; the first commit writes all of it.
mod changes;
mod commit;
pub mod number;
mod open;
mod write;

use crate::bytes::*;
use crate::codeword::*;
use crate::codewords::*;
use crate::crc::words::*;
use crate::region_id::RegionId;
use crate::trusted::region::*;
#[cfg(verus_only)]
use crate::{crc::linear::*, damage::*, image::*, readings::*};
use vstd::prelude::*;

use number::CommitNumber;
#[cfg(verus_only)]
use number::*;

#[cfg(verus_only)]
pub use crate::trusted::bytes::u64_at;
pub use open::TableError;

verus! {

/// The selector's value when copy A is live.
pub const SELECTOR_A: u64 = 0x6e1f_93a5_c478_2bd1;

/// The selector's value when copy B is live: the complement, so that no damage but the inversion of all 64 bits
/// makes one of the other.
pub const SELECTOR_B: u64 = 0x91e0_6c5a_3b87_d42e;

/// Where a table lies.
#[derive(Debug, Clone, Copy)]
pub struct TableLayout {
    /// The address of the selector.
    pub selector: u64,
    /// The address of copy A.
    pub copy_a: u64,
    /// The address of copy B.
    pub copy_b: u64,
    /// The number of entries.
    pub len: u64,
    /// The region's id, which the entries' CRCs cover.
    pub id: RegionId,
    /// The tag of entry 0.
    pub tag: u64,
}

impl TableLayout {
    /// Whether the table lies in an address space of `len` bytes.
    pub open spec fn fits(self, len: int) -> bool {
        &&& self.selector % 8 == 0
        &&& self.selector + 8 <= self.copy_a
        &&& self.copy_a % 32 == 0
        &&& self.copy_b % 32 == 0
        &&& self.copy_a + 32 * self.len <= self.copy_b
        &&& self.copy_b + 32 * self.len <= len
        &&& len <= u64::MAX
        &&& 0 < self.len <= u32::MAX
        &&& self.tag + self.len <= u64::MAX
    }

    /// The address of a copy: B's if `b`, else A's.
    pub open spec fn copy(self, b: bool) -> int {
        if b {
            self.copy_b as int
        } else {
            self.copy_a as int
        }
    }

    /// The address behind a copy.
    pub open spec fn copy_end(self, b: bool) -> int {
        self.copy(b) + 32 * self.len
    }

    /// The address of an entry.
    pub open spec fn entry(self, b: bool, i: int) -> int {
        self.copy(b) + 32 * i
    }

    /// Which copy is live, if the selector says so.
    pub open spec fn live(self, image: Seq<u8>) -> Option<bool> {
        if u64_at(image, self.selector as int) == SELECTOR_A {
            Some(false)
        } else if u64_at(image, self.selector as int) == SELECTOR_B {
            Some(true)
        } else {
            None
        }
    }

    /// Whether entry `i` of a copy is valid.
    pub open spec fn entry_valid(self, image: Seq<u8>, b: bool, i: int) -> bool {
        codeword_valid(image, self.copy(b), self.id, self.tag, i)
    }

    /// Whether entry `i` of a copy holds `p`.
    pub open spec fn entry_is(self, image: Seq<u8>, b: bool, i: int, p: Payload) -> bool {
        codeword_is(image, self.copy(b), self.id, self.tag, i, p)
    }

    /// Whether a copy holds these entries.
    pub open spec fn holds(self, image: Seq<u8>, b: bool, entries: Seq<Payload>) -> bool {
        &&& entries.len() == self.len
        &&& run_holds(image, self.copy(b), self.id, self.tag, entries)
    }

    /// Whether the selector names a copy and all of that copy's entries are valid.
    pub open spec fn valid(self, image: Seq<u8>) -> bool {
        self.live(image) matches Some(b) && forall|i: int|
            0 <= i < self.len ==> #[trigger] self.entry_valid(image, b, i)
    }

    /// Whether two images agree on all but one copy of the table.
    pub open spec fn same_but_copy(self, s: Seq<u8>, t: Seq<u8>, b: bool) -> bool {
        same_outside(s, t, self.copy(b), self.copy_end(b))
    }

    /// Whether two images agree on all but one copy of the table and the selector.
    pub open spec fn same_but_copy_and_selector(self, s: Seq<u8>, t: Seq<u8>, b: bool) -> bool {
        &&& s.len() == t.len()
        &&& forall|a: int|
            0 <= a < s.len() && !(self.copy(b) <= a < self.copy_end(b)) && !(self.selector <= a
                < self.selector + 8) ==> #[trigger] s[a] == t[a]
    }
}

/// A range that a change leaves alone keeps its bytes.
pub proof fn lemma_subrange_same(s: Seq<u8>, t: Seq<u8>, from: int, to: int, lo: int, hi: int)
    requires
        same_outside(s, t, from, to),
        0 <= lo <= hi <= s.len(),
        hi <= from || to <= lo,
    ensures
        s.subrange(lo, hi) == t.subrange(lo, hi),
{
    assert(s.subrange(lo, hi) =~= t.subrange(lo, hi));
}

/// A table of entries in two copies, as it is in memory while the region is open.
///
/// Changes are staged and then committed together, atomically.
pub struct Table {
    layout: TableLayout,
    live_b: bool,
    next: CommitNumber,
    committed: Vec<Payload>,
    staged: Vec<Payload>,
    crc_parts: Vec<u64>,
    is_changed: Vec<bool>,
    changed: Vec<u32>,
    behind: Vec<u32>,
    idle_known: bool,
    #[allow(dead_code)]  // Read by proofs only.
    ghost_sound: Ghost<bool>,
}

impl Table {
    /// Where the table lies.
    pub closed spec fn layout(&self) -> TableLayout {
        self.layout
    }

    /// Which copy is live.
    pub closed spec fn live_b(&self) -> bool {
        self.live_b
    }

    /// The entries as committed: each holds the number of the commit that wrote it, and two integers.
    pub closed spec fn committed(&self) -> Seq<Payload> {
        self.committed@
    }

    /// The entries as they will be after the next commit.
    pub closed spec fn staged(&self) -> Seq<Payload> {
        self.staged@
    }

    /// Whether the medium kept to the fault model when the table was opened.
    pub closed spec fn sound(&self) -> bool {
        self.ghost_sound@
    }

    /// Whether no change is staged.
    pub closed spec fn nothing_staged(&self) -> bool {
        self.changed@.len() == 0
    }

    /// Whether `crc_parts` holds the parts of the staged entries' CRCs that seldom change.
    closed spec fn crc_parts_right(&self) -> bool {
        &&& self.crc_parts@.len() == self.layout.len
        &&& forall|i: int|
            0 <= i < self.layout.len ==> #[trigger] self.crc_parts@[i] == crc_part(
                self.layout.id,
                (self.layout.tag + i) as u64,
                self.staged@[i].b,
                self.staged@[i].c,
            )
    }

    /// What the table relies on, but for the medium.
    pub closed spec fn wf(&self) -> bool {
        &&& 0 < self.layout.len <= u32::MAX
        &&& self.committed@.len() == self.layout.len
        &&& self.staged@.len() == self.layout.len
        &&& self.is_changed@.len() == self.layout.len
        &&& self.crc_parts_right()
        &&& self.next.inv()
        &&& self.next.number == next_number(last_number(self.committed@))
        &&& forall|i: int|
            0 <= i < self.layout.len && #[trigger] self.is_changed@[i] ==> self.staged@[i].a
                == self.next.number
        &&& forall|k: int|
            0 <= k < self.changed@.len() ==> (#[trigger] self.changed@[k]) < self.layout.len
                && self.is_changed@[self.changed@[k] as int]
        &&& forall|i: int|
            0 <= i < self.layout.len && #[trigger] self.is_changed@[i] ==> self.changed@.contains(
                i as u32,
            )
        &&& forall|i: int|
            0 <= i < self.layout.len && !(#[trigger] self.is_changed@[i]) ==> self.staged@[i]
                == self.committed@[i]
        &&& forall|k: int|
            0 <= k < self.behind@.len() ==> (#[trigger] self.behind@[k]) < self.layout.len
    }

    /// The invariant that makes a commit cheap: outside the `behind` list, the idle copy holds what is committed.
    closed spec fn idle_inv(&self, image: Seq<u8>) -> bool {
        self.idle_known ==> forall|i: int|
            #![trigger self.committed@[i]]
            0 <= i < self.layout.len && !self.behind@.contains(i as u32) ==> self.layout.entry_is(
                image,
                !self.live_b,
                i,
                self.committed@[i],
            )
    }

    /// What the table relies on; `image` is the volatile one.
    pub closed spec fn inv(&self, image: Seq<u8>) -> bool {
        &&& self.layout.fits(image.len() as int)
        &&& self.wf()
        &&& self.sound() ==> {
            &&& self.layout.live(image) == Some(self.live_b)
            &&& self.layout.holds(image, self.live_b, self.committed@)
            &&& self.idle_inv(image)
        }
    }

    /// What follows from the invariant for those who use a table.
    pub proof fn lemma_inv(&self, image: Seq<u8>)
        requires
            self.inv(image),
        ensures
            self.wf(),
            self.layout().fits(image.len() as int),
            self.sound() ==> self.layout().live(image) == Some(self.live_b())
                && self.layout().holds(image, self.live_b(), self.committed()),
    {
    }

    /// The same, of the part that is not about the medium.
    pub proof fn lemma_wf(&self)
        requires
            self.wf(),
        ensures
            self.committed().len() == self.layout().len,
            self.staged().len() == self.layout().len,
            self.nothing_staged() ==> self.staged() == self.committed(),
            !self.nothing_staged() ==> last_number(self.staged()) == next_number(
                last_number(self.committed()),
            ),
    {
        if !self.nothing_staged() {
            let number = self.next.number;
            lemma_last_number_bound(self.committed@);
            assert(self.is_changed@[self.changed@[0] as int]);
            assert forall|i: int| 0 <= i < self.staged@.len() implies (#[trigger] self.staged@[i]).a
                <= number by {
                if !self.is_changed@[i] {
                    assert(self.committed@[i].a <= last_number(self.committed@));
                }
            }
            lemma_last_number(self.staged@, self.changed@[0] as int, number);
        }
        if self.nothing_staged() {
            assert forall|i: int| 0 <= i < self.layout.len implies self.staged@[i]
                == self.committed@[i] by {
                assert(!self.is_changed@[i]);
            }
            assert(self.staged@ =~= self.committed@);
        }
    }

    /// The invariant is about the table's own addresses.
    pub proof fn lemma_inv_frame(&self, s: Seq<u8>, t: Seq<u8>)
        requires
            self.inv(s),
            s.len() == t.len(),
            forall|a: int|
                self.layout().selector <= a < self.layout().selector + 8 || self.layout().copy_a
                    <= a < self.layout().copy_end(true) ==> #[trigger] s[a] == t[a],
        ensures
            self.inv(t),
    {
        let layout = self.layout;
        assert(s.subrange(layout.selector as int, layout.selector + 8) =~= t.subrange(
            layout.selector as int,
            layout.selector + 8,
        ));
        if self.sound() {
            lemma_run_same(t, s, layout.copy(self.live_b), layout.id, layout.tag, self.committed@);
        }
        assert forall|b: bool, i: int, p: Payload|
            0 <= i < layout.len && layout.entry_is(s, b, i, p) implies #[trigger] layout.entry_is(
            t,
            b,
            i,
            p,
        ) by {
            assert(line(s, layout.entry(b, i)) =~= line(t, layout.entry(b, i)));
        }
    }

    /// Whether only what is staged differs between two tables.
    pub open spec fn same_committed(&self, other: &Table) -> bool {
        &&& self.wf() == other.wf()
        &&& forall|image: Seq<u8>| #[trigger] self.inv(image) == other.inv(image)
        &&& self.layout() == other.layout()
        &&& self.live_b() == other.live_b()
        &&& self.sound() == other.sound()
        &&& self.committed() == other.committed()
    }

    /// An entry as it will be after the next commit.
    #[inline(always)]
    pub fn get_staged(&self, i: usize) -> (r: Payload)
        requires
            self.wf(),
            i < self.layout().len,
        ensures
            r == self.staged()[i as int],
    {
        self.staged[i]
    }

    /// An entry as committed.
    #[inline(always)]
    pub fn get_committed(&self, i: usize) -> (r: Payload)
        requires
            self.wf(),
            i < self.layout().len,
        ensures
            r == self.committed()[i as int],
    {
        self.committed[i]
    }

    /// The address of the live copy's entry `i`.
    pub fn live_address(&self, i: usize, Ghost(len): Ghost<int>) -> (r: u64)
        requires
            self.wf(),
            self.layout().fits(len),
            i < self.layout().len,
        ensures
            r == self.layout().entry(self.live_b(), i as int),
    {
        self.layout.copy_addr(self.live_b) + 32 * i as u64
    }

    /// Whether a change is staged.
    #[inline(always)]
    pub fn has_staged(&self) -> (r: bool)
        ensures
            r == !self.nothing_staged(),
    {
        !self.changed.is_empty()
    }

    /// Stages a change of entry `i`.
    #[inline(always)]
    pub fn stage(&mut self, i: usize, b: u64, c: u64)
        requires
            old(self).wf(),
            i < old(self).layout().len,
        ensures
            final(self).same_committed(old(self)),
            final(self).staged().len() == old(self).staged().len(),
            final(self).staged()[i as int].b == b,
            final(self).staged()[i as int].c == c,
            forall|j: int|
                0 <= j < old(self).staged().len() && j != i ==> #[trigger] final(self).staged()[j]
                    == old(self).staged()[j],
            !final(self).nothing_staged(),
    {
        self.set_staged(i, Payload { a: self.next.number, b, c });
        if !self.is_changed[i] {
            self.is_changed[i] = true;
            self.changed.push(i as u32);
            proof {
                let last = self.changed@.len() - 1;
                assert(self.changed@[last] == i);
                assert forall|j: int|
                    0 <= j < self.layout.len
                        && #[trigger] self.is_changed@[j] implies self.changed@.contains(
                    j as u32,
                ) by {
                    if j != i {
                        let k = choose|k: int|
                            0 <= k < old(self).changed@.len() && old(self).changed@[k] == j as u32;
                        assert(old(self).is_changed@[j]);
                        assert(self.changed@[k] == j as u32);
                    }
                }
            }
        } else {
            assert(self.changed@.contains(i as u32));
        }
    }

    /// Has `p` staged for entry `i`.
    #[inline(always)]
    fn set_staged(&mut self, i: usize, p: Payload)
        requires
            old(self).staged@.len() == old(self).layout.len,
            old(self).crc_parts_right(),
            i < old(self).layout.len,
        ensures
            final(self).staged@ == old(self).staged@.update(i as int, p),
            final(self).crc_parts_right(),
            final(self).layout == old(self).layout,
            final(self).live_b == old(self).live_b,
            final(self).next == old(self).next,
            final(self).committed == old(self).committed,
            final(self).is_changed == old(self).is_changed,
            final(self).changed == old(self).changed,
            final(self).behind == old(self).behind,
            final(self).idle_known == old(self).idle_known,
            final(self).ghost_sound == old(self).ghost_sound,
    {
        let was = self.staged[i];
        proof {
            lemma_crc_part_changed(self.layout.id, (self.layout.tag + i) as u64, was, p);
            lemma_shift_zero(128);
            lemma_shift_zero(64);
            let (old_b, new_b) = (was.b, p.b);
            assert(old_b ^ new_b == 0 || old_b != new_b) by (bit_vector);
            assert(forall|x: u64| #[trigger] (x ^ 0) == x) by (bit_vector);
        }
        if was.b != p.b {
            self.crc_parts[i] ^= shift_two_words(was.b ^ p.b);
        }
        if (was.c ^ p.c) & UPPER != 0 {
            self.crc_parts[i] ^= shift_upper(was.c ^ p.c);
        }
        self.staged[i] = p;
    }

    /// Drops all staged changes.
    pub fn abort(&mut self)
        requires
            old(self).wf(),
        ensures
            final(self).same_committed(old(self)),
            final(self).staged() == old(self).committed(),
            final(self).nothing_staged(),
    {
        self.settle(false);
        self.changed.clear();
    }

    /// Ends the changes on the list, which its owner then clears: they are committed if `keep`, else dropped.
    fn settle(&mut self, keep: bool)
        requires
            old(self).wf(),
        ensures
            final(self).crc_parts_right(),
            final(self).staged@ == final(self).committed@,
            final(self).staged@ == if keep {
                old(self).staged@
            } else {
                old(self).committed@
            },
            final(self).is_changed@ == Seq::new(old(self).is_changed@.len(), |i: int| false),
            final(self).layout == old(self).layout,
            final(self).live_b == old(self).live_b,
            final(self).next == old(self).next,
            final(self).changed@ == old(self).changed@,
            final(self).behind@ == old(self).behind@,
            final(self).idle_known == old(self).idle_known,
            final(self).ghost_sound == old(self).ghost_sound,
    {
        let mut k: usize = 0;
        while k < self.changed.len()
            invariant
                k <= self.changed@.len(),
                self.layout == old(self).layout,
                self.live_b == old(self).live_b,
                self.next == old(self).next,
                self.changed@ == old(self).changed@,
                self.behind@ == old(self).behind@,
                self.idle_known == old(self).idle_known,
                self.ghost_sound == old(self).ghost_sound,
                old(self).wf(),
                self.crc_parts_right(),
                self.committed@.len() == self.layout.len,
                self.staged@.len() == self.layout.len,
                self.is_changed@.len() == self.layout.len,
                keep ==> self.staged@ == old(self).staged@,
                !keep ==> self.committed@ == old(self).committed@,
                forall|i: int|
                    0 <= i < self.layout.len && !(#[trigger] self.is_changed@[i])
                        ==> self.staged@[i] == self.committed@[i],
                forall|i: int|
                    0 <= i < self.layout.len && #[trigger] self.is_changed@[i] ==> exists|m: int|
                        k <= m < self.changed@.len() && #[trigger] self.changed@[m] == i as u32,
            decreases self.changed@.len() - k,
        {
            let i = self.changed[k] as usize;
            let ghost before = *self;
            if keep {
                self.committed[i] = self.staged[i];
            } else {
                self.set_staged(i, self.committed[i]);
            }
            self.is_changed[i] = false;
            proof {
                assert forall|j: int|
                    0 <= j < self.layout.len && #[trigger] self.is_changed@[j] implies exists|
                    m: int,
                |
                    k + 1 <= m < self.changed@.len() && #[trigger] self.changed@[m] == j as u32 by {
                    assert(before.is_changed@[j]);
                    let m = choose|m: int|
                        k <= m < self.changed@.len() && #[trigger] self.changed@[m] == j as u32;
                    assert(m != k);
                }
            }
            k += 1;
        }
        proof {
            assert forall|i: int| 0 <= i < self.layout.len implies self.staged@[i]
                == self.committed@[i] by {
                assert(!self.is_changed@[i]);
            }
            assert(self.is_changed@ =~= Seq::new(old(self).is_changed@.len(), |i: int| false));
            assert(self.staged@ =~= self.committed@);
        }
    }
}

} // verus!
