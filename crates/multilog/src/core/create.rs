//! Creating a collection: where it goes, and whether anything is there.
use super::*;
use pmem::bytes::*;
#[cfg(verus_only)]
use pmem::trusted::bytes::u64_at;

verus! {

impl Core {
    /// Where the rings go, or why there can be no such collection in `len` bytes.
    fn plan(capacities: &[u64], asked: u64, len: u64) -> (r: Result<Vec<Ring>, CreateError>)
        ensures
            r matches Ok(rings) ==> {
                &&& 0 < capacities@.len() <= MAX_LOGS
                &&& forall|i: int| 0 <= i < capacities@.len() ==> 0 < #[trigger] capacities@[i]
                &&& spec_required_len(capacities@, asked as int) <= len
                &&& rings@.len() == capacities@.len()
                &&& rings_ok(rings@, spec_lines(rings@.len() as int, asked as int), len as int)
                &&& forall|i: int|
                    0 <= i < rings@.len() ==> (#[trigger] rings@[i]).capacity == capacities@[i]
            },
            r matches Err(e) ==> match e {
                CreateError::NoLogs => capacities@.len() == 0,
                CreateError::TooManyLogs { logs, max } => logs == capacities@.len() && logs > max
                    && max == MAX_LOGS,
                CreateError::ZeroCapacity { log } => log < capacities@.len()
                    && capacities@[log as int] == 0,
                CreateError::TooLarge => spec_required_len(capacities@, asked as int) > u64::MAX,
                CreateError::TooSmall { len: l, required } => l == len && required
                    == spec_required_len(capacities@, asked as int) && len < required,
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
        let rings = match place(capacities, asked) {
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
                assert(rings@[i].fits(spec_required_len(capacities@, asked as int)));
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

    /// Behind [`MultiLog::create_with_journal`](crate::MultiLog::create_with_journal).
    pub(crate) fn create<R: Region>(
        region: &mut Guarded<R, Permission>,
        capacities: &[u64],
        asked: u64,
        id: RegionId,
        overwrite: bool,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<Core, CreateError>)
        requires
            old(region).inv(),
            create_allowed(old(region)@, capacities@, asked as int, overwrite) ==> {
                &&& permission.allowed().contains(found(old(region)@.durable))
                &&& permission.allowed().contains(Found::Unformatted)
                &&& permission.allowed().contains(
                    Found::Logs(new_state(id, capacities@, asked as int)),
                )
            },
        ensures
            final(region).inv(),
            r matches Ok(core) ==> {
                let state = new_state(id, capacities@, asked as int);
                &&& final(region)@.medium == old(region)@.medium
                &&& !final(region)@.failed
                &&& create_allowed(old(region)@, capacities@, asked as int, overwrite)
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
                asked as int,
                id,
                overwrite,
                e,
            ),
    {
        let len = region.get().len();
        let rings = Self::plan(capacities, asked, len)?;
        let lines = journal_lines(rings.len() as u64, asked);
        proof {
            region.lemma_inv();
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
        match Self::write_metadata(region, rings, lines, id, Tracked(permission)) {
            Ok(core) => {
                let ghost state = new_state(id, capacities@, asked as int);
                proof {
                    assert(core.committed_state(region@.volatile) =~= state) by {
                        assert forall|i: int| 0 <= i < capacities@.len() implies #[trigger] log_of(
                            region@.volatile,
                            core.rings@[i],
                            core.entries.committed()[i],
                        ) == state.logs[i] by {
                            let entry = core.entries.committed()[i];
                            assert(log_of(region@.volatile, core.rings@[i], entry)
                                =~= state.logs[i]);
                        }
                    }
                }
                match Self::write_magic(region, Ghost(core), Ghost(state), Tracked(permission)) {
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
