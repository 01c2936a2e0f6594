//! The mistakes that are made on purpose.

use std::iter;

/// A mistake, and the phase that must notice.
pub struct Mutant {
    pub name: &'static str,
    pub phase: &'static str,
    pub edit: Edit<'static>,
    /// What else it takes.
    pub others: &'static [Edit<'static>],
}

/// Some text of a file, and what stands there instead.
pub struct Edit<'a> {
    /// From the workspace's root on.
    pub file: &'a str,
    /// Once in the file.
    pub text: &'a str,
    pub instead: &'a str,
}

impl Mutant {
    pub fn edits(&self) -> impl Iterator<Item = &Edit<'static>> {
        iter::once(&self.edit).chain(self.others)
    }

    const fn with(self, others: &'static [Edit<'static>]) -> Mutant {
        Mutant { others, ..self }
    }
}

const RECORDS: &str = "crates/pmem/src/journal/append.rs";
const SWITCH: &str = "crates/pmem/src/journal/switch.rs";
const READ: &str = "crates/pmem/src/journal/read.rs";
const PARSE: &str = "crates/pmem/src/journal/parse.rs";
const SCAN: &str = "crates/pmem/src/journal/scan.rs";
const ENTRY: &str = "crates/pmem/src/journal/entry.rs";
const MEMORY: &str = "crates/pmem/src/journal/memory.rs";
const BEHIND: &str = "crates/pmem/src/journal/behind.rs";
const CODEWORD: &str = "crates/pmem/src/codeword.rs";
const RING: &str = "crates/pmem/src/ring.rs";
const CONCAT: &str = "crates/pmem/src/concat/mod.rs";
const APPEND: &str = "crates/pmem/src/append/mod.rs";
const FRAMED: &str = "crates/pmem/src/append/framed.rs";
const CREATE: &str = "crates/multilog/src/core/create.rs";
const METADATA: &str = "crates/multilog/src/core/metadata.rs";
const INTERPRET: &str = "crates/multilog/src/core/interpret.rs";
const HELD: &str = "crates/multilog/src/core/held.rs";
const CORE: &str = "crates/multilog/src/core/mod.rs";
const CORE_COMMIT: &str = "crates/multilog/src/core/commit.rs";
const CORE_RECORD: &str = "crates/multilog/src/core/append_record.rs";
const CORE_SWITCH: &str = "crates/multilog/src/core/switch.rs";
const ENCODE: &str = "crates/multilog/src/core/encode.rs";
const STAGE: &str = "crates/multilog/src/core/stage.rs";
const MOVES: &str = "crates/multilog/src/core/stage_moves.rs";
const WRITE: &str = "crates/multilog/src/core/write.rs";
const RECORD: &str = "crates/multilog/src/records/append.rs";

/// A mistake that is found after a crash.
const fn crash(
    name: &'static str,
    file: &'static str,
    text: &'static str,
    instead: &'static str,
) -> Mutant {
    mutant("explorer", name, file, text, instead)
}

/// A mistake that is found on a damaged medium.
const fn damage(
    name: &'static str,
    file: &'static str,
    text: &'static str,
    instead: &'static str,
) -> Mutant {
    mutant("codewords", name, file, text, instead)
}

/// A mistake that is found on a device that fails.
const fn failure(
    name: &'static str,
    file: &'static str,
    text: &'static str,
    instead: &'static str,
) -> Mutant {
    mutant("io-failures", name, file, text, instead)
}

const fn mutant(
    phase: &'static str,
    name: &'static str,
    file: &'static str,
    text: &'static str,
    instead: &'static str,
) -> Mutant {
    Mutant {
        name,
        phase,
        edit: edit(file, text, instead),
        others: &[],
    }
}

