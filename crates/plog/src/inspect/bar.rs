//! Which parts of a ring are in use, at any scale.

use multilog::changes::Entry;
use multilog::inspect::{Inspection, RingPlace};
use std::ops::Range;

/// A log whose ring can be drawn: all that is needed for it is sound.
#[derive(Debug, Clone, Copy)]
pub struct Drawable {
    pub ring: RingPlace,
    pub entry: Entry,
}

impl Drawable {
    /// Or else what is not known of it.
    pub fn of(found: &Inspection, log: usize) -> Result<Drawable, &'static str> {
        let log = &found.logs[log];
        match found.live().map(|live| log.entry(live)) {
            None => Err("its place is not known"),
            Some(entry) if !entry.sound => Err("its place is not known"),
            Some(entry) => log
                .last
                .map(|last| Drawable {
                    ring: entry.value.ring,
                    entry: last,
                })
                .ok_or("its head and tail are not known"),
        }
    }

    pub fn used(&self) -> u64 {
        self.entry.tail - self.entry.head
    }

    pub fn free(&self) -> u64 {
        self.ring.capacity - self.used()
    }

    /// How far from the ring's start a position lies.
    pub fn offset(&self, position: u64) -> u64 {
        position % self.ring.capacity
    }

    /// The offsets that are in use: one range, or two if the log goes round the ring's end.
    pub fn in_use(&self) -> Vec<Range<u64>> {
        let (head, used) = (self.offset(self.entry.head), self.used());
        let before_end = used.min(self.ring.capacity - head);
        let pieces = [head..head + before_end, 0..used - before_end];
        pieces.into_iter().filter(|r| !r.is_empty()).collect()
    }
}

/// How much of a cell is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    Free,
    Partly,
    Full,
}

/// A ring as `cells` cells of the same length, or fewer if it has fewer bytes.
pub fn cells(log: &Drawable, cells: u64) -> Vec<Cell> {
    let cells = cells.min(log.ring.capacity);
    // Not even u128 overflows: both factors have 64 bits.
    let start =
        |cell| (u128::from(cell) * u128::from(log.ring.capacity) / u128::from(cells)) as u64;
    let in_use = log.in_use();
    (0..cells)
        .map(|cell| {
            let bytes = start(cell)..start(cell + 1);
            let common = |r: &Range<u64>| {
                r.end
                    .min(bytes.end)
                    .saturating_sub(r.start.max(bytes.start))
            };
            match in_use.iter().map(common).sum::<u64>() {
                0 => Cell::Free,
                used if used == bytes.end - bytes.start => Cell::Full,
                _ => Cell::Partly,
            }
        })
        .collect()
}
