//! What is inspected agrees with what `open` and `check` say, for every bit of the metadata.

mod common;

use common::image::{self, *};
use common::{with_lines, ID};
use multilog::inspect::{inspect, Behind, Idle, Inspection, Interrupted, Journal};
use multilog::{MemRegion, MultiLog};

const CAPACITIES: [u64; 3] = [40, 50, 60];

/// Three logs after so many commits, in a region whose journals have room for four small records.
fn after(commits: u64) -> Vec<u8> {
    let mut logs = with_lines(&CAPACITIES, 4);
    for commit in 0..commits {
        let log = commit % 3;
        logs.stage_append(log, b"some").unwrap();
        logs.stage_append((log + 1) % 3, b"more").unwrap();
        if commit % 2 == 1 {
            let head = logs.info(log).unwrap().head;
            logs.stage_advance_head(log, head + 2).unwrap();
        }
        logs.commit().unwrap();
    }
    logs.into_region().into_vec()
}

fn found(image: &[u8]) -> Inspection {
    inspect(&MemRegion::from_vec(image.to_vec())).unwrap()
}

/// Where the logs stand, if they open.
fn opened(image: &[u8]) -> Option<Vec<(u64, u64)>> {
    let logs = MultiLog::open(MemRegion::from_vec(image.to_vec())).ok()?;
    logs.check().ok()?;
    let infos = (0..logs.log_count()).map(|log| logs.info(log).unwrap());
    Some(infos.map(|info| (info.head, info.tail)).collect())
}

/// Where they stand by what is inspected, if all is sound.
fn said(found: &Inspection) -> Option<Vec<(u64, u64)>> {
    let extents = found.logs.iter().map(|log| log.last);
    let extents = extents.map(|last| last.map(|extent| (extent.head, extent.tail)));
    extents.collect::<Option<_>>().filter(|_| found.is_sound())
}

#[test]
fn shows_what_the_logs_say_of_themselves() {
    for commits in 0..12 {
        let image = after(commits);
        let found = found(&image);
        let logs = MultiLog::open(MemRegion::from_vec(image)).unwrap();
        assert!(found.is_sound());
        assert_eq!(found.id.value.id, logs.region_id());
        assert_eq!(found.id.value.lines, 4);
        assert_eq!(found.header.value.region_len, logs.region_len());
        assert_eq!(found.logs.len() as u64, logs.log_count());
        assert_eq!(found.last_commit, Some(commits));
        let live = found.live().unwrap();
        for (log, metadata) in (0..).zip(&found.logs) {
            let (last, info) = (metadata.last.unwrap(), logs.info(log).unwrap());
            assert_eq!((last.head, last.tail), (info.head, info.tail));
            assert_eq!(metadata.entry(live).value.ring.capacity, info.capacity);
        }
        assert_eq!(
            found.in_flight().unwrap().commit,
            Interrupted::Nothing,
            "{commits}"
        );
    }
}

/// Asserts that it opens just if it is sound, as the same logs. Returns whether it is.
#[track_caller]
fn agrees(image: &[u8], what: &str) -> bool {
    let found = found(image);
    assert_eq!(said(&found), opened(image), "{what}");
    found.is_sound()
}

#[test]
fn is_sound_where_it_opens_whatever_bit_is_wrong() {
    for commits in [0, 3, 4, 5] {
        let image = after(commits);
        for bit in 0..8 * image.len() {
            let mut image = image.clone();
            image[bit / 8] ^= 1 << (bit % 8);
            agrees(&image, &format!("{commits} commits, bit {bit}"));
        }
    }
}

#[test]
fn is_sound_where_it_opens_wherever_it_is_cut_or_extended() {
    let image = after(3);
    for len in 0..image.len() + 100 {
        let mut image = image.clone();
        image.resize(len, 0);
        agrees(&image, &format!("{len} bytes"));
    }
}

/// Three logs after two commits, written by hand: the first appends to logs 0 and 1, the second to log 1.
fn by_hand() -> Vec<u8> {
    let mut image = new_logs(&CAPACITIES, 4);
    put(&mut image, 0, 0, b"some bytes");
    put(&mut image, 1, 0, b"more");
    let both = [
        change(0, 0, 10, Some(b"some bytes")),
        change(1, 0, 4, Some(b"more")),
    ];
    push_record(&mut image, &both);
    put(&mut image, 1, 4, b"!");
    push_record(&mut image, &[change(1, 2, 5, Some(b"!"))]);
    image
}

