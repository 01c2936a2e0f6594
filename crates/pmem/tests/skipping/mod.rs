//! Tests that cannot be done everywhere.
// No test program uses all of it.
#![allow(dead_code)]

use std::io::{self, Write};

/// Says that a test is not done, past the harness, which hides what is printed by a test that passes.
pub fn skip(why: &str) {
    let line = format!("SKIPPED: {why}\n");
    io::stderr().write_all(line.as_bytes()).unwrap();
}

/// The same where a tool is missing.
///
/// # Panics
/// It should be there: `CI` is `true`.
pub fn skip_without(tool: &str) {
    let why = format!("{tool} is not installed, or may not do its work");
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "{why}"
    );
    skip(&why);
}
