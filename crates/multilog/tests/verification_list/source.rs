//! Rust source as the rules see it: tokens, without comments and literals.

/// A word, a number or a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    /// The line, from 1 on.
    pub line: usize,
}

/// The tokens of `text`. A string or character literal is none, so what it says cannot look like code.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (line, text) in blanked(text, Blank::CommentsAndLiterals)
        .lines()
        .enumerate()
    {
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (token, after) = rest.split_at(token_len(rest));
            tokens.push(Token {
                text: token.to_string(),
                line: line + 1,
            });
            rest = after.trim_start();
        }
    }
    tokens
}

/// The number of lines that hold something else than a comment.
pub fn code_lines(text: &str) -> usize {
    blanked(text, Blank::Comments)
        .lines()
        .filter(|line| !line.trim().is_empty())
        .count()
}

/// Whether the tokens at `at` are these.
pub fn reads(tokens: &[Token], at: usize, expected: &[&str]) -> bool {
    tokens.len() >= at + expected.len()
        && tokens[at..]
            .iter()
            .zip(expected)
            .all(|(token, expected)| token.text == *expected)
}

fn token_len(rest: &str) -> usize {
    let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    if word > 0 {
        return word;
    }
    // Only those that would otherwise be taken for brackets or read as two signs.
    for sign in ["::", "->", "=>"] {
        if rest.starts_with(sign) {
            return sign.len();
        }
    }
    rest.chars().next().map_or(0, char::len_utf8)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[derive(Clone, Copy, PartialEq)]
enum Blank {
    Comments,
    CommentsAndLiterals,
}

/// `text` with spaces for what is to go; its lines stay where they are.
fn blanked(text: &str, what: Blank) -> String {
    let text: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        let (end, keep) = match (comment_end(&text, at), literal_end(&text, at)) {
            (Some(end), _) => (end, false),
            (None, Some(end)) => (end, what == Blank::Comments),
            (None, None) => (at + 1, true),
        };
        for &c in &text[at..end] {
            out.push(if keep || c == '\n' { c } else { ' ' });
        }
        at = end;
    }
    out
}

/// Where the comment that begins here ends.
fn comment_end(text: &[char], at: usize) -> Option<usize> {
    if text[at..].starts_with(&['/', '/']) {
        let len = text[at..].iter().position(|&c| c == '\n');
        return Some(len.map_or(text.len(), |len| at + len));
    }
    if !text[at..].starts_with(&['/', '*']) {
        return None;
    }
    let (mut depth, mut end) = (1, at + 2);
    while depth > 0 && end < text.len() {
        if text[end..].starts_with(&['/', '*']) {
            (depth, end) = (depth + 1, end + 2);
        } else if text[end..].starts_with(&['*', '/']) {
            (depth, end) = (depth - 1, end + 2);
        } else {
            end += 1;
        }
    }
    Some(end)
}

/// Where the string or character literal that begins here ends. The letters before a quotation mark are left over,
/// but for a raw string's.
fn literal_end(text: &[char], at: usize) -> Option<usize> {
    match text[at] {
        '"' => Some(quoted_end(text, at + 1, '"')),
        '\'' => match text.get(at + 1..at + 3)? {
            ['\\', _] | [_, '\''] => Some(quoted_end(text, at + 1, '\'')),
            _ => None, // A lifetime.
        },
        'r' if at == 0 || !is_word(text[at - 1]) || matches!(text[at - 1], 'b' | 'c') => {
            raw_end(text, at + 1)
        }
        _ => None,
    }
}

fn quoted_end(text: &[char], from: usize, quote: char) -> usize {
    let mut at = from;
    while at < text.len() && text[at] != quote {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

fn raw_end(text: &[char], from: usize) -> Option<usize> {
    let hashes = text[from..].iter().take_while(|&&c| c == '#').count();
    if text.get(from + hashes) != Some(&'"') {
        return None;
    }
    let mut close = vec!['"'];
    close.resize(1 + hashes, '#');
    let begin = from + hashes + 1;
    let len = text[begin..]
        .windows(close.len())
        .position(|window| window == close);
    Some(len.map_or(text.len(), |len| begin + len + close.len()))
}

#[cfg(test)]
mod tests {
    use super::{code_lines, tokens};

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_are_no_tokens() {
        assert_eq!(
            words("a // b\nc /* d /* e */ f */ g //! h"),
            ["a", "c", "g"]
        );
        assert_eq!(words("/* never closed"), [""; 0]);
    }

    #[test]
    fn literals_are_no_tokens() {
        assert_eq!(
            words(r#"a("unsafe // \" x", 'y', '\'', '"') b"#),
            ["a", "(", ",", ",", ",", ")", "b"]
        );
        assert_eq!(words("r\"a\\\" b r##\"c\"# d\"## e"), ["b", "e"]);
        assert_eq!(words("br\"a\" r#type"), ["b", "r", "#", "type"]);
    }

    #[test]
    fn lifetimes_are_no_literals() {
        assert_eq!(words("&'a T, 'b'"), ["&", "'", "a", "T", ","]);
    }

    #[test]
    fn paths_and_arrows_are_one_token() {
        assert_eq!(
            words("a::b -> c => d"),
            ["a", "::", "b", "->", "c", "=>", "d"]
        );
    }

    #[test]
    fn a_token_knows_its_line() {
        let tokens = tokens("/* 1\n2 */ \"\n\" a\nb");
        assert_eq!(
            tokens.iter().map(|token| token.line).collect::<Vec<_>>(),
            [3, 4]
        );
    }

    #[test]
    fn lines_of_code_are_those_with_more_than_comments() {
        let text = "//! a\n\nfn b() {\n    // c\n    d(\"// e\"); // f\n}\n/* g\n\n h */\n\"//\"\n";
        assert_eq!(code_lines(text), 4);
    }
}
