//! Reading the tables and the totals of `docs/verification.md`.

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What the first cell names.
    pub name: String,
    pub line: usize,
}

/// The rows of the tables under a heading whose first cell is a name in backquotes.
pub fn rows(text: &str, heading: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut inside = false;
    for (line, text) in text.lines().enumerate() {
        if text.starts_with("# ") || text.starts_with("## ") {
            inside = text.trim_end() == heading;
        }
        if let (true, Some(name)) = (inside, first_cell(text)) {
            rows.push(Row {
                name: name.to_string(),
                line: line + 1,
            });
        }
    }
    rows
}

fn first_cell(line: &str) -> Option<&str> {
    let cell = line.strip_prefix('|')?.split('|').next()?.trim();
    cell.strip_prefix('`')?.strip_suffix('`')
}

/// Where two lists differ: what only `code` has, with `path:line`, and what only the `document` has or has twice.
pub fn differences(document: &str, listed: &[Row], code: &[(String, String)]) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, place) in code {
        if !listed.iter().any(|row| row.name == *name) {
            differences.push(format!("{place}: `{name}` is not listed in {document}"));
        }
    }
    for (at, row) in listed.iter().enumerate() {
        let Row { name, line } = row;
        if !code.iter().any(|(code, _)| code == name) {
            differences.push(format!("{document}:{line}: there is no `{name}`"));
        }
        if listed[..at].iter().any(|before| before.name == *name) {
            differences.push(format!("{document}:{line}: `{name}` is listed twice"));
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::{differences, rows, Row};

    const TEXT: &str =
        "# Title\n\n## One\n\n| what | why |\n|---|---|\n| `a::b` | because |\n| `c.rs` | so |\n\
                        \n### Sub\n| `d` | |\n\n## Two\n| `e` | |\n";

    fn row(name: &str, line: usize) -> Row {
        Row {
            name: name.to_string(),
            line,
        }
    }

    fn code(names: &[&str]) -> Vec<(String, String)> {
        names
            .iter()
            .map(|name| (name.to_string(), "x.rs:1".to_string()))
            .collect()
    }

    #[test]
    fn rows_belong_to_their_heading() {
        assert_eq!(
            rows(TEXT, "## One"),
            [row("a::b", 7), row("c.rs", 8), row("d", 11)]
        );
        assert_eq!(rows(TEXT, "## Two"), [row("e", 14)]);
        assert_eq!(rows(TEXT, "## Three"), []);
    }

    #[test]
    fn equal_lists_do_not_differ() {
        assert_eq!(
            differences("d.md", &[row("b", 1), row("a", 2)], &code(&["a", "b"])),
            [""; 0]
        );
    }

    #[test]
    fn what_is_missing_on_either_side_is_found() {
        assert_eq!(
            differences("d.md", &[row("b", 1), row("b", 2)], &code(&["a"])),
            [
                "x.rs:1: `a` is not listed in d.md",
                "d.md:1: there is no `b`",
                "d.md:2: there is no `b`",
                "d.md:2: `b` is listed twice",
            ]
        );
    }
}
