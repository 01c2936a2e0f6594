//! The mistakes that are made on purpose.

/// A mistake: some text of a file, and what stands there instead.
pub struct Mutant {
    pub name: &'static str,
    /// From the workspace's root on.
    pub file: &'static str,
    /// Once in the file.
    pub text: &'static str,
    pub instead: &'static str,
    /// The phase that must notice.
    pub phase: &'static str,
}

const COMMIT: &str = "crates/pmem/src/table/commit.rs";
const CHANGES: &str = "crates/pmem/src/table/changes.rs";
const TABLE: &str = "crates/pmem/src/table/mod.rs";
const OPEN: &str = "crates/pmem/src/table/open.rs";
const CODEWORD: &str = "crates/pmem/src/codeword.rs";
const RING: &str = "crates/pmem/src/ring.rs";
const CORE: &str = "crates/multilog/src/core/mod.rs";
const STAGE: &str = "crates/multilog/src/core/stage.rs";
const MOVES: &str = "crates/multilog/src/core/stage_moves.rs";
const CONCAT: &str = "crates/pmem/src/concat/mod.rs";
const CREATE: &str = "crates/multilog/src/core/create.rs";

const fn crash(
    name: &'static str,
    file: &'static str,
    text: &'static str,
    instead: &'static str,
) -> Mutant {
    let phase = "explorer";
    Mutant {
        name,
        file,
        text,
        instead,
        phase,
    }
}

const fn damage(
    name: &'static str,
    file: &'static str,
    text: &'static str,
    instead: &'static str,
) -> Mutant {
    let phase = "corruption";
    Mutant {
        name,
        file,
        text,
        instead,
        phase,
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
        "self.write_listed(region, true, number, Tracked(permission))?;",
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
        CORE,
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
        "        }\n        region.flush()\n    }",
        "        }\n        Ok(())\n    }",
    ),
    crash(
        "creation makes the logs count before they are there",
        CREATE,
        "region.flush()?;\n        let rounds",
        "let rounds",
    ),
    crash(
        "creation does not wait until the logs count",
        CREATE,
        "match region.flush() {\n            Ok(()) => Ok(()),",
        "match Ok(()) {\n            Ok(()) => Ok(()),",
    ),
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
        "    if true {\n        Some(p)",
    ),
    damage(
        "the CRC covers neither index nor region",
        CODEWORD,
        "let words = [id.lo, id.hi, tag,",
        "let words = [0, 0, 0,",
    ),
];
