//! What a crash leaves of a record: nothing of it, all of it, or a collision.
use super::layout::*;
#[cfg(verus_only)]
use super::{follow::*, record::*};
#[cfg(verus_only)]
use crate::region_id::RegionId;
#[cfg(verus_only)]
use crate::{
    bytes::*, crc::residue::*, image::*, table::u64_at, trusted::collision::*, trusted::region::*,
};
use vstd::prelude::*;

verus! {

/// What may be left of a record: `collides`, where the record's first word is the one that was written.
pub open spec fn record_collides(
    image: Seq<u8>,
    layout: JournalLayout,
    number: u64,
    addr: int,
    before: Seq<u8>,
    written: Seq<u8>,
) -> bool {
    collides(
        image,
        record_prefix(layout.id, number),
        addr,
        before.subrange(addr, addr + written.len()),
        written,
    )
}

/// An aligned word within a torn write is the old one or the new one.
pub proof fn lemma_torn_at(post: Seq<u8>, pre: Seq<u8>, addr: int, bytes: Seq<u8>, a: int)
    requires
        torn(post, pre, addr, bytes),
        a % 8 == 0,
        0 <= addr <= a,
        a + 8 <= addr + bytes.len() <= pre.len(),
    ensures
        post.subrange(a, a + 8) == pre.subrange(a, a + 8) || post.subrange(a, a + 8)
            == bytes.subrange(a - addr, a - addr + 8),
{
    let full = update_bytes(pre, addr, bytes);
    assert(word(a / 8));
    if word_eq(post, pre, a / 8) {
        assert(post.subrange(a, a + 8) =~= pre.subrange(a, a + 8));
    } else {
        assert forall|i: int| a <= i < a + 8 implies #[trigger] post[i] == bytes[i - addr] by {
            assert(i / 8 == a / 8);
            assert(full[i] == bytes[i - addr]);
        }
        assert(post.subrange(a, a + 8) =~= bytes.subrange(a - addr, a - addr + 8));
    }
}

/// What a torn write leaves in its range is a torn write of that range.
proof fn lemma_torn_range(post: Seq<u8>, pre: Seq<u8>, addr: int, bytes: Seq<u8>)
    requires
        torn(post, pre, addr, bytes),
        addr % 8 == 0,
        0 <= addr,
        addr + bytes.len() <= pre.len(),
    ensures
        torn(
            post.subrange(addr, addr + bytes.len()),
            pre.subrange(addr, addr + bytes.len()),
            0,
            bytes,
        ),
{
    let (left, before) = (
        post.subrange(addr, addr + bytes.len()),
        pre.subrange(addr, addr + bytes.len()),
    );
    let full = update_bytes(pre, addr, bytes);
    let all = update_bytes(before, 0, bytes);
    assert forall|w: int| #[trigger] word(w) implies word_eq(left, before, w) || word_eq(
        left,
        all,
        w,
    ) by {
        let v = w + addr / 8;
        assert(word(v));
        if word_eq(post, pre, v) {
            assert forall|i: int| 0 <= i < left.len() && i / 8 == w implies #[trigger] left[i]
                == before[i] by {
                assert(post[addr + i] == pre[addr + i]);
            }
        } else {
            assert forall|i: int| 0 <= i < left.len() && i / 8 == w implies #[trigger] left[i]
                == all[i] by {
                assert(post[addr + i] == full[addr + i]);
            }
        }
    }
}

