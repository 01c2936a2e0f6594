//! Reading one record.

use crate::errors::ReadError;
use crate::records::errors::*;
use crate::records::format::*;
use crate::trusted::gate::MultiLog;
#[cfg(verus_only)]
use crate::trusted::{contract::*, record_contract::*, state::*};
use pmem::bytes::*;
use pmem::trusted::crc::crc64_extended;
use pmem::trusted::region::*;
#[cfg(verus_only)]
use pmem::{crc_pieces::*, ring::Ring, trusted::crc::*};
use vstd::prelude::*;

verus! {

/// A record's payload.
#[derive(Debug)]
pub enum Payload<'a> {
    /// The bytes where they lie.
    InPlace(&'a [u8]),
    /// A copy of them: the device is not mapped into memory, or they go round the end of the log's ring.
    Copied(Vec<u8>),
}

impl<'a> Payload<'a> {
    /// The bytes.
    pub open spec fn view(&self) -> Seq<u8> {
        match self {
            Payload::InPlace(bytes) => bytes@,
            Payload::Copied(bytes) => bytes@,
        }
    }

    /// The bytes.
    pub fn as_slice(&self) -> (r: &[u8])
        ensures
            r@ == self@,
    {
        match self {
            Payload::InPlace(bytes) => bytes,
            Payload::Copied(bytes) => bytes.as_slice(),
        }
    }
}

/// A record that was read, and whose CRCs are right.
///
/// It dereferences to its payload.
#[derive(Debug)]
pub struct Record<'a> {
    position: u64,
    next: u64,
    payload: Payload<'a>,
}

impl<'a> Record<'a> {
    /// What it is.
    pub closed spec fn view(&self) -> RecordView {
        RecordView { position: self.position, next: self.next, payload: self.payload@ }
    }

    /// The position where it starts.
    pub fn position(&self) -> (r: u64)
        ensures
            r == self@.position,
    {
        self.position
    }

    /// The position behind it, where the next record starts.
    pub fn next_position(&self) -> (r: u64)
        ensures
            r == self@.next,
    {
        self.next
    }

    /// Its payload.
    pub fn payload(&self) -> (r: &[u8])
        ensures
            r@ == self@.payload,
    {
        self.payload.as_slice()
    }

    /// Its payload: where it lies, or the copy that was made to read it.
    pub fn into_payload(self) -> (r: Payload<'a>)
        ensures
            r@ == self@.payload,
    {
        self.payload
    }
}

/// What the contracts say of a record that was read, or of an error.
pub open spec fn viewed(r: Result<Record<'_>, RecordError>) -> Result<RecordView, RecordError> {
    match r {
        Ok(record) => Ok(record@),
        Err(e) => Err(e),
    }
}

/// What was committed from `position` on.
spec fn committed_from(v: MultiLogView, log: u64, position: int) -> Seq<u8> {
    let log = v.committed.logs[log as int];
    log.data.skip(position - log.head)
}

/// Two pieces that may be read, one behind the other.
proof fn lemma_read_right_concat(v: MultiLogView, log: u64, position: u64, a: Seq<u8>, b: Seq<u8>)
    requires
        position + a.len() <= u64::MAX,
        read_right(v, log, position, a),
        read_right(v, log, (position + a.len()) as u64, b),
    ensures
        read_right(v, log, position, a + b),
{
    let (ring, head) = (v.rings[log as int], v.committed.logs[log as int].head);
    let both = a + b;
    assert forall|i: int|
        0 <= i < both.len() && !v.medium.damaged.contains(
            ring.addr(position + i),
        ) implies #[trigger] both[i] == v.committed.logs[log as int].data[position - head + i] by {
        if i < a.len() {
            assert(both[i] == a[i]);
        } else {
            let j = i - a.len();
            assert(both[i] == b[j]);
            assert(position + i == (position + a.len()) + j);
        }
    }
}

/// A piece that may be read, and what was committed behind it, are what may be read.
proof fn lemma_may_read(v: MultiLogView, log: u64, position: u64, read: Seq<u8>)
    requires
        read_right(v, log, position, read),
        v.committed.logs[log as int].head <= position,
        position + read.len() <= v.committed.logs[log as int].tail() <= u64::MAX,
    ensures
        record_log(v, log).may_read(position, read + committed_from(v, log, position + read.len())),
{
    let rest = committed_from(v, log, position + read.len());
    assert(read_right(v, log, (position + read.len()) as u64, rest));
    lemma_read_right_concat(v, log, position, read, rest);
}

