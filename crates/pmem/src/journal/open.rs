//! Opening journals on a medium that may hold anything.
use super::entry::{decode_entry, CHUNK};
use super::layout::*;
use super::memory::*;
use super::record::*;
use super::records::*;
#[cfg(verus_only)]
use super::{entry::*, follow::*, snapshot::*};
use crate::codeword::decode;
use crate::crc::extend::extend_register;
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{
    bytes::*, codeword::*, codewords::line, crc::residue::*, damage::*, image::*, trusted::crc::*,
};
use vstd::prelude::*;
use vstd::slice::slice_subrange;

verus! {

/// Why journals cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalError {
    /// No journal's header is whole, or both are of one generation.
    Headers,
    /// An entry of the live journal's snapshot is not valid.
    Entry {
        /// Its index.
        index: u64,
        /// Its address.
        address: u64,
    },
    /// The device could not read.
    Io(IoError),
}

/// What was found in the journals of a region.
pub struct Opened {
    /// The journals. There is no room for a record in them before a switch.
    pub journals: Journals,
    /// The entries of the snapshot.
    pub entries: Vec<[u64; 7]>,
    /// The payloads of the records behind it, in order.
    pub records: Vec<Vec<u8>>,
}

/// Whether the medium is undamaged.
pub open spec fn undamaged(view: RegionView) -> bool {
    view.medium.damaged == Set::<int>::empty()
}

/// What is read from an undamaged medium is what was written.
proof fn lemma_read(view: RegionView, addr: int, read: Seq<u8>)
    requires
        undamaged(view),
        read_as(view.medium, view.volatile, addr, read),
        0 <= addr,
        addr + read.len() <= view.volatile.len(),
    ensures
        read == view.volatile.subrange(addr, addr + read.len()),
{
    let len = read.len() as int;
    assert(!damaged_in(view.medium, addr, len));
    lemma_undamaged_read(view.medium, view.volatile, addr, read, 0, len);
    assert(read =~= view.volatile.subrange(addr, addr + len));
}

impl JournalLayout {
    /// Reads a header: its generation and number, if it is whole.
    fn read_header<R: Region, P: CrashPermission>(&self, region: &Guarded<R, P>, j: Journal) -> (r:
        Result<Option<(u64, u64)>, JournalError>)
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
        ensures
            r matches Ok(header) ==> (undamaged(region@) ==> header == self.header(
                region@.volatile,
                j,
            )),
            r matches Ok(Some(header)) ==> 0 < header.0 < GENERATIONS,
            r is Err ==> !undamaged(region@),
    {
        let start = self.start_of(j);
        let mut buf = [0u8;32];
        match region.get().read(start, &mut buf) {
            Ok(()) => {},
            Err(e) => {
                proof {
                    lemma_damaged_not_empty(region@.medium, start as int, 32);
                }
                return Err(JournalError::Io(e));
            },
        }
        let decoded = decode(self.id, j.tag(), &buf);
        proof {
            reveal(JournalLayout::header);
            if undamaged(region@) {
                lemma_read(region@, start as int, buf@);
                assert(buf@ == line(region@.volatile, self.start(j)));
                let p = payload_of(buf@);
                lemma_decoded_of_codeword(self.id, j.tag(), header_payload(p.a, p.b));
            }
        }
        match decoded {
            Some(p) => if p.c == 0 && 0 < p.a && p.a < GENERATIONS {
                Ok(Some((p.a, p.b)))
            } else {
                Ok(None)
            },
            None => Ok(None),
        }
    }

    /// Reads both headers: which journal counts, its generation and its number.
    fn read_live<R: Region, P: CrashPermission>(&self, region: &Guarded<R, P>) -> (r: Result<
        (Journal, u64, u64),
        JournalError,
    >)
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
        ensures
            r matches Ok(live) ==> 0 < live.1 < GENERATIONS && (undamaged(region@) ==> self.counts(
                region@.volatile,
                live.0,
            ) && self.header(region@.volatile, live.0) == Some((live.1, live.2))),
            r is Err && undamaged(region@) ==> self.live(region@.volatile) is None,
    {
        let a = self.read_header(region, Journal::A)?;
        let b = self.read_header(region, Journal::B)?;
        match (a, b) {
            (Some(a), Some(b)) => if a.0 > b.0 {
                Ok((Journal::A, a.0, a.1))
            } else if b.0 > a.0 {
                Ok((Journal::B, b.0, b.1))
            } else {
                Err(JournalError::Headers)
            },
            (Some(a), None) => Ok((Journal::A, a.0, a.1)),
            (None, Some(b)) => Ok((Journal::B, b.0, b.1)),
            (None, None) => Err(JournalError::Headers),
        }
    }

