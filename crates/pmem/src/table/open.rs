//! Reading a table from a medium that may hold anything.
use super::*;
use crate::trusted::guarded::*;

verus! {

/// Why a table cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableError {
    /// The selector has neither of its two values.
    Selector,
    /// A live entry is not valid.
    Entry {
        /// Its index.
        index: u64,
        /// Its address.
        address: u64,
    },
    /// The device could not read.
    Io(IoError),
}

impl TableLayout {
    /// What the medium must be like for the table that is read to be the one that was written: the selector and the live
    /// copy are undamaged, or valid and damaged within the fault model.
    pub open spec fn trustworthy(self, view: RegionView) -> bool {
        &&& tolerable_at(view.medium, self.selector as int, 8)
        &&& match self.live(view.volatile) {
            Some(b) => run_trustworthy(view, self.copy(b), self.id, self.tag, self.len as int),
            None => !damaged_in(view.medium, self.selector as int, 8),
        }
    }

    /// A table that is undamaged is trustworthy.
    pub proof fn lemma_undamaged_trustworthy(self, view: RegionView)
        requires
            self.fits(view.volatile.len() as int),
            !damaged_in(view.medium, self.selector as int, self.extent()),
        ensures
            self.trustworthy(view),
            !damaged_in(view.medium, self.selector as int, 8),
            forall|b: bool, i: int|
                0 <= i < self.len ==> !damaged_in(view.medium, #[trigger] self.entry(b, i), 32),
    {
        let (from, len) = (self.selector as int, self.extent());
        if damaged_in(view.medium, from, 8) {
            lemma_damaged_part(view.medium, from, 8, from, len);
        }
        assert forall|b: bool, i: int| 0 <= i < self.len implies !damaged_in(
            view.medium,
            #[trigger] self.entry(b, i),
            32,
        ) by {
            let addr = self.entry(b, i);
            if damaged_in(view.medium, addr, 32) {
                lemma_damaged_part(view.medium, addr, 32, from, len);
            }
        }
        if let Some(b) = self.live(view.volatile) {
            assert forall|i: int| 0 <= i < self.len implies #[trigger] codeword_trustworthy(
                view,
                self.copy(b),
                self.id,
                self.tag,
                i,
            ) by {
                assert(!damaged_in(view.medium, self.entry(b, i), 32));
            }
        }
    }

    /// How many bytes there are from the selector to the end of the copies.
    pub open spec fn extent(self) -> int {
        self.copy_end(true) - self.selector
    }

    /// When entry `index` of a copy, at `address`, may be called damaged.
    pub open spec fn entry_error_is_right(
        self,
        view: RegionView,
        b: bool,
        index: u64,
        address: u64,
    ) -> bool {
        &&& index < self.len
        &&& address == self.entry(b, index as int)
        &&& !self.entry_valid(view.volatile, b, index as int) || damaged_in(
            view.medium,
            address as int,
            32,
        )
        &&& self.live(view.volatile) == Some(b) || damaged_in(view.medium, self.selector as int, 8)
        &&& self.trustworthy(view) ==> self.live(view.volatile) == Some(b)
    }

    /// When `open` may return an error.
    pub open spec fn error_is_right(self, view: RegionView, e: TableError) -> bool {
        match e {
            TableError::Selector => self.live(view.volatile) is None || damaged_in(
                view.medium,
                self.selector as int,
                8,
            ),
            TableError::Entry { index, address } => {
                ||| self.entry_error_is_right(view, false, index, address)
                ||| self.entry_error_is_right(view, true, index, address)
            },
            TableError::Io(_) => damaged_in(view.medium, self.selector as int, self.extent()),
        }
    }

