//! Opening a region that may hold anything.
use super::contents::*;
#[cfg(verus_only)]
use super::superblock::*;
use super::*;

verus! {

/// A region that is too small holds no logs, and is not unformatted.
proof fn lemma_too_small(region: RegionView)
    requires
        region.volatile.len() < MIN_LEN,
    ensures
        found(region.volatile) is Other,
{
}

impl Core {
    /// What is in memory of a collection that was just read.
    fn of(
        stored: Stored,
        check_limit: u64,
        Ghost(region): Ghost<RegionView>,
        Ghost(sound): Ghost<bool>,
    ) -> (r: Core)
        requires
            stored.wf(region.volatile.len() as int),
            check_limit <= CHECK_LIMIT,
            !region.failed,
            region.durable == region.volatile,
            sound ==> {
                &&& stored.is_in(region.volatile)
                &&& stored.journal.is_in(region.volatile, stored.contents().layout())
            },
        ensures
            r.inv(
                region,
                MultiLogView::fresh(
                    r.committed_state(region.volatile),
                    sound,
                    r.rings(),
                    region.medium,
                ),
            ),
            sound ==> recover(region.volatile) == Some(r.committed_state(region.volatile)),
    {
        let (id, lines, rings) = (stored.id, stored.lines, stored.rings);
        let ghost len = region.volatile.len() as int;
        proof {
            lemma_journal_layout(id, rings@.len() as int, lines as int, len);
        }
        let layout = journal_layout(id, rings.len() as u64, lines, Ghost(len));
        let journals = Journals::of(layout, &stored.journal, Ghost(region.volatile), Ghost(sound));
        let cursors = Self::first_cursors(rings.as_slice(), Ghost(lines as int), Ghost(len));
        let core = Core {
            id,
            rings,
            cursors,
            scratch: Vec::new(),
            prefix: Prefix::of(id, 0),
            lines,
            last_commit: stored.last_commit,
            entries: Entries::new(stored.entries),
            journals,
            check_limit,
            payload: Vec::new(),
            words: Vec::new(),
            failed: false,
        };
        proof {
            core.entries.lemma_wf();
            core.lemma_nothing_appended(region.volatile);
            assert(core.contents() == stored.contents());
            if sound {
                lemma_recover(region.volatile, core.contents());
            }
        }
        core
    }

    /// Behind [`MultiLog::open`](crate::MultiLog::open).
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
            proof {
                lemma_too_small(region@);
            }
            return Err(OpenError::TooSmall { len, required: MIN_LEN });
        }
        let stored = Stored::read(region, readings)?;
        Ok(
            Self::of(
                stored,
                Self::check_limit_of(region),
                Ghost(region@),
                Ghost(open_sound(region@)),
            ),
        )
    }
}

} // verus!
