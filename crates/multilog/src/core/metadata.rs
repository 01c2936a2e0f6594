//! Writing the metadata of a new collection. The magic word is written last, so a crash before leaves nothing that opens.
use super::switch::snapshot_words;
use super::*;
use pmem::bytes::*;
#[cfg(verus_only)]
use pmem::codeword::{codeword, lemma_decoded_of_codeword};
use pmem::codeword::{encode, Payload};
#[cfg(verus_only)]
use pmem::trusted::bytes::u64_at;

verus! {

/// An image whose first word is zero holds no logs.
proof fn lemma_zero_magic(image: Seq<u8>, other: Seq<u8>)
    requires
        image.len() == other.len(),
        forall|a: int| 0 <= a < 8 ==> #[trigger] image[a] == other[a],
        image.len() >= MIN_LEN,
        u64_at(other, 0) == 0,
    ensures
        u64_at(image, 0) == 0,
        found(image) is Unformatted,
{
    assert(image.subrange(0, 8) =~= other.subrange(0, 8));
    lemma_no_magic(image);
}

/// With the magic word, the superblock's first codeword is there.
proof fn lemma_first_word(image: Seq<u8>, word: Seq<u8>, id: RegionId, logs: int)
    requires
        image.len() >= 32,
        word == u64_le(MAGIC),
        image.subrange(8, 32) == codeword(
            id,
            HEADER_TAG,
            header(logs, image.len() as int),
        ).subrange(8, 32),
    ensures
        line(update_bytes(image, 0, word), 0) == codeword(
            id,
            HEADER_TAG,
            header(logs, image.len() as int),
        ),
{
    let whole = update_bytes(image, 0, word);
    let first = codeword(id, HEADER_TAG, header(logs, image.len() as int));
    lemma_decoded_of_codeword(id, HEADER_TAG, header(logs, image.len() as int));
    assert(first.subrange(0, 8) =~= u64_le(MAGIC));
    assert forall|i: int| 0 <= i < 32 implies line(whole, 0)[i] == #[trigger] first[i] by {
        if i < 8 {
            assert(first[i] == first.subrange(0, 8)[i]);
        } else {
            assert(whole[i] == image[i]);
            assert(image.subrange(8, 32)[i - 8] == first.subrange(8, 32)[i - 8]);
        }
    }
    assert(line(whole, 0) =~= first);
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
    proof {
        region.lemma_inv();
        assert forall|image: Seq<u8>|
            torn(image, before.durable, addr as int, bytes@) implies #[trigger] permission.permits(
            image,
        ) by {
            lemma_torn_same_outside(image, before.durable, addr as int, bytes@);
            lemma_zero_magic(image, before.durable);
        }
    }
    let r = Guarded::write(region, addr, bytes, Tracked(permission));
    proof {
        lemma_torn_same_outside(region@.durable, before.durable, addr as int, bytes@);
        lemma_zero_magic(region@.durable, before.durable);
    }
    r
}

impl Core {
    /// What is written of a new collection, but for the magic word, is a collection once that is there.
    pub(super) closed spec fn awaits_magic(&self, image: Seq<u8>) -> bool {
        let logs = self.rings@.len() as int;
        let first = codeword(self.id, HEADER_TAG, header(logs, image.len() as int));
        let second = codeword(NO_ID, ID_TAG, id_payload(self.id, self.lines as int));
        &&& self.wf(image.len() as int)
        &&& self.journals.inv(image)
        &&& self.journals.sound()
        &&& self.journals.state() == self.switched_contents().journal
        &&& self.cursors_right(image)
        &&& self.entries.nothing_staged()
        &&& self.last_commit == 0
        &&& !self.failed
        &&& image.subrange(8, 32) == first.subrange(8, 32)
        &&& line(image, ID_ADDR as int) == second
    }

