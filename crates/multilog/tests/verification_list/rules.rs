//! What code that need not be audited must not say.

use super::devices;
use super::items::is_assumed_size;
use super::source::{reads, tokens, Token};

/// The most that a query may take of the solver, in Verus's unit.
const MAX_RLIMIT: u64 = 30;

/// What is wrong with a file, as `path:line: what`.
pub fn violations(path: &str, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let trusted = path.contains("/src/trusted/");
    let mut violations = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let mut report = |what: String| violations.push(format!("{path}:{}: {what}", token.line));
        if let Some(limit) = rlimit(&tokens, at) {
            if limit.parse().map_or(true, |limit: u64| limit > MAX_RLIMIT) {
                report(format!(
                    "rlimit({limit}) is above {MAX_RLIMIT}: split the proof"
                ));
            }
        }
        if !trusted {
            if let Some(what) = trusting(&tokens, at) {
                report(format!("`{what}` outside src/trusted/"));
            }
            if let Some(what) = unwrapping(&tokens, at) {
                report(format!("`{what}` is for code in src/trusted/"));
            }
        }
        if let Some(what) = devices::violation(path, &tokens, at) {
            report(what);
        }
        if !path.starts_with("crates/multilog/src/trusted/")
            && is_call(&tokens, at, "Permission", "mint")
        {
            report(
                "`Permission::mint` is for the gate, in crates/multilog/src/trusted/".to_string(),
            );
        }
        if !path.starts_with("crates/multilog/src/trusted/")
            && is_call(&tokens, at, "Readings", "new")
        {
            report("`Readings::new` is for the gate, in crates/multilog/src/trusted/".to_string());
        }
        if reads(&tokens, at, &["Iterator", "for"]) && !iterates_by_one_call(&tokens[at..]) {
            report(
                "an iterator's `next` is to be a call of the verified `next_record`".to_string(),
            );
        }
    }
    violations
}

/// What here asks to be believed.
fn trusting(tokens: &[Token], at: usize) -> Option<String> {
    let word = tokens[at].text.as_str();
    let trusting = match word {
        "axiom" | "uninterp" | "unsafe" => true,
        "admit" => reads(tokens, at + 1, &["("]),
        "global" => is_assumed_size(tokens, at),
        // `external_body` and the other ways to keep something from the verifier; `assume_specification`.
        _ => ["assume", "external"]
            .into_iter()
            .any(|prefix| word == prefix || word.starts_with(&format!("{prefix}_"))),
    };
    trusting.then(|| word.to_string())
}

/// Whether the `next` of the iterator that begins here is one call of a verified function. `Iterator` has no precondition, so
/// the verifier takes no implementation that needs one.
fn iterates_by_one_call(tokens: &[Token]) -> bool {
    let end = tokens.iter().position(|token| token.text == "}");
    let body = end.and_then(|end| {
        let start = tokens[..end].iter().rposition(|token| token.text == "{")?;
        Some(&tokens[start + 1..end])
    });
    body.is_some_and(|body| {
        let call = ["self", ".", "next_record", "(", ")"];
        body.len() == call.len() && reads(body, 0, &call)
    })
}

/// The wrapping or unwrapping of a region here, which would get round the permissions.
fn unwrapping(tokens: &[Token], at: usize) -> Option<&'static str> {
    if is_call(tokens, at, "Guarded", "new") {
        return Some("Guarded::new");
    }
    let unwraps = at > 0 && matches!(tokens[at - 1].text.as_str(), "." | "::");
    (unwraps && tokens[at].text == "unguarded").then_some("unguarded")
}

