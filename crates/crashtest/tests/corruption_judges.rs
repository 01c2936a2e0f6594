//! What judges damage is right itself: it reads what `docs/format.md` shows, and objects to what must not be.

use crashtest::corruption::base::{bases, Base};
use crashtest::corruption::fuzz;
use crashtest::corruption::oracle::{self, Collection, Contents, Fault, Log, Part};
use crashtest::corruption::promise::keeps_promise;
use crashtest::corruption::trial::{caught, Trial};
use crashtest::totals::Totals;
use std::collections::BTreeSet;

/// The region that the document prints.
fn printed() -> Vec<u8> {
    let document = include_str!("../../../docs/format.md");
    let lines = document.lines().filter(|line| line.ends_with('|'));
    let bytes = lines.filter_map(|line| {
        let (address, rest) = line.split_once("  ")?;
        u16::from_str_radix(address, 16).ok()?;
        let (bytes, _) = rest.split_once('|')?;
        let bytes = bytes.split_whitespace();
        Some(bytes.map(|byte| u8::from_str_radix(byte, 16).expect("a byte")))
    });
    bytes.flatten().collect()
}

#[test]
fn the_oracle_reads_the_region_in_the_document() {
    let image = printed();
    assert_eq!(image.len(), 404);
    let log = |head, capacity, bytes: &[u8]| Log {
        head,
        capacity,
        bytes: bytes.to_vec(),
    };
    let right = Collection {
        id: [0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210],
        logs: vec![log(7, 16, b"world; and on"), log(0, 20, b"abc")],
    };
    assert_eq!(oracle::collection(&image), Ok(right));
}

fn base(name: &str) -> &'static Base {
    bases().iter().find(|base| base.name == name).unwrap()
}

#[test]
fn the_bases_are_what_they_are_called() {
    let wraps = |base: &Base| {
        let logs = (0..).zip(&base.collection.logs);
        let mut ends =
            logs.map(|(i, log)| [log.head, log.tail()].map(|at| base.contents.address(i, at)));
        ends.any(|[head, tail]| tail < head)
    };
    for base in bases() {
        assert_eq!(wraps(base), base.name.ends_with("Wrapped"), "{}", base.name);
        let empty = base.collection.logs.iter().all(|log| log.bytes.is_empty());
        assert_eq!(empty, base.name.ends_with("Fresh"), "{}", base.name);
        assert_ne!(base.foreign, base.image);
    }
    for base in bases() {
        let mut idle = base.image.clone();
        let live_b = base.contents.live_b;
        let selector = if live_b {
            oracle::SELECTOR_A
        } else {
            oracle::SELECTOR_B
        };
        idle[oracle::SELECTOR..oracle::SELECTOR + 8].copy_from_slice(&selector.to_le_bytes());
        let address = oracle::copy_at(base.contents.rings.len(), !live_b) as u64;
        let commits = |contents: &Contents| contents.entries.iter().map(|entry| entry[0]).max();
        let later = match oracle::open(&idle) {
            Ok(idle) => commits(&idle) > commits(&base.contents),
            Err(fault) => {
                let part = Part::Entry(0);
                assert_eq!(fault, Fault::Corrupt { part, address });
                assert!(base.name.ends_with("Torn"), "{}", base.name);
                continue;
            }
        };
        assert_eq!(later, base.name.ends_with("Crashed"), "{}", base.name);
    }
    for logs in [1, 2, 5] {
        let [committed, staged] =
            ["Committed", "Staged"].map(|state| base(&format!("{logs} logs, {state}")));
        assert_ne!(committed.contents.live_b, staged.contents.live_b);
        // The last commit and what was staged since differ in data alone.
        let before = staged.older.last().unwrap();
        let metadata = oracle::metadata_end(logs);
        assert_eq!(before[..metadata], staged.image[..metadata]);
        assert_ne!(*before, staged.image);
    }
}

#[test]
fn the_promise_is_broken_by_whatever_hides_damage() {
    let base = base("2 logs, Committed");
    let same = Ok(base.collection.clone());
    let with = |change: &dyn Fn(&mut Collection)| {
        let mut found = base.collection.clone();
        change(&mut found);
        Ok(found)
    };
    let corrupt = |part, address| Err(Fault::Corrupt { part, address });
    let mut damaged = base.image.clone();
    damaged[128] ^= 4;
    let promise = |found| keeps_promise(base, &damaged, &found);
    assert_eq!(promise(corrupt(Part::Directory(0), 128)), Ok(()));
    // What the damage is in may be refused, and nothing else; and logs may be found that are the committed ones.
    assert!(promise(corrupt(Part::Directory(1), 160)).is_err());
    assert!(promise(corrupt(Part::Selector, 64)).is_err());
    assert!(promise(Err(Fault::Unformatted)).is_err());
    assert_eq!(promise(same.clone()), Ok(()));
    assert!(promise(with(&|found| found.id[0] ^= 1)).is_err());
    assert!(promise(with(&|found| found.logs[1].head += 1)).is_err());
    assert!(promise(with(&|found| found.logs[1].capacity -= 1)).is_err());
    assert!(promise(with(&|found| drop(found.logs.pop()))).is_err());
    assert!(promise(with(&|found| found.logs[0].bytes.truncate(1))).is_err());
    assert!(promise(with(&|found| found.logs[0].bytes[0] ^= 1)).is_err());
    // Where the data are damaged they may read wrong.
    damaged = base.image.clone();
    damaged[base.contents.address(0, base.collection.logs[0].head)] ^= 1;
    let found = with(&|found| found.logs[0].bytes[0] ^= 1);
    assert_eq!(keeps_promise(base, &damaged, &found), Ok(()));
    // Another length is never opened.
    damaged.push(0);
    assert!(keeps_promise(base, &damaged, &same).is_err());
}

#[test]
fn violations_are_counted_and_panics_are_violations() {
    let message = caught(|| panic!("of {}", "some kind")).unwrap_err();
    assert_eq!(message, "a panic: of some kind");
    let mut totals = Totals::default();
    let committed = base("2 logs, Committed");
    // Nothing is damaged, but the logs are not those that this base is said to have.
    let base = Base {
        name: "an older image".to_string(),
        image: committed.older[1].clone(),
        ..committed.clone()
    };
    Trial::new(&base, &mut totals).damage(&[]);
    assert_eq!(totals.corruptions, 1);
    assert_eq!(totals.violations.len(), 1);
    assert_eq!(totals.violations[0].how, "an older image: []");
}

/// What the fuzzers draw is of all kinds, not only what is refused at the first glance.
#[test]
fn the_fuzzers_find_their_way_to_every_outcome() {
    let mut random = fastrand::Rng::with_seed(1);
    let mut outcomes = BTreeSet::new();
    for _ in 0..20_000 {
        let len = random.usize(..200);
        let data: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(len).collect();
        let Some((image, _)) = fuzz::image(&data) else {
            continue;
        };
        outcomes.insert(match oracle::open(&image) {
            Ok(_) => "logs",
            Err(Fault::TooSmall { .. }) => "too small",
            Err(Fault::Unformatted) => "unformatted",
            Err(Fault::UnsupportedVersion { .. }) => "version",
            Err(Fault::WrongLength { .. }) => "length",
            Err(Fault::Corrupt { part, .. }) => match part {
                Part::Superblock => "superblock",
                Part::Selector => "selector",
                Part::Directory(_) => "directory",
                Part::Entry(_) => "entry",
            },
        });
    }
    assert_eq!(outcomes.len(), 9, "{outcomes:?}");
}
