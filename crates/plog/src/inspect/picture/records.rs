//! The records of both journals, each as a bar.

use super::super::report;
use super::metadata;
use super::rings::{label, LABELS};
use super::shapes::*;
use multilog::inspect::{Behind, Inspection, Interrupted, Journal, JournalMetadata};

const HEIGHT: f64 = 16.0;

/// The distance from one journal to the next.
const STEP: f64 = 34.0;

pub fn all(canvas: &mut Canvas, found: &Inspection) {
    let Some([a, b]) = &found.journals else {
        return;
    };
    canvas.heading("Records of the journals, each from the first line to the last");
    for (name, journal) in [(Journal::A, a), (Journal::B, b)] {
        let (x, y) = (canvas.left(), canvas.y);
        let words = metadata::label(found, name);
        canvas.add(text(x, y + 12.0, 11.0, Weight::Plain, INK, &words));
        bar(canvas, found, journal, found.live() == Some(name));
        canvas.skip(STEP);
    }
}

fn bar(canvas: &mut Canvas, found: &Inspection, journal: &JournalMetadata, live: bool) {
    let (x, y) = (canvas.left() + LABELS.0, canvas.y);
    let width = canvas.right() - x - LABELS.1;
    let scale = |address: u64| {
        (address - journal.first) as f64 / (journal.end - journal.first) as f64 * width
    };
    let mut piece = |from: u64, to: u64, fill| {
        let (from, to) = (scale(from), scale(to));
        canvas.add(rectangle(x + from, y, (to - from).max(1.0), HEIGHT, fill));
    };
    piece(journal.first, journal.end, FREE);
    if journal.tail > journal.first {
        let fill = if live { SOUND } else { SETTLED };
        piece(journal.first, journal.tail, fill);
    }
    let mut said = Ok([report::counted(journal), report::free(journal)]);
    if live {
        let left = found.in_flight().map(|in_flight| in_flight.commit);
        match (journal.behind, journal.records.last()) {
            _ if !journal.header.sound => said = Err("not known"),
            (Behind::Later { address }, _) => {
                piece(journal.tail, address, DAMAGED);
                said = Err("damaged");
            }
            (Behind::Torn { address }, _) => piece(address, address + 64, UNCOMMITTED),
            (_, Some(last)) if matches!(left, Some(Interrupted::Incomplete { .. })) => {
                piece(last.address, last.address + last.len, UNCOMMITTED);
            }
            _ => {}
        }
    }
    match said {
        Ok(lines) => {
            for (line, y) in lines.iter().zip([y + 5.0, y + 19.0]) {
                canvas.add(label(x + width, y, PALE, line));
            }
        }
        Err(words) => canvas.add(label(x + width, y + 12.0, DAMAGED, words)),
    }
}
