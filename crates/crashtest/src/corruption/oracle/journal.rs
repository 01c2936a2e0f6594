//! What a journal says: the fourth and the fifth step of opening.

use super::codeword::{entry_at, mixed_crc, payload};
use super::crc::crc64;
use super::{
    corrupt, word, Collection, Fault, Id, Log, Part, Shape, CHECKED, CHECK_LIMIT, JOURNAL_TAG,
    LINE, MARK, RECORD_TAG,
};

/// A record, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub address: usize,
    pub payload: Vec<u8>,
}

impl Record {
    /// The address behind it.
    pub fn end(&self) -> usize {
        self.address + 32 + self.payload.len()
    }

    fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        self.payload.chunks(32).filter_map(|piece| {
            let first = word(piece, 0);
            (first >= MARK).then(|| Change {
                checked: first & CHECKED != 0,
                log: first & (CHECKED - 1),
                ends: [word(piece, 8), word(piece, 16)],
                crc: word(piece, 24),
            })
        })
    }
}

/// What a record says of a log.
struct Change {
    checked: bool,
    log: u64,
    /// Head and tail.
    ends: [u64; 2],
    crc: u64,
}

/// What the metadata says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    pub id: Id,
    pub shape: Shape,
    pub live_b: bool,
    /// Start and capacity of each log's ring.
    pub rings: Vec<[u64; 2]>,
    /// The number of the last commit that the snapshot holds.
    pub number: u64,
    /// Head and tail of each log in the snapshot.
    pub first: Vec<[u64; 2]>,
    /// All whole records.
    pub records: Vec<Record>,
    /// How many of them count.
    pub counted: usize,
    /// Head and tail of each log.
    pub entries: Vec<[u64; 2]>,
}

/// What the live journal of an image says.
pub fn read(image: &[u8], id: Id, shape: Shape, live_b: bool) -> Result<Contents, Fault> {
    let start = shape.journal(live_b);
    let number = match payload(image, start, id, JOURNAL_TAG + u64::from(live_b)) {
        Some([number, 0, 0]) if number < MARK => number,
        _ => return corrupt(Part::Header, start),
    };
    let mut entries = Vec::new();
    for log in 0..shape.logs {
        let address = shape.entry(live_b, log);
        match entry_at(image, address, id, number, log as u64) {
            Some(words) => entries.push(words),
            None => return corrupt(Part::Entry(log as u64), address),
        }
    }
    let end = shape.end(live_b);
    let records = records(&image[..end], shape.records(live_b), id, number);
    let behind = records
        .last()
        .map_or(shape.records(live_b), |last| last.end());
    let last = number + records.len() as u64;
    for at in (behind + LINE..end).step_by(LINE) {
        if header(image, at, id).is_some_and(|[later, ..]| later > last) {
            let len = (at + 32 - behind) as u64;
            return corrupt(Part::Records { len }, behind);
        }
    }
    let contents = Contents {
        id,
        shape,
        live_b,
        rings: rings(image, &entries, shape, live_b)?,
        number,
        first: entries.iter().map(|words| [words[2], words[3]]).collect(),
        records,
        counted: 0,
        entries: Vec::new(),
    };
    contents.replayed(image)
}

/// What the header of a record at an address says, if there is one.
fn header(image: &[u8], address: usize, id: Id) -> Option<[u64; 3]> {
    payload(image, address, id, RECORD_TAG).filter(|said| said[0] < MARK)
}

/// The records from an address to the end of the journal, of which the first one has the number after this.
fn records(journal: &[u8], mut at: usize, id: Id, mut number: u64) -> Vec<Record> {
    let mut found = Vec::new();
    while let Some(record) = record(journal, at, id, number + 1) {
        at = record.end();
        number += 1;
        found.push(record);
    }
    found
}

/// The record of this number at an address, if it is whole.
fn record(journal: &[u8], address: usize, id: Id, number: u64) -> Option<Record> {
    if address >= journal.len() {
        return None;
    }
    let [found, len, crc] = header(journal, address, id)?;
    let rest = &journal[address + 32..];
    if found != number || len % 64 != 32 || len > rest.len() as u64 {
        return None;
    }
    let payload = rest[..len as usize].to_vec();
    let marked = (32..payload.len())
        .step_by(LINE)
        .all(|line| word(&payload, line) >= MARK);
    (marked && crc64(&payload) == crc).then_some(Record { address, payload })
}

