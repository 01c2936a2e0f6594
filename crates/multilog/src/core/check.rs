//! Reading all metadata again, and comparing it with what is in memory.
use super::contents::*;
#[cfg(verus_only)]
use super::superblock::*;
use super::*;
#[cfg(verus_only)]
use pmem::readings::*;

verus! {

/// The first log of which two lists of rings say different things.
fn first_moved(a: &[Ring], b: &[Ring]) -> (r: Option<usize>)
    requires
        a@.len() == b@.len(),
    ensures
        match r {
            Some(i) => i < a@.len() && a@ != b@,
            None => a@ == b@,
        },
{
    let mut i: usize = 0;
    while i < a.len()
        invariant
            i <= a@.len() == b@.len(),
            a@.take(i as int) == b@.take(i as int),
        decreases a@.len() - i,
    {
        if a[i].start != b[i].start || a[i].capacity != b[i].capacity {
            assert(a@[i as int] != b@[i as int]);
            return Some(i);
        }
        i += 1;
        assert(a@.take(i as int) =~= b@.take(i as int));
    }
    assert(a@ =~= a@.take(i as int));
    assert(b@ =~= b@.take(i as int));
    None
}

impl Core {
    /// The first log of which this says something else than what was read.
    fn first_changed(&self, entries: &[Entry]) -> (r: Option<usize>)
        requires
            self.entries.wf(),
            self.entries.committed().len() == entries@.len(),
        ensures
            match r {
                Some(i) => i < entries@.len() && entries@ != self.entries.committed(),
                None => entries@ == self.entries.committed(),
            },
    {
        let ghost committed = self.entries.committed();
        let mut i: usize = 0;
        while i < entries.len()
            invariant
                self.entries.wf(),
                committed == self.entries.committed(),
                i <= entries@.len() == committed.len(),
                entries@.take(i as int) == committed.take(i as int),
            decreases entries@.len() - i,
        {
            let (a, b) = (entries[i], self.entries.get_committed(i));
            if a.head != b.head || a.tail != b.tail {
                assert(entries@[i as int] != committed[i as int]);
                return Some(i);
            }
            i += 1;
            assert(entries@.take(i as int) =~= committed.take(i as int));
        }
        assert(entries@ =~= entries@.take(i as int));
        assert(committed =~= committed.take(i as int));
        None
    }

    /// Whether what was read is what is in memory.
    spec fn is_stored(&self, stored: Stored) -> bool {
        &&& stored.id == self.id
        &&& stored.lines == self.lines
        &&& stored.rings@ == self.rings@
        &&& stored.entries@ == self.entries.committed()
        &&& stored.last_commit == self.last_commit
    }

    /// What is in memory that is not what was read.
    fn differs(&self, stored: &Stored, Ghost(len): Ghost<int>) -> (r: Option<Corruption>)
        requires
            self.wf(len),
            stored.wf(len),
        ensures
            r is None == self.is_stored(*stored),
    {
        proof {
            self.entries.lemma_wf();
        }
        if stored.id.lo != self.id.lo || stored.id.hi != self.id.hi || stored.lines != self.lines {
            return Some(Corruption { part: Part::Superblock, address: ID_ADDR });
        }
        if stored.rings.len() != self.rings.len() {
            return Some(Corruption { part: Part::Superblock, address: 0 });
        }
        let (part, changed) = match first_moved(stored.rings.as_slice(), self.rings.as_slice()) {
            Some(log) => (Part::Entry { log: log as u64 }, true),
            None => match self.first_changed(stored.entries.as_slice()) {
                Some(log) => (Part::Entry { log: log as u64 }, true),
                None => (Part::Header, stored.last_commit != self.last_commit),
            },
        };
        if changed {
            Some(Corruption { part, address: stored.address_of(part, Ghost(len)) })
        } else {
            None
        }
    }

    /// What was read in place of any image recovers to the committed collection, if it is what is in memory.
    proof fn lemma_read_enough(
        &self,
        region: RegionView,
        view: MultiLogView,
        stored: Stored,
        readings: Seq<Reading>,
    )
        requires
            self.inv(region, view),
            stored.is_right(region, readings),
            self.is_stored(stored),
        ensures
            read_enough(view, region.volatile.len() as int, readings),
    {
        let len = region.volatile.len() as int;
        let (rings, entries) = (self.rings@, self.entries.committed());
        assert forall|image: Seq<u8>| image.len() == len implies recover(
            #[trigger] as_read(image, readings),
        ) == Some(committed_in(view, as_read(image, readings))) by {
            let s = as_read(image, readings);
            let c = stored.contents();
            assert(stored.is_in(s));
            lemma_recover(s, c);
            assert(c.state(s) == self.committed_state(s));
            assert(self.committed_state(s) =~= committed_in(view, s));
        }
    }

    /// What was read is what is in memory, unless the metadata is damaged.
    proof fn lemma_stored(
        &self,
        region: RegionView,
        view: MultiLogView,
        stored: Stored,
        readings: Seq<Reading>,
    )
        requires
            self.inv(region, view),
            stored.is_right(region, readings),
            view.sound,
            !view.failed,
        ensures
            self.is_stored(stored) || metadata_damaged(region),
    {
        lemma_recover(region.volatile, self.contents());
        if open_sound(region) {
            lemma_holds_unique(region.volatile, self.contents(), stored.contents());
        } else {
            lemma_unsound_is_damaged(region);
        }
    }

    /// Behind [`MultiLog::check`](crate::MultiLog::check).
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
            r is Err && view.sound && !view.failed ==> metadata_damaged(region@),
    {
        proof {
            if view.sound && !view.failed {
                self.lemma_durable(region@, view);
            }
        }
        let stored = match Stored::read(region, readings) {
            Ok(stored) => stored,
            Err(OpenError::Corrupt(c)) => return Err(CheckError::Corrupt(c)),
            Err(OpenError::Io(e)) => return Err(CheckError::Io(e)),
            Err(_) => return Err(
                CheckError::Corrupt(Corruption { part: Part::Superblock, address: 0 }),
            ),
        };
        proof {
            if view.sound && !view.failed {
                self.lemma_stored(region@, view, stored, readings@);
            }
        }
        match self.differs(&stored, Ghost(region@.volatile.len() as int)) {
            Some(c) => Err(CheckError::Corrupt(c)),
            None => {
                proof {
                    self.lemma_read_enough(region@, view, stored, readings@);
                }
                Ok(())
            },
        }
    }
}

} // verus!
