//! Where everything lies in a region, and what recovery makes of an image. `docs/format.md` draws it.
//!
//! `recover` is the hub of the crash proofs: each store shows that what a crash leaves recovers to the state
//! before, or, for the selector's, to the state after. That it is the right function need not be believed: `create` and
//! `commit` ensure that the image recovers to what their callers were promised, `open` that it returns what the image
//! recovers to, so a wrong function could not be proved.
#[cfg(verus_only)]
use crate::changes::*;
pub use crate::placement::*;
pub use crate::trusted::image::*;
#[cfg(verus_only)]
use crate::trusted::state::*;
#[cfg(verus_only)]
use pmem::codeword::Payload;
#[cfg(verus_only)]
use pmem::codeword::*;
use pmem::journal::{JournalLayout, JournalState};
use pmem::region_id::RegionId;
#[cfg(verus_only)]
use pmem::ring::Ring;
#[cfg(verus_only)]
use pmem::ring::*;
#[cfg(verus_only)]
use pmem::trusted::{bytes::u64_at, region::RegionView};
use vstd::prelude::*;

verus! {

/// The superblock's first word: "multilog" in ASCII.
pub const MAGIC: u64 = 0x676f_6c69_746c_756d;

/// The version of the format.
pub const VERSION: u64 = 2;

/// The id under which the codeword that holds the region's id is written.
pub const NO_ID: RegionId = RegionId { lo: 0, hi: 0 };

/// The tag of the superblock's first codeword.
pub const HEADER_TAG: u64 = 0;

/// The tag of the superblock's second codeword, which holds the region's id.
pub const ID_TAG: u64 = 1;

/// The address of the superblock's second codeword.
pub const ID_ADDR: u64 = 32;

/// Where the journals lie.
pub open spec fn spec_journal_layout(id: RegionId, logs: int, lines: int) -> JournalLayout {
    JournalLayout {
        selector: SELECTOR_ADDR,
        a: JOURNAL_ADDR,
        b: (JOURNAL_ADDR + spec_journal_len(logs, lines)) as u64,
        len: spec_journal_len(logs, lines) as u64,
        entries: logs as u64,
        records: (64 + 64 * logs) as u64,
        id,
    }
}

/// What the superblock's first codeword holds.
pub open spec fn header(logs: int, region_len: int) -> Payload {
    Payload { a: MAGIC, b: (VERSION + logs * 0x1_0000_0000) as u64, c: region_len as u64 }
}

/// What the superblock's second codeword holds.
pub open spec fn id_payload(id: RegionId, lines: int) -> Payload {
    Payload { a: id.lo, b: id.hi, c: lines as u64 }
}

/// Whether an image has this superblock.
pub open spec fn superblock_is(image: Seq<u8>, id: RegionId, logs: int, lines: int) -> bool {
    &&& line(image, 0) == codeword(id, HEADER_TAG, header(logs, image.len() as int))
    &&& line(image, ID_ADDR as int) == codeword(NO_ID, ID_TAG, id_payload(id, lines))
}

/// Whether so many logs, and so many lines in each journal, have room in a region of this length.
pub open spec fn shape_fits(logs: int, lines: int, region_len: int) -> bool {
    &&& 0 < logs <= MAX_LOGS
    &&& spec_lines(logs, 0) <= lines
    &&& spec_data_start(logs, lines) < region_len <= u64::MAX
}

/// Whether rings lie one behind the other, behind the metadata and within the region.
pub open spec fn rings_ok(rings: Seq<Ring>, lines: int, region_len: int) -> bool {
    &&& shape_fits(rings.len() as int, lines, region_len)
    &&& forall|i: int|
        0 <= i < rings.len() ==> (#[trigger] rings[i]).fits(region_len) && spec_data_start(
            rings.len() as int,
            lines,
        ) <= rings[i].start
    &&& forall|i: int, j: int|
        0 <= i < j < rings.len() ==> #[trigger] rings[i].start + rings[i].capacity
            <= #[trigger] rings[j].start
}

/// Whether an entry's head and tail make sense for its ring.
pub open spec fn entry_ok(entry: Entry, ring: Ring) -> bool {
    &&& entry.head <= entry.tail
    &&& entry.tail - entry.head <= ring.capacity
}

/// Whether all entries make sense for their rings.
pub open spec fn entries_ok(entries: Seq<Entry>, rings: Seq<Ring>) -> bool {
    &&& entries.len() == rings.len()
    &&& forall|i: int| 0 <= i < rings.len() ==> entry_ok(#[trigger] entries[i], rings[i])
}

/// The ring that an entry of the journal's names.
pub open spec fn ring_of(words: Seq<u64>) -> Ring {
    Ring { start: words[0], capacity: words[1] }
}

/// The head and tail that an entry of the journal's names.
pub open spec fn entry_of(words: Seq<u64>) -> Entry {
    Entry { head: words[2], tail: words[3] }
}

/// The words of an entry of the journal's.
pub open spec fn entry_words_of(ring: Ring, entry: Entry) -> Seq<u64> {
    seq![ring.start, ring.capacity, entry.head, entry.tail, 0, 0, 0]
}

/// What the metadata of a region says.
#[verifier::ext_equal]
pub struct Contents {
    /// The region's id.
    pub id: RegionId,
    /// How many lines each journal has for records.
    pub lines: int,
    /// What the live journal says.
    pub journal: JournalState,
}

impl Contents {
    /// How many logs there are.
    pub open spec fn logs(self) -> int {
        self.journal.snapshot.entries.len() as int
    }

    /// Where the journals lie.
    pub open spec fn layout(self) -> JournalLayout {
        spec_journal_layout(self.id, self.logs(), self.lines)
    }

    /// Where the logs' bytes lie.
    pub open spec fn rings(self) -> Seq<Ring> {
        Seq::new(self.logs() as nat, |i: int| ring_of(self.journal.snapshot.entries[i]))
    }

    /// The entries of the snapshot.
    pub open spec fn first(self) -> Seq<Entry> {
        Seq::new(self.logs() as nat, |i: int| entry_of(self.journal.snapshot.entries[i]))
    }

    /// The entries before the last record.
    pub open spec fn before(self) -> Option<Seq<Entry>> {
        replay(self.first(), self.journal.records.drop_last())
    }

    /// Whether an image has all the bytes that the last record appended. The record before it was durable when that one was
    /// written, and so were its bytes.
    pub open spec fn is_whole(self, image: Seq<u8>) -> bool {
        self.journal.records.len() == 0 || (self.before() matches Some(before) && record_whole(
            image,
            self.rings(),
            before,
            self.journal.records.last(),
        ))
    }

    /// The records that count: all, but for the last one if bytes of it are missing.
    pub open spec fn counted(self, image: Seq<u8>) -> Seq<Seq<u8>> {
        if self.is_whole(image) {
            self.journal.records
        } else {
            self.journal.records.drop_last()
        }
    }

    /// The logs' heads and tails.
    pub open spec fn entries(self, image: Seq<u8>) -> Option<Seq<Entry>> {
        replay(self.first(), self.counted(image))
    }

    /// The number of the last commit.
    pub open spec fn commit(self, image: Seq<u8>) -> int {
        self.journal.snapshot.number + self.counted(image).len()
    }

    /// The collection.
    pub open spec fn state(self, image: Seq<u8>) -> State {
        state_of(
            image,
            self.id,
            self.lines,
            self.rings(),
            self.entries(image)->0,
            self.commit(image),
        )
    }
}

/// Whether the metadata of an image says this.
pub open spec fn holds(image: Seq<u8>, c: Contents) -> bool {
    &&& superblock_is(image, c.id, c.logs(), c.lines)
    &&& rings_ok(c.rings(), c.lines, image.len() as int)
    &&& c.layout().state(image) == Some(c.journal)
    &&& c.entries(image) matches Some(entries) && entries_ok(entries, c.rings())
}

/// The log that a ring and an entry make.
pub open spec fn log_of(image: Seq<u8>, ring: Ring, entry: Entry) -> LogState {
    LogState {
        head: entry.head as int,
        data: ring.bytes(image, entry.head as int, entry.tail as int),
        capacity: ring.capacity as int,
    }
}

/// The collection that rings and entries make.
pub open spec fn state_of(
    image: Seq<u8>,
    id: RegionId,
    lines: int,
    rings: Seq<Ring>,
    entries: Seq<Entry>,
    commit: int,
) -> State {
    State {
        id,
        lines,
        commit,
        logs: Seq::new(rings.len(), |i: int| log_of(image, rings[i], entries[i])),
    }
}

/// The contents of a region that holds logs; anything, if it holds none.
pub open spec fn contents_of(image: Seq<u8>) -> Contents {
    choose|c: Contents| #[trigger] holds(image, c)
}

/// What recovery makes of an image: the collection that its metadata describes, if all of it is valid.
pub open spec fn recover(image: Seq<u8>) -> Option<State> {
    if exists|c: Contents| #[trigger] holds(image, c) {
        Some(contents_of(image).state(image))
    } else {
        None
    }
}

/// Whether the medium is damaged where recovery looks at the bytes that the last commit appended.
pub open spec fn last_commit_damaged(region: RegionView) -> bool {
    let c = contents_of(region.volatile);
    let payload = c.journal.records.last();
    c.journal.records.len() > 0 && exists|k: int| #[trigger]
        change_damaged(region, c.rings(), c.before()->0, payload, k)
}

/// Whether the medium is damaged where recovery looks at the bytes that change `k` of a record appended.
pub open spec fn change_damaged(
    region: RegionView,
    rings: Seq<Ring>,
    before: Seq<Entry>,
    payload: Seq<u8>,
    k: int,
) -> bool {
    &&& 0 <= k < payload.len() / 32
    &&& change_at(payload, k) matches Some(c) && c.checked && c.log < before.len()
        && rings[c.log as int].damaged_at(
        region.medium,
        before[c.log as int].tail as int,
        c.entry.tail as int,
    )
}

/// The journals lie behind the superblock and the selector, and before the rings.
pub proof fn lemma_journal_layout(id: RegionId, logs: int, lines: int, region_len: int)
    requires
        shape_fits(logs, lines, region_len),
    ensures
        ({
            let layout = spec_journal_layout(id, logs, lines);
            &&& layout.fits(region_len)
            &&& layout.entries == logs
            &&& layout.a == JOURNAL_ADDR
            &&& layout.a + layout.len == layout.b
            &&& layout.b + layout.len == spec_data_start(logs, lines)
            &&& layout.len == layout.records + 64 * lines
            &&& forall|a: int| #[trigger]
                layout.covers(a) ==> SELECTOR_ADDR <= a < spec_data_start(logs, lines)
        }),
{
    assert((64 + 64 * logs) % 64 == 0);
    assert((64 + 64 * logs + 64 * lines) % 64 == 0);
    assert((JOURNAL_ADDR + (64 + 64 * logs + 64 * lines)) % 64 == 0);
}

/// A superblock says one thing.
pub proof fn lemma_superblock_says(
    image: Seq<u8>,
    id: RegionId,
    logs: int,
    lines: int,
    id2: RegionId,
    logs2: int,
    lines2: int,
)
    requires
        superblock_is(image, id, logs, lines),
        superblock_is(image, id2, logs2, lines2),
        shape_fits(logs, lines, image.len() as int),
        shape_fits(logs2, lines2, image.len() as int),
    ensures
        id == id2,
        logs == logs2,
        lines == lines2,
{
    let len = image.len() as int;
    lemma_decoded_of_codeword(NO_ID, ID_TAG, id_payload(id, lines));
    lemma_decoded_of_codeword(NO_ID, ID_TAG, id_payload(id2, lines2));
    assert(id == id2);
    lemma_decoded_of_codeword(id, HEADER_TAG, header(logs, len));
    lemma_decoded_of_codeword(id, HEADER_TAG, header(logs2, len));
}

/// The metadata of an image says one thing.
pub proof fn lemma_holds_unique(image: Seq<u8>, c: Contents, d: Contents)
    requires
        holds(image, c),
        holds(image, d),
    ensures
        c == d,
{
    lemma_superblock_says(image, c.id, c.logs(), c.lines, d.id, d.logs(), d.lines);
}

/// An image recovers to what its metadata says.
pub proof fn lemma_recover(image: Seq<u8>, c: Contents)
    requires
        holds(image, c),
    ensures
        recover(image) == Some(c.state(image)),
        contents_of(image) == c,
{
    lemma_holds_unique(image, c, contents_of(image));
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
        lemma_decoded_of_codeword(c.id, HEADER_TAG, header(c.logs(), image.len() as int));
        assert(line(image, 0).subrange(0, 8) =~= image.subrange(0, 8));
    }
}