/// A word whose last byte has its top bit set is no record's first.
proof fn lemma_marked_word(s: Seq<u8>)
    requires
        s.len() == 8,
        s[7] >= 128,
    ensures
        u64_from_le(s) >= MARK,
{
    let (a, b, c, d, e, f, g, h) = (s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
    assert((a as u64) | (b as u64) << 8 | (c as u64) << 16 | (d as u64) << 24 | (e as u64) << 32 | (
    f as u64) << 40 | (g as u64) << 48 | (h as u64) << 56 >= 0x8000_0000_0000_0000) by (bit_vector)
        requires
            h >= 128,
    ;
}

/// After a write of whole lines, a line's first word is the one that was there or the one that was written.
proof fn lemma_word_written(s: Seq<u8>, t: Seq<u8>, at: int, bytes: Seq<u8>, a: int)
    requires
        s == update_bytes(t, at, bytes),
        bytes.len() % 64 == 0,
        at % 64 == 0,
        a % 64 == 0,
        0 <= at,
        0 <= a <= t.len() - 8,
        at + bytes.len() <= t.len(),
    ensures
        at <= a < at + bytes.len() ==> u64_at(s, a) == u64_from_le(
            bytes.subrange(a - at, a - at + 8),
        ),
        !(at <= a < at + bytes.len()) ==> u64_at(s, a) == u64_at(t, a),
{
    if at <= a < at + bytes.len() {
        assert(s.subrange(a, a + 8) =~= bytes.subrange(a - at, a - at + 8));
    } else {
        assert(s.subrange(a, a + 8) =~= t.subrange(a, a + 8));
    }
}

/// In none of a record's lines begins a record of a later generation.
proof fn lemma_record_lines(id: RegionId, generation: u64, number: u64, payload: Seq<u8>, i: int)
    requires
        payload_ok(payload),
        generation < GENERATIONS,
        0 <= i < payload.len() + 16,
        i % 64 == 0,
    ensures
        quiet_word(
            u64_from_le(record_bytes(id, generation, number, payload).subrange(i, i + 8)),
            (generation + 1) as u64,
        ),
{
    let bytes = record_bytes(id, generation, number, payload);
    lemma_record_bytes(id, generation, number, payload);
    lemma_record_word(generation, payload.len() + 16);
    reveal(marked);
    if i > 0 {
        assert(bytes[i + 7] == payload[i - 1]);
        lemma_marked_word(bytes.subrange(i, i + 8));
    }
}

/// A record fills whole lines.
proof fn lemma_whole_lines(id: RegionId, generation: u64, number: u64, payload: Seq<u8>)
    requires
        payload_ok(payload),
    ensures
        record_bytes(id, generation, number, payload).len() == payload.len() + 16,
        record_bytes(id, generation, number, payload).len() % 64 == 0,
{
    lemma_record_bytes(id, generation, number, payload);
}

/// After a write of whole lines, a line is quiet if it was, and if what was written to it is.
proof fn lemma_line_quiet(s: Seq<u8>, t: Seq<u8>, at: int, bytes: Seq<u8>, a: int, generation: u64)
    requires
        s == update_bytes(t, at, bytes),
        bytes.len() % 64 == 0,
        at % 64 == 0,
        a % 64 == 0,
        0 <= at,
        0 <= a <= t.len() - 8,
        at + bytes.len() <= t.len(),
        quiet_word(u64_at(t, a), generation),
        at <= a < at + bytes.len() ==> quiet_word(
            u64_from_le(bytes.subrange(a - at, a - at + 8)),
            generation,
        ),
    ensures
        quiet_word(u64_at(s, a), generation),
{
    hide(quiet_word);

    lemma_word_written(s, t, at, bytes, a);
}

impl JournalLayout {
    /// A journal's records lie in the region, in whole lines.
    proof fn lemma_lines_fit(self, len: int, j: Journal)
        requires
            self.fits(len),
        ensures
            0 <= self.first(j),
            self.end(j) <= len,
            self.end(j) % 64 == 0,
    {
    }

    /// Where a record was to be written behind the last one, there is none, the new one, or a collision.
    proof fn lemma_record_torn(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        at: int,
        payload: Seq<u8>,
    )
        requires
            self.fits(t.len() as int),
            self.quiet(t, j, generation, at),
            at % 64 == 0,
            self.first(j) <= at,
            at + payload.len() + 16 <= self.end(j),
            payload_ok(payload),
            generation < GENERATIONS,
            0 <= number <= u64::MAX,
            torn(s, t, at, record_bytes(self.id, generation, number as u64, payload)),
        ensures
            ({
                let bytes = record_bytes(self.id, generation, number as u64, payload);
                ||| self.record(s, j, generation, number, at) is None
                ||| self.record(s, j, generation, number, at) == Some(payload)
                ||| record_collides(s, self, number as u64, at, t, bytes)
            }),
            s.subrange(at, at + payload.len() + 16) == record_bytes(
                self.id,
                generation,
                number as u64,
                payload,
            ) ==> self.record(s, j, generation, number, at) == Some(payload),
    {
        let len = payload.len() + 16;
        let bytes = record_bytes(self.id, generation, number as u64, payload);
        let left = s.subrange(at, at + len);
        reveal(record_at);
        lemma_record_bytes(self.id, generation, number as u64, payload);
        lemma_record_word(generation, len as nat);
        lemma_torn_at(s, t, at, bytes, at);
        lemma_torn_range(s, t, at, bytes);
        lemma_quiet_word(u64_at(t, at), generation);
        assert(s.subrange(at, at + 8) =~= left.subrange(0, 8));
        if s.subrange(at, at + 8) == bytes.subrange(0, 8) {
            assert(LINE * (u64_at(s, at) as int % LINES as int) == len);
            if left == bytes {
                assert(self.record(s, j, generation, number, at) == Some(payload));
            }
            let before = t.subrange(at, at + len);
            if left == before {
                assert(t.subrange(at, at + 8) =~= before.subrange(0, 8));
            }
        }
    }

    /// What a crash leaves while a record is written behind the last one: a journal as before, or with the new record,
    /// or a collision.
    pub proof fn lemma_append_torn(self, s: Seq<u8>, t: Seq<u8>, j: Journal, payload: Seq<u8>)
        requires
            self.append_fits(t, j, payload),
            torn(s, t, self.tail(t, j), self.next_record(t, j, payload)),
        ensures
            self.live(s) == self.live(t),
            self.append_left(s, t, j, payload),
            s.subrange(self.tail(t, j), self.tail(t, j) + payload.len() + 16) == self.next_record(
                t,
                j,
                payload,
            ) ==> {
                &&& self.follow(s, j) == Some(self.follow(t, j)->0.with(payload))
                &&& self.tail(s, j) == self.tail(t, j) + payload.len() + 16
            },
    {
        let state = self.follow(t, j)->0;
        let generation = state.snapshot.generation;
        let at = self.tail(t, j);
        let next = state.number() + 1;
        let bytes = self.next_record(t, j, payload);
        self.lemma_snapshot(t, j);
        lemma_record_bytes(self.id, generation, next as u64, payload);
        lemma_torn_same_outside(s, t, at, bytes);
        self.lemma_tail(t, j, generation, state.snapshot.number + 1, self.first(j));
        self.lemma_prefix_same(s, t, j);
        self.lemma_record_torn(s, t, j, generation, next, at, payload);
        let record = self.record(s, j, generation, next, at);
        if record is None {
            self.lemma_no_record(s, j, generation, next, at);
            assert(state.records + Seq::<Seq<u8>>::empty() =~= state.records);
        } else if record == Some(payload) {
            self.lemma_quiet_same(s, t, j, generation, at + bytes.len());
            self.lemma_last_record(s, j, generation, next, at);
            assert(state.records + seq![payload] =~= state.records.push(payload));
        }
    }

    /// Images that agree on both snapshots, and on a journal's records, say the same up to there.
    proof fn lemma_prefix_same(self, s: Seq<u8>, t: Seq<u8>, j: Journal)
        requires
            self.fits(t.len() as int),
            self.follow(t, j) is Some,
            same_outside(s, t, self.tail(t, j), self.end(j)),
        ensures
            self.live(s) == self.live(t),
            self.snapshot(s, j) == self.snapshot(t, j),
            ({
                let state = self.follow(t, j)->0;
                let generation = state.snapshot.generation;
                let next = state.number() + 1;
                let at = self.tail(t, j);
                &&& self.follow(s, j)->0.records == state.records + self.records_from(
                    s,
                    j,
                    generation,
                    next,
                    at,
                )
                &&& self.tail(s, j) == self.tail_from(s, j, generation, next, at)
            }),
    {
        let state = self.follow(t, j)->0;
        let generation = state.snapshot.generation;
        let number = state.snapshot.number + 1;
        self.lemma_tail(t, j, generation, number, self.first(j));
        self.lemma_snapshot_same(s, t, j);
        self.lemma_snapshot_same(s, t, j.other());
        self.lemma_records_same(s, t, j, generation, number, self.first(j));
    }

    /// Where there is no record, following stops.
    pub proof fn lemma_no_record(
        self,
        s: Seq<u8>,
        j: Journal,
        generation: u64,
        number: int,
        at: int,
    )
        requires
            self.record(s, j, generation, number, at) is None,
        ensures
            self.records_from(s, j, generation, number, at) == Seq::<Seq<u8>>::empty(),
            self.tail_from(s, j, generation, number, at) == at,
    {
        reveal_with_fuel(JournalLayout::records_from, 2);
        reveal_with_fuel(JournalLayout::tail_from, 2);
    }

    /// Behind a record that is followed by quiet lines, following stops.
    proof fn lemma_last_record(self, s: Seq<u8>, j: Journal, generation: u64, number: int, at: int)
        requires
            self.record(s, j, generation, number, at) is Some,
            ({
                let behind = at + self.record(s, j, generation, number, at)->0.len() + 16;
                self.quiet(s, j, generation, behind) && behind % 64 == 0
            }),
            generation < GENERATIONS,
        ensures
            ({
                let payload = self.record(s, j, generation, number, at)->0;
                &&& self.records_from(s, j, generation, number, at) == seq![payload]
                &&& self.tail_from(s, j, generation, number, at) == at + payload.len() + 16
            }),
    {
        let payload = self.record(s, j, generation, number, at)->0;
        reveal_with_fuel(JournalLayout::records_from, 2);
        reveal_with_fuel(JournalLayout::tail_from, 2);
        let behind = at + payload.len() + 16;
        self.lemma_quiet(s, j, generation, number + 1, behind);
        self.lemma_no_record(s, j, generation, number + 1, behind);
        assert(seq![payload] + Seq::<Seq<u8>>::empty() =~= seq![payload]);
    }

    /// Lines that two images share are quiet in both.
    pub proof fn lemma_quiet_same(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        generation: u64,
        from: int,
    )
        requires
            s.len() == t.len(),
            0 <= from,
            self.end(j) <= t.len(),
            self.end(j) % 64 == 0,
            self.quiet(t, j, generation, from),
            forall|a: int| from <= a < self.end(j) ==> #[trigger] s[a] == t[a],
        ensures
            self.quiet(s, j, generation, from),
    {
        assert forall|a: int| from <= a < self.end(j) && a % 64 == 0 implies quiet_word(
            #[trigger] u64_at(s, a),
            generation,
        ) by {
            assert(s.subrange(a, a + 8) =~= t.subrange(a, a + 8));
            assert(u64_at(s, a) == u64_at(t, a));
        }
    }

    /// After a record was written, no record of its generation begins behind it, and none of a later one in the journal.
    pub proof fn lemma_append_quiet(self, s: Seq<u8>, t: Seq<u8>, j: Journal, payload: Seq<u8>)
        requires
            self.append_fits(t, j, payload),
            s == update_bytes(t, self.tail(t, j), self.next_record(t, j, payload)),
        ensures
            self.quiet(
                s,
                j,
                self.snapshot(t, j)->0.generation,
                self.tail(t, j) + payload.len() + 16,
            ),
            self.quiet(t, j, (self.snapshot(t, j)->0.generation + 1) as u64, self.first(j))
                ==> self.quiet(s, j, (self.snapshot(t, j)->0.generation + 1) as u64, self.first(j)),
    {
        hide(payload_ok);
        hide(quiet_word);

        let state = self.follow(t, j)->0;
        let generation = state.snapshot.generation;
        let at = self.tail(t, j);
        let next = self.next_number(t, j);
        let bytes = self.next_record(t, j, payload);
        self.lemma_snapshot(t, j);
        lemma_whole_lines(self.id, generation, next, payload);
        self.lemma_lines_fit(t.len() as int, j);
        self.lemma_tail(t, j, generation, state.snapshot.number + 1, self.first(j));
        self.lemma_quiet_same(s, t, j, generation, at + bytes.len());
        if self.quiet(t, j, (generation + 1) as u64, self.first(j)) {
            self.lemma_quiet_record(s, t, j, generation, next, at, payload);
        }
    }

    /// In a journal with a record written, none of a later generation begins if none did.
    proof fn lemma_quiet_record(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        generation: u64,
        number: u64,
        at: int,
        payload: Seq<u8>,
    )
        requires
            self.fits(t.len() as int),
            self.first(j) <= at,
            at % 64 == 0,
            at + payload.len() + 16 <= self.end(j),
            payload_ok(payload),
            generation < GENERATIONS,
            s == update_bytes(t, at, record_bytes(self.id, generation, number, payload)),
            self.quiet(t, j, (generation + 1) as u64, self.first(j)),
        ensures
            self.quiet(s, j, (generation + 1) as u64, self.first(j)),
    {
        hide(JournalLayout::fits);
        hide(payload_ok);
        hide(quiet_word);

        let bytes = record_bytes(self.id, generation, number, payload);
        self.lemma_lines_fit(t.len() as int, j);
        lemma_whole_lines(self.id, generation, number, payload);
        assert forall|a: int| self.first(j) <= a < self.end(j) && a % 64 == 0 implies quiet_word(
            #[trigger] u64_at(s, a),
            (generation + 1) as u64,
        ) by {
            assert(a + 8 <= t.len());
            assert(quiet_word(u64_at(t, a), (generation + 1) as u64));
            if at <= a < at + bytes.len() {
                lemma_record_lines(self.id, generation, number, payload, a - at);
            }
            lemma_line_quiet(s, t, at, bytes, a, (generation + 1) as u64);
        }
    }

    /// The number of the record that comes next.
    pub open spec fn next_number(self, image: Seq<u8>, j: Journal) -> u64 {
        (self.follow(image, j)->0.number() + 1) as u64
    }

    /// The record that comes next, with this payload.
    pub open spec fn next_record(self, image: Seq<u8>, j: Journal, payload: Seq<u8>) -> Seq<u8> {
        record_bytes(
            self.id,
            self.snapshot(image, j)->0.generation,
            self.next_number(image, j),
            payload,
        )
    }

    /// What may be left while a record is written: a journal as before, or with the new record, or a collision.
    pub open spec fn append_left(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        payload: Seq<u8>,
    ) -> bool {
        let (number, record) = (self.next_number(t, j), self.next_record(t, j, payload));
        ||| self.follow(s, j) == self.follow(t, j)
        ||| self.follow(s, j) == Some(self.follow(t, j)->0.with(payload))
        ||| record_collides(s, self, number, self.tail(t, j), t, record)
    }

    /// Whether a record with this payload may be written behind the last one.
    pub open spec fn append_fits(self, image: Seq<u8>, j: Journal, payload: Seq<u8>) -> bool {
        &&& self.fits(image.len() as int)
        &&& self.follow(image, j) is Some
        &&& self.quiet(image, j, self.snapshot(image, j)->0.generation, self.tail(image, j))
        &&& self.follow(image, j)->0.number() < u64::MAX
        &&& payload_ok(payload)
        &&& self.tail(image, j) + payload.len() + 16 <= self.end(j)
    }
}

} // verus!
