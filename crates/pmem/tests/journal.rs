//! Two journals: what is written is read, and every crash leaves the state before or after.
//!
//! The proofs say so of all layouts and all payloads. This looks at a few, with the code as it is compiled.

mod recording;

use pmem::journal::{Journal, JournalError, JournalLayout, Journals, Opened};
use pmem::trusted::guarded::{CrashPermission, Guarded};
use pmem::{IoError, IoOperation, MemRegion, Region, RegionId};
use recording::{Record, Recording};
use std::cell::RefCell;
use std::rc::Rc;
use vstd::prelude::{Ghost, Tracked};

const ID: RegionId = RegionId { lo: 7, hi: 9 };

/// Room for three lines of records in each journal, and something else before, between and behind.
const LAYOUT: JournalLayout = JournalLayout {
    a: 64,
    b: 64 + 448 + 64,
    len: 448,
    entries: 2,
    records: 256,
    id: ID,
};

const LEN: usize = 64 + 448 + 64 + 448 + 64;

/// Permits all: the proofs have looked at the code that asks for it.
struct Anything;

impl CrashPermission for Anything {}

fn permission() -> Tracked<&'static Anything> {
    Tracked::assume_new()
}

/// What the journals of an image say: generation, number, entries, records.
type State = (u64, u64, Vec<[u64; 7]>, Vec<Vec<u8>>);

fn state(opened: &Opened) -> State {
    let journals = &opened.journals;
    (
        journals.generation(),
        journals.number(),
        opened.entries.clone(),
        opened.records.clone(),
    )
}

fn open_in<R: Region>(region: R) -> Result<(Guarded<R, Anything>, Opened), JournalError> {
    let guarded = Guarded::new(region);
    let opened = Journals::open(&guarded, LAYOUT)?;
    Ok((guarded, opened))
}

fn found(image: &[u8]) -> Result<State, JournalError> {
    open_in(MemRegion::from_vec(image.to_vec())).map(|(_, opened)| state(&opened))
}

/// A payload that fills `lines` lines, with the top bit of each further line's first word set.
fn payload(lines: usize, seed: u8) -> Vec<u8> {
    let byte = |i: usize| {
        let byte = (i as u8).wrapping_mul(31).wrapping_add(seed);
        if i % 64 == 63 {
            byte | 128
        } else {
            byte
        }
    };
    (0..64 * lines - 16).map(byte).collect()
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

fn image(store: &Store) -> Vec<u8> {
    let mut image = vec![0; LEN];
    store.0.get().read(0, &mut image).unwrap();
    image
}

/// Every image that a crash may have left since the last call opens as one of the `allowed` states. How many there were.
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
    journals.switch(region, entries, permission()).unwrap();
}

#[test]
fn what_is_appended_is_found() {
    let mut store = created();
    assert_eq!(found(&image(&store)), Ok((1, 0, entries(1), vec![])));
    let records = [payload(2, 3), payload(1, 4)];
    for (n, record) in records.iter().enumerate() {
        let len = record.len() as u64;
        assert!(store.1.has_room(len, Ghost::assume_new()));
        append(&mut store, record);
        let expected = (1, n as u64 + 1, entries(1), records[..n + 1].to_vec());
        assert_eq!(found(&image(&store)), Ok(expected));
    }
    assert!(!store.1.has_room(48, Ghost::assume_new()));
    assert!(image(&store)[..64].iter().all(|&b| b == 0xa5));
    assert!(image(&store)[512..576].iter().all(|&b| b == 0xa5));
    assert!(image(&store)[LEN - 64..].iter().all(|&b| b == 0xa5));
}

#[test]
fn a_record_is_one_write_and_one_flush() {
    let mut store = created();
    let before = (store.2.borrow().writes, store.2.borrow().flushes);
    append(&mut store, &payload(2, 3));
    let after = (store.2.borrow().writes, store.2.borrow().flushes);
    assert_eq!(after, (before.0 + 1, before.1 + 1));
}

#[test]
fn every_torn_record_is_found_or_is_none() {
    for lines in [vec![1, 1, 1], vec![2, 1], vec![1, 2], vec![3]] {
        let mut store = created();
        let mut records = vec![];
        for (n, &lines) in lines.iter().enumerate() {
            let before = (1, n as u64, entries(1), records.clone());
            records.push(payload(lines, n as u8));
            append(&mut store, &records[n]);
            let after = (1, n as u64 + 1, entries(1), records.clone());
            let tried = crashes(&store.2, &[before, after]);
            assert!(tried > 250, "{tried}");
        }
    }
}

/// Journals switch to and fro, with records that are written over those of an earlier generation.
#[test]
fn every_crash_in_a_switch_leaves_the_state_before_or_after() {
    let mut store = created();
    let mut before = (1, 0, entries(1), vec![]);
    for round in 2..6 {
        for lines in [1, 2] {
            let mut after = before.clone();
            after
                .3
                .push(payload(lines, (round * 16) as u8 + lines as u8));
            after.1 += 1;
            append(&mut store, after.3.last().unwrap());
            crashes(&store.2, &[before, after.clone()]);
            before = after;
        }
        let after = (round, before.1, entries(round), vec![]);
        let flushes = store.2.borrow().flushes;
        switch(&mut store, &entries(round));
        assert_eq!(store.2.borrow().flushes, flushes + 2);
        let tried = crashes(&store.2, &[before, after.clone()]);
        assert!(tried > 500, "{tried}");
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
        let (region, record) = Recording::new(image, None);
        let (region, opened) = open_in(region).unwrap();
        assert_eq!(state(&opened), before);
        let mut store = (region, opened.journals, record);
        assert!(!store.1.has_room(48, Ghost::assume_new()));
        let after = (round, before.1, entries(round), vec![]);
        switch(&mut store, &entries(round));
        crashes(&store.2, &[before, after.clone()]);
        let mut with = after.clone();
        with.1 += 1;
        with.3.push(payload(1, round as u8));
        append(&mut store, &with.3[0]);
        crashes(&store.2, &[after, with.clone()]);
        before = with;
        image = self::image(&store);
    }
}

