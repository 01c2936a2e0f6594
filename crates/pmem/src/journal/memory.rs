//! The journals as they are in memory while a region is open.
use super::follow::JournalState;
use super::layout::*;
#[cfg(verus_only)]
use super::{follow::*, record::*, snapshot::*};
#[cfg(verus_only)]
use crate::{bytes::*, crc::residue::*, table::u64_at, trusted::crc::*};
use vstd::prelude::*;

verus! {

/// Two journals, as they are in memory while the region is open: which one is live, and where the next record goes.
pub struct Journals {
    pub(super) layout: JournalLayout,
    pub(super) live: Journal,
    pub(super) generation: u64,
    /// The number of the last record.
    pub(super) number: u64,
    /// The address of the next record.
    pub(super) tail: u64,
    /// Whether the lines behind the last record are known to be quiet, so that a record may be written there.
    pub(super) live_quiet: bool,
    /// Whether the other journal is known to be quiet, and the first word of its header to be less than this generation.
    pub(super) other_quiet: bool,
    /// The CRC's register behind the region's id.
    pub(super) register: u64,
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

    /// Whether the medium was undamaged when the journals were opened. If it was not, nothing is promised.
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

    /// The live journal's generation.
    pub open(super) spec fn spec_generation(&self) -> u64 {
        self.generation
    }

    /// Whether there is room for a record with so many bytes of payload.
    pub open(super) spec fn room_for(&self, len: int) -> bool {
        &&& self.live_quiet
        &&& self.number < u64::MAX
        &&& self.tail + len + 16 <= self.layout.end(self.live)
    }

    /// What the journals rely on but for the medium. `len` is the region's length.
    pub(super) open spec fn wf(&self, len: int) -> bool {
        &&& self.layout.fits(len)
        &&& self.register == id_register(self.layout.id)
        &&& 0 < self.generation < GENERATIONS
        &&& self.tail % 64 == 0
        &&& self.layout.first(self.live) <= self.tail <= self.layout.end(self.live)
    }

    /// What the journals rely on. It is said of the image that was written, and of the one that a crash would leave.
    pub open(super) spec fn inv(&self, image: Seq<u8>) -> bool {
        &&& self.wf(image.len() as int)
        &&& self.sound() ==> {
            let layout = self.layout;
            let (live, other) = (self.live, self.live.other());
            &&& layout.counts(image, live)
            &&& layout.follow(image, live) == Some(self.state())
            &&& layout.tail(image, live) == self.tail
            &&& self.state().snapshot.generation == self.generation
            &&& self.state().number() == self.number
            &&& self.live_quiet ==> layout.quiet(image, live, self.generation, self.tail as int)
                && layout.quiet(image, live, (self.generation + 1) as u64, layout.first(live))
            &&& self.other_quiet ==> layout.quiet(
                image,
                other,
                (self.generation + 1) as u64,
                layout.first(other),
            ) && u64_at(image, layout.start(other)) < self.generation
        }
    }

    /// What follows from the invariant for those who use journals.
    pub proof fn lemma_inv(&self, image: Seq<u8>)
        requires
            self.inv(image),
        ensures
            self.layout().fits(image.len() as int),
            self.sound() ==> {
                &&& self.layout().live(image) == Some(self.live())
                &&& self.layout().state(image) == Some(self.state())
                &&& self.state().number() == self.spec_number()
                &&& self.state().snapshot.generation == self.spec_generation()
            },
    {
        self.layout.lemma_counts(image, self.live);
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

    /// The live journal's generation.
    #[verifier::when_used_as_spec(spec_generation)]
    #[inline(always)]
    pub fn generation(&self) -> (r: u64)
        ensures
            r == self.spec_generation(),
    {
        self.generation
    }

    /// Whether there is room for a record with so many bytes of payload. If there is not, there is after a switch, unless
    /// the record is longer than a journal or the numbers are used up.
    #[inline(always)]
    pub fn has_room(&self, len: u64, Ghost(image): Ghost<Seq<u8>>) -> (r: bool)
        requires
            self.inv(image),
        ensures
            r == self.room_for(len as int),
    {
        let left = self.layout.start_of(self.live) + self.layout.len - self.tail;
        self.live_quiet && self.number < u64::MAX && left >= 16 && left - 16 >= len
    }
}

} // verus!