    /// Whether the last readings, those behind `before`, make the selector say this in any image of `len` bytes, and leave
    /// the other bytes alone.
    pub open spec fn selector_read(
        self,
        len: int,
        before: Seq<Reading>,
        after: Seq<Reading>,
        b: bool,
    ) -> bool {
        forall|image: Seq<u8>|
            image.len() == len ==> self.live(#[trigger] as_read(image, after)) == Some(b)
                && same_outside(
                as_read(image, after),
                as_read(image, before),
                self.selector as int,
                self.selector + 8,
            )
    }

    /// Whether the last readings, those behind `before`, make a table with these live entries of any image of `len` bytes,
    /// and leave the bytes outside its selector and the live copy alone.
    pub open spec fn table_read(
        self,
        len: int,
        before: Seq<Reading>,
        after: Seq<Reading>,
        b: bool,
        entries: Seq<Payload>,
    ) -> bool {
        forall|image: Seq<u8>|
            image.len() == len ==> self.live(#[trigger] as_read(image, after)) == Some(b)
                && self.holds(as_read(image, after), b, entries) && self.same_but_copy_and_selector(
                as_read(image, after),
                as_read(image, before),
                b,
            )
    }

    /// Reading the selector and then a copy is reading a table.
    proof fn lemma_table_read(
        self,
        len: int,
        before: Seq<Reading>,
        between: Seq<Reading>,
        after: Seq<Reading>,
        b: bool,
        entries: Seq<Payload>,
    )
        requires
            self.fits(len),
            entries.len() == self.len,
            self.selector_read(len, before, between, b),
            run_read(len, between, after, self.copy(b), self.id, self.tag, entries),
        ensures
            self.table_read(len, before, after, b, entries),
    {
        assert forall|image: Seq<u8>| image.len() == len implies self.live(
            #[trigger] as_read(image, after),
        ) == Some(b) && self.holds(as_read(image, after), b, entries)
            && self.same_but_copy_and_selector(
            as_read(image, after),
            as_read(image, before),
            b,
        ) by {
            let (s, t) = (as_read(image, after), as_read(image, between));
            lemma_as_read_len(image, after);
            assert(self.live(t) == Some(b));
            lemma_subrange_same(
                s,
                t,
                self.copy(b),
                self.copy_end(b),
                self.selector as int,
                self.selector + 8,
            );
        }
    }

    /// Reads the selector.
    pub fn read_selector<R: Region, P: CrashPermission>(
        &self,
        region: &Guarded<R, P>,
        readings: &mut Readings,
    ) -> (r: Result<bool, TableError>)
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
        ensures
            r matches Ok(b) ==> {
                &&& self.trustworthy(region@) ==> self.live(region@.volatile) == Some(b)
                &&& self.live(region@.volatile) == Some(b) || damaged_in(
                    region@.medium,
                    self.selector as int,
                    8,
                )
                &&& self.selector_read(
                    region@.volatile.len() as int,
                    old(readings)@,
                    final(readings)@,
                    b,
                )
            },
            r matches Err(e) ==> !(e is Entry) && self.error_is_right(region@, e),
    {
        let mut buf = [0u8;8];
        match region.read(self.selector, &mut buf, readings) {
            Ok(()) => {},
            Err(e) => {
                proof {
                    let (medium, addr) = (region@.medium, self.selector as int);
                    lemma_damaged_part(medium, addr, 8, addr, self.extent());
                }
                return Err(TableError::Io(e));
            },
        }
        let value = get_u64(&buf, 0);
        let ghost written = region@.volatile.subrange(self.selector as int, self.selector + 8);
        proof {
            assert(buf@ =~= buf@.subrange(0, 8));
            if !damaged_in(region@.medium, self.selector as int, 8) {
                let (medium, addr) = (region@.medium, self.selector as int);
                lemma_undamaged_read(medium, region@.volatile, addr, buf@, 0, 8);
                assert(buf@ =~= written);
            }
            lemma_complements();
            if tolerable_at(region@.medium, self.selector as int, 8) && self.live(
                region@.volatile,
            ) is Some && (value == SELECTOR_A || value == SELECTOR_B) {
                let (medium, addr) = (region@.medium, self.selector as int);
                lemma_tolerable_read(medium, region@.volatile, addr, buf@, 0, 8);
                lemma_selector_damage(buf@, written);
            }
            let reading = Reading { addr: self.selector as int, bytes: buf@ };
            assert forall|image: Seq<u8>| image.len() == region@.volatile.len() implies u64_at(
                #[trigger] as_read(image, readings@),
                self.selector as int,
            ) == value && same_outside(
                as_read(image, readings@),
                as_read(image, old(readings)@),
                self.selector as int,
                self.selector + 8,
            ) by {
                lemma_as_read_push(image, old(readings)@, reading);
                assert(as_read(image, readings@).subrange(self.selector as int, self.selector + 8)
                    =~= buf@);
            }
        }
        if value == SELECTOR_A {
            Ok(false)
        } else if value == SELECTOR_B {
            Ok(true)
        } else {
            Err(TableError::Selector)
        }
    }

    /// Reads the entries of a copy.
    fn read_copy<R: Region, P: CrashPermission>(
        &self,
        region: &Guarded<R, P>,
        b: bool,
        readings: &mut Readings,
    ) -> (r: Result<Vec<Payload>, TableError>)
        requires
            region.inv(),
            self.fits(region@.volatile.len() as int),
            self.live(region@.volatile) == Some(b) || damaged_in(
                region@.medium,
                self.selector as int,
                8,
            ),
            self.trustworthy(region@) ==> self.live(region@.volatile) == Some(b),
        ensures
            r matches Ok(entries) ==> entries@.len() == self.len && (self.trustworthy(region@)
                && self.live(region@.volatile) == Some(b) ==> self.holds(
                region@.volatile,
                b,
                entries@,
            )),
            r matches Ok(entries) ==> run_read(
                region@.volatile.len() as int,
                old(readings)@,
                final(readings)@,
                self.copy(b),
                self.id,
                self.tag,
                entries@,
            ),
            r matches Err(e) ==> self.error_is_right(region@, e),
    {
        let addr = self.copy_addr(b);
        match read_run(region, addr, self.id, self.tag, self.len as usize, readings) {
            Ok(entries) => Ok(entries),
            Err(RunError::Corrupt(index)) => {
                let address = addr + 32 * index;
                assert(self.entry_error_is_right(region@, b, index, address));
                Err(TableError::Entry { index, address })
            },
            Err(RunError::Io(e)) => {
                proof {
                    lemma_damaged_part(
                        region@.medium,
                        addr as int,
                        32 * self.len as int,
                        self.selector as int,
                        self.extent(),
                    );
                }
                Err(TableError::Io(e))
            },
        }
    }
}

/// The selector's two values are complements.
proof fn lemma_complements()
    ensures
        SELECTOR_B == !SELECTOR_A,
{
    assert(SELECTOR_B == !SELECTOR_A) by (compute);
}

/// Tolerable damage does not make one of the selector's values of the other.
proof fn lemma_selector_damage(read: Seq<u8>, written: Seq<u8>)
    requires
        read.len() == 8,
        written.len() == 8,
        tolerable_word(read, written),
        u64_from_le(written) == SELECTOR_A || u64_from_le(written) == SELECTOR_B,
        u64_from_le(read) == SELECTOR_A || u64_from_le(read) == SELECTOR_B,
    ensures
        u64_from_le(read) == u64_from_le(written),
{
    lemma_complements();
    lemma_u64_le_of_from_le(read);
    lemma_u64_le_of_from_le(written);
    let x = u64_from_le(read);
    let y = u64_from_le(written);
    if x != y {
        assert(SELECTOR_A == !SELECTOR_B) by (compute);
        assert(x as u8 == !(y as u8) && (x >> 8) as u8 == !((y >> 8) as u8) && (x >> 16) as u8 == !(
        (y >> 16) as u8) && (x >> 24) as u8 == !((y >> 24) as u8) && (x >> 32) as u8 == !((y
            >> 32) as u8) && (x >> 40) as u8 == !((y >> 40) as u8) && (x >> 48) as u8 == !((y
            >> 48) as u8) && (x >> 56) as u8 == !((y >> 56) as u8)) by (bit_vector)
            requires
                x == !y,
        ;
        let i = choose|i: int| 0 <= i < 8 && #[trigger] read[i] != !written[i];
        assert(read[i] == u64_le(x)[i] && written[i] == u64_le(y)[i]);
    }
}

impl Table {
    /// Reads a table. The medium may hold anything.
    pub fn open<R: Region, P: CrashPermission>(
        region: &Guarded<R, P>,
        layout: TableLayout,
        readings: &mut Readings,
        Ghost(sound): Ghost<bool>,
    ) -> (r: Result<Table, TableError>)
        requires
            region.inv(),
            layout.fits(region@.volatile.len() as int),
            sound ==> layout.trustworthy(region@),
        ensures
            r matches Ok(table) ==> {
                &&& table.inv(region@.volatile)
                &&& table.layout() == layout
                &&& table.sound() == sound
                &&& table.nothing_staged()
            },
            r matches Err(e) ==> layout.error_is_right(region@, e),
    {
        let live_b = layout.read_selector(region, readings)?;
        let committed = layout.read_copy(region, live_b, readings)?;
        let len = committed.len();
        let mut staged: Vec<Payload> = Vec::with_capacity(len);
        let mut commits: u64 = 0;
        let mut i: usize = 0;
        while i < len
            invariant
                i <= len == committed@.len(),
                staged@ == committed@.take(i as int),
                commits == last_number(staged@),
            decreases len - i,
        {
            if commits < committed[i].a {
                commits = committed[i].a;
            }
            staged.push(committed[i]);
            assert(staged@.drop_last() =~= committed@.take(i as int));
            i += 1;
            assert(staged@ =~= committed@.take(i as int));
        }
        assert(staged@ =~= committed@);
        let crc_parts = layout.crc_parts(staged.as_slice());
        Ok(
            Table {
                layout,
                live_b,
                next: CommitNumber::new(commits.saturating_add(1)),
                committed,
                staged,
                crc_parts,
                is_changed: vec![false; len],
                changed: Vec::with_capacity(len),
                behind: Vec::with_capacity(len),
                idle_known: false,
                ghost_sound: Ghost(sound),
            },
        )
    }

    /// Reads the selector and the live entries again.
    pub fn check<R: Region, P: CrashPermission>(
        &self,
        region: &Guarded<R, P>,
        readings: &mut Readings,
    ) -> (r: Result<(), TableError>)
        requires
            region.inv(),
            self.wf(),
            self.layout().fits(region@.volatile.len() as int),
        ensures
            r is Ok ==> self.layout().table_read(
                region@.volatile.len() as int,
                old(readings)@,
                final(readings)@,
                self.live_b(),
                self.committed(),
            ),
            r is Err && self.sound() && self.inv(region@.volatile) ==> damaged_in(
                region@.medium,
                self.layout().selector as int,
                self.layout().extent(),
            ),
    {
        proof {
            assert forall|i: int|
                0 <= i < self.layout.len && self.sound() && self.inv(
                    region@.volatile,
                ) implies #[trigger] self.layout.entry_valid(region@.volatile, self.live_b, i) by {
                assert(self.layout.entry_is(region@.volatile, self.live_b, i, self.committed@[i]));
                lemma_decoded_of_codeword(
                    self.layout.id,
                    (self.layout.tag + i) as u64,
                    self.committed@[i],
                );
            }
            if !damaged_in(region@.medium, self.layout.selector as int, self.layout.extent()) {
                self.layout.lemma_undamaged_trustworthy(region@);
                let b = self.live_b;
                assert forall|i: int| 0 <= i < self.layout.len implies !damaged_in(
                    region@.medium,
                    #[trigger] (self.layout.copy(b) + 32 * i),
                    32,
                ) by {
                    assert(!damaged_in(region@.medium, self.layout.entry(b, i), 32));
                }
            }
        }
        let ghost before = readings@;
        let live_b = self.layout.read_selector(region, readings)?;
        let ghost between = readings@;
        if live_b != self.live_b {
            return Err(TableError::Selector);
        }
        let entries = self.layout.read_copy(region, live_b, readings)?;
        let mut i: usize = 0;
        while i < entries.len()
            invariant
                i <= entries@.len() == self.layout.len,
                region.inv(),
                self.wf(),
                self.layout.fits(region@.volatile.len() as int),
                live_b == self.live_b,
                entries@.take(i as int) =~= self.committed@.take(i as int),
                self.layout.trustworthy(region@) && self.layout.live(region@.volatile) == Some(
                    live_b,
                ) ==> self.layout.holds(region@.volatile, live_b, entries@),
            decreases entries@.len() - i,
        {
            let read = entries[i];
            let kept = self.committed[i];
            if !(read.a == kept.a && read.b == kept.b && read.c == kept.c) {
                proof {
                    lemma_decoded_of_codeword(self.layout.id, (self.layout.tag + i) as u64, read);
                    lemma_decoded_of_codeword(self.layout.id, (self.layout.tag + i) as u64, kept);
                    if self.sound() && self.inv(region@.volatile) && !damaged_in(
                        region@.medium,
                        self.layout.selector as int,
                        self.layout.extent(),
                    ) {
                        assert(self.layout.entry_is(
                            region@.volatile,
                            live_b,
                            i as int,
                            entries@[i as int],
                        ));
                        assert(self.layout.entry_is(
                            region@.volatile,
                            live_b,
                            i as int,
                            self.committed@[i as int],
                        ));
                    }
                }
                return Err(
                    TableError::Entry {
                        index: i as u64,
                        address: self.layout.copy_addr(live_b) + 32 * i as u64,
                    },
                );
            }
            i += 1;
        }
        proof {
            assert(entries@ =~= entries@.take(i as int));
            assert(self.committed@ =~= self.committed@.take(i as int));
            self.layout.lemma_table_read(
                region@.volatile.len() as int,
                before,
                between,
                readings@,
                live_b,
                entries@,
            );
        }
        Ok(())
    }
}

} // verus!
