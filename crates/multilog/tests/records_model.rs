//! Records under random operations, compared with a list of those that are there: appends of any length, plain bytes between
//! them, head advances, truncations, reopening, and damage.

mod common;

use common::Generator;
use multilog::{MemRegion, MultiLog, RecordError, RECORD_OVERHEAD};
use proptest::prelude::*;

const CAPACITY: u64 = 160;

/// What was appended to the log: from a position to another one, a record's payload, or only bytes.
type Appended = Vec<(u64, u64, Option<Vec<u8>>)>;

struct Model {
    head: u64,
    tail: u64,
    appended: Appended,
    /// The records that a truncation has cut, and where they start. Something else may have been appended since, even
    /// the very bytes that they had lost.
    cut: Vec<(u64, Vec<u8>)>,
}

impl Model {
    /// The payload of the record that was cut there.
    fn was_cut(&self, position: u64) -> Option<&Vec<u8>> {
        let cut = self.cut.iter().find(|(from, _)| *from == position);
        cut.map(|(_, payload)| payload)
    }

    /// The records that are in the log, whole.
    fn records(&self) -> impl Iterator<Item = (u64, u64, &Vec<u8>)> {
        let within = |(from, _, _): &&(u64, u64, _)| (self.head..self.tail).contains(from);
        let appended = self.appended.iter().filter(within);
        appended.filter_map(|(from, to, payload)| Some((*from, *to, payload.as_ref()?)))
    }
}

fn compare(logs: &MultiLog<MemRegion>, model: &Model) {
    for position in model.head.saturating_sub(1)..model.tail + 2 {
        let found = logs.get_record(0, position);
        let expected = model.records().find(|(from, _, _)| *from == position);
        let (head, tail) = (model.head, model.tail);
        match expected {
            _ if position < head || position >= tail => {
                let error = RecordError::OutOfRange {
                    position,
                    head,
                    tail,
                };
                assert_eq!(found.unwrap_err(), error);
            }
            Some((_, to, payload)) => {
                let found = found.unwrap();
                assert_eq!((found.payload(), found.next_position()), (&payload[..], to));
            }
            None if model.was_cut(position).is_some() => {
                let payload = model.was_cut(position).unwrap();
                assert!(found.map_or(true, |found| found.payload() == payload));
            }
            None => assert_eq!(found.unwrap_err(), RecordError::NoRecord { position }),
        }
    }
    // From any record on, up to the tail or to what is none.
    let whole: Vec<_> = model
        .records()
        .filter(|(_, to, _)| *to <= model.tail)
        .collect();
    for (first, (from, _, _)) in whole.iter().enumerate() {
        let mut expected = whole[first..].iter().peekable();
        let mut records = logs.records_from(0, *from);
        let mut end = *from;
        while let Some(record) = expected.next_if(|(from, _, _)| *from == end) {
            let found = records.next().unwrap().unwrap();
            assert_eq!(found.payload(), &record.2[..]);
            end = record.1;
        }
        match records.next() {
            None => assert_eq!(end, model.tail),
            Some(Ok(found)) => assert!(model.was_cut(found.position()).is_some()),
            Some(Err(error)) => {
                let goes_on = matches!(error, RecordError::Damaged { .. });
                assert!(end < model.tail && (goes_on || records.next().is_none()));
            }
        }
    }
}

