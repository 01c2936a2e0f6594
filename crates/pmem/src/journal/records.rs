//! Taking a journal's bytes apart into records.
#[cfg(verus_only)]
use super::follow::*;
use super::layout::*;
use super::record::*;
use crate::bytes::*;
use crate::region_id::RegionId;
#[cfg(verus_only)]
use crate::{crc::residue::*, table::u64_at, trusted::crc::*};
use vstd::prelude::*;
use vstd::slice::slice_subrange;

verus! {

/// The bytes of several vectors.
pub open spec fn views(records: Seq<Vec<u8>>) -> Seq<Seq<u8>> {
    Seq::new(records.len(), |i: int| records[i]@)
}

/// The records that a journal's bytes hold, the address behind them, and the number of the last one.
pub(super) struct Records {
    pub payloads: Vec<Vec<u8>>,
    pub len: usize,
    pub number: u64,
}

/// The length of the record at `at` of a journal's bytes, if there is one with this number.
fn record_len(
    bytes: &[u8],
    at: usize,
    register: u64,
    Ghost(id): Ghost<RegionId>,
    generation: u64,
    number: u64,
) -> (r: Option<usize>)
    requires
        at <= bytes@.len(),
        register == id_register(id),
        generation < GENERATIONS,
    ensures
        r == match record_at(
            bytes@,
            id,
            generation,
            number as int,
            at as int,
            bytes@.len() as int,
        ) {
            Some(payload) => Some((payload.len() + 16) as usize),
            None => None,
        },
        r matches Some(len) ==> 0 < len && len % 64 == 0 && at + len <= bytes@.len(),
{
    proof {
        reveal(record_at);
    }
    if bytes.len() - at < 64 {
        return None;
    }
    let word = get_u64(bytes, at);
    let lines = word % LINES;
    if word / LINES != generation || lines == 0 || lines > ((bytes.len() - at) / 64) as u64 {
        return None;
    }
    let len = 64 * lines as usize;
    let payload = slice_subrange(bytes, at + 8, at + len - 8);
    let crc = record_crc(register, Ghost(id), number, word, payload);
    let stored = get_u64(bytes, at + len - 8);
    proof {
        broadcast use lemma_u64_from_le_of_le;

        let record = bytes@.subrange(at as int, at + len);
        lemma_u64_le_of_from_le(bytes@.subrange(at as int, at + 8));
        lemma_u64_le_of_from_le(bytes@.subrange(at + len - 8, at + len));
        assert(record.take(len - 8) =~= u64_le(word) + payload@);
        assert(record.skip(len - 8) =~= u64_le(stored));
        assert(record.subrange(8, len - 8) =~= payload@);
    }
    if crc == stored {
        Some(len)
    } else {
        None
    }
}

/// A record of a journal is one of its bytes.
proof fn lemma_record_of_bytes(
    image: Seq<u8>,
    layout: JournalLayout,
    j: Journal,
    bytes: Seq<u8>,
    generation: u64,
    number: int,
    at: int,
)
    requires
        layout.fits(image.len() as int),
        bytes == image.subrange(layout.first(j), layout.end(j)),
        0 <= at <= bytes.len(),
    ensures
        record_at(bytes, layout.id, generation, number, at, bytes.len() as int) == layout.record(
            image,
            j,
            generation,
            number,
            layout.first(j) + at,
        ),
{
    reveal(record_at);
    let first = layout.first(j);
    if at + LINE <= bytes.len() {
        assert(bytes.subrange(at, at + 8) =~= image.subrange(first + at, first + at + 8));
        let len = LINE * (u64_at(bytes, at) as int % LINES as int);
        if at + len <= bytes.len() {
            assert(bytes.subrange(at, at + len) =~= image.subrange(first + at, first + at + len));
        }
    }
}

/// Takes a journal's bytes apart into records.
pub(super) fn records_in(
    bytes: &[u8],
    register: u64,
    generation: u64,
    number: u64,
    Ghost(layout): Ghost<JournalLayout>,
    Ghost(j): Ghost<Journal>,
    Ghost(image): Ghost<Seq<u8>>,
) -> (r: Records)
    requires
        layout.fits(image.len() as int),
        bytes@ == image.subrange(layout.first(j), layout.end(j)),
        register == id_register(layout.id),
        generation < GENERATIONS,
    ensures
        views(r.payloads@) == layout.records_from(
            image,
            j,
            generation,
            number + 1,
            layout.first(j),
        ),
        layout.first(j) + r.len == layout.tail_from(
            image,
            j,
            generation,
            number + 1,
            layout.first(j),
        ),
        r.len <= bytes@.len(),
        r.len % 64 == 0,
        r.number == number + r.payloads@.len(),
{
    let mut payloads: Vec<Vec<u8>> = Vec::new();
    let mut at: usize = 0;
    let mut last = number;
    let ghost first = layout.first(j);
    proof {
        let all = layout.records_from(image, j, generation, number + 1, first);
        assert(views(payloads@) + all =~= all);
    }
    loop
        invariant
            layout.fits(image.len() as int),
            first == layout.first(j),
            bytes@ == image.subrange(first, layout.end(j)),
            register == id_register(layout.id),
            generation < GENERATIONS,
            at <= bytes@.len(),
            at % 64 == 0,
            last == number + payloads@.len(),
            layout.records_from(image, j, generation, number + 1, first) == views(payloads@)
                + layout.records_from(image, j, generation, last + 1, first + at),
            layout.tail_from(image, j, generation, number + 1, first) == layout.tail_from(
                image,
                j,
                generation,
                last + 1,
                first + at,
            ),
        ensures
            layout.record(image, j, generation, last + 1, first + at) is None,
        decreases bytes@.len() - at,
    {
        if last == u64::MAX {
            proof {
                reveal(record_at);
            }
            break;
        }
        proof {
            lemma_record_of_bytes(image, layout, j, bytes@, generation, last + 1, at as int);
        }
        match record_len(bytes, at, register, Ghost(layout.id), generation, last + 1) {
            Some(len) => {
                let payload = slice_subrange(bytes, at + 8, at + len - 8);
                let ghost before = views(payloads@);
                payloads.push(slice_to_vec(payload));
                proof {
                    layout.lemma_one_record(image, j, generation, last + 1, first + at);
                    reveal(record_at);
                    assert(Some(payload@) == layout.record(
                        image,
                        j,
                        generation,
                        last + 1,
                        first + at,
                    ));
                    assert(views(payloads@) =~= before + seq![payload@]);
                    let rest = layout.records_from(
                        image,
                        j,
                        generation,
                        last + 2,
                        first + at + len,
                    );
                    assert(before + (seq![payload@] + rest) =~= (before + seq![payload@]) + rest);
                }
                at += len;
                last += 1;
            },
            None => break,
        }
    }
    proof {
        layout.lemma_no_record(image, j, generation, last + 1, first + at);
        assert(views(payloads@) + Seq::<Seq<u8>>::empty() =~= views(payloads@));
    }
    Records { payloads, len: at, number: last }
}

/// A copy of bytes.
fn slice_to_vec(bytes: &[u8]) -> (r: Vec<u8>)
    ensures
        r@ == bytes@,
{
    let mut copy: Vec<u8> = Vec::with_capacity(bytes.len());
    copy.extend_from_slice(bytes);
    assert(copy@ =~= bytes@);
    copy
}

} // verus!
