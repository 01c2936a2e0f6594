//! One ring, as the ring that it is.

use super::super::bar::Drawable;
use super::shapes::*;
use multilog::inspect::Inspection;

const RADIUS: f64 = 150.0;

pub fn ring(canvas: &mut Canvas, found: &Inspection, number: usize) {
    canvas.heading(&format!("The ring of log {number}"));
    let Some(log) = Drawable::of(&found.logs[number], found.live()) else {
        let (x, y) = (canvas.left(), canvas.y + 14.0);
        let words = "not known: its place, or its head and tail, is damaged";
        canvas.add(text(x, y, 12.0, Weight::Plain, DAMAGED, words));
        return canvas.skip(20.0);
    };
    let middle = (canvas.left() + canvas.right()) / 2.0;
    let (x, y) = (middle, canvas.y + RADIUS + 30.0);
    let fraction = |offset: u64| offset as f64 / log.ring.capacity as f64;
    canvas.add(arc(x, y, RADIUS, 0.0, 1.0, FREE));
    for range in log.in_use() {
        canvas.add(arc(
            x,
            y,
            RADIUS,
            fraction(range.start),
            fraction(range.end),
            SOUND,
        ));
    }
    let end = log.ring.start + log.ring.capacity;
    let (head, tail) = (log.offset(log.entry.head), log.offset(log.entry.tail));
    let start = format!("0x{:x} to 0x{end:x}", log.ring.start);
    let mut marks = vec![
        (head, format!("head {}", log.entry.head)),
        (tail, format!("tail {}", log.entry.tail)),
    ];
    if head == tail {
        marks = vec![(
            head,
            format!("head {} and tail {}", log.entry.head, log.entry.tail),
        )];
    }
    for (offset, words) in marks {
        let (tip_x, tip_y, anchor) = outside(x, y, RADIUS + 8.0, fraction(offset));
        canvas.add(text(tip_x, tip_y, 13.0, Weight::Bold, INK, &words).set("text-anchor", anchor));
    }
    let lines = [
        (format!("{} bytes", log.ring.capacity), Weight::Bold),
        (format!("{} in use", log.used()), Weight::Plain),
        (format!("{} free", log.free()), Weight::Plain),
        (start, Weight::Plain),
    ];
    for (number, (words, weight)) in lines.into_iter().enumerate() {
        let y = y - 24.0 + 20.0 * number as f64;
        canvas.add(text(x, y, 13.0, weight, INK, &words).set("text-anchor", "middle"));
    }
    canvas.skip(2.0 * RADIUS + 50.0);
}