/// Only the rings matter to what the logs are, given the metadata.
pub proof fn lemma_state_same(
    s: Seq<u8>,
    t: Seq<u8>,
    id: RegionId,
    lines: int,
    rings: Seq<Ring>,
    entries: Seq<Entry>,
    commit: int,
)
    requires
        rings_ok(rings, lines, t.len() as int),
        entries.len() == rings.len(),
        s.len() == t.len(),
        forall|a: int|
            spec_data_start(rings.len() as int, lines) <= a < s.len() ==> #[trigger] s[a] == t[a],
    ensures
        state_of(s, id, lines, rings, entries, commit) == state_of(
            t,
            id,
            lines,
            rings,
            entries,
            commit,
        ),
{
    assert forall|i: int| 0 <= i < rings.len() implies #[trigger] log_of(s, rings[i], entries[i])
        == log_of(t, rings[i], entries[i]) by {
        lemma_same_ring(rings[i], s, t, entries[i].head as int, entries[i].tail as int);
    }
    assert(state_of(s, id, lines, rings, entries, commit) =~= state_of(
        t,
        id,
        lines,
        rings,
        entries,
        commit,
    ));
}

/// Writing positions of log `i` that are not in use leaves all logs as they are.
pub proof fn lemma_state_elsewhere(
    s: Seq<u8>,
    t: Seq<u8>,
    id: RegionId,
    lines: int,
    rings: Seq<Ring>,
    entries: Seq<Entry>,
    commit: int,
    i: int,
    from: int,
    to: int,
)
    requires
        rings_ok(rings, lines, t.len() as int),
        entries_ok(entries, rings),
        0 <= i < rings.len(),
        rings[i].same_elsewhere(s, t, from, to),
        entries[i].tail <= from <= to <= entries[i].head + rings[i].capacity,
    ensures
        state_of(s, id, lines, rings, entries, commit) == state_of(
            t,
            id,
            lines,
            rings,
            entries,
            commit,
        ),
{
    assert forall|j: int| 0 <= j < rings.len() implies #[trigger] log_of(s, rings[j], entries[j])
        == log_of(t, rings[j], entries[j]) by {
        let (head, tail) = (entries[j].head as int, entries[j].tail as int);
        if j == i {
            lemma_elsewhere(rings[i], s, t, from, to, head, tail);
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
            lemma_same_ring(rings[j], s, t, head, tail);
        }
    }
    assert(state_of(s, id, lines, rings, entries, commit) =~= state_of(
        t,
        id,
        lines,
        rings,
        entries,
        commit,
    ));
}