/// The bytes of a record that is whole.
fn forged(generation: u64, number: u64) -> Vec<u8> {
    let layout = JournalLayout { b: 4096, ..LAYOUT };
    let mut region = Guarded::<_, Anything>::new(MemRegion::new(8192));
    let mut journals = Journals::create(&mut region, layout, &entries(1), permission()).unwrap();
    for _ in 1..generation {
        while journals.has_room(48, Ghost::assume_new()) && journals.number() < number - 1 {
            let payload = payload(1, 1);
            journals
                .append_record(&mut region, &payload, permission())
                .unwrap();
        }
        journals
            .switch(&mut region, &entries(1), permission())
            .unwrap();
    }
    while journals.number() < number {
        let payload = payload(1, 66);
        journals
            .append_record(&mut region, &payload, permission())
            .unwrap();
    }
    let start = if generation % 2 == 1 { 64 } else { 4096 };
    let mut image = vec![0; 8192];
    region.get().read(0, &mut image).unwrap();
    image[start + 256..start + 320].to_vec()
}

/// Somebody who knows the region's id leaves records of generations to come where the next ones will end.
#[test]
fn what_lies_in_wait_for_a_generation_does_not_count() {
    for (generation, at) in [(2, 576 + 256 + 64), (3, 64 + 256 + 64)] {
        let mut store = created();
        append(&mut store, &payload(1, 5));
        let mut bytes = image(&store);
        // It would be number 3, behind number 2 in the first line.
        bytes[at..at + 64].copy_from_slice(&forged(generation, 3));
        let (region, record) = Recording::new(bytes, None);
        let (region, opened) = open_in(region).unwrap();
        let mut store = (region, opened.journals, record);
        for round in 2..generation + 1 {
            switch(&mut store, &entries(round));
        }
        append(&mut store, &payload(1, 9));
        let expected = (generation, 2, entries(generation), vec![payload(1, 9)]);
        assert_eq!(found(&image(&store)), Ok(expected));
    }
}

#[test]
fn a_forged_record_is_one_where_it_may_stand() {
    let mut store = created();
    append(&mut store, &payload(1, 5));
    let mut bytes = image(&store);
    bytes[384..448].copy_from_slice(&forged(1, 2));
    assert_eq!(found(&bytes).unwrap().3.len(), 1, "of another number");
    let line = forged(1, 1);
    assert_eq!(line[8..56], payload(1, 66));
}

#[test]
fn a_record_of_another_generation_number_or_region_is_none() {
    let mut store = created();
    append(&mut store, &payload(1, 5));
    let bytes = image(&store);
    let (first, second) = (64 + 256, 64 + 256 + 64);
    // The record again, behind itself: its number is covered.
    let mut again = bytes.clone();
    again.copy_within(first..second, second);
    assert_eq!(found(&again), found(&bytes));
    // In the other journal, of the next generation: its generation is in its first word.
    let mut elsewhere = bytes.clone();
    switch(&mut store, &entries(2));
    elsewhere[576..].copy_from_slice(&image(&store)[576..]);
    elsewhere.copy_within(first..second, 576 + 256);
    assert_eq!(found(&elsewhere), Ok((2, 1, entries(2), vec![])));
    let other = JournalLayout {
        id: RegionId { lo: 7, hi: 10 },
        ..LAYOUT
    };
    let region = Guarded::<_, Anything>::new(MemRegion::from_vec(bytes));
    let error = Journals::open(&region, other).err();
    assert_eq!(error, Some(JournalError::Headers));
}

/// Every byte in turn: a panic would be found, and so would a state that was never committed.
#[test]
fn damage_leads_to_an_error_or_to_something_that_was_committed() {
    let mut store = created();
    append(&mut store, &payload(1, 5));
    let mut committed = vec![found(&image(&store)).unwrap()];
    switch(&mut store, &entries(2));
    committed.push(found(&image(&store)).unwrap());
    append(&mut store, &payload(2, 6));
    committed.push(found(&image(&store)).unwrap());
    let bytes = image(&store);
    for at in 0..LEN {
        for flip in [1, 128, 255] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            match found(&damaged) {
                Ok(state) => assert!(committed.contains(&state), "{at}: {state:?}"),
                Err(JournalError::Entry { index, address }) => {
                    assert_eq!(address, 576 + 64 + 64 * index);
                    assert_eq!(at as u64 / 64, address / 64);
                }
                Err(error) => panic!("{at}: {error:?}"),
            }
        }
    }
}

#[test]
fn without_a_whole_header_there_is_nothing() {
    for bytes in [vec![0; LEN], vec![0xff; LEN], vec![0xa5; LEN]] {
        assert_eq!(found(&bytes), Err(JournalError::Headers));
    }
    let store = created();
    let mut twice = image(&store);
    let (_, journals, _) = &store;
    assert_eq!(journals.generation(), 1);
    twice[64] ^= 1;
    assert_eq!(found(&twice), Err(JournalError::Headers));
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
        let (region, _) = Recording::new(bytes.clone(), Some(fails));
        let (mut region, opened) = open_in(region).unwrap();
        let mut journals = opened.journals;
        let switched = journals.switch(&mut region, &entries(2), permission());
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
    assert_eq!(failed, 11);
}
