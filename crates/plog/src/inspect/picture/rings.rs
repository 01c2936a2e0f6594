//! All rings, each as a bar.

use super::super::bar::Drawable;
use super::shapes::*;
use multilog::inspect::Inspection;

/// The most rings that are drawn.
const MOST_RINGS: usize = 24;

/// The words before a bar, and those behind it.
const LABELS: (f64, f64) = (120.0, 270.0);

const HEIGHT: f64 = 16.0;

/// The distance from one ring to the next.
const STEP: f64 = 26.0;

pub fn all(canvas: &mut Canvas, found: &Inspection) {
    if found.logs.is_empty() {
        return;
    }
    canvas.heading("Rings, each from its first address to its last");
    for (number, log) in found.logs.iter().enumerate().take(MOST_RINGS) {
        let (x, y) = (canvas.left(), canvas.y);
        let label = format!("log {number}");
        canvas.add(text(x, y + 12.0, 11.0, Weight::Plain, INK, &label));
        match Drawable::of(log, found.live()) {
            Some(log) => bar(canvas, &log),
            None => unknown(canvas),
        }
        canvas.skip(STEP);
    }
    let more = found.logs.len().saturating_sub(MOST_RINGS);
    if more > 0 {
        let (x, y) = (canvas.left() + LABELS.0, canvas.y + 8.0);
        let words = format!("and {more} more: --log I draws one");
        canvas.add(text(x, y, 11.0, Weight::Plain, PALE, &words));
        canvas.skip(10.0);
    }
}

fn bar(canvas: &mut Canvas, log: &Drawable) {
    let (x, y) = (canvas.left() + LABELS.0, canvas.y);
    let width = canvas.right() - x - LABELS.1;
    let scale = |offset: u64| offset as f64 / log.ring.capacity as f64 * width;
    canvas.add(rectangle(x, y, width, HEIGHT, FREE));
    for range in log.in_use() {
        let (from, to) = (scale(range.start), scale(range.end));
        canvas.add(rectangle(x + from, y, (to - from).max(1.0), HEIGHT, SOUND));
    }
    // The head points down into the ring, the tail up.
    let head = x + scale(log.offset(log.entry.head));
    canvas.add(rectangle(head - 1.0, y - 4.0, 2.0, HEIGHT + 4.0, INK));
    let tail = x + scale(log.offset(log.entry.tail));
    canvas.add(rectangle(tail - 1.0, y, 2.0, HEIGHT + 4.0, INK));
    let words = format!("{} of {} bytes free", log.free(), log.ring.capacity);
    let x = x + width + 10.0;
    canvas.add(text(x, y + 12.0, 11.0, Weight::Plain, PALE, &words));
}

fn unknown(canvas: &mut Canvas) {
    let (x, y) = (canvas.left() + LABELS.0, canvas.y);
    let width = canvas.right() - x - LABELS.1;
    canvas.add(rectangle(x, y, width, HEIGHT, DAMAGED));
    let words = "not known";
    canvas.add(text(
        x + width + 10.0,
        y + 12.0,
        11.0,
        Weight::Plain,
        DAMAGED,
        words,
    ));
}
