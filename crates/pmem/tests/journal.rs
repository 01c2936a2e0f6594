//! Two journals: what is written is read, and every crash leaves the state before or after.
//!
//! The proofs say so of all layouts and all payloads. This looks at a few, with the code as it is compiled.

mod recording;

use pmem::journal::{Journal, JournalContents, JournalError, JournalLayout, Journals};
use pmem::journal::{SELECTOR_A, SELECTOR_B};
use pmem::trusted::guarded::{CrashPermission, Guarded, Readings};
use pmem::{IoError, IoOperation, MemRegion, Region, RegionId};
use recording::{Record, Recording};
use std::cell::RefCell;
use std::rc::Rc;
use vstd::prelude::{Ghost, Tracked};

const ID: RegionId = RegionId { lo: 7, hi: 9 };

const A: usize = 64;
const B: usize = 64 + 448 + 64;

/// Where the records begin in a journal.
const RECORDS: usize = 256;

/// Room for three lines of records in each journal, and something else before, between and behind.
const LAYOUT: JournalLayout = JournalLayout {
    selector: 48,
    a: A as u64,
    b: B as u64,
    len: 448,
    entries: 2,
    records: RECORDS as u64,
    id: ID,
};

const LEN: usize = B + 448 + 64;

/// Permits all: the proofs have looked at the code that asks for it.
struct Anything;

impl CrashPermission for Anything {}

fn permission() -> Tracked<&'static Anything> {
    Tracked::assume_new()
}

/// What the journals of an image say: the last record's number, the entries, the records.
type State = (u64, Vec<[u64; 7]>, Vec<Vec<u8>>);

fn state(contents: &JournalContents) -> State {
    (
        contents.number,
        contents.entries.clone(),
        contents.records.clone(),
    )
}

fn contents_of<R: Region>(region: &Guarded<R, Anything>) -> Result<JournalContents, JournalError> {
    LAYOUT.read(region, &mut Readings::new())
}

fn found(image: &[u8]) -> Result<State, JournalError> {
    contents_of(&Guarded::new(MemRegion::from_vec(image.to_vec()))).map(|found| state(&found))
}

/// A payload that fills `lines` lines together with the header, with the top bit of each further line's first word set.
fn payload(lines: usize, seed: u8) -> Vec<u8> {
    let byte = |i: usize| {
        let byte = (i as u8).wrapping_mul(31).wrapping_add(seed);
        if i % 64 == 39 {
            byte | 128
        } else {
            byte
        }
    };
    (0..64 * lines - 32).map(byte).collect()
}

fn entries(seed: u64) -> Vec<[u64; 7]> {
    (0..2)
        .map(|i| core::array::from_fn(|k| seed * 100 + i * 10 + k as u64))
        .collect()
}

type Store = (Guarded<Recording, Anything>, Journals, Rc<RefCell<Record>>);

/// New journals on a medium that holds something else, flushed.
fn created() -> Store {
    let (region, record) = Recording::new(vec![0xa5; LEN], None);
    let mut region = Guarded::new(region);
    let journals = Journals::create(&mut region, LAYOUT, &entries(1), permission()).unwrap();
    region.flush().unwrap();
    record.borrow_mut().moments.clear();
    (region, journals, record)
}

/// The journals of an image, as they are after opening.
fn reopened(image: Vec<u8>, fails: Option<usize>) -> (Store, State) {
    let (region, record) = Recording::new(image, fails);
    let region = Guarded::new(region);
    let found = contents_of(&region).unwrap();
    let journals = Journals::of(LAYOUT, &found, Ghost::assume_new(), Ghost::assume_new());
    ((region, journals, record), state(&found))
}

fn image(store: &Store) -> Vec<u8> {
    let mut image = vec![0; LEN];
    store.0.get().read(0, &mut image).unwrap();
    image
}

/// Whether there is room for a record of one line.
fn has_room(store: &Store) -> bool {
    store.1.has_room(32, Ghost::assume_new())
}

/// Every image that a crash may have left since the last call says one of the `allowed` states. How many there were.
fn crashes(record: &Rc<RefCell<Record>>, allowed: &[State]) -> usize {
    let mut tried = 0;
    for moment in record.borrow_mut().moments.drain(..) {
        moment.crashes(|image| {
            let found = found(image).unwrap();
            assert!(allowed.contains(&found), "{found:?}, not in {allowed:?}");
            tried += 1;
        });
    }
    tried
}

