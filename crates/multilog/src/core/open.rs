//! Opening a region that may hold anything.
#[cfg(verus_only)]
use super::superblock::*;
use super::*;
#[cfg(verus_only)]
use pmem::{bytes::*, codeword::*, readings::*};

verus! {

/// The contents of a region that holds logs; anything, if it holds none.
pub(super) open spec fn contents_of(image: Seq<u8>) -> Contents {
    choose|c: Contents| #[trigger] holds(image, c)
}

/// Damage among the first 64 bytes is damage.
pub(super) proof fn lemma_damaged_somewhere(medium: Medium)
    ensures
        forall|addr: int, len: int| #[trigger]
            damaged_in(medium, addr, len) ==> medium.damaged != Set::<int>::empty(),
{
    assert forall|addr: int, len: int| #[trigger]
        damaged_in(medium, addr, len) implies medium.damaged != Set::<int>::empty() by {
        lemma_damaged_not_empty(medium, addr, len);
    }
}

/// Where what `open` returns can be relied on, so can what is read of the directory.
proof fn lemma_directory_trustworthy(region: RegionView, id: RegionId, logs: int)
    requires
        superblock_read(region, id, logs),
        open_sound(region),
    ensures
        run_trustworthy(region, DIRECTORY_ADDR as int, id, DIRECTORY_TAG, logs),
{
    let (image, addr) = (region.volatile, DIRECTORY_ADDR as int);
    if recover(image) is Some {
        let c = contents_of(image);
        lemma_superblock_unique(region, id, logs, c);
        lemma_table_layout(id, logs, image.len() as int);
        lemma_run_holds(image, addr, c.id, DIRECTORY_TAG, directory(c.rings));
        assert forall|i: int| 0 <= i < logs implies #[trigger] codeword_trustworthy(
            region,
            addr,
            id,
            DIRECTORY_TAG,
            i,
        ) by {
            assert(tolerable_at(region.medium, addr + 32 * i, 32));
            assert(codeword_valid(image, addr, id, DIRECTORY_TAG, i));
        }
    } else if found(image) is Unformatted {
        lemma_not_unformatted(region, id, logs);
    } else {
        lemma_undamaged(region.medium);
    }
}

/// Where what `open` returns can be relied on, so can what is read of the table. It is a valid one, if there are logs.
proof fn lemma_table_trustworthy(region: RegionView, id: RegionId, logs: int, layout: TableLayout)
    requires
        superblock_read(region, id, logs),
        open_sound(region),
        layout == spec_table_layout(id, logs),
        region.volatile.len() <= u64::MAX,
    ensures
        layout.trustworthy(region),
        recover(region.volatile) is Some ==> layout.valid(region.volatile),
{
    let image = region.volatile;
    if recover(image) is Some {
        let c = contents_of(image);
        let copy = layout.copy(c.live_b);
        lemma_superblock_unique(region, id, logs, c);
        lemma_table_layout(id, logs, image.len() as int);
        lemma_run_holds(image, copy, id, layout.tag, c.entries);
        assert forall|i: int| 0 <= i < logs implies #[trigger] codeword_trustworthy(
            region,
            copy,
            id,
            layout.tag,
            i,
        ) && layout.entry_valid(image, c.live_b, i) by {
            assert(tolerable_at(region.medium, copy + 32 * i, 32));
            assert(codeword_valid(image, copy, id, layout.tag, i));
        }
        assert forall|i: int| 0 <= i < logs implies #[trigger] layout.entry_valid(
            image,
            c.live_b,
            i,
        ) by {
            assert(codeword_trustworthy(region, copy, id, layout.tag, i));
        }
    } else if found(image) is Unformatted {
        lemma_not_unformatted(region, id, logs);
    } else {
        lemma_undamaged(region.medium);
        lemma_table_layout(id, logs, image.len() as int);
        layout.lemma_undamaged_trustworthy(region);
    }
}

