//! What `plog inspect` prints.

mod rings;

use super::why_none;
use crate::idle::Idle;
use crate::logs;
use console::{style, StyledObject};
use multilog::inspect::{Inspection, Item, TableCopy};
use std::fmt::Display;

/// How many damaged logs a line names.
const MOST_NAMED: usize = 4;

/// All of it. Colours are left out where standard output is no terminal.
pub fn text(name: &str, found: &Inspection, log: Option<u64>, width: usize) -> String {
    let mut lines = vec![format!("{name}: {} bytes", found.region_len), String::new()];
    lines.extend(superblock(found));
    if !found.id.sound {
        let text = "without the id no other CRC can be compared";
        lines.push(format!("{:24}{text}", ""));
    }
    lines.extend(metadata(found));
    lines.push(String::new());
    lines.extend(rings::lines(found, log, width));
    lines.join("\n") + "\n"
}

fn line(address: u64, what: &str, text: impl Display) -> String {
    format!("{:>9}  {what:<11}  {text}", format!("0x{address:x}"))
}

fn damaged(text: impl Display) -> StyledObject<String> {
    style(format!("DAMAGED: {text}")).red().bold()
}

fn item<T>(what: &str, item: &Item<T>, text: String) -> String {
    match item.sound {
        true => line(item.address, what, text),
        false => line(item.address, what, damaged(text)),
    }
}

fn superblock(found: &Inspection) -> Vec<String> {
    let header = &found.header.value;
    let said = format!(
        "version {}, {}, {} bytes",
        header.version,
        logs::counted(header.logs),
        header.region_len
    );
    let selector = match found.live() {
        Some(copy) => format!("copy {copy:?} is live"),
        None => format!("{:#018x} names no copy", found.selector.value),
    };
    vec![
        item("superblock", &found.header, said),
        item("id", &found.id, found.id.value.to_string()),
        item("selector", &found.selector, selector),
    ]
}

/// The directory and both copies of the table.
fn metadata(found: &Inspection) -> Vec<String> {
    let Some(first) = found.logs.first() else {
        let text = format!("not known: {}", why_none(found));
        return vec![line(128, "directory", damaged(text))];
    };
    let rings = found.logs.iter().map(|log| log.directory.sound);
    let mut lines = vec![run(first.directory.address, "directory", "rings", rings)];
    for copy in [TableCopy::A, TableCopy::B] {
        let address = first.entry(copy).address;
        let what = format!("table {copy:?}");
        let sound = found.logs.iter().map(|log| log.entry(copy).sound);
        lines.push(match found.live() {
            Some(live) if live != copy => {
                let text = format!("idle: {}", Idle::from(found.in_flight()));
                line(address, &what, style(text).dim())
            }
            Some(_) => run(address, &what, "live entries", sound),
            None => run(address, &what, "entries", sound),
        });
    }
    lines
}

/// A run of codewords, of which some may be damaged.
fn run(address: u64, what: &str, of: &str, sound: impl Iterator<Item = bool>) -> String {
    let sound: Vec<bool> = sound.collect();
    let bad: Vec<String> = (0..sound.len())
        .filter(|log| !sound[*log])
        .map(|log| log.to_string())
        .collect();
    if bad.is_empty() {
        return line(address, what, format!("{} {of}", sound.len()));
    }
    let named = bad[..bad.len().min(MOST_NAMED)].join(", ");
    let more = if bad.len() > MOST_NAMED { ", ..." } else { "" };
    let logs = if bad.len() == 1 { "log" } else { "logs" };
    let text = format!(
        "{} of {} {of}: {logs} {named}{more}",
        bad.len(),
        sound.len()
    );
    line(address, what, damaged(text))
}