fn append(store: &mut Store, payload: &[u8]) {
    let (region, journals, _) = store;
    journals
        .append_record(region, payload, permission())
        .unwrap();
}

fn switch(store: &mut Store, entries: &[[u64; 7]]) {
    let (region, journals, _) = store;
    let number = journals.number();
    journals
        .switch(region, number, entries, permission())
        .unwrap();
}

/// How many writes and how many flushes there were.
fn calls(store: &Store) -> (usize, usize) {
    let record = store.2.borrow();
    (record.writes, record.flushes)
}

fn word_at(image: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(image[at..at + 8].try_into().unwrap())
}

#[test]
fn new_journals_leave_the_rest_alone() {
    let image = image(&created());
    let others = [0..48, 56..A, A + 448..B, B + 448..LEN];
    for range in others {
        assert!(image[range].iter().all(|&byte| byte == 0xa5));
    }
    assert_eq!(word_at(&image, 48), SELECTOR_A);
    assert!(image[A + RECORDS..A + 448].iter().all(|&byte| byte == 0));
    assert!(image[B..B + 448].iter().all(|&byte| byte == 0));
}

#[test]
fn new_journals_are_found() {
    let store = created();
    assert_eq!(store.1.number(), 0);
    assert!(has_room(&store));
    assert_eq!(found(&image(&store)), Ok((0, entries(1), vec![])));
}

#[test]
fn a_switch_is_three_writes_and_two_flushes() {
    let mut store = created();
    for (round, selector) in [(2, SELECTOR_B), (3, SELECTOR_A), (4, SELECTOR_B)] {
        let (writes, flushes) = calls(&store);
        switch(&mut store, &entries(round));
        assert_eq!(calls(&store), (writes + 3, flushes + 2));
        assert_eq!(word_at(&image(&store), 48), selector);
        assert_eq!(store.1.number(), 0);
        assert!(has_room(&store));
    }
}

#[test]
fn a_switch_leaves_the_live_journal_and_the_rest_alone() {
    let mut store = created();
    let before = image(&store);
    switch(&mut store, &entries(2));
    let after = image(&store);
    let same = [0..48, 56..B, B + RECORDS..LEN];
    for range in same {
        assert_eq!(before[range.clone()], after[range]);
    }
}

/// What was written elsewhere before a switch is durable when the selector changes.
#[test]
fn a_switch_makes_durable_what_was_written_elsewhere() {
    let mut store = created();
    let at = LEN - 64;
    store.0.write(at as u64, &[7; 64], permission()).unwrap();
    switch(&mut store, &entries(2));
    let (mut before, mut after) = (0, 0);
    for moment in store.2.borrow_mut().moments.drain(..) {
        moment.crashes(|image| {
            if word_at(image, 48) == SELECTOR_B {
                assert_eq!(image[at..], [7; 64]);
                after += 1;
            } else {
                assert_eq!(word_at(image, 48), SELECTOR_A);
                before += 1;
            }
        });
    }
    assert!(before > 500 && after == 2, "{before} {after}");
}

#[test]
fn what_is_appended_is_found() {
    let mut store = created();
    let records = [payload(2, 3), payload(1, 4)];
    for (n, record) in records.iter().enumerate() {
        let len = record.len() as u64;
        assert!(store.1.has_room(len, Ghost::assume_new()));
        append(&mut store, record);
        let expected = (n as u64 + 1, entries(1), records[..n + 1].to_vec());
        assert_eq!(found(&image(&store)), Ok(expected));
    }
    assert!(!has_room(&store));
    let image = image(&store);
    for range in [0..48, 56..A, A + 448..B, B + 448..LEN] {
        assert!(image[range].iter().all(|&byte| byte == 0xa5));
    }
}

#[test]
fn a_record_is_one_write_and_one_flush() {
    let mut store = created();
    let (writes, flushes) = calls(&store);
    append(&mut store, &payload(2, 3));
    assert_eq!(calls(&store), (writes + 1, flushes + 1));
}

#[test]
fn every_torn_record_is_found_or_is_none() {
    for lines in [vec![1, 1, 1], vec![2, 1], vec![1, 2], vec![3]] {
        let mut store = created();
        let mut records = vec![];
        for (n, &lines) in lines.iter().enumerate() {
            let before = (n as u64, entries(1), records.clone());
            records.push(payload(lines, n as u8));
            append(&mut store, &records[n]);
            let after = (n as u64 + 1, entries(1), records.clone());
            let tried = crashes(&store.2, &[before, after]);
            assert!(tried > 250, "{tried}");
        }
    }
}

