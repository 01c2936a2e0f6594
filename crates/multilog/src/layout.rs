//! Where everything lies in a region, and what recovery makes of an image. `docs/format.md` draws it.
//!
//! `recover` is the hub of the crash proofs: each store shows that what a crash leaves recovers to the state
//! before, or, for the selector's, to the state after. That it is the right function need not be believed: `create` and
//! `commit` ensure that the image recovers to what their callers were promised, `open` that it returns what the image
//! recovers to, so a wrong function could not be proved.

pub use crate::trusted::image::*;
#[cfg(verus_only)]
use crate::trusted::state::*;
use pmem::codeword::Payload;
use pmem::region_id::RegionId;
use pmem::ring::Ring;
#[cfg(verus_only)]
use pmem::ring::*;
use pmem::table::TableLayout;
#[cfg(verus_only)]
use pmem::{codeword::*, codewords::*, image::*, table::number::*, table::*};
use vstd::prelude::*;

verus! {

/// The superblock's first word: "multilog" in ASCII.
pub const MAGIC: u64 = 0x676f_6c69_746c_756d;

/// The version of the format.
pub const VERSION: u64 = 1;

/// The id under which the codeword that holds the region's id is written.
pub const NO_ID: RegionId = RegionId { lo: 0, hi: 0 };

/// The tag of the superblock's first codeword.
pub const HEADER_TAG: u64 = 0;

/// The tag of the superblock's second codeword, which holds the region's id.
pub const ID_TAG: u64 = 1;

/// The address of the superblock's second codeword.
pub const ID_ADDR: u64 = 32;

/// The tag of the directory's first codeword.
pub const DIRECTORY_TAG: u64 = 0x1_0000_0000;

/// The tag of the table's first entry.
pub const TABLE_TAG: u64 = 0x2_0000_0000;

/// Where the table lies.
pub open spec fn spec_table_layout(id: RegionId, logs: int) -> TableLayout {
    TableLayout {
        selector: SELECTOR_ADDR,
        copy_a: (DIRECTORY_ADDR + spec_stride(logs)) as u64,
        copy_b: (DIRECTORY_ADDR + 2 * spec_stride(logs)) as u64,
        len: logs as u64,
        id,
        tag: TABLE_TAG,
    }
}

/// What the superblock's first codeword holds.
pub open spec fn header(logs: int, region_len: int) -> Payload {
    Payload { a: MAGIC, b: (VERSION + logs * 0x1_0000_0000) as u64, c: region_len as u64 }
}

/// What the superblock's second codeword holds.
pub open spec fn id_payload(id: RegionId) -> Payload {
    Payload { a: id.lo, b: id.hi, c: 0 }
}

/// What the directory holds.
pub open spec fn directory(rings: Seq<Ring>) -> Seq<Payload> {
    Seq::new(rings.len(), |i: int| Payload { a: rings[i].start, b: rings[i].capacity, c: 0 })
}

/// Whether rings lie one behind the other, behind the metadata and within the region.
pub open spec fn rings_ok(rings: Seq<Ring>, region_len: int) -> bool {
    &&& 0 < rings.len() <= MAX_LOGS
    &&& spec_data_start(rings.len() as int) < region_len <= u64::MAX
    &&& forall|i: int|
        0 <= i < rings.len() ==> (#[trigger] rings[i]).fits(region_len) && spec_data_start(
            rings.len() as int,
        ) <= rings[i].start
    &&& forall|i: int, j: int|
        0 <= i < j < rings.len() ==> #[trigger] rings[i].start + rings[i].capacity
            <= #[trigger] rings[j].start
}

/// Whether an entry's head and tail make sense for its ring.
pub open spec fn entry_ok(entry: Payload, ring: Ring) -> bool {
    &&& entry.b <= entry.c
    &&& entry.c - entry.b <= ring.capacity
}

/// Whether all entries make sense for their rings.
pub open spec fn entries_ok(entries: Seq<Payload>, rings: Seq<Ring>) -> bool {
    &&& entries.len() == rings.len()
    &&& forall|i: int| 0 <= i < rings.len() ==> entry_ok(#[trigger] entries[i], rings[i])
}

/// Whether an image has a superblock and a directory that say this.
pub open spec fn formatted(image: Seq<u8>, id: RegionId, rings: Seq<Ring>) -> bool {
    &&& rings_ok(rings, image.len() as int)
    &&& line(image, 0) == codeword(id, HEADER_TAG, header(rings.len() as int, image.len() as int))
    &&& line(image, ID_ADDR as int) == codeword(NO_ID, ID_TAG, id_payload(id))
    &&& run_holds(image, DIRECTORY_ADDR as int, id, DIRECTORY_TAG, directory(rings))
}

/// What the metadata of a region says.
#[verifier::ext_equal]
pub struct Contents {
    /// The region's id.
    pub id: RegionId,
    /// Where the logs' bytes lie.
    pub rings: Seq<Ring>,
    /// Which copy of the entries is live.
    pub live_b: bool,
    /// The live entries.
    pub entries: Seq<Payload>,
}

impl Contents {
    /// Where the table lies.
    pub open spec fn layout(self) -> TableLayout {
        spec_table_layout(self.id, self.rings.len() as int)
    }
}

/// Whether the metadata of an image says this.
pub open spec fn holds(image: Seq<u8>, c: Contents) -> bool {
    &&& formatted(image, c.id, c.rings)
    &&& c.layout().live(image) == Some(c.live_b)
    &&& c.layout().holds(image, c.live_b, c.entries)
    &&& entries_ok(c.entries, c.rings)
}

/// The log that a ring and an entry make.
pub open spec fn log_of(image: Seq<u8>, ring: Ring, entry: Payload) -> LogState {
    LogState {
        head: entry.b as int,
        data: ring.bytes(image, entry.b as int, entry.c as int),
        capacity: ring.capacity as int,
    }
}

/// The collection that rings and entries make.
pub open spec fn state_of(
    image: Seq<u8>,
    id: RegionId,
    rings: Seq<Ring>,
    entries: Seq<Payload>,
) -> State {
    State {
        id,
        commit: last_number(entries),
        logs: Seq::new(rings.len(), |i: int| log_of(image, rings[i], entries[i])),
    }
}

/// What recovery makes of an image: the collection that its metadata describes, if all of it is valid.
pub open spec fn recover(image: Seq<u8>) -> Option<State> {
    if exists|c: Contents| #[trigger] holds(image, c) {
        let c = choose|c: Contents| #[trigger] holds(image, c);
        Some(state_of(image, c.id, c.rings, c.entries))
    } else {
        None
    }
}

/// The table lies behind the directory and before the rings.
pub proof fn lemma_table_layout(id: RegionId, logs: int, region_len: int)
    requires
        0 < logs <= MAX_LOGS,
        spec_data_start(logs) <= region_len <= u64::MAX,
    ensures
        spec_table_layout(id, logs).fits(region_len),
        spec_table_layout(id, logs).copy_end(true) <= spec_data_start(logs),
        spec_table_layout(id, logs).copy_a >= DIRECTORY_ADDR + 32 * logs,
        spec_table_layout(id, logs).len == logs,
        spec_table_layout(id, logs).copy_a == DIRECTORY_ADDR + spec_stride(logs),
        spec_table_layout(id, logs).copy_b == DIRECTORY_ADDR + 2 * spec_stride(logs),
        spec_data_start(logs) <= DIRECTORY_ADDR + 96 * (MAX_LOGS + 1),
{
    let rounded = logs + logs % 2;
    assert(logs <= rounded <= logs + 1);
    assert((32 * rounded) % 32 == 0);
    assert((DIRECTORY_ADDR + 32 * rounded) % 32 == 0);
    assert((DIRECTORY_ADDR + 2 * (32 * rounded)) % 32 == 0);
}

/// The metadata of an image says one thing.
pub proof fn lemma_holds_unique(image: Seq<u8>, c: Contents, d: Contents)
    requires
        holds(image, c),
        holds(image, d),
    ensures
        c == d,
{
    lemma_decoded_of_codeword(NO_ID, ID_TAG, id_payload(c.id));
    lemma_decoded_of_codeword(NO_ID, ID_TAG, id_payload(d.id));
    assert(c.id == d.id);
    lemma_decoded_of_codeword(c.id, HEADER_TAG, header(c.rings.len() as int, image.len() as int));
    lemma_decoded_of_codeword(c.id, HEADER_TAG, header(d.rings.len() as int, image.len() as int));
    assert(c.rings.len() == d.rings.len());
    lemma_run_holds(image, DIRECTORY_ADDR as int, c.id, DIRECTORY_TAG, directory(c.rings));
    lemma_run_holds(image, DIRECTORY_ADDR as int, c.id, DIRECTORY_TAG, directory(d.rings));
    assert forall|i: int| 0 <= i < c.rings.len() implies #[trigger] c.rings[i] == d.rings[i] by {
        assert(directory(c.rings)[i] == directory(d.rings)[i]);
    }
    assert(c.rings =~= d.rings);
    let layout = c.layout();
    lemma_run_holds(image, layout.copy(c.live_b), layout.id, layout.tag, c.entries);
    lemma_run_holds(image, layout.copy(c.live_b), layout.id, layout.tag, d.entries);
    assert forall|i: int| 0 <= i < c.entries.len() implies c.entries[i] == d.entries[i] by {
        assert(payload_of(line(image, layout.copy(c.live_b) + 32 * i)) == c.entries[i]);
    }
    assert(c.entries =~= d.entries);
}

