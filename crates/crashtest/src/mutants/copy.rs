//! Copies of the workspace in which mistakes are made.

use super::list::Edit;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::{self, File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

/// The crates that a copy is made of.
const CRATES: [&str; 4] = ["pmem", "multilog", "pmemlog", "crashtest"];

/// What is changed for each mutant is built without what debuggers need, which is the faster, and optimized a little, as
/// it is tried at length. The rest is built once.
const PROFILE: &str = "
[profile.dev]
debug = 0
opt-level = 1
[profile.dev.package.\"*\"]
opt-level = 0
";

/// The workspace's root.
pub fn original() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Waits until nobody else makes mistakes in the copies, for as long as the file is open.
pub fn lock() -> io::Result<File> {
    let folder = original().join("target/mutants");
    fs::create_dir_all(&folder)?;
    let file = File::create(folder.join("lock"))?;
    file.lock()?;
    Ok(file)
}

/// A copy of the workspace.
pub struct Copy {
    root: PathBuf,
}

impl Copy {
    /// Makes the copy of this name anew; what was built in it before is kept.
    pub fn make(name: impl Display) -> io::Result<Copy> {
        let original = original();
        let root = original.join(format!("target/mutants/{name}"));
        if root.join("crates").exists() {
            fs::remove_dir_all(root.join("crates"))?;
        }
        for name in CRATES {
            let folder = Path::new("crates").join(name);
            copy_folder(&original.join(&folder), &root.join(&folder), false)?;
        }
        for name in ["Cargo.lock", "rust-toolchain.toml"] {
            fs::copy(original.join(name), root.join(name))?;
        }
        let manifest = fs::read_to_string(original.join("Cargo.toml"))?;
        let lines = manifest
            .lines()
            .filter(|line| !line.starts_with("default-members"));
        let manifest: Vec<&str> = lines.chain([PROFILE]).collect();
        fs::write(root.join("Cargo.toml"), manifest.join("\n"))?;
        Ok(Copy { root })
    }

    fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// Takes over the dependencies that were built in another copy, if nothing was built in this one.
    pub fn take_dependencies_of(&self, other: &Copy) -> io::Result<()> {
        if self.target().exists() {
            return Ok(());
        }
        for folder in [".fingerprint", "build", "deps"] {
            let folder = Path::new("debug").join(folder);
            let (from, to) = (other.target().join(&folder), self.target().join(&folder));
            copy_folder(&from, &to, true)?;
        }
        Ok(())
    }

    /// Builds the copy as it is now.
    pub fn build(&self) -> Result<(), String> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "-p", "crashtest", "--bin", "crashtest"]);
        cargo
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.target());
        let output = cargo.stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("cargo: {error}"))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(format!("it cannot be built: {}", said(&output))),
        }
    }

    /// Verifies these modules of a package of the copy as it is now; all of the package, if none is named.
    pub fn verify(&self, package: &str, modules: &[String]) -> io::Result<Output> {
        // What the verifier is told behind `--` is not among the things by which cargo sees that there is work to do.
        let source = self.root.join(format!("crates/{package}/src/lib.rs"));
        let now = FileTimes::new().set_modified(SystemTime::now());
        File::options().write(true).open(source)?.set_times(now)?;
        let mut cargo = Command::new("cargo");
        cargo.args(["verus", "focus", "-p", package, "--"]);
        for module in modules {
            cargo.args(["--verify-only-module", module]);
        }
        // The folder that `.ci/run` verifies in: the standard library's proofs are there.
        cargo
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", original().join("target/verus"))
            .stdin(Stdio::null())
            .output()
    }

    /// Runs one phase of what was built, for some minutes at most.
    pub fn run(&self, phase: &str, minutes: &str) -> io::Result<Output> {
        Command::new(self.target().join("debug/crashtest"))
            .args(["--only", phase, "--minutes", minutes])
            // Panics are caught and reported. Where they came from takes long to find out.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .output()
    }

    /// Makes a mistake while `work` is done.
    pub fn with<'a, T>(
        &self,
        edits: impl IntoIterator<Item = &'a Edit<'a>>,
        work: impl FnOnce() -> Result<T, String>,
    ) -> Result<T, String> {
        let files = changed(edits)?;
        let write = |path: &str, text: &str| {
            let written = fs::write(self.root.join(path), text);
            written.map_err(|error| format!("{path}: {error}"))
        };
        for (path, [_, text]) in &files {
            write(path, text)?;
        }
        let done = work();
        for (path, [text, _]) in &files {
            write(path, text)?;
        }
        done
    }
}

/// The files that are edited, without and with the edits.
pub fn changed<'a>(
    edits: impl IntoIterator<Item = &'a Edit<'a>>,
) -> Result<BTreeMap<&'a str, [String; 2]>, String> {
    let mut files = BTreeMap::new();
    for &Edit {
        file,
        text,
        instead,
    } in edits
    {
        if !files.contains_key(file) {
            let read = fs::read_to_string(original().join(file));
            let read = read.map_err(|error| format!("{file}: {error}"))?;
            files.insert(file, [read.clone(), read]);
        }
        let Some([unchanged, changed]) = files.get_mut(file) else {
            continue;
        };
        if unchanged.matches(text).count() != 1 || changed.matches(text).count() != 1 {
            return Err(format!("{file}: this is not there just once: {text}"));
        }
        *changed = changed.replace(text, instead);
    }
    Ok(files)
}

/// The end of what a process said.
pub fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let end: Vec<&str> = text.lines().rev().take(12).collect();
    end.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// Copies a folder, and the times of its files if they are to be `alike`: cargo goes by them.
fn copy_folder(from: &Path, to: &Path, alike: bool) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to, alike)?;
            continue;
        }
        fs::copy(entry.path(), &to)?;
        if alike {
            let modified = entry.metadata()?.modified()?;
            let times = FileTimes::new().set_modified(modified);
            File::options().write(true).open(&to)?.set_times(times)?;
        }
    }
    Ok(())
}