/// Journals switch to and fro, with records that are written over earlier ones.
#[test]
fn every_crash_in_a_switch_leaves_the_state_before_or_after() {
    let mut store = created();
    let mut before = (0, entries(1), vec![]);
    for round in 2..6 {
        for lines in [1, 2] {
            let seed = (round * 16) as u8 + lines as u8;
            let mut after = before.clone();
            after.2.push(payload(lines, seed));
            after.0 += 1;
            append(&mut store, after.2.last().unwrap());
            crashes(&store.2, &[before, after.clone()]);
            before = after;
        }
        let after = (before.0, entries(round), vec![]);
        switch(&mut store, &entries(round));
        let tried = crashes(&store.2, &[before, after.clone()]);
        assert!(tried > 250, "{tried}");
        before = after;
    }
}

/// After opening there is no room before a switch, which is into a journal of which nothing is known.
#[test]
fn every_crash_in_the_first_switch_after_opening_leaves_the_state_before_or_after() {
    let mut store = created();
    append(&mut store, &payload(1, 5));
    switch(&mut store, &entries(2));
    append(&mut store, &payload(2, 6));
    let mut image = image(&store);
    let mut before = found(&image).unwrap();
    for round in 3..6 {
        let (mut store, state) = reopened(image, None);
        assert_eq!(state, before);
        assert!(!has_room(&store));
        let after = (before.0, entries(round), vec![]);
        switch(&mut store, &entries(round));
        assert_eq!(calls(&store), (4, 2));
        crashes(&store.2, &[before, after.clone()]);
        let with = (after.0 + 1, entries(round), vec![payload(1, round as u8)]);
        append(&mut store, &with.2[0]);
        crashes(&store.2, &[after, with.clone()]);
        before = with;
        image = self::image(&store);
    }
}

/// The bytes of a record that is whole, and has this number.
fn forged(number: usize) -> Vec<u8> {
    let layout = JournalLayout {
        len: 4096,
        b: 8192,
        ..LAYOUT
    };
    let mut region = Guarded::<_, Anything>::new(MemRegion::new(16384));
    let mut journals = Journals::create(&mut region, layout, &entries(1), permission()).unwrap();
    for _ in 0..number {
        journals
            .append_record(&mut region, &payload(1, 66), permission())
            .unwrap();
    }
    let mut line = vec![0; 64];
    let at = A + RECORDS + 64 * (number - 1);
    region.get().read(at as u64, &mut line).unwrap();
    line
}

/// Somebody who knows the region's id leaves a record of a number to come where the next one will end.
#[test]
fn what_lies_in_wait_for_a_number_does_not_count() {
    for (switches, at) in [(1, B + RECORDS + 64), (2, A + RECORDS + 64)] {
        let mut store = created();
        append(&mut store, &payload(1, 5));
        let mut bytes = image(&store);
        // It would be number 3, behind number 2 in the first line.
        bytes[at..at + 64].copy_from_slice(&forged(3));
        let (mut store, _) = reopened(bytes, None);
        for round in 0..switches {
            switch(&mut store, &entries(round));
        }
        append(&mut store, &payload(1, 9));
        let expected = (2, entries(switches - 1), vec![payload(1, 9)]);
        assert_eq!(found(&image(&store)), Ok(expected));
    }
}

#[test]
fn a_forged_record_is_one_where_it_may_stand() {
    let mut store = created();
    append(&mut store, &payload(1, 5));
    let mut bytes = image(&store);
    let next = A + RECORDS + 64;
    bytes[next..next + 64].copy_from_slice(&forged(2));
    let records = vec![payload(1, 5), payload(1, 66)];
    assert_eq!(found(&bytes), Ok((2, entries(1), records)));
}