fn run(seed: u64, steps: u64) {
    let mut generator = Generator(seed);
    let len = multilog::required_len(&[CAPACITY]).unwrap();
    let region = MemRegion::new(len as usize);
    let mut logs = MultiLog::create(region, &[CAPACITY]).unwrap();
    let (head, tail, appended) = (0, 0, Vec::new());
    let mut model = Model {
        head,
        tail,
        appended,
        cut: Vec::new(),
    };
    for _ in 0..steps {
        let within = model.head + generator.below(model.tail - model.head + 1);
        let free = CAPACITY - (model.tail - model.head);
        let bytes = vec![generator.below(256) as u8; generator.below(CAPACITY) as usize];
        let bytes = &bytes[..generator.below(bytes.len() as u64 + 1) as usize];
        match generator.below(8) {
            0 => {
                logs.stage_truncate(0, within).unwrap();
                model.tail = within;
                model.cut.retain(|(from, _)| *from < within);
                for (from, to, payload) in &model.appended {
                    if *from < within && within < *to {
                        let payload = payload.clone();
                        model.cut.extend(payload.map(|payload| (*from, payload)));
                    }
                }
                model.appended.retain(|(_, to, _)| *to <= within);
            }
            1 => {
                logs.stage_advance_head(0, within).unwrap();
                model.head = within;
            }
            2 => {
                let next = model.records().find(|(from, _, _)| *from >= within);
                let head = next.map_or(model.tail, |(from, _, _)| from);
                logs.stage_advance_head(0, head).unwrap();
                model.head = head;
            }
            3 if bytes.len() as u64 <= free => {
                let position = logs.stage_append(0, bytes).unwrap();
                model.tail = position + bytes.len() as u64;
                model.appended.push((position, model.tail, None));
            }
            4 => {
                // What is staged and dropped is as if it had not been.
                let _ = logs.stage_append_record(0, bytes);
                logs.abort();
            }
            _ => {
                for _ in 0..1 + generator.below(2) {
                    let len = bytes.len() as u64 + RECORD_OVERHEAD;
                    let free = CAPACITY - (model.tail - model.head);
                    let staged = logs.stage_append_record(0, bytes);
                    assert_eq!(staged.is_ok(), len <= free, "{staged:?}");
                    if let Ok(position) = staged {
                        assert_eq!(position, model.tail);
                        model.tail = position + len;
                        let payload = Some(bytes.to_vec());
                        model.appended.push((position, model.tail, payload));
                    }
                }
            }
        }
        logs.commit().unwrap();
        if generator.below(5) == 0 {
            logs = MultiLog::open(logs.into_region()).unwrap();
        }
        compare(&logs, &model);
    }
    damage(&mut generator, logs, &model);
}

/// A wrong bit in a record: it is reported, and what is returned is nothing that was not appended.
fn damage(generator: &mut Generator, mut logs: MultiLog<MemRegion>, model: &Model) {
    // Damage to what the last commit has appended would look like its interruption: let it be one that appends nothing.
    if logs.stage_append(0, b"x").is_err() {
        return;
    }
    logs.commit().unwrap();
    logs.stage_truncate(0, model.tail).unwrap();
    logs.commit().unwrap();
    let (image, start) = {
        let found = multilog::inspect::inspect(logs.region()).unwrap();
        (
            logs.into_region().into_vec(),
            found.logs[0].a.value.ring.start,
        )
    };
    let whole: Vec<_> = model
        .records()
        .filter(|(_, to, _)| *to <= model.tail)
        .collect();
    for (from, to, payload) in &whole {
        let at = from + generator.below(to - from);
        let mut damaged = image.clone();
        damaged[(start + at % CAPACITY) as usize] ^= 1 << generator.below(8);
        let logs = MultiLog::open(MemRegion::from_vec(damaged)).unwrap();
        let error = logs.get_record(0, *from).unwrap_err();
        let position = *from;
        if at < from + 16 {
            assert_eq!(error, RecordError::NoRecord { position });
        } else {
            let next = *to;
            assert_eq!(error, RecordError::Damaged { position, next });
            let mut records = logs.records_from(0, position);
            assert_eq!(records.next().unwrap().unwrap_err(), error);
            let mut end = next;
            for (from, to, payload) in whole.iter().filter(|other| other.0 >= *to) {
                assert_eq!(logs.get_record(0, *from).unwrap().payload(), &payload[..]);
                if *from == end {
                    assert_eq!(records.next().unwrap().unwrap().payload(), &payload[..]);
                    end = *to;
                }
            }
        }
        assert!(payload.len() as u64 + RECORD_OVERHEAD == to - from);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn records_are_those_that_were_appended(seed: u64, steps in 1..60u64) {
        run(seed, steps);
    }
}
