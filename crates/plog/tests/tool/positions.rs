//! Positions and logs that are not there.

use crate::common::{extent, fails, output, says, succeeds, Scratch};

/// A log 1 from 4 to 10.
fn logs(scratch: &Scratch) -> String {
    let file = scratch.logs("logs", 2, "10");
    succeeds(&["append", &file, "--log", "1", "--data", "0123456789"]);
    succeeds(&["advance-head", &file, "--log", "1", "--to", "4"]);
    file
}

#[test]
fn out_of_range() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    for position in ["3", "11", "18446744073709551615"] {
        for (command, option) in [
            ("read", "--from"),
            ("advance-head", "--to"),
            ("truncate", "--to"),
        ] {
            let said = fails(&[command, &file, "--log", "1", option, position]);
            let fact = format!("position {position} is not in the log, which goes from 4 to 10");
            says(&said, &[&file, "log 1", &fact]);
        }
    }
    assert_eq!(extent(&file, 1), (4, 10));
}

#[test]
fn more_bytes_than_there_are() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    for (from, len) in [("4", "7"), ("10", "1"), ("5", "18446744073709551615")] {
        let said = fails(&["read", &file, "--log", "1", "--from", from, "--len", len]);
        let fact = format!(
            "{len} bytes at position {from} are not all in the log, which goes from 4 to 10"
        );
        says(&said, &[&file, "log 1", &fact]);
    }
}

#[test]
fn the_ends_are_in_range() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    let log = ["--log", "1"];
    let at = |command: &'static str, rest: &[&str]| {
        let mut args = vec![command, &file];
        args.extend(log);
        args.extend(rest);
        output(&args)
    };
    assert_eq!(at("read", &["--from", "10"]), b"");
    assert_eq!(at("read", &["--from", "4"]), b"456789");
    assert_eq!(at("read", &["--len", "0"]), b"");
    assert_eq!(at("advance-head", &["--to", "4"]), b"");
    assert_eq!(at("truncate", &["--to", "10"]), b"");
    assert_eq!(extent(&file, 1), (4, 10));
    at("truncate", &["--to", "4"]);
    assert_eq!(extent(&file, 1), (4, 4));
}

#[test]
fn unknown_logs() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    for args in [
        ["read", &file, "--log=2"].as_slice(),
        &["append", &file, "--log=2"],
        &["append", &file, "--log=2", "--data=x"],
        &["advance-head", &file, "--log=2", "--to=0"],
        &["truncate", &file, "--log=2", "--to=0"],
    ] {
        says(
            &fails(args),
            &[&file, "there is no log 2: the logs are 0 to 1"],
        );
    }
    let most = "--log=18446744073709551615";
    says(
        &fails(&["read", &file, most]),
        &["there is no log 18446744073709551615"],
    );
}
