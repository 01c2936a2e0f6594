//! What `plog inspect --svg` draws can be read: no words lie over others, and none are cut.

use crate::common::*;
use multilog::{AnyRegion, FileOptions, MultiLog};
use std::fs;
use std::process::Command;

/// The picture's width, and the space around everything.
const PICTURE: (f64, f64) = (960.0, 32.0);

/// Words, and the place that they take with the widest font that is likely.
#[derive(Debug)]
struct Words {
    words: String,
    x: (f64, f64),
    y: (f64, f64),
}

impl Words {
    fn all(picture: &str) -> Vec<Words> {
        let nodes = picture.split("<text ").skip(1);
        nodes.map(Words::of).collect()
    }

    fn of(node: &str) -> Words {
        let (tag, rest) = node.split_once(">\n").unwrap();
        let words = rest.split_once("\n</text>").unwrap().0.to_string();
        let value = |name: &str| {
            let from = format!(" {tag} ")
                .split_once(&format!(" {name}=\""))?
                .1
                .to_string();
            Some(from.split_once('"')?.0.to_string())
        };
        let number = |name| value(name).unwrap().parse::<f64>().unwrap();
        let (x, y, size) = (number("x"), number("y"), number("font-size"));
        let each = match value("font-weight") {
            Some(_) => 0.72,
            None => 0.65,
        };
        // The widest letter counts for what it is.
        let letters = words.chars().count() as f64 + 0.5 * words.matches('W').count() as f64;
        let width = letters * each * size;
        let left = match value("text-anchor").as_deref() {
            Some("end") => x - width,
            Some("middle") => x - width / 2.0,
            _ => x,
        };
        Words {
            words,
            x: (left, left + width),
            y: (y - 0.75 * size, y + 0.2 * size),
        }
    }
}

fn draw(scratch: &Scratch, args: &[&str]) -> String {
    let out = scratch.file("picture.svg");
    succeeds(&[&["inspect", "--svg", &out], args].concat());
    fs::read_to_string(out).unwrap()
}

#[track_caller]
fn legible(picture: &str) {
    let words = Words::all(picture);
    assert!(words.len() > 8, "{picture}");
    let apart = |a: (f64, f64), b: (f64, f64)| a.1 <= b.0 || b.1 <= a.0;
    for (k, one) in words.iter().enumerate() {
        let inside = one.x.0 >= PICTURE.1 - 1.0 && one.x.1 <= PICTURE.0 - PICTURE.1 + 1.0;
        assert!(inside, "cut: {one:?}");
        for other in &words[..k] {
            assert!(
                apart(one.x, other.x) || apart(one.y, other.y),
                "{one:?} over {other:?}"
            );
        }
    }
}

#[test]
fn head_and_tail_of_a_ring_wherever_they_are() {
    let scratch = Scratch::new();
    for head in [0, 1, 130, 250, 490, 500, 749, 998] {
        for used in [0, 2, 600, 995, 1000] {
            let file = scratch.logs("logs", 1, "1000");
            let data = "x".repeat(1000);
            let append =
                |len: usize| succeeds(&["append", &file, &format!("--data={}", &data[..len])]);
            append(head);
            succeeds(&["advance-head", &file, "--to", &head.to_string()]);
            append(used);
            let picture = draw(&scratch, &[&file, "--log", "0"]);
            legible(&picture);
            let marks = match used {
                0 => vec![format!("head and tail {head}")],
                _ => vec![format!("head {head}"), format!("tail {}", head + used)],
            };
            for mark in marks {
                says(&picture, &[&format!(">\n{mark}\n<")]);
            }
            legible(&draw(&scratch, &[&file]));
            fs::remove_file(file).unwrap();
        }
    }
}

#[test]
fn long_names() {
    let scratch = Scratch::new();
    for letter in ["n", "W"] {
        let file = scratch.logs(&letter.repeat(200), 1, "1000");
        let picture = draw(&scratch, &[&file]);
        legible(&picture);
        says(&picture, &[&format!("…{}\n", letter.repeat(95))]);
    }
}

#[test]
fn numbers_that_are_damaged() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 3, "1000");
    let sound = fs::read(&file).unwrap();
    for ones in [8..32, 32..64, 48..56, 64..72, 8..72, 128..500, 160..500] {
        let mut bytes = sound.clone();
        bytes[ones].fill(0xff);
        fs::write(&file, bytes).unwrap();
        legible(&draw(&scratch, &[&file]));
    }
}

