//! Finding what the verifier takes on trust, and what it is called.

use super::source::{reads, Token};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An item whose body, or whose inside, the verifier does not look at.
    ExternalBody,
    /// A lemma without a proof.
    Axiom,
    /// A specification function of which nothing is known.
    Uninterpreted,
    /// A contract for somebody else's function.
    AssumedSpecification,
    /// A size that is assumed of a type.
    AssumedSize,
    /// A specification function, which the verifier knows entirely.
    Specification,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub kind: Kind,
    /// The path: `pmem::trusted::crc::crc64`, methods with their type's name.
    pub name: String,
    pub line: usize,
}

/// The module that a file is: `crates/pmem/src/table/mod.rs` is `pmem::table`.
pub fn module_of(path: &str) -> String {
    let path = path.trim_start_matches("crates/").trim_end_matches(".rs");
    let path = path.replacen("/src/", "/", 1);
    let path = path.trim_end_matches("/lib").trim_end_matches("/mod");
    path.replace('-', "_").replace('/', "::")
}

/// What is trusted among the tokens of `module`.
pub fn trusted_items(module: &str, tokens: &[Token]) -> Vec<Item> {
    named_items(module, tokens, trusted_at)
}

/// The specification functions among the tokens of `module`.
pub fn specifications(module: &str, tokens: &[Token]) -> Vec<Item> {
    named_items(module, tokens, |tokens, at| {
        reads(tokens, at, &["spec", "fn"]).then(|| (Kind::Specification, declared_name(tokens, at)))
    })
}

type Find = fn(&[Token], usize) -> Option<(Kind, String)>;

/// What `find` finds among the tokens of `module`, with its path.
fn named_items(module: &str, tokens: &[Token], find: Find) -> Vec<Item> {
    let mut items = Vec::new();
    let mut scopes: Vec<Option<String>> = Vec::new();
    let mut opening = None;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "mod" | "trait" => opening = tokens.get(at + 1).map(|name| name.text.clone()),
            "impl" if begins_item(tokens, at) => {
                opening = Some(implementing_type(&tokens[at + 1..]));
            }
            "{" => scopes.push(opening.take()),
            "}" => {
                scopes.pop();
            }
            ";" => opening = None,
            _ => (),
        }
        if let Some((kind, name)) = find(tokens, at) {
            let mut path = vec![module];
            path.extend(scopes.iter().flatten().map(String::as_str));
            path.push(&name);
            items.push(Item {
                kind,
                name: path.join("::"),
                line: token.line,
            });
        }
    }
    items
}

/// What asks to be believed here, and its name.
fn trusted_at(tokens: &[Token], at: usize) -> Option<(Kind, String)> {
    let name = |at| declared_name(tokens, at);
    match tokens[at].text.as_str() {
        "external_body" => Some((Kind::ExternalBody, name(after_attribute(tokens, at)))),
        "axiom" => Some((Kind::Axiom, name(at))),
        "uninterp" => Some((Kind::Uninterpreted, name(at))),
        "assume_specification" => Some((Kind::AssumedSpecification, specified_name(tokens, at))),
        "global" if is_assumed_size(tokens, at) => {
            let size = format!("global {} {}", text(tokens, at + 1), text(tokens, at + 2));
            Some((Kind::AssumedSize, size))
        }
        _ => None,
    }
}

/// Whether a size is assumed here.
pub fn is_assumed_size(tokens: &[Token], at: usize) -> bool {
    reads(tokens, at, &["global", "size_of"]) || reads(tokens, at, &["global", "layout"])
}

fn text(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("?", |token| &token.text)
}

/// Whether an item begins here, and not a type such as `impl Fn()`.
fn begins_item(tokens: &[Token], at: usize) -> bool {
    at == 0 || matches!(text(tokens, at - 1), "{" | "}" | ";" | "]" | "unsafe")
}

/// The type of `impl<..> Trait for Type<..>` or `impl<..> Type<..>`, given what follows `impl`.
fn implementing_type(tokens: &[Token]) -> String {
    let (mut depth, mut name) = (0, "?");
    for token in tokens {
        match token.text.as_str() {
            "<" => depth += 1,
            ">" => depth -= 1,
            "{" | "where" => break,
            word if depth == 0 && word.starts_with(char::is_alphabetic) => name = word,
            _ => (),
        }
    }
    name.to_string()
}

/// The token behind the `]` of the attribute that `at` is in.
fn after_attribute(tokens: &[Token], at: usize) -> usize {
    let mut depth = 1;
    let mut at = at;
    while depth > 0 && at < tokens.len() {
        match tokens[at].text.as_str() {
            "[" => depth += 1,
            "]" => depth -= 1,
            _ => (),
        }
        at += 1;
    }
    at
}

