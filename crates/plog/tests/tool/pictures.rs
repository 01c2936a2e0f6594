//! What `plog inspect --svg` draws can be read: no words lie over others, and none are cut.

use crate::common::*;
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
    for ones in [8..32, 32..64, 64..72, 8..72, 128..500] {
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
    bytes[128 + 32 * 2_099] ^= 1;
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
    let data = "x".repeat(4096);
    let append = |log: &str, len: usize| {
        succeeds(&["append", &file, "--log", log, "--data", &data[..len]]);
    };
    for (log, len) in [("0", 3000), ("1", 2800), ("2", 1500), ("3", 700), ("5", 32)] {
        append(log, len);
    }
    succeeds(&["advance-head", &file, "--to", "2500"]);
    append("0", 3000);
    append("1", 1000);
    let mut image = fs::read(&file).unwrap();
    let pairs = [
        "--log", "3", "--data", "apples", "--log", "5", "--data", "pears",
    ];
    succeeds(&[&["append", &file], &pairs[..]].concat());
    let after = fs::read(&file).unwrap();
    // Of the last commit, which wrote to the idle copy, two entries arrived, one of them in part.
    let (a, b) = (128 + 6 * 32, 128 + 12 * 32);
    let changed = |at: usize| image[at..at + 32] != after[at..at + 32];
    let idle = if changed(a + 3 * 32) { a } else { b };
    for entry in [
        idle + 3 * 32..idle + 4 * 32,
        idle + 5 * 32..idle + 5 * 32 + 24,
    ] {
        image[entry.clone()].copy_from_slice(&after[entry]);
    }
    // A live entry, and a place in the directory.
    image[a + b - idle + 2 * 32] ^= 4;
    image[128 + 4 * 32] ^= 4;
    image
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
    says(run.text(), &["idle: 2 entries as committed, 2 entries as committed before, 1 entry of a commit that did not happen, 1 entry torn"]);
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/inspect.svg");
    let kept = fs::read_to_string(kept).unwrap();
    if without_id(&kept) != without_id(&drawn) {
        let new = concat!(env!("CARGO_TARGET_TMPDIR"), "/inspect.svg");
        fs::write(new, drawn).unwrap();
        panic!("docs/inspect.svg is not what is drawn now, which is {new}");
    }
}
