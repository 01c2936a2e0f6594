//! What a record is, byte by byte.
//!
//! A record is a header, a payload and the payload's CRC. The header is the payload's length and a CRC of its own, so
//! that damage to the payload leaves known where the next record starts. Both CRCs cover the region's id, the log and the
//! record's position, which are not stored: bytes that were copied from elsewhere, or left over from an earlier round of
//! the ring, are no record.
//!
//! The header with its CRC, and the payload with its own, are one codeword each: contiguous, CRC last. The payload's CRC
//! does not cover the header's: a CRC over bytes and their own CRC is the same for all bytes, and would say nothing of
//! where the payload belongs.

pub use crate::trusted::record_contract::{RECORD_HEADER, RECORD_OVERHEAD};
use pmem::bytes::*;
use pmem::crc::extend::*;
#[cfg(verus_only)]
use pmem::crc::residue::*;
use pmem::region_id::RegionId;
#[cfg(verus_only)]
use pmem::trusted::crc::*;
use vstd::prelude::*;

verus! {

/// The tag of records in what their CRCs cover. Those of metadata are smaller.
pub const RECORD_TAG: u64 = 0x4_0000_0000;

/// What all records of a log belong to.
pub open spec fn log_prefix(id: RegionId, log: u64) -> Seq<u8> {
    u64_le(id.lo) + u64_le(id.hi) + u64_le(RECORD_TAG) + u64_le(log)
}

/// What a record belongs to: covered by its CRCs, not stored in it.
pub open spec fn record_prefix(id: RegionId, log: u64, position: u64) -> Seq<u8> {
    log_prefix(id, log) + u64_le(position)
}

/// What the CRCs of a record at `position` with a payload of `len` bytes begin with.
pub open spec fn record_start(id: RegionId, log: u64, position: u64, len: u64) -> Seq<u8> {
    record_prefix(id, log, position) + u64_le(len)
}

/// A record's header.
pub open spec fn record_header(id: RegionId, log: u64, position: u64, len: u64) -> Seq<u8> {
    u64_le(len) + u64_le(spec_crc64(record_start(id, log, position, len)))
}

/// A record's payload and its CRC.
pub open spec fn record_body(id: RegionId, log: u64, position: u64, payload: Seq<u8>) -> Seq<u8> {
    payload + u64_le(spec_crc64(record_start(id, log, position, payload.len() as u64) + payload))
}

/// The bytes of a record.
pub open spec fn record(id: RegionId, log: u64, position: u64, payload: Seq<u8>) -> Seq<u8> {
    record_header(id, log, position, payload.len() as u64) + record_body(id, log, position, payload)
}

/// What stands at a position.
pub enum Parsed {
    /// A record with this payload.
    Record(Seq<u8>),
    /// No header of a record.
    NoRecord,
    /// The header of a record that would go beyond the log's tail.
    Cut(u64),
    /// The header of a record with so many bytes of payload, which do not match their CRC.
    Damaged(u64),
}

/// What stands at a position of which `bytes` are all bytes up to the log's tail.
pub open spec fn parsed(id: RegionId, log: u64, position: u64, bytes: Seq<u8>) -> Parsed {
    let len = u64_from_le(bytes);
    let payload = bytes.subrange(RECORD_HEADER as int, RECORD_HEADER + len);
    if bytes.len() < RECORD_HEADER || bytes.take(RECORD_HEADER as int) != record_header(
        id,
        log,
        position,
        len,
    ) {
        Parsed::NoRecord
    } else if len + RECORD_OVERHEAD > bytes.len() {
        Parsed::Cut(len)
    } else if bytes.subrange(RECORD_HEADER as int, RECORD_OVERHEAD + len) != record_body(
        id,
        log,
        position,
        payload,
    ) {
        Parsed::Damaged(len)
    } else {
        Parsed::Record(payload)
    }
}

/// How long the parts of a record are.
pub proof fn lemma_record_len(id: RegionId, log: u64, position: u64, payload: Seq<u8>)
    requires
        payload.len() <= u64::MAX,
    ensures
        record_prefix(id, log, position).len() == 40,
        record_header(id, log, position, payload.len() as u64).len() == RECORD_HEADER,
        record_body(id, log, position, payload).len() == payload.len() + 8,
        record(id, log, position, payload).len() == payload.len() + RECORD_OVERHEAD,
{
}

/// A record parses to what was encoded, whatever comes behind it.
pub proof fn theorem_parsed_record(
    id: RegionId,
    log: u64,
    position: u64,
    payload: Seq<u8>,
    rest: Seq<u8>,
)
    requires
        payload.len() <= u64::MAX,
    ensures
        parsed(id, log, position, record(id, log, position, payload) + rest) == Parsed::Record(
            payload,
        ),
{
    broadcast use lemma_u64_from_le_of_le;

    let len = payload.len() as u64;
    let header = record_header(id, log, position, len);
    let body = record_body(id, log, position, payload);
    let bytes = record(id, log, position, payload) + rest;
    lemma_record_len(id, log, position, payload);
    assert(bytes.take(8) =~= u64_le(len));
    assert(u64_from_le(bytes) == u64_from_le(bytes.take(8)));
    assert(bytes.take(RECORD_HEADER as int) =~= header);
    assert(bytes.subrange(RECORD_HEADER as int, RECORD_OVERHEAD + len) =~= body);
    assert(bytes.subrange(RECORD_HEADER as int, RECORD_HEADER + len) =~= payload);
}

/// What parses as a record begins with the record of just that payload.
pub proof fn theorem_record_parsed(id: RegionId, log: u64, position: u64, bytes: Seq<u8>)
    requires
        parsed(id, log, position, bytes) is Record,
    ensures
        ({
            let payload = parsed(id, log, position, bytes)->Record_0;
            let len = payload.len() + RECORD_OVERHEAD;
            len <= bytes.len() && bytes.take(len as int) == record(id, log, position, payload)
        }),
{
    let len = u64_from_le(bytes);
    let payload = bytes.subrange(RECORD_HEADER as int, RECORD_HEADER + len);
    assert(bytes.take(RECORD_OVERHEAD + len) =~= bytes.take(RECORD_HEADER as int) + bytes.subrange(
        RECORD_HEADER as int,
        RECORD_OVERHEAD + len,
    ));
}

/// Bytes are the record of at most one payload.
pub proof fn theorem_record_unique(
    id: RegionId,
    log: u64,
    position: u64,
    a: Seq<u8>,
    b: Seq<u8>,
    behind_a: Seq<u8>,
    behind_b: Seq<u8>,
)
    requires
        a.len() <= u64::MAX,
        b.len() <= u64::MAX,
        record(id, log, position, a) + behind_a == record(id, log, position, b) + behind_b,
    ensures
        a == b,
{
    theorem_parsed_record(id, log, position, a, behind_a);
    theorem_parsed_record(id, log, position, b, behind_b);
}

/// What stands behind a sound header decides between a record and a damaged one.
pub(super) proof fn lemma_parsed_header(
    id: RegionId,
    log: u64,
    position: u64,
    len: u64,
    behind: Seq<u8>,
)
    requires
        len + 8 <= behind.len(),
    ensures
        ({
            let payload = behind.take(len as int);
            parsed(id, log, position, record_header(id, log, position, len) + behind)
                == if behind.take(len + 8) == record_body(id, log, position, payload) {
                Parsed::Record(payload)
            } else {
                Parsed::Damaged(len)
            }
        }),
{
    broadcast use lemma_u64_from_le_of_le;

    let header = record_header(id, log, position, len);
    let bytes = header + behind;
    assert(bytes.take(8) =~= u64_le(len));
    assert(u64_from_le(bytes) == u64_from_le(bytes.take(8)));
    assert(bytes.take(RECORD_HEADER as int) =~= header);
    assert(bytes.subrange(RECORD_HEADER as int, RECORD_OVERHEAD + len) =~= behind.take(len + 8));
    assert(bytes.subrange(RECORD_HEADER as int, RECORD_HEADER + len) =~= behind.take(len as int));
}

/// A payload and a CRC are a record's body just if the CRC is the payload's.
pub(super) proof fn lemma_body(id: RegionId, log: u64, position: u64, payload: Seq<u8>, stored: u64)
    requires
        payload.len() <= u64::MAX,
    ensures
        (payload + u64_le(stored) == record_body(id, log, position, payload)) <==> stored
            == spec_crc64(record_start(id, log, position, payload.len() as u64) + payload),
{
    broadcast use lemma_u64_from_le_of_le;

    let body = record_body(id, log, position, payload);
    assert((payload + u64_le(stored)).skip(payload.len() as int) =~= u64_le(stored));
    assert(body.skip(payload.len() as int) =~= u64_le(
        spec_crc64(record_start(id, log, position, payload.len() as u64) + payload),
    ));
}

/// What the CRCs of a log's records begin with, computed: it is the same for all.
#[derive(Clone, Copy)]
pub(crate) struct Prefix {
    #[allow(dead_code)]  // Read by proofs only.
    pub id: Ghost<RegionId>,
    pub log: u64,
    /// The CRC's register behind it.
    pub register: u64,
}

impl Prefix {
    /// Whether `register` is that.
    pub(crate) open spec fn right(self) -> bool {
        self.register == shift_bytes(0xffff_ffff_ffff_ffff, log_prefix(self.id@, self.log))
    }

    /// That of a log.
    #[inline(always)]
    pub(crate) fn of(id: RegionId, log: u64) -> (r: Prefix)
        ensures
            r.right(),
            r.id@ == id,
            r.log == log,
    {
        let register = extend_register(
            extend_register(0xffff_ffff_ffff_ffff, id.lo, id.hi),
            RECORD_TAG,
            log,
        );
        proof {
            let (first, second) = (u64_le(id.lo) + u64_le(id.hi), u64_le(RECORD_TAG) + u64_le(log));
            lemma_shift_concat(0xffff_ffff_ffff_ffff, first, second);
            assert(first + second =~= log_prefix(id, log));
        }
        Prefix { id: Ghost(id), log, register }
    }

    /// The register behind what stands for a record's position and length.
    proof fn lemma_start(self, position: u64, len: u64)
        requires
            self.right(),
        ensures
            shift_bytes(self.register, u64_le(position) + u64_le(len)) == shift_bytes(
                0xffff_ffff_ffff_ffff,
                record_start(self.id@, self.log, position, len),
            ),
    {
        let prefix = log_prefix(self.id@, self.log);
        let rest = u64_le(position) + u64_le(len);
        lemma_shift_concat(0xffff_ffff_ffff_ffff, prefix, rest);
        assert(prefix + rest =~= record_start(self.id@, self.log, position, len));
    }

    /// The CRC that a record's header ends in, which that of its payload goes on from.
    #[inline(always)]
    pub(crate) fn start_crc(self, position: u64, len: u64) -> (r: u64)
        requires
            self.right(),
        ensures
            r == spec_crc64(record_start(self.id@, self.log, position, len)),
    {
        proof {
            self.lemma_start(position, len);
        }
        !extend_register(self.register, position, len)
    }

    /// The same, and the CRC that a record with this payload ends in.
    #[inline(always)]
    pub(super) fn crcs(self, position: u64, payload: &[u8]) -> (r: (u64, u64))
        requires
            self.right(),
        ensures
            r.0 == spec_crc64(record_start(self.id@, self.log, position, payload@.len() as u64)),
            r.1 == spec_crc64(
                record_start(self.id@, self.log, position, payload@.len() as u64) + payload@,
            ),
    {
        let len = payload.len() as u64;
        let (start, all) = extend_register_twice(self.register, position, len, payload);
        proof {
            self.lemma_start(position, len);
            let start = record_start(self.id@, self.log, position, len);
            lemma_shift_concat(0xffff_ffff_ffff_ffff, start, payload@);
        }
        (!start, !all)
    }
}

/// A record's header, of which `crc` is the CRC.
#[inline(always)]
pub(super) fn header_bytes(len: u64, crc: u64) -> (r: [u8; 16])
    ensures
        r@ == u64_le(len) + u64_le(crc),
{
    let mut buf = [0u8;16];
    put_u64(&mut buf, 0, len);
    put_u64(&mut buf, 8, crc);
    proof {
        assert(buf@.subrange(0, 8) =~= u64_le(len));
        assert(buf@ =~= buf@.subrange(0, 8) + buf@.subrange(8, 16));
    }
    buf
}

/// The eight bytes of a CRC.
#[inline(always)]
pub(super) fn crc_bytes(crc: u64) -> (r: [u8; 8])
    ensures
        r@ == u64_le(crc),
{
    let mut buf = [0u8;8];
    put_u64(&mut buf, 0, crc);
    assert(buf@ =~= buf@.subrange(0, 8));
    buf
}

} // verus!
