//! Where `plog inspect --svg` may draw, and what becomes of what is there.

use crate::common::{executable, fails, output, says, succeeds, Run, Scratch};
use std::fs::{self, Permissions};
use std::os::unix::fs::{symlink, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::process::Command;

/// A file with a log, and the picture of it.
fn logs_and_picture(scratch: &Scratch) -> (String, String) {
    let (file, out) = (scratch.logs("logs", 1, "4096"), scratch.file("right.svg"));
    succeeds(&["inspect", &file, "--svg", &out]);
    let picture = fs::read_to_string(&out).unwrap();
    assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n"));
    fs::remove_file(out).unwrap();
    (file, picture)
}

fn names(scratch: &Scratch) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(scratch.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_no_picture_stays_as_it_is() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "4096");
    let store = scratch.logs("other", 2, "4096");
    succeeds(&["append", &store, "--data", "precious"]);
    for (name, bytes) in [
        ("text", "Not <svg"),
        ("short", "<s"),
        ("zeros", "\0\0\0\0\0"),
    ] {
        fs::write(scratch.file(name), bytes).unwrap();
    }
    let link = scratch.file("link");
    symlink(&store, &link).unwrap();
    let before = names(&scratch);
    for out in ["other", "text", "short", "zeros", "link"] {
        let out = scratch.file(out);
        let bytes = fs::read(&out).unwrap();
        let said = fails(&["inspect", &file, "--svg", &out]);
        says(&said, &[&out, "this is not a picture", "a new file"]);
        assert_eq!(fs::read(&out).unwrap(), bytes);
    }
    assert_eq!(names(&scratch), before);
    assert_eq!(output(&["read", &store]), b"precious");
}

#[test]
fn pictures_and_empty_files_are_replaced() {
    let scratch = Scratch::new();
    let (file, picture) = logs_and_picture(&scratch);
    let (old, empty, link) = ("old.svg", "empty", "link");
    fs::write(scratch.file(old), format!("<svg>{}", "long ".repeat(9999))).unwrap();
    fs::write(scratch.file(empty), "").unwrap();
    fs::create_dir(scratch.file("folder")).unwrap();
    fs::write(scratch.file("folder/linked"), "<svg/>").unwrap();
    symlink("folder/linked", scratch.file(link)).unwrap();
    fs::set_permissions(scratch.file(old), Permissions::from_mode(0o640)).unwrap();
    for out in [old, empty, link] {
        succeeds(&["inspect", &file, "--svg", &scratch.file(out)]);
        assert_eq!(fs::read_to_string(scratch.file(out)).unwrap(), picture);
    }
    assert!(fs::symlink_metadata(scratch.file(link))
        .unwrap()
        .is_symlink());
    let mode = fs::metadata(scratch.file(old))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(
        names(&scratch),
        ["empty", "folder", "link", "logs", "old.svg"]
    );
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "4096");
    let (pipe, socket, dangling) = (
        scratch.file("pipe"),
        scratch.file("socket"),
        scratch.file("dangling"),
    );
    assert!(Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap()
        .success());
    let _listener = UnixListener::bind(&socket).unwrap();
    symlink("nowhere", &dangling).unwrap();
    for (out, fact) in [
        (
            scratch.path().to_str().unwrap(),
            "this is a directory, not a file",
        ),
        (&pipe, "this is a pipe, not a file"),
        (&socket, "this is a socket, not a file"),
        (&dangling, "this is a link to a file that does not exist"),
        (&format!("{file}/picture"), "Not a directory"),
    ] {
        let mut command = Command::new("timeout");
        command.arg("20").arg(executable());
        let run = Run::of(command.args(["inspect", &file, "--svg", out]));
        says(&run.failed(), &[out, fact]);
    }
}

#[test]
fn devices_take_what_they_can() {
    let scratch = Scratch::new();
    let (file, picture) = logs_and_picture(&scratch);
    says(
        &succeeds(&["inspect", &file, "--svg", "/dev/null"]),
        &["log 0"],
    );
    let said = fails(&["inspect", &file, "--svg", "/dev/full"]);
    says(
        &said,
        &[
            "/dev/full",
            "could not write the picture",
            "No space left on device",
        ],
    );
    assert_eq!(
        succeeds(&["inspect", &file, "--svg", "/dev/stdout"]),
        picture
    );
}

#[test]
fn standard_output_is_drawn_to_whatever_it_is() {
    let scratch = Scratch::new();
    let (file, picture) = logs_and_picture(&scratch);
    let script = "\"$0\" inspect \"$1\" --svg /dev/stdout >> \"$1.svg\" && \"$0\" inspect \"$1\" --svg \"$1.svg\" >> \"$1.svg\"";
    let run = Run::of(
        Command::new("sh")
            .args(["-c", script])
            .arg(executable())
            .arg(&file),
    );
    assert_eq!((run.code, run.text(), run.err.as_str()), (0, "", ""));
    let drawn = fs::read_to_string(format!("{file}.svg")).unwrap();
    assert_eq!(drawn, format!("{picture}{picture}"));
}
