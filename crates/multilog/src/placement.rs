//! Where `create` puts the rings, and how long a region has to be for them.
use crate::layout::journal_lines;
#[cfg(verus_only)]
use crate::layout::{rings_ok, shape_fits};
pub use crate::trusted::image::*;
use pmem::ring::Ring;
use vstd::prelude::*;

verus! {

/// How many lines of 64 bytes each journal has for records, where nobody says: a page.
pub const JOURNAL_LINES: u64 = 64;

/// The first address that a ring may have: the bytes that the metadata needs. None if they are more than an address can say.
fn data_start(logs: u64, lines: u64) -> (r: Option<u64>)
    requires
        logs <= MAX_LOGS,
    ensures
        r matches Some(start) ==> start == spec_data_start(logs as int, lines as int),
        r is None ==> spec_data_start(logs as int, lines as int) > u64::MAX,
{
    let start = JOURNAL_ADDR as u128 + 2 * (64 + 64 * logs as u128 + 64 * lines as u128);
    if start > u64::MAX as u128 {
        None
    } else {
        Some(start as u64)
    }
}

/// Placements only grow.
proof fn lemma_placement_grows(capacities: Seq<u64>, lines: int, i: int, j: int)
    requires
        0 <= i <= j < capacities.len(),
    ensures
        spec_placement(capacities, lines, i) <= spec_placement(capacities, lines, j),
        i < j ==> spec_placement(capacities, lines, i) + capacities[i] <= spec_placement(
            capacities,
            lines,
            j,
        ),
    decreases j - i,
{
    if i < j {
        lemma_placement_grows(capacities, lines, i, j - 1);
    }
}

/// Whether there is no region for logs of these capacities: no logs or more than [`MAX_LOGS`], a log of no bytes, or more
/// bytes than an address can say.
pub open spec fn spec_impossible(capacities: Seq<u64>, asked: int) -> bool {
    ||| capacities.len() == 0
    ||| capacities.len() > MAX_LOGS
    ||| exists|i: int| 0 <= i < capacities.len() && #[trigger] capacities[i] == 0
    ||| spec_required_len(capacities, asked) > u64::MAX
}

/// Where `create` puts the rings. None if there is no region for them: see [`required_len`].
pub fn place(capacities: &[u64], asked: u64) -> (r: Option<Vec<Ring>>)
    ensures
        r is None ==> spec_impossible(capacities@, asked as int),
        r matches Some(rings) ==> {
            let last = capacities@.len() - 1;
            &&& 0 < capacities@.len() <= MAX_LOGS
            &&& spec_required_len(capacities@, asked as int) <= u64::MAX
            &&& rings@.len() == capacities@.len()
            &&& rings@[last].start + rings@[last].capacity == spec_required_len(
                capacities@,
                asked as int,
            )
            &&& rings_ok(
                rings@,
                spec_lines(capacities@.len() as int, asked as int),
                spec_required_len(capacities@, asked as int),
            )
            &&& forall|i: int|
                0 <= i < rings@.len() ==> (#[trigger] rings@[i]).capacity == capacities@[i]
        },
{
    if capacities.is_empty() || capacities.len() as u64 > MAX_LOGS || find_zero(
        capacities,
    ).is_some() {
        return None;
    }
    let mut rings: Vec<Ring> = Vec::with_capacity(capacities.len());
    let lines = journal_lines(capacities.len() as u64, asked);
    let ghost last = capacities@.len() - 1;
    let mut start = match data_start(capacities.len() as u64, lines) {
        Some(start) => start,
        None => {
            proof {
                lemma_placement_grows(capacities@, lines as int, 0, last);
            }
            return None;
        },
    };
    let mut i: usize = 0;
    while i < capacities.len()
        invariant
            lines == spec_lines(capacities@.len() as int, asked as int),
            last == capacities@.len() - 1,
            0 < capacities@.len() <= MAX_LOGS,
            i <= capacities@.len(),
            rings@.len() == i,
            forall|k: int| 0 <= k < capacities@.len() ==> 0 < #[trigger] capacities@[k],
            i < capacities@.len() ==> start == spec_placement(capacities@, lines as int, i as int),
            forall|k: int|
                0 <= k < i ==> (#[trigger] rings@[k]).start == spec_placement(
                    capacities@,
                    lines as int,
                    k,
                ) && rings@[k].capacity == capacities@[k] && rings@[k].start + rings@[k].capacity
                    <= u64::MAX,
        decreases capacities@.len() - i,
    {
        let capacity = capacities[i];
        proof {
            lemma_placement_grows(capacities@, lines as int, i as int, last);
        }
        if capacity > u64::MAX - start {
            return None;
        }
        rings.push(Ring { start, capacity });
        let end = start + capacity;
        i += 1;
        if i < capacities.len() {
            if end > u64::MAX - 63 {
                proof {
                    lemma_placement_grows(capacities@, lines as int, i as int, last);
                    assert(spec_placement(capacities@, lines as int, i as int) == spec_align(
                        end as int,
                    ));
                    assert(spec_align(end as int) >= end);
                    assert(0 < capacities@[last]);
                    assert(spec_align(end as int) > u64::MAX - 64);
                    assert(spec_align(end as int) % 64 == 0);
                }
                return None;
            }
            // `div_ceil` is not known to the verifier.

            #[allow(clippy::manual_div_ceil)]
            let aligned = (end + 63) / 64 * 64;
            start = aligned;
        }
    }
    proof {
        let len = spec_required_len(capacities@, asked as int);
        lemma_placement_grows(capacities@, lines as int, 0, last);
        assert(rings@[last].start == spec_placement(capacities@, lines as int, last));
        assert forall|k: int| 0 <= k < rings@.len() implies (#[trigger] rings@[k]).fits(len)
            && spec_data_start(rings@.len() as int, lines as int) <= rings@[k].start by {
            lemma_placement_grows(capacities@, lines as int, k, last);
            lemma_placement_grows(capacities@, lines as int, 0, k);
            assert(0 < capacities@[k]);
        }
        assert forall|k: int, j: int| 0 <= k < j < rings@.len() implies #[trigger] rings@[k].start
            + rings@[k].capacity <= #[trigger] rings@[j].start by {
            lemma_placement_grows(capacities@, lines as int, k, j);
        }
    }
    Some(rings)
}

/// The bytes that a region needs to hold logs of these capacities. None if there is no such region: no logs or
/// more than [`MAX_LOGS`], a log of no bytes, or more bytes than an address can say.
pub fn required_len(capacities: &[u64]) -> (r: Option<u64>)
    ensures
        r matches Some(len) ==> len == spec_required_len(capacities@, JOURNAL_LINES as int),
        r is None ==> spec_impossible(capacities@, JOURNAL_LINES as int),
{
    required_len_with_journal(capacities, JOURNAL_LINES)
}

/// The same, where each journal has at least so many lines of 64 bytes for records.
pub fn required_len_with_journal(capacities: &[u64], asked: u64) -> (r: Option<u64>)
    ensures
        r matches Some(len) ==> len == spec_required_len(capacities@, asked as int),
        r is None ==> spec_impossible(capacities@, asked as int),
{
    match place(capacities, asked) {
        Some(rings) => {
            let last = rings[rings.len() - 1];
            Some(last.start + last.capacity)
        },
        None => None,
    }
}

/// The first capacity that is zero.
pub fn find_zero(capacities: &[u64]) -> (r: Option<usize>)
    ensures
        r matches Some(i) ==> i < capacities@.len() && capacities@[i as int] == 0,
        r is None ==> forall|i: int| 0 <= i < capacities@.len() ==> 0 < #[trigger] capacities@[i],
{
    let mut i: usize = 0;
    while i < capacities.len()
        invariant
            i <= capacities@.len(),
            forall|k: int| 0 <= k < i ==> 0 < #[trigger] capacities@[k],
        decreases capacities@.len() - i,
    {
        if capacities[i] == 0 {
            return Some(i);
        }
        i += 1;
    }
    None
}

} // verus!
