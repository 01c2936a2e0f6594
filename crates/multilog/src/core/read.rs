//! Reading committed bytes, and checking the metadata.
use super::*;
#[cfg(verus_only)]
use super::{open::*, superblock::*};
#[cfg(verus_only)]
use pmem::{codewords::*, readings::*};

verus! {

impl Core {
    /// Where the bytes to be read are, or why they cannot be read.
    fn admit_read(
        &self,
        log: u64,
        position: u64,
        len: u64,
        Ghost(region): Ghost<RegionView>,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Result<Ring, ReadError>)
        requires
            self.inv(region, view),
        ensures
            match read_refusal(view, log, position, len as int) {
                Some(e) => r == Err::<Ring, _>(e),
                None => {
                    &&& log < self.rings@.len()
                    &&& r is Ok && r->Ok_0 == self.rings@[log as int]
                    &&& len <= self.rings@[log as int].capacity
                    &&& self.rings@[log as int].fits(region.volatile.len() as int)
                },
            },
    {
        let logs = self.rings.len() as u64;
        if log >= logs {
            return Err(ReadError::NoSuchLog { log, logs });
        }
        proof {
            self.lemma_log(region, view, log as int);
        }
        let entry = self.table.get_committed(log as usize);
        if position < entry.b || position > entry.c || len > entry.c - position {
            return Err(ReadError::OutOfRange { position, len, head: entry.b, tail: entry.c });
        }
        Ok(self.rings[log as usize])
    }

    /// What the ring gave is what the contract asks for.
    proof fn lemma_read_right(
        &self,
        region: RegionView,
        view: MultiLogView,
        log: u64,
        position: u64,
        bytes: Seq<u8>,
    )
        requires
            self.inv(region, view),
            read_refusal(view, log, position, bytes.len() as int) is None,
            self.rings@[log as int].read_back(region, position as int, bytes),
        ensures
            read_right(view, log, position, bytes),
    {
        self.lemma_log(region, view, log as int);
        let ring = self.rings@[log as int];
        let committed = view.committed.logs[log as int];
        let start = position - committed.head;
        assert forall|i: int|
            0 <= i < 8 * bytes.len() && !region.medium.damaged.contains(
                ring.bit_addr(position as int, i),
            ) implies #[trigger] bit(bytes, i) == bit(committed.data, 8 * start + i) by {
            let k = i / 8;
            assert(bit(bytes, i) == bit(region.volatile, ring.bit_addr(position as int, i)));
            assert(committed.head + (start + k) == position + k);
            assert(committed.data[start + k] == region.volatile[ring.addr(position + k)]);
        }
    }

    /// See the gate.
    pub(crate) fn read<R: Region>(
        &self,
        region: &Guarded<R, Permission>,
        log: u64,
        position: u64,
        buf: &mut [u8],
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Result<(), ReadError>)
        requires
            region.inv(),
            self.inv(region@, view),
        ensures
            final(buf)@.len() == old(buf)@.len(),
            read_post(view, log, position, final(buf)@, r),
    {
        let ring = self.admit_read(log, position, buf.len() as u64, Ghost(region@), Ghost(view))?;
        match ring.read(region, position, buf) {
            Ok(()) => {
                proof {
                    self.lemma_read_right(region@, view, log, position, buf@);
                }
                Ok(())
            },
            Err(e) => Err(ReadError::Io(e)),
        }
    }

    /// See the gate.
    pub(crate) fn read_in_place<'a, R: Region>(
        &self,
        region: &'a Guarded<R, Permission>,
        log: u64,
        position: u64,
        len: u64,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Result<(&'a [u8], &'a [u8]), ReadError>)
        requires
            region.inv(),
            self.inv(region@, view),
        ensures
            read_in_place_post(view, log, position, len, r),
    {
        let ring = self.admit_read(log, position, len, Ghost(region@), Ghost(view))?;
        match ring.borrow(region, position, len as usize) {
            Some((head, tail)) => {
                proof {
                    self.lemma_read_right(region@, view, log, position, head@ + tail@);
                }
                Ok((head, tail))
            },
            None => Err(ReadError::NotMapped),
        }
    }

    /// Reading the superblock, then the directory and then the table is enough.
    proof fn lemma_read_enough(
        &self,
        region: RegionView,
        view: MultiLogView,
        superblock: Seq<Reading>,
        directory: Seq<Reading>,
        all: Seq<Reading>,
    )
        requires
            self.inv(region, view),
            ({
                let len = region.volatile.len() as int;
                let (tag, rings) = (DIRECTORY_TAG, self.rings@);
                let (live_b, entries) = (self.table.live_b(), self.table.committed());
                &&& superblock_in_readings(len, superblock, self.id, rings.len() as int)
                &&& run_read(
                    len,
                    superblock,
                    directory,
                    DIRECTORY_ADDR as int,
                    self.id,
                    tag,
                    crate::layout::directory(rings),
                )
                &&& self.table.layout().table_read(len, directory, all, live_b, entries)
            }),
        ensures
            read_enough(view, region.volatile.len() as int, all),
    {
        let len = region.volatile.len() as int;
        let (rings, entries) = (self.rings@, self.table.committed());
        lemma_table_layout(self.id, rings.len() as int, len);
        assert forall|image: Seq<u8>| image.len() == len implies recover(
            #[trigger] as_read(image, all),
        ) == Some(committed_in(view, as_read(image, all))) by {
            let (s, t) = (as_read(image, all), as_read(image, directory));
            let u = as_read(image, superblock);
            lemma_as_read_len(image, all);
            assert(superblock_is(u, self.id, rings.len() as int));
            assert(line(t, 0) =~= line(u, 0));
            assert(line(t, ID_ADDR as int) =~= line(u, ID_ADDR as int));
            assert(formatted(t, self.id, rings));
            lemma_formatted_same(s, t, self.id, rings);
            lemma_recover(s, self.contents());
            assert(state_of(s, self.id, rings, entries) =~= committed_in(view, s));
        }
    }

    /// See the gate.
    pub(crate) fn check<R: Region>(
        &self,
        region: &Guarded<R, Permission>,
        readings: &mut Readings,
        Ghost(view): Ghost<MultiLogView>,
    ) -> (r: Result<(), CheckError>)
        requires
            region.inv(),
            self.inv(region@, view),
        ensures
            r is Ok ==> read_enough(view, region@.volatile.len() as int, final(readings)@),
            r is Err && view.sound && !view.failed ==> damaged_in(
                view.medium,
                0,
                spec_data_start(view.committed.logs.len() as int),
            ),
    {
        let ghost whole = view.sound && !view.failed && !metadata_damaged(region@);
        proof {
            region.lemma_inv();
            self.table.lemma_wf();
            lemma_table_layout(self.id, self.rings@.len() as int, region@.volatile.len() as int);
            if view.sound && !view.failed {
                self.lemma_durable(region@, view);
                if !open_sound(region@) {
                    lemma_unsound_is_damaged(region@);
                }
                let layout = self.table.layout();
                let (from, len) = (layout.selector as int, layout.extent());
                if damaged_in(region@.medium, from, len) {
                    let end = spec_data_start(view.committed.logs.len() as int);
                    lemma_damaged_part(region@.medium, from, len, 0, end);
                }
            }
        }
        let (id, logs) = match Self::read_superblock(region, readings) {
            Ok(found) => found,
            Err(OpenError::Corrupt(c)) => return Err(CheckError::Corrupt(c)),
            Err(OpenError::Io(e)) => return Err(CheckError::Io(e)),
            Err(_) => return Err(
                CheckError::Corrupt(Corruption { part: Part::Superblock, address: 0 }),
            ),
        };
        let ghost superblock = readings@;
        proof {
            if view.sound && !view.failed && open_sound(region@) {
                lemma_superblock_unique(region@, id, logs as int, self.contents());
            }
        }
        if id.lo != self.id.lo || id.hi != self.id.hi {
            return Err(
                CheckError::Corrupt(Corruption { part: Part::Superblock, address: ID_ADDR }),
            );
        }
        if logs != self.rings.len() as u64 {
            return Err(CheckError::Corrupt(Corruption { part: Part::Superblock, address: 0 }));
        }
        let rings = match Self::read_directory(region, id, logs, readings) {
            Ok(rings) => rings,
            Err(OpenError::Corrupt(c)) => return Err(CheckError::Corrupt(c)),
            Err(OpenError::Io(e)) => return Err(CheckError::Io(e)),
            Err(_) => return Err(
                CheckError::Corrupt(Corruption { part: Part::Superblock, address: 0 }),
            ),
        };
        let ghost with_directory = readings@;
        proof {
            if view.sound && !view.failed && open_sound(region@) {
                lemma_directory_unique(region@.volatile, id, rings@, self.contents());
            }
        }
        let mut i: usize = 0;
        while i < rings.len()
            invariant
                i <= rings@.len() == logs == self.rings@.len(),
                rings@.take(i as int) =~= self.rings@.take(i as int),
                logs <= MAX_LOGS,
                view.medium == region@.medium,
                whole ==> rings@ == self.rings@,
                whole == (view.sound && !view.failed && !metadata_damaged(region@)),
                view.sound && !view.failed ==> found(region@.volatile) == Found::Logs(
                    view.committed,
                ),
            decreases rings@.len() - i,
        {
            if rings[i].start != self.rings[i].start || rings[i].capacity
                != self.rings[i].capacity {
                let log = i as u64;
                return Err(
                    CheckError::Corrupt(
                        Corruption {
                            part: Part::Directory { log },
                            address: DIRECTORY_ADDR + 32 * log,
                        },
                    ),
                );
            }
            i += 1;
        }
        match self.table.check(region, readings) {
            Ok(()) => {
                proof {
                    assert(rings@ =~= rings@.take(i as int));
                    assert(self.rings@ =~= self.rings@.take(i as int));
                    self.lemma_read_enough(region@, view, superblock, with_directory, readings@);
                }
                Ok(())
            },
            Err(TableError::Selector) => Err(
                CheckError::Corrupt(Corruption { part: Part::Selector, address: SELECTOR_ADDR }),
            ),
            Err(TableError::Entry { index, address }) => Err(
                CheckError::Corrupt(Corruption { part: Part::Entry { log: index }, address }),
            ),
            Err(TableError::Io(e)) => Err(CheckError::Io(e)),
        }
    }
}

} // verus!