    /// Writes all metadata but the magic word, and waits until it is durable.
    pub(super) fn write_metadata<R: Region>(
        region: &mut Guarded<R, Permission>,
        rings: Vec<Ring>,
        lines: u64,
        id: RegionId,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<Core, IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            u64_at(old(region)@.durable, 0) == 0,
            permission.allowed().contains(Found::Unformatted),
            rings_ok(rings@, lines as int, old(region)@.volatile.len() as int),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            r matches Ok(core) ==> {
                &&& !final(region)@.failed
                &&& final(region)@.durable == final(region)@.volatile
                &&& final(region)@.volatile.len() == old(region)@.volatile.len()
                &&& core.awaits_magic(final(region)@.volatile)
                &&& core.id == id
                &&& core.lines == lines
                &&& core.last_commit == 0
                &&& core.rings == rings
                &&& core.entries.committed() == Self::first_entries(rings@.len())
            },
            u64_at(final(region)@.durable, 0) == 0,
            final(region)@.durable.len() == old(region)@.durable.len(),
            r is Err ==> final(region)@.failed,
    {
        let logs = rings.len() as u64;
        let ghost len = region@.volatile.len() as int;
        let ghost durable = region@.durable;
        let layout = journal_layout(id, logs, lines, Ghost(len));
        let region_len = region.get().len();
        proof {
            region.lemma_inv();
            lemma_journal_layout(id, logs as int, lines as int, len);
            assert forall|image: Seq<u8>|
                layout.same_elsewhere(image, durable) implies #[trigger] permission.permits(
                image,
            ) by {
                lemma_zero_magic(image, durable);
            }
        }
        let first = Entry { head: 0, tail: 0 };
        let entries = Entries::new(vec![first; rings.len()]);
        let mut words: Vec<[u64; 7]> = Vec::new();
        snapshot_words(&mut words, rings.as_slice(), &entries);
        let created = Journals::create::<R, Permission>(
            region,
            layout,
            words.as_slice(),
            Tracked(permission),
        );
        let ghost listed = region@;
        proof {
            region.lemma_inv();
            lemma_zero_magic(listed.durable, durable);
        }
        let journals = created?;
        let header = Payload { a: MAGIC, b: VERSION + logs * 0x1_0000_0000, c: region_len };
        Self::write_superblock(region, id, lines, header, Tracked(permission))?;
        Guarded::flush(region)?;
        let cursors = Core::first_cursors(rings.as_slice(), Ghost(lines as int), Ghost(len));
        let core = Core {
            id,
            rings,
            cursors,
            scratch: Vec::new(),
            prefix: Prefix::of(id, 0),
            lines,
            last_commit: 0,
            entries,
            journals,
            check_limit: Core::check_limit_of(region),
            payload: Vec::new(),
            words,
            failed: false,
        };
        proof {
            core.entries.lemma_wf();
            core.journals.lemma_inv_frame(region@.volatile, listed.volatile);
            assert(Snapshot::of(0, words@).entries =~= core.snapshot_entries());
            assert(core.entries.committed() =~= Self::first_entries(core.rings@.len()));
        }
        Ok(core)
    }

    /// The heads and tails of new logs.
    pub(super) open spec fn first_entries(logs: nat) -> Seq<Entry> {
        Seq::new(logs, |i: int| Entry { head: 0, tail: 0 })
    }

    /// Writes the superblock, but for the magic word.
    fn write_superblock<R: Region>(
        region: &mut Guarded<R, Permission>,
        id: RegionId,
        lines: u64,
        header: Payload,
        Tracked(permission): Tracked<&Permission>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            old(region)@.volatile.len() >= MIN_LEN,
            u64_at(old(region)@.durable, 0) == 0,
            permission.allowed().contains(Found::Unformatted),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            final(region)@.durable.len() == old(region)@.durable.len(),
            u64_at(final(region)@.durable, 0) == 0,
            r is Ok ==> {
                let image = final(region)@.volatile;
                &&& image.len() == old(region)@.volatile.len()
                &&& forall|a: int|
                    SELECTOR_ADDR <= a < image.len() ==> #[trigger] image[a] == old(
                        region,
                    )@.volatile[a]
                &&& image.subrange(8, 32) == codeword(id, HEADER_TAG, header).subrange(8, 32)
                &&& line(image, ID_ADDR as int) == codeword(
                    NO_ID,
                    ID_TAG,
                    id_payload(id, lines as int),
                )
            },
    {
        let first = encode(id, HEADER_TAG, header);
        let second = encode(NO_ID, ID_TAG, Payload { a: id.lo, b: id.hi, c: lines });
        let ghost whole = codeword(id, HEADER_TAG, header);
        write_unformatted(region, ID_ADDR, &second, Tracked(permission))?;
        let tail = vstd::slice::slice_subrange(&first, 8, 32);
        write_unformatted(region, 8, tail, Tracked(permission))?;
        proof {
            assert(line(region@.volatile, ID_ADDR as int) =~= second@);
            assert(whole == first@);
            assert(region@.volatile.subrange(8, 32) =~= whole.subrange(8, 32));
        }
        Ok(())
    }

    /// Writes the magic word, which makes the collection, and waits until it is durable.
    pub(super) fn write_magic<R: Region>(
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
            core.lemma_nothing_appended(image);
            core.entries.lemma_wf();
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
                &&& self.wf(whole.len() as int)
                &&& self.says(whole)
                &&& self.cursors_right(whole)
                &&& self.committed_state(whole) == self.committed_state(image)
                &&& recover(whole) == Some(self.committed_state(image))
            }),
    {
        let whole = update_bytes(image, 0, word);
        let logs = self.rings@.len() as int;
        let len = image.len() as int;
        let c = self.contents();
        lemma_journal_layout(self.id, logs, self.lines as int, len);
        lemma_first_word(image, word, self.id, logs);
        assert(line(whole, ID_ADDR as int) =~= line(image, ID_ADDR as int));
        self.entries.lemma_wf();
        self.journals.lemma_inv_frame(whole, image);
        self.journals.lemma_inv(whole);
        assert(c.rings() =~= self.rings@);
        assert(c.first() =~= self.entries.committed());
        reveal_with_fuel(replay, 1);
        self.lemma_cursors_same(whole, image);
        lemma_state_same(
            whole,
            image,
            self.id,
            self.lines as int,
            self.rings@,
            self.entries.committed(),
            0,
        );
        lemma_recover(whole, c);
    }
}

} // verus!
