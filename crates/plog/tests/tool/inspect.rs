//! `plog inspect`.

use crate::common::*;
use multilog::{AnyRegion, MultiLog};
use std::fs;
use std::os::unix::fs::symlink;

/// Where the parts of a file with two logs lie, of which journal A is live.
const PARTS: [(usize, &str); 5] = [
    (0, "superblock"),
    (32, "id"),
    (64, "selector"),
    (128, "journal A  "),
    (ENTRY_A, "journal A  "),
];

/// Where log 1 has its entry in journal A, and in journal B.
const ENTRY_A: usize = 256;
const ENTRY_B: usize = 4544;

/// Where the records of journal A begin.
pub const RECORDS_A: usize = 320;

/// Two logs, and two commits of log 1. Each is the first one after opening, so that the second one is in journal A again.
pub fn two_logs(scratch: &Scratch) -> String {
    let file = scratch.logs("logs", 2, "1000");
    for _ in 0..2 {
        succeeds(&["append", &file, "--log", "1", "--data", "twelve bytes"]);
    }
    file
}

pub fn damaged(file: &str, at: usize) -> String {
    let copy = format!("{file}-{at}");
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 4;
    fs::write(&copy, bytes).unwrap();
    copy
}

#[test]
fn shows_where_everything_lies() {
    let scratch = Scratch::new();
    let file = two_logs(&scratch);
    let text = succeeds(&["inspect", &file]);
    says(
        &text,
        &[
            "0x0  superblock   version 2, 2 logs",
            ", 64 lines in each journal\n",
            "0x40  selector     journal A is live",
            "0x80  journal A    2 live entries as of commit 1\n",
            "0x140  records      1, of commit 2; 63 of 64 lines free\n",
            "0x1140  journal B    idle (ignored): an older state\n",
            "0x2200  log 0        1000 bytes, head 0, tail 0, 1000 free",
            "log 1        1000 bytes, head 0, tail 24, 976 free",
        ],
    );
    assert!(
        !text.contains("DAMAGED") && !text.contains('\u{1b}'),
        "{text}"
    );
}

#[test]
fn draws_the_bytes_in_use_and_marks_head_and_tail() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 3, "20");
    succeeds(&["append", &file, "--data", "fifteen bytes.."]);
    succeeds(&["advance-head", &file, "--to", "12"]);
    succeeds(&["append", &file, "--data", "eight by"]);
    succeeds(&["append", &file, "--log", "2", "--data", "seventeen bytes.."]);
    succeeds(&["advance-head", &file, "--log", "2", "--to", "15"]);
    let rings = [
        "
  0x2280  log 0        20 bytes, head 12, tail 23, 9 free
           |███·········████████|
               ^ tail   ^ head
",
        "
  0x22c0  log 1        20 bytes, head 0, tail 0, 20 free
           |····················|
            ^ head and tail
",
        "
  0x2300  log 2        20 bytes, head 15, tail 17, 18 free
           |···············██···|
                           ^ head
                             ^ tail
",
    ];
    let text = succeeds(&["inspect", &file]);
    says(&text, &["█ in use  ▒ partly  · free"]);
    for (log, ring) in rings.iter().enumerate() {
        says(&text, &[&ring[3..]]);
        let alone = succeeds(&["inspect", &file, "--log", &log.to_string()]);
        says(&alone, &[&ring[3..]]);
        assert_eq!(alone.matches('|').count(), 2, "{alone}");
    }
}

#[test]
fn marks_the_right_half_from_the_left() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "67000");
    with_input(&["append", &file], &noise(60_000));
    succeeds(&["advance-head", &file, "--to", "50000"]);
    let text = succeeds(&["inspect", &file]);
    let marks = format!("{:57}head ^    tail ^\n", "");
    says(&text, &[&marks]);
}

