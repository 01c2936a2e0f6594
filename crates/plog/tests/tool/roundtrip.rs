//! What is appended is read, and info and check tell of it.

use crate::common::{info, output, succeeds, Run, Scratch};
use serde_json::json;
use std::path::Path;
use std::process::Command;

#[test]
fn several_logs_from_creation_to_truncation() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 3, "64K");
    assert_eq!(output(&["read", &file]), b"");

    let both = [
        "append",
        &file,
        "--data",
        "order 17",
        "--log",
        "2",
        "--data",
        "it arrived",
    ];
    assert_eq!(succeeds(&both), "0\n0\n");
    assert_eq!(
        succeeds(&["append", &file, "--log", "2", "--data", "!"]),
        "10\n"
    );

    assert_eq!(output(&["read", &file]), b"order 17");
    assert_eq!(output(&["read", &file, "--log", "1"]), b"");
    assert_eq!(output(&["read", &file, "--log", "2"]), b"it arrived!");
    assert_eq!(
        output(&["read", &file, "--log", "2", "--from", "3"]),
        b"arrived!"
    );
    assert_eq!(output(&["read", &file, "--log", "2", "--len", "2"]), b"it");
    let part = ["read", &file, "--log", "2", "--from", "3", "--len", "7"];
    assert_eq!(output(&part), b"arrived");

    assert_eq!(succeeds(&["advance-head", &file, "--to", "6"]), "");
    assert_eq!(
        succeeds(&["truncate", &file, "--log", "2", "--to", "10"]),
        ""
    );
    assert_eq!(output(&["read", &file]), b"17");
    assert_eq!(output(&["read", &file, "--log", "2"]), b"it arrived");
    assert_eq!(
        succeeds(&["append", &file, "--log", "2", "--data", "?"]),
        "10\n"
    );
    assert_eq!(output(&["read", &file, "--log", "2"]), b"it arrived?");
}

#[test]
fn info_in_json_has_this_shape() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 2, "4096");
    succeeds(&["append", &file, "--log", "1", "--data", "12345"]);
    succeeds(&["advance-head", &file, "--log", "1", "--to", "2"]);
    let info = info(&file);
    let id = info["id"].as_str().unwrap();
    assert!(
        id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()),
        "{id}"
    );
    assert_eq!(
        info,
        json!({
            "id": id,
            "region_len": std::fs::metadata(&file).unwrap().len(),
            "device": "file",
            "survives": survives(scratch.path()),
            "logs": [
                { "head": 0, "tail": 0, "capacity": 4096, "free": 4096 },
                { "head": 2, "tail": 5, "capacity": 4096, "free": 4093 },
            ],
        })
    );
}

/// What a file in this folder survives, by the type of its file system.
fn survives(folder: &Path) -> &'static str {
    let mut command = Command::new("stat");
    let kind = Run::of(command.args(["--file-system", "--format=%T"]).arg(folder));
    match kind.text().trim() {
        "tmpfs" | "ramfs" => "process crash",
        _ => "power cut",
    }
}

#[test]
fn info_says_that_memory_does_not_survive_a_power_cut() {
    let memory = Path::new("/dev/shm");
    if !memory.exists() {
        println!("skipped: there is no /dev/shm");
        return;
    }
    assert_eq!(survives(memory), "process crash");
    let scratch = Scratch::within(memory);
    let file = scratch.logs("logs", 1, "4096");
    assert_eq!(info(&file)["survives"], "process crash");
    let text = succeeds(&["info", &file]);
    assert!(
        text.contains("\nsurvives  a crash of the process, not a power cut\n"),
        "{text}"
    );
}

#[test]
fn info_for_people_is_a_table() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 2, "4096");
    succeeds(&["append", &file, "--log", "1", "--data", "12345"]);
    let text = succeeds(&["info", &file]);
    let id = info(&file)["id"].as_str().unwrap().to_string();
    let (top, table) = text.split_once("\n\n").unwrap();
    assert!(top.contains(&id), "{text}");
    assert!(
        top.contains("\ndevice    a file, written and synced\n"),
        "{text}"
    );
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|row| row.split_whitespace().collect())
        .collect();
    assert_eq!(
        rows,
        [
            ["log", "head", "tail", "capacity", "free"],
            ["0", "0", "0", "4096", "4096"],
            ["1", "0", "5", "4096", "4091"],
        ]
    );
}

#[test]
fn check_of_sound_logs() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 3, "4096");
    assert_eq!(
        succeeds(&["check", &file]),
        format!(
            "{file}: sound: 3 logs\n\
             idle journal (ignored): never used\n\
             free: 12288 bytes; what was staged there and not committed does not count\n"
        )
    );
    let verdict: serde_json::Value =
        serde_json::from_str(&succeeds(&["check", &file, "--json"])).unwrap();
    let in_flight = json!({ "commit": "none", "idle": "blank" });
    let expected = json!({
        "sound": true,
        "part": null,
        "address": null,
        "message": "sound: 3 logs",
        "in_flight": in_flight,
        "records": { "logs": 0, "sound": 0, "damaged": [], "unchecked": [] },
    });
    assert_eq!(verdict, expected);
}

#[test]
fn the_most_logs() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 65_536, "1");
    succeeds(&[
        "append", &file, "--log", "65535", "--data", "x", "--log", "0", "--data", "y",
    ]);
    assert_eq!(output(&["read", &file, "--log", "65535"]), b"x");
    assert_eq!(output(&["read", &file]), b"y");
    assert_eq!(info(&file)["logs"].as_array().unwrap().len(), 65_536);
    assert_eq!(
        succeeds(&["check", &file]),
        format!(
            "{file}: sound: 65536 logs\n\
             idle journal (ignored): an older state\n\
             free: 65534 bytes; what was staged there and not committed does not count\n\
             log 0 does not begin with a record: 1 byte not checked (--records checks them as records)\n\
             log 65535 does not begin with a record: 1 byte not checked (--records checks them as records)\n"
        )
    );
}
