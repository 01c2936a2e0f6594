//! A disk that is full: here, a limit to the size of files, which fails writes in the same way.

use crate::common::{executable, extent, noise, output, says, skip, succeeds, Run, Scratch};
use std::fs::{self, File};
use std::process::Command;

/// Runs `plog` with files limited to so many units of 512 bytes.
fn limited(units: u32, args: &[&str]) -> Command {
    // Without the trap, the signal that comes with the error would end the process.
    let script = format!("trap '' XFSZ; ulimit -f {units}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(executable()).args(args);
    command
}

#[test]
fn a_file_that_cannot_be_created_is_not_left_behind() {
    let scratch = Scratch::new();
    let file = scratch.file("logs");
    for sparse in [None, Some("--sparse")] {
        let mut command = limited(1000, &["create", &file, "--capacity", "1M"]);
        let said = Run::of(command.args(sparse)).failed();
        says(&said, &[&file, "could not", "File too large"]);
        assert!(scratch.is_empty());
    }
    assert_eq!(
        Run::of(&mut limited(1000, &["create", &file, "--capacity", "256K"])).code,
        0
    );
    assert!(fs::exists(&file).unwrap());
}

#[test]
fn what_cannot_be_written_is_not_appended() {
    let scratch = Scratch::new();
    let file = scratch.file("logs");
    succeeds(&[
        "create",
        &file,
        "--capacity",
        "4M",
        "--logs",
        "2",
        "--sparse",
    ]);
    succeeds(&["append", &file, "--data", "before"]);
    let input = scratch.file("input");
    fs::write(&input, noise(3_000_000)).unwrap();

    let mut command = limited(1000, &["append", &file]);
    let said = Run::of(command.stdin(File::open(&input).unwrap())).failed();
    says(
        &said,
        &[
            &file,
            "log 0",
            "write failed: File too large",
            "nothing was appended",
        ],
    );

    let pairs = ["append", &file, "--data", "a", "--log", "1", "--data", "b"];
    let said = Run::of(&mut limited(1000, &pairs)).failed();
    says(
        &said,
        &[
            &file,
            "log 1",
            "write failed: File too large",
            "nothing was appended",
        ],
    );

    succeeds(&["check", &file]);
    assert_eq!(output(&["read", &file]), b"before");
    assert_eq!(extent(&file, 1), (0, 0));
    assert_eq!(succeeds(&pairs), "6\n0\n");
}

#[test]
fn a_commit_that_cannot_be_written_says_what_to_expect() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 100, "4096");
    succeeds(&["append", &file, "--data", "12345"]);
    // The idle copy of the table is beyond the limit.
    let said = Run::of(&mut limited(1, &["advance-head", &file, "--to", "3"])).failed();
    says(
        &said,
        &[
            &file,
            "write failed: File too large",
            "either entirely or not at all",
        ],
    );
    succeeds(&["check", &file]);
    assert_eq!(output(&["read", &file]), b"12345");
}

#[test]
fn a_picture_that_cannot_be_written_leaves_the_one_before() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "4096");
    let (old, new) = (scratch.file("old.svg"), scratch.file("new.svg"));
    succeeds(&["inspect", &file, "--svg", &old]);
    let picture = fs::read(&old).unwrap();
    for out in [&old, &new] {
        let said = Run::of(&mut limited(1, &["inspect", &file, "--svg", out])).failed();
        says(&said, &[out, "could not write the picture: File too large"]);
    }
    assert_eq!(fs::read(&old).unwrap(), picture);
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 2);
}

#[test]
fn records_that_cannot_be_written_are_not_appended() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 2, "4M");
    succeeds(&["append", &file, "--record", "--data", "before"]);
    let input = scratch.file("input");
    fs::write(&input, vec![b'y'; 3_000_000]).unwrap();
    let refused = |args: &[&str], log: &str| {
        let mut command = limited(1000, args);
        let said = Run::of(command.stdin(File::open(&input).unwrap())).failed();
        let why = "write failed: File too large";
        says(&said, &[&file, log, why, "nothing was appended"]);
    };
    refused(&["append", &file, "--record"], "log 0");
    refused(&["append", &file, "--record", "--lines"], "log 0");
    let pairs = [
        "append", &file, "--record", "--data", "a", "--log", "1", "--data", "b",
    ];
    refused(&pairs, "log 1");
    says(&succeeds(&["check", &file]), &["1 sound, 0 damaged"]);
    assert_eq!(succeeds(&["records", &file]), "0\t6\tbefore\n");
    assert_eq!(extent(&file, 1), (0, 0));
    assert_eq!(succeeds(&pairs), "30\n0\n");
}