#[test]
fn says_of_every_ring_what_is_in_it() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 40, "100");
    succeeds(&["append", &file, "--log", "39", "--data", "twelve bytes"]);
    let text = succeeds(&["inspect", &file]);
    for log in 0..39 {
        let line = format!("log {log:<9}100 bytes, head 0, tail 0, 100 free");
        assert_eq!(text.matches(&line).count(), 1, "{line} in {text}");
    }
    says(
        &text,
        &[
            "log 39       100 bytes, head 0, tail 12, 88 free",
            "by --log I",
        ],
    );
    // Journal B is live.
    let entry = 128 + (64 + 64 * 40 + 64 * 64) + 64 + 64 * 39;
    let text = succeeds(&["inspect", &damaged(&file, entry)]);
    says(&text, &["log 39       DAMAGED: its place is not known"]);
}

#[test]
fn shows_what_is_damaged() {
    let scratch = Scratch::new();
    let file = two_logs(&scratch);
    for (at, what) in PARTS {
        let text = succeeds(&["inspect", &damaged(&file, at + 1)]);
        let line = text.lines().find(|line| line.contains(what)).unwrap();
        assert!(line.contains("DAMAGED"), "{what}: {text}");
    }
    let both = damaged(&damaged(&file, ENTRY_A - 64), ENTRY_A);
    let both = succeeds(&["inspect", &both]);
    let entries = "journal A    DAMAGED: 2 of 2 live entries as of commit 1: logs 0, 1\n";
    says(
        &both,
        &[entries, "log 0        DAMAGED: its place is not known"],
    );
    let idle = succeeds(&["inspect", &damaged(&file, ENTRY_B)]);
    says(&idle, &["journal B    idle (ignored): no whole state\n"]);
    assert!(!idle.contains("DAMAGED"), "{idle}");
}

#[test]
fn shows_records_that_do_not_count() {
    let scratch = Scratch::new();
    let file = two_logs(&scratch);
    // Only the last record can be one that a crash has torn.
    let torn = succeeds(&["inspect", &damaged(&file, RECORDS_A)]);
    let facts = [
        "records      none; 64 of 64 lines free\n",
        "    interrupted commit (ignored): its record is not whole\n",
        "1000 bytes, head 0, tail 12, 988 free",
    ];
    says(&torn, &facts);
    assert!(!torn.contains("DAMAGED"), "{torn}");
    let mut logs =
        MultiLog::open(AnyRegion::open(file.as_ref(), &Default::default()).unwrap()).unwrap();
    for _ in 0..2 {
        logs.stage_append(0, b"x").unwrap();
        logs.commit().unwrap();
    }
    drop(logs);
    // Journal B is live, with two records.
    let records_b = ENTRY_B + 64;
    let text = succeeds(&["inspect", &file]);
    says(
        &text,
        &["records      2, of commits 3 to 4; 62 of 64 lines free\n"],
    );
    let text = succeeds(&["inspect", &damaged(&file, records_b)]);
    let facts = [
        "0x1200  records      DAMAGED: among 96 bytes\n",
        "log 0        DAMAGED: its head and tail are not known\n",
    ];
    says(&text, &facts);
}

#[test]
fn says_damage_in_red() {
    let scratch = Scratch::new();
    let file = two_logs(&scratch);
    let coloured = |file: &str| {
        let run = Run::of(plog(&["inspect", file]).env("CLICOLOR_FORCE", "1"));
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        run.text().to_string()
    };
    let sound = coloured(&file);
    assert!(
        sound.contains("\u{1b}[36m") && !sound.contains("\u{1b}[31m"),
        "{sound}"
    );
    // What the idle journal holds is no damage.
    assert!(!coloured(&damaged(&file, ENTRY_B)).contains("\u{1b}[31m"));
    for (at, what) in PARTS.iter().chain(&[(ENTRY_A, "log 1 ")]) {
        let text = coloured(&damaged(&file, *at));
        let line = text.lines().find(|line| line.contains(what)).unwrap();
        says(line, &["\u{1b}[31m\u{1b}[1mDAMAGED"]);
    }
}

