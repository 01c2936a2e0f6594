//! Commands that are not understood. The exit code is 1: 2 is for what `plog check` finds.

use crate::common::{plog, says, succeeds, Run};

#[test]
fn usage_errors_have_exit_code_1() {
    for args in [
        [].as_slice(),
        &["frobnicate"],
        &["create", "x"],
        &["create", "--capacity", "1"],
        &["check"],
        &["check", "x", "y"],
        &["inspect"],
        &["inspect", "x", "--svg"],
        &["inspect", "x", "--log", "-1"],
        &["info", "x", "--wrong"],
        &["read", "x", "--from", "-1"],
        &["read", "x", "--log", "first"],
        &["truncate", "x"],
        &["append", "x", "--data"],
    ] {
        let run = Run::of(&mut plog(args));
        assert_eq!((run.code, run.text()), (1, ""), "{args:?}");
        says(&run.err, &["--help"]);
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let help = succeeds(&["--help"]);
    for command in [
        "create",
        "append",
        "read",
        "info",
        "check",
        "inspect",
        "advance-head",
        "truncate",
        "demo",
    ] {
        says(&help, &[command]);
        says(&succeeds(&[command, "--help"]), &["Usage"]);
    }
    assert!(!help.contains("demo-writer"), "{help}");
    says(
        &succeeds(&["--version"]),
        &["plog", env!("CARGO_PKG_VERSION")],
    );
}
