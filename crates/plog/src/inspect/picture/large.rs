//! One ring, as the ring that it is.

use super::super::bar::Drawable;
use super::shapes::*;
use multilog::inspect::Inspection;

const RADIUS: f64 = 170.0;

/// How far the words around a ring are from it, and from each other.
const GAP: (f64, f64) = (12.0, 16.0);

pub fn ring(canvas: &mut Canvas, found: &Inspection, number: usize) {
    canvas.heading(&format!("The ring of log {number}"));
    let log = match Drawable::of(found, number) {
        Ok(log) => log,
        Err(words) => {
            let (x, y) = (canvas.left(), canvas.y + 14.0);
            canvas.add(text(x, y, 12.0, Weight::Plain, DAMAGED, words));
            return canvas.skip(20.0);
        }
    };
    let middle = (canvas.left() + canvas.right()) / 2.0;
    let circle = Circle {
        x: middle,
        y: canvas.y + RADIUS + 30.0,
        radius: RADIUS,
    };
    let fraction = |offset: u64| offset as f64 / log.ring.capacity as f64;
    canvas.add(circle.arc(0.0, 1.0, FREE));
    for range in log.in_use() {
        canvas.add(circle.arc(fraction(range.start), fraction(range.end), SOUND));
    }
    marks(canvas, &circle, &log);
    let lines = [
        (format!("{} bytes", log.ring.capacity), Weight::Bold),
        (format!("{} in use", log.used()), Weight::Plain),
        (format!("{} free", log.free()), Weight::Plain),
        (format!("from 0x{:x}", log.ring.start), Weight::Plain),
        (
            format!("to 0x{:x}", log.ring.start + log.ring.capacity),
            Weight::Plain,
        ),
    ];
    for (number, (words, weight)) in lines.into_iter().enumerate() {
        let y = circle.y - 35.0 + 20.0 * number as f64;
        canvas.add(text(circle.x, y, 13.0, weight, INK, &words).set("text-anchor", "middle"));
    }
    canvas.skip(2.0 * RADIUS + 60.0);
}

/// Where head and tail are.
fn marks(canvas: &mut Canvas, circle: &Circle, log: &Drawable) {
    let fraction = |position| log.offset(position) as f64 / log.ring.capacity as f64;
    let (head, tail) = (log.entry.head, log.entry.tail);
    let marks = match head == tail {
        true => vec![(fraction(head), format!("head and tail {head}"))],
        false => vec![
            (fraction(head), format!("head {head}")),
            (fraction(tail), format!("tail {tail}")),
        ],
    };
    let mut words = Vec::new();
    for (at, text) in &marks {
        canvas.add(circle.tick(*at, INK));
        words.push((circle.outside(*at, GAP.0), text));
    }
    words.sort_by(|((_, one, _), _), ((_, other, _), _)| one.total_cmp(other));
    if let [((ax, ay, a_side), _), ((bx, by, b_side), _)] = &mut words[..] {
        // Words in each other's way go apart, away from the ring.
        let lacking = GAP.1 - (*by - *ay);
        if lacking > 0.0 && (a_side == b_side || (*bx - *ax).abs() < GAP.1) {
            match *ay < circle.y {
                true => *ay -= lacking,
                false => *by += lacking,
            }
        }
    }
    for ((x, y, side), words) in words {
        canvas.add(text(x, y, 13.0, Weight::Bold, INK, words).set("text-anchor", side));
    }
}