/// An image recovers to what its metadata says.
pub proof fn lemma_recover(image: Seq<u8>, c: Contents)
    requires
        holds(image, c),
    ensures
        recover(image) == Some(state_of(image, c.id, c.rings, c.entries)),
{
    let d = choose|d: Contents| #[trigger] holds(image, d);
    lemma_holds_unique(image, c, d);
}

/// An image whose first word is not the magic number does not recover.
pub proof fn lemma_no_magic(image: Seq<u8>)
    requires
        image.len() >= 32,
        u64_at(image, 0) != MAGIC,
    ensures
        recover(image) is None,
{
    if exists|c: Contents| #[trigger] holds(image, c) {
        let c = choose|c: Contents| #[trigger] holds(image, c);
        lemma_decoded_of_codeword(
            c.id,
            HEADER_TAG,
            header(c.rings.len() as int, image.len() as int),
        );
        assert(line(image, 0).subrange(0, 8) =~= image.subrange(0, 8));
    }
}

/// The superblock and the directory are where they are: a change elsewhere leaves them alone.
pub proof fn lemma_formatted_same(s: Seq<u8>, t: Seq<u8>, id: RegionId, rings: Seq<Ring>)
    requires
        formatted(t, id, rings),
        s.len() == t.len(),
        forall|a: int|
            0 <= a < SELECTOR_ADDR || DIRECTORY_ADDR <= a < DIRECTORY_ADDR + 32 * rings.len()
                ==> #[trigger] s[a] == t[a],
    ensures
        formatted(s, id, rings),
{
    lemma_table_layout(id, rings.len() as int, t.len() as int);
    assert(line(s, 0) =~= line(t, 0));
    assert(line(s, ID_ADDR as int) =~= line(t, ID_ADDR as int));
    lemma_run_same(s, t, DIRECTORY_ADDR as int, id, DIRECTORY_TAG, directory(rings));
}