/// Writes bytes of a log that do not reach its ring's end.
fn put(image: &mut [u8], log: usize, position: usize, bytes: &[u8]) {
    let at = ring(image, log).0 + position;
    image[at..at + bytes.len()].copy_from_slice(bytes);
}

#[test]
fn shows_records() {
    let image = by_hand();
    let found = found(&image);
    assert!(found.is_sound());
    assert_eq!(found.last_commit, Some(2));
    assert_eq!(said(&found), Some(vec![(0, 10), (2, 5), (0, 0)]));
    let journal = found.live_journal().unwrap();
    let first = records_at(&image, 0) as u64;
    let places = journal.records.iter().map(|r| (r.number, r.address, r.len));
    assert_eq!(
        places.collect::<Vec<_>>(),
        [(1, first, 128), (2, first + 128, 64)]
    );
    assert_eq!(journal.records[0].changes.len(), 2);
    let last = journal.records[1].changes[0];
    assert_eq!((last.log, last.checked), (1, true));
    assert_eq!((last.entry.head, last.entry.tail), (2, 5));
    assert_eq!((journal.first, journal.tail), (first, first + 192));
    assert_eq!(journal.end, first + 256);
    assert_eq!(journal.behind, Behind::Nothing);
    let idle = found.in_flight().unwrap().idle;
    assert_eq!(idle, Idle::Blank);
}

#[test]
fn shows_what_an_interrupted_commit_has_left() {
    let image = by_hand();
    let left = |image: &[u8]| found(image).in_flight().unwrap().commit;
    assert_eq!(left(&image), Interrupted::Nothing);
    // The bytes of the last record's log have not arrived.
    let mut incomplete = image.clone();
    put(&mut incomplete, 1, 4, b"?");
    assert_eq!(left(&incomplete), Interrupted::Incomplete { number: 2 });
    assert_eq!(
        said(&found(&incomplete)),
        Some(vec![(0, 10), (0, 4), (0, 0)])
    );
    assert_eq!(found(&incomplete).last_commit, Some(1));
    // Those of an earlier one are for nobody to compare.
    let mut earlier = image.clone();
    put(&mut earlier, 0, 4, b"?");
    assert_eq!(said(&found(&earlier)), said(&found(&image)));
    // Of the last record some words have not arrived.
    let at = tail(&image, 0) - 64;
    for word in 0..7 {
        let mut torn = image.clone();
        set_word(&mut torn, at + 8 * word, 0);
        let found = found(&torn);
        assert_eq!(found.last_commit, Some(1), "{word}");
        let (behind, commit) = match word {
            0 => (Behind::Nothing, Interrupted::Nothing),
            _ => (Behind::Torn { address: at as u64 }, Interrupted::Torn),
        };
        assert_eq!(found.live_journal().unwrap().behind, behind, "{word}");
        assert_eq!(found.in_flight().unwrap().commit, commit, "{word}");
    }
}

#[test]
fn a_later_record_is_evidence_of_damage() {
    let mut image = by_hand();
    let first = records_at(&image, 0);
    image[first + 64 + 7] ^= 1;
    let found = found(&image);
    assert!(!found.is_sound());
    let journal = found.live_journal().unwrap();
    let address = (first + 128) as u64;
    assert_eq!(journal.behind, Behind::Later { address });
    assert_eq!((journal.records.len(), journal.tail), (0, first as u64));
    assert!(found.logs.iter().all(|log| log.last.is_none()));
    assert_eq!((found.last_commit, found.in_flight()), (None, None));
}

#[test]
fn says_where_logs_stand_whose_entries_are_sound() {
    let image = by_hand();
    let known = |log| {
        let mut image = image.clone();
        let entry = entry_at(&image, 0, log);
        image[entry + 20] ^= 1;
        let found = found(&image);
        assert!(!found.is_sound());
        let known = found.logs.iter().map(|log| log.last.is_some());
        (found.last_commit, known.collect::<Vec<_>>())
    };
    assert_eq!(known(0), (Some(2), vec![false, true, true]));
    // The last record has changed log 1, and it is not known whether its bytes are there.
    assert_eq!(known(1), (None, vec![true, false, true]));
    assert_eq!(known(2), (Some(2), vec![true, true, false]));
}

