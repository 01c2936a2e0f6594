//! The logs' heads and tails in memory: as committed, and as staged.
use crate::changes::*;
use vstd::prelude::*;

verus! {

/// What is known of the bytes that are staged behind a log's committed tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Appended {
    /// Whether `crc` is their CRC.
    pub checked: bool,
    /// The CRC.
    pub crc: u64,
}

impl Appended {
    /// No bytes.
    pub(super) open spec fn spec_nothing() -> Appended {
        Appended { checked: true, crc: 0 }
    }

    /// No bytes.
    #[verifier::when_used_as_spec(spec_nothing)]
    pub(super) fn nothing() -> (r: Appended)
        ensures
            r == Appended::spec_nothing(),
    {
        Appended { checked: true, crc: 0 }
    }
}

/// The entries of all logs, as committed and as staged, and which of them the next commit changes.
pub(super) struct Entries {
    committed: Vec<Entry>,
    staged: Vec<Entry>,
    appended: Vec<Appended>,
    is_changed: Vec<bool>,
    changed: Vec<u32>,
}

impl Entries {
    /// The entries as committed.
    pub(super) closed spec fn committed(&self) -> Seq<Entry> {
        self.committed@
    }

    /// The entries as they will be after the next commit.
    pub(super) closed spec fn staged(&self) -> Seq<Entry> {
        self.staged@
    }

    /// What is known of the bytes that are staged.
    pub(super) closed spec fn appended(&self) -> Seq<Appended> {
        self.appended@
    }

    /// The logs that the next commit changes.
    pub(super) closed spec fn changed(&self) -> Seq<u32> {
        self.changed@
    }

    /// Whether no change is staged.
    pub(super) open spec fn nothing_staged(&self) -> bool {
        self.changed().len() == 0
    }

