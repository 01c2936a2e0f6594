//! What records are, as `docs/records.md` has it.

use super::model::Log;
use super::subject::Fault;
use crate::corruption::oracle::crc::crc64;
use multilog::{RecordError, RegionId};

/// In what the CRCs of records cover.
const TAG: u64 = 1 << 34;

/// The length and its CRC.
const HEADER: usize = 16;

/// What a record takes beside its payload.
pub const OVERHEAD: usize = HEADER + 8;

/// What stands where a record should.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Item {
    Record {
        position: u64,
        payload: Vec<u8>,
    },
    /// A record whose payload is not what its CRC says; the next one starts there.
    Damaged {
        position: u64,
        next: u64,
    },
    /// A record that goes beyond the log's tail. It is the last.
    Cut {
        position: u64,
        len: u64,
    },
    /// Something else. It is the last.
    NoRecord {
        position: u64,
    },
}

impl Item {
    /// What the production code says of a record.
    pub fn of(found: Result<multilog::Record<'_>, RecordError>) -> Result<Item, Fault> {
        Ok(match found {
            Ok(record) => Item::Record {
                position: record.position(),
                payload: record.payload().to_vec(),
            },
            Err(RecordError::Damaged { position, next }) => Item::Damaged { position, next },
            Err(RecordError::Cut { position, len, .. }) => Item::Cut { position, len },
            Err(RecordError::NoRecord { position }) => Item::NoRecord { position },
            Err(RecordError::Io { error, .. }) => return Err(Fault::Io(error)),
            Err(other) => return Err(Fault::Unexpected(format!("{other:?}"))),
        })
    }
}

/// The bytes of a record.
pub fn record(id: RegionId, log: u64, position: u64, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(id, log, position, payload.len() as u64);
    bytes.extend(payload);
    bytes.extend(crc64(&covered(id, log, position, payload)).to_le_bytes());
    bytes
}

/// All that stands in a log, taken for records.
pub fn records(id: RegionId, number: u64, log: &Log) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = log.data.as_slice();
    while !rest.is_empty() {
        let position = log.tail() - rest.len() as u64;
        let Some(len) = announced(id, number, position, rest) else {
            items.push(Item::NoRecord { position });
            break;
        };
        if len > (rest.len() as u64).saturating_sub(OVERHEAD as u64) || rest.len() < OVERHEAD {
            items.push(Item::Cut { position, len });
            break;
        }
        let (whole, behind) = rest.split_at(OVERHEAD + len as usize);
        let payload = whole[HEADER..HEADER + len as usize].to_vec();
        items.push(match record(id, number, position, &payload) == whole {
            true => Item::Record { position, payload },
            false => Item::Damaged {
                position,
                next: log.tail() - behind.len() as u64,
            },
        });
        rest = behind;
    }
    items
}

/// The length that the header of a record says, if that is what stands there.
fn announced(id: RegionId, log: u64, position: u64, bytes: &[u8]) -> Option<u64> {
    let len = u64::from_le_bytes(*bytes.first_chunk()?);
    (bytes.get(..HEADER)? == header(id, log, position, len)).then_some(len)
}

fn header(id: RegionId, log: u64, position: u64, len: u64) -> Vec<u8> {
    let crc = crc64(&start(id, log, position, len));
    [len.to_le_bytes(), crc.to_le_bytes()].concat()
}

/// What the payload's CRC covers.
fn covered(id: RegionId, log: u64, position: u64, payload: &[u8]) -> Vec<u8> {
    let mut covered = start(id, log, position, payload.len() as u64);
    covered.extend(payload);
    covered
}

/// What both CRCs cover.
fn start(id: RegionId, log: u64, position: u64, len: u64) -> Vec<u8> {
    [id.lo, id.hi, TAG, log, position, len]
        .map(u64::to_le_bytes)
        .concat()
}