    /// Reads a journal's records.
    fn read_records<R: Region, P: CrashPermission>(
        &self,
        region: &Guarded<R, P>,
        j: Journal,
        register: u64,
        generation: u64,
        number: u64,
    ) -> (r: Result<Records, JournalError>)
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
            register == id_register(self.id),
            generation < GENERATIONS,
        ensures
            r matches Ok(found) ==> {
                &&& self.first(j) + found.len <= self.end(j)
                &&& found.len % 64 == 0
                &&& found.number == number + found.payloads@.len()
                &&& undamaged(region@) ==> views(found.payloads@) == self.records_from(
                    region@.volatile,
                    j,
                    generation,
                    number + 1,
                    self.first(j),
                ) && self.first(j) + found.len == self.tail_from(
                    region@.volatile,
                    j,
                    generation,
                    number + 1,
                    self.first(j),
                )
            },
            r is Err ==> !undamaged(region@),
    {
        let first = self.start_of(j) + self.records;
        let mut bytes: Vec<u8> = vec![0u8; (self.len - self.records) as usize];
        match region.get().read(first, bytes.as_mut_slice()) {
            Ok(()) => {},
            Err(e) => {
                proof {
                    lemma_damaged_not_empty(region@.medium, first as int, bytes@.len() as int);
                }
                return Err(JournalError::Io(e));
            },
        }
        let ghost seen = update_bytes(region@.volatile, first as int, bytes@);
        proof {
            assert(seen.subrange(self.first(j), self.end(j)) =~= bytes@);
            if undamaged(region@) {
                lemma_read(region@, first as int, bytes@);
                assert(seen =~= region@.volatile);
            }
        }
        let found = records_in(
            bytes.as_slice(),
            register,
            generation,
            number,
            Ghost(*self),
            Ghost(j),
            Ghost(seen),
        );
        Ok(found)
    }

