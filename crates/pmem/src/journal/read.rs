//! Reading the journals of a medium that may hold anything.
use super::layout::*;
use super::memory::*;
use super::record::RECORD_TAG;
#[cfg(verus_only)]
use super::{follow::*, record::*, snapshot::*, trust::*};
use crate::bytes::*;
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{damage::*, image::*};
use vstd::prelude::*;

verus! {

/// The bytes of several vectors.
pub open spec fn views(records: Seq<Vec<u8>>) -> Seq<Seq<u8>> {
    Seq::new(records.len(), |i: int| records[i]@)
}

/// Why journals cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalError {
    /// The selector has neither of its two values.
    Selector,
    /// The live journal's header is not valid.
    Header {
        /// Its address.
        address: u64,
    },
    /// An entry of the live journal's snapshot is not valid.
    Entry {
        /// Its index.
        index: u64,
        /// Its address.
        address: u64,
    },
    /// Among these bytes, the first ones are not the next record, although the last ones hold the header of a later one.
    Records {
        /// The address of the bytes.
        address: u64,
        /// How many they are.
        len: u64,
    },
    /// The device could not read.
    Io(IoError),
}

/// What was found in the journals of a region.
pub struct JournalContents {
    /// Which journal is live.
    pub live: Journal,
    /// The number of the last record: the snapshot's, if there is none.
    pub number: u64,
    /// The address behind the last record.
    pub tail: u64,
    /// The entries of the snapshot.
    pub entries: Vec<[u64; 7]>,
    /// The payloads of the records behind it, in order.
    pub records: Vec<Vec<u8>>,
}

impl JournalContents {
    /// What the live journal says.
    pub open spec fn state(self) -> JournalState {
        JournalState {
            snapshot: Snapshot::of((self.number - self.records@.len()) as u64, self.entries@),
            records: views(self.records@),
        }
    }

    /// Whether an image says this.
    pub open spec fn is_in(self, image: Seq<u8>, layout: JournalLayout) -> bool {
        &&& layout.live(image) == Some(self.live)
        &&& layout.follow(image, self.live) == Some(self.state())
        &&& layout.tail(image, self.live) == self.tail
        &&& self.state().number() == self.number
        &&& self.entries@.len() == layout.entries
    }

    /// Whether the last readings, those behind `before`, make journals that say this of any image of `len` bytes, and
    /// leave the bytes outside the selector and the live journal alone.
    pub open spec fn in_readings(
        self,
        layout: JournalLayout,
        len: int,
        before: Seq<Reading>,
        after: Seq<Reading>,
    ) -> bool {
        forall|image: Seq<u8>|
            image.len() == len ==> self.is_in(#[trigger] as_read(image, after), layout)
                && layout.same_but_and_selector(
                as_read(image, after),
                as_read(image, before),
                self.live,
            )
    }
}

impl JournalLayout {
    /// How many bytes there are from the selector to the end of the journals.
    pub open spec fn extent(self) -> int {
        if self.a < self.b {
            self.b + self.len - self.selector
        } else {
            self.a + self.len - self.selector
        }
    }

    /// When reading may return an error: where the journals say something, the error names bytes that are damaged.
    pub open spec fn error_is_right(self, view: RegionView, e: JournalError) -> bool {
        let trusted = self.state(view.volatile) is Some && self.trustworthy(view);
        &&& self.undamaged(view.medium) ==> self.state(view.volatile) is None && !(e is Io)
        &&& match e {
            JournalError::Selector => trusted ==> damaged_in(view.medium, self.selector as int, 8),
            JournalError::Header { address } => trusted ==> damaged_in(
                view.medium,
                address as int,
                32,
            ),
            JournalError::Entry { index, address } => index < self.entries && (trusted
                ==> damaged_in(view.medium, address as int, LINE as int)),
            JournalError::Records { address, len } => trusted ==> damaged_in(
                view.medium,
                address as int,
                len as int,
            ),
            JournalError::Io(_) => damaged_in(view.medium, self.selector as int, self.extent()),
        }
    }

    /// What the device cannot read lies where the journals do.
    proof fn lemma_io_error(self, view: RegionView, addr: int, len: int, e: IoError)
        requires
            self.fits(view.volatile.len() as int),
            damaged_in(view.medium, addr, len),
            addr == self.selector && len == 8 || addr == self.a && len == self.len || addr == self.b
                && len == self.len,
        ensures
            self.error_is_right(view, JournalError::Io(e)),
    {
        lemma_damaged_part(view.medium, addr, len, self.selector as int, self.extent());
    }

