//! What trusted files mention of the code that is not trusted.
//!
//! A contract is as good as the functions that it is made of. So each of them is in `src/trusted/`, or a table says why it
//! need not be believed.

use super::items::{module_of, specifications};
use super::source::{reads, tokens, Token};

/// An item that is not trusted, and the line that mentions it.
#[derive(Debug, PartialEq, Eq)]
pub struct Mention {
    /// The path: `multilog::layout::recover`.
    pub name: String,
    pub line: usize,
}

/// The items of `crates` outside `trusted` that a file imports, or names by a path.
pub fn imported(path: &str, text: &str, crates: &[&str]) -> Vec<Mention> {
    let tokens = tokens(text);
    let module = module_of(path);
    let module: Vec<&str> = module.split("::").collect();
    let mut mentions = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let Some(base) = base(&tokens, at, &module, crates) else {
            at += 1;
            continue;
        };
        let mut names = Vec::new();
        let line = tokens[at].line;
        at = collect(&tokens, at + 2, &base, &mut names);
        for name in names {
            if name.get(1).is_none_or(|folder| folder != "trusted") {
                let name = name.join("::");
                mentions.push(Mention { name, line });
            }
        }
    }
    mentions
}

/// The path that one begins with here, if it leads into one of `crates`.
fn base(tokens: &[Token], at: usize, module: &[&str], crates: &[&str]) -> Option<Vec<String>> {
    let continues = at > 0 && tokens[at - 1].text == "::";
    if continues || !reads(tokens, at + 1, &["::"]) {
        return None;
    }
    let base = match tokens[at].text.as_str() {
        "crate" => &module[..1],
        "self" => module,
        "super" => &module[..module.len() - 1],
        name if crates.contains(&name) => return Some(vec![name.to_string()]),
        _ => return None,
    };
    Some(base.iter().map(ToString::to_string).collect())
}

/// Adds what `base::` is followed by at `at`: a path, or a group of them. Returns where it ends.
fn collect(tokens: &[Token], at: usize, base: &[String], names: &mut Vec<Vec<String>>) -> usize {
    let Some(token) = tokens.get(at) else {
        return at;
    };
    if token.text == "{" {
        let mut at = at + 1;
        while at < tokens.len() && tokens[at].text != "}" {
            at = if tokens[at].text == "," {
                at + 1
            } else {
                collect(tokens, at, base, names)
            };
        }
        return at + 1;
    }
    let mut path = base.to_vec();
    if token.text == "super" {
        path.pop();
    } else if token.text != "self" {
        path.push(token.text.clone());
    }
    if reads(tokens, at + 1, &["::"]) && !reads(tokens, at + 2, &["<"]) {
        return collect(tokens, at + 2, &path, names);
    }
    names.push(path);
    if reads(tokens, at + 1, &["as"]) {
        at + 3
    } else {
        at + 1
    }
}

/// A call of a specification method in a trusted file.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    /// The method's name, without a path.
    pub name: String,
    /// `path:line`.
    pub place: String,
    /// The methods of that name.
    pub may_be: Vec<String>,
}

/// The specification methods that trusted files call although only others define one of that name. `files` are paths and
/// texts.
pub fn calls(files: &[(&str, &str)]) -> Vec<Call> {
    let (trusted, others): (Vec<_>, Vec<_>) = files
        .iter()
        .copied()
        .partition(|(path, _)| is_trusted(path));
    let mut methods = Vec::new();
    for (path, text) in others {
        let items = specifications(&module_of(path), &tokens(text));
        methods.extend(items.into_iter().map(|item| item.name));
    }
    methods.retain(|name| is_method(name));
    let trusted: Vec<_> = trusted
        .into_iter()
        .map(|(path, text)| (path, tokens(text)))
        .collect();
    let defined = |name: &str| {
        let mut tokens = trusted.iter().flat_map(|(_, tokens)| tokens.windows(2));
        tokens.any(|pair| pair[0].text == "fn" && pair[1].text == name)
    };
    let mut calls = Vec::new();
    for (path, tokens) in &trusted {
        for called in tokens.windows(3) {
            let Token { text: name, line } = &called[1];
            if called[0].text != "." || called[2].text != "(" || defined(name) {
                continue;
            }
            let ending = format!("::{name}");
            let may_be: Vec<String> = methods
                .iter()
                .filter(|method| method.ends_with(&ending))
                .cloned()
                .collect();
            if !may_be.is_empty() {
                calls.push(Call {
                    name: name.clone(),
                    place: format!("{path}:{line}"),
                    may_be,
                });
            }
        }
    }
    calls
}

