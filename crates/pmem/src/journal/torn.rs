//! What a crash leaves of a record: nothing of it, all of it, or a collision.
use super::layout::*;
#[cfg(verus_only)]
use super::{follow::*, record::*, snapshot::*};
#[cfg(verus_only)]
use crate::region_id::RegionId;
#[cfg(verus_only)]
use crate::{
    codeword::*,
    image::*,
    trusted::{bytes::*, collision::*, crc::*, region::*},
};
use vstd::prelude::*;

verus! {

/// An aligned word within a torn write is the old one or the new one.
proof fn lemma_torn_at(post: Seq<u8>, pre: Seq<u8>, addr: int, bytes: Seq<u8>, a: int)
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

/// What a torn write leaves of its first bytes is a torn write of these.
proof fn lemma_torn_start(post: Seq<u8>, pre: Seq<u8>, addr: int, bytes: Seq<u8>, n: int)
    requires
        torn(post, pre, addr, bytes),
        addr % 8 == 0,
        0 <= addr,
        0 <= n <= bytes.len(),
        addr + bytes.len() <= pre.len(),
    ensures
        torn(post.subrange(addr, addr + n), pre.subrange(addr, addr + n), 0, bytes.take(n)),
{
    let (left, before) = (post.subrange(addr, addr + n), pre.subrange(addr, addr + n));
    let full = update_bytes(pre, addr, bytes);
    let all = update_bytes(before, 0, bytes.take(n));
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

/// In none of a record's lines but the first one begins another.
proof fn lemma_record_lines(id: RegionId, number: u64, payload: Seq<u8>, i: int)
    requires
        payload_ok(payload),
        0 < i < payload.len() + HEADER,
        i % 64 == 0,
    ensures
        u64_from_le(record_bytes(id, number, payload).subrange(i, i + 8)) >= MARK,
{
    let bytes = record_bytes(id, number, payload);
    lemma_record_bytes(id, number, payload);
    reveal(marked);
    assert(bytes[i + 7] == bytes.skip(HEADER as int)[i - 25]);
    lemma_marked_word(bytes.subrange(i, i + 8));
}

/// While a record is written, its first line may be that of a record with its number. All else is as quiet as before.
proof fn lemma_torn_line(
    s: Seq<u8>,
    t: Seq<u8>,
    at: int,
    id: RegionId,
    number: u64,
    payload: Seq<u8>,
    a: int,
)
    requires
        torn(s, t, at, record_bytes(id, (number + 1) as u64, payload)),
        number < LAST_NUMBER,
        payload_ok(payload),
        at % 64 == 0,
        a % 64 == 0,
        0 <= at,
        at + payload.len() + HEADER <= t.len(),
        0 <= a,
        a + 8 <= t.len(),
        quiet_word(u64_at(t, a), number),
    ensures
        quiet_word(u64_at(s, a), (number + 1) as u64),
        a != at ==> quiet_word(u64_at(s, a), number),
{
    let next = (number + 1) as u64;
    let bytes = record_bytes(id, next, payload);
    lemma_record_bytes(id, next, payload);
    if at <= a < at + bytes.len() {
        lemma_torn_at(s, t, at, bytes, a);
        if a != at {
            lemma_record_lines(id, next, payload, a - at);
        }
    } else {
        lemma_torn_same_outside(s, t, at, bytes);
        assert(s.subrange(a, a + 8) =~= t.subrange(a, a + 8));
    }
}

/// Whether an image holds, at `addr`, neither what was there before nor what was written, but a mixture of the two by
/// words that ends in the CRC of `prefix` and of what comes before it.
pub open spec fn collides(
    image: Seq<u8>,
    prefix: Seq<u8>,
    addr: int,
    before: Seq<u8>,
    written: Seq<u8>,
) -> bool {
    let left = image.subrange(addr, addr + written.len());
    let end = written.len() - 8;
    &&& left != before
    &&& left != written
    &&& before.len() == written.len()
    &&& torn(left, before, 0, written)
    &&& left.skip(end) == u64_le(spec_crc64(prefix + left.take(end)))
}

/// Whether an image has a collision in this record at `at`. `before` is the image without it.
pub open spec fn record_collides(
    image: Seq<u8>,
    before: Seq<u8>,
    id: RegionId,
    number: u64,
    at: int,
    payload: Seq<u8>,
) -> bool {
    let behind = at + HEADER;
    ||| collides(
        image,
        prefix(id, RECORD_TAG),
        at,
        before.subrange(at, behind),
        record_header(id, number, payload),
    )
    ||| same_crc(image.subrange(behind, behind + payload.len()), payload)
}

impl JournalLayout {
    /// Whether a record with this payload may be written behind the last one, which has this number.
    pub open spec fn append_fits(
        self,
        image: Seq<u8>,
        j: Journal,
        number: u64,
        payload: Seq<u8>,
    ) -> bool {
        &&& self.fits(image.len() as int)
        &&& self.follow(image, j) is Some
        &&& self.quiet(image, j, number)
        &&& self.follow(image, j)->0.number() == number
        &&& number < LAST_NUMBER
        &&& payload_ok(payload)
        &&& self.tail(image, j) + payload.len() + HEADER <= self.end(j)
    }

    /// While a record is written, no line of the journal holds the header of one with a later number than its own, and
    /// none behind its first one the header of one with its own.
    proof fn lemma_lines_torn(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        number: u64,
        at: int,
        payload: Seq<u8>,
    )
        requires
            self.fits(t.len() as int),
            self.quiet(t, j, number),
            number < LAST_NUMBER,
            payload_ok(payload),
            at % 64 == 0,
            self.first(j) <= at,
            at + payload.len() + HEADER <= self.end(j),
            torn(s, t, at, record_bytes(self.id, (number + 1) as u64, payload)),
        ensures
            self.quiet(s, j, (number + 1) as u64),
            self.nothing_later(s, j, number as int, at + LINE),
    {
        hide(JournalLayout::fits);
        hide(payload_ok);
        hide(quiet_word);
        hide(header_at);

        self.lemma_lines_fit(t.len() as int, j);
        assert forall|a: int| self.first(j) <= a < self.end(j) && a % 64 == 0 implies quiet_word(
            #[trigger] u64_at(s, a),
            (number + 1) as u64,
        ) by {
            assert(quiet_word(u64_at(t, a), number));
            lemma_torn_line(s, t, at, self.id, number, payload, a);
        }
        assert forall|a: int| at + LINE <= a < self.end(j) && a % 64 == 0 implies !(
        #[trigger] header_at(s, self.id, a) matches Some(p) && p.a > number) by {
            assert(quiet_word(u64_at(t, a), number));
            lemma_torn_line(s, t, at, self.id, number, payload, a);
            lemma_header_word(s, self.id, a);
            lemma_quiet_word(u64_at(s, a), number);
        }
    }

    /// Where a record was to be written, there is none, the new one, or a collision.
    proof fn lemma_record_torn(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        number: u64,
        at: int,
        payload: Seq<u8>,
    )
        requires
            self.fits(t.len() as int),
            self.first(j) <= at,
            at % 64 == 0,
            at + payload.len() + HEADER <= self.end(j),
            payload_ok(payload),
            number < MARK,
            u64_at(t, at) != number,
            torn(s, t, at, record_bytes(self.id, number, payload)),
        ensures
            ({
                ||| self.record(s, j, number as int, at) is None
                ||| self.record(s, j, number as int, at) == Some(payload)
                ||| record_collides(s, t, self.id, number, at, payload)
            }),
    {
        hide(JournalLayout::fits);
        hide(codeword);
        hide(torn);

        let bytes = record_bytes(self.id, number, payload);
        let header = record_header(self.id, number, payload);
        let (left, before) = (line(s, at), line(t, at));
        self.lemma_lines_fit(t.len() as int, j);
        lemma_record_bytes(self.id, number, payload);
        lemma_record_header(self.id, number, payload);
        lemma_torn_start(s, t, at, bytes, HEADER as int);
        lemma_torn_same_outside(s, t, at, bytes);
        lemma_header_word(s, self.id, at);
        reveal(record_at);
        if self.record(s, j, number as int, at) is Some {
            if left == header {
                let there = s.subrange(at + HEADER, at + HEADER + payload.len());
                assert(spec_crc64(there) == spec_crc64(payload));
            } else {
                lemma_header_crc(s, self.id, at);
                assert(left.subrange(0, 8) =~= s.subrange(at, at + 8));
                assert(before.subrange(0, 8) =~= t.subrange(at, at + 8));
            }
        }
    }

    /// What a crash leaves while a record is written behind the last one: a journal as before, or with the new record,
    /// or a collision.
    pub proof fn lemma_append_torn(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        number: u64,
        payload: Seq<u8>,
    )
        requires
            self.append_fits(t, j, number, payload),
            torn(s, t, self.tail(t, j), record_bytes(self.id, (number + 1) as u64, payload)),
        ensures
            self.live(s) == self.live(t),
            self.quiet(s, j, (number + 1) as u64),
            ({
                ||| self.follow(s, j) == self.follow(t, j)
                ||| self.follow(s, j) == Some(self.follow(t, j)->0.with(payload))
                ||| record_collides(s, t, self.id, (number + 1) as u64, self.tail(t, j), payload)
            }),
    {
        hide(JournalLayout::fits);
        hide(payload_ok);
        hide(quiet_word);
        hide(JournalLayout::quiet);
        hide(JournalLayout::nothing_later);
        hide(record_collides);

        let at = self.tail(t, j);
        let next = (number + 1) as u64;
        let state = self.follow(t, j)->0;
        let bytes = record_bytes(self.id, next, payload);
        lemma_record_bytes(self.id, next, payload);
        lemma_torn_same_outside(s, t, at, bytes);
        self.lemma_tail_fits(t, j);
        self.lemma_prefix_same(s, t, j);
        self.lemma_lines_torn(s, t, j, number, at, payload);
        self.lemma_next_absent(t, j, number, at);
        self.lemma_record_torn(s, t, j, next, at, payload);
        let record = self.record(s, j, next as int, at);
        if record is None {
            self.lemma_no_record(s, j, next as int, at);
            assert(state.records + Seq::<Seq<u8>>::empty() =~= state.records);
        } else if record == Some(payload) {
            self.lemma_last_record(s, j, next, at);
            assert(state.records + seq![payload] =~= state.records.push(payload));
        }
    }

    /// Once a record is written behind the last one, it is there.
    pub proof fn lemma_append_written(
        self,
        s: Seq<u8>,
        t: Seq<u8>,
        j: Journal,
        number: u64,
        payload: Seq<u8>,
    )
        requires
            self.append_fits(t, j, number, payload),
            s == update_bytes(
                t,
                self.tail(t, j),
                record_bytes(self.id, (number + 1) as u64, payload),
            ),
        ensures
            self.live(s) == self.live(t),
            self.quiet(s, j, (number + 1) as u64),
            self.follow(s, j) == Some(self.follow(t, j)->0.with(payload)),
            self.tail(s, j) == self.tail(t, j) + payload.len() + HEADER,
    {
        hide(JournalLayout::fits);
        hide(quiet_word);
        hide(JournalLayout::quiet);
        hide(JournalLayout::nothing_later);
        hide(codeword);

        let at = self.tail(t, j);
        let next = (number + 1) as u64;
        let state = self.follow(t, j)->0;
        let bytes = record_bytes(self.id, next, payload);
        let end = at + bytes.len();
        lemma_record_bytes(self.id, next, payload);
        lemma_torn_all(t, at, bytes);
        lemma_torn_same_outside(s, t, at, bytes);
        self.lemma_tail_fits(t, j);
        self.lemma_prefix_same(s, t, j);
        self.lemma_lines_torn(s, t, j, number, at, payload);
        assert(line(s, at) =~= bytes.take(HEADER as int));
        assert(s.subrange(at + HEADER, end) =~= bytes.skip(HEADER as int));
        lemma_record_there(s, self.id, next, at, end);
        self.lemma_last_record(s, j, next, at);
        assert(state.records + seq![payload] =~= state.records.push(payload));
    }

    /// A journal's tail lies in it, on a line.
    proof fn lemma_tail_fits(self, image: Seq<u8>, j: Journal)
        requires
            self.fits(image.len() as int),
        ensures
            self.first(j) <= self.tail(image, j) <= self.end(j) <= image.len(),
            self.tail(image, j) % 64 == 0,
            0 <= self.first(j),
    {
        self.lemma_lines_fit(image.len() as int, j);
        self.lemma_tail(image, j, self.snapshot(image, j)->0.number + 1, self.first(j));
    }

    /// In a quiet journal, no line begins with the next number.
    proof fn lemma_next_absent(self, image: Seq<u8>, j: Journal, number: u64, at: int)
        requires
            self.quiet(image, j, number),
            number < LAST_NUMBER,
            self.first(j) <= at < self.end(j),
            at % 64 == 0,
        ensures
            u64_at(image, at) != number + 1,
    {
        assert(quiet_word(u64_at(image, at), number));
    }

    /// Images that agree on a journal's snapshot and records say the same up to there.
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
                let next = state.number() + 1;
                let at = self.tail(t, j);
                let number = state.snapshot.number;
                &&& self.records_of(s, j, number) == state.records + self.records_from(
                    s,
                    j,
                    next,
                    at,
                )
                &&& self.tail(s, j) == self.tail_from(s, j, next, at)
            }),
    {
        let number = self.follow(t, j)->0.snapshot.number + 1;
        let selector = self.selector as int;
        self.lemma_tail(t, j, number, self.first(j));
        self.lemma_snapshot_same(s, t, j);
        assert(s.subrange(selector, selector + 8) =~= t.subrange(selector, selector + 8));
        self.lemma_records_same(s, t, j, number, self.first(j));
    }

    /// Behind a record after which no later one begins, following stops.
    proof fn lemma_last_record(self, s: Seq<u8>, j: Journal, number: u64, at: int)
        requires
            self.fits(s.len() as int),
            self.first(j) <= at,
            at % 64 == 0,
            self.quiet(s, j, number),
            self.record(s, j, number as int, at) is Some,
        ensures
            ({
                let payload = self.record(s, j, number as int, at)->0;
                let behind = at + payload.len() + HEADER;
                &&& self.records_from(s, j, number as int, at) == seq![payload]
                &&& self.tail_from(s, j, number as int, at) == behind
                &&& self.nothing_later(s, j, number as int, behind + LINE)
            }),
    {
        hide(JournalLayout::fits);
        hide(JournalLayout::quiet);
        hide(JournalLayout::nothing_later);

        let payload = self.record(s, j, number as int, at)->0;
        let behind = at + payload.len() + HEADER;
        self.lemma_record_len(s, j, number as int, at);
        self.lemma_one_record(s, j, number as int, at);
        self.lemma_quiet(s, j, number, number + 1, behind);
        self.lemma_quiet(s, j, number, number + 1, behind + LINE);
        self.lemma_no_record(s, j, number + 1, behind);
        assert(seq![payload] + Seq::<Seq<u8>>::empty() =~= seq![payload]);
    }
}

} // verus!
