//! Appending a record: one write behind the last one, and one flush.
use super::memory::*;
use super::record::*;
#[cfg(verus_only)]
use super::{follow::*, layout::*, snapshot::*, torn::*};
use crate::codeword::*;
use crate::crc::extend::*;
#[cfg(verus_only)]
use crate::region_id::RegionId;
use crate::trusted::{guarded::*, region::*};
#[cfg(verus_only)]
use crate::{bytes::*, crc::residue::*, image::*, trusted::collision::*, trusted::crc::*};
use vstd::prelude::*;

verus! {

impl Journals {
    /// The number of the record that comes next.
    pub open spec fn next_number(&self) -> u64 {
        (self.number() + 1) as u64
    }

    /// The record that comes next, with this payload.
    pub open spec fn next_record(&self, payload: Seq<u8>) -> Seq<u8> {
        record_bytes(self.layout().id, self.next_number(), payload)
    }

    /// The image that is to be there when the next record is written.
    pub open spec fn with_record(&self, image: Seq<u8>, payload: Seq<u8>) -> Seq<u8> {
        update_bytes(image, self.next_addr(), self.next_record(payload))
    }

    /// What the caller of `append_record` must permit or excuse: the state before, or the one with the record, with only the
    /// record's place changed, or a collision there.
    pub open spec fn append_permitted<P: CrashPermission>(
        &self,
        view: RegionView,
        payload: Seq<u8>,
        permission: P,
    ) -> bool {
        let (at, len) = (self.next_addr(), HEADER + payload.len());
        let written = self.with_record(view.volatile, payload);
        forall|image: Seq<u8>|
            same_outside(image, view.durable, at, at + len) && (self.sound() ==> {
                ||| self.layout().state(image) == Some(self.state())
                ||| self.layout().state(image) == Some(self.state().with(payload))
                ||| write_collides(image, written, at, len)
            }) ==> #[trigger] permission.permits(image) || permission.excuses(
                image,
                written,
                at,
                len,
            )
    }

    /// Whether only the records differ between two journals in memory.
    pub open(super) spec fn same_but_records(&self, other: Journals) -> bool {
        &&& self.layout == other.layout
        &&& self.live == other.live
        &&& self.live_quiet == other.live_quiet
        &&& self.sound() == other.sound()
    }

    /// Where the next record goes is a place in the live journal.
    pub proof fn lemma_next_addr(&self, image: Seq<u8>)
        requires
            self.inv(image),
        ensures
            forall|len: int|
                #![trigger self.room_for(len)]
                self.room_for(len) ==> self.is_quiet() && forall|a: int|
                    self.next_addr() <= a < self.next_addr() + HEADER + len
                        ==> self.layout().covers(a),
            forall|payload: Seq<u8>|
                (#[trigger] self.next_record(payload)).len() == HEADER + payload.len(),
    {
        assert forall|payload: Seq<u8>|
            (#[trigger] self.next_record(payload)).len() == HEADER + payload.len() by {
            reveal(record_bytes);
        }
    }

    /// When there is room for a record.
    pub proof fn lemma_room(&self, len: int)
        ensures
            self.room_for(len) == (self.is_quiet() && self.next_addr() + HEADER + len
                <= self.layout().end(self.live())),
    {
    }

    /// What follows for those who use journals.
    pub proof fn lemma_same_but_records(&self, other: Journals)
        requires
            self.same_but_records(other),
        ensures
            self.layout() == other.layout(),
            self.live() == other.live(),
            self.is_quiet() == other.is_quiet(),
            self.sound() == other.sound(),
    {
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
            old(self).number() < LAST_NUMBER,
            payload_ok(payload@),
            old(self).append_permitted(old(region)@, payload@, *permission),
        ensures
            final(region).inv(),
            final(region)@.medium == old(region)@.medium,
            final(region)@.failed == (r is Err),
            permission.permits(final(region)@.durable) || permission.excuses(
                final(region)@.durable,
                old(self).with_record(old(region)@.volatile, payload@),
                old(self).next_addr(),
                HEADER + payload@.len(),
            ),
            same_outside(
                final(region)@.volatile,
                old(region)@.volatile,
                old(self).next_addr(),
                old(self).next_addr() + HEADER + payload@.len(),
            ),
            final(self).same_but_records(*old(self)),
            r is Ok ==> {
                &&& final(self).inv(final(region)@.volatile)
                &&& final(self).state() == old(self).state().with(payload@)
                &&& final(self).number() == old(self).number() + 1
                &&& final(region)@.volatile == old(self).with_record(
                    old(region)@.volatile,
                    payload@,
                )
                &&& final(region)@.durable == final(region)@.volatile
            },
    {
        let ghost before = region@;
        let ghost at = self.tail as int;
        let ghost bytes = self.next_record(payload@);
        self.encode(payload);
        proof {
            region.lemma_inv();
            lemma_record_bytes(self.layout.id, self.next_number(), payload@);
            assert forall|image: Seq<u8>|
                torn(image, before.durable, at, bytes) implies #[trigger] permission.permits(image)
                || permission.excuses(
                image,
                update_bytes(before.volatile, at, bytes),
                at,
                bytes.len() as int,
            ) by {
                old(self).lemma_torn(image, before, payload@);
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
        self.tail += HEADER + payload.len() as u64;
        self.number += 1;
        self.ghost_state = Ghost(self.ghost_state@.with(payload@));
        proof {
            old(self).lemma_appended(*self, region@.volatile, before.volatile, payload@);
        }
        Ok(())
    }

    /// Puts the next record into the scratch buffer.
    fn encode(&mut self, payload: &[u8])
        requires
            old(self).number < LAST_NUMBER,
            old(self).prefix_crc == spec_crc64(prefix(old(self).layout.id, RECORD_TAG)),
            payload_ok(payload@),
        ensures
            final(self).scratch@ == old(self).next_record(payload@),
            *final(self) == (Journals { scratch: final(self).scratch, ..*old(self) }),
    {
        let number = self.number + 1;
        let crc = extend_crc64(0, payload);
        let p = Payload { a: number, b: payload.len() as u64, c: crc };
        let header = encode_behind(self.prefix_crc, p, Ghost(self.layout.id), Ghost(RECORD_TAG));
        self.scratch.clear();
        self.scratch.extend_from_slice(&header);
        self.scratch.extend_from_slice(payload);
        proof {
            lemma_crc64_extended(Seq::empty(), payload@);
            assert(Seq::<u8>::empty() + payload@ =~= payload@);
            assert(!0xffff_ffff_ffff_ffffu64 == 0) by (bit_vector);
            reveal(record_bytes);
            assert(self.scratch@ =~= old(self).next_record(payload@));
        }
    }

    /// While a record is written, a crash leaves what `append_permitted` says.
    proof fn lemma_torn(&self, image: Seq<u8>, view: RegionView, payload: Seq<u8>)
        requires
            self.inv(view.durable),
            self.room_for(payload.len() as int),
            self.number < LAST_NUMBER,
            payload_ok(payload),
            view.volatile.len() == view.durable.len(),
            torn(image, view.durable, self.tail as int, self.next_record(payload)),
        ensures
            same_outside(image, view.durable, self.tail as int, self.tail + HEADER + payload.len()),
            self.sound() ==> {
                ||| self.layout().state(image) == Some(self.state())
                ||| self.layout().state(image) == Some(self.state().with(payload))
                ||| write_collides(
                    image,
                    self.with_record(view.volatile, payload),
                    self.tail as int,
                    HEADER + payload.len(),
                )
            },
    {
        let (layout, before) = (self.layout, view.durable);
        let (at, number) = (self.tail as int, self.next_number());
        lemma_record_bytes(layout.id, number, payload);
        lemma_torn_same_outside(image, before, at, self.next_record(payload));
        if self.sound() {
            layout.lemma_append_torn(image, before, self.live, self.number, payload);
            if record_collides(image, before, layout.id, number, at, payload) {
                let written = self.with_record(view.volatile, payload);
                let bytes = self.next_record(payload);
                assert(written.subrange(at, at + bytes.len()) =~= bytes);
                lemma_record_collides(image, before, written, layout.id, number, at, payload);
            }
        }
    }

    /// Once a record is written, the journals in memory say what is there.
    proof fn lemma_appended(&self, new: Journals, image: Seq<u8>, before: Seq<u8>, payload: Seq<u8>)
        requires
            self.inv(before),
            self.room_for(payload.len() as int),
            self.number < LAST_NUMBER,
            payload_ok(payload),
            image == update_bytes(before, self.tail as int, self.next_record(payload)),
            new.same_but_records(*self),
            new.other_quiet == self.other_quiet,
            new.prefix_crc == self.prefix_crc,
            new.tail == self.tail + payload.len() + HEADER,
            new.number == self.number + 1,
            new.state() == self.state().with(payload),
        ensures
            new.inv(image),
    {
        let (layout, other) = (self.layout, self.live.other());
        let at = self.tail as int;
        let bytes = self.next_record(payload);
        lemma_record_bytes(layout.id, self.next_number(), payload);
        if self.sound() {
            layout.lemma_append_written(image, before, self.live, self.number, payload);
            if self.other_quiet {
                layout.lemma_quiet_same(image, before, other, self.number);
                layout.lemma_quiet_longer(image, other, self.number);
            }
        }
    }
}

/// A collision in a record is one between what a crash left and what was to be written.
proof fn lemma_record_collides(
    image: Seq<u8>,
    before: Seq<u8>,
    written: Seq<u8>,
    id: RegionId,
    number: u64,
    at: int,
    payload: Seq<u8>,
)
    requires
        record_collides(image, before, id, number, at, payload),
        0 <= at,
        at + HEADER + payload.len() <= image.len() == written.len(),
        written.subrange(at, at + HEADER + payload.len()) == record_bytes(id, number, payload),
    ensures
        write_collides(image, written, at, HEADER + payload.len()),
{
    let (behind, end) = (at + HEADER, at + HEADER + payload.len());
    let bytes = record_bytes(id, number, payload);
    let header = record_header(id, number, payload);
    lemma_record_bytes(id, number, payload);
    assert(written.subrange(at, behind) =~= written.subrange(at, end).take(HEADER as int));
    assert(written.subrange(behind, end) =~= written.subrange(at, end).skip(HEADER as int));
    if !same_crc(image.subrange(behind, end), payload) {
        let left = image.subrange(at, behind);
        let p = Payload { a: number, b: payload.len() as u64, c: spec_crc64(payload) };
        assert(header.take(24) =~= payload_bytes(p));
        assert(header.skip(24) =~= u64_le(spec_crc64(prefix(id, RECORD_TAG) + payload_bytes(p))));
        lemma_codewords_same_crc(prefix(id, RECORD_TAG), left, header);
    }
}

} // verus!
