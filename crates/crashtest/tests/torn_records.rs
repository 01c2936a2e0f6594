//! A commit that a crash has torn: its record is there, and the bytes that it appended are those that were there before.

use crashtest::corruption::oracle;
use crashtest::corruption::shared::Shared;
use multilog::{MemRegion, MultiLog, RegionId};

const ID: RegionId = RegionId { lo: 1, hi: 2 };

/// What another record has left is not taken for the one that was committed, although each of them ends in its own CRC.
#[test]
fn a_record_in_the_place_of_another_one_is_not_taken_for_it() {
    let region = Shared::new(vec![0; 1_024]);
    let mut logs =
        MultiLog::create_with_journal(region.clone(), &[100], 2, ID, false).expect("new logs");
    logs.stage_append_record(0, b"one thing").expect("room");
    logs.abort();
    let before = region.bytes();
    logs.stage_append_record(0, b"different").expect("room");
    logs.commit().expect("a commit");
    let after = region.bytes();
    let mut left = after.clone();
    let appended = oracle::open(&after).expect("logs").appended();
    appended.into_iter().for_each(|at| left[at] = before[at]);
    let found = MultiLog::open(MemRegion::from_vec(left)).expect("logs");
    let records: Vec<_> = found
        .records(0)
        .map(|found| found.map(|found| found.payload().to_vec()))
        .collect();
    assert_eq!(records, [], "nothing, as the commit's bytes are not there");
}
