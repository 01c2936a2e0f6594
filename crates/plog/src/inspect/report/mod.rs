//! What `plog inspect` prints.

mod rings;

use super::why_none;
use crate::{in_flight, logs};
use console::{style, StyledObject};
use multilog::inspect::{Behind, Identity, Inspection, Item, Journal, JournalMetadata};
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
        Some(live) => format!("journal {live:?} is live"),
        None => format!("{:#018x} names no journal", found.selector.value),
    };
    let Identity { id, lines } = found.id.value;
    let id = format!("{id}, {lines} lines in each journal");
    vec![
        item("superblock", &found.header, said),
        item("id", &found.id, id),
        item("selector", &found.selector, selector),
    ]
}

/// Both journals.
fn metadata(found: &Inspection) -> Vec<String> {
    let Some([a, b]) = &found.journals else {
        let text = format!("not known: {}", why_none(found));
        return vec![line(128, "journals", damaged(text))];
    };
    let mut lines = Vec::new();
    for (name, journal) in [(Journal::A, a), (Journal::B, b)] {
        let (address, what) = (journal.header.address, format!("journal {name:?}"));
        match found.live() == Some(name) {
            true => lines.extend(live(found, name, journal)),
            false => lines.push(line(address, &what, style(idle(found, name)).dim())),
        }
    }
    lines
}

/// The journal that counts.
fn live(found: &Inspection, name: Journal, journal: &JournalMetadata) -> Vec<String> {
    let (address, what) = (journal.header.address, format!("journal {name:?}"));
    if !journal.header.sound {
        return vec![line(address, &what, damaged("its header"))];
    }
    let sound = found.logs.iter().map(|log| log.entry(name).sound);
    let of = format!("live entries as of commit {}", journal.header.value);
    let mut lines = vec![run(address, &what, &of, sound)];
    let records = match journal.behind {
        Behind::Later { address } => {
            let len = address + 32 - journal.tail;
            let text = damaged(format!("among {len} bytes"));
            line(journal.tail, "records", text)
        }
        _ if found.has_snapshot(name) && found.last_commit.is_none() => {
            line(journal.first, "records", damaged("one is of no log"))
        }
        _ => line(
            journal.first,
            "records",
            format!("{}; {}", counted(journal), free(journal)),
        ),
    };
    lines.push(records);
    if let Some(left) = found
        .in_flight()
        .and_then(|f| in_flight::interrupted(f.commit))
    {
        let text = style(format!("interrupted commit (ignored): {left}")).dim();
        lines.push(format!("{:24}{text}", ""));
    }
    lines
}

/// The whole records of a journal.
pub fn counted(journal: &JournalMetadata) -> String {
    match &journal.records[..] {
        [] => "none".to_string(),
        [one] => format!("1, of commit {}", one.number),
        [first, .., last] => format!(
            "{}, of commits {} to {}",
            journal.records.len(),
            first.number,
            last.number
        ),
    }
}

/// How much room is left behind them.
pub fn free(journal: &JournalMetadata) -> String {
    let all = (journal.end - journal.first) / 64;
    let free = (journal.end - journal.tail) / 64;
    format!("{free} of {all} lines free")
}

/// What a journal holds that does not count, as far as it is known.
fn idle(found: &Inspection, name: Journal) -> String {
    match (found.live(), found.in_flight()) {
        (Some(_), Some(in_flight)) => {
            format!("idle (ignored): {}", in_flight::idle(in_flight.idle))
        }
        _ if found.has_snapshot(name) => "a whole state".to_string(),
        _ => "no whole state".to_string(),
    }
}

/// A run of entries, of which some may be damaged.
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
