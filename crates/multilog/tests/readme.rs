//! The example in README.md: it compiles, runs, and is the one that stands there.

use multilog::{FileOptions, FileRegion, MultiLog};

#[test]
fn the_example_runs() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    std::env::set_current_dir(&folder)?;
    // README: begin
    let capacities = [1 << 20, 1 << 20]; // two logs of a mebibyte
    let len = multilog::required_len(&capacities).unwrap();
    let file = FileRegion::create("orders.plog".as_ref(), len, &FileOptions::default())?;
    let mut logs = MultiLog::create(file, &capacities)?;

    let order = logs.stage_append(0, b"order 17: 3 apples")?;
    logs.stage_append(1, b"order 17 arrived")?;
    logs.commit()?; // durable: both, or after a crash neither

    let mut bytes = [0; 18];
    logs.read(0, order, &mut bytes)?;

    logs.stage_advance_head(0, order + 18)?; // frees the room, with the next commit
    logs.commit()?;
    // README: end
    assert_eq!(&bytes, b"order 17: 3 apples");
    assert_eq!(logs.info(0).unwrap().head, 18);
    Ok(())
}

#[test]
fn the_example_is_the_one_in_the_readme() {
    let test = include_str!("readme.rs");
    let example: String = test
        .split_once("    // README: begin\n")
        .and_then(|(_, rest)| rest.split_once("    // README: end\n"))
        .map(|(example, _)| example)
        .unwrap()
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
        .collect();
    assert!(include_str!("../../../README.md").contains(&example));
}