/// The name of the item that is declared at `at` or behind.
fn declared_name(tokens: &[Token], at: usize) -> String {
    let mut at = at;
    while at < tokens.len() {
        match text(tokens, at) {
            "#" => {
                at = after_attribute(tokens, at + 2);
                continue;
            }
            "const" if matches!(text(tokens, at + 1), "fn" | "unsafe") => (),
            "impl" => return format!("impl {}", implementing_type(&tokens[at + 1..])),
            "fn" | "struct" | "enum" | "union" | "type" | "trait" | "const" | "static" | "mod" => {
                return text(tokens, at + 1).to_string();
            }
            _ => (),
        }
        at += 1;
    }
    "?".to_string()
}

/// `assume_specification[core::mem::swap]`
fn specified_name(tokens: &[Token], at: usize) -> String {
    let Some(open) = tokens[at..].iter().position(|token| token.text == "[") else {
        return "assume_specification".to_string();
    };
    let open = at + open;
    let end = after_attribute(tokens, open + 1);
    let path: String = tokens[open..end]
        .iter()
        .map(|token| token.text.as_str())
        .collect();
    format!("assume_specification{path}")
}

#[cfg(test)]
mod tests {
    use super::super::source::tokens;
    use super::Kind::{AssumedSize, AssumedSpecification, Axiom, ExternalBody, Uninterpreted};
    use super::{module_of, trusted_items, Kind};

    fn found(text: &str) -> Vec<(Kind, String, usize)> {
        let items = trusted_items("m", &tokens(text));
        items
            .into_iter()
            .map(|item| (item.kind, item.name, item.line))
            .collect()
    }

    fn one(text: &str) -> (Kind, String) {
        let mut items = found(text);
        assert_eq!(items.len(), 1, "{items:?}");
        let (kind, name, _) = items.remove(0);
        (kind, name)
    }

    #[test]
    fn files_are_modules() {
        assert_eq!(module_of("crates/pmem/src/lib.rs"), "pmem");
        assert_eq!(
            module_of("crates/pmem/src/trusted/crc.rs"),
            "pmem::trusted::crc"
        );
        assert_eq!(module_of("crates/pmem/src/table/mod.rs"), "pmem::table");
        assert_eq!(module_of("crates/a-b/src/c.rs"), "a_b::c");
    }

    #[test]
    fn external_bodies() {
        let name = |name: &str| (ExternalBody, name.to_string());
        assert_eq!(
            one("#[verifier::external_body] pub(in crate::x) fn f() {}"),
            name("m::f")
        );
        assert_eq!(
            one("#[verifier(external_body)] pub const fn f() {}"),
            name("m::f")
        );
        assert_eq!(
            one("#[verifier::external_body] #[derive(Debug)] struct S(File);"),
            name("m::S")
        );
        assert_eq!(
            one("#[verifier::external_body] proof fn l() {}"),
            name("m::l")
        );
        assert_eq!(
            one("#[verifier::external_body] const C: u64 = 1;"),
            name("m::C")
        );
    }

    #[test]
    fn methods_have_their_types_name() {
        let method = "{ #[verifier::external_body] fn f() {} }";
        for (header, name) in [
            ("impl S", "m::S::f"),
            ("impl<T: A<B>> S<T>", "m::S::f"),
            (
                "impl<T> Region for crate::a::S<T> where T: Fn() -> u64",
                "m::S::f",
            ),
            ("pub trait T: Sized", "m::T::f"),
            ("mod n", "m::n::f"),
            ("verus!", "m::f"),
        ] {
            assert_eq!(one(&format!("{header} {method}")).1, name);
        }
        let after = "impl S { fn g(h: impl Fn()) { if a { } } } ";
        assert_eq!(
            one(&format!("{after} #[verifier::external_body] fn f() {{}}")).1,
            "m::f"
        );
    }

    #[test]
    fn the_other_kinds() {
        let is = |kind, name: &str| (kind, name.to_string());
        assert_eq!(
            one("pub broadcast axiom fn a() ensures true;"),
            is(Axiom, "m::a")
        );
        assert_eq!(
            one("uninterp spec fn u(x: u64) -> u64;"),
            is(Uninterpreted, "m::u")
        );
        assert_eq!(
            one("pub assume_specification<T>[ core::mem::swap::<T> ](a: &mut T)"),
            is(
                AssumedSpecification,
                "m::assume_specification[core::mem::swap::<T>]"
            )
        );
        assert_eq!(
            one("global size_of usize == 8;"),
            is(AssumedSize, "m::global size_of usize")
        );
    }

    #[test]
    fn what_is_not_code_is_not_found() {
        assert_eq!(
            found("// #[verifier::external_body]\nfn f() { g(\"axiom fn a\") }"),
            []
        );
        assert_eq!(found("fn f() { axiom_a(); let global = size_of(1); }"), []);
    }

    #[test]
    fn all_are_found_each_with_its_line() {
        let text = "\nuninterp spec fn a();\nimpl S {\naxiom fn b();\n}\n#[verifier::external_body]\nfn c() {}";
        assert_eq!(
            found(text),
            [
                (Uninterpreted, "m::a".to_string(), 2),
                (Axiom, "m::S::b".to_string(), 4),
                (ExternalBody, "m::c".to_string(), 6),
            ]
        );
    }
}
