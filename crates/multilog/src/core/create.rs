//! Creating a collection. The magic word is written last, so a crash before leaves nothing that opens.
use super::*;
use pmem::bytes::*;
use pmem::codeword::encode;
#[cfg(verus_only)]
use pmem::{
    codeword::{codeword, lemma_decoded_of_codeword},
    table::number::*,
};

verus! {

/// An image whose first word is zero holds no logs.
proof fn lemma_zero_magic(image: Seq<u8>, other: Seq<u8>, from: int, to: int)
    requires
        same_outside(image, other, from, to),
        8 <= from,
        image.len() >= MIN_LEN,
        u64_at(other, 0) == 0,
    ensures
        u64_at(image, 0) == 0,
        found(image) is Unformatted,
{
    assert(image.subrange(0, 8) =~= other.subrange(0, 8));
    lemma_no_magic(image);
}

/// Writes `bytes` behind the magic word, which is zero.
fn write_unformatted<R: Region>(
    region: &mut Guarded<R, Permission>,
    addr: u64,
    bytes: &[u8],
    Tracked(permission): Tracked<&Permission>,
) -> (r: Result<(), IoError>)
    requires
        old(region).inv(),
        !old(region)@.failed,
        8 <= addr,
        addr + bytes@.len() <= old(region)@.volatile.len(),
        old(region)@.volatile.len() >= MIN_LEN,
        u64_at(old(region)@.durable, 0) == 0,
        permission.allowed().contains(Found::Unformatted),
    ensures
        final(region).inv(),
        final(region)@.medium == old(region)@.medium,
        final(region)@.failed == (r is Err),
        final(region)@.durable.len() == old(region)@.durable.len(),
        u64_at(final(region)@.durable, 0) == 0,
        r is Ok ==> final(region)@.volatile == update_bytes(
            old(region)@.volatile,
            addr as int,
            bytes@,
        ),
{
    let ghost before = region@;
    let ghost to = addr + bytes@.len();
    proof {
        region.lemma_inv();
        assert forall|image: Seq<u8>|
            torn(image, before.durable, addr as int, bytes@) implies #[trigger] permission.permits(
            image,
        ) by {
            lemma_torn_same_outside(image, before.durable, addr as int, bytes@);
            lemma_zero_magic(image, before.durable, addr as int, to);
        }
    }
    let r = Guarded::write(region, addr, bytes, Tracked(permission));
    proof {
        lemma_torn_same_outside(region@.durable, before.durable, addr as int, bytes@);
        lemma_zero_magic(region@.durable, before.durable, addr as int, to);
    }
    r
}

