//! Writing zeros over the other journal, of which nothing is known after opening.
use super::memory::*;
use super::{append::word_bytes, zeros::write_zeros};
#[cfg(verus_only)]
use super::{entry::*, follow::*, layout::*, record::*, snapshot::*, zeros::*};
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{bytes::*, codeword::*, codewords::line, image::*, table::u64_at};
use vstd::prelude::*;

verus! {

/// Writes an aligned word, which happens entirely or not at all.
pub(super) fn write_word<R: Region, P: CrashPermission>(
    region: &mut Guarded<R, P>,
    addr: u64,
    word: u64,
    Tracked(permission): Tracked<&P>,
) -> (r: Result<(), IoError>)
    requires
        old(region).inv(),
        !old(region)@.failed,
        addr % 8 == 0,
        addr + 8 <= old(region)@.volatile.len(),
        permission.permits(old(region)@.durable),
        permission.permits(update_bytes(old(region)@.durable, addr as int, u64_le(word))),
    ensures
        final(region).inv(),
        final(region)@.medium == old(region)@.medium,
        final(region)@.failed == (r is Err),
        permission.permits(final(region)@.durable),
        same_outside(final(region)@.volatile, old(region)@.volatile, addr as int, addr + 8),
        r is Ok ==> final(region)@.volatile == update_bytes(
            old(region)@.volatile,
            addr as int,
            u64_le(word),
        ),
{
    let bytes = word_bytes(word);
    let ghost before = region@;
    proof {
        region.lemma_inv();
        assert forall|image: Seq<u8>|
            torn(image, before.durable, addr as int, bytes@) implies #[trigger] permission.permits(
            image,
        ) by {
            lemma_torn_word(image, before.durable, addr as int, bytes@);
        }
    }
    let r = region.write(addr, &bytes, Tracked(permission));
    proof {
        lemma_torn_word(region@.durable, before.durable, addr as int, bytes@);
        if r is Err {
            lemma_torn_same_outside(region@.volatile, before.volatile, addr as int, bytes@);
        }
    }
    r
}

impl Journals {
    /// Writes zeros over the other journal's generation and records, and flushes.
    pub(super) fn scrub<R: Region, P: CrashPermission>(
        &mut self,
        region: &mut Guarded<R, P>,
        Ghost(entries): Ghost<Seq<[u64; 7]>>,
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            old(self).may_switch(old(region)@, entries, *permission),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            permission.permits(final(region)@.durable),
            same_outside(
                final(region)@.volatile,
                old(region)@.volatile,
                old(self).layout().start(old(self).live().other()),
                old(self).layout().end(old(self).live().other()),
            ),
            *final(self) == (Journals { other_quiet: final(self).other_quiet, ..*old(self) }),
            r is Ok ==> final(self).other_quiet && final(self).may_switch(
                final(region)@,
                entries,
                *permission,
            ),
    {
        let ghost before = region@;
        let other = self.live.other();
        let start = self.layout.start_of(other);
        let ghost end = self.layout.end(other);
        let first = start + self.layout.records;
        proof {
            region.lemma_inv();
            self.lemma_generation_cleared(before.durable);
            assert(permission.permits(before.durable)) by {
                self.layout.lemma_counts(before.durable, self.live);
                assert(self.kept(before.durable, before.durable));
            }
        }
        write_word(region, start, 0, Tracked(permission))?;
        region.flush()?;
        let ghost cleared = region@;
        proof {
            region.lemma_inv();
            self.lemma_generation_cleared(before.volatile);
            assert forall|image: Seq<u8>|
                same_outside(
                    image,
                    cleared.durable,
                    first as int,
                    end,
                ) implies #[trigger] permission.permits(image) by {
                self.lemma_records_cleared(image, before.volatile);
            }
        }
        let ghost after = self.layout.end(other);
        write_zeros(region, first, start + self.layout.len, Tracked(permission))?;
        proof {
            self.lemma_records_cleared(region@.durable, before.volatile);
        }
        region.flush()?;
        self.other_quiet = true;
        proof {
            let image = region@.volatile;
            self.layout.lemma_zeros_quiet(image, other, (self.generation + 1) as u64);
            old(self).lemma_records_cleared(image, before.volatile);
            assert(self.kept(image, before.volatile));
            assert(self.inv(image));
            assert forall|s: Seq<u8>| self.kept(s, image) implies #[trigger] permission.permits(
                s,
            ) by {
                assert(old(self).kept(s, before.volatile));
            }
            assert forall|s: Seq<u8>|
                self.gone_over(s, image, entries) implies #[trigger] permission.permits(s) by {
                assert(old(self).gone_over(s, before.volatile, entries));
            }
        }
        Ok(())
    }

    /// With a zero for the generation, the other journal does not count.
    proof fn lemma_generation_cleared(&self, base: Seq<u8>)
        requires
            self.inv(base),
        ensures
            ({
                let start = self.layout.start(self.live.other());
                let image = update_bytes(base, start, u64_le(0));
                &&& self.kept(image, base)
                &&& u64_at(image, start) == 0
                &&& same_outside(image, base, start, start + 8)
            }),
    {
        broadcast use lemma_u64_from_le_of_le;

        let start = self.layout.start(self.live.other());
        let image = update_bytes(base, start, u64_le(0));
        assert(image.subrange(start, start + 8) =~= u64_le(0));
        self.layout.lemma_header_word(image, self.live.other());
        self.lemma_other_written(image, base);
    }

    /// The same, whatever its records are.
    proof fn lemma_records_cleared(&self, image: Seq<u8>, base: Seq<u8>)
        requires
            self.inv(base),
            ({
                let (layout, other) = (self.layout, self.live.other());
                same_outside(
                    image,
                    update_bytes(base, layout.start(other), u64_le(0)),
                    layout.first(other),
                    layout.end(other),
                )
            }),
        ensures
            self.kept(image, base),
            u64_at(image, self.layout.start(self.live.other())) == 0,
            self.sound() ==> {
                &&& self.layout.counts(image, self.live)
                &&& self.layout.follow(image, self.live) == Some(self.state())
                &&& self.layout.tail(image, self.live) == self.tail
                &&& self.live_quiet ==> self.layout.quiet(
                    image,
                    self.live,
                    self.generation,
                    self.tail as int,
                ) && self.layout.quiet(
                    image,
                    self.live,
                    (self.generation + 1) as u64,
                    self.layout.first(self.live),
                )
            },
    {
        let start = self.layout.start(self.live.other());
        let cleared = update_bytes(base, start, u64_le(0));
        self.lemma_generation_cleared(base);
        assert(image.subrange(start, start + 8) =~= cleared.subrange(start, start + 8));
        self.layout.lemma_header_word(image, self.live.other());
        self.lemma_other_written(image, base);
    }
}

} // verus!