    /// Without a valid header, or with an entry that is not valid, there is no snapshot.
    proof fn lemma_snapshot_header(self, image: Seq<u8>, j: Journal)
        ensures
            self.header(image, j) matches Some(header) ==> (exists|i: int|
                0 <= i < self.entries && !#[trigger] self.entry_valid(image, j, header.0, i))
                ==> self.snapshot(image, j) is None,
    {
        reveal(JournalLayout::snapshot);
    }

    /// A snapshot that was read is there.
    proof fn lemma_snapshot_read(
        self,
        image: Seq<u8>,
        j: Journal,
        generation: u64,
        number: u64,
        entries: Seq<[u64; 7]>,
    )
        requires
            self.fits(image.len() as int),
            self.header(image, j) == Some((generation, number)),
            entries.len() == self.entries,
            self.entries_are(image, j, generation, entries),
        ensures
            self.snapshot(image, j) == Some(Snapshot::of(generation, number, entries)),
    {
        reveal(JournalLayout::header);
        self.lemma_snapshot_written(image, j, generation, number, entries);
    }

    /// Reads a snapshot's entries.
    fn read_entries<R: Region, P: CrashPermission>(
        &self,
        region: &Guarded<R, P>,
        j: Journal,
        generation: u64,
    ) -> (r: Result<Vec<[u64; 7]>, JournalError>)
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
        ensures
            r matches Ok(entries) ==> entries@.len() == self.entries && (undamaged(region@)
                ==> self.entries_are(region@.volatile, j, generation, entries@)),
            r matches Err(JournalError::Entry { index, address }) ==> index < self.entries
                && address == self.entry(j, index as int) && (undamaged(region@)
                ==> !self.entry_valid(region@.volatile, j, generation, index as int)),
            r matches Err(JournalError::Io(_)) ==> !undamaged(region@),
            !(r matches Err(JournalError::Headers)),
    {
        let len = self.entries as usize;
        let start = self.start_of(j) + LINE;
        let mut entries: Vec<[u64; 7]> = Vec::with_capacity(len);
        let mut chunk: Vec<u8> = vec![0u8; LINE as usize * CHUNK];
        while entries.len() < len
            invariant
                region.inv(),
                self.fits(region@.volatile.len() as int),
                len == self.entries,
                start == self.entry(j, 0),
                entries@.len() <= len,
                chunk@.len() == LINE * CHUNK,
                undamaged(region@) ==> self.entries_are(region@.volatile, j, generation, entries@),
            decreases len - entries@.len(),
        {
            let from = entries.len();
            let count = if len - from < CHUNK {
                len - from
            } else {
                CHUNK
            };
            let at = start + LINE * from as u64;
            assert(count <= CHUNK && CHUNK == 1024);
            chunk.truncate(64 * count);
            match region.get().read(at, chunk.as_mut_slice()) {
                Ok(()) => {},
                Err(e) => {
                    proof {
                        lemma_damaged_not_empty(region@.medium, at as int, chunk@.len() as int);
                    }
                    return Err(JournalError::Io(e));
                },
            }
            self.decode_entries(j, generation, &mut entries, chunk.as_slice(), Ghost(region@))?;
            chunk.resize(LINE as usize * CHUNK, 0);
        }
        Ok(entries)
    }

    /// Decodes the entries that a chunk holds, behind those that are known.
    fn decode_entries(
        &self,
        j: Journal,
        generation: u64,
        entries: &mut Vec<[u64; 7]>,
        chunk: &[u8],
        Ghost(view): Ghost<RegionView>,
    ) -> (r: Result<(), JournalError>)
        requires
            self.fits(view.volatile.len() as int),
            chunk@.len() % 64 == 0,
            old(entries)@.len() + chunk@.len() / 64 <= self.entries,
            read_as(view.medium, view.volatile, self.entry(j, old(entries)@.len() as int), chunk@),
            undamaged(view) ==> self.entries_are(view.volatile, j, generation, old(entries)@),
        ensures
            r is Ok ==> {
                &&& final(entries)@.len() == old(entries)@.len() + chunk@.len() / 64
                &&& undamaged(view) ==> self.entries_are(
                    view.volatile,
                    j,
                    generation,
                    final(entries)@,
                )
            },
            r matches Err(e) ==> (e matches JournalError::Entry { index, address } && index
                < self.entries && address == self.entry(j, index as int) && (undamaged(view)
                ==> !self.entry_valid(view.volatile, j, generation, index as int))),
    {
        let len = chunk.len();
        let count = len / 64;
        let ghost from = entries@.len() as int;
        let mut k: usize = 0;
        while k < count
            invariant
                self.fits(view.volatile.len() as int),
                k <= count,
                0 <= from,
                len == chunk@.len() == 64 * count,
                entries@.len() == from + k,
                from + count <= self.entries,
                read_as(view.medium, view.volatile, self.entry(j, from), chunk@),
                undamaged(view) ==> self.entries_are(view.volatile, j, generation, entries@),
            decreases count - k,
        {
            let i = entries.len() as u64;
            let line = slice_subrange(chunk, 64 * k, 64 * k + 64);
            proof {
                if undamaged(view) {
                    lemma_read(view, self.entry(j, from), chunk@);
                    assert(line@ =~= self.entry_bytes(view.volatile, j, i as int));
                }
            }
            match decode_entry(self.id, generation, i, line) {
                Some(words) => {
                    let ghost before = entries@;
                    entries.push(words);
                    proof {
                        assert forall|n: int|
                            undamaged(view) && 0 <= n < entries@.len() implies self.entry_is(
                            view.volatile,
                            j,
                            generation,
                            n,
                            #[trigger] entries@[n]@,
                        ) by {
                            if n < before.len() {
                                assert(entries@[n] == before[n]);
                                assert(self.entry_is(view.volatile, j, generation, n, before[n]@));
                            }
                        }
                    }
                },
                None => {
                    let address = self.start_of(j) + LINE + LINE * i;
                    return Err(JournalError::Entry { index: i, address });
                },
            }
            k += 1;
        }
        Ok(())
    }
}

impl Journals {
    /// Opens the journals of a region, which may hold anything. Nothing is written.
    ///
    /// If the medium is undamaged, what is returned is what the image says, and an error says that it says nothing.
    pub fn open<R: Region, P: CrashPermission>(region: &Guarded<R, P>, layout: JournalLayout) -> (r:
        Result<Opened, JournalError>)
        requires
            region.inv(),
            layout.fits(region@.volatile.len() as int),
        ensures
            r matches Ok(opened) ==> {
                let journals = opened.journals;
                let state = journals.state();
                &&& journals.inv(region@.volatile)
                &&& journals.layout() == layout
                &&& journals.sound() == undamaged(region@)
                &&& opened.entries@.len() == layout.entries
                &&& state.snapshot == Snapshot::of(
                    journals.generation(),
                    (journals.number() - opened.records@.len()) as u64,
                    opened.entries@,
                )
                &&& state.records == views(opened.records@)
            },
            r is Err && undamaged(region@) ==> layout.state(region@.volatile) is None,
    {
        let (live, generation, number) = layout.read_live(region)?;
        let ghost image = region@.volatile;
        proof {
            layout.lemma_counts(image, live);
            layout.lemma_snapshot_header(image, live);
        }
        let entries = layout.read_entries(region, live, generation)?;
        let register = extend_register(0xffff_ffff_ffff_ffff, layout.id.lo, layout.id.hi);
        let found = layout.read_records(region, live, register, generation, number)?;
        let journals = Journals {
            layout,
            live,
            generation,
            number: found.number,
            tail: layout.start_of(live) + layout.records + found.len as u64,
            live_quiet: false,
            other_quiet: false,
            register,
            scratch: Vec::new(),
            ghost_state: Ghost(
                JournalState {
                    snapshot: Snapshot::of(generation, number, entries@),
                    records: views(found.payloads@),
                },
            ),
            ghost_sound: Ghost(undamaged(region@)),
        };
        proof {
            if undamaged(region@) {
                layout.lemma_snapshot_read(image, live, generation, number, entries@);
            }
        }
        Ok(Opened { journals, entries, records: found.payloads })
    }
}

} // verus!
