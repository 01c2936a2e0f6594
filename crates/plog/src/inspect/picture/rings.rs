//! All rings, each as a bar.

use super::super::bar::Drawable;
use super::shapes::*;
use multilog::inspect::Inspection;
use svg::node::element::Text;

/// The most rings that are drawn.
const MOST_RINGS: usize = 24;

/// The words before a bar, and those behind it.
pub const LABELS: (f64, f64) = (120.0, 300.0);

const HEIGHT: f64 = 16.0;

/// The distance from one ring to the next.
const STEP: f64 = 34.0;

pub fn all(canvas: &mut Canvas, found: &Inspection) {
    if found.logs.is_empty() {
        return;
    }
    canvas.heading("Rings, each from its first address to its last");
    for number in 0..found.logs.len().min(MOST_RINGS) {
        let (x, y) = (canvas.left(), canvas.y);
        let label = format!("log {number}");
        canvas.add(text(x, y + 12.0, 11.0, Weight::Plain, INK, &label));
        match Drawable::of(found, number) {
            Ok(log) => bar(canvas, &log),
            Err(words) => unknown(canvas, words),
        }
        canvas.skip(STEP);
    }
    let more = found.logs.len().saturating_sub(MOST_RINGS);
    if more > 0 {
        note(canvas, &format!("and {more} more: --log I draws one"));
    }
    note(
        canvas,
        "A mark that stands out above a bar is the head, one below it is the tail.",
    );
}

/// A line below the bars.
fn note(canvas: &mut Canvas, words: &str) {
    let (x, y) = (canvas.left() + LABELS.0, canvas.y + 8.0);
    canvas.add(text(x, y, 11.0, Weight::Plain, PALE, words));
    canvas.skip(16.0);
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
    let (entry, capacity) = (log.entry, log.ring.capacity);
    let lines = [
        format!("head {}, tail {}", entry.head, entry.tail),
        format!("{} of {capacity} bytes free", log.free()),
    ];
    for (line, y) in lines.iter().zip([y + 5.0, y + 19.0]) {
        canvas.add(label(x + width, y, PALE, line));
    }
}

fn unknown(canvas: &mut Canvas, words: &str) {
    let (x, y) = (canvas.left() + LABELS.0, canvas.y);
    let width = canvas.right() - x - LABELS.1;
    canvas.add(rectangle(x, y, width, HEIGHT, DAMAGED));
    canvas.add(label(x + width, y + 12.0, DAMAGED, words));
}

/// Words behind a bar that ends at `x`.
pub fn label(x: f64, y: f64, fill: &str, words: &str) -> Text {
    let gap = 10.0;
    text_within(LABELS.1 - gap, x + gap, y, 11.0, Weight::Plain, fill, words)
}
