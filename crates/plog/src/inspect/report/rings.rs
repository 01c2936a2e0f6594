//! The rings: what each of them holds and, of the first ones, where it lies.

use super::super::bar::{cells, Cell, Drawable};
use super::{damaged, line};
use console::style;
use multilog::inspect::{Inspection, Journal};

/// How many rings are drawn when no log was chosen.
const MOST_DRAWN: usize = 16;

/// The columns before a ring.
const INDENT: usize = 10;

/// The ring of `log`, or all of them.
pub fn lines(found: &Inspection, log: Option<u64>, width: usize) -> Vec<String> {
    let drawn = match log {
        Some(log) => log as usize..log as usize + 1,
        None => 0..found.logs.len().min(MOST_DRAWN),
    };
    let mut lines = Vec::new();
    let mut any = false;
    for number in drawn.clone() {
        lines.push(said(found, number));
        if let Ok(log) = Drawable::of(found, number) {
            lines.push(bar(&log, width));
            lines.extend(marks(&log, width));
            any = true;
        }
    }
    if any {
        let key = format!("{:INDENT$}  █ in use  ▒ partly  · free", "");
        lines.extend([String::new(), key]);
    }
    if log.is_none() && drawn.end < found.logs.len() {
        lines.extend([String::new(), "not drawn, but by --log I:".to_string()]);
        lines.extend((drawn.end..found.logs.len()).map(|number| said(found, number)));
    }
    lines
}

/// Where a ring lies, and what is in it.
fn said(found: &Inspection, number: usize) -> String {
    let what = format!("log {number}");
    let log = match Drawable::of(found, number) {
        Ok(log) => log,
        Err(text) => {
            let live = found.live().unwrap_or(Journal::A);
            let entry = found.logs[number].entry(live);
            return line(entry.address, &what, damaged(text));
        }
    };
    let (ring, entry) = (log.ring, log.entry);
    let text = format!(
        "{} bytes, head {}, tail {}, {} free",
        ring.capacity,
        entry.head,
        entry.tail,
        log.free()
    );
    line(ring.start, &what, text)
}

/// As many columns as a ring has on a line, with its two ends.
fn room(width: usize) -> u64 {
    (width - INDENT - 3) as u64
}

fn bar(log: &Drawable, width: usize) -> String {
    let drawn: String = cells(log, room(width))
        .iter()
        .map(|cell| match cell {
            Cell::Free => '·',
            Cell::Partly => '▒',
            Cell::Full => '█',
        })
        .collect();
    format!("{:INDENT$} |{}|", "", style(drawn).cyan())
}

/// Where head and tail are in the bar above: on one line, unless they are in each other's way.
fn marks(log: &Drawable, width: usize) -> Vec<String> {
    let cells = cells(log, room(width)).len() as u128;
    let column = |position| {
        let at = u128::from(log.offset(position)) * cells / u128::from(log.ring.capacity);
        INDENT + 2 + at as usize
    };
    let (head, tail) = (column(log.entry.head), column(log.entry.tail));
    if head == tail {
        let (column, mark) = mark(head, "head and tail", width);
        return vec![format!("{:column$}{mark}", "")];
    }
    let mut marks = [mark(head, "head", width), mark(tail, "tail", width)];
    marks.sort();
    let [(first, one), (second, other)] = marks;
    let line = format!("{:first$}{one}", "");
    match line.len() < second {
        true => vec![format!("{line:second$}{other}")],
        false => vec![line, format!("{:second$}{other}", "")],
    }
}

/// The mark of a column, and the column where its words begin.
fn mark(column: usize, name: &str, width: usize) -> (usize, String) {
    match column > width / 2 {
        true => (column - name.len() - 1, format!("{name} ^")),
        false => (column, format!("^ {name}")),
    }
}
