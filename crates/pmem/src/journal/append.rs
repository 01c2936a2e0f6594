//! Appending a record: one write behind the last one, and one flush.
use super::layout::*;
use super::memory::*;
use super::record::{record_crc, LINES};
#[cfg(verus_only)]
use super::torn::*;
#[cfg(verus_only)]
use super::{follow::*, record::*, snapshot::*};
use crate::bytes::*;
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{crc::residue::*, image::*, table::u64_at, trusted::crc::*};
use vstd::prelude::*;

verus! {

/// The eight bytes of an integer.
#[inline(always)]
pub(super) fn word_bytes(x: u64) -> (r: [u8; 8])
    ensures
        r@ == u64_le(x),
{
    let mut buf = [0u8;8];
    put_u64(&mut buf, 0, x);
    assert(buf@ =~= buf@.subrange(0, 8));
    buf
}

impl Journals {
    /// The record that comes next, with this payload.
    pub open(super) spec fn next_record(&self, payload: Seq<u8>) -> Seq<u8> {
        record_bytes(self.layout.id, self.generation, (self.number + 1) as u64, payload)
    }

    /// Whether this is a collision in the record that comes next. `before` is what was there.
    pub open spec fn collision(&self, image: Seq<u8>, before: Seq<u8>, payload: Seq<u8>) -> bool {
        record_collides(
            image,
            self.layout(),
            (self.number() + 1) as u64,
            self.next_addr(),
            before,
            self.next_record(payload),
        )
    }

    /// What the caller of `append_record` must permit: the state before, or the one with the record, with only the record's
    /// place changed, or a collision there.
    pub open spec fn append_permitted<P: CrashPermission>(
        &self,
        durable: Seq<u8>,
        payload: Seq<u8>,
        permission: P,
    ) -> bool {
        let at = self.next_addr();
        forall|image: Seq<u8>|
            same_outside(image, durable, at, at + payload.len() + 16) && (self.sound() ==> {
                ||| self.layout().state(image) == Some(self.state())
                ||| self.layout().state(image) == Some(self.state().with(payload))
                ||| self.collision(image, durable, payload)
            }) ==> #[trigger] permission.permits(image)
    }

    /// Puts the next record into the scratch buffer.
    fn encode(&mut self, payload: &[u8])
        requires
            old(self).register == id_register(old(self).layout.id),
            old(self).generation < GENERATIONS,
            old(self).number < u64::MAX,
            payload_ok(payload@),
        ensures
            final(self).scratch@ == old(self).next_record(payload@),
            *final(self) == (Journals { scratch: final(self).scratch, ..*old(self) }),
    {
        let len = payload.len() as u64 + 16;
        let number = self.number + 1;
        let word = self.generation * LINES + len / LINE;
        let crc = record_crc(self.register, Ghost(self.layout.id), number, word, payload);
        self.scratch.clear();
        self.scratch.extend_from_slice(&word_bytes(word));
        self.scratch.extend_from_slice(payload);
        self.scratch.extend_from_slice(&word_bytes(crc));
        proof {
            reveal(record_bytes);
            reveal(record_word);
            assert(self.scratch@ =~= old(self).next_record(payload@));
        }
    }

    /// Appends a record with this payload, and flushes. It is durable when this returns Ok.
    ///
    /// After an error the region has failed, and what a crash leaves is one of the images that were permitted.
    pub fn append_record<R: Region, P: CrashPermission>(
        &mut self,
        region: &mut Guarded<R, P>,
        payload: &[u8],
        Tracked(permission): Tracked<&P>,
    ) -> (r: Result<(), IoError>)
        requires
            old(region).inv(),
            !old(region)@.failed,
            old(self).inv(old(region)@.volatile),
            old(self).inv(old(region)@.durable),
            old(self).room_for(payload@.len() as int),
            payload_ok(payload@),
            old(self).append_permitted(old(region)@.durable, payload@, *permission),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            permission.permits(final(region)@.durable),
            same_outside(
                final(region)@.volatile,
                old(region)@.volatile,
                old(self).next_addr(),
                old(self).next_addr() + payload@.len() + 16,
            ),
            final(self).same_but_state(*old(self)),
            r is Ok ==> {
                &&& final(self).inv(final(region)@.volatile)
                &&& final(self).state() == old(self).state().with(payload@)
                &&& final(self).number() == old(self).number() + 1
                &&& final(region)@.durable == final(region)@.volatile
            },
    {
        let ghost before = region@;
        let ghost at = self.tail as int;
        let ghost bytes = self.next_record(payload@);
        self.encode(payload);
        proof {
            region.lemma_inv();
            lemma_record_bytes(self.layout.id, self.generation, (self.number + 1) as u64, payload@);
            assert forall|image: Seq<u8>|
                torn(image, before.durable, at, bytes) implies #[trigger] permission.permits(
                image,
            ) by {
                old(self).lemma_torn(image, before.durable, payload@);
            }
        }
        let r = region.write(self.tail, self.scratch.as_slice(), Tracked(permission));
        proof {
            lemma_torn_same_outside(region@.durable, before.durable, at, bytes);
            if r is Err {
                lemma_torn_same_outside(region@.volatile, before.volatile, at, bytes);
            }
        }
        r?;
        region.flush()?;
        self.tail += payload.len() as u64 + 16;
        self.number += 1;
        self.ghost_state = Ghost(self.ghost_state@.with(payload@));
        proof {
            old(self).lemma_appended(*self, region@.volatile, before.volatile, payload@);
        }
        Ok(())
    }

    /// Whether only the records differ between two journals in memory.
    pub open(super) spec fn same_but_state(&self, other: Journals) -> bool {
        &&& self.layout == other.layout
        &&& self.live == other.live
        &&& self.generation == other.generation
        &&& self.sound() == other.sound()
    }

    /// While a record is written, a crash leaves what `append_permitted` says.
    proof fn lemma_torn(&self, image: Seq<u8>, before: Seq<u8>, payload: Seq<u8>)
        requires
            self.inv(before),
            self.room_for(payload.len() as int),
            payload_ok(payload),
            torn(image, before, self.tail as int, self.next_record(payload)),
        ensures
            same_outside(image, before, self.tail as int, self.tail + payload.len() + 16),
            self.sound() ==> {
                ||| self.layout().state(image) == Some(self.state())
                ||| self.layout().state(image) == Some(self.state().with(payload))
                ||| self.collision(image, before, payload)
            },
    {
        let layout = self.layout;
        let number = (self.number + 1) as u64;
        lemma_record_bytes(layout.id, self.generation, number, payload);
        lemma_torn_same_outside(image, before, self.tail as int, self.next_record(payload));
        if self.sound() {
            layout.lemma_append_torn(image, before, self.live, payload);
            layout.lemma_counts(before, self.live);
        }
    }

    /// What is written to the live journal leaves the other one alone.
    proof fn lemma_other_same(&self, image: Seq<u8>, before: Seq<u8>, from: int, to: int)
        requires
            self.inv(before),
            same_outside(image, before, from, to),
            self.layout.start(self.live) <= from,
            to <= self.layout.end(self.live),
        ensures
            ({
                let (layout, other) = (self.layout, self.live.other());
                let (generation, first) = ((self.generation + 1) as u64, layout.first(other));
                &&& u64_at(image, layout.start(other)) == u64_at(before, layout.start(other))
                &&& layout.quiet(before, other, generation, first) ==> layout.quiet(
                    image,
                    other,
                    generation,
                    first,
                )
            }),
    {
        let (layout, other) = (self.layout, self.live.other());
        let (generation, first) = ((self.generation + 1) as u64, layout.first(other));
        let start = layout.start(other);
        assert(image.subrange(start, start + 8) =~= before.subrange(start, start + 8));
        if layout.quiet(before, other, generation, first) {
            layout.lemma_quiet_same(image, before, other, generation, first);
        }
    }

    /// Once a record is written, the journals in memory say what is there.
    proof fn lemma_appended(&self, new: Journals, image: Seq<u8>, before: Seq<u8>, payload: Seq<u8>)
        requires
            self.inv(before),
            self.room_for(payload.len() as int),
            payload_ok(payload),
            image == update_bytes(before, self.tail as int, self.next_record(payload)),
            new.same_but_state(*self),
            new.register == self.register,
            new.live_quiet == self.live_quiet,
            new.other_quiet == self.other_quiet,
            new.tail == self.tail + payload.len() + 16,
            new.number == self.number + 1,
            new.state() == self.state().with(payload),
        ensures
            new.inv(image),
    {
        let layout = self.layout;
        let (live, other) = (self.live, self.live.other());
        let at = self.tail as int;
        let bytes = self.next_record(payload);
        lemma_record_bytes(layout.id, self.generation, (self.number + 1) as u64, payload);
        if self.sound() {
            lemma_torn_all(before, at, bytes);
            layout.lemma_append_torn(image, before, live, payload);
            layout.lemma_append_quiet(image, before, live, payload);
            assert(image.subrange(at, at + bytes.len()) =~= bytes);
            layout.lemma_counts(before, live);
            layout.lemma_counts(image, live);
            self.lemma_other_same(image, before, at, at + bytes.len());
        }
    }
}

} // verus!
