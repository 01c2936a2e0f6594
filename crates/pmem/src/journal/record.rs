//! A record: what it looks like, and how one is told from what was there before.
//!
//! ```text
//!  header    32 bytes: a codeword (number, length of the payload in bytes, CRC of the payload)
//!  payload   the user's: whole lines of 64 bytes, together with the header
//! ```
//!
//! The first word of every line says whether a record begins there. In a record's first line it is the number, which is
//! less than 2^63. In its other lines it is not: the user sets the top bit of that word (`marked`). So bytes that somebody
//! chose, and that a record carries, are never taken for a record, even if they are an image of one.
#[cfg(verus_only)]
use super::layout::*;
#[cfg(verus_only)]
use crate::codeword::line;
#[cfg(verus_only)]
use crate::codeword::*;
#[cfg(verus_only)]
use crate::region_id::RegionId;
#[cfg(verus_only)]
use crate::trusted::{bytes::*, crc::*};
use vstd::prelude::*;

verus! {

/// The tag of records.
pub const RECORD_TAG: u64 = 0x5_0000_0000;

/// The length of a record's header in bytes.
pub const HEADER: u64 = 32;

/// The least first word of a line in which no record begins. Numbers are less than this.
pub const MARK: u64 = 0x8000_0000_0000_0000;

/// The last number that a record can have.
pub const LAST_NUMBER: u64 = 0x7fff_ffff_ffff_ffff;

/// A record's header.
pub open spec fn record_header(id: RegionId, number: u64, payload: Seq<u8>) -> Seq<u8> {
    codeword(id, RECORD_TAG, Payload { a: number, b: payload.len() as u64, c: spec_crc64(payload) })
}

/// The bytes of a record.
#[verifier::opaque]
pub open spec fn record_bytes(id: RegionId, number: u64, payload: Seq<u8>) -> Seq<u8> {
    record_header(id, number, payload) + payload
}

/// Whether a payload sets the top bit of the first word of each line that it reaches.
#[verifier::opaque]
pub open spec fn marked(payload: Seq<u8>) -> bool {
    forall|i: int| 0 <= i < payload.len() && i % 64 == 39 ==> #[trigger] payload[i] >= 128
}

/// Whether these bytes may be a record's payload: they fill whole lines, and are marked.
pub open spec fn payload_ok(payload: Seq<u8>) -> bool {
    &&& payload.len() % 64 == 32
    &&& payload.len() <= u64::MAX
    &&& marked(payload)
}

/// Whether no record with a later number than this begins in a line whose first word is `word`.
pub open spec fn quiet_word(word: u64, number: u64) -> bool {
    ||| word <= number
    ||| word >= MARK
}

/// The header of a record at `at`, if there is one, whatever comes behind it.
pub open spec fn header_at(image: Seq<u8>, id: RegionId, at: int) -> Option<Payload> {
    match decoded(id, RECORD_TAG, line(image, at)) {
        Some(p) => if p.a < MARK {
            Some(p)
        } else {
            None
        },
        None => None,
    }
}

/// The payload of the record with this number at `at`, if there is one before `end`.
#[verifier::opaque]
pub open spec fn record_at(image: Seq<u8>, id: RegionId, number: int, at: int, end: int) -> Option<
    Seq<u8>,
> {
    if 0 <= at && at + LINE <= end <= image.len() {
        match header_at(image, id, at) {
            Some(p) => {
                let payload = image.subrange(at + HEADER, at + HEADER + p.b);
                if p.a == number && at + HEADER + p.b <= end && payload_ok(payload) && spec_crc64(
                    payload,
                ) == p.c {
                    Some(payload)
                } else {
                    None
                }
            },
            None => None,
        }
    } else {
        None
    }
}

/// How long a record is, and what it starts with.
pub proof fn lemma_record_bytes(id: RegionId, number: u64, payload: Seq<u8>)
    ensures
        ({
            let (bytes, header) = (
                record_bytes(id, number, payload),
                record_header(id, number, payload),
            );
            &&& header.len() == HEADER
            &&& u64_from_le(header.subrange(0, 8)) == number
            &&& bytes.len() == payload.len() + HEADER
            &&& bytes.take(HEADER as int) == header
            &&& bytes.skip(HEADER as int) == payload
            &&& u64_from_le(bytes.subrange(0, 8)) == number
        }),
{
    reveal(record_bytes);
    let header = record_header(id, number, payload);
    let bytes = record_bytes(id, number, payload);
    let p = Payload { a: number, b: payload.len() as u64, c: spec_crc64(payload) };
    lemma_decoded_of_codeword(id, RECORD_TAG, p);
    assert(bytes.take(HEADER as int) =~= header);
    assert(bytes.skip(HEADER as int) =~= payload);
    assert(bytes.subrange(0, 8) =~= header.subrange(0, 8));
}

/// What a record's header says.
pub proof fn lemma_record_header(id: RegionId, number: u64, payload: Seq<u8>)
    requires
        payload.len() <= u64::MAX,
    ensures
        decoded(id, RECORD_TAG, record_header(id, number, payload)) == Some(
            Payload { a: number, b: payload.len() as u64, c: spec_crc64(payload) },
        ),
{
    let p = Payload { a: number, b: payload.len() as u64, c: spec_crc64(payload) };
    lemma_decoded_of_codeword(id, RECORD_TAG, p);
}

/// A header ends in its CRC.
pub proof fn lemma_header_crc(image: Seq<u8>, id: RegionId, at: int)
    requires
        header_at(image, id, at) is Some,
    ensures
        line(image, at).skip(24) == u64_le(
            spec_crc64(prefix(id, RECORD_TAG) + line(image, at).take(24)),
        ),
{
    let p = payload_of(line(image, at));
    let bytes = codeword(id, RECORD_TAG, p);
    assert(bytes.take(24) =~= payload_bytes(p));
    assert(bytes.skip(24) =~= u64_le(spec_crc64(prefix(id, RECORD_TAG) + payload_bytes(p))));
}

/// A record is where its bytes are.
pub proof fn lemma_record_there(image: Seq<u8>, id: RegionId, number: u64, at: int, end: int)
    requires
        0 <= at,
        end <= image.len(),
        number < MARK,
        payload_ok(image.subrange(at + HEADER, end)),
        at + LINE <= end,
        line(image, at) == record_header(id, number, image.subrange(at + HEADER, end)),
    ensures
        forall|limit: int|
            end <= limit <= image.len() ==> #[trigger] record_at(
                image,
                id,
                number as int,
                at,
                limit,
            ) == Some(image.subrange(at + HEADER, end)),
{
    reveal(record_at);
    let payload = image.subrange(at + HEADER, end);
    lemma_record_header(id, number, payload);
    assert(header_at(image, id, at) is Some);
}

/// A header's number is the first word of its line.
pub proof fn lemma_header_word(image: Seq<u8>, id: RegionId, at: int)
    requires
        0 <= at,
        at + HEADER <= image.len(),
    ensures
        header_at(image, id, at) matches Some(p) ==> p.a < MARK && p.a == u64_at(image, at),
{
    assert(line(image, at).subrange(0, 8) =~= image.subrange(at, at + 8));
}

/// A line that is quiet holds no later number, unless it is no record's first one.
pub proof fn lemma_quiet_word(word: u64, number: u64)
    requires
        quiet_word(word, number),
    ensures
        word <= number || word >= MARK,
{
}

/// Equal lines hold equal headers.
pub proof fn lemma_header_same(s: Seq<u8>, t: Seq<u8>, id: RegionId, at: int)
    requires
        line(s, at) == line(t, at),
    ensures
        header_at(s, id, at) == header_at(t, id, at),
{
}

} // verus!
