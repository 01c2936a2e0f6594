//! Writing to the idle copy what it lacks.
use super::*;
use crate::trusted::guarded::*;
use vstd::slice::slice_subrange;

verus! {

/// How many entries are written at a time where they are neighbours: a device that writes by system calls is then
/// called less often.
const RUN: usize = 16;

const RUN_BYTES: usize = 32 * RUN;

impl Table {
    /// Whether the idle copy holds what is staged for entry `i`.
    closed spec fn fresh(&self, image: Seq<u8>, i: int) -> bool {
        self.layout.entry_is(image, !self.live_b, i, self.staged@[i])
    }

    /// Writes the changed entries, and those in which the idle copy is behind.
    pub(super) fn write_changes<R: Region, P: CrashPermission>(
        &self,
        region: &mut Guarded<R, P>,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            self.inv(old(region)@.volatile),
            self.idle_known,
            old(region).inv(),
            !old(region)@.failed,
            forall|image: Seq<u8>|
                self.layout.same_but_copy(image, old(region)@.durable, !self.live_b)
                    ==> #[trigger] permission.permits(image),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            self.layout.same_but_copy(final(region)@.durable, old(region)@.durable, !self.live_b),
            self.layout.same_but_copy(final(region)@.volatile, old(region)@.volatile, !self.live_b),
            r is Ok && self.sound() ==> self.layout.holds(
                final(region)@.volatile,
                !self.live_b,
                self.staged@,
            ),
    {
        proof {
            assert forall|i: int|
                0 <= i < self.layout.len && self.sound() && !self.is_changed@[i]
                    && !self.behind@.contains(i as u32) implies #[trigger] self.fresh(
                region@.volatile,
                i,
            ) by {
                assert(self.committed@[i] == self.staged@[i]);
            }
        }
        self.write_listed(region, false, Tracked(permission))?;
        let ghost changed_written = region@.volatile;
        self.write_listed(region, true, Tracked(permission))?;
        proof {
            assert forall|i: int|
                0 <= i < self.layout.len && self.sound() implies self.layout.entry_is(
                region@.volatile,
                !self.live_b,
                i,
                #[trigger] self.staged@[i],
            ) by {
                if self.is_changed@[i] {
                    assert(self.listed(false).contains(i as u32));
                    assert(self.fresh(changed_written, i));
                } else if self.behind@.contains(i as u32) {
                    assert(self.listed(true).contains(i as u32));
                }
                assert(self.fresh(region@.volatile, i));
            }
        }
        Ok(())
    }

    /// The list of changed entries, or of those in which the idle copy is behind.
    spec fn listed(&self, behind: bool) -> Seq<u32> {
        if behind {
            self.behind@
        } else {
            self.changed@
        }
    }

    /// Writes the entries on a list. Of those in which the idle copy is behind it leaves out those that are changed, since
    /// they are on the other list.
    fn write_listed<R: Region, P: CrashPermission>(
        &self,
        region: &mut Guarded<R, P>,
        behind: bool,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            self.wf(),
            self.layout.fits(old(region)@.volatile.len() as int),
            old(region).inv(),
            !old(region)@.failed,
            forall|image: Seq<u8>|
                self.layout.same_but_copy(image, old(region)@.durable, !self.live_b)
                    ==> #[trigger] permission.permits(image),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            self.layout.same_but_copy(final(region)@.durable, old(region)@.durable, !self.live_b),
            self.layout.same_but_copy(final(region)@.volatile, old(region)@.volatile, !self.live_b),
            r is Ok ==> {
                &&& forall|k: int|
                    #![trigger self.listed(behind)[k]]
                    0 <= k < self.listed(behind).len() ==> {
                        let i = self.listed(behind)[k] as int;
                        self.fresh(final(region)@.volatile, i) || behind && self.is_changed@[i]
                    }
                &&& forall|i: int|
                    0 <= i < self.layout.len && self.fresh(old(region)@.volatile, i)
                        ==> #[trigger] self.fresh(final(region)@.volatile, i)
            },
    {
        let list = if behind {
            self.behind.as_slice()
        } else {
            self.changed.as_slice()
        };
        let ghost before = region@;
        let mut k: usize = 0;
        while k < list.len()
            invariant
                k <= list@.len(),
                list@ == self.listed(behind),
                self.wf(),
                self.layout.fits(region@.volatile.len() as int),
                region.inv(),
                !region@.failed,
                before == old(region)@,
                region@.medium == before.medium,
                self.layout.same_but_copy(region@.durable, before.durable, !self.live_b),
                self.layout.same_but_copy(region@.volatile, before.volatile, !self.live_b),
                forall|image: Seq<u8>|
                    self.layout.same_but_copy(image, before.durable, !self.live_b)
                        ==> #[trigger] permission.permits(image),
                forall|m: int|
                    0 <= m < k ==> self.fresh(region@.volatile, #[trigger] list@[m] as int)
                        || behind && self.is_changed@[list@[m] as int],
                forall|i: int|
                    0 <= i < self.layout.len && self.fresh(before.volatile, i)
                        ==> #[trigger] self.fresh(region@.volatile, i),
            decreases list@.len() - k,
        {
            if behind && self.is_changed[list[k] as usize] {
                k += 1;
                continue;
            }
            let count = self.run(list, k, behind);
            if count == 1 {
                self.refresh::<R, P, 32>(region, list[k], 1, Tracked(permission))?;
                k += 1;
            } else {
                self.refresh::<R, P, RUN_BYTES>(region, list[k], count, Tracked(permission))?;
                k += count;
            }
        }
        Ok(())
    }

    /// How many neighbours from `list[from]` on are to be written together.
    #[inline(always)]
    fn run(&self, list: &[u32], from: usize, behind: bool) -> (count: usize)
        requires
            self.wf(),
            list@ == self.listed(behind),
            from < list@.len(),
        ensures
            0 < count <= RUN,
            from + count <= list@.len(),
            forall|m: int|
                from <= m < from + count ==> #[trigger] list@[m] == list@[from as int] + (m - from),
            list@[from as int] + count <= self.layout.len,
    {
        let first = list[from];
        let mut count: usize = 1;
        while count < RUN && count < list.len() - from && list[from + count] as usize
            == first as usize + count && !(behind && self.is_changed[first as usize + count])
            invariant
                self.wf(),
                list@ == self.listed(behind),
                from < list@.len(),
                first == list@[from as int],
                0 < count <= RUN,
                from + count <= list@.len(),
                forall|m: int|
                    from <= m < from + count ==> #[trigger] list@[m] == first + (m - from),
                first + count <= self.layout.len,
            decreases RUN - count,
        {
            count += 1;
        }
        count
    }

    /// Writes to the idle copy what is staged for `count` entries, by way of a buffer of `N` bytes.
    #[inline(always)]
    fn refresh<R: Region, P: CrashPermission, const N: usize>(
        &self,
        region: &mut Guarded<R, P>,
        first: u32,
        count: usize,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            self.wf(),
            self.layout.fits(old(region)@.volatile.len() as int),
            first + count <= self.layout.len,
            32 * count <= N,
            old(region).inv(),
            !old(region)@.failed,
            forall|image: Seq<u8>|
                self.layout.same_but_copy(image, old(region)@.durable, !self.live_b)
                    ==> #[trigger] permission.permits(image),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            self.layout.same_but_copy(final(region)@.durable, old(region)@.durable, !self.live_b),
            self.layout.same_but_copy(final(region)@.volatile, old(region)@.volatile, !self.live_b),
            r is Ok ==> forall|i: int|
                0 <= i < self.layout.len && (first <= i < first + count || self.fresh(
                    old(region)@.volatile,
                    i,
                )) ==> #[trigger] self.fresh(final(region)@.volatile, i),
    {
        let ghost before = region@;
        let ghost layout = self.layout;
        let from = first as usize;
        let staged = slice_subrange(self.staged.as_slice(), from, from + count);
        let crc_parts = slice_subrange(self.crc_parts.as_slice(), from, from + count);
        let mut buf = [0u8;N];
        let mut k: usize = 0;
        while k < count
            invariant
                k <= count,
                32 * count <= N,
                from + count <= layout.len,
                layout == self.layout,
                self.wf(),
                staged@ == self.staged@.subrange(from as int, from + count),
                crc_parts@ == self.crc_parts@.subrange(from as int, from + count),
                forall|j: int|
                    0 <= j < k ==> buf@.subrange(32 * j, 32 * j + 32) == codeword(
                        layout.id,
                        (layout.tag + (from + j)) as u64,
                        #[trigger] staged@[j],
                    ),
            decreases count - k,
        {
            let p = staged[k];
            let ghost filled = buf@;
            let ghost tag = (layout.tag + (from + k)) as u64;
            assert(crc_parts@[k as int] == self.crc_parts@[from + k]);
            put_with_parts(
                &mut buf,
                32 * k,
                Ghost(layout.id),
                Ghost(tag),
                p,
                crc_parts[k],
                self.next.part_of(p.a),
            );
            proof {
                assert forall|j: int| 0 <= j < k implies buf@.subrange(32 * j, 32 * j + 32)
                    == codeword(
                    layout.id,
                    (layout.tag + (from + j)) as u64,
                    #[trigger] staged@[j],
                ) by {
                    assert(buf@.subrange(32 * j, 32 * j + 32) =~= filled.subrange(
                        32 * j,
                        32 * j + 32,
                    ));
                }
            }
            k += 1;
        }
        let bytes = slice_subrange(buf.as_slice(), 0, 32 * count);
        let r = self.layout.write_entries(
            region,
            !self.live_b,
            first,
            Ghost(count as int),
            bytes,
            Tracked(permission),
        );
        proof {
            if r is Ok {
                assert forall|i: int|
                    0 <= i < layout.len && (first <= i < first + count || self.fresh(
                        before.volatile,
                        i,
                    )) implies #[trigger] self.fresh(region@.volatile, i) by {
                    let entry = line(region@.volatile, layout.entry(!self.live_b, i));
                    if first <= i < first + count {
                        let j = i - first;
                        assert(staged@[j] == self.staged@[i]);
                        assert(entry =~= buf@.subrange(32 * j, 32 * j + 32));
                    } else {
                        assert(entry == line(before.volatile, layout.entry(!self.live_b, i)));
                    }
                }
            }
        }
        r
    }
}

} // verus!