impl Core {
    /// Where the rings go, or why there can be no such collection in `len` bytes.
    fn plan(capacities: &[u64], len: u64) -> (r: Result<Vec<Ring>, CreateError>)
        ensures
            r matches Ok(rings) ==> {
                &&& 0 < capacities@.len() <= MAX_LOGS
                &&& forall|i: int| 0 <= i < capacities@.len() ==> 0 < #[trigger] capacities@[i]
                &&& spec_required_len(capacities@) <= len
                &&& rings@.len() == capacities@.len()
                &&& rings_ok(rings@, len as int)
                &&& forall|i: int|
                    0 <= i < rings@.len() ==> (#[trigger] rings@[i]).capacity == capacities@[i]
            },
            r matches Err(e) ==> match e {
                CreateError::NoLogs => capacities@.len() == 0,
                CreateError::TooManyLogs { logs, max } => logs == capacities@.len() && logs > max
                    && max == MAX_LOGS,
                CreateError::ZeroCapacity { log } => log < capacities@.len()
                    && capacities@[log as int] == 0,
                CreateError::TooLarge => spec_required_len(capacities@) > u64::MAX,
                CreateError::TooSmall { len: l, required } => l == len && required
                    == spec_required_len(capacities@) && len < required,
                _ => false,
            },
    {
        if capacities.is_empty() {
            return Err(CreateError::NoLogs);
        }
        let logs = capacities.len() as u64;
        if logs > MAX_LOGS {
            return Err(CreateError::TooManyLogs { logs, max: MAX_LOGS });
        }
        if let Some(log) = find_zero(capacities) {
            return Err(CreateError::ZeroCapacity { log: log as u64 });
        }
        let rings = match place(capacities) {
            Some(rings) => rings,
            None => return Err(CreateError::TooLarge),
        };
        let last = rings[rings.len() - 1];
        let required = last.start + last.capacity;
        if len < required {
            return Err(CreateError::TooSmall { len, required });
        }
        proof {
            assert forall|i: int| 0 <= i < rings@.len() implies (#[trigger] rings@[i]).fits(
                len as int,
            ) by {
                assert(rings@[i].fits(spec_required_len(capacities@)));
            }
        }
        Ok(rings)
    }

    /// Whether the region's first word is zero.
    fn is_blank<R: Region>(region: &Guarded<R, Permission>) -> (r: Result<bool, IoError>)
        requires
            region.inv(),
            region@.volatile.len() >= MIN_LEN,
        ensures
            r matches Ok(blank) ==> blank == (u64_at(region@.volatile, 0) == 0) || damaged_in(
                region@.medium,
                0,
                8,
            ),
            r is Err ==> damaged_in(region@.medium, 0, 8),
    {
        let mut word = [0u8;8];
        region.get().read(0, &mut word)?;
        proof {
            if !damaged_in(region@.medium, 0, 8) {
                lemma_undamaged_read(region@.medium, region@.volatile, 0, word@, 0, 8);
                assert(word@.subrange(0, 8) =~= region@.volatile.subrange(0, 8));
            }
        }
        Ok(get_u64(&word, 0) == 0)
    }

    /// Writes zero to the first word, and waits until nothing that was there before can be found again.
    fn blank<R: Region>(
        region: &mut Guarded<R, Permission>,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            old(region)@.volatile.len() >= MIN_LEN,
            permission.allowed().contains(found(old(region)@.durable)),
            permission.allowed().contains(Found::Unformatted),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.volatile.len() == old(region)@.volatile.len(),
            r is Ok ==> {
                &&& !final(region)@.failed
                &&& u64_at(final(region)@.durable, 0) == 0
                &&& u64_at(final(region)@.volatile, 0) == 0
            },
            r is Err ==> final(region)@.failed && (final(region)@.durable == old(region)@.durable
                || found(final(region)@.durable) is Unformatted),
            final(region)@.durable.len() == old(region)@.durable.len(),
    {
        let zero = [0u8;8];
        let ghost before = region@;
        proof {
            region.lemma_inv();
            assert forall|image: Seq<u8>|
                torn(image, before.durable, 0, zero@) implies #[trigger] permission.permits(
                image,
            ) by {
                lemma_torn_word(image, before.durable, 0, zero@);
                if image != before.durable {
                    lemma_zero_word(image, before.durable, zero@);
                }
            }
        }
        let r = Guarded::write(region, 0, &zero, Tracked(permission));
        proof {
            lemma_torn_word(region@.durable, before.durable, 0, zero@);
            lemma_zero_word(update_bytes(before.durable, 0, zero@), before.durable, zero@);
            if r is Ok {
                lemma_zero_word(region@.volatile, before.volatile, zero@);
            }
        }
        r?;
        Guarded::flush(region)
    }

    /// See the gate.
    pub(crate) fn create<R: Region>(
        region: &mut Guarded<R, Permission>,
        capacities: &[u64],
        id: RegionId,
        overwrite: bool,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<Core, CreateError>)
        requires
            old(region).inv(),
            create_allowed(old(region)@, capacities@, overwrite) ==> {
                &&& permission.allowed().contains(found(old(region)@.durable))
                &&& permission.allowed().contains(Found::Unformatted)
                &&& permission.allowed().contains(Found::Logs(State::new(id, capacities@)))
            },
        ensures
            final(region).inv(),
            r matches Ok(core) ==> {
                let state = State::new(id, capacities@);
                &&& final(region)@.medium == old(region)@.medium
                &&& !final(region)@.failed
                &&& create_allowed(old(region)@, capacities@, overwrite)
                &&& core.inv(
                    final(region)@,
                    MultiLogView::fresh(state, true, core.rings(), final(region)@.medium),
                )
                &&& recover(final(region)@.durable) == Some(state)
            },
            r matches Err(e) ==> create_refused_post(
                old(region)@,
                final(region)@,
                capacities@,
                id,
                overwrite,
                e,
            ),
    {
        let len = region.get().len();
        let rings = Self::plan(capacities, len)?;
        proof {
            region.lemma_inv();
            lemma_table_layout(id, rings@.len() as int, len as int);
        }
        if !overwrite {
            match Self::is_blank(region) {
                Ok(true) => {},
                Ok(false) => return Err(CreateError::NotEmpty),
                Err(e) => return Err(CreateError::Io(e)),
            }
        }
        match Self::blank(region, Tracked(permission)) {
            Ok(()) => {},
            Err(e) => return Err(CreateError::Io(e)),
        }
        match Self::write_metadata(region, rings, id, Tracked(permission)) {
            Ok(core) => {
                proof {
                    lemma_last_number_at_most(core.table.committed(), 0);
                    assert(core.committed_state(region@.volatile) =~= State::new(id, capacities@))
                        by {
                        assert forall|i: int| 0 <= i < capacities@.len() implies #[trigger] log_of(
                            region@.volatile,
                            core.rings@[i],
                            core.table.committed()[i],
                        ) == State::new(id, capacities@).logs[i] by {
                            assert(log_of(
                                region@.volatile,
                                core.rings@[i],
                                core.table.committed()[i],
                            ) =~= State::new(id, capacities@).logs[i]);
                        }
                    }
                }
                match Self::write_magic(
                    region,
                    Ghost(core),
                    Ghost(State::new(id, capacities@)),
                    Tracked(permission),
                ) {
                    Ok(()) => Ok(core),
                    Err(e) => Err(CreateError::Io(e)),
                }
            },
            Err(e) => {
                proof {
                    lemma_no_magic(region@.durable);
                }
                Err(CreateError::Io(e))
            },
        }
    }