/// How many lines each journal has for records, if so many were asked for. Logs beyond [`MAX_LOGS`] are not counted.
pub fn journal_lines(logs: u64, asked: u64) -> (r: u64)
    ensures
        logs <= MAX_LOGS ==> r == spec_lines(logs as int, asked as int),
{
    let logs = if logs < MAX_LOGS {
        logs
    } else {
        MAX_LOGS
    };
    let least = (logs + 2) / 2;
    if asked < least {
        least
    } else {
        asked
    }
}

/// Whether so many logs, and so many lines in each journal, have room in a region of this length.
pub fn is_shape_possible(logs: u64, lines: u64, region_len: u64) -> (r: bool)
    ensures
        r == shape_fits(logs as int, lines as int, region_len as int),
{
    if logs == 0 || logs > MAX_LOGS || lines < journal_lines(logs, 0) {
        return false;
    }
    let start = JOURNAL_ADDR as u128 + 2 * (64 + 64 * logs as u128 + 64 * lines as u128);
    start < region_len as u128
}

/// Where the journals lie in a region that has room for so many logs and lines.
pub fn journal_layout(id: RegionId, logs: u64, lines: u64, Ghost(region_len): Ghost<int>) -> (r:
    JournalLayout)
    requires
        shape_fits(logs as int, lines as int, region_len),
    ensures
        r == spec_journal_layout(id, logs as int, lines as int),
{
    let len = 64 + 64 * logs + 64 * lines;
    JournalLayout {
        selector: SELECTOR_ADDR,
        a: JOURNAL_ADDR,
        b: JOURNAL_ADDR + len,
        len,
        entries: logs,
        records: 64 + 64 * logs,
        id,
    }
}

} // verus!
