//! Whether the explorer and the corruption phase find mistakes: a copy of the workspace is built with each of a list of
//! mistakes in the production code, and the phases must notice.
//!
//! Needs cargo and the workspace's source.

mod list;

use crate::totals::{Budget, Totals, Violation};
use list::{Mutant, MUTANTS};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a phase has at most for each mutant, in minutes. Most are found in less than a second.
const MINUTES: &str = "1";

/// What it has for the code as it is, in minutes.
const MINUTES_WITHOUT: &str = "0.1";

/// The crates that a copy is made of.
const CRATES: [&str; 4] = ["pmem", "multilog", "pmemlog", "crashtest"];

/// Tries every mutant, and the code as it is, in which the explorer must find nothing.
pub fn run(_budget: &Budget, totals: &mut Totals) {
    let copy = match Copy::make() {
        Ok(copy) => copy,
        Err(error) => return missed(totals, "the workspace cannot be copied", &error.to_string()),
    };
    match copy.phase("explorer", MINUTES_WITHOUT) {
        Ok(output) if output.status.success() => {}
        Ok(output) => missed(
            totals,
            "something was found without a mutant",
            &said(&output),
        ),
        Err(error) => missed(totals, "the copy cannot be built", &error.to_string()),
    }
    for mutant in MUTANTS {
        totals.mutants += 1;
        match copy.with(mutant) {
            Ok(found) => {
                totals.mutants_caught += 1;
                eprintln!("caught: {}: {found}", mutant.name);
            }
            Err(why) => missed(totals, &format!("a mutant survived: {}", mutant.name), &why),
        }
    }
}

fn missed(totals: &mut Totals, what: &str, how: &str) {
    let (what, how) = (what.to_string(), how.to_string());
    totals.violations.push(Violation { what, how });
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let end: Vec<&str> = text.lines().rev().take(12).collect();
    end.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// A copy of the workspace.
struct Copy {
    root: PathBuf,
    original: PathBuf,
}

impl Copy {
    fn make() -> io::Result<Copy> {
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = original.join("target/mutants");
        if root.join("crates").exists() {
            fs::remove_dir_all(root.join("crates"))?;
        }
        for name in CRATES {
            let folder = Path::new("crates").join(name);
            copy_folder(&original.join(&folder), &root.join(&folder))?;
        }
        for name in ["Cargo.lock", "rust-toolchain.toml"] {
            fs::copy(original.join(name), root.join(name))?;
        }
        let manifest = fs::read_to_string(original.join("Cargo.toml"))?;
        let lines = manifest
            .lines()
            .filter(|line| !line.starts_with("default-members"));
        fs::write(
            root.join("Cargo.toml"),
            lines.collect::<Vec<_>>().join("\n"),
        )?;
        Ok(Copy { root, original })
    }

    /// Builds the copy and runs one phase of it.
    fn phase(&self, phase: &str, minutes: &str) -> io::Result<Output> {
        let mut cargo = Command::new("cargo");
        cargo.args([
            "run",
            "--quiet",
            "-p",
            "crashtest",
            "--bin",
            "crashtest",
            "--",
        ]);
        cargo.args(["--only", phase, "--minutes", minutes]);
        cargo
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.root.join("target"));
        cargo.stdin(Stdio::null()).output()
    }

    /// Makes a mistake, and says what was found then.
    fn with(&self, mutant: &Mutant) -> Result<String, String> {
        let text =
            fs::read_to_string(self.original.join(mutant.file)).map_err(|e| e.to_string())?;
        if text.matches(mutant.text).count() != 1 {
            return Err(format!("{}: not there once: {}", mutant.file, mutant.text));
        }
        let write = |text: &str| fs::write(self.root.join(mutant.file), text);
        let output = write(&text.replace(mutant.text, mutant.instead))
            .and_then(|()| self.phase(mutant.phase, MINUTES));
        let restored = write(&text);
        let output = output.and_then(|output| restored.map(|()| output));
        let output = output.map_err(|error| error.to_string())?;
        let errors = String::from_utf8_lossy(&output.stderr);
        let found = errors
            .lines()
            .skip_while(|line| !line.contains("VIOLATION") && !line.contains("panicked"));
        let found: Vec<&str> = found.take(2).map(str::trim).collect();
        match found.is_empty() || output.status.success() {
            true => Err(said(&output)),
            false => Ok(found.join(" ").chars().take(600).collect()),
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
