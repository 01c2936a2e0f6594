//! Entries of a snapshot: encoded, decoded, and written many at a time.
use super::layout::*;
#[cfg(verus_only)]
use super::snapshot::*;
use crate::bytes::*;
use crate::crc::words::*;
use crate::region_id::RegionId;
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{image::*, trusted::crc::*};
use vstd::prelude::*;

verus! {

/// How many entries are written or read at a time.
pub(super) const CHUNK: usize = 1024;

/// The CRC of an entry.
#[inline(always)]
fn entry_crc(id: RegionId, number: u64, i: u64, words: &[u64; 7]) -> (r: u64)
    ensures
        r == spec_crc64(entry_prefix(id, number, i as int) + words_le(words@)),
{
    let all = [
        id.lo,
        id.hi,
        number,
        i,
        words[0],
        words[1],
        words[2],
        words[3],
        words[4],
        words[5],
        words[6],
    ];
    proof {
        reveal_with_fuel(words_le, 12);
        assert(words_le(all@) =~= entry_prefix(id, number, i as int) + words_le(words@));
    }
    crc64_words(&all)
}

/// The words of seven, one behind the other.
proof fn lemma_seven_words(words: Seq<u64>)
    requires
        words.len() == 7,
    ensures
        words_le(words) == u64_le(words[0]) + u64_le(words[1]) + u64_le(words[2]) + u64_le(words[3])
            + u64_le(words[4]) + u64_le(words[5]) + u64_le(words[6]),
        words_le(words).len() == 56,
{
    reveal_with_fuel(words_le, 8);
    assert(words_le(words) =~= u64_le(words[0]) + u64_le(words[1]) + u64_le(words[2]) + u64_le(
        words[3],
    ) + u64_le(words[4]) + u64_le(words[5]) + u64_le(words[6]));
}

/// An entry's line is as long as a line, and holds its words.
pub(super) proof fn lemma_entry_line(id: RegionId, number: u64, i: int, words: Seq<u64>)
    requires
        words.len() == 7,
    ensures
        entry_line(id, number, i, words).len() == LINE,
        entry_words(entry_line(id, number, i, words)) == words,
{
    broadcast use lemma_u64_from_le_of_le;

    lemma_seven_words(words);
    let line = entry_line(id, number, i, words);
    assert forall|k: int| 0 <= k < 7 implies #[trigger] line.subrange(8 * k, 8 * k + 8) == u64_le(
        words[k],
    ) by {
        assert(line.subrange(8 * k, 8 * k + 8) =~= u64_le(words[k]));
    }
    assert(entry_words(line) =~= words);
}

/// Appends an entry's line to `buf`.
fn push_entry(buf: &mut Vec<u8>, id: RegionId, number: u64, i: u64, words: &[u64; 7])
    ensures
        final(buf)@ == old(buf)@ + entry_line(id, number, i as int, words@),
{
    let crc = entry_crc(id, number, i, words);
    let mut line = [0u8;64];
    put_u64(&mut line, 0, words[0]);
    put_u64(&mut line, 8, words[1]);
    put_u64(&mut line, 16, words[2]);
    put_u64(&mut line, 24, words[3]);
    put_u64(&mut line, 32, words[4]);
    put_u64(&mut line, 40, words[5]);
    put_u64(&mut line, 48, words[6]);
    put_u64(&mut line, 56, crc);
    proof {
        lemma_seven_words(words@);
        assert(line@.subrange(0, 8) =~= u64_le(words[0]));
        assert(line@.subrange(8, 16) =~= u64_le(words[1]));
        assert(line@.subrange(16, 24) =~= u64_le(words[2]));
        assert(line@.subrange(24, 32) =~= u64_le(words[3]));
        assert(line@.subrange(32, 40) =~= u64_le(words[4]));
        assert(line@.subrange(40, 48) =~= u64_le(words[5]));
        assert(line@.subrange(48, 56) =~= u64_le(words[6]));
        assert(line@ =~= line@.subrange(0, 8) + line@.subrange(8, 16) + line@.subrange(16, 24)
            + line@.subrange(24, 32) + line@.subrange(32, 40) + line@.subrange(40, 48)
            + line@.subrange(48, 56) + line@.subrange(56, 64));
    }
    buf.extend_from_slice(&line);
    assert(buf@ =~= old(buf)@ + line@);
}

