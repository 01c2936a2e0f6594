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

const COMMIT: &str = "crates/pmem/src/table/commit.rs";
const CHANGES: &str = "crates/pmem/src/table/changes.rs";
const TABLE: &str = "crates/pmem/src/table/mod.rs";
const OPEN: &str = "crates/pmem/src/table/open.rs";
const CODEWORD: &str = "crates/pmem/src/codeword.rs";
const RING: &str = "crates/pmem/src/ring.rs";
const CORE: &str = "crates/multilog/src/core/mod.rs";
const CORE_COMMIT: &str = "crates/multilog/src/core/commit.rs";
const STAGE: &str = "crates/multilog/src/core/stage.rs";
const MOVES: &str = "crates/multilog/src/core/stage_moves.rs";
const CONCAT: &str = "crates/pmem/src/concat/mod.rs";
const CREATE: &str = "crates/multilog/src/core/create.rs";
const CORE_OPEN: &str = "crates/multilog/src/core/open.rs";
const WRITE: &str = "crates/multilog/src/core/write.rs";
const APPEND: &str = "crates/pmem/src/append/mod.rs";
const FRAMED: &str = "crates/pmem/src/append/framed.rs";
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

/// The bytes that an append leaves in memory are written once the commit is durable.
const LATE: &[Edit<'static>] = &[
    edit(
        CORE,
        "pub(crate) struct Core {\n",
        "pub(crate) struct Core {\n    late: Vec<(usize, u64, Vec<u8>)>,\n    is_late: bool,\n",
    ),
    edit(
        CREATE,
        "table, failed: false }",
        "table, failed: false, late: Vec::new(), is_late: false }",
    ),
    edit(
        CORE_OPEN,
        "table, failed: false }",
        "table, failed: false, late: Vec::new(), is_late: false }",
    ),
    edit(
        CORE_COMMIT,
        "        match self.table.commit(region, Tracked(permission)) {\n            Ok(()) => {\n",
        "        match self.table.commit(region, Tracked(permission)) {\n            Ok(()) => {
                self.is_late = true;
                for (i, position, bytes) in core::mem::take(&mut self.late) {
                    let parts = [bytes.as_slice()];
                    let _ = self.write_parts(region, i, position, &parts, Ghost(view), Tracked(permission));
                }
                self.is_late = false;
                let _ = region.flush();
",
    ),
];

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
        "the first flush of a commit is missing",
        COMMIT,
        "region.flush()?;\n        let ghost written",
        "let ghost written",
    ),
    crash(
        "the second flush of a commit is missing",
        COMMIT,
        "region.flush()?;\n        self.live_b = idle;",
        "self.live_b = idle;",
    ),
    crash(
        "the selector is stored before the entries",
        COMMIT,
        "let r = if self.idle_known {",
        "self.layout.write_selector(region, idle, Tracked(permission))?;\n        let r = if self.idle_known {",
    ),
    crash(
        "the selector stays as it is",
        COMMIT,
        "self.layout.write_selector(region, idle,",
        "self.layout.write_selector(region, !idle,",
    ),
    crash(
        "entries are written to the live copy",
        CHANGES,
        "            !self.live_b,\n            first,",
        "            self.live_b,\n            first,",
    ),
    crash(
        "the part of a CRC that is kept is not renewed when the head moves",
        TABLE,
        "if was.b != p.b {",
        "if was.b != p.b && false {",
    ),
    crash(
        "entries in which the idle copy is behind are not written",
        CHANGES,
        "self.write_listed(region, true, Tracked(permission))?;",
        "",
    ),
    crash(
        "it is forgotten in which entries the idle copy is behind",
        COMMIT,
        "core::mem::swap(&mut self.behind, &mut self.changed);",
        "self.behind.clear();",
    ),
    crash(
        "a commit leaves out the last log that it changes",
        CHANGES,
        "while k < list.len()",
        "while k + 1 < list.len()",
    ),
    crash(
        "the last of neighbouring entries is not written",
        CHANGES,
        "buf.as_slice(), 0, 32 * count)",
        "buf.as_slice(), 0, 32 * count.min(1))",
    ),
    crash(
        "the idle copy is believed after opening",
        OPEN,
        "idle_known: false,",
        "idle_known: true,",
    ),
    crash(
        "an abort keeps what is staged",
        TABLE,
        "self.settle(false);",
        "self.settle(true);",
    ),
    crash(
        "a commit does nothing",
        CORE_COMMIT,
        "if !self.table.has_staged() {",
        "if self.table.has_staged() {",
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
        "an append is flushed after the selector",
        WRITE,
        "        let ring = self.rings[i];\n        let ghost before",
        "        if !self.is_late {\n            self.late.push((i, position, parts.concat()));\n            return Some(Ok(()));\n        }\n        let ring = self.rings[i];\n        let ghost before",
    )
    .with(LATE),
    crash(
        "a record's CRC covers the position of another",
        RECORD,
        "self.stage_record(log, position, payload)",
        "self.stage_record(log, info.head, payload)",
    ),
    crash(
        "an append takes the room that an advance of the head frees before that is committed",
        STAGE,
        "self.rings[log as usize].capacity - (staged.c - committed.b)",
        "self.rings[log as usize].capacity - (staged.c - staged.b)",
    ),
    crash(
        "an append overwrites what a truncation drops before that is committed",
        STAGE,
        "if staged.c < committed.c {",
        "if false {",
    ),
    crash(
        "an advance of the head empties the log",
        MOVES,
        "self.restage(log as usize, position, staged.c,",
        "self.restage(log as usize, position, position,",
    ),
    crash(
        "a truncation drops the head",
        MOVES,
        "self.restage(log as usize, staged.b, position,",
        "self.restage(log as usize, position, position,",
    ),
    crash(
        "creation does not wait until the old logs are gone",
        CREATE,
        "r?;\n        Guarded::flush(region)\n    }\n\n    /// See the gate.",
        "r?;\n        Ok(())\n    }\n\n    /// See the gate.",
    ),
    crash(
        "creation makes the logs count before they are there",
        CREATE,
        "Guarded::flush(region)?;\n        let ",
        "let ",
    ),
    crash(
        "creation does not wait until the logs count",
        CREATE,
        "r?;\n        Guarded::flush(region)\n    }\n\n    /// With the magic word,",
        "r?;\n        Ok(())\n    }\n\n    /// With the magic word,",
    ),
    crash(
        "the CRC covers neither index nor region",
        CODEWORD,
        "let words = [id.lo, id.hi, tag,",
        "let words = [0, 0, 0,",
    )
    .with(&[edit(
        CODEWORD,
        "shift_word(shift_word(shift_word(ones ^ id.lo) ^ id.hi) ^ tag)",
        "shift_word(shift_word(shift_word(ones)))",
    )]),
    damage(
        "an entry is believed in its neighbour's place",
        CODEWORD,
        "    if crc == stored {\n        Some(p)",
        "    if crc == stored || crc_of(id, tag ^ 1, p) == stored {\n        Some(p)",
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
        CORE_COMMIT,
        "            Err(e) => {\n                self.failed = true;",
        "            Err(e) => {",
    ),
    failure(
        "logs go on after an append that failed",
        WRITE,
        "self.failed = r.is_err();",
        "",
    ),
    failure(
        "a flush that failed is tried again",
        COMMIT,
        "region.flush()?;\n        self.live_b = idle;",
        "if region.flush().is_err() { region.flush()?; }\n        self.live_b = idle;",
    ),
    failure(
        "it is passed over that entries could not be written",
        CHANGES,
        "self.write_listed(region, false, Tracked(permission))?;",
        "let _ = self.write_listed(region, false, Tracked(permission));",
    ),
];
