//! The ways to damage an image.

use super::base::Base;
use super::oracle::{self, word, JOURNAL_TAG, MAGIC, NO_ID, VERSION};
use arbitrary::Arbitrary;

/// One way to damage an image. What does not fit the image does nothing.
#[derive(Debug, Clone, Arbitrary)]
pub enum Damage {
    /// These bits are inverted, counted from the image's beginning.
    Bits(Vec<u16>),
    /// Of the 64 bits from `first` those are inverted that `wrong` has.
    Burst { first: u16, wrong: u64 },
    /// Another word.
    Word { address: u16, word: u64 },
    /// A word of the image, in another's place.
    WordOf { address: u16, from: u16 },
    /// Two lines of 32 bytes, by their numbers, each in the other's place.
    Swap { one: u8, other: u8 },
    /// A line of 32 bytes in another's place.
    Line { to: u8, of: Source, from: u8 },
    /// Bytes from somewhere on, whatever they are.
    Bytes { address: u16, bytes: Vec<u8> },
    /// The image is cut off, or goes on with zeros.
    Resize { len: u16 },
    /// Damage that no CRC can find: the superblock's header says this.
    Header {
        magic: Option<u64>,
        version: Option<u32>,
        logs: Option<u32>,
        len: Option<u64>,
    },
    /// The same, of the codeword that holds the id.
    Id { payload: [u64; 3] },
    /// The same, of the header of journal A or B.
    JournalHeader { b: bool, payload: [Number; 3] },
    /// The same, of a log's entry in the live journal's snapshot.
    Entry { log: u8, words: [Number; 4] },
    /// The same, of a record: so many lines behind the beginning of the live journal's first, with a number so much larger than
    /// the snapshot's.
    Record {
        line: u8,
        number: u8,
        changes: Vec<Change>,
        /// A line in which a record seems to begin although the other one goes on there.
        begins: Option<u8>,
    },
}

/// Where a line is taken from.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Source {
    /// The image itself.
    Same,
    /// Another region of the same shape.
    Foreign,
    /// The image as it was before some of its commits.
    Older(u8),
}

/// What a record says of a log.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub struct Change {
    pub log: u8,
    /// Whether it says that it has a CRC of what was appended.
    pub checked: bool,
    /// Whether that is the right one, if there can be one.
    pub right: bool,
    pub head: Number,
    pub tail: Number,
}

impl Change {
    /// The words, on an image that was made of `base`, if the log has had this tail.
    fn words(self, base: &Base, image: &[u8]) -> [u64; 4] {
        let (log, ends) = (
            usize::from(self.log),
            [self.head.value(), self.tail.value()],
        );
        let from = base.contents.entries.get(log).map(|entry| entry[1]);
        let appended = from.and_then(|from| {
            let len = ends[1].checked_sub(from)?;
            let fits = len <= base.contents.rings[log][1] && image.len() == base.image.len();
            fits.then(|| base.contents.bytes(image, log, [from, ends[1]]))
        });
        let crc = match appended {
            Some(bytes) if self.right => oracle::mixed_crc(&bytes),
            _ => 0,
        };
        oracle::change(self.log.into(), self.checked, ends, crc)
    }
}

/// Numbers near what matters.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Number {
    Small(u8),
    Address(u16),
    /// So many below the largest.
    Large(u8),
    Any(u64),
}

impl Number {
    fn value(self) -> u64 {
        match self {
            Number::Small(n) => n.into(),
            Number::Address(n) => n.into(),
            Number::Large(n) => u64::MAX - u64::from(n),
            Number::Any(n) => n,
        }
    }
}

impl Damage {
    /// Damages an image that was made of `base`.
    pub fn apply(&self, base: &Base, image: &mut Vec<u8>) {
        match self {
            Damage::Bits(bits) => bits.iter().for_each(|&bit| invert(image, bit.into())),
            Damage::Burst { first, wrong } => (0..64)
                .filter(|bit| wrong >> bit & 1 == 1)
                .for_each(|bit| invert(image, usize::from(*first) + bit)),
            Damage::Word { address, word } => put(image, (*address).into(), &word.to_le_bytes()),
            Damage::WordOf { address, from } => {
                if usize::from(*from) + 8 <= image.len() {
                    let word = word(image, (*from).into());
                    put(image, (*address).into(), &word.to_le_bytes());
                }
            }
            Damage::Swap { one, other } => {
                if let (Some(first), Some(second)) = (line(image, *one), line(image, *other)) {
                    put(image, 32 * usize::from(*one), &second);
                    put(image, 32 * usize::from(*other), &first);
                }
            }
            Damage::Line { to, of, from } => {
                let source = match *of {
                    Source::Same => Some(&image[..]),
                    Source::Foreign => Some(&base.foreign[..]),
                    Source::Older(n) => base
                        .older
                        .iter()
                        .rev()
                        .nth(n.into())
                        .map(|older| &older[..]),
                };
                if let Some(line) = source.and_then(|source| line(source, *from)) {
                    put(image, 32 * usize::from(*to), &line);
                }
            }
            Damage::Bytes { address, bytes } => put(image, (*address).into(), bytes),
            Damage::Resize { len } => image.resize((*len).into(), 0),
            Damage::Header {
                magic,
                version,
                logs,
                len,
            } => {
                let version: u64 = version.map_or(VERSION, u64::from);
                let logs = logs.map_or(base.contents.rings.len() as u64, u64::from);
                let numbers = logs << 32 | version;
                let len = len.unwrap_or(image.len() as u64);
                let payload = [magic.unwrap_or(MAGIC), numbers, len];
                put(image, 0, &oracle::codeword(base.contents.id, 0, payload));
            }
            Damage::Id { payload } => put(image, 32, &oracle::codeword(NO_ID, 1, *payload)),
            Damage::JournalHeader { b, payload } => {
                let tag = JOURNAL_TAG + u64::from(*b);
                let line = oracle::codeword(base.contents.id, tag, payload.map(Number::value));
                put(image, base.contents.shape.journal(*b), &line);
            }
            Damage::Entry { log, words } => {
                let [a, b, c, d] = words.map(Number::value);
                let (contents, words) = (&base.contents, [a, b, c, d, 0, 0, 0]);
                let line = oracle::entry(contents.id, contents.number, (*log).into(), words);
                let address = contents.shape.entry(contents.live_b, (*log).into());
                put(image, address, &line);
            }
            Damage::Record {
                line,
                number,
                changes,
                begins,
            } => {
                let contents = &base.contents;
                let mut changes: Vec<_> = changes
                    .iter()
                    .map(|change| change.words(base, image))
                    .collect();
                let begins = begins.and_then(|line| changes.get_mut(1 + 2 * usize::from(line)));
                if let Some(first) = begins {
                    first[0] -= oracle::MARK;
                }
                let number = contents.number.saturating_add((*number).into());
                let record = oracle::record(contents.id, number, &changes);
                let first = contents.shape.records(contents.live_b);
                put(image, first + oracle::LINE * usize::from(*line), &record);
            }
        }
    }
}

fn invert(image: &mut [u8], bit: usize) {
    if let Some(byte) = image.get_mut(bit / 8) {
        *byte ^= 1 << (bit % 8);
    }
}

fn put(image: &mut [u8], address: usize, bytes: &[u8]) {
    if let Some(place) = image.get_mut(address..address + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

fn line(image: &[u8], number: u8) -> Option<[u8; 32]> {
    let address = 32 * usize::from(number);
    Some(
        image
            .get(address..address + 32)?
            .try_into()
            .expect("32 bytes"),
    )
}