    /// What the entries rely on.
    pub(super) closed spec fn wf(&self) -> bool {
        let len = self.committed@.len();
        &&& len <= u32::MAX
        &&& self.staged@.len() == len
        &&& self.appended@.len() == len
        &&& self.is_changed@.len() == len
        &&& self.changed@.no_duplicates()
        &&& forall|k: int|
            0 <= k < self.changed@.len() ==> (#[trigger] self.changed@[k]) < len
                && self.is_changed@[self.changed@[k] as int]
        &&& forall|i: int|
            0 <= i < len && #[trigger] self.is_changed@[i] ==> self.changed@.contains(i as u32)
        &&& forall|i: int|
            0 <= i < len && !(#[trigger] self.is_changed@[i]) ==> self.staged@[i]
                == self.committed@[i] && self.appended@[i] == Appended::nothing()
    }

    /// No more logs are changed than there are.
    proof fn lemma_few_changed(&self)
        requires
            self.wf(),
        ensures
            self.changed@.len() <= self.committed@.len(),
    {
        let len = self.committed@.len();
        let set = self.changed@.to_set();
        let ints = vstd::set_lib::set_int_range(0, len as int);
        vstd::set_lib::lemma_int_range(0, len as int);
        self.changed@.unique_seq_to_set();
        let mapped = set.map(|i: u32| i as int);
        assert(mapped.subset_of(ints)) by {
            assert forall|i: int| mapped.contains(i) implies ints.contains(i) by {
                let x = choose|x: u32| set.contains(x) && x as int == i;
                let k = choose|k: int| 0 <= k < self.changed@.len() && self.changed@[k] == x;
                assert(self.changed@[k] < len);
            }
        }
        vstd::set_lib::lemma_map_size(set, mapped, |i: u32| i as int);
        vstd::set_lib::lemma_len_subset(mapped, ints);
    }

    /// What follows for those who use entries.
    pub(super) proof fn lemma_wf(&self)
        requires
            self.wf(),
        ensures
            forall|i: int|
                0 <= i < self.committed().len() && !self.changed().contains(i as u32)
                    ==> #[trigger] self.staged()[i] == self.committed()[i] && self.appended()[i]
                    == Appended::nothing(),
            self.committed().len() <= u32::MAX,
            self.staged().len() == self.committed().len(),
            self.appended().len() == self.committed().len(),
            self.changed().len() <= self.committed().len(),
            self.nothing_staged() ==> self.staged() == self.committed(),
            forall|k: int|
                0 <= k < self.changed().len() ==> (#[trigger] self.changed()[k])
                    < self.committed().len(),
    {
        let len = self.committed@.len();
        self.lemma_few_changed();
        if self.nothing_staged() {
            assert forall|i: int| 0 <= i < len implies self.staged@[i] == self.committed@[i] by {
                assert(!self.is_changed@[i]);
            }
            assert(self.staged@ =~= self.committed@);
        }
        self.lemma_unchanged();
    }

    /// A log that is not changed is as committed.
    proof fn lemma_unchanged(&self)
        requires
            self.wf(),
        ensures
            forall|i: int|
                0 <= i < self.committed().len() && !self.changed().contains(i as u32)
                    ==> #[trigger] self.staged()[i] == self.committed()[i] && self.appended()[i]
                    == Appended::nothing(),
    {
        assert forall|i: int|
            0 <= i < self.committed().len() && !self.changed().contains(
                i as u32,
            ) implies #[trigger] self.staged()[i] == self.committed()[i] && self.appended()[i]
            == Appended::nothing() by {
            assert(!self.is_changed@[i]);
        }
    }

    /// Entries as they are after opening: nothing is staged.
    pub(super) fn new(committed: Vec<Entry>) -> (r: Entries)
        requires
            committed@.len() <= u32::MAX,
        ensures
            r.wf(),
            r.committed() == committed@,
            r.staged() == committed@,
            r.nothing_staged(),
    {
        let len = committed.len();
        let nothing = Appended::nothing();
        let appended: Vec<Appended> = vec![nothing; len];
        let is_changed: Vec<bool> = vec![false; len];
        let mut staged: Vec<Entry> = Vec::with_capacity(len);
        let mut i: usize = 0;
        while i < len
            invariant
                i <= len == committed@.len(),
                staged@ == committed@.take(i as int),
            decreases len - i,
        {
            staged.push(committed[i]);
            i += 1;
            assert(staged@ =~= committed@.take(i as int));
        }
        assert(staged@ =~= committed@);
        Entries { committed, staged, appended, is_changed, changed: Vec::new() }
    }

    /// A log's entry as it will be after the next commit.
    #[inline(always)]
    pub(super) fn get_staged(&self, i: usize) -> (r: Entry)
        requires
            self.wf(),
            i < self.committed().len(),
        ensures
            r == self.staged()[i as int],
    {
        self.staged[i]
    }

    /// A log's entry as committed.
    #[inline(always)]
    pub(super) fn get_committed(&self, i: usize) -> (r: Entry)
        requires
            self.wf(),
            i < self.committed().len(),
        ensures
            r == self.committed()[i as int],
    {
        self.committed[i]
    }

    /// What is known of the bytes that are staged for a log.
    #[inline(always)]
    pub(super) fn get_appended(&self, i: usize) -> (r: Appended)
        requires
            self.wf(),
            i < self.committed().len(),
        ensures
            r == self.appended()[i as int],
    {
        self.appended[i]
    }

    /// The logs that the next commit changes.
    #[inline(always)]
    pub(super) fn changes(&self) -> (r: &[u32])
        ensures
            r@ == self.changed(),
    {
        self.changed.as_slice()
    }

    /// Whether a change is staged.
    #[inline(always)]
    pub(super) fn has_staged(&self) -> (r: bool)
        ensures
            r == !self.nothing_staged(),
    {
        !self.changed.is_empty()
    }

    /// Stages another entry of a log.
    #[inline(always)]
    pub(super) fn stage(&mut self, i: usize, entry: Entry, appended: Appended)
        requires
            old(self).wf(),
            i < old(self).committed().len(),
        ensures
            final(self).wf(),
            final(self).committed() == old(self).committed(),
            final(self).staged() == old(self).staged().update(i as int, entry),
            final(self).appended() == old(self).appended().update(i as int, appended),
            !final(self).nothing_staged(),
    {
        self.staged[i] = entry;
        self.appended[i] = appended;
        if !self.is_changed[i] {
            self.is_changed[i] = true;
            self.changed.push(i as u32);
            proof {
                let last = self.changed@.len() - 1;
                assert(self.changed@[last] == i);
                assert forall|j: int|
                    0 <= j < self.committed@.len()
                        && #[trigger] self.is_changed@[j] implies self.changed@.contains(
                    j as u32,
                ) by {
                    if j != i {
                        let k = choose|k: int|
                            0 <= k < old(self).changed@.len() && old(self).changed@[k] == j as u32;
                        assert(old(self).is_changed@[j]);
                        assert(self.changed@[k] == j as u32);
                    }
                }
                assert(!old(self).changed@.contains(i as u32)) by {
                    if old(self).changed@.contains(i as u32) {
                        let k = choose|k: int|
                            0 <= k < old(self).changed@.len() && old(self).changed@[k] == i as u32;
                        assert(old(self).is_changed@[old(self).changed@[k] as int]);
                    }
                }
            }
        } else {
            assert(self.changed@.contains(i as u32));
        }
    }

    /// Drops what is staged, or makes it what is committed.
    pub(super) fn end(&mut self, keep: bool)
        requires
            old(self).wf(),
        ensures
            final(self).wf(),
            final(self).nothing_staged(),
            final(self).committed() == if keep {
                old(self).staged()
            } else {
                old(self).committed()
            },
            final(self).staged() == final(self).committed(),
    {
        let mut k: usize = 0;
        let len = self.changed.len();
        while k < len
            invariant
                k <= len == self.changed@.len(),
                old(self).wf(),
                self.changed@ == old(self).changed@,
                self.committed@.len() == old(self).committed@.len(),
                self.staged@.len() == self.committed@.len(),
                self.appended@.len() == self.committed@.len(),
                self.is_changed@.len() == self.committed@.len(),
                keep ==> self.staged@ == old(self).staged@,
                !keep ==> self.committed@ == old(self).committed@,
                forall|i: int|
                    0 <= i < self.committed@.len() && !(#[trigger] self.is_changed@[i])
                        ==> self.staged@[i] == self.committed@[i] && self.appended@[i]
                        == Appended::nothing(),
                forall|i: int|
                    0 <= i < self.committed@.len() && #[trigger] self.is_changed@[i] ==> exists|
                        m: int,
                    |
                        k <= m < self.changed@.len() && #[trigger] self.changed@[m] == i as u32,
            decreases len - k,
        {
            let i = self.changed[k] as usize;
            let ghost before = *self;
            if keep {
                self.committed[i] = self.staged[i];
            } else {
                self.staged[i] = self.committed[i];
            }
            self.appended[i] = Appended::nothing();
            self.is_changed[i] = false;
            proof {
                assert forall|j: int|
                    0 <= j < self.committed@.len() && #[trigger] self.is_changed@[j] implies exists|
                    m: int,
                |
                    k + 1 <= m < self.changed@.len() && #[trigger] self.changed@[m] == j as u32 by {
                    assert(before.is_changed@[j]);
                    let m = choose|m: int|
                        k <= m < self.changed@.len() && #[trigger] self.changed@[m] == j as u32;
                    assert(m != k);
                }
            }
            k += 1;
        }
        self.changed.clear();
        proof {
            assert forall|i: int| 0 <= i < self.committed@.len() implies self.staged@[i]
                == self.committed@[i] by {
                assert(!self.is_changed@[i]);
            }
            assert(self.staged@ =~= self.committed@);
        }
    }
}

} // verus!
