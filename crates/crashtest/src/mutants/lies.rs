//! The lies that the verifier must reject, as they stand in the folder `lies`.
//!
//! A file of it is a list. `# package module ..` says what is verified from there on, without a module all of the package. `## name`
//! begins a lie, and the line behind it names the file. Then follow lines of it, as in a diff: those with `-` go, those with `+`
//! come in their place, those with a space stay.

use super::list::Edit;

const LISTS: [&str; 4] = [
    include_str!("../../lies/constructors.txt"),
    include_str!("../../lies/operations.txt"),
    include_str!("../../lies/devices.txt"),
    include_str!("../../lies/journal.txt"),
];

/// A lie, and where the verifier must notice.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Lie {
    pub name: String,
    pub package: String,
    /// The modules of which one has a proof that breaks; none for all of the package.
    pub modules: Vec<String>,
    file: String,
    text: String,
    instead: String,
}

impl Lie {
    /// What it changes.
    pub fn edit(&self) -> Edit<'_> {
        Edit {
            file: &self.file,
            text: &self.text,
            instead: &self.instead,
        }
    }
}

/// All lies.
pub fn lies() -> Vec<Lie> {
    LISTS.into_iter().flat_map(parse).collect()
}

fn parse(list: &str) -> Vec<Lie> {
    let mut lies: Vec<Lie> = Vec::new();
    let (mut package, mut modules) = (String::new(), Vec::new());
    for line in list.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            lies.push(Lie {
                name: name.to_string(),
                package: package.clone(),
                modules: modules.clone(),
                ..Lie::default()
            });
        } else if let Some(part) = line.strip_prefix("# ") {
            let mut words = part.split(' ').map(str::to_string);
            package = words.next().unwrap_or_default();
            modules = words.collect();
        } else if let Some(lie) = lies.last_mut() {
            read(line, lie);
        }
    }
    lies
}

fn read(line: &str, lie: &mut Lie) {
    let is_line = |kinds: [char; 2]| line.strip_prefix(kinds);
    if lie.file.is_empty() {
        lie.file = line.to_string();
        return;
    }
    for (kinds, text) in [([' ', '-'], &mut lie.text), ([' ', '+'], &mut lie.instead)] {
        if let Some(kept) = is_line(kinds) {
            text.push_str(kept);
            text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{lies, parse, Lie};

    #[test]
    fn a_list_says_what_changes() {
        let list = "# pmem\n# pmemlog log\n## it does nothing\na.rs\n fn f() {\n-    g()\n+    h()\n }\n\n## other\nb.rs\n-x\n";
        let lie = |name: &str, file: &str, text: &str, instead: &str| Lie {
            name: name.to_string(),
            package: "pmemlog".to_string(),
            modules: vec!["log".to_string()],
            file: file.to_string(),
            text: text.to_string(),
            instead: instead.to_string(),
        };
        let first = lie(
            "it does nothing",
            "a.rs",
            "fn f() {\n    g()\n}\n",
            "fn f() {\n    h()\n}\n",
        );
        assert_eq!(parse(list), [first, lie("other", "b.rs", "x\n", "")]);
    }

    #[test]
    fn there_are_lies_and_each_changes_something() {
        let lies = lies();
        assert!(lies.len() >= 30, "{}", lies.len());
        for lie in lies {
            assert!(!lie.package.is_empty() && !lie.text.is_empty(), "{lie:?}");
            assert_ne!(lie.text, lie.instead, "{lie:?}");
        }
    }
}
