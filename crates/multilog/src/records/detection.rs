//! What the CRCs of a record detect.
//!
//! A record has two codewords, each with its CRC behind it: the header's 16 bytes, and the payload with its 8 bytes of
//! CRC. What is proved of CRC-64 about two codewords of one prefix holds for each of them: if they differ, they differ in
//! more than seven bits, up to 4,087 bytes of payload; and they differ outside any 64 consecutive bits, whatever the length.

#[cfg(verus_only)]
use crate::records::format::*;
#[cfg(verus_only)]
use pmem::bytes::u64_le;
#[cfg(verus_only)]
use pmem::crc::{burst::*, detection::*, residue::*};
#[cfg(verus_only)]
use pmem::region_id::RegionId;
#[cfg(verus_only)]
use pmem::trusted::{crc::*, region::*};
use vstd::prelude::*;

verus! {

/// A header ends in the CRC of what comes before it and of a prefix.
pub proof fn theorem_header_is_codeword(id: RegionId, log: u64, position: u64, len: u64)
    ensures
        record_prefix(id, log, position).len() == 40,
        record_header(id, log, position, len).len() == 16,
        crc_matches(record_prefix(id, log, position), record_header(id, log, position, len)),
{
    let header = record_header(id, log, position, len);
    assert(header.take(8) =~= u64_le(len));
    assert(header.skip(8) =~= u64_le(spec_crc64(record_start(id, log, position, len))));
}

/// A payload and its CRC are the CRC of what comes before it and of a prefix.
pub proof fn theorem_body_is_codeword(id: RegionId, log: u64, position: u64, payload: Seq<u8>)
    ensures
        crc_matches(
            record_start(id, log, position, payload.len() as u64),
            record_body(id, log, position, payload),
        ),
{
    let start = record_start(id, log, position, payload.len() as u64);
    let body = record_body(id, log, position, payload);
    assert(body.take(payload.len() as int) =~= payload);
    assert(body.skip(payload.len() as int) =~= u64_le(spec_crc64(start + payload)));
}

/// Whether CRC-64 is proved to detect that just these bits of a codeword of `len` bytes are wrong: up to seven ones, if
/// the codeword has no more than 32,767 bits, or ones within 64 consecutive ones, however long it is.
pub open spec fn detectable(wrong: Set<int>, len: int) -> bool {
    ||| 8 * len <= 32_767 && wrong.len() <= 7
    ||| exists|start: int| #[trigger] only_within(wrong, start, start + 64)
}

/// Whether all of these bits are in `from..to`.
pub open spec fn only_within(wrong: Set<int>, from: int, to: int) -> bool {
    forall|i: int| #[trigger] wrong.contains(i) ==> from <= i < to
}

/// The fault model of a codeword, for codewords of up to 32,767 bits.
pub proof fn theorem_tolerable_is_detectable(read: Seq<u8>, written: Seq<u8>, len: int)
    requires
        tolerable_codeword(read, written),
        8 * len <= 32_767,
    ensures
        detectable(wrong_bits(read, written), len),
{
    let wrong = wrong_bits(read, written);
    if wrong.len() > 7 {
        let start = choose|start: int| #[trigger]
            wrong_only_within(read, written, start, start + 64);
        assert(only_within(wrong, start, start + 64));
    }
}

/// Codewords that differ in bits that CRC-64 detects are the same.
pub proof fn theorem_codewords_told_apart(prefix: Seq<u8>, read: Seq<u8>, written: Seq<u8>)
    requires
        crc_matches(prefix, read),
        crc_matches(prefix, written),
        read.len() == written.len(),
        detectable(wrong_bits(read, written), read.len() as int),
    ensures
        read == written,
{
    let wrong = wrong_bits(read, written);
    if 8 * read.len() <= 32_767 && wrong.len() <= 7 {
        theorem_crc64_detects(prefix, read, written);
    } else {
        let start = choose|start: int| #[trigger] only_within(wrong, start, start + 64);
        assert(wrong_only_within(read, written, start, start + 64));
        theorem_burst_detected(prefix, read, written, start);
    }
}

/// Wrong bits that CRC-64 detects turn no header into that of a record of another length.
pub proof fn theorem_header_damage_detected(
    id: RegionId,
    log: u64,
    position: u64,
    read: u64,
    written: u64,
)
    requires
        detectable(
            wrong_bits(
                record_header(id, log, position, read),
                record_header(id, log, position, written),
            ),
            RECORD_HEADER as int,
        ),
    ensures
        read == written,
{
    broadcast use pmem::bytes::lemma_u64_from_le_of_le;

    let (a, b) = (
        record_header(id, log, position, read),
        record_header(id, log, position, written),
    );
    theorem_header_is_codeword(id, log, position, read);
    theorem_header_is_codeword(id, log, position, written);
    theorem_codewords_told_apart(record_prefix(id, log, position), a, b);
    assert(a.take(8) =~= u64_le(read));
    assert(b.take(8) =~= u64_le(written));
}

/// Wrong bits that CRC-64 detects turn no payload, of a record of which the header is sound, into another one.
pub proof fn theorem_payload_damage_detected(
    id: RegionId,
    log: u64,
    position: u64,
    read: Seq<u8>,
    written: Seq<u8>,
)
    requires
        read.len() == written.len() <= u64::MAX,
        detectable(
            wrong_bits(
                record_body(id, log, position, read),
                record_body(id, log, position, written),
            ),
            written.len() as int + 8,
        ),
    ensures
        read == written,
{
    let len = written.len();
    let (a, b) = (record_body(id, log, position, read), record_body(id, log, position, written));
    theorem_body_is_codeword(id, log, position, read);
    theorem_body_is_codeword(id, log, position, written);
    theorem_codewords_told_apart(record_start(id, log, position, len as u64), a, b);
    assert(a.take(len as int) =~= read);
    assert(b.take(len as int) =~= written);
}

} // verus!