#[test]
fn more_logs_than_can_be_drawn() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 2_100, "1");
    let picture = draw(&scratch, &[&file]);
    legible(&picture);
    says(
        &picture,
        &["and 52 more, all sound", "and 2076 more: --log I"],
    );
    let mut bytes = fs::read(&file).unwrap();
    bytes[128 + 64 + 64 * 2_099] ^= 1;
    fs::write(&file, bytes).unwrap();
    let picture = draw(&scratch, &[&file]);
    legible(&picture);
    let said = Words::all(&picture);
    assert!(said
        .iter()
        .any(|w| w.words == "and 52 more, 1 of them damaged"));
    // In the legend too.
    assert_eq!(picture.matches("#d64545").count(), 2);
}

/// A region in which there is all that there can be, as a crash and some bits that went wrong have left it.
fn damaged_by_a_crash(scratch: &Scratch) -> Vec<u8> {
    let file = scratch.logs("orders.plog", 6, "4096");
    let open = || AnyRegion::open(file.as_ref(), &FileOptions::default()).unwrap();
    let mut logs = MultiLog::open(open()).unwrap();
    let data = "x".repeat(4096);
    let mut append = |log: u64, len: usize| {
        logs.stage_append(log, &data.as_bytes()[..len]).unwrap();
        logs.commit().unwrap();
    };
    // The first journal is full, so that the second one is live again.
    for _ in 0..64 {
        append(3, 10);
    }
    for (log, len) in [(0, 3000), (1, 2800), (2, 1500), (5, 32)] {
        append(log, len);
    }
    logs.stage_advance_head(0, 2500).unwrap();
    logs.commit().unwrap();
    logs.stage_append(0, &data.as_bytes()[..3000]).unwrap();
    logs.stage_append(1, &data.as_bytes()[..1000]).unwrap();
    logs.commit().unwrap();
    let image = fs::read(&file).unwrap();
    for (log, bytes) in [(3, "apples"), (5, "pears")] {
        logs.stage_append(log, bytes.as_bytes()).unwrap();
    }
    logs.commit().unwrap();
    drop(logs);
    let mut crashed = fs::read(&file).unwrap();
    // The last commit's record has arrived, and the bytes that it appended have not.
    let journal = 64 * (1 + 6 + 64);
    let rings = 128 + 2 * journal;
    crashed[rings..].copy_from_slice(&image[rings..]);
    // An entry of the live journal, and one of the idle one.
    crashed[128 + 64 + 64 * 4] ^= 4;
    crashed[128 + journal + 64 + 64 * 2] ^= 4;
    crashed
}

/// A picture's lines, but for the id, which is random.
fn without_id(picture: &str) -> Vec<&str> {
    let id = |line: &&str| line.len() == 32 && line.bytes().all(|b| b.is_ascii_hexdigit());
    picture.lines().filter(|line| !id(line)).collect()
}

#[test]
fn the_picture_in_the_documentation() {
    let scratch = Scratch::new();
    let image = damaged_by_a_crash(&scratch);
    fs::write(scratch.file("orders.plog"), image).unwrap();
    let mut command = Command::new(executable());
    command.args(["inspect", "orders.plog", "--svg", "inspect.svg"]);
    let run = Run::of(command.current_dir(scratch.path()));
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let drawn = fs::read_to_string(scratch.file("inspect.svg")).unwrap();
    legible(&drawn);
    let facts = [
        "journal A is live",
        "journal A    DAMAGED: 1 of 6 live entries as of commit 64: log 4\n",
        "7, of commits 65 to 71; 55 of 64 lines free\n",
        "interrupted commit (ignored): commit 71 lacks bytes that it appended\n",
        "journal B    idle (ignored): no whole state\n",
        "log 4        DAMAGED: its place is not known\n",
    ];
    says(run.text(), &facts);
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/inspect.svg");
    let kept = fs::read_to_string(kept).unwrap();
    if without_id(&kept) != without_id(&drawn) {
        let new = concat!(env!("CARGO_TARGET_TMPDIR"), "/inspect.svg");
        fs::write(new, drawn).unwrap();
        panic!("docs/inspect.svg is not what is drawn now, which is {new}");
    }
}