/// Whether a file defines nothing that a contract could be made of but types.
pub fn defines_types_only(text: &str) -> bool {
    !tokens(text)
        .iter()
        .any(|token| matches!(token.text.as_str(), "spec" | "const" | "macro_rules"))
}

fn is_trusted(path: &str) -> bool {
    path.contains("/src/trusted/")
}

/// Whether what a function's path has before its name is a type.
fn is_method(name: &str) -> bool {
    let mut segments = name.rsplit("::").skip(1);
    segments
        .next()
        .is_some_and(|kind| kind.starts_with(char::is_uppercase))
}

#[cfg(test)]
mod tests {
    use super::{calls, defines_types_only, imported, Call};

    const PATH: &str = "crates/multilog/src/trusted/a.rs";

    fn names(text: &str) -> Vec<String> {
        let mentions = imported(PATH, text, &["pmem", "multilog"]);
        mentions.into_iter().map(|mention| mention.name).collect()
    }

    #[test]
    fn imports_are_found_each_by_its_path() {
        for (text, expected) in [
            (
                "use crate::layout::recover;",
                &["multilog::layout::recover"] as &[_],
            ),
            ("pub use pmem::ring::Ring as R;", &["pmem::ring::Ring"]),
            (
                "use pmem::{a::{b, c::d}, e};",
                &["pmem::a::b", "pmem::a::c::d", "pmem::e"],
            ),
            ("use super::super::layout::*;", &["multilog::layout::*"]),
            (
                "use crate::a::{self, b};",
                &["multilog::a", "multilog::a::b"],
            ),
            ("fn f() -> bool { crate::a::g(1) }", &["multilog::a::g"]),
            ("fn f() -> bool { pmem::a::G::<u8>::h() }", &["pmem::a::G"]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_trusted_or_elsewhere_is_not_found() {
        for text in [
            "use crate::trusted::state::*;",
            "use pmem::trusted::{bytes::u64_at, region::*};",
            "use super::state::State;",
            "use vstd::prelude::*;",
            "pub(crate) fn f(crates: u64) {}",
            "// use crate::a::b;",
            "use std::pmem::a;",
        ] {
            assert_eq!(names(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn an_import_knows_its_line() {
        let mentions = imported(PATH, "\nuse crate::{\n    a,\n};", &[]);
        assert_eq!(mentions.len(), 1);
        assert_eq!(mentions[0].line, 2);
    }

    const OTHER: &str = "impl Ring { pub open spec fn damaged_at(self) -> bool; spec fn addr(self); fn run(&self); }";

    fn called(text: &str) -> Vec<Call> {
        calls(&[
            ("crates/pmem/src/ring.rs", OTHER),
            (
                "crates/pmem/src/free.rs",
                "spec fn split_at(addr: int) -> bool;",
            ),
            (PATH, text),
        ])
    }

    #[test]
    fn methods_that_only_others_define_are_found() {
        let found = called("fn f(r: Ring) {\n r.damaged_at(1) }");
        let expected = Call {
            name: "damaged_at".to_string(),
            place: format!("{PATH}:2"),
            may_be: vec!["pmem::ring::Ring::damaged_at".to_string()],
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn what_is_defined_among_trusted_files_or_is_no_specification_is_no_such_method() {
        for text in [
            "impl Ring { spec fn addr(self); } fn f(r: Ring) { r.addr() }",
            "fn f(r: Ring) { r.run() }",
            "fn f(r: &[u8]) { r.split_at(1) }",
            "fn f(r: Ring) { r.start + r.damaged_at }",
        ] {
            assert_eq!(called(text), [], "{text}");
        }
    }

    #[test]
    fn modules_of_types_define_no_more() {
        assert!(defines_types_only(
            "/// spec\npub enum E { A } impl E { fn f() {} }"
        ));
        assert!(!defines_types_only(
            "pub enum E { A } impl E { spec fn f() {} }"
        ));
        assert!(!defines_types_only("pub const N: u64 = 1;"));
    }
}