/// The words of an entry, None if it is not valid.
pub(super) fn decode_entry(id: RegionId, number: u64, i: u64, line: &[u8]) -> (r: Option<[u64; 7]>)
    requires
        line@.len() == LINE,
    ensures
        r matches Some(words) ==> words@ == entry_words(line@),
        r is Some <==> line@ == entry_line(id, number, i as int, entry_words(line@)),
{
    let words = [
        get_u64(line, 0),
        get_u64(line, 8),
        get_u64(line, 16),
        get_u64(line, 24),
        get_u64(line, 32),
        get_u64(line, 40),
        get_u64(line, 48),
    ];
    let crc = entry_crc(id, number, i, &words);
    let stored = get_u64(line, 56);
    proof {
        let all = entry_words(line@);
        assert(words@ =~= all);
        lemma_entry_parts(line@);
        lemma_u64_le_of_from_le(line@.subrange(56, 64));
        broadcast use lemma_u64_from_le_of_le;

        if crc != stored {
            assert(entry_line(id, number, i as int, all).subrange(56, 64) =~= u64_le(crc));
        }
    }
    if crc == stored {
        Some(words)
    } else {
        None
    }
}

/// A line is its words and the last one.
proof fn lemma_entry_parts(line: Seq<u8>)
    requires
        line.len() == 64,
    ensures
        line == words_le(entry_words(line)) + line.subrange(56, 64),
        words_le(entry_words(line)).len() == 56,
{
    let all = entry_words(line);
    lemma_seven_words(all);
    lemma_u64_le_of_from_le(line.subrange(0, 8));
    lemma_u64_le_of_from_le(line.subrange(8, 16));
    lemma_u64_le_of_from_le(line.subrange(16, 24));
    lemma_u64_le_of_from_le(line.subrange(24, 32));
    lemma_u64_le_of_from_le(line.subrange(32, 40));
    lemma_u64_le_of_from_le(line.subrange(40, 48));
    lemma_u64_le_of_from_le(line.subrange(48, 56));
    assert(line =~= line.subrange(0, 8) + line.subrange(8, 16) + line.subrange(16, 24)
        + line.subrange(24, 32) + line.subrange(32, 40) + line.subrange(40, 48) + line.subrange(
        48,
        56,
    ) + line.subrange(56, 64));
}