/// Start and capacity of each log's ring.
fn rings(
    image: &[u8],
    entries: &[[u64; 7]],
    shape: Shape,
    live_b: bool,
) -> Result<Vec<[u64; 2]>, Fault> {
    let mut floor = shape.metadata_end() as u128;
    let mut rings = Vec::new();
    for (log, &[start, capacity, ..]) in entries.iter().enumerate() {
        let end = u128::from(start) + u128::from(capacity);
        if u128::from(start) < floor || capacity == 0 || end > image.len() as u128 {
            return corrupt(Part::Entry(log as u64), shape.entry(live_b, log));
        }
        floor = end;
        rings.push([start, capacity]);
    }
    Ok(rings)
}

impl Contents {
    /// Heads and tails after so many records, or None: one of them is of no log.
    pub fn after(&self, records: usize) -> Option<Vec<[u64; 2]>> {
        let mut entries = self.first.clone();
        for change in self.records[..records].iter().flat_map(Record::changes) {
            *entries.get_mut(usize::try_from(change.log).ok()?)? = change.ends;
        }
        Some(entries)
    }

    /// The same, and which records count.
    fn replayed(mut self, image: &[u8]) -> Result<Contents, Fault> {
        self.counted = self.records.len();
        if self.counted > 0 && !self.is_last_whole(image) {
            self.counted -= 1;
        }
        let (records, end) = (self.shape.records(self.live_b), self.shape.end(self.live_b));
        let Some(entries) = self.after(self.counted) else {
            let len = (end - records) as u64;
            return corrupt(Part::Records { len }, records);
        };
        for (log, ([head, tail], [_, capacity])) in entries.iter().zip(&self.rings).enumerate() {
            if head > tail || tail - head > *capacity {
                return corrupt(Part::Entry(log as u64), self.shape.entry(self.live_b, log));
            }
        }
        self.entries = entries;
        Ok(self)
    }

    /// Whether each checked change of the last record passes.
    fn is_last_whole(&self, image: &[u8]) -> bool {
        let before = self.after(self.records.len() - 1);
        let (Some(before), Some(last)) = (before, self.records.last()) else {
            return false;
        };
        last.changes()
            .filter(|change| change.checked)
            .all(|change| {
                let log = change.log as usize;
                let Some(&[_, from]) = before.get(log) else {
                    return false;
                };
                let [head, to] = change.ends;
                head <= from
                    && from <= to
                    && to - from <= CHECK_LIMIT.min(self.rings[log][1])
                    && mixed_crc(&self.bytes(image, log, [from, to])) == change.crc
            })
    }

    /// The bytes that an image has for positions of a log.
    pub fn bytes(&self, image: &[u8], log: usize, [from, to]: [u64; 2]) -> Vec<u8> {
        (from..to)
            .map(|position| image[self.address(log, position)])
            .collect()
    }

    /// The number of the last commit.
    pub fn commit(&self) -> u64 {
        self.number + self.counted as u64
    }

    /// The logs, with the bytes that the image has for them.
    pub fn collection(&self, image: &[u8]) -> Collection {
        let log = |log: usize| Log {
            head: self.entries[log][0],
            capacity: self.rings[log][1],
            bytes: self.bytes(image, log, self.entries[log]),
        };
        Collection {
            id: self.id,
            logs: (0..self.rings.len()).map(log).collect(),
        }
    }

    /// The address of a position's byte.
    pub fn address(&self, log: usize, position: u64) -> usize {
        let [start, capacity] = self.rings[log];
        (start + position % capacity) as usize
    }

    /// The address behind the records: where the next one may be.
    pub fn next(&self) -> usize {
        let first = self.shape.records(self.live_b);
        self.records.last().map_or(first, |last| last.end())
    }

    /// The addresses where the next record may be, in part or whole, as far as they matter.
    pub fn next_place(&self, image: &[u8]) -> std::ops::Range<usize> {
        let (at, end) = (self.next(), self.shape.end(self.live_b));
        if at >= end {
            return at..at;
        }
        let next = self.number + self.records.len() as u64 + 1;
        let len = match header(image, at, self.id) {
            Some([number, len, _]) if number == next && len <= (end - at - 32) as u64 => len,
            _ => 0,
        };
        at..at + 32 + len as usize
    }

    /// The addresses of the bytes that the last record has CRCs of.
    pub fn appended(&self) -> Vec<usize> {
        let Some((last, before)) = self.records.last().zip(self.before_last()) else {
            return Vec::new();
        };
        let checked = last.changes().filter(|change| change.checked);
        let positions = checked.flat_map(|change| {
            let log = change.log as usize;
            (before[log][1]..change.ends[1]).map(move |position| (log, position))
        });
        positions
            .map(|(log, position)| self.address(log, position))
            .collect()
    }

    fn before_last(&self) -> Option<Vec<[u64; 2]>> {
        self.after(self.records.len().checked_sub(1)?)
    }
}
