//! Writing entries and whole copies.
use super::*;
use crate::trusted::guarded::*;

verus! {

impl TableLayout {
    /// A write of `count` entries leaves the other lines of both copies, and the selector, alone.
    proof fn lemma_write_frame(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        b: bool,
        first: int,
        count: int,
        bytes: Seq<u8>,
    )
        requires
            self.fits(t.len() as int),
            0 <= first <= first + count <= self.len,
            s == update_bytes(t, self.entry(b, first), bytes),
            bytes.len() == 32 * count,
        ensures
            self.same_but_copy(s, t, b),
            forall|i: int|
                #![trigger self.entry(b, i)]
                0 <= i < self.len ==> line(s, self.entry(b, i)) == if first <= i < first + count {
                    bytes.subrange(32 * (i - first), 32 * (i - first) + 32)
                } else {
                    line(t, self.entry(b, i))
                },
    {
        assert forall|i: int| #![trigger self.entry(b, i)] 0 <= i < self.len implies line(
            s,
            self.entry(b, i),
        ) == if first <= i < first + count {
            bytes.subrange(32 * (i - first), 32 * (i - first) + 32)
        } else {
            line(t, self.entry(b, i))
        } by {
            if first <= i < first + count {
                assert(line(s, self.entry(b, i)) =~= bytes.subrange(
                    32 * (i - first),
                    32 * (i - first) + 32,
                ));
            } else {
                assert(line(s, self.entry(b, i)) =~= line(t, self.entry(b, i)));
            }
        }
    }

    /// The other copy, and the selector, keep what they hold while a copy is written.
    pub proof fn lemma_same_but_copy(self, s: Seq<u8>, t: Seq<u8>, b: bool)
        requires
            self.fits(t.len() as int),
            self.same_but_copy(s, t, b),
        ensures
            self.live(s) == self.live(t),
            forall|c: bool, i: int|
                #![trigger self.entry(c, i)]
                c != b && 0 <= i < self.len ==> line(s, self.entry(c, i)) == line(
                    t,
                    self.entry(c, i),
                ),
    {
        lemma_subrange_same(
            s,
            t,
            self.copy(b),
            self.copy_end(b),
            self.selector as int,
            self.selector + 8,
        );
        assert forall|c: bool, i: int|
            #![trigger self.entry(c, i)]
            c != b && 0 <= i < self.len implies line(s, self.entry(c, i)) == line(
            t,
            self.entry(c, i),
        ) by {
            let a = self.entry(c, i);
            lemma_subrange_same(s, t, self.copy(b), self.copy_end(b), a, a + 32);
        }
    }

    /// The address of a copy.
    #[inline(always)]
    pub fn copy_addr(&self, b: bool) -> (r: u64)
        ensures
            r == self.copy(b),
    {
        if b {
            self.copy_b
        } else {
            self.copy_a
        }
    }

    /// See [`Table::crc_parts_right`].
    pub(super) fn crc_parts(&self, entries: &[Payload]) -> (r: Vec<u64>)
        requires
            self.tag + entries@.len() <= u64::MAX,
        ensures
            r@.len() == entries@.len(),
            forall|i: int|
                0 <= i < r@.len() ==> #[trigger] r@[i] == crc_part(
                    self.id,
                    (self.tag + i) as u64,
                    entries@[i].b,
                    entries@[i].c,
                ),
    {
        let mut parts: Vec<u64> = Vec::with_capacity(entries.len());
        while parts.len() < entries.len()
            invariant
                parts@.len() <= entries@.len(),
                self.tag + entries@.len() <= u64::MAX,
                forall|i: int|
                    0 <= i < parts@.len() ==> #[trigger] parts@[i] == crc_part(
                        self.id,
                        (self.tag + i) as u64,
                        entries@[i].b,
                        entries@[i].c,
                    ),
            decreases entries@.len() - parts@.len(),
        {
            let i = parts.len();
            parts.push(crc_part_of(self.id, self.tag + i as u64, entries[i].b, entries[i].c));
        }
        parts
    }

    /// Writes the bytes of `count` entries of a copy.
    #[inline(always)]
    pub(super) fn write_entries<R: Region, P: CrashPermission>(
        &self,
        region: &mut Guarded<R, P>,
        b: bool,
        first: u32,
        Ghost(count): Ghost<int>,
        bytes: &[u8],
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            self.fits(old(region)@.volatile.len() as int),
            first <= first + count <= self.len,
            bytes@.len() == 32 * count,
            forall|image: Seq<u8>|
                self.same_but_copy(image, old(region)@.durable, b)
                    ==> #[trigger] permission.permits(image),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            self.same_but_copy(final(region)@.durable, old(region)@.durable, b),
            self.same_but_copy(final(region)@.volatile, old(region)@.volatile, b),
            r is Ok ==> forall|i: int|
                #![trigger self.entry(b, i)]
                0 <= i < self.len ==> line(final(region)@.volatile, self.entry(b, i)) == if first
                    <= i < first + count {
                    bytes@.subrange(32 * (i - first), 32 * (i - first) + 32)
                } else {
                    line(old(region)@.volatile, self.entry(b, i))
                },
    {
        let addr = self.copy_addr(b) + 32 * first as u64;
        let ghost before = region@;
        proof {
            region.lemma_inv();
            assert forall|image: Seq<u8>|
                torn(
                    image,
                    before.durable,
                    addr as int,
                    bytes@,
                ) implies #[trigger] permission.permits(image) by {
                lemma_torn_same_outside(image, before.durable, addr as int, bytes@);
                assert(self.same_but_copy(image, before.durable, b));
            }
        }
        let r = region.write(addr, bytes, Tracked(permission));
        proof {
            lemma_torn_same_outside(region@.durable, before.durable, addr as int, bytes@);
            if r is Ok {
                self.lemma_write_frame(
                    region@.volatile,
                    before.volatile,
                    b,
                    first as int,
                    count,
                    bytes@,
                );
            } else {
                lemma_torn_same_outside(region@.volatile, before.volatile, addr as int, bytes@);
            }
        }
        r
    }

    /// Writes the selector.
    pub(super) fn write_selector<R: Region, P: CrashPermission>(
        &self,
        region: &mut Guarded<R, P>,
        b: bool,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            self.fits(old(region)@.volatile.len() as int),
            permission.permits(old(region)@.durable),
            permission.permits(self.with_selector(old(region)@.durable, b)),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            final(region)@.durable == old(region)@.durable || final(region)@.durable
                == self.with_selector(old(region)@.durable, b),
            final(region)@.volatile == old(region)@.volatile || final(region)@.volatile
                == self.with_selector(old(region)@.volatile, b),
            r is Ok ==> final(region)@.volatile == self.with_selector(old(region)@.volatile, b),
    {
        let mut buf = [0u8;8];
        let value = if b {
            SELECTOR_B
        } else {
            SELECTOR_A
        };
        put_u64(&mut buf, 0, value);
        let ghost before = region@;
        proof {
            region.lemma_inv();
            assert(buf@ =~= buf@.subrange(0, 8));
            assert forall|image: Seq<u8>|
                torn(
                    image,
                    before.durable,
                    self.selector as int,
                    buf@,
                ) implies #[trigger] permission.permits(image) by {
                lemma_torn_word(image, before.durable, self.selector as int, buf@);
            }
        }
        let r = region.write(self.selector, &buf, Tracked(permission));
        proof {
            lemma_torn_word(region@.durable, before.durable, self.selector as int, buf@);
            if r is Err {
                lemma_torn_word(region@.volatile, before.volatile, self.selector as int, buf@);
            }
        }
        r
    }

    /// The image with another selector.
    pub open spec fn with_selector(self, image: Seq<u8>, b: bool) -> Seq<u8> {
        update_bytes(
            image,
            self.selector as int,
            u64_le(
                if b {
                    SELECTOR_B
                } else {
                    SELECTOR_A
                },
            ),
        )
    }

    /// Storing the selector makes a copy live and changes nothing else.
    pub proof fn lemma_with_selector(self, image: Seq<u8>, b: bool)
        requires
            self.fits(image.len() as int),
        ensures
            self.live(self.with_selector(image, b)) == Some(b),
            same_outside(
                self.with_selector(image, b),
                image,
                self.selector as int,
                self.selector + 8,
            ),
            forall|c: bool, i: int|
                #![trigger self.entry(c, i)]
                0 <= i < self.len ==> line(self.with_selector(image, b), self.entry(c, i)) == line(
                    image,
                    self.entry(c, i),
                ),
            forall|c: bool, entries: Seq<Payload>|
                self.holds(image, c, entries) ==> #[trigger] self.holds(
                    self.with_selector(image, b),
                    c,
                    entries,
                ),
    {
        broadcast use lemma_u64_from_le_of_le;

        let s = self.with_selector(image, b);
        let value = if b {
            SELECTOR_B
        } else {
            SELECTOR_A
        };
        assert(u64_le(value).len() == 8);
        assert(s.subrange(self.selector as int, self.selector + 8) =~= u64_le(value));
        assert(u64_at(s, self.selector as int) == value);
        assert forall|c: bool, i: int| #![trigger self.entry(c, i)] 0 <= i < self.len implies line(
            s,
            self.entry(c, i),
        ) == line(image, self.entry(c, i)) by {
            lemma_subrange_same(
                s,
                image,
                self.selector as int,
                self.selector + 8,
                self.entry(c, i),
                self.entry(c, i) + 32,
            );
        }
        assert forall|c: bool, entries: Seq<Payload>|
            self.holds(image, c, entries) implies #[trigger] self.holds(s, c, entries) by {
            lemma_run_same(s, image, self.copy(c), self.id, self.tag, entries);
        }
    }
}

