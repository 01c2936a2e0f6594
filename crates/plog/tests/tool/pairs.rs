//! Which `--log` goes with which `--data`.

use crate::common::{fails, output, plog, says, succeeds, Run, Scratch};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

fn logs(scratch: &Scratch) -> String {
    scratch.logs("logs", 3, "100")
}

fn contents(file: &str) -> [Vec<u8>; 3] {
    ["0", "1", "2"].map(|log| output(&["read", file, "--log", log]))
}

/// Clap's errors take more than one line.
fn refused(file: &str, args: &[&str]) -> String {
    let run = Run::of(plog(&["append", file]).args(args));
    assert_eq!((run.code, run.text()), (1, ""), "{run:?}");
    assert_eq!(contents(file), [b"", b"", b""]);
    run.err
}

#[test]
fn a_log_is_for_the_data_right_behind_it() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    let args = [
        "append",
        &file,
        "--log",
        "2",
        "--data",
        "a",
        "--data",
        "bb",
        "--log=1",
        "--data=ccc",
    ];
    assert_eq!(succeeds(&args), "0\n0\n0\n");
    assert_eq!(contents(&file), [b"bb".as_slice(), b"ccc", b"a"]);
}

#[test]
fn the_order_is_kept() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    let mut args = vec!["append".to_string(), file.clone()];
    for k in 0..30 {
        args.extend(["--log".to_string(), (k % 3).to_string()]);
        args.extend(["--data".to_string(), format!("{}", k / 3)]);
    }
    let positions: String = (0..30).map(|k| format!("{}\n", k / 3)).collect();
    assert_eq!(Run::of(&mut plog(&args)).text(), positions);
    assert_eq!(contents(&file), [b"0123456789"; 3]);
}

#[test]
fn options_may_precede_the_file() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    assert_eq!(
        succeeds(&["append", "--log", "1", "--data", "x", &file]),
        "0\n"
    );
    assert_eq!(output(&["read", "--log", "1", &file]), b"x");
}

#[test]
fn data_is_bytes() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    let odd = OsStr::from_bytes(b"\xff\n \x80");
    let run = Run::of(plog(&["append", &file, "--data", "", "--data=-x", "--data"]).arg(odd));
    assert_eq!(run.text(), "0\n0\n2\n");
    assert_eq!(output(&["read", &file]), b"-x\xff\n \x80");
}

#[test]
fn a_log_without_data_is_refused() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    let trailing = refused(&file, &["--data", "x", "--log", "1"]);
    says(&trailing, &["no --data follows --log 1"]);
    let twice = refused(&file, &["--log", "1", "--log", "2", "--data", "x"]);
    says(&twice, &["--log 1 is followed by --log 2"]);
    let later = refused(
        &file,
        &["--data", "x", "--log", "1", "--log", "2", "--data", "x"],
    );
    says(&later, &["--log 1 is followed by --log 2"]);
    let input = refused(&file, &["--log", "1", "--log", "2"]);
    says(&input, &["standard input can go to one log only"]);
}

#[test]
fn one_pair_that_fails_fails_all() {
    let scratch = Scratch::new();
    let file = logs(&scratch);
    let long = "x".repeat(101);
    let full = [
        "append", &file, "--data", "a", "--log", "1", "--data", &long, "--data", "b",
    ];
    says(
        &fails(&full),
        &[&file, "log 1", "101 bytes", "100", "nothing was appended"],
    );
    let unknown = ["append", &file, "--data", "a", "--log", "3", "--data", "b"];
    says(
        &fails(&unknown),
        &[&file, "there is no log 3: the logs are 0 to 2"],
    );
    assert_eq!(contents(&file), [b"", b"", b""]);
}

#[test]
fn help_tells_of_it() {
    let help = succeeds(&["append", "--help"]);
    says(
        &help,
        &[
            "Each --data is appended to the log that the --log right before it names",
            "log 0",
        ],
    );
}