const fn edit(file: &'static str, text: &'static str, instead: &'static str) -> Edit<'static> {
    Edit {
        file,
        text,
        instead,
    }
}

pub const MUTANTS: &[Mutant] = &[
    crash(
        "of two devices only the first is flushed",
        CONCAT,
        "        self.first.flush()?;\n        self.second.flush()\n",
        "        self.first.flush()\n",
    ),
    crash(
        "of two devices only the second is flushed",
        CONCAT,
        "        self.first.flush()?;\n        self.second.flush()\n",
        "        self.second.flush()\n",
    ),
    crash(
        "a commit is not flushed",
        RECORDS,
        "r?;\n        region.flush()?;\n        self.tail +=",
        "r?;\n        self.tail +=",
    ),
    crash(
        "a record is written where the journal begins",
        RECORDS,
        "region.write(self.tail, self.scratch.as_slice(),",
        "region.write(self.layout.start_of(self.live) + self.layout.records, self.scratch.as_slice(),",
    ),
    crash(
        "all records have the same number",
        RECORDS,
        "        self.number += 1;\n",
        "",
    ),
    crash(
        "records overlap",
        RECORDS,
        "self.tail += HEADER + payload.len() as u64;",
        "self.tail += LINE;",
    )
    .with(&[edit(
        RECORDS,
        "use super::memory::*;",
        "use super::layout::LINE;\nuse super::memory::*;",
    )]),
    crash(
        "there is room for a record that does not fit",
        MEMORY,
        "left - HEADER >= len",
        "left + LINE >= len",
    ),
    crash(
        "after opening, records go behind those that are there",
        READ,
        "live_quiet: false,",
        "live_quiet: true,",
    ),
    crash(
        "the snapshot is not flushed before the selector is written",
        SWITCH,
        "self.write_other(region, number, entries, Tracked(permission))?;\n        region.flush()?;",
        "self.write_other(region, number, entries, Tracked(permission))?;",
    ),
    crash(
        "the selector is written before the snapshot",
        SWITCH,
        "        self.write_other(region, number,",
        "        write_word(region, self.layout.selector, self.live.other().selector(), Tracked(permission))?;
        self.write_other(region, number,",
    ),
    crash(
        "the selector stays as it is",
        SWITCH,
        "write_word(region, self.layout.selector, other.selector(),",
        "write_word(region, self.layout.selector, self.live.selector(),",
    ),
    crash(
        "a switch does not wait for the selector",
        SWITCH,
        "other.selector(), Tracked(permission))?;\n        region.flush()?;",
        "other.selector(), Tracked(permission))?;",
    ),
    crash(
        "a switch goes on in the journal that was live",
        SWITCH,
        "        self.live = other;\n",
        "",
    ),
    crash(
        "the snapshot is written into the live journal",
        SWITCH,
        "let other = self.live.other();
        let first = layout.start_of(other) + layout.records;",
        "let other = self.live;
        let first = layout.start_of(other) + layout.records;",
    ),
    crash(
        "the snapshot holds what is staged",
        CORE_SWITCH,
        "let entry = entries.get_committed(i);",
        "let entry = entries.get_staged(i);",
    ),
    crash(
        "a snapshot lacks its last entry",
        ENTRY,
        "while done < entries.len()",
        "while done + 1 < entries.len()",
    ),
    crash(
        "a record's number is not looked at",
        SCAN,
        "header.a != number || ",
        "",
    ),
    crash(
        "a record's payload is believed",
        SCAN,
        "if extend_crc64(0, payload) == header.c {",
        "if true {",
    ),
    crash(
        "the bytes that the last record appended are not looked at",
        HELD,
        "let whole = extend_mixed_crc(0, bytes) == c.crc;",
        "let whole = true;",
    ),
    crash(
        "the last record counts although bytes of it are missing",
        INTERPRET,
        "if !whole {",
        "if false {",
    ),
    crash(
        "the last record never counts",
        INTERPRET,
        "if !whole {",
        "if true {",
    ),
    crash(
        "the first record of a journal is passed over",
        PARSE,
        "let mut at: usize = self.records as usize;",
        "let mut at: usize = self.records as usize + 64;",
    ),
    crash(
        "what has no CRC in the record is not flushed before it",
        CORE_COMMIT,
        "if needs_flush {",
        "if false {",
    ),
    crash(
        "what was appended beside an advance of the head is said to have a CRC that nobody can check",
        ENCODE,
        "appends && appended.checked && staged.head <= committed.tail;\n            let crc",
        "appends && appended.checked;\n            let crc",
    ),
    crash(
        "the CRC of two appends is that of the second",
        STAGE,
        "extend_over(known.crc, parts,",
        "extend_over(0, parts,",
    ),
    crash(
        "the CRC of what was appended is not renewed when a part is cut off",
        MOVES,
        "            Appended { checked: false, crc: 0 }\n",
        "            self.entries.get_appended(log as usize)\n",
    ),
    crash(
        "a commit leaves out the last log that it changes",
        ENCODE,
        "while k < len\n",
        "while k + 1 < len\n",
    ),
    crash(
        "a commit does nothing",
        CORE_COMMIT,
        "if !self.entries.has_staged() {",
        "if self.entries.has_staged() {",
    ),
    crash(
        "after a commit all is still staged",
        CORE_RECORD,
        "self.entries.end(true);",
        "self.entries.end(false);",
    ),
    crash(
        "an abort keeps what is staged",
        CORE,
        "self.entries.end(false);",
        "self.entries.end(true);",
    ),
    crash(
        "an append that wraps around is split one byte too late",
        RING,
        "if len as u64 <= room {",
        "if len as u64 <= room + 1 {",
    ),
    crash(
        "an append that wraps around goes on behind the start",
        RING,
        "let r = region.write(self.start, tail,",
        "let r = region.write(self.start + 1, tail,",
    ),
    crash(
        "an append to a mapped ring writes zeros over what is in use behind it",
        APPEND,
        "behind > room - len ||",
        "",
    ),
    crash(
        "an append to a mapped ring writes zeros over what is before it in its word",
        APPEND,
        "low: cursor.word })",
        "low: 0 })",
    ),
    crash(
        "an append to a mapped ring takes what was before another one in its word",
        APPEND,
        "} else if cursor.position == position && cursor.len == before {",
        "} else if cursor.len == before {",
    ),
    crash(
        "what stands behind a record's payload is written a word too early",
        FRAMED,
        "addr + x + y,",
        "addr + x + y - 8,",
    ),
    crash(
        "a record's CRC covers the position of another",
        RECORD,
        "self.stage_record(log, position, payload)",
        "self.stage_record(log, info.head, payload)",
    ),
    crash(
        "an append takes the room that an advance of the head frees before that is committed",
        STAGE,
        "self.rings[log as usize].capacity - (staged.tail - committed.head)",
        "self.rings[log as usize].capacity - (staged.tail - staged.head)",
    ),
    crash(
        "an append overwrites what a truncation drops before that is committed",
        STAGE,
        "if staged.tail < committed.tail {",
        "if false {",
    ),
    crash(
        "an advance of the head empties the log",
        MOVES,
        "self.restage(log as usize, position, staged.tail,",
        "self.restage(log as usize, position, position,",
    ),
    crash(
        "a truncation drops the head",
        MOVES,
        "self.restage(log as usize, staged.head, position,",
        "self.restage(log as usize, position, position,",
    ),
    crash(
        "creation does not wait until the old logs are gone",
        CREATE,
        "r?;\n        Guarded::flush(region)\n",
        "r?;\n        Ok(())\n",
    ),
    crash(
        "creation makes the logs count before they are there",
        METADATA,
        "Guarded::flush(region)?;\n        let ",
        "let ",
    ),
    crash(
        "creation does not wait until the logs count",
        METADATA,
        "r?;\n        Guarded::flush(region)\n    }\n\n    /// With the magic word,",
        "r?;\n        Ok(())\n    }\n\n    /// With the magic word,",
    ),
    crash(
        "the CRC of an entry covers neither index, number nor region",
        ENTRY,
        "        id.lo,\n        id.hi,\n        number,\n        i,\n",
        "        0 * id.lo,\n        0 * id.hi,\n        0 * number,\n        0 * i,\n",
    ),
    damage(
        "zeros are not written over a journal after opening",
        SWITCH,
        "if !self.other_quiet {\n            write_zeros",
        "if false {\n            write_zeros",
    ),
    damage(
        "the CRC of an entry is not looked at",
        ENTRY,
        "    if crc == stored {\n        Some(words)",
        "    if crc == stored || true {\n        Some(words)",
    ),
    damage(
        "an entry of an earlier snapshot is believed",
        ENTRY,
        "    if crc == stored {\n",
        "    if crc == stored || (number.saturating_sub(20)..number).any(|n| entry_crc(id, n, i, &words) == stored) {\n",
    ),
    damage(
        "the header of a journal is believed in the other one",
        PARSE,
        "let decoded = decode(self.id, j.tag(), part);",
        "let decoded = decode(self.id, j.tag(), part).or(decode(self.id, j.other().tag(), part));",
    ),
    damage(
        "nobody looks for later records behind the last one",
        BEHIND,
        "let found = later_in(bytes, self.id, number, tail + LINE as usize);",
        "let found = later_in(bytes, self.id, number, bytes.len());",
    ),
    damage(
        "a record may begin in the middle of another one",
        SCAN,
        "if !is_marked(payload) {",
        "if false {",
    ),
    damage(
        "an entry is believed in its neighbour's place",
        ENTRY,
        "    if crc == stored {\n        Some(words)",
        "    if crc == stored || entry_crc(id, number, i ^ 1, &words) == stored {\n        Some(words)",
    ),
    damage(
        "a codeword of another region is believed",
        CODEWORD,
        "    if crc == stored {\n        Some(p)",
        "    let other = RegionId { lo: id.lo ^ 1, hi: id.hi };\n    if crc == stored || crc_of(other, tag, p) == stored {\n        Some(p)",
    ),
    damage(
        "the CRC is not looked at",
        CODEWORD,
        "    if crc == stored {\n        Some(p)",
        "    if crc == stored || true {\n        Some(p)",
    ),
    failure(
        "logs go on after a commit that failed",
        CORE_RECORD,
        "            Err(e) => {\n                self.failed = true;",
        "            Err(e) => {",
    ),
    failure(
        "logs go on after a switch that failed",
        CORE_SWITCH,
        "        self.failed = r.is_err();\n",
        "",
    ),
    failure(
        "logs go on after a flush that failed before the record",
        CORE_COMMIT,
        "            self.failed = r.is_err();\n",
        "",
    ),
    failure(
        "logs go on after an append that failed",
        WRITE,
        "self.failed = r.is_err();",
        "",
    ),
    failure(
        "a flush that failed is tried again",
        RECORDS,
        "r?;\n        region.flush()?;\n        self.tail +=",
        "r?;\n        if region.flush().is_err() { region.flush()?; }\n        self.tail +=",
    ),
    failure(
        "it is passed over that a snapshot could not be written",
        SWITCH,
        "self.write_other(region, number, entries, Tracked(permission))?;",
        "let _ = self.write_other(region, number, entries, Tracked(permission));",
    ),
    failure(
        "it is passed over that a record could not be written",
        RECORDS,
        "        r?;\n        region.flush()?;\n        self.tail +=",
        "        let _ = r;\n        region.flush()?;\n        self.tail +=",
    ),
];