/// Neither the idle copy nor the rings matter to what the metadata says.
pub proof fn lemma_holds_same(s: Seq<u8>, t: Seq<u8>, c: Contents)
    requires
        holds(t, c),
        s.len() == t.len(),
        forall|a: int|
            0 <= a < spec_data_start(c.rings.len() as int) && !(c.layout().copy(!c.live_b) <= a
                < c.layout().copy_end(!c.live_b)) ==> #[trigger] s[a] == t[a],
    ensures
        holds(s, c),
{
    let layout = c.layout();
    lemma_table_layout(c.id, c.rings.len() as int, t.len() as int);
    lemma_formatted_same(s, t, c.id, c.rings);
    assert(s.subrange(SELECTOR_ADDR as int, SELECTOR_ADDR + 8) =~= t.subrange(
        SELECTOR_ADDR as int,
        SELECTOR_ADDR + 8,
    ));
    lemma_run_same(s, t, layout.copy(c.live_b), layout.id, layout.tag, c.entries);
}

/// Only the rings matter to what the logs are, given the metadata.
pub proof fn lemma_state_same(
    s: Seq<u8>,
    t: Seq<u8>,
    id: RegionId,
    rings: Seq<Ring>,
    entries: Seq<Payload>,
)
    requires
        rings_ok(rings, t.len() as int),
        entries.len() == rings.len(),
        s.len() == t.len(),
        forall|a: int|
            spec_data_start(rings.len() as int) <= a < s.len() ==> #[trigger] s[a] == t[a],
    ensures
        state_of(s, id, rings, entries) == state_of(t, id, rings, entries),
{
    assert forall|i: int| 0 <= i < rings.len() implies #[trigger] log_of(s, rings[i], entries[i])
        == log_of(t, rings[i], entries[i]) by {
        lemma_same_ring(rings[i], s, t, entries[i].b as int, entries[i].c as int);
    }
    assert(state_of(s, id, rings, entries) =~= state_of(t, id, rings, entries));
}