#[test]
fn draws_damage_in_red() {
    let scratch = Scratch::new();
    let file = two_logs(&scratch);
    let picture = |file: &str| {
        let out = scratch.file("picture.svg");
        succeeds(&["inspect", file, "--svg", &out]);
        fs::read_to_string(out).unwrap()
    };
    let red = |picture: &str| picture.matches("#d64545").count();
    let sound = picture(&file);
    says(
        &sound,
        &[
            "<svg",
            "</svg>",
            "journal A is live",
            "log 1",
            "976 of 1000 bytes free",
        ],
    );
    // In the legend only.
    assert_eq!(red(&sound), 1);
    for (at, _) in &PARTS {
        assert!(red(&picture(&damaged(&file, *at))) > 1, "at {at}");
    }
    let out = scratch.file("ring.svg");
    succeeds(&["inspect", &file, "--log", "1", "--svg", &out]);
    says(
        &fs::read_to_string(out).unwrap(),
        &["head 0", "tail 24", "976 free"],
    );
}

#[test]
fn never_draws_over_the_logs() {
    let scratch = Scratch::new();
    let file = two_logs(&scratch);
    let before = fs::read(&file).unwrap();
    let (soft, hard) = (scratch.file("soft"), scratch.file("hard"));
    symlink(&file, &soft).unwrap();
    fs::hard_link(&file, &hard).unwrap();
    for out in [&file, &soft, &hard] {
        let said = fails(&["inspect", &file, "--svg", out]);
        says(&said, &["this is the file with the logs"]);
    }
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn says_what_cannot_be_shown() {
    let scratch = Scratch::new();
    let file = two_logs(&scratch);
    says(
        &fails(&["inspect", &file, "--log", "2"]),
        &["no log 2", "0 to 1"],
    );
    says(&fails(&["inspect", &scratch.file("none")]), &["none"]);
    let missing = scratch.file("no/such/folder.svg");
    says(&fails(&["inspect", &file, "--svg", &missing]), &[&missing]);
    for (name, bytes) in [
        ("empty", vec![]),
        ("zeros", vec![0; 5000]),
        ("text", b"hello".to_vec()),
    ] {
        let file = scratch.file(name);
        fs::write(&file, bytes).unwrap();
        fails(&["inspect", &file]);
    }
}

#[test]
fn shows_files_that_were_cut() {
    let scratch = Scratch::new();
    let file = two_logs(&scratch);
    let bytes = fs::read(&file).unwrap();
    let cut = scratch.file("cut");
    for len in (8..bytes.len()).step_by(41) {
        fs::write(&cut, &bytes[..len]).unwrap();
        let out = scratch.file("picture.svg");
        let said = succeeds(&["inspect", &cut, "--svg", &out]);
        let length = format!("2 logs, {} bytes\n", bytes.len());
        if len >= 32 {
            says(&said, &[&length]);
            says(&fs::read_to_string(out).unwrap(), &[&length]);
        }
        says(&said, &["superblock   DAMAGED"]);
    }
}

#[test]
fn says_why_no_logs_are_known() {
    let scratch = Scratch::new();
    let file = two_logs(&scratch);
    let (bytes, cut) = (fs::read(&file).unwrap(), scratch.file("cut"));
    let out = scratch.file("picture.svg");
    let short = |len| format!("{len} bytes are too few for the metadata of 2 logs");
    let mut cases: Vec<(Vec<u8>, String)> = [16, 60, 127, 128, 320, 8704]
        .map(|len| (bytes[..len].to_vec(), short(len)))
        .into();
    let start = "12 bytes are too few for a superblock";
    cases.push((bytes[..12].to_vec(), start.to_string()));
    // The number of logs is in the upper half of the second word. It may be too large for the region, or for any.
    for at in [13, 14] {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        cases.push((bytes, "the number of logs is damaged".to_string()));
    }
    // The journals' length is in the superblock's second codeword. It may be too small for so many logs, or too large.
    for (at, value) in [(48, 1), (50, 1), (55, 128)] {
        let mut bytes = bytes.clone();
        bytes[at] = value;
        cases.push((bytes, "the length of the journals is damaged".to_string()));
    }
    for (bytes, why) in cases {
        fs::write(&cut, bytes).unwrap();
        let why = format!("not known: {why}");
        says(&succeeds(&["inspect", &cut, "--svg", &out]), &[&why]);
        says(&fs::read_to_string(&out).unwrap(), &[&why]);
        let said = fails(&["inspect", &cut, "--log", "1"]);
        says(&said, &[&why.replace("not known", "there is no log 1")]);
    }
}
