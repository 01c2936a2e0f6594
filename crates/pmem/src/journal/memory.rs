//! The journals as they are in memory while a region is open.
use super::follow::JournalState;
use super::layout::*;
use super::record::*;
#[cfg(verus_only)]
use super::{follow::*, snapshot::*};
#[cfg(verus_only)]
use crate::{codeword::prefix, trusted::crc::*};
use vstd::prelude::*;

verus! {

/// Two journals, as they are in memory while the region is open: which one is live, and where the next record goes.
pub struct Journals {
    pub(super) layout: JournalLayout,
    pub(super) live: Journal,
    /// The number of the last record: the snapshot's, if there is none.
    pub(super) number: u64,
    /// The address of the next record.
    pub(super) tail: u64,
    /// Whether no line of the live journal is known to begin a later record, so that one may be written behind the last.
    pub(super) live_quiet: bool,
    /// Whether the same is known of the other journal.
    pub(super) other_quiet: bool,
    /// The CRC of what a record's header begins with and does not store.
    pub(super) prefix_crc: u64,
    /// The last record that was written, in a buffer that is used again.
    pub(super) scratch: Vec<u8>,
    #[allow(dead_code)]  // Read by proofs only.
    pub(super) ghost_state: Ghost<JournalState>,
    #[allow(dead_code)]  // Read by proofs only.
    pub(super) ghost_sound: Ghost<bool>,
}

impl Journals {
    /// Where the journals lie.
    pub open(super) spec fn layout(&self) -> JournalLayout {
        self.layout
    }

    /// The one that counts.
    pub open(super) spec fn live(&self) -> Journal {
        self.live
    }

    /// What the live journal says.
    pub open(super) spec fn state(&self) -> JournalState {
        self.ghost_state@
    }

    /// Whether the medium was trustworthy when the journals were opened. If it was not, nothing is promised.
    pub open(super) spec fn sound(&self) -> bool {
        self.ghost_sound@
    }

    /// The address of the next record.
    pub open(super) spec fn next_addr(&self) -> int {
        self.tail as int
    }

    /// The number of the last record: the snapshot's, if there is none.
    pub open(super) spec fn spec_number(&self) -> u64 {
        self.number
    }

    /// Whether records may be appended. After opening they may not, before a switch.
    pub open(super) spec fn spec_is_quiet(&self) -> bool {
        self.live_quiet
    }

    /// Whether there is room for a record with so many bytes of payload.
    pub open(super) spec fn room_for(&self, len: int) -> bool {
        &&& self.live_quiet
        &&& self.tail + HEADER + len <= self.layout.end(self.live)
    }

    /// What the journals rely on but for the medium. `len` is the region's length.
    pub(super) open spec fn wf(&self, len: int) -> bool {
        &&& self.layout.fits(len)
        &&& self.number < MARK
        &&& self.prefix_crc == spec_crc64(prefix(self.layout.id, RECORD_TAG))
        &&& self.other_quiet ==> self.live_quiet
        &&& self.tail % 64 == 0
        &&& self.layout.first(self.live) <= self.tail <= self.layout.end(self.live)
    }

    /// What the journals rely on. It is said of the image that was written, and of the one that a crash would leave.
    pub open(super) spec fn inv(&self, image: Seq<u8>) -> bool {
        &&& self.wf(image.len() as int)
        &&& self.sound() ==> {
            let layout = self.layout;
            let (live, other) = (self.live, self.live.other());
            &&& layout.live(image) == Some(live)
            &&& layout.follow(image, live) == Some(self.state())
            &&& layout.tail(image, live) == self.tail
            &&& self.state().number() == self.number
            &&& self.live_quiet ==> layout.quiet(image, live, self.number)
            &&& self.other_quiet ==> layout.quiet(image, other, self.number)
        }
    }

    /// What follows from the invariant for those who use journals.
    pub proof fn lemma_inv(&self, image: Seq<u8>)
        requires
            self.inv(image),
        ensures
            self.layout().fits(image.len() as int),
            self.number() < MARK,
            self.sound() ==> {
                &&& self.layout().live(image) == Some(self.live())
                &&& self.layout().state(image) == Some(self.state())
                &&& self.state().number() == self.number()
            },
    {
    }

    /// The invariant is about the selector and the journals. If the medium is not trusted, it is about the length only.
    pub proof fn lemma_inv_frame(&self, s: Seq<u8>, t: Seq<u8>)
        requires
            self.inv(t),
            s.len() == t.len(),
            self.sound() ==> forall|a: int| self.layout().covers(a) ==> #[trigger] s[a] == t[a],
        ensures
            self.inv(s),
    {
        let layout = self.layout;
        if self.sound() {
            let selector = layout.selector as int;
            assert(s.subrange(selector, selector + 8) =~= t.subrange(selector, selector + 8));
            layout.lemma_follow_same(s, t, self.live);
            if self.live_quiet {
                layout.lemma_quiet_same(s, t, self.live, self.number);
            }
            if self.other_quiet {
                layout.lemma_quiet_same(s, t, self.live.other(), self.number);
            }
        }
    }

    /// The number of the last record: the snapshot's, if there is none.
    #[verifier::when_used_as_spec(spec_number)]
    #[inline(always)]
    pub fn number(&self) -> (r: u64)
        ensures
            r == self.spec_number(),
    {
        self.number
    }

    /// Whether records may be appended. After opening they may not, before a switch.
    #[verifier::when_used_as_spec(spec_is_quiet)]
    #[inline(always)]
    pub fn is_quiet(&self) -> (r: bool)
        ensures
            r == self.spec_is_quiet(),
    {
        self.live_quiet
    }

    /// Whether there is room for a record with so many bytes of payload. If there is not, there is after a switch, unless
    /// the record is longer than a journal.
    #[inline(always)]
    pub fn has_room(&self, len: u64, Ghost(image): Ghost<Seq<u8>>) -> (r: bool)
        requires
            self.inv(image),
        ensures
            r == self.room_for(len as int),
    {
        let left = self.layout.start_of(self.live) + self.layout.len - self.tail;
        self.live_quiet && left >= HEADER && left - HEADER >= len
    }
}

} // verus!
