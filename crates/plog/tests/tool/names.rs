//! Names of files that are no text, which must not do to a terminal what they say, nor make a picture none.

use crate::common::{plog, says, Run, Scratch};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;

/// Colours, a forged second line, bytes that are not UTF-8, and what XML would take for its own.
const NAME: &[u8] = b"\x1b[31mred\nplog: done\xff\\<&>\x7f";

/// How it is shown.
const SHOWN: &str = "\\x1b[31mred\\x0aplog: done\\xff\\\\<&>\\x7f";

const COMMANDS: [&[&str]; 8] = [
    &["check"],
    &["inspect"],
    &["info"],
    &["read"],
    &["records"],
    &["append", "--data=x"],
    &["advance-head", "--to=9"],
    &["truncate", "--to=9"],
];

fn named(scratch: &Scratch) -> OsString {
    scratch.path().join(OsStr::from_bytes(NAME)).into()
}

fn run(args: &[&str], file: &OsStr) -> Run {
    let mut all: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
    all.insert(1, file);
    Run::of(&mut plog(&all))
}

#[track_caller]
fn legible(text: &str) {
    assert!(text.contains(SHOWN), "{text:?}");
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
}

#[test]
fn are_escaped_in_what_is_printed() {
    let scratch = Scratch::new();
    let file = named(&scratch);
    assert_eq!(run(&["create", "--capacity=99"], &file).code, 0);
    for command in [["check"].as_slice(), &["inspect"]] {
        let run = run(command, &file);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{command:?}");
        legible(run.text());
    }
    let damaged = fs::read(&file).map(|mut bytes| {
        bytes[64] ^= 1;
        bytes
    });
    fs::write(&file, damaged.unwrap()).unwrap();
    legible(run(&["check"], &file).text());
}

#[test]
fn are_escaped_in_pictures() {
    let scratch = Scratch::new();
    let (file, out) = (named(&scratch), scratch.file("picture.svg"));
    run(&["create", "--capacity=99"], &file);
    assert_eq!(run(&["inspect", "--svg", &out], &file).code, 0);
    let picture = fs::read_to_string(out).unwrap();
    assert!(!picture.contains(|c: char| c.is_control() && c != '\n'));
    let shown = SHOWN.replace('&', "&amp;").replace('<', "&lt;");
    says(&picture.replace("&gt;", ">"), &[&shown]);
}

#[test]
fn are_escaped_in_errors() {
    let scratch = Scratch::new();
    let file = named(&scratch);
    let failed = |args: &[&str]| legible(run(args, &file).failed().trim_end());
    for command in COMMANDS {
        failed(command);
    }
    fs::create_dir(&file).unwrap();
    for command in COMMANDS {
        failed(command);
    }
    failed(&["create", "--capacity=99"]);
    failed(&["demo"]);
    let logs = scratch.logs("logs", 1, "99");
    let out = Run::of(&mut plog(&[
        "inspect".as_ref(),
        logs.as_ref(),
        "--svg".as_ref(),
        file.as_os_str(),
    ]));
    legible(&out.failed());
}

#[test]
fn are_escaped_where_they_were_not_expected() {
    for args in [
        ["check", "logs"].as_slice(),
        &["inspect", "logs", "--log"],
        &["create", "logs", "--capacity"],
        &[],
    ] {
        let mut all: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        all.push(OsStr::from_bytes(b"\x1b[31mred\n"));
        let run = Run::of(&mut plog(&all));
        assert_eq!((run.code, run.text()), (1, ""), "{run:?}");
        says(&run.err, &["'\\x1b[31mred\\x0a'"]);
    }
}