/// Writing positions of log `i` that are not in use leaves all logs as they are.
pub proof fn lemma_state_elsewhere(
    s: Seq<u8>,
    t: Seq<u8>,
    id: RegionId,
    rings: Seq<Ring>,
    entries: Seq<Payload>,
    i: int,
    from: int,
    to: int,
)
    requires
        rings_ok(rings, t.len() as int),
        entries_ok(entries, rings),
        0 <= i < rings.len(),
        rings[i].same_elsewhere(s, t, from, to),
        entries[i].c <= from <= to <= entries[i].b + rings[i].capacity,
    ensures
        state_of(s, id, rings, entries) == state_of(t, id, rings, entries),
{
    assert forall|j: int| 0 <= j < rings.len() implies #[trigger] log_of(s, rings[j], entries[j])
        == log_of(t, rings[j], entries[j]) by {
        if j == i {
            lemma_elsewhere(rings[i], s, t, from, to, entries[i].b as int, entries[i].c as int);
        } else {
            assert forall|a: int|
                rings[j].start <= a < rings[j].start + rings[j].capacity implies #[trigger] s[a]
                == t[a] by {
                assert(rings[j].fits(t.len() as int));
                if i < j {
                    assert(rings[i].start + rings[i].capacity <= rings[j].start);
                } else {
                    assert(rings[j].start + rings[j].capacity <= rings[i].start);
                }
                assert(!rings[i].covers(from, to, a));
            }
            lemma_same_ring(rings[j], s, t, entries[j].b as int, entries[j].c as int);
        }
    }
    assert(state_of(s, id, rings, entries) =~= state_of(t, id, rings, entries));
}

/// Where the table lies in a region with `logs` logs, or with [`MAX_LOGS`] if that is less.
pub fn table_layout(id: RegionId, logs: u64) -> (r: TableLayout)
    ensures
        logs <= MAX_LOGS ==> r == spec_table_layout(id, logs as int),
{
    let logs = if logs < MAX_LOGS {
        logs
    } else {
        MAX_LOGS
    };
    let stride = 32 * (logs + logs % 2);
    TableLayout {
        selector: SELECTOR_ADDR,
        copy_a: DIRECTORY_ADDR + stride,
        copy_b: DIRECTORY_ADDR + 2 * stride,
        len: logs,
        id,
        tag: TABLE_TAG,
    }
}

/// The first address that a ring may have: the bytes that the metadata needs of `logs` logs, or of [`MAX_LOGS`] if that
/// is less.
pub fn data_start(logs: u64) -> (r: u64)
    ensures
        logs <= MAX_LOGS ==> r == spec_data_start(logs as int),
{
    let logs = if logs < MAX_LOGS {
        logs
    } else {
        MAX_LOGS
    };
    DIRECTORY_ADDR + 96 * (logs + logs % 2)
}