    /// Reads the selector: which journal is live.
    fn read_selector<R: Region, P: CrashPermission>(
        &self,
        region: &Guarded<R, P>,
        buf: &mut [u8; 8],
        readings: &mut Readings,
    ) -> (r: Result<Journal, JournalError>)
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
        ensures
            r matches Ok(j) ==> {
                let (word, addr) = (final(buf)@, self.selector as int);
                &&& u64_from_le(word) == j.selector()
                &&& read_as(region@.medium, region@.volatile, addr, word)
                &&& final(readings)@ == old(readings)@.push(Reading { addr, bytes: word })
            },
            r matches Err(e) ==> self.error_is_right(region@, e),
    {
        match region.read(self.selector, buf, readings) {
            Ok(()) => {},
            Err(e) => {
                proof {
                    self.lemma_io_error(region@, self.selector as int, 8, e);
                }
                return Err(JournalError::Io(e));
            },
        }
        let value = get_u64(buf, 0);
        proof {
            assert(buf@.subrange(0, 8) =~= buf@);
            if !damaged_in(region@.medium, self.selector as int, 8) {
                self.lemma_selector_undamaged(region@, buf@);
            }
        }
        if value == SELECTOR_A {
            Ok(Journal::A)
        } else if value == SELECTOR_B {
            Ok(Journal::B)
        } else {
            Err(JournalError::Selector)
        }
    }

    /// Reads the selector and the live journal.
    pub fn read<R: Region, P: CrashPermission>(
        &self,
        region: &Guarded<R, P>,
        readings: &mut Readings,
    ) -> (r: Result<JournalContents, JournalError>)
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
        ensures
            r matches Ok(contents) ==> {
                &&& contents.number < MARK
                &&& contents.records@.len() <= contents.number
                &&& contents.tail % 64 == 0
                &&& self.first(contents.live) <= contents.tail <= self.end(contents.live)
                &&& contents.entries@.len() == self.entries
                &&& self.trustworthy(region@) ==> contents.is_in(region@.volatile, *self)
                &&& contents.in_readings(
                    *self,
                    region@.volatile.len() as int,
                    old(readings)@,
                    final(readings)@,
                )
            },
            r matches Err(e) ==> self.error_is_right(region@, e),
    {
        let ghost (view, before) = (region@, readings@);
        let mut word = [0u8;8];
        let live = self.read_selector(region, &mut word, readings)?;
        let mut bytes: Vec<u8> = vec![0u8; self.len as usize];
        let start = self.start_of(live);
        match region.read(start, bytes.as_mut_slice(), readings) {
            Ok(()) => {},
            Err(e) => {
                proof {
                    self.lemma_io_error(view, start as int, self.len as int, e);
                }
                return Err(JournalError::Io(e));
            },
        }
        let ghost image = as_read(view.volatile, readings@);
        proof {
            reveal(JournalLayout::read_from);
            self.lemma_two_readings(view.volatile, before, live, word@, bytes@);
        }
        let r = self.parse(live, bytes.as_slice(), Ghost(image));
        proof {
            if r is Ok {
                let (contents, len) = (r->Ok_0, image.len() as int);
                if self.trustworthy(view) {
                    self.lemma_contents_right(image, view, live, contents);
                }
                self.lemma_in_readings(len, before, word@, bytes@, image, contents);
            } else {
                self.lemma_error_right(image, view, live, r->Err_0);
            }
        }
        r
    }
}

impl Journals {
    /// The journals of a region in which this was found. No record can be appended before a switch.
    pub fn of(
        layout: JournalLayout,
        contents: &JournalContents,
        Ghost(image): Ghost<Seq<u8>>,
        Ghost(sound): Ghost<bool>,
    ) -> (r: Journals)
        requires
            layout.fits(image.len() as int),
            contents.number < MARK,
            contents.tail % 64 == 0,
            layout.first(contents.live) <= contents.tail <= layout.end(contents.live),
            sound ==> contents.is_in(image, layout),
        ensures
            r.inv(image),
            r.layout() == layout,
            r.live() == contents.live,
            r.sound() == sound,
            r.state() == contents.state(),
            r.number() == contents.number,
            !r.is_quiet(),
    {
        Journals {
            layout,
            live: contents.live,
            number: contents.number,
            tail: contents.tail,
            live_quiet: false,
            other_quiet: false,
            prefix_crc: crate::codeword::prefix_crc(layout.id, RECORD_TAG),
            scratch: Vec::new(),
            ghost_state: Ghost(contents.state()),
            ghost_sound: Ghost(sound),
        }
    }
}

} // verus!
