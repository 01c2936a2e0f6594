//! Looking for records in a journal's bytes.
use super::layout::*;
use super::record::*;
use crate::bytes::*;
#[cfg(verus_only)]
use crate::codeword::line;
use crate::codeword::*;
use crate::crc::extend::*;
use crate::region_id::RegionId;
#[cfg(verus_only)]
use crate::trusted::crc::*;
use vstd::prelude::*;
use vstd::slice::slice_subrange;

verus! {

/// The header of a record at `at`, if there is one.
fn record_header_in(bytes: &[u8], id: RegionId, at: usize) -> (r: Option<Payload>)
    requires
        at + 32 <= bytes@.len(),
    ensures
        r == header_at(bytes@, id, at as int),
{
    assert(bytes.len() == bytes@.len());
    match decode(id, RECORD_TAG, slice_subrange(bytes, at, at + 32)) {
        Some(p) => if p.a < MARK {
            Some(p)
        } else {
            None
        },
        None => None,
    }
}

/// Whether the bytes set the top bit of the first word of each line that they reach.
fn is_marked(payload: &[u8]) -> (r: bool)
    requires
        payload@.len() % 64 == 32,
    ensures
        r == marked(payload@),
{
    proof {
        reveal(marked);
    }
    let len = payload.len();
    let lines = len / 64;
    let mut i: usize = 0;
    while i < lines
        invariant
            i <= lines,
            len == payload@.len() == 64 * lines + 32,
            forall|k: int| 0 <= k < 64 * i && k % 64 == 39 ==> #[trigger] payload@[k] >= 128,
        decreases lines - i,
    {
        if payload[64 * i + 39] < 128 {
            proof {
                reveal(marked);
                assert((64 * i + 39) % 64 == 39);
            }
            return false;
        }
        i += 1;
    }
    true
}

/// The length of the payload of the record at `at`, if there is one with this number.
pub(super) fn record_in(bytes: &[u8], id: RegionId, number: u64, at: usize) -> (r: Option<usize>)
    requires
        at <= bytes@.len(),
    ensures
        ({
            let record = record_at(bytes@, id, number as int, at as int, bytes@.len() as int);
            match r {
                Some(len) => {
                    &&& len % 64 == 32
                    &&& at + HEADER + len <= bytes@.len()
                    &&& record == Some(bytes@.subrange(at + HEADER, at + HEADER + len))
                },
                None => record is None,
            }
        }),
{
    proof {
        reveal(record_at);
    }
    if bytes.len() - at < LINE as usize {
        return None;
    }
    let header = record_header_in(bytes, id, at)?;
    let start = at + HEADER as usize;
    if header.a != number || header.b % 64 != 32 || header.b > (bytes.len() - start) as u64 {
        return None;
    }
    let len = header.b as usize;
    let payload = slice_subrange(bytes, start, start + len);
    if !is_marked(payload) {
        return None;
    }
    assert(!0u64 == 0xffff_ffff_ffff_ffff) by (bit_vector);
    if extend_crc64(0, payload) == header.c {
        Some(len)
    } else {
        None
    }
}

/// Whether the line at `at` holds the header of a record with a later number than this. Its first word says of most lines
/// that it does not.
#[inline(always)]
fn is_later(bytes: &[u8], id: RegionId, number: u64, at: usize) -> (r: bool)
    requires
        at + 32 <= bytes@.len(),
    ensures
        r == (header_at(bytes@, id, at as int) matches Some(p) && p.a > number),
{
    let word = get_u64(bytes, at);
    assert(line(bytes@, at as int).subrange(0, 8) =~= bytes@.subrange(at as int, at + 8));
    number < word && word < MARK && record_header_in(bytes, id, at).is_some()
}

/// Whether no line from `from` on holds the header of a record with a later number than this.
pub(super) open spec fn none_later(bytes: Seq<u8>, id: RegionId, number: u64, from: int) -> bool {
    forall|a: int|
        from <= a < bytes.len() && a % 64 == 0 ==> !(#[trigger] header_at(
            bytes,
            id,
            a,
        ) matches Some(p) && p.a > number)
}

/// Where the first line from `from` on is that holds the header of a record with a later number than this.
pub(super) fn later_in(bytes: &[u8], id: RegionId, number: u64, from: usize) -> (r: Option<usize>)
    requires
        from % 64 == 0,
        bytes@.len() % 64 == 0,
    ensures
        r matches Some(at) ==> {
            &&& from <= at < bytes@.len()
            &&& at % 64 == 0
            &&& header_at(bytes@, id, at as int) matches Some(p) && p.a > number
        },
        r is None ==> none_later(bytes@, id, number, from as int),
{
    hide(header_at);
    let len = bytes.len();
    let mut at = from;
    while at < len
        invariant
            len == bytes@.len(),
            from <= at,
            at % 64 == 0,
            len % 64 == 0,
            forall|a: int|
                from <= a < at && a < bytes@.len() && a % 64 == 0 ==> !(#[trigger] header_at(
                    bytes@,
                    id,
                    a,
                ) matches Some(p) && p.a > number),
        decreases bytes@.len() - at,
    {
        if is_later(bytes, id, number, at) {
            return Some(at);
        }
        at += 64;
    }
    None
}

/// The header of a record is where its bytes are.
pub(super) proof fn lemma_header_of_part(
    image: Seq<u8>,
    bytes: Seq<u8>,
    id: RegionId,
    start: int,
    at: int,
)
    requires
        0 <= start,
        start + bytes.len() <= image.len(),
        bytes == image.subrange(start, start + bytes.len()),
        0 <= at,
        at + 32 <= bytes.len(),
    ensures
        header_at(bytes, id, at) == header_at(image, id, start + at),
{
    assert(line(bytes, at) =~= line(image, start + at));
}

/// A record is where its bytes are.
pub(super) proof fn lemma_record_of_part(
    image: Seq<u8>,
    bytes: Seq<u8>,
    id: RegionId,
    start: int,
    number: int,
    at: int,
)
    requires
        0 <= start,
        start + bytes.len() <= image.len(),
        bytes == image.subrange(start, start + bytes.len()),
        0 <= at <= bytes.len(),
    ensures
        record_at(bytes, id, number, at, bytes.len() as int) == record_at(
            image,
            id,
            number,
            start + at,
            start + bytes.len(),
        ),
{
    hide(header_at);
    reveal(record_at);
    if at + LINE <= bytes.len() {
        lemma_header_of_part(image, bytes, id, start, at);
        if let Some(p) = header_at(bytes, id, at) {
            if at + HEADER + p.b <= bytes.len() {
                assert(bytes.subrange(at + HEADER, at + HEADER + p.b) =~= image.subrange(
                    start + at + HEADER,
                    start + at + HEADER + p.b,
                ));
            }
        }
    }
}

/// A copy of bytes.
pub(super) fn copy_of(bytes: &[u8]) -> (r: Vec<u8>)
    ensures
        r@ == bytes@,
{
    let mut copy: Vec<u8> = Vec::with_capacity(bytes.len());
    copy.extend_from_slice(bytes);
    assert(copy@ =~= bytes@);
    copy
}

} // verus!