impl JournalLayout {
    /// Whether a journal's snapshot has these entries, of this number.
    pub open spec fn entries_are(
        self,
        image: Seq<u8>,
        j: Journal,
        number: u64,
        entries: Seq<[u64; 7]>,
    ) -> bool {
        forall|i: int|
            0 <= i < entries.len() ==> self.entry_is(image, j, number, i, #[trigger] entries[i]@)
    }

    /// The entries are where they are: images that agree on them agree on what they are.
    pub(super) proof fn lemma_entries_same(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        number: u64,
        entries: Seq<[u64; 7]>,
    )
        requires
            self.fits(t.len() as int),
            s.len() == t.len(),
            entries.len() == self.entries,
            self.entries_are(t, j, number, entries),
            forall|a: int| self.entry(j, 0) <= a < self.snapshot_end(j) ==> #[trigger] s[a] == t[a],
        ensures
            self.entries_are(s, j, number, entries),
    {
        assert forall|i: int| 0 <= i < entries.len() implies self.entry_is(
            s,
            j,
            number,
            i,
            #[trigger] entries[i]@,
        ) by {
            assert(self.entry_is(t, j, number, i, entries[i]@));
            assert(self.entry_bytes(s, j, i) =~= self.entry_bytes(t, j, i));
        }
    }

    /// Fills `buf` with the lines of the entries from `from` on; returns where it stopped.
    fn fill(&self, buf: &mut Vec<u8>, number: u64, entries: &[[u64; 7]], from: usize) -> (next:
        usize)
        requires
            from < entries@.len(),
        ensures
            from < next <= entries@.len(),
            final(buf)@.len() == 64 * (next - from),
            forall|i: int|
                from <= i < next ==> final(buf)@.subrange(64 * (i - from), 64 * (i - from) + 64)
                    == entry_line(self.id, number, i, #[trigger] entries@[i]@),
    {
        buf.clear();
        let mut next = from;
        while next < entries.len() && next - from < CHUNK
            invariant
                from <= next <= entries@.len(),
                buf@.len() == 64 * (next - from),
                forall|i: int|
                    from <= i < next ==> buf@.subrange(64 * (i - from), 64 * (i - from) + 64)
                        == entry_line(self.id, number, i, #[trigger] entries@[i]@),
            decreases entries@.len() - next,
        {
            let ghost before = buf@;
            push_entry(buf, self.id, number, next as u64, &entries[next]);
            proof {
                let line = entry_line(self.id, number, next as int, entries@[next as int]@);
                lemma_entry_line(self.id, number, next as int, entries@[next as int]@);
                let at = 64 * (next - from);
                assert(buf@.subrange(at, at + 64) =~= line);
                assert forall|i: int| from <= i < next implies buf@.subrange(
                    64 * (i - from),
                    64 * (i - from) + 64,
                ) == entry_line(self.id, number, i, #[trigger] entries@[i]@) by {
                    assert(buf@.subrange(64 * (i - from), 64 * (i - from) + 64) =~= before.subrange(
                        64 * (i - from),
                        64 * (i - from) + 64,
                    ));
                }
            }
            next += 1;
        }
        next
    }

    /// Writes the entries of a snapshot. It flushes nothing.
    pub(super) fn write_entries<R: Region, P: CrashPermission>(
        &self,
        region: &mut Guarded<R, P>,
        buf: &mut Vec<u8>,
        j: Journal,
        number: u64,
        entries: &[[u64; 7]],
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            self.fits(old(region)@.volatile.len() as int),
            entries@.len() == self.entries,
            forall|image: Seq<u8>|
                same_outside(image, old(region)@.durable, self.entry(j, 0), self.snapshot_end(j))
                    ==> #[trigger] permission.permits(image),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            same_outside(
                final(region)@.durable,
                old(region)@.durable,
                self.entry(j, 0),
                self.snapshot_end(j),
            ),
            same_outside(
                final(region)@.volatile,
                old(region)@.volatile,
                self.entry(j, 0),
                self.snapshot_end(j),
            ),
            r is Ok ==> self.entries_are(final(region)@.volatile, j, number, entries@),
    {
        let ghost before = region@;
        let ghost (start, end) = (self.entry(j, 0), self.snapshot_end(j));
        let addr = self.start_of(j) + LINE;
        let mut done: usize = 0;
        proof {
            region.lemma_inv();
        }
        while done < entries.len()
            invariant
                region.inv(),
                !region@.failed,
                before == old(region)@,
                region@.medium == before.medium,
                before.volatile.len() == before.durable.len(),
                self.fits(before.volatile.len() as int),
                addr == start == self.entry(j, 0),
                end == self.snapshot_end(j),
                entries@.len() == self.entries,
                done <= entries@.len(),
                same_outside(region@.durable, before.durable, start, end),
                same_outside(region@.volatile, before.volatile, start, end),
                forall|image: Seq<u8>|
                    same_outside(image, before.durable, start, end)
                        ==> #[trigger] permission.permits(image),
                forall|i: int|
                    0 <= i < done ==> self.entry_is(
                        region@.volatile,
                        j,
                        number,
                        i,
                        #[trigger] entries@[i]@,
                    ),
            decreases entries@.len() - done,
        {
            let next = self.fill(buf, number, entries, done);
            let here_addr = addr + LINE * done as u64;
            let ghost here = region@;
            proof {
                assert forall|image: Seq<u8>|
                    torn(
                        image,
                        here.durable,
                        here_addr as int,
                        buf@,
                    ) implies #[trigger] permission.permits(image) by {
                    lemma_torn_same_outside(image, here.durable, here_addr as int, buf@);
                    assert(same_outside(image, before.durable, start, end));
                }
            }
            let r = region.write(here_addr, buf.as_slice(), Tracked(permission));
            proof {
                lemma_torn_same_outside(region@.durable, here.durable, here_addr as int, buf@);
                if r is Err {
                    lemma_torn_same_outside(
                        region@.volatile,
                        here.volatile,
                        here_addr as int,
                        buf@,
                    );
                }
            }
            r?;
            proof {
                assert forall|i: int| 0 <= i < next implies self.entry_is(
                    region@.volatile,
                    j,
                    number,
                    i,
                    #[trigger] entries@[i]@,
                ) by {
                    if i < done {
                        assert(self.entry_is(here.volatile, j, number, i, entries@[i]@));
                        assert(self.entry_bytes(region@.volatile, j, i) =~= self.entry_bytes(
                            here.volatile,
                            j,
                            i,
                        ));
                    } else {
                        let at = 64 * (i - done);
                        assert(self.entry_bytes(region@.volatile, j, i) =~= buf@.subrange(
                            at,
                            at + 64,
                        ));
                    }
                }
            }
            done = next;
        }
        Ok(())
    }
}

} // verus!