/// Runs a script in a file system of 256 KiB, which goes away with it, and which only it sees. None if nothing can be
/// mounted here.
fn mounted(then: &str) -> Option<Run> {
    let scratch = Scratch::new();
    let mount = |then: &str| {
        let script = format!("mount -t tmpfs -o size=256k none \"$1\" && cd \"$1\" && {then}");
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script]);
        Run::of(command.arg(executable()).arg(scratch.path()))
    };
    let probe = mount("echo mounted");
    if probe.text() != "mounted\n" {
        skip(&format!("nothing can be mounted here: {}", probe.err));
        return None;
    }
    Some(mount(then))
}

#[test]
fn records_in_a_file_system_that_is_full() {
    let append =
        "\"$0\" create logs --capacity 1M --sparse; \"$0\" append logs --record --data before;
        head -c 500K /dev/zero | \"$0\" append logs --record; test $? = 1 || exit 8;
        yes y | head -c 500K | \"$0\" append logs --record --lines; test $? = 1 || exit 9;
        \"$0\" check logs >&2; \"$0\" records logs";
    let Some(run) = mounted(append) else { return };
    assert_eq!((run.code, run.text()), (0, "0\n0\t6\tbefore\n"), "{run:?}");
    for why in [
        "log 0: standard input: write failed: No space left on device",
        "of standard input: write failed: No space left on device",
        "1 sound, 0 damaged",
    ] {
        says(&run.err, &[why]);
    }
    assert_eq!(run.err.matches("; nothing was appended").count(), 2);
}

#[test]
fn a_record_whose_append_finds_the_file_system_full() {
    // The record's place was written once, and refused. A part of the idle journal is a hole, to which the first append switches.
    let script = "\"$0\" create logs --capacity 4096 --logs 1000 --sparse;
        \"$0\" append logs --record --log 500 --data a --log 500 --data $(head -c 5000 /dev/zero | tr '\\0' y);
        fallocate --punch-hole --offset 64K --length 16K logs;
        head -c 256K /dev/zero > other 2>&-;
        \"$0\" append logs --record --log 500 --data first; code=$?;
        rm other; \"$0\" check logs >&2; \"$0\" append logs --record --log 500 --data second;
        \"$0\" records logs --log 500; exit $code";
    let Some(run) = mounted(script) else { return };
    assert_eq!((run.code, run.text()), (1, "0\n0\t6\tsecond\n"), "{run:?}");
    says(
        &run.err,
        &[
            "logs: log 500: write failed: No space left on device",
            "nothing was appended",
            "sound: 1000 logs",
        ],
    );
}

#[test]
fn a_file_system_that_is_full() {
    if mounted(":").is_none() {
        return;
    }
    let mount = |then: &str| mounted(then).unwrap();

    let said = mount("\"$0\" create logs --capacity 1M; code=$?; ls; exit $code").failed();
    says(
        &said,
        &["logs: could not write the file: No space left on device"],
    );

    // There is room for the file's name, but not for what describes its logs.
    let fill = "head -c 256K /dev/zero > other";
    let create = "\"$0\" create logs --capacity 1M --sparse; code=$?; rm other; ls; exit $code";
    let said = mount(&format!("{fill}; {create}")).failed();
    says(&said, &["logs: write failed: No space left on device"]);

    let append = "\"$0\" create logs --capacity 1M --sparse; \"$0\" append logs --data before;
        head -c 500K /dev/zero | \"$0\" append logs; code=$?; \"$0\" check logs >&2 || exit 9;
        test $(\"$0\" read logs) = before; test $code = 1";
    let run = mount(append);
    assert_eq!((run.code, run.text()), (0, "0\n"), "{run:?}");
    says(
        &run.err,
        &[
            "logs: log 0: write failed: No space left on device",
            "nothing was appended",
        ],
    );

    let inspect = "\"$0\" create logs --capacity 4K; \"$0\" inspect logs --svg a.svg >&2; cp a.svg b.svg;
        head -c 256K /dev/zero > other 2>&-; \"$0\" inspect logs --svg a.svg; test $? = 1 && cmp a.svg b.svg && ls -A";
    let run = mount(inspect);
    assert_eq!(
        (run.code, run.text()),
        (0, "a.svg\nb.svg\nlogs\nother\n"),
        "{run:?}"
    );
    says(
        &run.err,
        &["plog: a.svg: could not write the picture: No space left on device"],
    );
}