/// Whether `kind::function` or `kind::<..>::function` stands here.
fn is_call(tokens: &[Token], at: usize, kind: &str, function: &str) -> bool {
    if !reads(tokens, at, &[kind, "::"]) {
        return false;
    }
    let mut at = at + 2;
    if reads(tokens, at, &["<"]) {
        let mut depth = 0;
        while at < tokens.len() {
            match tokens[at].text.as_str() {
                "<" => depth += 1,
                ">" => depth -= 1,
                _ => (),
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
        at += 1;
    }
    reads(tokens, at, &[function])
}

/// The limit that is set here.
fn rlimit(tokens: &[Token], at: usize) -> Option<&str> {
    let sets = reads(tokens, at, &["rlimit", "("]);
    sets.then(|| tokens.get(at + 2).map_or("", |limit| &limit.text))
}

#[cfg(test)]
mod tests {
    use super::violations;

    const TRUSTED: &str = "crates/pmem/src/trusted/a.rs";
    const GATE: &str = "crates/multilog/src/trusted/a.rs";
    const OTHER: &str = "crates/pmem/src/a.rs";

    fn count(path: &str, text: &str) -> usize {
        violations(path, text).len()
    }

    #[test]
    fn trust_has_its_folder() {
        for text in [
            "proof { assume(x > 1); }",
            "proof { assume (false) }",
            "proof { vstd::pervasive::admit(); }",
            "#[verifier::external_body] fn f() {}",
            "#[verifier(external)] fn f() {}",
            "#[verifier::external_trait_specification] trait T {}",
            "pub assume_specification[ f ]();",
            "let t = Tracked::assume_new();",
            "axiom fn a();",
            "uninterp spec fn u();",
            "unsafe { f() }",
            "global size_of usize == 8;",
        ] {
            assert_eq!(count(OTHER, text), 1, "{text}");
            assert_eq!(count(TRUSTED, text), 0, "{text}");
        }
    }

    #[test]
    fn words_that_only_look_like_it_are_free() {
        for text in [
            "axiom_seq_ext_equal(a, b);",
            "fn admit_move(assumed: u64) {}",
            "// assume(false)\nlet s = \"unsafe\";",
            "assert(x) by { lemma_external(); }",
            "let global = 1;",
        ] {
            assert_eq!(violations(OTHER, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn regions_are_wrapped_and_unwrapped_by_trusted_code() {
        for text in [
            "Guarded::new(region)",
            "Guarded::<R, Permission>::new(region)",
            "guarded.unguarded()",
            "Guarded::unguarded(guarded)",
        ] {
            assert_eq!(count(OTHER, text), 1, "{text}");
            assert_eq!(count(TRUSTED, text), 0, "{text}");
        }
        assert_eq!(
            count(OTHER, "Guarded::len(&g); Ring::new(); fn unguarded() {}"),
            0
        );
    }

    #[test]
    fn permissions_are_minted_by_the_gate() {
        assert_eq!(count(OTHER, "Permission::mint(true, s)"), 1);
        assert_eq!(count(TRUSTED, "Permission::mint(true, s)"), 1);
        assert_eq!(count(GATE, "Permission::mint(true, s)"), 0);
    }

    #[test]
    fn readings_are_made_by_the_gate() {
        assert_eq!(count(OTHER, "let mut r = Readings::new();"), 1);
        assert_eq!(count(TRUSTED, "let mut r = Readings::new();"), 1);
        assert_eq!(count(GATE, "let mut r = Readings::new();"), 0);
        assert_eq!(count(OTHER, "fn f(readings: &mut Readings) {}"), 0);
    }

    #[test]
    fn iterators_call_what_is_verified() {
        let iterator = |body: &str| {
            format!("impl Iterator for R {{ type Item = u8; fn next(&mut self) -> Option<u8> {{ {body} }} }}")
        };
        assert_eq!(count(OTHER, &iterator("self.next_record()")), 0);
        assert_eq!(count(OTHER, &iterator("self.next_record(); None")), 1);
        assert_eq!(
            count(
                OTHER,
                &iterator("if a { None } else { self.next_record() }")
            ),
            1
        );
        assert_eq!(count(OTHER, "impl FusedIterator for R {}"), 0);
    }

    #[test]
    fn the_solver_is_not_given_more_and_more() {
        assert_eq!(count(OTHER, "#[verifier::rlimit(30)]"), 0);
        assert_eq!(count(TRUSTED, "#[verifier::rlimit(31)]"), 1);
        assert_eq!(count(OTHER, "#[verifier(rlimit(100))]"), 1);
        assert_eq!(count(OTHER, "#[verifier::rlimit(infinity)]"), 1);
    }

    #[test]
    fn a_violation_says_where_it_is() {
        let found = violations(OTHER, "fn f() {\n    // unsafe\n    unsafe { g() }\n}\n");
        assert_eq!(
            found,
            ["crates/pmem/src/a.rs:3: `unsafe` outside src/trusted/"]
        );
    }
}
