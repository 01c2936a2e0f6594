//! What judges damage is right itself: it reads what `docs/format.md` shows, and objects to what must not be.

use crashtest::corruption::base::{bases, Base};
use crashtest::corruption::fuzz;
use crashtest::corruption::oracle::{self, Collection, Fault, Log, Part};
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
    assert_eq!(image.len(), 852);
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
    for base in bases() {
        let (contents, name) = (&base.contents, base.name.as_str());
        let empty = base.collection.logs.iter().all(|log| log.bytes.is_empty());
        assert_eq!(empty, name.ends_with("Fresh"), "{name}");
        assert_ne!(base.foreign, base.image);
        if name.ends_with("Wrapped") {
            let ends = contents.entries.iter().enumerate();
            let mut ends = ends.map(|(log, ends)| ends.map(|at| contents.address(log, at)));
            assert!(ends.any(|[head, tail]| tail < head), "{name}");
        }
        if name.ends_with("Committed") || name.ends_with("Full") {
            assert!(contents.records.len() >= 3, "{name}");
        }
        if name.ends_with("Full") {
            assert_eq!(contents.next(), contents.shape.end(contents.live_b));
        }
        let dropped = contents.records.len() - contents.counted;
        assert_eq!(dropped, usize::from(name.ends_with("Dropped")), "{name}");
        let next = contents
            .shape
            .end(contents.live_b)
            .min(contents.next() + 32);
        let begun = oracle::word(&base.image[..next], next - 32) == contents.commit() + 1;
        assert_eq!(begun, name.ends_with("Torn"), "{name}");
        assert_eq!(
            is_other_later(base),
            name.ends_with("Interrupted"),
            "{name}"
        );
    }
    let journals = bases().iter().map(|base| base.contents.live_b);
    assert_eq!(journals.collect::<BTreeSet<_>>().len(), 2);
    for logs in [1, 2, 5] {
        let staged = base(&format!("{logs} logs, Staged"));
        // The last commit and what was staged since differ in data alone.
        let before = staged.older.last().unwrap();
        let metadata = staged.contents.shape.metadata_end();
        assert_eq!(before[..metadata], staged.image[..metadata]);
        assert_ne!(*before, staged.image);
    }
}

/// Whether the journal that is not live says more.
fn is_other_later(base: &Base) -> bool {
    let mut other = base.image.clone();
    for byte in &mut other[oracle::SELECTOR..oracle::SELECTOR + 8] {
        *byte = !*byte;
    }
    oracle::open(&other).is_ok_and(|other| other.commit() > base.contents.commit())
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
    let entry = base.contents.shape.entry(base.contents.live_b, 0);
    let mut wrong = base.image.clone();
    wrong[entry] ^= 4;
    let promise = |found| keeps_promise(base, &wrong, &found);
    assert_eq!(promise(corrupt(Part::Entry(0), entry as u64)), Ok(()));
    // What the damage is in may be refused, and nothing else; and logs may be found that are the committed ones.
    assert!(promise(corrupt(Part::Entry(1), entry as u64 + 64)).is_err());
    let records = |len| corrupt(Part::Records { len }, entry as u64 - 64);
    assert_eq!(promise(records(65)), Ok(()));
    assert!(promise(records(64)).is_err());
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
    let mut damaged = base.image.clone();
    damaged[base.contents.address(0, base.collection.logs[0].head)] ^= 1;
    let found = with(&|found| found.logs[0].bytes[0] ^= 1);
    assert_eq!(keeps_promise(base, &damaged, &found), Ok(()));
    // The last commit may be dropped if its record is damaged, or what it appended, and else may not.
    let before = oracle::collection(base.older.last().unwrap());
    assert!(keeps_promise(base, &damaged, &before).is_err());
    let last = base.contents.records.last().unwrap().address + 40;
    for address in [last, base.contents.appended()[0]] {
        damaged = base.image.clone();
        damaged[address] ^= 1;
        assert_eq!(keeps_promise(base, &damaged, &before), Ok(()));
        let earlier = oracle::collection(&base.older[base.older.len() - 3]);
        assert!(keeps_promise(base, &damaged, &earlier).is_err());
    }
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
                Part::Header => "header",
                Part::Entry(_) => "entry",
                Part::Records { .. } => "records",
            },
        });
    }
    assert_eq!(outcomes.len(), 10, "{outcomes:?}");
}