#[test]
fn a_record_of_another_number_or_region_is_none() {
    let mut store = created();
    append(&mut store, &payload(1, 5));
    let bytes = image(&store);
    let (first, second) = (A + RECORDS, A + RECORDS + 64);
    let mut again = bytes.clone();
    again.copy_within(first..second, second);
    assert_eq!(found(&again), found(&bytes));
    let mut elsewhere = bytes.clone();
    switch(&mut store, &entries(2));
    elsewhere[B..].copy_from_slice(&image(&store)[B..]);
    elsewhere[48..56].copy_from_slice(&SELECTOR_B.to_le_bytes());
    elsewhere.copy_within(first..second, B + RECORDS);
    assert_eq!(found(&elsewhere), Ok((1, entries(2), vec![])));
    let other = JournalLayout {
        id: RegionId { lo: 7, hi: 10 },
        ..LAYOUT
    };
    let region = Guarded::<_, Anything>::new(MemRegion::from_vec(bytes));
    let error = other.read(&region, &mut Readings::new()).err();
    assert_eq!(error, Some(JournalError::Header { address: A as u64 }));
}

/// A whole header of a later record shows that what is before it is damaged.
#[test]
fn a_later_record_behind_one_that_is_not_whole_is_an_error() {
    let mut store = created();
    for seed in [5, 6, 7] {
        append(&mut store, &payload(1, seed));
    }
    let bytes = image(&store);
    for at in A + RECORDS..A + RECORDS + 128 {
        let mut damaged = bytes.clone();
        damaged[at] ^= 16;
        match found(&damaged) {
            Err(JournalError::Records { address, len }) => {
                let (address, len) = (address as usize, len as usize);
                assert!(address <= at && at < address + len, "{address} {len}");
            }
            other => panic!("{at}: {other:?}"),
        }
    }
    let mut damaged = bytes.clone();
    damaged[A + RECORDS + 128] ^= 16;
    let records = vec![payload(1, 5), payload(1, 6)];
    assert_eq!(found(&damaged), Ok((2, entries(1), records)), "the last");
}

/// Every byte in turn: a panic would be found, and so would a state that was never committed.
#[test]
fn damage_leads_to_an_error_or_to_something_that_was_committed() {
    let mut store = created();
    append(&mut store, &payload(1, 5));
    switch(&mut store, &entries(2));
    let mut committed = vec![found(&image(&store)).unwrap()];
    append(&mut store, &payload(2, 6));
    committed.push(found(&image(&store)).unwrap());
    let bytes = image(&store);
    for at in 0..LEN {
        for flip in [1, 128, 255] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            let last = (B + RECORDS..B + RECORDS + 128).contains(&at);
            match found(&damaged) {
                Ok(state) => assert_eq!(state, committed[1 - last as usize], "{at}"),
                Err(JournalError::Selector) => assert!((48..56).contains(&at)),
                Err(JournalError::Header { address }) => {
                    assert_eq!(address, B as u64);
                    assert!((B..B + 32).contains(&at));
                }
                Err(JournalError::Entry { index, address }) => {
                    assert_eq!(address, B as u64 + 64 + 64 * index);
                    assert_eq!(at as u64 / 64, address / 64);
                }
                Err(error) => panic!("{at}: {error:?}"),
            }
        }
    }
}

#[test]
fn without_a_selector_or_a_header_there_is_nothing() {
    for bytes in [vec![0; LEN], vec![0xff; LEN], vec![0xa5; LEN]] {
        assert_eq!(found(&bytes), Err(JournalError::Selector));
    }
    let mut bytes = image(&created());
    bytes[48..56].copy_from_slice(&SELECTOR_B.to_le_bytes());
    let error = JournalError::Header { address: B as u64 };
    assert_eq!(found(&bytes), Err(error));
    assert_eq!(SELECTOR_A, !SELECTOR_B);
    assert_eq!(Journal::A.other(), Journal::B);
}

/// Each write and flush of a switch and of an append fails in turn: that call says so.
#[test]
fn a_failure_is_returned() {
    let mut store = created();
    append(&mut store, &payload(1, 5));
    let bytes = image(&store);
    let mut failed = 0;
    for fails in 0.. {
        let ((mut region, mut journals, _), _) = reopened(bytes.clone(), Some(fails));
        let number = journals.number();
        let switched = journals.switch(&mut region, number, &entries(2), permission());
        let appended = switched
            .and_then(|()| journals.append_record(&mut region, &payload(1, 7), permission()));
        match appended {
            Ok(()) => break,
            Err(IoError { operation, errno }) => {
                assert_eq!(errno, 5);
                assert_ne!(operation, IoOperation::Read);
                failed += 1;
            }
        }
    }
    assert_eq!(failed, 8);
}
