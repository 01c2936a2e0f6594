//! What the CRCs of a record detect.
//!
//! A record has two codewords, each with its CRC behind it: the header's 16 bytes, and the payload with its 8 bytes of
//! CRC. Whatever is proved of CRC-64 about two codewords of one prefix, that different ones differ in more than so many
//! bits, or that they differ outside any 64 consecutive ones, holds for each of them.

#[cfg(verus_only)]
use crate::records::format::*;
#[cfg(verus_only)]
use pmem::bytes::u64_le;
#[cfg(verus_only)]
use pmem::crc::{detection::*, residue::*};
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

/// Damage within the fault model turns no header into that of a record of another length.
pub proof fn theorem_header_damage_detected(
    id: RegionId,
    log: u64,
    position: u64,
    read: u64,
    written: u64,
)
    requires
        tolerable_codeword(
            record_header(id, log, position, read),
            record_header(id, log, position, written),
        ),
    ensures
        read == written,
{
    broadcast use pmem::bytes::lemma_u64_from_le_of_le;

    let prefix = record_prefix(id, log, position);
    let (a, b) = (
        record_header(id, log, position, read),
        record_header(id, log, position, written),
    );
    theorem_header_is_codeword(id, log, position, read);
    theorem_header_is_codeword(id, log, position, written);
    theorem_crc64_detects(prefix, a, b);
    assert(a.take(8) =~= u64_le(read));
    assert(b.take(8) =~= u64_le(written));
}

/// Whether CRC-64 tells these codewords apart, should they differ.
pub open spec fn told_apart(prefix: Seq<u8>, read: Seq<u8>, written: Seq<u8>) -> bool {
    crc_matches(prefix, read) && crc_matches(prefix, written) ==> read == written
}

/// If the medium has changed a record only as the fault model allows in its header, and in its payload in a way that
/// CRC-64 detects, then what reads as a record is the one that was written.
pub proof fn theorem_damage_detected(
    id: RegionId,
    log: u64,
    position: u64,
    read: Seq<u8>,
    written: Seq<u8>,
)
    requires
        read.len() <= u64::MAX,
        written.len() <= u64::MAX,
        tolerable_codeword(
            record_header(id, log, position, read.len() as u64),
            record_header(id, log, position, written.len() as u64),
        ),
        read.len() == written.len() ==> told_apart(
            record_start(id, log, position, written.len() as u64),
            record_body(id, log, position, read),
            record_body(id, log, position, written),
        ),
    ensures
        read == written,
{
    let len = written.len() as u64;
    theorem_header_damage_detected(id, log, position, read.len() as u64, len);
    theorem_body_is_codeword(id, log, position, read);
    theorem_body_is_codeword(id, log, position, written);
    assert(record_body(id, log, position, read).take(len as int) =~= read);
    assert(record_body(id, log, position, written).take(len as int) =~= written);
}

} // verus!
