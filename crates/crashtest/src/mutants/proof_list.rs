//! The lies that the verifier must reject.

use super::list::{edit, Edit};

/// A lie, and where the verifier must notice.
pub struct Lie {
    pub name: &'static str,
    pub package: &'static str,
    /// The module whose proof breaks; None for all of the package.
    pub module: Option<&'static str>,
    pub edits: &'static [Edit],
}

/// A lie of a package's module.
const fn lie(
    package: &'static str,
    module: &'static str,
    name: &'static str,
    edits: &'static [Edit],
) -> Lie {
    Lie {
        name,
        package,
        module: Some(module),
        edits,
    }
}

pub const LIES: &[Lie] = &[lie(
    "multilog",
    "core::open",
    "open returns rings that are not read (a first try)",
    &[edit(
        "crates/multilog/src/core/open.rs",
        "rings.push(Ring { start: p.a, capacity: p.b });",
        "rings.push(Ring { start: p.a, capacity: 1 });",
    )],
)];