/// Damage to the end of a range is damage to the range.
proof fn lemma_damaged_end(ring: Ring, medium: Medium, from: int, mid: int, to: int)
    requires
        from <= mid,
        ring.damaged_at(medium, mid, to),
    ensures
        ring.damaged_at(medium, from, to),
{
    let a = choose|a: int| ring.covers(mid, to, a) && #[trigger] medium.damaged.contains(a);
    let c = ring.capacity as int;
    let (k, y) = (mid - from, a - ring.start - mid);
    vstd::arithmetic::div_mod::lemma_fundamental_div_mod(y, c);
    vstd::arithmetic::div_mod::lemma_mod_multiples_vanish(y / c, y % c + k, c);
    vstd::arithmetic::div_mod::lemma_mod_bound(y, c);
    vstd::arithmetic::div_mod::lemma_mod_decreases((y % c + k) as nat, c as nat);
    assert(a - ring.start - from == c * (y / c) + (y % c + k));
    assert(ring.covers(from, to, a));
}

impl<R: Region> MultiLog<R> {
    /// Whether the committed bytes of a log go from `position` or before to `end` or behind.
    spec fn holds(&self, log: u64, position: int, end: int) -> bool {
        let committed = self@.committed.logs[log as int];
        &&& log < self@.committed.logs.len() <= u64::MAX
        &&& 0 <= committed.head <= position <= end <= committed.tail() <= u64::MAX
    }

    /// Reads bytes that are in the log.
    #[inline(always)]
    fn read_held(&self, log: u64, position: u64, buf: &mut [u8]) -> (r: Result<(), IoError>)
        requires
            self.valid(),
            self.holds(log, position as int, position + old(buf)@.len()),
        ensures
            final(buf)@.len() == old(buf)@.len(),
            match r {
                Ok(()) => read_right(self@, log, position, final(buf)@),
                Err(_) => self@.rings[log as int].damaged_at(
                    self@.medium,
                    position as int,
                    position + old(buf)@.len(),
                ),
            },
    {
        match self.read(log, position, buf) {
            Ok(()) => Ok(()),
            Err(ReadError::Io(error)) => Err(error),
            Err(_) => {
                assert(false);
                Ok(())
            },
        }
    }

    /// Reads the header of the record at `position`: the payload's length, and the header's CRC.
    fn read_header(&self, log: u64, position: u64, tail: u64) -> (r: Result<
        (u64, u64),
        RecordError,
    >)
        requires
            self.valid(),
            position < tail,
            self.holds(log, position as int, tail as int),
            tail == self@.committed.logs[log as int].tail(),
        ensures
            match r {
                Ok((len, crc)) => {
                    let id = self@.committed.id;
                    &&& position + RECORD_OVERHEAD + len <= tail
                    &&& crc == spec_crc64(record_start(id, log, position, len))
                    &&& read_right(self@, log, position, record_header(id, log, position, len))
                },
                Err(e) => record_post(record_log(self@, log), position, Err(e)),
            },
    {
        let ghost id = self@.committed.id;
        let room = tail - position;
        if room < RECORD_HEADER {
            proof {
                lemma_may_read(self@, log, position, Seq::empty());
            }
            return Err(RecordError::NoRecord { position });
        }
        let mut header = [0u8;16];
        if let Err(error) = self.read_held(log, position, &mut header) {
            proof {
                lemma_may_read(self@, log, position, Seq::empty());
            }
            return Err(RecordError::Io { position, known_next: None, error });
        }
        let len = get_u64(&header, 0);
        let crc = start_crc(self.region_id(), log, position, len);
        let ghost bytes = header@ + committed_from(self@, log, position + RECORD_HEADER);
        proof {
            lemma_may_read(self@, log, position, header@);
            assert(header@.subrange(0, 8) =~= bytes.take(8));
            assert(u64_from_le(bytes) == u64_from_le(header@.subrange(0, 8)));
            assert(bytes.take(RECORD_HEADER as int) =~= header@);
            lemma_u64_le_of_from_le(header@.subrange(0, 8));
            lemma_u64_le_of_from_le(header@.subrange(8, 16));
            broadcast use lemma_u64_from_le_of_le;

            assert(header@ =~= header@.subrange(0, 8) + header@.subrange(8, 16));
            assert(record_header(id, log, position, len).subrange(8, 16) =~= u64_le(crc));
        }
        if crc != get_u64(&header, 8) {
            return Err(RecordError::NoRecord { position });
        }
        if room < RECORD_OVERHEAD || len > room - RECORD_OVERHEAD {
            return Err(RecordError::Cut { position, len, tail });
        }
        Ok((len, crc))
    }

