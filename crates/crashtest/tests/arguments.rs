//! The program refuses what it cannot do, and says what it accepts.

use std::fs::OpenOptions;
use std::process::{Command, Output, Stdio};

fn crashtest(arguments: &[&str], out: Stdio) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_crashtest"));
    let output = program.args(arguments).stdin(Stdio::null()).stdout(out);
    let spawned = output.stderr(Stdio::piped()).spawn().unwrap();
    spawned.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_no_phase_is_refused() {
    for name in ["nothing", "", "Explorer"] {
        let output = crashtest(&["--only", name, "--minutes", "0"], Stdio::piped());
        assert_eq!(output.status.code(), Some(2), "{name}");
        let said = said(&output);
        for phase in ["mutants", "corruption", "io-failures", "kills", "explorer"] {
            assert!(said.contains(phase), "{name}: {said}");
        }
    }
}

#[test]
fn what_is_no_time_is_refused() {
    for minutes in [
        "nan", "inf", "-inf", "1e300", "-1", "-0.5", "1000001", "x", "",
    ] {
        let arguments = ["--only", "explorer", "--minutes", minutes];
        let output = crashtest(&arguments, Stdio::piped());
        assert_eq!(output.status.code(), Some(2), "{minutes}");
        let said = said(&output);
        assert!(said.contains("from 0 to 1000000"), "{minutes}: {said}");
    }
}

#[test]
fn the_totals_are_printed_with_the_keys_that_others_read() {
    let arguments = ["--only", "explorer", "--minutes", "0", "--json"];
    let output = crashtest(&arguments, Stdio::piped());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let totals: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in [
        "workloads",
        "images",
        "corruptions",
        "io_failures",
        "kills",
        "mutants_caught",
        "mutants",
        "violations",
    ] {
        assert!(totals[key].is_u64(), "{key}: {totals}");
    }
}

/// `/dev/full` refuses every write.
#[test]
fn it_is_an_error_that_the_totals_cannot_be_printed() {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let arguments = ["--only", "explorer", "--minutes", "0"];
    let output = crashtest(&arguments, Stdio::from(full));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("cannot be printed"));
}
