//! Damage within the fault model makes no entry of another, and no payload of another with the same CRC.
#[cfg(verus_only)]
use super::{entry::*, layout::*, snapshot::*};
#[cfg(verus_only)]
use crate::{
    bytes::*,
    crc::{burst::*, detection::*, residue::*, words::*},
    region_id::RegionId,
    trusted::{crc::*, region::*},
};
use vstd::prelude::*;

verus! {

/// An entry's line is a codeword.
proof fn lemma_entry_crc(id: RegionId, number: u64, i: int, words: Seq<u64>)
    requires
        words.len() == 7,
    ensures
        entry_line(id, number, i, words).len() == LINE,
        crc_matches(entry_prefix(id, number, i), entry_line(id, number, i, words)),
{
    let line = entry_line(id, number, i, words);
    lemma_entry_line(id, number, i, words);
    assert(line.take(56) =~= words_le(words));
    assert(line.skip(56) =~= u64_le(spec_crc64(entry_prefix(id, number, i) + words_le(words))));
}

/// If a valid entry was written and one is read, they are the same, as long as the damage is tolerable.
pub(super) proof fn lemma_entry_damage(
    id: RegionId,
    number: u64,
    i: int,
    read: Seq<u8>,
    written: Seq<u8>,
)
    requires
        read == entry_line(id, number, i, entry_words(read)),
        written == entry_line(id, number, i, entry_words(written)),
        tolerable(read, written),
    ensures
        read == written,
{
    lemma_entry_crc(id, number, i, entry_words(read));
    lemma_entry_crc(id, number, i, entry_words(written));
    theorem_crc64_detects(entry_prefix(id, number, i), read, written);
}

/// A payload and its CRC are a codeword.
proof fn lemma_payload_crc(payload: Seq<u8>)
    ensures
        crc_matches(Seq::empty(), payload + u64_le(spec_crc64(payload))),
{
    let all = payload + u64_le(spec_crc64(payload));
    assert(all.take(all.len() - 8) =~= payload);
    assert(all.skip(all.len() - 8) =~= u64_le(spec_crc64(payload)));
    assert(Seq::<u8>::empty() + payload =~= payload);
}

/// Bytes that are the same behind others add no wrong bits.
proof fn lemma_wrong_bits_before(s: Seq<u8>, t: Seq<u8>, same: Seq<u8>)
    requires
        s.len() == t.len(),
    ensures
        wrong_bits(s + same, t + same) == wrong_bits(s, t),
{
    let (x, y) = (s + same, t + same);
    assert forall|i: int| #[trigger]
        wrong_bits(x, y).contains(i) == wrong_bits(s, t).contains(i) by {
        if 0 <= i < 8 * s.len() {
            assert(x[i / 8] == s[i / 8] && y[i / 8] == t[i / 8]);
        } else if 0 <= i < 8 * x.len() {
            assert(x[i / 8] == same[i / 8 - s.len()] && y[i / 8] == same[i / 8 - s.len()]);
        }
    }
    assert(wrong_bits(x, y) =~= wrong_bits(s, t));
}

/// If a payload was written and one with the same CRC is read, they are the same, as long as the damage is tolerable.
pub(super) proof fn lemma_payload_damage(read: Seq<u8>, written: Seq<u8>)
    requires
        read.len() == written.len(),
        read.len() > 8,
        spec_crc64(read) == spec_crc64(written),
        tolerable(read, written),
    ensures
        read == written,
{
    let crc = u64_le(spec_crc64(read));
    let (s, t) = (read + crc, written + crc);
    lemma_payload_crc(read);
    lemma_payload_crc(written);
    lemma_wrong_bits_before(read, written, crc);
    assert forall|start: int|
        wrong_only_within(read, written, start, start + 64) implies #[trigger] wrong_only_within(
        s,
        t,
        start,
        start + 64,
    ) by {
        assert forall|i: int| #[trigger] wrong_bits(s, t).contains(i) implies start <= i < start
            + 64 by {
            assert(wrong_bits(read, written).contains(i));
        }
    }
    if read.len() <= LONGEST_SCATTERED {
        if tolerable_burst(read, written) {
            let start = choose|start: int| #[trigger]
                wrong_only_within(read, written, start, start + 64);
            assert(wrong_only_within(s, t, start, start + 64));
        }
        theorem_crc64_detects(Seq::empty(), s, t);
    } else {
        let start = choose|start: int| #[trigger]
            wrong_only_within(read, written, start, start + 64);
        assert(wrong_only_within(s, t, start, start + 64));
        theorem_burst_detected(Seq::empty(), s, t, start);
    }
    assert(s.take(read.len() as int) =~= read);
    assert(t.take(read.len() as int) =~= written);
}

} // verus!