impl Table {
    /// Writes a new table to the medium: both copies hold `entry` everywhere, and A is live.
    ///
    /// It flushes nothing. After an error the region has failed.
    pub fn format<R: Region, P: CrashPermission>(
        region: &mut Guarded<R, P>,
        layout: TableLayout,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<Table, IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            layout.fits(old(region)@.volatile.len() as int),
            forall|image: Seq<u8>|
                same_outside(
                    image,
                    old(region)@.durable,
                    layout.selector as int,
                    layout.copy_end(true),
                ) ==> #[trigger] permission.permits(image),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            same_outside(
                final(region)@.durable,
                old(region)@.durable,
                layout.selector as int,
                layout.copy_end(true),
            ),
            same_outside(
                final(region)@.volatile,
                old(region)@.volatile,
                layout.selector as int,
                layout.copy_end(true),
            ),
            r matches Ok(table) ==> {
                &&& table.inv(final(region)@.volatile)
                &&& table.layout() == layout
                &&& table.sound()
                &&& table.nothing_staged()
                &&& table.committed() == Seq::new(
                    layout.len as nat,
                    |i: int| Payload { a: 0, b: 0, c: 0 },
                )
            },
    {
        let len = layout.len as usize;
        let zero = Payload { a: 0, b: 0, c: 0 };
        let committed: Vec<Payload> = vec![zero; len];
        let staged: Vec<Payload> = vec![zero; len];
        let crc_parts = layout.crc_parts(staged.as_slice());
        let ghost before = region@;
        assert(committed@ =~= Seq::new(len as nat, |i: int| zero));
        assert(staged@ =~= committed@);
        proof {
            lemma_last_number_at_most(committed@, 0);
        }
        write_run(
            region,
            layout.copy_b,
            layout.id,
            layout.tag,
            committed.as_slice(),
            Tracked(permission),
        )?;
        let ghost b_written = region@.volatile;
        write_run(
            region,
            layout.copy_a,
            layout.id,
            layout.tag,
            committed.as_slice(),
            Tracked(permission),
        )?;
        let ghost written = region@.volatile;
        proof {
            region.lemma_inv();
            layout.lemma_same_but_copy(written, b_written, false);
            layout.lemma_with_selector(written, false);
            layout.lemma_with_selector(region@.durable, false);
        }
        layout.write_selector(region, false, Tracked(permission))?;
        let table = Table {
            layout,
            live_b: false,
            next: CommitNumber::new(1),
            committed,
            staged,
            crc_parts,
            is_changed: vec![false; len],
            changed: Vec::with_capacity(len),
            behind: Vec::with_capacity(len),
            idle_known: true,
            ghost_sound: Ghost(true),
        };
        proof {
            lemma_run_same(
                written,
                b_written,
                layout.copy(true),
                layout.id,
                layout.tag,
                committed@,
            );
            assert(layout.holds(written, false, committed@) && layout.holds(
                written,
                true,
                committed@,
            ));
            assert(layout.holds(region@.volatile, false, committed@) && layout.holds(
                region@.volatile,
                true,
                committed@,
            ));
        }
        Ok(table)
    }
}

} // verus!
