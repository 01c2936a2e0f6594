//! The superblock and both journals.

use super::shapes::*;
use crate::inspect::why_none;
use crate::logs;
use multilog::inspect::{Inspection, Journal, LogMetadata};

/// The most logs whose metadata are drawn.
const MOST_LOGS: usize = 2_048;

/// The least and the greatest width of a log's cell.
const CELL: (f64, f64) = (5.0, 40.0);

const HEIGHT: f64 = 16.0;

/// The words before a row of cells.
const LABEL: f64 = 120.0;

pub fn superblock(canvas: &mut Canvas, found: &Inspection) {
    let header = &found.header.value;
    let selector = match found.live() {
        Some(live) => format!("journal {live:?} is live"),
        None => format!("{:#x}", found.selector.value),
    };
    let mut version = format!("version {}, {}", header.version, logs::counted(header.logs));
    if header.region_len != found.region_len {
        version += &format!(", {} bytes", header.region_len);
    }
    let boxes = [
        ("0x0 header", version, found.header.sound, 0.30),
        (
            "0x20 id",
            found.id.value.id.to_string(),
            found.id.sound,
            0.45,
        ),
        ("0x40 selector", selector, found.selector.sound, 0.25),
    ];
    canvas.heading("Superblock");
    let (mut x, y, gap) = (canvas.left(), canvas.y, 8.0);
    let room = canvas.right() - canvas.left() + gap;
    for (title, words, sound, share) in boxes {
        let (fill, title) = match sound {
            true => (SOUND, title.to_string()),
            false => (DAMAGED, format!("{title}: damaged")),
        };
        canvas.add(rectangle(x, y, share * room - gap, 44.0, fill).set("rx", 4));
        let (edge, inside) = (x + 10.0, share * room - gap - 20.0);
        canvas.add(text(edge, y + 17.0, 11.0, Weight::Plain, WHITE, &title));
        canvas.add(text_within(
            inside,
            edge,
            y + 35.0,
            13.0,
            Weight::Bold,
            WHITE,
            &words,
        ));
        x += share * room;
    }
    canvas.skip(44.0);
}

/// A cell for each log: its entries in both journals.
pub fn entries(canvas: &mut Canvas, found: &Inspection) {
    canvas.heading("Snapshots of the journals: a cell for each log");
    if found.logs.is_empty() {
        let words = format!("not known: {}", why_none(found));
        let (x, y) = (canvas.left(), canvas.y + 14.0);
        canvas.add(text(x, y, 12.0, Weight::Plain, DAMAGED, &words));
        return canvas.skip(20.0);
    }
    let (logs, more) = found.logs.split_at(found.logs.len().min(MOST_LOGS));
    let room = canvas.right() - canvas.left() - LABEL;
    let width = (room / logs.len() as f64).clamp(CELL.0, CELL.1);
    let per_row = (room / width) as usize;
    let gap = if width > 10.0 { 2.0 } else { 1.0 };
    for (row, chunk) in logs.chunks(per_row).enumerate() {
        for journal in [Journal::A, Journal::B] {
            let (mut x, y) = (canvas.left(), canvas.y);
            let words = match (row, journal) {
                (0, _) => label(found, journal),
                (_, Journal::A) => format!("from log {}", row * per_row),
                (_, Journal::B) => String::new(),
            };
            if !words.is_empty() {
                canvas.add(text(x, y + 12.0, 11.0, Weight::Plain, INK, &words));
            }
            x += LABEL;
            for log in chunk {
                canvas.add(rectangle(
                    x,
                    y,
                    width - gap,
                    HEIGHT - 2.0,
                    colour(found, log, journal),
                ));
                x += width;
            }
            canvas.skip(HEIGHT);
        }
        canvas.skip(6.0);
    }
    if !more.is_empty() {
        let (x, y) = (canvas.left() + LABEL, canvas.y + 8.0);
        let (fill, words) = match more.iter().filter(|log| damaged(found, log)).count() {
            0 => (PALE, format!("and {} more, all sound", more.len())),
            n => (
                DAMAGED,
                format!("and {} more, {n} of them damaged", more.len()),
            ),
        };
        canvas.add(text(x, y, 11.0, Weight::Plain, fill, &words));
        canvas.skip(14.0);
    }
}

/// What a row is called.
pub fn label(found: &Inspection, journal: Journal) -> String {
    let role = match found.live() {
        Some(live) if live == journal => ", live",
        Some(_) => ", idle",
        None => "",
    };
    format!("journal {journal:?}{role}")
}

/// Whether any cell of a log would be drawn as damaged.
fn damaged(found: &Inspection, log: &LogMetadata) -> bool {
    [Journal::A, Journal::B]
        .iter()
        .any(|journal| colour(found, log, *journal) == DAMAGED)
}

/// The colour of a log's entry in a journal.
fn colour(found: &Inspection, log: &LogMetadata, journal: Journal) -> &'static str {
    let header = found.journal(journal).map(|journal| journal.header);
    let entry = log.entry(journal);
    let sound = entry.sound && header.is_some_and(|header| header.sound);
    match found.live() {
        Some(live) if live == journal => match sound {
            true => SOUND,
            false => DAMAGED,
        },
        _ if sound => SETTLED,
        _ if entry.value.ring.capacity == 0 => FREE,
        _ => TORN,
    }
}

pub fn legend(canvas: &mut Canvas) {
    let keys = [
        (SOUND, "sound; in a ring: in use"),
        (FREE, "free or never used"),
        (DAMAGED, "damaged"),
        (SETTLED, "in the idle journal"),
        (UNCOMMITTED, "of an interrupted commit"),
        (TORN, "in the idle journal: not whole"),
    ];
    canvas.skip(24.0);
    let step = (canvas.right() - canvas.left()) / 3.0;
    for row in keys.chunks(3) {
        let (mut x, y) = (canvas.left(), canvas.y);
        for (colour, words) in row {
            canvas.add(rectangle(x, y, 12.0, 12.0, colour));
            canvas.add(text(x + 18.0, y + 10.0, 11.0, Weight::Plain, PALE, words));
            x += step;
        }
        canvas.skip(20.0);
    }
    let words = "The idle journal does not count, nor does what was staged behind a tail and not committed.";
    let (x, y) = (canvas.left(), canvas.y + 10.0);
    canvas.add(text(x, y, 11.0, Weight::Plain, PALE, words));
    canvas.skip(8.0);
}