impl Core {
    /// Reads the directory.
    pub(super) fn read_directory<R: Region>(
        region: &Guarded<R, Permission>,
        id: RegionId,
        logs: u64,
        readings: &mut Readings,
    ) -> (r: Result<Vec<Ring>, OpenError>)
        requires
            region.inv(),
            superblock_read(region@, id, logs as int),
        ensures
            r matches Ok(rings) ==> {
                &&& rings@.len() == logs
                &&& rings_ok(rings@, region@.volatile.len() as int)
                &&& open_sound(region@) ==> run_holds(
                    region@.volatile,
                    DIRECTORY_ADDR as int,
                    id,
                    DIRECTORY_TAG,
                    directory(rings@),
                )
                &&& run_read(
                    region@.volatile.len() as int,
                    old(readings)@,
                    final(readings)@,
                    DIRECTORY_ADDR as int,
                    id,
                    DIRECTORY_TAG,
                    directory(rings@),
                )
            },
            r is Err && recover(region@.volatile) is Some ==> metadata_damaged(region@),
            r matches Err(e) ==> open_refused(region@, e),
            r matches Err(OpenError::Io(_)) ==> metadata_damaged(region@),
    {
        let ghost view = region@;
        let ghost c = contents_of(view.volatile);
        let len = region.get().len();
        proof {
            region.lemma_inv();
            lemma_table_layout(id, logs as int, len as int);
            if found(view.volatile) is Unformatted {
                lemma_not_unformatted(view, id, logs as int);
            }
            if recover(view.volatile) is Some {
                lemma_run_holds(
                    view.volatile,
                    DIRECTORY_ADDR as int,
                    c.id,
                    DIRECTORY_TAG,
                    directory(c.rings),
                );
                if open_sound(view) {
                    lemma_superblock_unique(view, id, logs as int, c);
                }
            }
            if open_sound(view) {
                lemma_directory_trustworthy(view, id, logs as int);
            }
        }
        let payloads = match read_run(
            region,
            DIRECTORY_ADDR,
            id,
            DIRECTORY_TAG,
            logs as usize,
            readings,
        ) {
            Ok(payloads) => payloads,
            Err(RunError::Corrupt(log)) => {
                proof {
                    let (addr, i) = (DIRECTORY_ADDR as int, log as int);
                    if recover(view.volatile) is Some {
                        if open_sound(view) {
                            assert(codeword_valid(view.volatile, addr, id, DIRECTORY_TAG, i));
                            lemma_metadata_damaged(view, id, logs as int, addr + 32 * i, 32);
                        } else {
                            lemma_unsound_is_damaged(view);
                        }
                    }
                }
                return Err(
                    OpenError::Corrupt(
                        Corruption {
                            part: Part::Directory { log },
                            address: DIRECTORY_ADDR + 32 * log,
                        },
                    ),
                );
            },
            Err(RunError::Io(e)) => {
                proof {
                    let addr = DIRECTORY_ADDR as int;
                    lemma_metadata_damaged(view, id, logs as int, addr, 32 * logs as int);
                }
                return Err(OpenError::Io(e));
            },
        };
        proof {
            if open_sound(view) {
                lemma_run_holds(view.volatile, DIRECTORY_ADDR as int, id, DIRECTORY_TAG, payloads@);
            }
        }
        let mut rings: Vec<Ring> = Vec::with_capacity(payloads.len());
        let mut floor = data_start(logs);
        while rings.len() < payloads.len()
            invariant
                rings@.len() <= payloads@.len() == logs,
                0 < logs <= MAX_LOGS,
                view == region@,
                c == contents_of(view.volatile),
                len == view.volatile.len(),
                spec_data_start(logs as int) < len,
                spec_data_start(logs as int) <= floor <= len,
                forall|i: int|
                    0 <= i < rings@.len() ==> #[trigger] payloads@[i] == directory(rings@)[i],
                forall|i: int|
                    0 <= i < rings@.len() ==> (#[trigger] rings@[i]).fits(len as int)
                        && spec_data_start(logs as int) <= rings@[i].start && rings@[i].start
                        + rings@[i].capacity <= floor,
                forall|i: int, j: int|
                    0 <= i < j < rings@.len() ==> #[trigger] rings@[i].start + rings@[i].capacity
                        <= #[trigger] rings@[j].start,
                floor == spec_data_start(logs as int) || rings@.len() > 0 && floor
                    == rings@[rings@.len() - 1].start + rings@[rings@.len() - 1].capacity,
                found(view.volatile) is Unformatted ==> damaged_in(view.medium, 0, 64),
                recover(view.volatile) is Some && open_sound(view) ==> c.rings.len() == logs
                    && rings_ok(c.rings, len as int) && forall|i: int|
                    0 <= i < logs ==> #[trigger] payloads@[i] == directory(c.rings)[i],
            decreases payloads@.len() - rings@.len(),
        {
            let log = rings.len();
            let p = payloads[log];
            if p.c != 0 || p.a < floor || p.b == 0 || p.a > len || p.b > len - p.a {
                proof {
                    if recover(view.volatile) is Some && open_sound(view) {
                        assert(payloads@[log as int] == directory(c.rings)[log as int]);
                        assert(c.rings[log as int].fits(len as int));
                        if log > 0 {
                            assert(payloads@[log - 1] == directory(c.rings)[log - 1]);
                            assert(payloads@[log - 1] == directory(rings@)[log - 1]);
                            assert(c.rings[log - 1].start + c.rings[log - 1].capacity
                                <= c.rings[log as int].start);
                        }
                        assert(false);
                    }
                    if recover(view.volatile) is Some {
                        lemma_unsound_is_damaged(view);
                    }
                }
                return Err(
                    OpenError::Corrupt(
                        Corruption {
                            part: Part::Directory { log: log as u64 },
                            address: DIRECTORY_ADDR + 32 * log as u64,
                        },
                    ),
                );
            }
            floor = p.a + p.b;
            let ghost before = rings@;
            rings.push(Ring { start: p.a, capacity: p.b });
            proof {
                assert forall|i: int| 0 <= i < rings@.len() implies #[trigger] payloads@[i]
                    == directory(rings@)[i] by {
                    if i < before.len() {
                        assert(payloads@[i] == directory(before)[i]);
                    }
                }
            }
        }
        assert(payloads@ =~= directory(rings@));
        Ok(rings)
    }

    /// Whether all entries make sense, or the first that does not.
    fn first_senseless(rings: &[Ring], table: &Table) -> (r: Option<usize>)
        requires
            table.wf(),
            table.layout().len == rings@.len(),
        ensures
            r matches Some(i) ==> i < rings@.len() && !entry_ok(
                table.committed()[i as int],
                rings@[i as int],
            ),
            r is None ==> entries_ok(table.committed(), rings@),
    {
        proof {
            table.lemma_wf();
        }
        let mut i: usize = 0;
        while i < rings.len()
            invariant
                i <= rings@.len(),
                table.wf(),
                table.layout().len == rings@.len(),
                forall|k: int| 0 <= k < i ==> entry_ok(#[trigger] table.committed()[k], rings@[k]),
            decreases rings@.len() - i,
        {
            let entry = table.get_committed(i);
            if entry.b > entry.c || entry.c - entry.b > rings[i].capacity {
                return Some(i);
            }
            i += 1;
        }
        None
    }

    /// See the gate.
    pub(crate) fn open<R: Region>(region: &Guarded<R, Permission>, readings: &mut Readings) -> (r:
        Result<Core, OpenError>)
        requires
            region.inv(),
            !region@.failed,
            region@.durable == region@.volatile,
        ensures
            r matches Ok(core) ==> {
                let state = core.committed_state(region@.volatile);
                let sound = open_sound(region@);
                &&& core.inv(
                    region@,
                    MultiLogView::fresh(state, sound, core.rings(), region@.medium),
                )
                &&& sound ==> recover(region@.durable) == Some(state)
            },
            r matches Err(e) ==> open_refused(region@, e),
            r matches Err(OpenError::Io(_)) ==> metadata_damaged(region@),
    {
        let len = region.get().len();
        if len < MIN_LEN {
            return Err(OpenError::TooSmall { len, required: MIN_LEN });
        }
        let (id, logs) = Self::read_superblock(region, readings)?;
        let rings = Self::read_directory(region, id, logs, readings)?;
        let layout = table_layout(id, logs);
        let ghost view = region@;
        let ghost c = contents_of(view.volatile);
        let ghost sound = open_sound(view);
        proof {
            region.lemma_inv();
            lemma_table_layout(id, logs as int, len as int);
            if found(view.volatile) is Unformatted {
                lemma_not_unformatted(view, id, logs as int);
            }
            if sound {
                lemma_table_trustworthy(view, id, logs as int, layout);
                if recover(view.volatile) is Some {
                    let (copy, tag) = (layout.copy(c.live_b), layout.tag);
                    lemma_superblock_unique(view, id, logs as int, c);
                    lemma_run_holds(view.volatile, copy, id, tag, c.entries);
                }
            }
        }
        let table = match Table::open(region, layout, readings, Ghost(sound)) {
            Ok(table) => table,
            Err(TableError::Selector) => {
                return Err(
                    OpenError::Corrupt(Corruption { part: Part::Selector, address: SELECTOR_ADDR }),
                );
            },
            Err(TableError::Entry { index, address }) => {
                return Err(
                    OpenError::Corrupt(Corruption { part: Part::Entry { log: index }, address }),
                );
            },
            Err(TableError::Io(e)) => {
                proof {
                    let addr = SELECTOR_ADDR as int;
                    lemma_metadata_damaged(view, id, logs as int, addr, layout.extent());
                }
                return Err(OpenError::Io(e));
            },
        };
        proof {
            table.lemma_inv(view.volatile);
            table.lemma_wf();
            if sound && recover(view.volatile) is Some {
                lemma_run_holds(
                    view.volatile,
                    layout.copy(c.live_b),
                    layout.id,
                    layout.tag,
                    table.committed(),
                );
                lemma_directory_unique(view.volatile, id, rings@, c);
                assert(table.committed() =~= c.entries) by {
                    assert forall|i: int| 0 <= i < c.entries.len() implies table.committed()[i]
                        == c.entries[i] by {
                        assert(payload_of(line(view.volatile, layout.copy(c.live_b) + 32 * i))
                            == c.entries[i]);
                    }
                }
            }
        }
        if let Some(i) = Self::first_senseless(rings.as_slice(), &table) {
            let address = table.live_address(i, Ghost(len as int));
            return Err(
                OpenError::Corrupt(Corruption { part: Part::Entry { log: i as u64 }, address }),
            );
        }
        let cursors = Core::first_cursors(rings.as_slice(), Ghost(len as int));
        let scratch = Vec::new();
        let prefix = Prefix::of(id, 0);
        let core = Core { id, rings, cursors, scratch, prefix, table, failed: false };
        proof {
            assert forall|i: int| 0 <= i < core.rings@.len() implies Self::staged_ok(
                core.table.committed()[i],
                #[trigger] core.table.staged()[i],
                core.rings@[i],
            ) by {
                assert(entry_ok(core.table.committed()[i], core.rings@[i]));
            }
            if sound {
                lemma_recover(view.volatile, core.contents());
            }
        }
        Ok(core)
    }
}

/// The directory that was read is that of the logs that the region holds.
pub(super) proof fn lemma_directory_unique(
    image: Seq<u8>,
    id: RegionId,
    rings: Seq<Ring>,
    c: Contents,
)
    requires
        holds(image, c),
        c.id == id,
        c.rings.len() == rings.len(),
        run_holds(image, DIRECTORY_ADDR as int, id, DIRECTORY_TAG, directory(rings)),
    ensures
        c.rings == rings,
{
    lemma_run_holds(image, DIRECTORY_ADDR as int, id, DIRECTORY_TAG, directory(rings));
    lemma_run_holds(image, DIRECTORY_ADDR as int, id, DIRECTORY_TAG, directory(c.rings));
    assert forall|i: int| 0 <= i < rings.len() implies #[trigger] c.rings[i] == rings[i] by {
        assert(directory(c.rings)[i] == directory(rings)[i]);
    }
    assert(c.rings =~= rings);
}

} // verus!