    /// Reads a payload of `len` bytes at `position`, in place if it can be had so, and the CRC behind it.
    fn read_body(&self, log: u64, position: u64, len: u64) -> (r: Result<
        (Payload<'_>, u64),
        IoError,
    >)
        requires
            self.valid(),
            self.holds(log, position as int, position + len + 8),
        ensures
            match r {
                Ok((payload, crc)) => {
                    &&& payload@.len() == len
                    &&& read_right(self@, log, position, payload@ + u64_le(crc))
                },
                Err(_) => self@.rings[log as int].damaged_at(
                    self@.medium,
                    position as int,
                    position + len + 8,
                ),
            },
    {
        if let Ok((bytes, round)) = self.read_in_place(log, position, len) {
            if round.is_empty() {
                let mut crc = [0u8;8];
                if let Err(error) = self.read_held(log, position + len, &mut crc) {
                    proof {
                        let ring = self@.rings[log as int];
                        let (from, mid) = (position as int, position + len);
                        lemma_damaged_end(ring, self@.medium, from, mid, mid + 8);
                    }
                    return Err(error);
                }
                let stored = get_u64(&crc, 0);
                proof {
                    assert(bytes@ + round@ =~= bytes@);
                    assert(crc@.subrange(0, 8) =~= crc@);
                    lemma_u64_le_of_from_le(crc@);
                    lemma_read_right_concat(self@, log, position, bytes@, crc@);
                }
                return Ok((Payload::InPlace(bytes), stored));
            }
        }
        let mut bytes = vec![0u8;len as usize + 8];
        if let Err(error) = self.read_held(log, position, bytes.as_mut_slice()) {
            return Err(error);
        }
        let stored = get_u64(bytes.as_slice(), len as usize);
        let ghost read = bytes@;
        bytes.truncate(len as usize);
        proof {
            lemma_u64_le_of_from_le(read.subrange(len as int, len + 8));
            assert(bytes@ + read.subrange(len as int, len + 8) =~= read);
        }
        Ok((Payload::Copied(bytes), stored))
    }

    /// The committed record at a position of a log. If the device is mapped into memory and the payload does not go
    /// round the end of the log's ring, it is not copied.
    ///
    /// What is returned is what was appended there by [`MultiLog::stage_append_record`], unless damage has changed it
    /// into another record beyond what CRC-64 detects, or somebody appended, as bytes, what is a record of this region at
    /// just this position.
    ///
    /// # Errors
    /// See [`RecordError`].
    pub fn get_record(&self, log: u64, position: u64) -> (r: Result<Record<'_>, RecordError>)
        requires
            self.valid(),
        ensures
            get_record_post(self@, log, position, viewed(r)),
    {
        let logs = self.log_count();
        let info = match self.info(log) {
            Some(info) => info,
            None => return Err(RecordError::NoSuchLog { log, logs }),
        };
        let (head, tail) = (info.head, info.tail);
        if position < head || position >= tail {
            return Err(RecordError::OutOfRange { position, head, tail });
        }
        let (len, crc) = self.read_header(log, position, tail)?;
        let next = position + RECORD_OVERHEAD + len;
        let ghost id = self@.committed.id;
        let ghost header = record_header(id, log, position, len);
        match self.read_body(log, position + RECORD_HEADER, len) {
            Ok((payload, stored)) => {
                let ghost body = payload@ + u64_le(stored);
                let computed = crc64_extended(crc, payload.as_slice());
                proof {
                    lemma_crc64_extended(record_start(id, log, position, len), payload@);
                    lemma_read_right_concat(self@, log, position, header, body);
                    let read = header + body;
                    lemma_may_read(self@, log, position, read);
                    let rest = committed_from(self@, log, position + read.len());
                    assert(record_log(self@, log).may_read(position, read + rest));
                    lemma_parsed_header(id, log, position, len, body + rest);
                    assert(read + rest =~= header + (body + rest));
                    assert((body + rest).take(len + 8) =~= body);
                    assert((body + rest).take(len as int) =~= payload@);
                    lemma_body(id, log, position, payload@, stored);
                    let p = parsed(id, log, position, read + rest);
                    assert(payload@.len() == len);
                    assert(computed == stored ==> p == Parsed::Record(payload@));
                    assert(computed != stored ==> p == Parsed::Damaged(len));
                    assert(head == record_log(self@, log).log.head);
                    assert(tail == record_log(self@, log).log.tail());
                }
                if computed != stored {
                    return Err(RecordError::Damaged { position, next });
                }
                Ok(Record { position, next, payload })
            },
            Err(error) => {
                proof {
                    assert(head == record_log(self@, log).log.head);
                    assert(tail == record_log(self@, log).log.tail());
                    lemma_may_read(self@, log, position, header);
                    let rest = committed_from(self@, log, position + RECORD_HEADER);
                    assert(record_log(self@, log).may_read(position, header + rest));
                    lemma_parsed_header(id, log, position, len, rest);
                }
                Err(RecordError::Io { position, known_next: Some(next), error })
            },
        }
    }
}

/// What stands behind a sound header decides between a record and a damaged one.
proof fn lemma_parsed_header(
    id: pmem::region_id::RegionId,
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
proof fn lemma_body(
    id: pmem::region_id::RegionId,
    log: u64,
    position: u64,
    payload: Seq<u8>,
    stored: u64,
)
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

} // verus!