/// Placements only grow.
proof fn lemma_placement_grows(capacities: Seq<u64>, i: int, j: int)
    requires
        0 <= i <= j < capacities.len(),
    ensures
        spec_placement(capacities, i) <= spec_placement(capacities, j),
        i < j ==> spec_placement(capacities, i) + capacities[i] <= spec_placement(capacities, j),
    decreases j - i,
{
    if i < j {
        lemma_placement_grows(capacities, i, j - 1);
    }
}

/// Whether there is no region for logs of these capacities: no logs or more than [`MAX_LOGS`], a log of no bytes, or more
/// bytes than an address can say.
pub open spec fn spec_impossible(capacities: Seq<u64>) -> bool {
    ||| capacities.len() == 0
    ||| capacities.len() > MAX_LOGS
    ||| exists|i: int| 0 <= i < capacities.len() && #[trigger] capacities[i] == 0
    ||| spec_required_len(capacities) > u64::MAX
}

/// Where `create` puts the rings. None if there is no region for them: see [`required_len`].
pub fn place(capacities: &[u64]) -> (r: Option<Vec<Ring>>)
    ensures
        r is None ==> spec_impossible(capacities@),
        r matches Some(rings) ==> {
            let last = capacities@.len() - 1;
            &&& 0 < capacities@.len() <= MAX_LOGS
            &&& spec_required_len(capacities@) <= u64::MAX
            &&& rings@.len() == capacities@.len()
            &&& rings@[last].start + rings@[last].capacity == spec_required_len(capacities@)
            &&& rings_ok(rings@, spec_required_len(capacities@))
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
    let mut start = data_start(capacities.len() as u64);
    let ghost last = capacities@.len() - 1;
    let mut i: usize = 0;
    while i < capacities.len()
        invariant
            last == capacities@.len() - 1,
            0 < capacities@.len() <= MAX_LOGS,
            i <= capacities@.len(),
            rings@.len() == i,
            forall|k: int| 0 <= k < capacities@.len() ==> 0 < #[trigger] capacities@[k],
            i < capacities@.len() ==> start == spec_placement(capacities@, i as int),
            forall|k: int|
                0 <= k < i ==> (#[trigger] rings@[k]).start == spec_placement(capacities@, k)
                    && rings@[k].capacity == capacities@[k] && rings@[k].start + rings@[k].capacity
                    <= u64::MAX,
        decreases capacities@.len() - i,
    {
        let capacity = capacities[i];
        proof {
            lemma_placement_grows(capacities@, i as int, last);
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
                    lemma_placement_grows(capacities@, i as int, last);
                    assert(spec_placement(capacities@, i as int) == spec_align(end as int));
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
        let len = spec_required_len(capacities@);
        lemma_placement_grows(capacities@, 0, last);
        assert(rings@[last].start == spec_placement(capacities@, last));
        assert forall|k: int| 0 <= k < rings@.len() implies (#[trigger] rings@[k]).fits(len)
            && spec_data_start(rings@.len() as int) <= rings@[k].start by {
            lemma_placement_grows(capacities@, k, last);
            lemma_placement_grows(capacities@, 0, k);
            assert(0 < capacities@[k]);
        }
        assert forall|k: int, j: int| 0 <= k < j < rings@.len() implies #[trigger] rings@[k].start
            + rings@[k].capacity <= #[trigger] rings@[j].start by {
            lemma_placement_grows(capacities@, k, j);
        }
    }
    Some(rings)
}

/// The bytes that a region needs to hold logs of these capacities. None if there is no such region: no logs or
/// more than [`MAX_LOGS`], a log of no bytes, or more bytes than an address can say.
pub fn required_len(capacities: &[u64]) -> (r: Option<u64>)
    ensures
        r matches Some(len) ==> len == spec_required_len(capacities@),
        r is None ==> spec_impossible(capacities@),
{
    match place(capacities) {
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