#[test]
fn shows_what_the_other_journal_holds() {
    let image = by_hand();
    let idle = |image: &[u8]| found(image).in_flight().unwrap().idle;
    let snapshot = |number| {
        let mut image = image.clone();
        set_number(&mut image, 1, number);
        for log in 0..3 {
            let (start, capacity) = ring(&image, log);
            set_entry(&mut image, 1, log, [start as u64, capacity as u64, 0, 0]);
        }
        image
    };
    assert_eq!(idle(&snapshot(0)), Idle::Older);
    assert_eq!(idle(&snapshot(2)), Idle::Later);
    let mut torn = snapshot(2);
    let entry = entry_at(&torn, 1, 2);
    torn[entry + 20] ^= 1;
    assert_eq!(idle(&torn), Idle::Torn);
    assert!(found(&torn).is_sound());
    // The same, and it is live.
    set_word(&mut torn, SELECTOR, SELECTOR_B);
    let torn = found(&torn);
    assert_eq!(torn.live(), Some(Journal::B));
    assert!(!torn.is_sound());
    assert!(!torn.logs[2].b.sound && torn.logs[2].a.sound);
}

#[test]
fn is_sound_where_it_opens_if_codewords_say_what_they_may_not() {
    let image = by_hand();
    let magic = word(b"multilog", 0);
    let len = image.len() as u64;
    let (start, capacity) = ring(&image, 1);
    let (start, capacity) = (start as u64, capacity as u64);
    let third = ring(&image, 2).0 as u64;
    type Case<'a> = (&'a str, bool, &'a dyn Fn(&mut Vec<u8>));
    let cases: [Case; 19] = [
        ("all of it", true, &|i| set_header(i, magic, 2, 3, len)),
        ("magic", false, &|i| set_header(i, magic + 1, 2, 3, len)),
        ("version", false, &|i| set_header(i, magic, 1, 3, len)),
        ("length", false, &|i| set_header(i, magic, 2, 3, len - 1)),
        ("no logs", false, &|i| set_header(i, magic, 2, 0, len)),
        ("many logs", false, &|i| {
            set_header(i, magic, 2, 65_537, len)
        }),
        ("few lines", false, &|i| set_id(i, 1)),
        ("many lines", false, &|i| set_id(i, 1 << 60)),
        ("number", false, &|i| set_number(i, 0, 1 << 63)),
        ("entry", true, &|i| {
            set_entry(i, 0, 1, [start, capacity, 0, 0])
        }),
        ("no ring", false, &|i| set_entry(i, 0, 1, [start, 0, 0, 0])),
        ("ring in front", false, &|i| {
            set_entry(i, 0, 1, [128, capacity, 0, 0])
        }),
        ("ring too long", false, &|i| {
            set_entry(i, 0, 1, [start, third - start + 1, 0, 0])
        }),
        ("ring behind", false, &|i| {
            set_entry(i, 0, 1, [u64::MAX - 1, capacity, 0, 0])
        }),
        ("much in use", false, &|i| {
            push_record(i, &[change(1, 2, 53, None)]);
        }),
        ("tail first", false, &|i| {
            push_record(i, &[change(1, 5, 4, None)]);
        }),
        ("full", true, &|i| {
            push_record(i, &[change(1, 2, 52, None)]);
        }),
        ("no such log", false, &|i| {
            push_record(i, &[change(3, 0, 0, None)]);
        }),
        // It does not count, since there are no such bytes.
        ("no such log, checked", true, &|i| {
            push_record(i, &[change(3, 0, 0, Some(b""))]);
        }),
    ];
    for (what, possible, edit) in cases {
        let mut image = image.clone();
        edit(&mut image);
        assert_eq!(image::word(&image, 32), ID.lo);
        assert_eq!(found(&image).is_sound(), possible, "{what}");
        agrees(&image, what);
    }
}
