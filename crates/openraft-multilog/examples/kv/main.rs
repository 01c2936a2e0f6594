//! x
#[allow(dead_code)]
mod machine;
mod types;
fn main() {}
