//! A process that may write only a part of a file, up to a byte within the word by which a switch of journals happens: the first
//! append after opening fails, which would switch, and the logs are found as they were.

mod common;

use common::{contents, len_for};
use multilog::layout::SELECTOR_ADDR;
use multilog::*;
use pmem::Concat;
use rustix::process::{setrlimit, Resource, Rlimit};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const CAPACITIES: [u64; 1] = [100];
/// The length of the file, the first of two parts. The other one is memory, which no limit concerns.
const FIRST: u64 = 128;

fn file(path: &Path) -> FileRegion {
    FileRegion::open(path, &FileOptions::default()).unwrap()
}

#[test]
fn a_limit_within_the_selector_does_not_tear_it() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", r#"trap '' XFSZ; exec "$0" "$@""#])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "process_commits", "--ignored", "--nocapture"])
        .env("MULTILOG_TEST_PATH", dir.path().join("first"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{output:?}"
    );
}

#[test]
#[ignore = "a process of a_limit_within_the_selector_does_not_tear_it"]
fn process_commits() {
    let Some(path) = env::var_os("MULTILOG_TEST_PATH").map(PathBuf::from) else {
        return;
    };
    let first = FileRegion::create(&path, FIRST, &FileOptions::default()).unwrap();
    let second = MemRegion::new(len_for(&CAPACITIES) - FIRST as usize);
    let mut logs = MultiLog::create(Concat::new(first, second).unwrap(), &CAPACITIES).unwrap();
    logs.stage_append(0, b"committed").unwrap();
    logs.commit().unwrap();
    let (first, second) = logs.into_region().into_parts();
    logs = MultiLog::open(Concat::new(first, second).unwrap()).unwrap();
    for cut in 1..8 {
        let limit = Rlimit {
            current: Some(SELECTOR_ADDR + cut),
            maximum: None,
        };
        setrlimit(Resource::Fsize, limit).unwrap();
        let error = logs.stage_append(0, b"more").unwrap_err();
        assert!(matches!(error, AppendError::Io(_)), "{error}");
        // What a process would find that opens the file anew.
        let (first, second) = logs.into_region().into_parts();
        drop(first);
        logs = MultiLog::open(Concat::new(file(&path), second).unwrap()).unwrap();
        assert_eq!(contents(&logs, 0), b"committed", "cut at {cut}");
    }
}
