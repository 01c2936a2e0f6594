//! A log that holds records and nothing else: iterating gives them all, in their order, and ends at the tail.

#[cfg(verus_only)]
use crate::records::format::*;
#[cfg(verus_only)]
use pmem::region_id::RegionId;
use vstd::prelude::*;

verus! {

/// The bytes of records with these payloads, one behind the other, the first one at `position`.
pub open spec fn records(id: RegionId, log: u64, position: int, payloads: Seq<Seq<u8>>) -> Seq<u8>
    decreases payloads.len(),
{
    if payloads.len() == 0 {
        Seq::empty()
    } else {
        let first = record(id, log, position as u64, payloads[0]);
        first + records(id, log, position + first.len(), payloads.drop_first())
    }
}

/// At the position of the first record of several, the first one is parsed, and behind it are the others: so reading
/// record after record gives all of them, and the last one ends where the bytes do.
pub proof fn theorem_records_follow(id: RegionId, log: u64, position: u64, payloads: Seq<Seq<u8>>)
    requires
        payloads.len() > 0,
        payloads[0].len() <= u64::MAX,
    ensures
        ({
            let bytes = records(id, log, position as int, payloads);
            let next = RECORD_OVERHEAD + payloads[0].len();
            &&& parsed(id, log, position, bytes) == Parsed::Record(payloads[0])
            &&& bytes.skip(next as int) == records(id, log, position + next, payloads.drop_first())
        }),
{
    let first = record(id, log, position, payloads[0]);
    let rest = records(id, log, position + first.len(), payloads.drop_first());
    lemma_record_len(id, log, position, payloads[0]);
    theorem_parsed_record(id, log, position, payloads[0], rest);
    assert((first + rest).skip(first.len() as int) =~= rest);
}

/// One more record behind several: what appending a record does to a log of records.
pub proof fn theorem_record_appended(
    id: RegionId,
    log: u64,
    position: int,
    payloads: Seq<Seq<u8>>,
    payload: Seq<u8>,
)
    ensures
        ({
            let bytes = records(id, log, position, payloads);
            let tail = position + bytes.len();
            records(id, log, position, payloads.push(payload)) == bytes + record(
                id,
                log,
                tail as u64,
                payload,
            )
        }),
    decreases payloads.len(),
{
    reveal_with_fuel(records, 2);
    if payloads.len() == 0 {
        let bytes = records(id, log, position, payloads);
        let one = record(id, log, position as u64, payload);
        assert(payloads.push(payload).drop_first() =~= payloads);
        assert(one + Seq::<u8>::empty() =~= bytes + one);
    } else {
        let first = record(id, log, position as u64, payloads[0]);
        theorem_record_appended(id, log, position + first.len(), payloads.drop_first(), payload);
        assert(payloads.push(payload).drop_first() =~= payloads.drop_first().push(payload));
        let rest = records(id, log, position + first.len(), payloads.drop_first());
        let tail = position + first.len() + rest.len();
        let one = record(id, log, tail as u64, payload);
        assert(first + (rest + one) =~= (first + rest) + one);
    }
}

} // verus!
