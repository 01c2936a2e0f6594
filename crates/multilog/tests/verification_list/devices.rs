//! Who may write to a device, and who may reach into logs.
//!
//! In the crates above `pmem`, only the gate has a device that is not guarded. Elsewhere a write or flush names what it is
//! of, `Guarded::write(..)`: a lexer cannot know the type of `region` in `region.write(..)`.

use super::source::{reads, Token};

const ABOVE: [&str; 2] = ["crates/multilog/src/", "crates/pmemlog/src/"];

/// Fields that hold logs together, for verified code only: exchanged between two collections they would break what the
/// methods rely on.
const FIELDS: [(&str, &[&str]); 2] = [
    (ABOVE[0], &["core", "region", "ghost_view"]),
    (ABOVE[1], &["logs"]),
];

/// The types of which these are the fields.
const TYPES: [&str; 2] = ["MultiLog", "PmemLog"];

/// What is wrong at `at`.
pub fn violation(path: &str, tokens: &[Token], at: usize) -> Option<String> {
    if path.contains("/src/trusted/") || !ABOVE.iter().any(|above| path.starts_with(above)) {
        return None;
    }
    if let Some(what) = bare(tokens, at) {
        return Some(format!(
            "`{what}` may be of a device that is not guarded: write `Guarded::{what}`"
        ));
    }
    let what = reaching(path, tokens, at).filter(|_| !is_verified(tokens, at))?;
    Some(format!("`{what}` is for verified code"))
}

/// The write or flush here, if it may be of a device that is not guarded.
fn bare(tokens: &[Token], at: usize) -> Option<&str> {
    let word = tokens[at].text.as_str();
    if reads(tokens, at, &["as", "Guarded"]) {
        return Some("as Guarded");
    }
    if at == 0 || !matches!(word, "write" | "flush") {
        return None;
    }
    let allowed = match tokens[at - 1].text.as_str() {
        // A lock's has no arguments, a device's has two.
        "." => reads(tokens, at, &["write", "(", ")"]),
        "::" => is_of_guarded(tokens, at) || is_module(tokens, at),
        _ => true,
    };
    (!allowed).then_some(word)
}

fn is_of_guarded(tokens: &[Token], at: usize) -> bool {
    at >= 2 && tokens[at - 2].text == "Guarded"
}

/// Whether a path goes on here, other than by a function's types.
fn is_module(tokens: &[Token], at: usize) -> bool {
    reads(tokens, at + 1, &["::"]) && !reads(tokens, at + 1, &["::", "<"])
}

/// What reaches into logs here.
fn reaching(path: &str, tokens: &[Token], at: usize) -> Option<String> {
    let word = tokens[at].text.as_str();
    let field = FIELDS
        .iter()
        .any(|(above, fields)| path.starts_with(above) && fields.contains(&word));
    if field && is_member(tokens, at) && !reads(tokens, at + 1, &["("]) {
        return Some(format!(".{word}"));
    }
    let whole = TYPES.contains(&word) && reads(tokens, behind_types(tokens, at + 1), &["{"]);
    let itself = word == "Self" && reads(tokens, at + 1, &["{"]) && !returned(tokens, at);
    (whole || itself).then(|| format!("{word} {{"))
}

/// Whether a dot stands before, and not the two of a range.
fn is_member(tokens: &[Token], at: usize) -> bool {
    let dots = tokens[..at].iter().rev().take_while(|t| t.text == ".");
    dots.count() == 1
}

/// Where the types end that `::<` gives at `at`, if it does.
fn behind_types(tokens: &[Token], at: usize) -> usize {
    if !reads(tokens, at, &["::", "<"]) {
        return at;
    }
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(at + 1) {
        match token.text.as_str() {
            "<" => depth += 1,
            ">" if depth == 1 => return i + 1,
            ">" => depth -= 1,
            _ => (),
        }
    }
    tokens.len()
}

/// Whether a function returns this type; the brace behind it begins its body.
fn returned(tokens: &[Token], at: usize) -> bool {
    at > 0 && tokens[at - 1].text == "->"
}

/// Whether this is within `verus! { .. }`.
fn is_verified(tokens: &[Token], at: usize) -> bool {
    let begins = |&i: &usize| reads(tokens, i, &["verus", "!", "{"]);
    let Some(begin) = (0..at).rev().find(begins) else {
        return false;
    };
    let mut depth = 0;
    tokens[begin + 2..at].iter().all(|token| {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => (),
        }
        depth > 0
    })
}

#[cfg(test)]
mod tests {
    use super::super::source::tokens;
    use super::violation;

    const CORE: &str = "crates/multilog/src/core/a.rs";
    const SINGLE: &str = "crates/pmemlog/src/log.rs";
    const GATE: &str = "crates/multilog/src/trusted/gate.rs";
    const BELOW: &str = "crates/pmem/src/concat/mod.rs";

    fn count(path: &str, text: &str) -> usize {
        let tokens = tokens(text);
        let found = (0..tokens.len()).filter_map(|at| violation(path, &tokens, at));
        found.count()
    }

    #[test]
    fn devices_are_written_by_the_gate() {
        for text in [
            "region.write(0, &zero);",
            "region.flush();",
            "let r = region\n    .flush()?;",
            "Region::write(&mut region, 0, &zero);",
            "R::flush(&mut region);",
            "<R as Region>::write(&mut region, 0, &zero);",
            "let write = R::write;",
            "use pmem::Region as Guarded;",
            "verus! { fn f() { region.write::<P>(0, b, Tracked(p)); } }",
        ] {
            for path in [CORE, SINGLE] {
                assert_eq!(count(path, text), 1, "{text}");
            }
            for path in [GATE, BELOW] {
                assert_eq!(count(path, text), 0, "{text}");
            }
        }
    }

    #[test]
    fn other_writes_are_free() {
        for text in [
            "Guarded::write(region, 0, &zero, Tracked(permission))?;",
            "Guarded::flush(region)",
            "let mut committer = inner.committer.write().unwrap();",
            "write!(f, \"{x}\"); f.write_str(s);",
            "fn write(a: u64) {}",
            "mod write; use super::write::lemma;",
            "// region.flush()",
        ] {
            assert_eq!(count(CORE, text), 0, "{text}");
        }
    }

    #[test]
    fn logs_are_not_reached_into_by_code_that_is_not_verified() {
        for text in [
            "swap(&mut a.core, &mut core);",
            "let region = &mut logs.region;",
            "logs.ghost_view = other;",
            "let MultiLog { region, .. } = logs;",
            "MultiLog::<R> { core, ..logs }",
            "impl<R: Region> MultiLog<R> { fn f() -> Self { Self { core } } }",
        ] {
            assert_eq!(count(CORE, text), 1, "{text}");
            assert_eq!(count(CORE, &format!("verus! {{ }} {text}")), 1, "{text}");
            assert_eq!(count(CORE, &format!("verus! {{ {text} }}")), 0, "{text}");
            assert_eq!(count(GATE, text), 0, "{text}");
        }
        assert_eq!(count(SINGLE, "swap(&mut a.logs, &mut logs);"), 1);
        assert_eq!(count(SINGLE, "PmemLog { logs }"), 1);
    }

    #[test]
    fn what_only_looks_like_reaching_is_free() {
        for text in [
            "logs.region().reader(); crate::core::f(); 0..region.len()",
            "impl<R: Region> MultiLog<R> { fn f() -> Self { g() } }",
            "self.logs.len()",
        ] {
            assert_eq!(count(CORE, text), 0, "{text}");
        }
        assert_eq!(count(SINGLE, "log.core; log.region;"), 0);
    }
}
