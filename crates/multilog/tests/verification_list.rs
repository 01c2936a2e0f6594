//! `docs/verification.md` lists all that is trusted, and nothing outside `src/trusted/` asks to be.
//!
//! This reads the source of the verified crates, as far as it takes to find what is trusted. It is no defence against
//! somebody who means to hide something; it keeps the list true as the code changes.

#[path = "verification_list/devices.rs"]
mod devices;
#[path = "verification_list/document.rs"]
mod document;
#[path = "verification_list/items.rs"]
mod items;
#[path = "verification_list/mentions.rs"]
mod mentions;
#[path = "verification_list/rules.rs"]
mod rules;
#[path = "verification_list/source.rs"]
mod source;

use items::{Item, Kind};
use mentions::Mention;
use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENT: &str = "docs/verification.md";
const MENTIONED: &str = "## What the contracts mention and need not be believed";
const CRATES: [&str; 3] = ["pmem", "multilog", "pmemlog"];

/// A thousand for the model, the contracts and the file, a third of that for mapped persistent memory, a quarter for what
/// records are, and forty for the processor's multiplication, which take the place of a crate that computed CRCs. So that
/// no lie fits the contracts: a hundred and thirty for what becomes of a region that is created, opened and closed, as many for
/// the functions that the contracts are made of, and a hundred and thirty for what `check` has read, how commits are
/// numbered and random ids. Twenty refuse what a limit to a file's length would cut. For commits with one flush: a hundred and sixty for
/// durable writes, and twenty-five for what a torn record may be.
const MAX_LINES: usize = 2410;
const MAX_EXTERNAL_BODIES: usize = 30;
const MAX_AXIOMS: usize = 0;

struct File {
    /// From the workspace's root on.
    path: String,
    text: String,
}

impl File {
    fn is_trusted(&self) -> bool {
        self.path.contains("/src/trusted/")
    }

    fn items(&self) -> Vec<Item> {
        items::trusted_items(&items::module_of(&self.path), &source::tokens(&self.text))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files() -> Vec<File> {
    let mut files = Vec::new();
    for name in CRATES {
        collect(&format!("crates/{name}/src"), &mut files);
    }
    assert!(files.iter().any(File::is_trusted), "found no trusted file");
    files
}

fn collect(folder: &str, files: &mut Vec<File>) {
    let mut names: Vec<String> = fs::read_dir(root().join(folder))
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in names {
        let path = format!("{folder}/{name}");
        if root().join(&path).is_dir() {
            collect(&path, files);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(root().join(&path)).unwrap();
            files.push(File { path, text });
        }
    }
}

fn document() -> String {
    fs::read_to_string(root().join(DOCUMENT)).unwrap_or_else(|error| panic!("{DOCUMENT}: {error}"))
}

#[track_caller]
fn assert_none(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn only_trusted_code_asks_for_trust() {
    let violations = files()
        .iter()
        .flat_map(|file| rules::violations(&file.path, &file.text))
        .collect();
    assert_none(violations);
}

#[test]
fn every_trusted_item_is_listed() {
    let mut code = Vec::new();
    for file in files() {
        for Item { name, line, .. } in file.items() {
            code.push((name, format!("{}:{line}", file.path)));
        }
    }
    let listed = document::rows(&document(), "## Trusted items");
    assert_none(document::differences(DOCUMENT, &listed, &code));
}

#[test]
fn every_trusted_file_is_listed() {
    let trusted = files().into_iter().filter(File::is_trusted);
    let code: Vec<_> = trusted.map(|file| (file.path.clone(), file.path)).collect();
    let listed = document::rows(&document(), "## Trusted files");
    assert_none(document::differences(DOCUMENT, &listed, &code));
}

#[test]
fn what_contracts_are_made_of_is_trusted_or_has_a_reason() {
    let files = files();
    let listed = document::rows(&document(), MENTIONED);
    let is_listed = |name: &str| listed.iter().any(|row| row.name == name);
    let mut problems = Vec::new();
    let mut code = Vec::new();
    for file in files.iter().filter(|file| file.is_trusted()) {
        for Mention { name, line } in mentions::imported(&file.path, &file.text, &CRATES) {
            let covered = parent(&name).filter(|parent| is_listed(parent));
            let name = covered.map_or(name.clone(), ToString::to_string);
            code.push((name, format!("{}:{line}", file.path)));
        }
    }
    for mentions::Call {
        name,
        place,
        may_be,
    } in mentions::calls(&sources(&files))
    {
        let listed = |name: &&String| is_listed(name) || parent(name).is_some_and(is_listed);
        match may_be.iter().find(listed) {
            Some(name) if is_listed(name) => code.push((name.clone(), place)),
            Some(_) => (),
            None => problems.push(format!(
                "{place}: `.{name}()` is not trusted, and {DOCUMENT} lists none of {may_be:?}"
            )),
        }
    }
    problems.extend(document::differences(DOCUMENT, &listed, &code));
    assert_none(problems);
}

#[test]
fn a_module_that_is_listed_as_a_whole_defines_types_only() {
    let files = files();
    let mut problems = Vec::new();
    for row in document::rows(&document(), MENTIONED) {
        let file = files
            .iter()
            .find(|file| items::module_of(&file.path) == row.name);
        if file.is_some_and(|file| !mentions::defines_types_only(&file.text)) {
            problems.push(format!(
                "{DOCUMENT}:{}: `{}` has specifications or constants: name what is used of it",
                row.line, row.name
            ));
        }
    }
    assert_none(problems);
}

fn sources(files: &[File]) -> Vec<(&str, &str)> {
    let pairs = files
        .iter()
        .map(|file| (file.path.as_str(), file.text.as_str()));
    pairs.collect()
}

/// The module of an item, or the type of a method: what its path begins with.
fn parent(name: &str) -> Option<&str> {
    name.rsplit_once("::").map(|(parent, _)| parent)
}

#[test]
fn as_much_is_trusted_as_the_list_says_and_no_more_than_planned() {
    let files = files();
    let items: Vec<Item> = files.iter().flat_map(File::items).collect();
    let count = |kind| items.iter().filter(|item| item.kind == kind).count();
    let lines: usize = files
        .iter()
        .filter(|file| file.is_trusted())
        .map(|file| source::code_lines(&file.text))
        .sum();
    // A contract assumed for somebody else's function is a function whose body is not looked at.
    let bodies = count(Kind::ExternalBody) + count(Kind::AssumedSpecification);
    let axioms = count(Kind::Axiom);

    let mut problems = Vec::new();
    for (what, counted, max) in [
        ("trusted lines", lines, MAX_LINES),
        ("external_body", bodies, MAX_EXTERNAL_BODIES),
        ("axioms", axioms, MAX_AXIOMS),
    ] {
        if counted > max {
            problems.push(format!("{what}: {counted} are more than {max}"));
        }
    }
    let totals = format!("Lines: {lines}; external_body: {bodies}; axioms: {axioms}");
    if !document().lines().any(|line| line.trim_end() == totals) {
        problems.push(format!("{DOCUMENT} must have this line:\n{totals}"));
    }
    assert_none(problems);
}
