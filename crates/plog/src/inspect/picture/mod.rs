//! The picture that `plog inspect --svg` draws.

mod large;
mod metadata;
mod records;
mod rings;
mod shapes;

use crate::logs;
use multilog::inspect::Inspection;
use shapes::{text, text_within, Canvas, Weight, INK, PALE};

/// The picture's width.
const WIDTH: f64 = 960.0;

/// The space around everything.
const MARGIN: f64 = 32.0;

/// The most characters of a name that are shown.
const LONGEST: usize = 96;

/// All of it, or with `log` its ring in place of all rings.
pub fn draw(name: &str, found: &Inspection, log: Option<u64>) -> String {
    let mut canvas = Canvas::new(WIDTH, MARGIN);
    let (name, room) = (shortened(name), WIDTH - 2.0 * MARGIN);
    canvas.add(text_within(
        room,
        MARGIN,
        28.0,
        20.0,
        Weight::Bold,
        INK,
        &name,
    ));
    let logs = match found.logs.len() {
        0 => String::new(),
        n => format!(", {}", logs::counted(n as u64)),
    };
    let facts = format!("{} bytes{logs}", found.region_len);
    canvas.add(text(MARGIN, 50.0, 13.0, Weight::Plain, PALE, &facts));
    canvas.skip(70.0 - MARGIN);
    metadata::superblock(&mut canvas, found);
    metadata::entries(&mut canvas, found);
    records::all(&mut canvas, found);
    match log {
        Some(log) => large::ring(&mut canvas, found, log as usize),
        None => rings::all(&mut canvas, found),
    }
    metadata::legend(&mut canvas);
    canvas.finish()
}

/// The end of a name that is long: its beginning is the folder that all files are in.
fn shortened(name: &str) -> String {
    let len = name.chars().count();
    match len > LONGEST {
        true => "…"
            .chars()
            .chain(name.chars().skip(len - LONGEST + 1))
            .collect(),
        false => name.to_string(),
    }
}