    /// What is written of a new collection, but for the magic word, is a collection once that is there.
    closed spec fn awaits_magic(&self, image: Seq<u8>) -> bool {
        let logs = self.rings@.len() as int;
        let first = codeword(self.id, HEADER_TAG, header(logs, image.len() as int));
        &&& self.wf(image.len() as int)
        &&& self.table.inv(image)
        &&& self.cursors_right(image)
        &&& self.table.sound()
        &&& !self.failed
        &&& self.table.staged() == self.table.committed()
        &&& image.subrange(8, 32) == first.subrange(8, 32)
        &&& line(image, ID_ADDR as int) == codeword(NO_ID, ID_TAG, id_payload(self.id))
        &&& run_holds(image, DIRECTORY_ADDR as int, self.id, DIRECTORY_TAG, directory(self.rings@))
    }

    /// Writes all metadata but the magic word, and waits until it is durable.
    fn write_metadata<R: Region>(
        region: &mut Guarded<R, Permission>,
        rings: Vec<Ring>,
        id: RegionId,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<Core, IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            u64_at(old(region)@.durable, 0) == 0,
            permission.allowed().contains(Found::Unformatted),
            rings_ok(rings@, old(region)@.volatile.len() as int),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            r matches Ok(core) ==> {
                &&& !final(region)@.failed
                &&& final(region)@.durable == final(region)@.volatile
                &&& final(region)@.volatile.len() == old(region)@.volatile.len()
                &&& core.awaits_magic(final(region)@.volatile)
                &&& core.id == id
                &&& core.rings == rings
                &&& core.table.committed() == Seq::new(
                    rings@.len(),
                    |i: int| Payload { a: 0, b: 0, c: 0 },
                )
            },
            u64_at(final(region)@.durable, 0) == 0,
            final(region)@.durable.len() == old(region)@.durable.len(),
            r is Err ==> final(region)@.failed,
    {
        let logs = rings.len() as u64;
        let layout = table_layout(id, logs);
        let region_len = region.get().len();
        let ghost len = region@.volatile.len() as int;
        let ghost durable = region@.durable;
        proof {
            region.lemma_inv();
            lemma_table_layout(id, logs as int, len);
            assert forall|image: Seq<u8>|
                same_outside(
                    image,
                    durable,
                    layout.selector as int,
                    layout.copy_end(true),
                ) implies #[trigger] permission.permits(image) by {
                lemma_zero_magic(image, durable, layout.selector as int, layout.copy_end(true));
            }
        }
        let table = Table::format(region, layout, Tracked(permission));
        let directory = Self::directory_payloads(rings.as_slice());
        let ghost formatted = region@;
        let ghost directory_end = DIRECTORY_ADDR + 32 * logs;
        proof {
            region.lemma_inv();
            lemma_zero_magic(
                formatted.durable,
                durable,
                layout.selector as int,
                layout.copy_end(true),
            );
            assert forall|image: Seq<u8>|
                same_outside(
                    image,
                    formatted.durable,
                    DIRECTORY_ADDR as int,
                    directory_end,
                ) implies #[trigger] permission.permits(image) by {
                lemma_zero_magic(image, formatted.durable, DIRECTORY_ADDR as int, directory_end);
            }
        }
        let table = table?;
        let written = write_run(
            region,
            DIRECTORY_ADDR,
            id,
            DIRECTORY_TAG,
            directory.as_slice(),
            Tracked(permission),
        );
        let ghost listed = region@;
        proof {
            region.lemma_inv();
            lemma_zero_magic(
                listed.durable,
                formatted.durable,
                DIRECTORY_ADDR as int,
                directory_end,
            );
        }
        written?;
        let second = encode(NO_ID, ID_TAG, Payload { a: id.lo, b: id.hi, c: 0 });
        write_unformatted(region, ID_ADDR, &second, Tracked(permission))?;
        let ghost named = region@;
        let first = encode(
            id,
            HEADER_TAG,
            Payload { a: MAGIC, b: VERSION + logs * 0x1_0000_0000, c: region_len },
        );
        write_unformatted(
            region,
            8,
            vstd::slice::slice_subrange(&first, 8, 32),
            Tracked(permission),
        )?;
        Guarded::flush(region)?;
        let cursors = Core::first_cursors(rings.as_slice(), Ghost(region_len as int));
        let scratch = Vec::new();
        let prefix = Prefix::of(id, 0);
        let core = Core { id, rings, cursors, scratch, prefix, table, failed: false };
        proof {
            let image = region@.volatile;
            lemma_run_same(
                image,
                listed.volatile,
                DIRECTORY_ADDR as int,
                id,
                DIRECTORY_TAG,
                directory@,
            );
            core.table.lemma_inv(formatted.volatile);
            core.table.lemma_inv_frame(formatted.volatile, image);
            core.table.lemma_wf();
            assert(line(image, ID_ADDR as int) =~= second@);
            let whole = codeword(id, HEADER_TAG, header(logs as int, len));
            assert(whole == first@);
            assert(image.subrange(8, 32) =~= whole.subrange(8, 32));
        }
        Ok(core)
    }

    /// What the directory holds.
    fn directory_payloads(rings: &[Ring]) -> (r: Vec<Payload>)
        ensures
            r@ == directory(rings@),
    {
        let mut payloads: Vec<Payload> = Vec::with_capacity(rings.len());
        let mut i: usize = 0;
        while i < rings.len()
            invariant
                i <= rings@.len(),
                payloads@ == directory(rings@.take(i as int)),
            decreases rings@.len() - i,
        {
            payloads.push(Payload { a: rings[i].start, b: rings[i].capacity, c: 0 });
            i += 1;
            assert(payloads@ =~= directory(rings@.take(i as int)));
        }
        assert(rings@.take(i as int) =~= rings@);
        payloads
    }

    /// Writes the magic word, which makes the collection, and waits until it is durable.
    fn write_magic<R: Region>(
        region: &mut Guarded<R, Permission>,
        Ghost(core): Ghost<Core>,
        Ghost(state): Ghost<State>,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            old(region)@.durable == old(region)@.volatile,
            u64_at(old(region)@.durable, 0) == 0,
            core.awaits_magic(old(region)@.volatile),
            core.committed_state(old(region)@.volatile) == state,
            permission.allowed().contains(Found::Unformatted),
            permission.allowed().contains(Found::Logs(state)),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            r is Ok ==> {
                &&& !final(region)@.failed
                &&& core.inv(
                    final(region)@,
                    MultiLogView::fresh(state, true, core.rings(), final(region)@.medium),
                )
                &&& recover(final(region)@.durable) == Some(state)
            },
            r is Err ==> final(region)@.failed,
            final(region)@.durable.len() == old(region)@.durable.len(),
            found(final(region)@.durable) is Unformatted || recover(final(region)@.durable) == Some(
                state,
            ),
    {
        let mut word = [0u8;8];
        put_u64(&mut word, 0, MAGIC);
        let ghost before = region@;
        let ghost image = update_bytes(before.volatile, 0, word@);
        proof {
            region.lemma_inv();
            assert(word@ =~= word@.subrange(0, 8));
            core.lemma_magic(before.volatile, word@);
            lemma_no_magic(before.durable);
            assert forall|s: Seq<u8>|
                torn(s, before.durable, 0, word@) implies #[trigger] permission.permits(s) by {
                lemma_torn_word(s, before.durable, 0, word@);
            }
        }
        let r = Guarded::write(region, 0, &word, Tracked(permission));
        proof {
            lemma_torn_word(region@.durable, before.durable, 0, word@);
        }
        r?;
        Guarded::flush(region)
    }

    /// With the magic word, the collection is there.
    proof fn lemma_magic(&self, image: Seq<u8>, word: Seq<u8>)
        requires
            self.awaits_magic(image),
            word == u64_le(MAGIC),
        ensures
            ({
                let whole = update_bytes(image, 0, word);
                &&& holds(whole, self.contents())
                &&& self.table.inv(whole)
                &&& self.cursors_right(whole)
                &&& self.committed_state(whole) == self.committed_state(image)
                &&& recover(whole) == Some(self.committed_state(image))
                &&& self.wf(whole.len() as int)
            }),
    {
        let whole = update_bytes(image, 0, word);
        let logs = self.rings@.len() as int;
        let first = codeword(self.id, HEADER_TAG, header(logs, image.len() as int));
        lemma_table_layout(self.id, logs, image.len() as int);
        lemma_decoded_of_codeword(self.id, HEADER_TAG, header(logs, image.len() as int));
        assert(first.subrange(0, 8) =~= u64_le(MAGIC));
        assert(line(whole, 0) =~= first) by {
            assert forall|i: int| 0 <= i < 32 implies line(whole, 0)[i] == #[trigger] first[i] by {
                if i < 8 {
                    assert(first[i] == first.subrange(0, 8)[i]);
                } else {
                    assert(whole[i] == image[i]);
                    assert(image.subrange(8, 32)[i - 8] == first.subrange(8, 32)[i - 8]);
                }
            }
        }
        assert(line(whole, ID_ADDR as int) =~= line(image, ID_ADDR as int));
        lemma_run_same(
            whole,
            image,
            DIRECTORY_ADDR as int,
            self.id,
            DIRECTORY_TAG,
            directory(self.rings@),
        );
        self.table.lemma_inv(image);
        self.table.lemma_inv_frame(image, whole);
        self.table.lemma_inv(whole);
        self.lemma_cursors_same(whole, image);
        lemma_state_same(whole, image, self.id, self.rings@, self.table.committed());
        lemma_recover(whole, self.contents());
    }
}

/// Eight zero bytes are the integer zero.
proof fn lemma_zero_word(image: Seq<u8>, before: Seq<u8>, zero: Seq<u8>)
    requires
        before.len() >= MIN_LEN,
        zero.len() == 8,
        forall|i: int| 0 <= i < 8 ==> zero[i] == 0,
        image == update_bytes(before, 0, zero),
    ensures
        u64_at(image, 0) == 0,
        found(image) is Unformatted,
{
    let word = image.subrange(0, 8);
    assert forall|i: int| 0 <= i < 8 implies word[i] == 0 by {}
    let x = u64_at(image, 0);
    assert(0u64 | 0u64 << 8 | 0u64 << 16 | 0u64 << 24 | 0u64 << 32 | 0u64 << 40 | 0u64 << 48 | 0u64
        << 56 == 0) by (bit_vector);
    assert(x == 0);
    lemma_no_magic(image);
}

} // verus!
